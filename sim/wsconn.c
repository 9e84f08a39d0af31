/*
 * wsconn - HANDSHAKE: an HTTP head; OPEN: frames; SAID_CLOSE: ours is out, theirs is awaited; DONE: only output is left
 * to be written. Whatever goes wrong on the way ends in DONE or in a broken net, and wsconn_next() then tells the end.
 */
#include "sim/wsconn.h"

#include "base/check.h"
#include "proto/http.h"
#include "proto/upgrade.h"
#include "proto/ws.h"
#include "proto/ws_mask.h"
#include "proto/ws_write.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_BYTES = 400, BODY_SHOWN_BYTES = 300, READ_SLACK_BYTES = 32 * 1024 };

enum phase {
	PHASE_HANDSHAKE,                /* the head is awaited */
	PHASE_ASKED,                    /* server: the caller has the request */
	PHASE_REFUSED,                  /* client: the body of a refusal is awaited */
	PHASE_OPEN,
	PHASE_SAID_CLOSE,
	PHASE_DONE,
	PHASE_TOLD,                     /* WSCONN_CLOSED was returned */
};

struct wsconn {
	const struct wsconn_env *env;
	struct net net;
	enum net_result net_result;     /* of the last read */
	enum ws_role role;
	enum phase phase;
	struct buf in, out;
	struct ws ws;
	struct http http;
	struct http_head *head;         /* owned; from the handshake until accept, refuse or 101 */
	uint8_t nonce[UPGRADE_NONCE_BYTES];
	size_t body_bytes;              /* PHASE_REFUSED: as announced */
	int status;
	uint16_t code;                  /* of the end, once known */
	bool clean;
	char why[WHY_BYTES];
};

static void set_end(struct wsconn *c, uint16_t code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The first reason stays. */
static void set_end(struct wsconn *c, uint16_t code, const char *format, ...)
{
	va_list arguments;

	if (c->code)
		return;
	c->code = code;
	va_start(arguments, format);
	vsnprintf(c->why, sizeof c->why, format, arguments);
	va_end(arguments);
}

static struct wsconn *new_connection(const struct wsconn_env *env, enum ws_role role)
{
	struct wsconn *c = calloc(1, sizeof *c);

	check(c);
	c->env = env;
	c->role = role;
	c->head = calloc(1, sizeof *c->head);
	check(c->head);
	buf_init_pool(&c->in, env->pool, env->message_bytes_max + READ_SLACK_BYTES);
	buf_init_pool(&c->out, env->pool, env->out_bytes_max);
	ws_init(&c->ws, role, env->message_bytes_max, env->pool);
	http_init(&c->http, role == WS_SERVER ? HTTP_REQUEST : HTTP_RESPONSE);
	return c;
}

static bool is_default_port(const struct wsconn_env *env, const char *port)
{
	return strcmp(port, env->tls ? "443" : "80") == 0;
}

struct wsconn *wsconn_dial(const struct wsconn_env *env, const struct wsconn_dial *dial, char *why, size_t why_bytes)
{
	struct wsconn *c = new_connection(env, WS_CLIENT);
	char host[NET_NAME_BYTES + 8];
	bool bare = is_default_port(env, dial->port);

	random_fill(env->random, c->nonce, sizeof c->nonce);
	snprintf(host, sizeof host, "%s%s%s", dial->server_name, bare ? "" : ":", bare ? "" : dial->port);
	if (!net_dial(&c->net, dial->host, dial->port, env->tls, dial->server_name))
		snprintf(why, why_bytes, "%s", c->net.why);
	else if (!upgrade_write_request(&c->out, host, dial->target, c->nonce, dial->headers))
		snprintf(why, why_bytes, "the request is too long");
	else
		return c;
	wsconn_free(c);
	return NULL;
}

struct wsconn *wsconn_take(const struct wsconn_env *env, int listen_fd)
{
	struct net net;
	struct wsconn *c;

	if (!net_accept(&net, listen_fd, env->tls))
		return NULL;
	c = new_connection(env, WS_SERVER);
	c->net = net;
	return c;
}

static void release(struct wsconn *c)
{
	ws_fini(&c->ws);
	buf_release(&c->in);
	buf_release(&c->out);
	free(c->head);
	free(c);
}

void wsconn_free(struct wsconn *c)
{
	if (!c)
		return;
	net_close(&c->net);
	release(c);
}

void wsconn_free_reset(struct wsconn *c)
{
	net_reset(&c->net);
	release(c);
}

int wsconn_fd(const struct wsconn *c)
{
	return c->net.fd;
}

uint32_t wsconn_interest(const struct wsconn *c)
{
	return net_interest(&c->net, buf_len(&c->out) > 0);
}

size_t wsconn_queued_bytes(const struct wsconn *c)
{
	return buf_len(&c->out);
}

int wsconn_status(const struct wsconn *c)
{
	return c->status;
}

void wsconn_read(struct wsconn *c)
{
	if (c->net_result != NET_OK)
		return;
	c->net_result = net_read(&c->net, &c->in);
	if (c->phase == PHASE_DONE)
		buf_clear(&c->in);              /* whatever follows a close is nobody's */
}

void wsconn_flush(struct wsconn *c)
{
	bool cut = c->env->segment_bytes_max && c->phase == PHASE_OPEN;
	enum net_result result = cut ? net_write_segments(&c->net, &c->out, c->env->random, c->env->segment_bytes_max) :
		net_write(&c->net, &c->out);

	if (result == NET_FAIL)
		c->net_result = NET_FAIL;
}

/* A peer that does not read: the socket is ended, which the poller sees. */
static void give_up_on_output(struct wsconn *c)
{
	set_end(c, WS_CLOSE_POLICY, "more than %zu bytes of output are waiting", c->env->out_bytes_max);
	buf_clear(&c->out);
	net_shutdown(&c->net);
	c->phase = PHASE_DONE;
}

static uint32_t fresh_key(struct wsconn *c)
{
	return c->role == WS_CLIENT ? random_u32(c->env->random) : 0;
}

/* --- handshake --------------------------------------------------------------------------------- */

static bool have_request(struct wsconn *c, struct wsconn_event *out)
{
	struct slice key;
	int status = upgrade_check_request(c->head, &key);

	if (status) {
		wsconn_refuse(c, status, NULL);
		return false;
	}
	c->phase = PHASE_ASKED;
	*out = (struct wsconn_event){ .kind = WSCONN_REQUEST, .data = c->head->target };
	return true;
}

static bool have_response(struct wsconn *c, struct wsconn_event *out)
{
	enum upgrade_result result = upgrade_check_response(c->head, c->nonce);
	struct slice length = http_header(c->head, "content-length");
	size_t head_bytes = c->head->bytes;

	c->status = result == UPGRADE_STATUS ? c->head->status : 0;
	if (result == UPGRADE_STATUS) {
		c->phase = PHASE_REFUSED;
		c->body_bytes = length.data ? (size_t)strtoul(length.data, NULL, 10) : BODY_SHOWN_BYTES;
	} else if (result != UPGRADE_OK) {
		set_end(c, WS_CLOSE_ABNORMAL, "%s", upgrade_result_text(result));
		c->phase = PHASE_DONE;
	} else {
		c->phase = PHASE_OPEN;
	}
	buf_consume(&c->in, head_bytes);
	free(c->head);
	c->head = NULL;
	*out = (struct wsconn_event){ .kind = WSCONN_OPEN };
	return c->phase == PHASE_OPEN;
}

static bool next_head(struct wsconn *c, struct wsconn_event *out)
{
	switch (http_next(&c->http, &c->in, c->head)) {
	case HTTP_MORE:
		return false;
	case HTTP_DONE:
		return c->role == WS_SERVER ? have_request(c, out) : have_response(c, out);
	case HTTP_FAIL:
		break;
	}
	set_end(c, WS_CLOSE_ABNORMAL, "no HTTP: %s", c->http.why);
	if (c->role == WS_SERVER)
		wsconn_refuse(c, c->http.status, c->http.why);
	else
		c->phase = PHASE_DONE;
	return false;
}

static void gather_refusal(struct wsconn *c)
{
	size_t len = buf_len(&c->in);

	if (len < c->body_bytes && len < BODY_SHOWN_BYTES && c->net_result == NET_OK)
		return;
	if (len > BODY_SHOWN_BYTES)
		len = BODY_SHOWN_BYTES;
	set_end(c, WS_CLOSE_ABNORMAL, "the server answered HTTP %d: %.*s", c->status, (int)len,
		len ? (const char *)buf_data(&c->in) : "");
	c->phase = PHASE_DONE;
}

struct slice wsconn_header(const struct wsconn *c, const char *name)
{
	check(c->phase == PHASE_ASKED);
	return http_header(c->head, name);
}

static void forget_head(struct wsconn *c)
{
	buf_consume(&c->in, c->head->bytes);
	free(c->head);
	c->head = NULL;
}

/* One more header, before the empty line. */
static bool add_protocol(struct buf *out, const char *protocol)
{
	if (!protocol[0])
		return true;
	buf_cut(out, buf_len(out) - 2);
	return buf_printf(out, "Sec-WebSocket-Protocol: %s\r\n\r\n", protocol);
}

void wsconn_accept(struct wsconn *c)
{
	wsconn_accept_as(c, "");
}

void wsconn_accept_as(struct wsconn *c, const char *protocol)
{
	struct slice key;

	check(c->phase == PHASE_ASKED);
	check(upgrade_check_request(c->head, &key) == 0);
	c->phase = PHASE_OPEN;
	if (!upgrade_write_accept(&c->out, key) || !add_protocol(&c->out, protocol))
		give_up_on_output(c);
	forget_head(c);
}

void wsconn_refuse(struct wsconn *c, int status, const char *reason)
{
	check(c->phase == PHASE_ASKED || c->phase == PHASE_HANDSHAKE);
	upgrade_write_refusal(&c->out, status, reason);
	set_end(c, WS_CLOSE_ABNORMAL, "refused with HTTP %d", status);
	buf_clear(&c->in);
	c->phase = PHASE_DONE;
}

/* --- messages ---------------------------------------------------------------------------------- */

static void have_close(struct wsconn *c, const struct ws_event *event)
{
	set_end(c, event->close_code, "%.*s", (int)event->len, (const char *)event->data);
	c->code = event->close_code;            /* also when the first word was ours */
	c->clean = true;
	if (c->phase == PHASE_OPEN && !ws_write_close(&c->out, c->role, event->close_code, NULL, fresh_key(c)))
		buf_clear(&c->out);
	c->phase = PHASE_DONE;
}

static void have_violation(struct wsconn *c)
{
	set_end(c, c->ws.close_code, "%s", c->ws.why);
	if (c->phase == PHASE_OPEN)
		ws_write_close(&c->out, c->role, c->ws.close_code, NULL, fresh_key(c));
	c->phase = PHASE_DONE;
}

static struct wsconn_event message(enum wsconn_kind kind, const struct ws_event *event)
{
	return (struct wsconn_event){ .kind = kind, .data = { (const char *)event->data, event->len } };
}

/* True with an event for the caller; false when the frame was dealt with here, or there is none (*out_more). */
static bool next_frame(struct wsconn *c, struct wsconn_event *out, bool *out_more)
{
	struct ws_event event;
	enum ws_result result = ws_next(&c->ws, &c->in, &event);

	*out_more = result == WS_EVENT;
	if (result == WS_FAIL)
		have_violation(c);
	if (result != WS_EVENT)
		return false;
	switch (event.kind) {
	case WS_TEXT:
		*out = message(WSCONN_TEXT, &event);
		return true;
	case WS_BINARY:
		*out = message(WSCONN_BINARY, &event);
		return true;
	case WS_PONG:
		*out = message(WSCONN_PONG, &event);
		return true;
	case WS_PING:
		if (c->phase == PHASE_OPEN
			&& !ws_write(&c->out, c->role, WS_OPCODE_PONG, event.data, event.len, fresh_key(c)))
			give_up_on_output(c);
		return false;
	case WS_CLOSE:
		have_close(c, &event);
		return false;
	}
	return false;
}

static bool next_message(struct wsconn *c, struct wsconn_event *out)
{
	bool more = true;

	while (more && (c->phase == PHASE_OPEN || c->phase == PHASE_SAID_CLOSE))
		if (next_frame(c, out, &more))
			return true;
	buf_rest(&c->in);
	return false;
}

/* Whether nothing can follow: the last bytes are out, or the socket is gone. */
static bool is_over(struct wsconn *c)
{
	if (c->phase == PHASE_DONE)
		wsconn_flush(c);
	if (c->net_result == NET_FAIL)
		set_end(c, WS_CLOSE_ABNORMAL, "%s", c->net.why);
	else if (c->net_result == NET_END)
		set_end(c, WS_CLOSE_ABNORMAL, "the peer closed the connection without a close frame");
	return c->net_result != NET_OK || (c->phase == PHASE_DONE && buf_len(&c->out) == 0);
}

bool wsconn_next(struct wsconn *c, struct wsconn_event *out)
{
	/* Nobody is answered who went away: then the caller is told that. */
	if (c->phase == PHASE_TOLD || (c->phase == PHASE_ASKED && c->net_result == NET_OK))
		return false;
	if (c->phase == PHASE_HANDSHAKE && next_head(c, out))
		return true;
	if (c->phase == PHASE_REFUSED)
		gather_refusal(c);
	if ((c->phase == PHASE_OPEN || c->phase == PHASE_SAID_CLOSE) && next_message(c, out))
		return true;
	if (!is_over(c))
		return false;
	c->phase = PHASE_TOLD;
	*out = (struct wsconn_event){ WSCONN_CLOSED, slice_of(c->why), c->code, c->clean };
	return true;
}

/* --- sending ----------------------------------------------------------------------------------- */

void wsconn_send_pieces(struct wsconn *c, const struct slice *pieces, size_t piece_count)
{
	struct ws_writer writer;
	size_t bytes = 0;

	if (c->phase != PHASE_OPEN)
		return;
	for (size_t i = 0; i < piece_count; i++)
		bytes += pieces[i].len;
	if (!ws_write_begin(&writer, &c->out, c->role, WS_OPCODE_TEXT, bytes, fresh_key(c))) {
		give_up_on_output(c);
		return;
	}
	for (size_t i = 0; i < piece_count; i++)
		ws_write_part(&writer, pieces[i].data, pieces[i].len);
	ws_write_end(&writer);
}

static void send_frame(struct wsconn *c, enum ws_opcode opcode, struct slice data)
{
	if (c->phase == PHASE_OPEN && !ws_write(&c->out, c->role, opcode, data.data, data.len, fresh_key(c)))
		give_up_on_output(c);
}

void wsconn_send_text(struct wsconn *c, struct slice text)
{
	send_frame(c, WS_OPCODE_TEXT, text);
}

void wsconn_send_binary(struct wsconn *c, struct slice data)
{
	send_frame(c, WS_OPCODE_BINARY, data);
}

void wsconn_send_ping(struct wsconn *c, struct slice data)
{
	send_frame(c, WS_OPCODE_PING, data);
}

static bool write_fragment(struct wsconn *c, struct slice part, bool first, bool last)
{
	uint8_t header[WS_HEADER_BYTES_MAX];
	uint32_t key = fresh_key(c);
	size_t header_bytes = ws_write_header(header, c->role, last,
		first ? WS_OPCODE_TEXT : WS_OPCODE_CONTINUATION, part.len, key);

	if (!buf_room(&c->out, header_bytes + part.len))
		return false;
	buf_append(&c->out, header, header_bytes);
	ws_mask_copy(buf_tail(&c->out), part.data, part.len, key, 0);   /* key 0, as server, changes nothing */
	buf_commit(&c->out, part.len);
	return true;
}

void wsconn_send_fragments(struct wsconn *c, struct slice text, size_t frame_bytes)
{
	size_t at = 0;

	check(frame_bytes > 0);
	while (c->phase == PHASE_OPEN) {
		size_t len = text.len - at < frame_bytes ? text.len - at : frame_bytes;

		if (!write_fragment(c, (struct slice){ text.data + at, len }, at == 0, at + len == text.len))
			give_up_on_output(c);
		at += len;
		if (at == text.len)
			break;
	}
}

void wsconn_close(struct wsconn *c, uint16_t code, const char *reason)
{
	if (c->phase == PHASE_HANDSHAKE || c->phase == PHASE_REFUSED) {
		set_end(c, WS_CLOSE_ABNORMAL, "closed before the handshake was over");
		c->phase = PHASE_DONE;
		buf_clear(&c->out);
	}
	if (c->phase != PHASE_OPEN)
		return;
	c->phase = PHASE_SAID_CLOSE;
	if (!ws_write_close(&c->out, c->role, code ? code : WS_CLOSE_NONE, reason, fresh_key(c)))
		give_up_on_output(c);
}
