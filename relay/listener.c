#include "relay/listener.h"

#include "base/check.h"
#include "relay/count.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void accept_done(struct ring_op *op, const struct ring_result *result)
{
	struct listener *l = container_of(op, struct listener, accept);

	if (result->res >= 0 && l->queue_count < LISTENER_QUEUE_MAX && !l->stopping) {
		l->queue[(l->queue_at + l->queue_count++) % LISTENER_QUEUE_MAX] = result->res;
		count_add(&l->accepted_count, 1);
		loop_mark(l->loop, l->owner);
	} else if (result->res >= 0) {
		close(result->res);
		count_add(&l->refused_count, 1);
	}
	if (result->last && !l->stopping) {
		count_add(&l->failed_count, 1);
		loop_deadline(l->loop, &l->rest, l->loop->now_ms + LISTENER_REST_MS);
	}
	if (l->stopping)
		loop_mark(l->loop, l->owner);
}

static void cancel_done(struct ring_op *op, const struct ring_result *result)
{
	struct listener *l = container_of(op, struct listener, cancel);

	(void)result;
	loop_mark(l->loop, l->owner);
}

static void accept_again(struct task *task, uint64_t now_ms)
{
	struct listener *l = container_of(task, struct listener, rest);

	(void)now_ms;
	if (!l->stopping && !l->accept.in_flight)
		ring_accept(l->loop->ring, &l->accept, &l->socket);
}

/* "127.0.0.1:8080", "[::1]:8080", ":8080" */
static int resolve(const char *host_port, struct addrinfo **out)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(host_port, ':');
	char host[256];

	if (!colon)
		return EAI_NONAME;
	size_t len = (size_t)(colon - host_port);
	bool bracketed = len >= 2 && host_port[0] == '[' && colon[-1] == ']';
	if (len >= sizeof host)
		return EAI_NONAME;
	snprintf(host, sizeof host, "%.*s", (int)(bracketed ? len - 2 : len), host_port + bracketed);
	return getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, out);
}

/* Accepted sockets inherit TCP_NODELAY. */
static int listen_on(const struct addrinfo *at)
{
	int one = 1, fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (bind(fd, at->ai_addr, at->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0) {
		int error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

bool listener_open(struct listener *l, struct loop *loop, const char *host_port, struct task *owner,
	char *why, size_t why_bytes)
{
	struct addrinfo *at = NULL;
	int r = resolve(host_port, &at);

	if (r != 0) {
		snprintf(why, why_bytes, "cannot listen on %s: %s", host_port, gai_strerror(r));
		return false;
	}
	int fd = listen_on(at);
	freeaddrinfo(at);
	if (fd < 0) {
		snprintf(why, why_bytes, "cannot listen on %s: %s", host_port, strerror(-fd));
		return false;
	}
	memset(l, 0, sizeof *l);
	l->loop = loop;
	l->owner = owner;
	task_init(&l->rest, accept_again);
	ring_op_init(&l->accept, accept_done);
	ring_op_init(&l->cancel, cancel_done);
	ring_socket_open(loop->ring, &l->socket, fd);
	ring_accept(loop->ring, &l->accept, &l->socket);
	return true;
}

int listener_next(struct listener *l)
{
	if (!l->queue_count)
		return -1;
	int fd = l->queue[l->queue_at];
	l->queue_at = (l->queue_at + 1) % LISTENER_QUEUE_MAX;
	l->queue_count--;
	return fd;
}

unsigned listener_port(const struct listener *l)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof at;

	if (getsockname(l->socket.fd, (struct sockaddr *)&at, &len) < 0)
		return 0;
	return at.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&at)->sin6_port)
		: ntohs(((struct sockaddr_in *)&at)->sin_port);
}

void listener_stop(struct listener *l)
{
	int fd;

	if (l->stopping)
		return;
	l->stopping = true;
	while ((fd = listener_next(l)) >= 0)
		close(fd);
	loop_forget(l->loop, &l->rest);
	ring_cancel(l->loop->ring, &l->cancel, &l->socket, &l->accept);
}

bool listener_is_stopped(struct listener *l)
{
	if (!l->stopping || l->accept.in_flight || l->cancel.in_flight)
		return false;
	ring_socket_close(l->loop->ring, &l->socket);
	return true;
}
