/*
 * timeline - the conversation as it happens: one line an event, with seconds since the call began.
 *
 * Place:    sim; writes to a FILE.
 * Usage:    timeline_open(&t, stdout, now_ms); timeline_tell(&t, now_ms, "caller", "\"%s\"", text);
 * Limits:   lines are written at once, so that a person can follow.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

struct timeline {
	FILE *out;                      /* NULL: nothing is written */
	uint64_t start_ms;
};

void timeline_open(struct timeline *t, FILE *out, uint64_t now_ms);
void timeline_tell(const struct timeline *t, uint64_t now_ms, const char *who, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
