/* The upgrade as a client. The request is written at once; it leaves when TCP and TLS stand. */
#include "base/check.h"
#include "relay/leg_parts.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

static int open_socket(int family)
{
	int one = 1, fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

void leg_connect_done(struct ring_op *op, const struct ring_result *result)
{
	struct leg *leg = container_of(op, struct leg, connect);

	leg->connect_res = result->res;
	loop_mark(leg->env->loop, leg->owner);
	leg_touch(leg);
}

static void dial(struct leg *leg, const struct leg_dial_plan *plan)
{
	struct leg_env *env = leg->env;

	random_fill(&env->loop->random, leg->nonce, sizeof leg->nonce);
	if (!upgrade_write_request(&leg->out, plan->host, plan->target, leg->nonce, plan->headers))
		return leg_fail(leg, LEG_FAULT_OVERFLOW, "no room for the request");
	if (leg->is_tls && (!env->client || !tls_open(&leg->tls, env->client, &env->pool, plan->tls_host)))
		return leg_fail(leg, LEG_FAULT_TLS, "no memory for a TLS session");
	int fd = open_socket(plan->address->sa_family);
	if (fd < 0)
		return leg_fail(leg, LEG_FAULT_REFUSED, "no socket: %s", strerror(-fd));
	ring_socket_open(env->loop->ring, &leg->socket, fd);
	ring_connect(env->loop->ring, &leg->connect, &leg->socket, (struct sockaddr *)&leg->address,
		leg->address_len);
}

void leg_dial(struct leg *leg, const struct leg_dial_plan *plan, struct task *owner)
{
	check(leg->magic == LEG_MAGIC && leg->state == LEG_FREE);
	check(plan->address_len <= sizeof leg->address);
	leg_init(leg, leg->env);
	leg->role = WS_CLIENT;
	leg->owner = owner;
	leg->message_bytes_max = plan->message_bytes_max;
	leg->is_tls = plan->tls_host != NULL;
	memcpy(&leg->address, plan->address, plan->address_len);
	leg->address_len = plan->address_len;
	leg_set_out(leg);
	leg_move(leg, LEG_CONNECTING);
	dial(leg, plan);
}

enum leg_step leg_read_connect(struct leg *leg)
{
	if (leg->connect.in_flight)
		return LEG_STEP_WAIT;
	if (leg->connect_res < 0) {
		leg_fail(leg, LEG_FAULT_REFUSED, "cannot connect: %s", strerror(-leg->connect_res));
		return LEG_STEP_ON;
	}
	leg_connected(leg);
	return LEG_STEP_ON;
}

enum leg_step leg_read_response(struct leg *leg, struct leg_event *out)
{
	struct http_head *head = &leg->env->head;

	switch (http_next(&leg->http, leg_bytes(leg), head)) {
	case HTTP_MORE:
		return leg_pull(leg) ? LEG_STEP_ON : LEG_STEP_WAIT;
	case HTTP_FAIL:
		leg_fail(leg, LEG_FAULT_HTTP, "%s", leg->http.why);
		return LEG_STEP_ON;
	case HTTP_DONE:
		break;
	}
	enum upgrade_result result = upgrade_check_response(head, leg->nonce);
	if (result != UPGRADE_OK) {
		leg->status = head->status;
		leg_fail(leg, LEG_FAULT_HTTP, "%s (%d)", upgrade_result_text(result), head->status);
		return LEG_STEP_ON;
	}
	buf_consume(leg_bytes(leg), head->bytes);
	ws_init(&leg->ws, WS_CLIENT, leg->message_bytes_max, &leg->env->pool);
	leg->was_open = true;
	leg_move(leg, LEG_OPEN);
	*out = (struct leg_event){ .status = head->status };
	return LEG_STEP_EVENT;
}
