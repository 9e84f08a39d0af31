/*
 * phone_out - what the bridge says to Twilio: whole WebSocket frames, appended to the leg's
 * outgoing buf.
 *
 * Place:    relay, pure. Above proto's twilio, base64 and ws_write; below voice and bridge.
 * Usage:    phone_out_init(&p, leg_out(&leg)); phone_out_start(&p, stream_sid);
 *           phone_out_base64(&p, payload) copies; phone_out_audio(&p, bytes, n) encodes while it writes.
 * Lifetime: borrows the buf. Nothing may be sent before Twilio's start message named the stream.
 * Fails:    false and nothing written: the buf is full.
 */
#pragma once

#include "base/buf.h"
#include "proto/twilio.h"
#include "relay/recorder.h"
#include "relay/witness.h"

struct phone_out {
	struct buf *out;
	struct witness *witness;        /* borrowed; is told what was written */
	struct recorder *recorder;      /* the same; NULL: none */
	char stream_sid[SID_BYTES_MAX + 1];     /* "": not started */
	size_t prefix_len;
	char prefix[TWILIO_MEDIA_PREFIX_BYTES_MAX];
};

void phone_out_init(struct phone_out *p, struct buf *out, struct witness *witness);
/* false: that is no usable stream id. */
bool phone_out_start(struct phone_out *p, struct slice stream_sid);
bool phone_out_base64(struct phone_out *p, struct slice base64);
bool phone_out_audio(struct phone_out *p, const uint8_t *audio, size_t len);
bool phone_out_mark(struct phone_out *p, const char *name);
bool phone_out_clear(struct phone_out *p);
