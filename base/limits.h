/*
 * limits - every bound that more than one module relies on, in one place, with the relations between them.
 *
 * Place:  below everything. Values that an operator may choose are in base/settings.h instead.
 */
#pragma once

#include <assert.h>

enum {
	/* G.711 at 8000 Hz: one byte is one sample (ITU-T G.711). */
	ULAW_BYTES_PER_MS = 8,
	ULAW_FRAME_BYTES = 160,          /* 20 ms, what Twilio sends */
	ULAW_SILENCE = 0xFF,

	/* HTTP upgrade: request or response head, both roles. */
	HTTP_HEAD_BYTES_MAX = 8192,
	HTTP_HEADER_COUNT_MAX = 48,
	HTTP_TARGET_BYTES_MAX = 2048,

	/* WebSocket: a control frame's payload (RFC 6455 section 5.5), the longest header. */
	WS_CONTROL_BYTES_MAX = 125,
	WS_HEADER_BYTES_MAX = 14,
	WS_FRAGMENT_COUNT_MAX = 128 * 1024,

	/* Messages, complete: what a peer may make us hold. */
	TWILIO_MESSAGE_BYTES_MAX = 64 * 1024,
	GROK_MESSAGE_BYTES_MAX = 4 * 1024 * 1024,
	JSON_DEPTH_MAX = 32,

	/* Outgoing bytes of one leg: above high water the other leg is no longer read; at max the call ends. */
	LEG_OUT_HIGH_WATER_BYTES = 512 * 1024,
	LEG_OUT_BYTES_MAX = 4 * 1024 * 1024,

	/* Caller audio held or queued towards Grok: about one second, oldest dropped first. */
	CALLER_AUDIO_BYTES_MAX = 1000 * ULAW_BYTES_PER_MS,

	/* Webhook. */
	FORM_BODY_BYTES_MAX = 64 * 1024,
	FORM_FIELD_COUNT_MAX = 256,
	TWIML_BYTES_MAX = 60 * 1024,

	/* Identifiers and texts as kept in memory (bytes, without the final NUL). */
	SID_BYTES_MAX = 64,
	PHONE_BYTES_MAX = 64,
	TOKEN_BYTES_MAX = 256,
	OPENING_BYTES_MAX = 400,
	MARK_NAME_BYTES_MAX = 64,
	GROK_ID_BYTES_MAX = 64,
	TRANSCRIPT_BYTES_MAX = 16 * 1024,
};

static_assert(ULAW_FRAME_BYTES == 20 * ULAW_BYTES_PER_MS, "a frame is 20 ms");
static_assert(LEG_OUT_HIGH_WATER_BYTES < LEG_OUT_BYTES_MAX, "reading stops before the buffer is full");
static_assert(HTTP_TARGET_BYTES_MAX < HTTP_HEAD_BYTES_MAX, "a target is a part of the head");
