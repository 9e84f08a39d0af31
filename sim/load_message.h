/*
 * load_message - Twilio's messages for the load generator: the bytes of proto/twilio without a JSON writer.
 *
 * Place:    sim, pure; above proto/{twilio,base64}. A test holds each against twilio_write_from().
 * Usage:    len = load_message_media(text, sid, sequence, chunk, ms, frame);
 * Limits:   stream ids and mark names without characters that JSON escapes (ids are ours; marks with such go the long
 *           way).
 */
#pragma once

#include "sim/identity.h"
#include "sim/phone_options.h"

#include <stddef.h>
#include <stdint.h>

#define LOAD_MESSAGE_CONNECTED "{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}"

enum {
	LOAD_MESSAGE_MEDIA_BYTES_MAX = 512,
	LOAD_MESSAGE_MARK_BYTES_MAX = 1024,
	LOAD_MESSAGE_STOP_BYTES_MAX = 512,
};

size_t load_message_start(char *out, size_t out_bytes, const struct identity *id, const struct phone_pair *parameters,
	size_t parameter_count);
size_t load_message_media(char out[LOAD_MESSAGE_MEDIA_BYTES_MAX], const char *stream_sid,
	int64_t sequence, uint32_t chunk, uint64_t timestamp_ms,
	const uint8_t frame[ULAW_FRAME_BYTES]);
size_t load_message_mark(char out[LOAD_MESSAGE_MARK_BYTES_MAX], const char *stream_sid, int64_t sequence,
	const char *name);
size_t load_message_stop(char out[LOAD_MESSAGE_STOP_BYTES_MAX], const struct identity *id, int64_t sequence);
