/*
 * stream_in - what a relay says on a stream: judged as strictly as Twilio does, then played, marked or cleared.
 *
 * Place:    sim; above proto/twilio and playback; below phone_stream.
 * Usage:    stream_in_begin(&in, call, &playback); stream_in_text(&in, message); stream_in_binary(&in, len);
 *           stream_in_fini(&in);
 * Fails:    in call->verdict: 31950, 31951.
 */
#pragma once

#include "sim/phone_call.h"
#include "sim/playback.h"

enum { STREAM_IN_BYTES_MAX = 1024 * 1024 };

struct stream_in {
	struct phone_call *call;
	struct playback *playback;
	struct twilio_reader reader;
	uint8_t audio[STREAM_IN_BYTES_MAX];
};

void stream_in_begin(struct stream_in *in, struct phone_call *call, struct playback *playback);
void stream_in_text(struct stream_in *in, struct slice text);
void stream_in_binary(struct stream_in *in, size_t len);
void stream_in_fini(struct stream_in *in);
