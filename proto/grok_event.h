/*
 * grok_event - what a message of the realtime API says, read or to be written: one plain struct for both roles and
 *              all dialects.
 *
 * Place:    between grok's readers and writers and whoever talks with Grok (the relay) or plays Grok (the simulator).
 * Usage:    grok_event_init(&e, GROK_ITEM_TRUNCATE); e.item_id = id; e.audio_end_ms = 1480; grok_write(&out, &e);
 * Absence:  a slice with data NULL, a number -1, GROK_UNSAID. An empty string on the wire is a slice of length 0
 *           with data. What a kind does not carry is absent.
 * Lifetime: slices are borrowed: see grok.h.
 */
#pragma once

#include "proto/grok_kind.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	GROK_METADATA_COUNT_MAX = 16,
	GROK_OUTPUT_COUNT_MAX = 8,              /* items of response.done that are read; more are passed over */
};

enum grok_flag { GROK_UNSAID, GROK_NO, GROK_YES };

struct grok_format {
	struct slice type;                      /* audio/pcmu, audio/pcm … */
	int64_t rate_hz;                        /* -1: not said, as is right for audio/pcmu */
};

struct grok_turn_detection {
	enum grok_flag on;                      /* GROK_NO: null, or an object whose type is null */
	struct slice type;                      /* server_vad */
	double threshold;                       /* -1: not said, as all below */
	int64_t silence_duration_ms, prefix_padding_ms, idle_timeout_ms;
	enum grok_flag create_response, interrupt_response;
};

/* Where a session was found to say its voice and its turn detection: at the top as with xAI, under audio as with
 * OpenAI. Read only: a writer goes by the dialect. */
enum grok_place {
	GROK_VOICE_TOP = 1 << 0, GROK_VOICE_NESTED = 1 << 1, GROK_TURN_TOP = 1 << 2, GROK_TURN_NESTED = 1 << 3,
};

/* session.update; what session.created and session.updated echo. */
struct grok_session {
	unsigned places;                        /* of enum grok_place */
	struct slice type;                      /* "realtime", which OpenAI wants to be told */
	struct slice id, model, instructions, voice, reasoning_effort;
	struct grok_format input, output;
	struct slice input_transport, output_transport;
	double speed;                           /* -1: not said */
	struct grok_turn_detection turn_detection;
	struct slice transcription_model, language_hint, keyterms_json; /* OpenAI: "language", no key terms */
	struct slice tools_json, tool_choice, replace_json; /* …_json: JSON text, passed through unread */
	enum grok_flag resumption;              /* the conversation may be gone on with later: xAI only */
	struct slice flat_input_format, flat_output_format; /* input_audio_format …: xAI ignores them */
};

struct grok_item {
	struct slice id, type, role, status, call_id, name, arguments, output;
	struct slice content_type, text;        /* of the first content part: its text or transcript */
	enum grok_flag interruptible;           /* force_message */
	enum grok_flag replayed;
};

struct grok_error {
	struct slice type, code, message, param, event_id;
};

struct grok_usage {
	int64_t input_tokens, input_text_tokens, input_audio_tokens;
	int64_t output_tokens, output_text_tokens, output_audio_tokens, total_tokens;
	double output_audio_seconds, billable_audio_seconds; /* billable: running total of the conversation */
};

struct grok_pair {
	struct slice key, value;
};

struct grok_event {
	enum grok_kind kind;
	struct slice type;                      /* as sent; grok_write() takes the kind's own name instead */
	struct slice event_id, previous_item_id;
	struct slice response_id;               /* at the top level, else response.id */
	struct slice item_id;                   /* at the top level, else item.id */
	struct slice call_id, name, arguments;  /* function calls; at the top level, else the item's */
	struct slice delta;                     /* audio: valid base64; otherwise text. Append: its audio. Of
						 * CALLER_TEXT_DELTA: to be joined to what the item had */
	struct slice rid, latency;              /* audio and transcript deltas */
	struct slice transcript;                /* caller's, assistant's, or kept after truncation; output_text too */
	struct slice status;                    /* at the top level, else the response's, else the item's */
	struct slice conversation_id;
	struct slice digit;                     /* dtmf */
	int64_t output_index, content_index;
	int64_t audio_duration_ms, audio_start_ms, audio_end_ms;
	int64_t timestamp_ms;                   /* ping, ts of an audio delta, received_at of dtmf */
	double start_s;                         /* transcript delta: seconds from the start of the item's audio */
	struct slice instructions, tool_choice; /* response.create */
	struct grok_item item;
	struct grok_error error;                /* of a failed response, too: what its status_details say */
	struct grok_usage usage;                /* response.done, from either place */
	struct grok_session session;
	size_t metadata_count, output_count;
	struct grok_pair metadata[GROK_METADATA_COUNT_MAX]; /* only the first metadata_count are set */
	struct grok_item output[GROK_OUTPUT_COUNT_MAX];     /* response.done; only the first output_count are set */
};

/* An event that says nothing but its kind. */
void grok_event_init(struct grok_event *event, enum grok_kind kind);
void grok_session_init(struct grok_session *session);
void grok_item_init(struct grok_item *item);
/* The value under a key of the event's metadata; absent when there is none. */
struct slice grok_metadata(const struct grok_event *event, struct slice key);
