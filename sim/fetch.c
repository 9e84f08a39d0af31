/* The request waits in `out`; what comes goes through `in`: first the head, then the body into `content`. */
#include "sim/fetch.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IN_BYTES = HTTP_HEAD_BYTES_MAX + 32 * 1024 };

static enum fetch_result fail(struct fetch *f, enum fetch_failure failure, const char *why)
{
	if (f->failure == FETCH_NO_FAILURE) {
		f->failure = failure;
		snprintf(f->why, sizeof f->why, "%s", why);
	}
	return FETCH_FAIL;
}

bool fetch_begin(struct fetch *f, const struct fetch_target *target, const void *request, size_t len,
	uint64_t now_ms)
{
	*f = (struct fetch){ .read_ms = target->read_ms };
	f->memory = malloc(len + IN_BYTES + FETCH_CONTENT_BYTES_MAX);
	check(f->memory);
	buf_init_fixed(&f->out, f->memory, len);
	buf_init_fixed(&f->in, f->memory + len, IN_BYTES);
	buf_init_fixed(&f->content, f->memory + len + IN_BYTES, FETCH_CONTENT_BYTES_MAX);
	check(buf_append(&f->out, request, len));
	http_init(&f->http, HTTP_RESPONSE);
	f->connect_deadline_ms = now_ms + target->connect_ms;
	f->total_deadline_ms = now_ms + target->total_ms;
	f->read_deadline_ms = f->total_deadline_ms;
	if (!net_dial(&f->net, target->host, target->port, target->tls, target->server_name)) {
		fail(f, FETCH_CONNECT, f->net.why);
		return false;
	}
	return true;
}

void fetch_close(struct fetch *f)
{
	net_close(&f->net);
	free(f->memory);
	f->memory = NULL;
}

int fetch_fd(const struct fetch *f)
{
	return f->net.fd;
}

uint32_t fetch_interest(const struct fetch *f)
{
	return net_interest(&f->net, buf_len(&f->out) > 0);
}

uint64_t fetch_deadline_ms(const struct fetch *f)
{
	uint64_t at =
		f->read_deadline_ms < f->total_deadline_ms ? f->read_deadline_ms : f->total_deadline_ms;

	return f->net.state != NET_OPEN && f->connect_deadline_ms < at ? f->connect_deadline_ms : at;
}

static void copy_header(const struct http_head *head, const char *name, char *out, size_t out_bytes)
{
	struct slice value = http_header(head, name);

	out[0] = '\0';
	if (value.data)
		slice_copy(value, out, out_bytes);
}

static enum fetch_result take_head(struct fetch *f)
{
	struct http_head head;

	switch (http_next(&f->http, &f->in, &head)) {
	case HTTP_MORE:
		return FETCH_WAIT;
	case HTTP_FAIL:
		return fail(f, FETCH_BROKEN, f->http.why);
	case HTTP_DONE:
		break;
	}
	buf_consume(&f->in, head.bytes);
	if (head.status < 200) { /* 100 Continue and the like: the real one follows */
		http_init(&f->http, HTTP_RESPONSE);
		return take_head(f);
	}
	f->has_head = true;
	f->status = head.status;
	copy_header(&head, "Content-Type", f->content_type, sizeof f->content_type);
	copy_header(&head, "Location", f->location, sizeof f->location);
	copy_header(&head, "WWW-Authenticate", f->authenticate, sizeof f->authenticate);
	http_body_init(&f->body, &head, FETCH_CONTENT_BYTES_MAX);
	return FETCH_WAIT;
}

static enum fetch_result take_body(struct fetch *f, bool ended)
{
	enum http_body_result r = http_body_next(&f->body, &f->in, &f->content);

	if (r == HTTP_BODY_MORE && ended)
		r = http_body_end(&f->body);
	switch (r) {
	case HTTP_BODY_MORE:
		return FETCH_WAIT;
	case HTTP_BODY_DONE:
		f->done = true;
		return FETCH_DONE;
	case HTTP_BODY_FAIL:
		break;
	}
	return fail(f, FETCH_BROKEN, f->body.why);
}

static enum fetch_result check_deadlines(struct fetch *f, uint64_t now_ms)
{
	if (f->net.state != NET_OPEN && now_ms >= f->connect_deadline_ms)
		return fail(f, FETCH_CONNECT, "no connection in time");
	if (now_ms >= f->read_deadline_ms || now_ms >= f->total_deadline_ms)
		return fail(f, FETCH_TIMEOUT, "no answer in time");
	return FETCH_WAIT;
}

enum fetch_result fetch_turn(struct fetch *f, uint64_t now_ms)
{
	enum fetch_result r;

	if (f->failure != FETCH_NO_FAILURE)
		return FETCH_FAIL;
	if (f->done)
		return FETCH_DONE;
	if (net_write(&f->net, &f->out) == NET_FAIL)
		return fail(f, f->net.state == NET_OPEN ? FETCH_BROKEN : FETCH_CONNECT, f->net.why);
	if (f->net.state != NET_OPEN)
		return check_deadlines(f, now_ms);
	if (f->read_deadline_ms == f->total_deadline_ms)
		f->read_deadline_ms = now_ms + f->read_ms;
	size_t before = buf_len(&f->in);
	enum net_result got = net_read(&f->net, &f->in);

	if (buf_len(&f->in) > before)
		f->read_deadline_ms = now_ms + f->read_ms;
	if (!f->has_head && (r = take_head(f)) != FETCH_WAIT)
		return r;
	if (f->has_head && (r = take_body(f, got == NET_END)) != FETCH_WAIT)
		return r;
	/* Only now: an answer that is complete is good however rudely the connection ended. */
	if (got == NET_FAIL)
		return fail(f, FETCH_BROKEN, f->net.why);
	if (got == NET_END)
		return fail(f, FETCH_BROKEN, "the server closed without an answer");
	return check_deadlines(f, now_ms);
}
