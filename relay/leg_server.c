/* The upgrade as a server: a request that is no upgrade is refused here, a correct one is the owner's to decide. */
#include "base/check.h"
#include "base/slice.h"
#include "relay/leg_parts.h"

#include <string.h>
#include <unistd.h>

bool leg_serve(struct leg *leg, int fd, struct task *owner, size_t message_bytes_max)
{
	struct leg_env *env = leg->env;

	check(leg->magic == LEG_MAGIC && leg->state == LEG_FREE);
	leg_init(leg, env);
	leg->role = WS_SERVER;
	leg->owner = owner;
	leg->message_bytes_max = message_bytes_max;
	leg->is_tls = env->server != NULL;
	if (leg->is_tls && !tls_open(&leg->tls, env->server, &env->pool, NULL)) {
		close(fd);
		return false;
	}
	leg_set_out(leg);
	ring_socket_open(env->loop->ring, &leg->socket, fd);
	leg_connected(leg);
	return true;
}

static enum leg_step refuse(struct leg *leg, int status, const char *why)
{
	upgrade_write_refusal(&leg->out, status, NULL);
	leg->status = status;
	leg_fail(leg, LEG_FAULT_HTTP, "%s", why);
	return LEG_STEP_ON;
}

enum leg_step leg_read_request(struct leg *leg, struct leg_event *out)
{
	struct http_head *head = &leg->env->head;
	struct slice key;

	switch (http_next(&leg->http, leg_bytes(leg), head)) {
	case HTTP_MORE:
		return leg_pull(leg) ? LEG_STEP_ON : LEG_STEP_WAIT;
	case HTTP_FAIL:
		return refuse(leg, leg->http.status, leg->http.why);
	case HTTP_DONE:
		break;
	}
	int status = upgrade_check_request(head, &key);
	if (status)
		return refuse(leg, status, "the request is no WebSocket upgrade");
	bool fits = slice_copy(key, leg->key, sizeof leg->key);
	check(fits);
	leg->head_bytes = head->bytes;
	leg_move(leg, LEG_DECIDING);
	*out = (struct leg_event){ .request = head };
	return LEG_STEP_EVENT;
}

void leg_accept(struct leg *leg)
{
	if (leg->state != LEG_DECIDING)
		return;
	buf_consume(leg_bytes(leg), leg->head_bytes);
	ws_init(&leg->ws, WS_SERVER, leg->message_bytes_max, &leg->env->pool);
	leg->was_open = true;
	leg_move(leg, LEG_OPEN);
	if (!upgrade_write_accept(&leg->out, slice_of(leg->key)))
		leg_fail(leg, LEG_FAULT_OVERFLOW, "no room for the answer");
	/* Frames may have come right behind the request. */
	loop_mark(leg->env->loop, leg->owner);
	leg_touch(leg);
}

void leg_refuse(struct leg *leg, int status, const char *reason)
{
	if (leg->state != LEG_DECIDING)
		return;
	upgrade_write_refusal(&leg->out, status, reason);
	leg->end_reported = true;
	leg_linger(leg);
}
