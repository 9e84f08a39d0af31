/*
 * stream_callback - tells a stream's statusCallback what became of the stream.
 *
 * Place:    sim; above errands. Nobody waits for the answer.
 * Usage:    stream_callback_send(call, &plan, "stream-started", NULL);
 * Source:   Twilio, <Stream statusCallback>: stream-started, stream-stopped, stream-error.
 */
#pragma once

#include "sim/phone_stream.h"

/* Nothing happens if the plan has no callback. */
void stream_callback_send(struct phone_call *call, const struct stream_plan *plan,
	const char *event, const char *error);
