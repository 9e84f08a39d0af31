/*
 * One poll(2) loop over the listener and its few clients: read a head, write an answer, close. A
 * client has ADMIN_DEADLINE_MS for both.
 */
#include "relay/admin.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "proto/http.h"
#include "relay/listen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
	int fd;                         /* -1: free */
	uint64_t deadline_ms;
	bool answering;
	struct http http;
	struct buf in, out;
};

struct server {
	struct admin *admin;
	struct pool pool;
	struct client clients[ADMIN_CLIENTS_MAX];
};

enum {
	BODY_BYTES_MAX = METRICS_PAGE_BYTES_MAX + RATINGS_BYTES_HEAD + (RATINGS_MERCHANTS_MAX + 1) * RATINGS_BYTES_EACH,
	PAGE_BYTES_MAX = BODY_BYTES_MAX + 1024,
	PAGE_BLOCK_BYTES = 1024 * 1024,
};

static_assert(PAGE_BYTES_MAX <= PAGE_BLOCK_BYTES, "a page fits its block of the pool");

static void client_close(struct client *c)
{
	if (c->fd < 0)
		return;
	close(c->fd);
	c->fd = -1;
	buf_release(&c->in);
	buf_release(&c->out);
}

static bool put_answer(struct client *c, int status, const char *type, const struct buf *body, bool head_only)
{
	return buf_printf(&c->out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		"Cache-Control: no-store\r\nConnection: close\r\n%s\r\n", status, http_status_phrase(status), type,
		buf_len(body), status == 405 ? "Allow: GET, HEAD\r\n" : "") &&
		(head_only || buf_append(&c->out, buf_data(body), buf_len(body)));
}

static void answer_text(struct client *c, int status, const char *text, bool head_only)
{
	char line[128];
	struct buf body;

	buf_init_fixed(&body, line, sizeof line);
	check(buf_printf(&body, "%s\n", text));
	if (!put_answer(c, status, "text/plain; charset=utf-8", &body, head_only))
		client_close(c);
}

static void answer_ready(struct client *c, const struct admin *a, bool head_only)
{
	uint64_t calls = metrics_sum(a->metrics, a->metrics_count, METRIC_CALLS) +
		metrics_sum(a->metrics, a->metrics_count, METRIC_WARM_WAITING);
	uint64_t calls_max = metrics_sum(a->metrics, a->metrics_count, METRIC_CALLS_MAX);

	if (metrics_sum(a->metrics, a->metrics_count, METRIC_DRAINING) > 0)
		answer_text(c, 503, "draining", head_only);
	else if (metrics_sum(a->metrics, a->metrics_count, METRIC_DATABASE_UP) == 0)
		answer_text(c, 503, "no database", head_only);
	else if (calls >= calls_max)
		answer_text(c, 503, "full", head_only);
	else
		answer_text(c, 200, "ready", head_only);
}

static void answer_metrics(struct client *c, struct server *s, bool head_only)
{
	const struct admin *a = s->admin;
	struct buf page;

	buf_init_pool(&page, &s->pool, BODY_BYTES_MAX);
	if (!metrics_write(&page, a->metrics, a->metrics_count, PACKAGE_VERSION) ||
		(a->ratings && !ratings_write(a->ratings, &page)) ||
		!put_answer(c, 200, "text/plain; version=0.0.4; charset=utf-8", &page, head_only))
		client_close(c);
	buf_release(&page);
}

static void answer(struct client *c, struct server *s, const struct http_head *head)
{
	bool head_only = slice_equal(head->method, SLICE("HEAD"));
	struct slice path = head->target;
	const char *query = memchr(path.data, '?', path.len);

	if (query)
		path.len = (size_t)(query - path.data);
	if (!head_only && !slice_equal(head->method, SLICE("GET")))
		answer_text(c, 405, "GET or HEAD only", false);
	else if (slice_equal(path, SLICE("/healthz")))
		answer_text(c, 200, "ok", head_only);
	else if (slice_equal(path, SLICE("/readyz")))
		answer_ready(c, s->admin, head_only);
	else if (slice_equal(path, SLICE("/metrics")))
		answer_metrics(c, s, head_only);
	else
		answer_text(c, 404, "/healthz, /readyz, /metrics", head_only);
}

static void client_flush(struct client *c)
{
	while (c->fd >= 0 && buf_len(&c->out)) {
		ssize_t n = send(c->fd, buf_data(&c->out), buf_len(&c->out), MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0)
			return client_close(c);
		buf_consume(&c->out, (size_t)n);
	}
	if (c->fd >= 0)
		shutdown(c->fd, SHUT_WR);
}

/* false: nothing to go on with. What a client says behind its request is dropped until it goes. */
static bool client_receive(struct client *c)
{
	ssize_t n;

	if (c->answering)
		buf_clear(&c->in);
	if (!buf_room(&c->in, 1024)) {
		answer_text(c, 431, "the head is too long", false);
		c->answering = true;
		client_flush(c);
		return false;
	}
	n = recv(c->fd, buf_tail(&c->in), 1024, 0);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		client_close(c);
	if (n > 0)
		buf_commit(&c->in, (size_t)n);
	return n > 0 && !c->answering;
}

static void client_read(struct client *c, struct server *s)
{
	struct http_head head;

	if (!client_receive(c))
		return;
	switch (http_next(&c->http, &c->in, &head)) {
	case HTTP_MORE:
		return;
	case HTTP_FAIL:
		answer_text(c, c->http.status, c->http.why, false);
		break;
	case HTTP_DONE:
		answer(c, s, &head);
		break;
	}
	c->answering = true;
	client_flush(c);
}

static void client_accept(struct server *s)
{
	for (size_t i = 0; i < ADMIN_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		if (c->fd >= 0)
			continue;
		c->fd = accept4(s->admin->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c->fd < 0)
			return;
		c->answering = false;
		c->deadline_ms = clock_mono_ms() + ADMIN_DEADLINE_MS;
		http_init(&c->http, HTTP_REQUEST);
		buf_init_pool(&c->in, &s->pool, HTTP_HEAD_BYTES_MAX);
		buf_init_pool(&c->out, &s->pool, PAGE_BYTES_MAX);
		return;
	}
}

/* Fills the poll set: stop, listener (only while there is room for a client), clients. Their time in ms. */
static int prepare(struct server *s, struct pollfd *fds, uint64_t now_ms)
{
	uint64_t soonest_ms = UINT64_MAX;
	bool room = false;

	for (size_t i = 0; i < ADMIN_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		if (c->fd >= 0 && c->deadline_ms <= now_ms)
			client_close(c);
		if (c->fd >= 0 && c->deadline_ms < soonest_ms)
			soonest_ms = c->deadline_ms;
		room = room || c->fd < 0;
		fds[2 + i] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
		if (c->fd >= 0 && buf_len(&c->out))
			fds[2 + i].events = POLLIN | POLLOUT;
	}
	fds[0] = (struct pollfd){ .fd = s->admin->stop_fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = room ? s->admin->listen_fd : -1, .events = POLLIN };
	return soonest_ms == UINT64_MAX ? -1 : (int)(soonest_ms - now_ms);
}

static void serve(struct server *s)
{
	struct pollfd fds[2 + ADMIN_CLIENTS_MAX];

	for (;;) {
		int wait_ms = prepare(s, fds, clock_mono_ms());

		if (poll(fds, ARRAY_COUNT(fds), wait_ms) < 0)
			continue;
		if (fds[0].revents)
			return;
		for (size_t i = 0; i < ADMIN_CLIENTS_MAX; i++) {
			if (fds[2 + i].revents & POLLOUT)
				client_flush(&s->clients[i]);
			if (s->clients[i].fd >= 0 && fds[2 + i].revents & (POLLIN | POLLHUP | POLLERR))
				client_read(&s->clients[i], s);
		}
		if (fds[1].revents)
			client_accept(s);
	}
}

static void *admin_thread(void *argument)
{
	static const struct pool_plan plan[] = {
		{ 1024, 4 * ADMIN_CLIENTS_MAX },
		{ HTTP_HEAD_BYTES_MAX, 2 * ADMIN_CLIENTS_MAX },
		{ PAGE_BLOCK_BYTES, 2 * ADMIN_CLIENTS_MAX },
	};
	struct server s = { .admin = argument };
	int error = pool_open(&s.pool, plan, ARRAY_COUNT(plan));

	pthread_setname_np(pthread_self(), "admin");
	if (error < 0) {
		log_error("admin failed error=%s", strerror(-error));
		return NULL;
	}
	for (size_t i = 0; i < ADMIN_CLIENTS_MAX; i++)
		s.clients[i].fd = -1;
	serve(&s);
	for (size_t i = 0; i < ADMIN_CLIENTS_MAX; i++)
		client_close(&s.clients[i]);
	pool_close(&s.pool);
	return NULL;
}

bool admin_open(struct admin *a, const char *address, struct metrics *const *metrics, size_t count,
	const struct ratings *ratings, char *why, size_t why_bytes)
{
	*a = (struct admin){ .metrics = metrics, .metrics_count = count, .ratings = ratings, .stop_fd = -1 };
	a->listen_fd = listen_open(address, false, &a->port, why, why_bytes);
	if (a->listen_fd < 0)
		return false;
	a->stop_fd = eventfd(0, EFD_CLOEXEC);
	a->running = a->stop_fd >= 0 && pthread_create(&a->thread, NULL, admin_thread, a) == 0;
	if (a->running)
		return true;
	snprintf(why, why_bytes, "admin thread: %s", strerror(errno));
	close(a->listen_fd);
	if (a->stop_fd >= 0)
		close(a->stop_fd);
	return false;
}

void admin_close(struct admin *a)
{
	if (!a->running)
		return;
	eventfd_write(a->stop_fd, 1);
	pthread_join(a->thread, NULL);
	close(a->listen_fd);
	close(a->stop_fd);
	a->running = false;
}
