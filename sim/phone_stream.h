/*
 * phone_stream - a bidirectional media stream, as Twilio drives it: paced by the clock, strict with the server.
 *
 * Place:    sim; above wsconn, playback, ear, script; below phone_call's verbs.
 * Usage:    end = phone_stream_run(call, &plan);     blocks until the stream is over
 * Fails:    in call->verdict.
 * Source:   Twilio, Media Streams: handshake, messages, playback of audio and marks, closing.
 */
#pragma once

#include "sim/phone_call.h"

struct stream_plan {
	const char *url;
	const char *name;               /* NULL: the stream's id */
	const char *status_callback;    /* NULL: none */
	bool callback_is_get;
	const struct phone_pair *parameters;
	size_t parameter_count;
};

enum stream_end {
	STREAM_CALLER_LEFT,             /* call->end says why */
	STREAM_SERVER_CLOSED,
	STREAM_FAILED,
};

enum stream_end phone_stream_run(struct phone_call *call, const struct stream_plan *plan);
