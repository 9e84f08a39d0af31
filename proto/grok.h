/*
 * grok - the messages of xAI's realtime voice API and of its relatives, both roles: text in, event out, and back.
 *
 * Place:    above json, base64 and grok_event; below the relay's bridge and the Grok simulator.
 * Usage:    struct grok_reader r = { 0 };
 *           grok_read(&r, FROM_GROK, text, len, &event)        the relay reads what the server says
 *           grok_read(&r, TO_GROK, text, len, &event)          the simulator reads what the client says
 *           grok_write(&out, dialect, &event)                  either role writes, by the event's kind
 *           Audio without a copy: GROK_APPEND_PREFIX + base64 + GROK_APPEND_SUFFIX.
 * Reading:  audio deltas and appends go through a strict scanner without memory; whatever is unusual is decided by
 *           json-c, and the two agree (fuzz_grok_agree). Members come in any order; unknown members and types are
 *           passed over; a member of the wrong type counts as absent. base64 is checked.
 *           There is one reader for all dialects: it knows the names and the places of each.
 * Lifetime: slices point into `text` or into the reader: until the next read, or until `text` changes.
 * Fails:    GROK_BAD, why is a static sentence; the reader can go on with the next message.
 * Limits:   GROK_MESSAGE_BYTES_MAX is the caller's to keep; JSON_DEPTH_MAX, GROK_METADATA_COUNT_MAX.
 * Source:   docs.x.ai, Voice: realtime events; recordings of 2026. platform.openai.com, Realtime (GA).
 */
#pragma once

#include "base/buf.h"
#include "proto/grok_dialect.h"
#include "proto/grok_event.h"
#include "proto/json.h"

enum { GROK_SAY_BYTES_MAX = 4096 };     /* exact words that are asked for in instructions */

enum grok_result { GROK_EVENT, GROK_BAD };

struct grok_reader {
	struct json_reader json;
	const char *why;                        /* static; why the last read was GROK_BAD */
	bool slow;                              /* never scan: every message goes to json-c (tests) */
	uint64_t scanned_count, parsed_count;   /* messages by the way they went */
};

enum grok_result grok_read(struct grok_reader *reader, enum grok_direction from, const char *text, size_t len,
	struct grok_event *out);
void grok_reader_fini(struct grok_reader *reader);

/* Appends the whole message in the dialect's shape and order of members; false and nothing appended when `out` is
 * full. Client kinds write what is said and leave out the rest; server kinds write what the service always writes, too
 * (xAI: "status_details":"unimplemented", "previous_item_id":null, output_index 0 …). GROK_UNKNOWN is a check(). */
bool grok_write(struct buf *out, const struct grok_dialect *dialect, const struct grok_event *event);

#define GROK_APPEND_PREFIX "{\"type\":\"input_audio_buffer.append\",\"audio\":\""
#define GROK_APPEND_SUFFIX "\"}"

/* The client's messages that need no event. Those without a dialect are the same in all. */
bool grok_write_session_update(struct buf *out, const struct grok_dialect *dialect,
	const struct grok_session *session);
/* Exact words to be spoken now; no response.create may follow. With a dialect that has no force_message this is a
 * response.create whose instructions ask for the words, and interruptible is not heeded. `source` then becomes its
 * metadata {"src":…}; a force_message tells nothing of whose it is. */
bool grok_write_say(struct buf *out, const struct grok_dialect *dialect, struct slice text, bool interruptible,
	struct slice source);
bool grok_write_force_message(struct buf *out, struct slice text, bool interruptible);
/* The result of a function call: only after the response.done of the response that called. */
bool grok_write_function_output(struct buf *out, struct slice call_id, struct slice output);
/* `source` becomes metadata {"src":…}, by which response.created tells whose it is; empty: none. Instructions, if
 * any, replace the session's for this response. */
bool grok_write_response_create(struct buf *out, struct slice instructions, struct slice source);
bool grok_write_truncate(struct buf *out, struct slice item_id, int64_t audio_end_ms);
bool grok_write_cancel(struct buf *out, struct slice response_id);

/* Items that bring a conversation, or a part of it, to a service that has not heard it. */
/* A message item: role user or system takes "input_text", assistant "output_text". */
bool grok_write_text_item(struct buf *out, struct slice role, struct slice text);
/* A function call that was made; its output follows by grok_write_function_output(). */
bool grok_write_function_call(struct buf *out, struct slice call_id, struct slice name, struct slice arguments);

/* Appends path and query of the service's URL: `target` as configured ("" is "/"), with model unless it names one or
 * an agent, and with the conversation to be gone on with; empty slices are left out. */
bool grok_write_target(struct buf *out, struct slice target, struct slice model, struct slice conversation_id);

/* What the relay asks for: instructions, voice (one the dialect knows), mu-law both ways without a rate, server_vad
 * with every knob said, transcription, resumption where there is any. The caller may add tools, speed, reasoning. */
void grok_session_phone(struct grok_session *session, const struct grok_dialect *dialect, struct slice instructions,
	struct slice voice, struct slice language_hint);
/* Whether an echoed session has mu-law both ways and server_vad. *out_why: a static sentence if not. */
bool grok_session_fits_phone(const struct grok_session *session, const char **out_why);
