#include "tests/ws_echo.h"

#include "base/check.h"
#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

void ws_echo_die(const struct ws_echo *rig, const char *why)
{
	fprintf(stderr, "%s: %s\n", rig->program, why);
	exit(1);
}

size_t ws_echo_parse_bytes(const struct ws_echo *rig, const char *text)
{
	char *end;

	errno = 0;
	unsigned long bytes = strtoul(text, &end, 10);
	if (errno || *end || end == text || bytes < WS_CONTROL_BYTES_MAX || bytes > WS_ECHO_MESSAGE_BYTES_MAX)
		ws_echo_die(rig, "--max-message takes 125 to 67108864 bytes");
	return bytes;
}

/* The relay's pool is sized for calls. Whole messages of many megabytes, in and out, want larger blocks. */
static void enlarge_pool(struct ws_echo *rig)
{
	static const struct pool_plan plan[] = {
		{ 4096, 256 }, { 65536, 64 }, { 1 << 20, 32 }, { 2 * (size_t)WS_ECHO_MESSAGE_BYTES_MAX, 16 },
	};

	pool_close(&rig->env.pool);
	if (pool_open(&rig->env.pool, plan, ARRAY_COUNT(plan)) < 0)
		ws_echo_die(rig, "no memory");
}

void ws_echo_open(struct ws_echo *rig, const char *program, unsigned leg_count, size_t message_bytes_max)
{
	struct loop_plan plan = {
		.ring.socket_count_max = leg_count + 8,
		.task_count_max = 3 * leg_count + 8,
		.batch_us_max = 200,
	};
	char why[256];

	rig->program = program;
	rig->message_bytes_max = message_bytes_max;
	log_open(program, LOG_WARN);
	signal(SIGPIPE, SIG_IGN);
	if (!tls_start(why, sizeof why) || !loop_open(&rig->loop, &plan, why, sizeof why))
		ws_echo_die(rig, why);
	if (leg_env_open(&rig->env, &rig->loop, leg_count) < 0)
		ws_echo_die(rig, "no memory");
	if (message_bytes_max > LEG_OUT_BYTES_MAX)
		enlarge_pool(rig);
}

void ws_echo_begin(struct ws_echo *rig, struct leg *leg)
{
	size_t out_bytes_max = rig->message_bytes_max + LEG_OUT_BYTES_MAX;

	leg->out.bytes_max = leg->sending.bytes_max = out_bytes_max;
}

static void echo(struct ws_echo *rig, struct leg *leg, const struct leg_event *event)
{
	bool sent = event->is_text ? leg_send_text(leg, event->data, event->len)
				   : leg_send_binary(leg, event->data, event->len);

	if (!sent) {
		fprintf(stderr, "%s: no room to echo %zu bytes\n", rig->program, event->len);
		leg_close(leg, WS_CLOSE_INTERNAL, "no room for the echo");
	}
}

/* A peer that does not read is not read from either: the leg says when it is below high water again. */
enum leg_event_kind ws_echo_turn(struct ws_echo *rig, struct leg *leg)
{
	enum leg_event_kind last = LEG_NONE, kind;
	struct leg_event event;

	while (!leg_is_full(leg) && (kind = leg_next(leg, &event)) != LEG_NONE) {
		last = kind;
		if (kind == LEG_REQUEST)
			leg_accept(leg);
		else if (kind == LEG_MESSAGE)
			echo(rig, leg, &event);
		else if (kind == LEG_GONE && event.fault == LEG_FAULT_OVERFLOW)
			fprintf(stderr, "%s: %s\n", rig->program, event.why);
	}
	if (leg_is_full(leg))
		leg_pause(leg);
	else
		leg_resume(leg);
	return last;
}

void ws_echo_close(struct ws_echo *rig)
{
	leg_env_close(&rig->env);
	loop_close(&rig->loop);
	tls_context_close(rig->env.server);
	tls_context_close(rig->env.client);
}
