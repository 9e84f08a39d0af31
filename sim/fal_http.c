/* A connection reads until its request is whole, waits until its answer is due, writes, and closes. */
#include "sim/fal_http.h"

#include "base/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum connection_state { FREE, READING, WAITING, WRITING };

struct connection {
	enum connection_state state;
	int fd;
	char *in;                       /* owned */
	size_t in_len, in_room;
	size_t head_len, body_len;      /* known once head_len is not 0 */
	char *out;                      /* owned */
	size_t out_len, out_at;
	uint64_t due_ms;
	bool reset;
};

struct fal_http {
	int listen_fd;
	fal_handler *handle;
	void *context;
	struct connection connections[FAL_HTTP_CONNECTIONS_MAX];
};

struct fal_http *fal_http_open(int listen_fd, fal_handler *handle, void *context)
{
	struct fal_http *http = calloc(1, sizeof *http);

	check(http);
	http->listen_fd = listen_fd;
	http->handle = handle;
	http->context = context;
	return http;
}

static void drop(struct connection *c)
{
	const struct linger at_once = { 1, 0 };

	if (c->reset)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	(void)close(c->fd);
	free(c->in);
	free(c->out);
	*c = (struct connection){ 0 };
}

void fal_http_close(struct fal_http *http)
{
	for (size_t i = 0; http && i < FAL_HTTP_CONNECTIONS_MAX; i++)
		if (http->connections[i].state != FREE)
			drop(&http->connections[i]);
	free(http);
}

/* --- the request --- */

struct slice fal_request_header(const struct fal_request *request, const char *name)
{
	const size_t name_len = strlen(name);
	struct slice rest = request->head;

	while (rest.len) {
		const char *end = memmem(rest.data, rest.len, "\r\n", 2);
		struct slice line = { rest.data, end ? (size_t)(end - rest.data) : rest.len };

		if (line.len > name_len && line.data[name_len] == ':' && strncasecmp(line.data, name,
			name_len) == 0) {
			struct slice value = { line.data + name_len + 1, line.len - name_len - 1 };

			while (value.len && *value.data == ' ') {
				value.data++;
				value.len--;
			}
			return value;
		}
		rest.data += line.len + (end ? 2 : 0);
		rest.len -= line.len + (end ? 2 : 0);
	}
	return SLICE("");
}

static bool split(const struct connection *c, struct fal_request *out)
{
	const char *line_end = memmem(c->in, c->head_len, "\r\n", 2);
	const char *first = memchr(c->in, ' ', (size_t)(line_end - c->in));
	const char *second = first ? memchr(first + 1, ' ', (size_t)(line_end - first - 1)) : NULL;

	if (!second || first[1] != '/')
		return false;
	const char *mark = memchr(first, '?', (size_t)(second - first));

	out->method = (struct slice){ c->in, (size_t)(first - c->in) };
	out->path = (struct slice){ first + 1, (size_t)((mark ? mark : second) - first - 1) };
	out->query = mark ? (struct slice){ mark + 1, (size_t)(second - mark - 1) } : SLICE("");
	out->head = (struct slice){ line_end + 2, c->head_len - (size_t)(line_end + 2 - c->in) };
	out->body = (struct slice){ c->in + c->head_len, c->body_len };
	return true;
}

/* 0, or the status of a refusal. */
static int measure(struct connection *c)
{
	const char *end = memmem(c->in, c->in_len, "\r\n\r\n", 4);
	struct fal_request request = { 0 };
	char digits[16];

	if (!end)
		return c->in_len > FAL_HTTP_HEAD_BYTES_MAX ? 431 : 0;
	c->head_len = (size_t)(end - c->in) + 4;
	request.head = (struct slice){ c->in, c->head_len - 2 };
	if (fal_request_header(&request, "Transfer-Encoding").len)
		return 411;
	struct slice length = fal_request_header(&request, "Content-Length");

	if (!slice_copy(length, digits, sizeof digits) || strspn(digits, "0123456789") != length.len)
		return 400;
	c->body_len = (size_t)strtoull(digits, NULL, 10);
	return c->body_len > FAL_HTTP_BODY_BYTES_MAX ? 413 : 0;
}

/* --- the answer --- */

static void put_answer(struct connection *c, struct fal_response *r, uint64_t now_ms)
{
	char head[1024];
	const size_t body_len = r->cut_bytes && r->cut_bytes < r->body_len ? r->cut_bytes : r->body_len;
	const int len = snprintf(head, sizeof head,
		"HTTP/1.1 %d Whatever\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		"Connection: close\r\n%s\r\n", r->status, r->type ? r->type : "application/json", r->body_len,
			r->headers);

	check(len > 0 && (size_t)len < sizeof head);
	c->out_len = (size_t)len + body_len;
	c->out = malloc(c->out_len);
	check(c->out);
	memcpy(c->out, head, (size_t)len);
	if (body_len)
		memcpy(c->out + len, r->body, body_len);
	free(r->body);
	c->due_ms = now_ms + r->late_ms;
	c->reset = r->reset;
	c->state = WAITING;
}

static void answer(struct fal_http *http, struct connection *c, int refusal, uint64_t now_ms)
{
	struct fal_response response = { .status = refusal };
	struct fal_request request = { 0 };

	if (!refusal && split(c, &request))
		http->handle(http->context, &request, &response);
	else if (!refusal)
		response.status = 400;
	put_answer(c, &response, now_ms);
}

/* --- sockets --- */

static void take(struct fal_http *http)
{
	for (size_t i = 0; i < FAL_HTTP_CONNECTIONS_MAX; i++) {
		struct connection *c = &http->connections[i];

		if (c->state != FREE)
			continue;
		c->fd = accept4(http->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c->fd >= 0)
			c->state = READING;
		return;
	}
}

static void read_more(struct fal_http *http, struct connection *c, uint64_t now_ms)
{
	if (c->in_room - c->in_len < 65536) {
		c->in_room = 2 * c->in_room + 65536;
		c->in = realloc(c->in, c->in_room);
		check(c->in);
	}
	const ssize_t got = recv(c->fd, c->in + c->in_len, c->in_room - c->in_len, 0);
	int refusal = 0;

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		return drop(c);
	c->in_len += got > 0 ? (size_t)got : 0;
	if (!c->head_len)
		refusal = measure(c);
	if (refusal || (c->head_len && c->in_len >= c->head_len + c->body_len))
		answer(http, c, refusal, now_ms);
}

static void write_more(struct connection *c)
{
	const ssize_t sent = c->reset ? -1 :
		send(c->fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL);

	if (sent > 0)
		c->out_at += (size_t)sent;
	if (c->reset || c->out_at == c->out_len || (sent < 0 && errno != EAGAIN && errno != EINTR))
		drop(c);
}

size_t fal_http_polls(struct fal_http *http, struct pollfd *out, uint64_t now_ms)
{
	size_t count = 0;

	out[count++] = (struct pollfd){ .fd = http->listen_fd, .events = POLLIN };
	for (size_t i = 0; i < FAL_HTTP_CONNECTIONS_MAX; i++) {
		struct connection *c = &http->connections[i];

		if (c->state == WAITING && c->due_ms <= now_ms)
			c->state = WRITING;
		/* Who waits for a late answer is listened to for his going away only. */
		if (c->state != FREE)
			out[count++] = (struct pollfd){ .fd = c->fd,
				.events = c->state == READING ? POLLIN : c->state == WRITING ? POLLOUT : POLLRDHUP };
	}
	return count;
}

uint64_t fal_http_due_ms(const struct fal_http *http)
{
	uint64_t due_ms = UINT64_MAX;

	for (size_t i = 0; i < FAL_HTTP_CONNECTIONS_MAX; i++)
		if (http->connections[i].state == WAITING && http->connections[i].due_ms < due_ms)
			due_ms = http->connections[i].due_ms;
	return due_ms;
}

static void turn(struct fal_http *http, struct connection *c, short events, uint64_t now_ms)
{
	if (c->state == READING && events)
		read_more(http, c, now_ms);
	else if (c->state == WRITING && events)
		write_more(c);
	else if (c->state == WAITING && events & (POLLRDHUP | POLLERR | POLLHUP))
		drop(c);
}

void fal_http_turn(struct fal_http *http, const struct pollfd *polls, size_t poll_count, uint64_t now_ms)
{
	for (size_t p = 1; p < poll_count; p++)
		for (size_t i = 0; i < FAL_HTTP_CONNECTIONS_MAX; i++)
			if (http->connections[i].state != FREE && http->connections[i].fd == polls[p].fd) {
				turn(http, &http->connections[i], polls[p].revents, now_ms);
				break;
			}
	if (polls[0].revents & POLLIN)
		take(http);
}
