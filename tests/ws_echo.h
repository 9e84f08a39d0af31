/*
 * ws_echo - what the two echo programs share: the relay's ring, loop and legs for a few large messages, and the echo.
 *
 * Place:    tests; above relay's transport. ws-echo-server and ws-echo-client exist so that a conformance suite can be
 *           pointed at exactly the objects of which the relay is made.
 * Usage:    ws_echo_open(&rig, "ws-echo-server", leg_count, message_bytes_max);   exits with a sentence if it cannot
 *           ws_echo_begin(&rig, &leg)             after leg_serve() or leg_dial()
 *           gone = ws_echo_turn(&rig, &leg, now)  in the owner's turn: accepts, echoes
 *           ws_echo_close(&rig)                   when all legs are free
 */
#pragma once

#include "relay/leg.h"

enum { WS_ECHO_MESSAGE_BYTES_MAX = 64 * 1024 * 1024 };

struct ws_echo {
	const char *program;
	struct loop loop;
	struct leg_env env;
	size_t message_bytes_max;
};

void ws_echo_open(struct ws_echo *rig, const char *program, unsigned leg_count, size_t message_bytes_max);
void ws_echo_begin(struct ws_echo *rig, struct leg *leg);
/* What has come goes back. The last event it saw; LEG_NONE if there was none. */
enum leg_event_kind ws_echo_turn(struct ws_echo *rig, struct leg *leg);
void ws_echo_close(struct ws_echo *rig);

/* Prints "program: why" and exits with 1. */
_Noreturn void ws_echo_die(const struct ws_echo *rig, const char *why);
/* The value of --max-message, or exits. */
size_t ws_echo_parse_bytes(const struct ws_echo *rig, const char *text);
