/*
 * One poll(2) loop. A client reads its line, visits one ring thread after the other until its call is found, takes
 * its answer, and, if it watches, what the tap gives.
 */
#include "relay/control.h"

#include "base/check.h"
#include "base/clock.h"
#include "relay/listen.h"
#include "relay/visit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum client_state { CLIENT_FREE, CLIENT_READING, CLIENT_VISITING, CLIENT_ANSWERING };

struct client {
	enum client_state state;
	int fd;
	bool gone;                      /* to be closed once the visit is over */
	uint64_t deadline_ms;
	size_t line_len;
	char line[CONTROL_LINE_BYTES_MAX];
	struct visit visit;
	uint32_t env_at;                /* the ring thread that is visited */
	struct tap *tap;                /* until it is the call's; then to be read */
	bool tapped;                    /* the call has it */
	struct buf out;
	void *memory;                   /* of `out` */
};

struct server {
	struct control *control;
	struct client clients[CONTROL_CLIENTS_MAX];
};

struct command {
	const char *word;
	enum visit_kind kind;
	bool wants_call, wants_text;
	unsigned testimony;             /* VISIT_TAP */
	int signal;                     /* no visit: to this program */
};

static const struct command commands[] = {
	{ .word = "list", .kind = VISIT_LIST },
	{ .word = "watch", .kind = VISIT_TAP, .wants_call = true, .testimony = TESTIMONY_EVENTS },
	{ .word = "listen", .kind = VISIT_TAP, .wants_call = true, .testimony = TESTIMONY_AUDIO },
	{ .word = "say", .kind = VISIT_SAY, .wants_call = true, .wants_text = true },
	{ .word = "hangup", .kind = VISIT_HANG_UP, .wants_call = true },
	{ .word = "transfer", .kind = VISIT_TRANSFER, .wants_call = true, .wants_text = true },
	{ .word = "drain", .signal = SIGTERM },
	{ .word = "reload", .signal = SIGHUP },
};

/* --- a client's life ------------------------------------------------------------------------------ */

/* The tap is let go: freed here, unless the call still writes to it; then it is freed by sweep_taps() below. */
static bool let_tap_go(struct client *c)
{
	if (!c->tap)
		return true;
	if (c->tapped && !tap_is_closed(c->tap)) {
		atomic_store_explicit(&c->tap->unwanted, true, memory_order_relaxed);
		return false;
	}
	tap_free(c->tap);
	c->tap = NULL;
	return true;
}

static void client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->gone = true;
	if (c->state == CLIENT_VISITING || !let_tap_go(c))
		return;
	free(c->memory);
	*c = (struct client){ .state = CLIENT_FREE, .fd = -1 };
}

static bool room_for_answer(struct client *c, size_t bytes)
{
	c->memory = malloc(bytes);
	if (c->memory)
		buf_init_fixed(&c->out, c->memory, bytes);
	return c->memory != NULL;
}

static void answer(struct client *c, const char *trouble, uint64_t now_ms)
{
	c->state = CLIENT_ANSWERING;
	c->deadline_ms = now_ms + CONTROL_DEADLINE_MS;
	if (!c->memory && !room_for_answer(c, TAP_BYTES))
		return client_close(c);
	if (trouble)
		check(buf_printf(&c->out, "error %s\n", trouble));
	else if (c->visit.kind != VISIT_LIST || buf_len(&c->out) == 0)
		check(buf_printf(&c->out, "ok\n"));
}

/* --- visits --------------------------------------------------------------------------------------- */

static void visit_next(struct client *c, const struct control *control, uint64_t now_ms)
{
	if (c->env_at == control->env_count)
		return answer(c, c->visit.kind == VISIT_LIST ? NULL : "no such call", now_ms);
	c->state = CLIENT_VISITING;
	visit_pay(&c->visit, control->envs[c->env_at++]);
}

static void visit_over(struct client *c, const struct control *control, uint64_t now_ms)
{
	c->state = CLIENT_ANSWERING;
	c->tapped = c->visit.kind == VISIT_TAP && c->visit.result == VISIT_DONE;
	if (c->gone)
		return client_close(c);
	switch (c->visit.result) {
	case VISIT_ELSEWHERE:
		return visit_next(c, control, now_ms);
	case VISIT_DONE:
		return answer(c, NULL, now_ms);
	case VISIT_NOT_NOW:
		return answer(c, c->visit.why, now_ms);
	}
}

static struct slice word_next(struct slice *rest)
{
	const char *space = memchr(rest->data, ' ', rest->len);
	struct slice word = { rest->data, space ? (size_t)(space - rest->data) : rest->len };

	rest->data += word.len + (space != NULL);
	rest->len -= word.len + (space != NULL);
	return word;
}

static const struct command *find_command(struct slice word)
{
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++)
		if (slice_equal(word, slice_of(commands[i].word)))
			return &commands[i];
	return NULL;
}

static void signal_self(struct client *c, const struct command *command, uint64_t now_ms)
{
	log_info("control command=%s", command->word);
	kill(getpid(), command->signal);
	answer(c, NULL, now_ms);
}

static void obey(struct client *c, const struct control *control, struct slice line, uint64_t now_ms)
{
	const struct command *command = find_command(word_next(&line));

	c->visit = (struct visit){ .done_fd = control->done_fd, .out = &c->out };
	if (!command)
		return answer(c, "the commands are list, watch, listen, say, hangup, transfer, drain, reload", now_ms);
	c->visit.kind = command->kind;
	if (command->wants_call && !slice_copy(word_next(&line), c->visit.call_sid, sizeof c->visit.call_sid))
		return answer(c, "a CallSid is needed", now_ms);
	if (command->wants_text != (line.len > 0))
		return answer(c, command->wants_text ? "a text is needed" : "nothing is allowed behind that", now_ms);
	if (command->signal)
		return signal_self(c, command, now_ms);
	c->visit.text = line;
	if (command->kind == VISIT_TAP && !(c->tap = tap_new(command->testimony)))
		return answer(c, "no memory", now_ms);
	if (command->kind == VISIT_LIST) {
		if (!room_for_answer(c, 4 + (size_t)control->call_count_max * VISIT_LINE_BYTES_MAX))
			return answer(c, "no memory", now_ms);
		check(buf_printf(&c->out, "ok\n"));
	} else {
		log_info("control command=%s call=%s", command->word,
			log_name(c->visit.call_sid, strlen(c->visit.call_sid)).text);
	}
	c->visit.tap = c->tap;
	visit_next(c, control, now_ms);
}

/* --- sockets -------------------------------------------------------------------------------------- */

static void client_accept(struct server *s, uint64_t now_ms)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		if (c->state != CLIENT_FREE)
			continue;
		c->fd = accept4(s->control->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c->fd < 0)
			return;
		c->state = CLIENT_READING;
		c->deadline_ms = now_ms + CONTROL_DEADLINE_MS;
		return;
	}
}

static void client_read(struct client *c, const struct control *control, uint64_t now_ms)
{
	char dropped[256];
	bool reading = c->state == CLIENT_READING;
	ssize_t n = recv(c->fd, reading ? c->line + c->line_len : dropped,
		reading ? sizeof c->line - c->line_len : sizeof dropped, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		return client_close(c);
	if (!reading)
		return;
	const char *end = memchr(c->line + c->line_len, '\n', (size_t)n);

	c->line_len += (size_t)n;
	if (end)
		obey(c, control, (struct slice){ c->line, (size_t)(end - c->line) }, now_ms);
	else if (c->line_len == sizeof c->line)
		answer(c, "the line is too long", now_ms);
}

/* false: nothing more can be sent now. */
static bool client_send(struct client *c, uint64_t now_ms)
{
	while (buf_len(&c->out)) {
		ssize_t n = send(c->fd, buf_data(&c->out), buf_len(&c->out), MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0) {
			client_close(c);
			return false;
		}
		buf_consume(&c->out, (size_t)n);
		c->deadline_ms = now_ms + CONTROL_DEADLINE_MS;
	}
	return true;
}

static void client_answer(struct client *c, uint64_t now_ms)
{
	if (!client_send(c, now_ms))
		return;
	if (!c->tapped)
		return client_close(c);
	bool last = tap_is_closed(c->tap);

	buf_clear(&c->out);
	check(buf_room(&c->out, TAP_BYTES));
	buf_commit(&c->out, tap_read(c->tap, buf_tail(&c->out), TAP_BYTES));
	if (buf_len(&c->out))
		client_send(c, now_ms);
	else if (last)
		client_close(c);
	else
		c->deadline_ms = now_ms + CONTROL_DEADLINE_MS;
}

/* --- the loop ------------------------------------------------------------------------------------- */

static int prepare(struct server *s, struct pollfd *fds, uint64_t now_ms)
{
	int wait_ms = -1;
	bool room = false;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		/* Gone, but its tap is still the call's: look again until it is closed. */
		if (c->state == CLIENT_ANSWERING && c->gone)
			client_close(c);
		else if (c->fd >= 0 && c->state != CLIENT_VISITING && now_ms >= c->deadline_ms)
			client_close(c);
		room = room || c->state == CLIENT_FREE;
		fds[3 + i] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
		if (c->state == CLIENT_ANSWERING && buf_len(&c->out))
			fds[3 + i].events |= POLLOUT;
		if (c->state == CLIENT_ANSWERING)
			wait_ms = CONTROL_LOOK_MS;
		else if (c->state != CLIENT_FREE && wait_ms < 0)
			wait_ms = CONTROL_DEADLINE_MS;
	}
	fds[0] = (struct pollfd){ .fd = s->control->stop_fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = s->control->done_fd, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = room ? s->control->listen_fd : -1, .events = POLLIN };
	return wait_ms;
}

static void look_at(struct client *c, const struct control *control, short events, uint64_t now_ms)
{
	if (c->state == CLIENT_VISITING && visit_is_done(&c->visit))
		visit_over(c, control, now_ms);
	if (c->fd >= 0 && events & (POLLIN | POLLHUP | POLLERR))
		client_read(c, control, now_ms);
	if (c->fd >= 0 && c->state == CLIENT_ANSWERING)
		client_answer(c, now_ms);
}

static void serve(struct server *s)
{
	struct pollfd fds[3 + CONTROL_CLIENTS_MAX];
	eventfd_t count;

	for (;;) {
		int wait_ms = prepare(s, fds, clock_mono_ms());

		if (poll(fds, ARRAY_COUNT(fds), wait_ms) < 0)
			continue;
		uint64_t now_ms = clock_mono_ms();

		if (fds[0].revents)
			return;
		if (fds[1].revents)
			eventfd_read(s->control->done_fd, &count);
		for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
			look_at(&s->clients[i], s->control, fds[3 + i].revents, now_ms);
		if (fds[2].revents)
			client_accept(s, now_ms);
	}
}

static void *control_thread(void *argument)
{
	struct server *s = calloc(1, sizeof *s);

	pthread_setname_np(pthread_self(), "control");
	check(s);
	s->control = argument;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		s->clients[i].fd = -1;
	serve(s);
	/* What is still lent to a ring thread that may be over stays: the program ends with it. */
	bool lent = false;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (s->clients[i].state != CLIENT_FREE)
			client_close(&s->clients[i]);
		lent |= s->clients[i].state != CLIENT_FREE;
	}
	if (!lent)
		free(s);
	return NULL;
}

/* --- opening -------------------------------------------------------------------------------------- */

bool control_open(struct control *control, const char *path, struct call_env *const *envs, uint32_t env_count,
	uint32_t call_count_max, char *why, size_t why_bytes)
{
	*control = (struct control){
		.envs = envs,
		.env_count = env_count,
		.call_count_max = call_count_max,
		.path = path,
	};
	control->listen_fd = listen_open_path(path, SOCK_STREAM, 0660, why, why_bytes);
	if (control->listen_fd < 0)
		return false;
	control->stop_fd = eventfd(0, EFD_CLOEXEC);
	control->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	control->running = control->stop_fd >= 0 && control->done_fd >= 0 &&
		pthread_create(&control->thread, NULL, control_thread, control) == 0;
	if (control->running)
		return true;
	snprintf(why, why_bytes, "control thread: %s", strerror(errno));
	close(control->listen_fd);
	unlink(path);
	return false;
}

void control_close(struct control *control)
{
	if (!control->running)
		return;
	eventfd_write(control->stop_fd, 1);
	pthread_join(control->thread, NULL);
	close(control->listen_fd);
	close(control->stop_fd);
	unlink(control->path);      /* done_fd stays open: a late visit may still write to it */
	control->running = false;
}
