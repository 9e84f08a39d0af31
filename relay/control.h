/*
 * control - the operator's way in: a UNIX socket on which receptionai-ctl asks for calls and acts on them, on a
 * thread of its own.
 *
 * Place:    relay, above visit and tap; opened by main.
 * Usage:    control_open(&c, "/run/receptionai/control.sock", envs, env_count, why, sizeof why); ... control_close(&c);
 * Protocol: one line in: a command, a CallSid where one is meant, and its text: "list", "watch CA…", "listen CA…",
 *           "say CA… Words.", "hangup CA…", "transfer CA… +1…", "drain", "reload". One line out, "ok" or
 *           "error " and a sentence; behind "ok" the lines of the list, or testimony's records until the call ends.
 * Access:   who may write to the socket's path (mode 0660) may do all of it; there is no other proof.
 * Cost:     a ring thread is visited once a command; a watched call costs it a copy of what is told, no system call.
 *           This thread looks at its taps every CONTROL_LOOK_MS.
 * Lifetime: to be closed before the lanes are joined.
 * Fails:    control_open(): false with a sentence. A client that is malformed, slow or gone is dropped.
 * Limits:   CONTROL_CLIENTS_MAX at a time; a line of CONTROL_LINE_BYTES_MAX; CONTROL_DEADLINE_MS for the line, and
 *           again for taking what was answered.
 */
#pragma once

#include "relay/call.h"

#include <pthread.h>

enum {
	CONTROL_CLIENTS_MAX = 64,
	CONTROL_LINE_BYTES_MAX = 2048,
	CONTROL_DEADLINE_MS = 5000,
	CONTROL_LOOK_MS = 50,
};

struct control {
	struct call_env *const *envs;   /* of the ring threads */
	uint32_t env_count;
	uint32_t call_count_max;
	const char *path;
	int listen_fd, stop_fd, done_fd;
	pthread_t thread;
	bool running;
};

bool control_open(struct control *control, const char *path, struct call_env *const *envs, uint32_t env_count,
	uint32_t call_count_max, char *why, size_t why_bytes);
/* Idempotent; a zeroed struct may be closed. */
void control_close(struct control *control);
