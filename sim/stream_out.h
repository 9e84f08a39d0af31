/*
 * stream_out - what Twilio says on a stream, numbered as Twilio numbers it, in either dialect.
 *
 * Place:    sim; above proto/twilio and wsconn; below phone_stream.
 * Usage:    stream_out_open(); stream_out_begin() says connected and start; then frames, marks, digits;
 *           stream_out_stop() at the end.
 * Limits:   a message has at most STREAM_OUT_BYTES_MAX.
 */
#pragma once

#include "base/buf.h"
#include "proto/twilio.h"

#include <stddef.h>
#include <stdint.h>

struct phone_call;
struct recording_writer;
struct stream_plan;
struct wsconn;

enum { STREAM_OUT_BYTES_MAX = 64 * 1024 };

struct stream_out {
	struct wsconn *conn;
	const struct phone_call *call;
	struct recording_writer *record;
	uint64_t start_ms;
	int64_t sequence;               /* of the next message */
	int64_t chunk;
	uint64_t frame_count;
	bool is_mute;                   /* --fault no-start */
	struct buf outbound;            /* seed dialect: heard audio on its way into the outbound track */
	uint8_t outbound_bytes[16 * 1024];
	uint8_t message_bytes[STREAM_OUT_BYTES_MAX];
};

void stream_out_open(struct stream_out *o, struct wsconn *conn, struct phone_call *call);
void stream_out_begin(struct stream_out *o, const struct stream_plan *plan);
/* A message word by word: what is recorded is said again. */
void stream_out_text(struct stream_out *o, struct slice text);
/* The inbound frame, and in the seed dialect the outbound one beside it. */
void stream_out_frame(struct stream_out *o, const uint8_t frame[ULAW_FRAME_BYTES], uint64_t timestamp_ms);
/* What the caller heard: the outbound track. */
void stream_out_heard(struct stream_out *o, const uint8_t *audio, size_t len);
void stream_out_mark(struct stream_out *o, const char *name);
void stream_out_digit(struct stream_out *o, char digit);
void stream_out_stop(struct stream_out *o);
