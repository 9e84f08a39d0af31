/*
 * twilio_scan - the quick way for Twilio's media and returning marks, and the readings of values that both ways share.
 *
 * Place:    below twilio_read; nobody else's.
 * Usage:    if (twilio_scan(from, text, len, &event)) { all but the remembered stream is there }
 * Fails:    false is "not mine": json-c decides. `event` then holds rubbish.
 */
#pragma once

#include "proto/twilio.h"

bool twilio_scan(enum twilio_direction from, const char *text, size_t len, struct twilio_event *event);

/* Up to 15 decimal digits; otherwise -1. */
int64_t twilio_number(struct slice text);
/* Digits (milliseconds of the stream), or an ISO 8601 time in UTC or with an offset; otherwise -1. */
int64_t twilio_time(struct slice text, bool *out_is_wall);
enum twilio_track twilio_track_of(struct slice text);
/* 2026-11-02T09:30:00.125Z, and a NUL. */
enum { TWILIO_TIME_BYTES = 25 };
void twilio_time_write(char out[TWILIO_TIME_BYTES], int64_t wall_ms);
