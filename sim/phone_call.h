/*
 * phone_call - one call from ringing to the end: webhook, TwiML verb by verb, stream, action, status callback.
 *
 * Place:    sim; above webhook, twiml_read, phone_stream. Owns everything that belongs to the call.
 * Usage:    if (!phone_call_open(&call, &options, why, sizeof why)) die(why);
 *           phone_call_run(&call);  phone_report(&call);  phone_call_close(&call);
 * Lifetime: borrows the options. A zeroed struct may be closed.
 * Fails:    in the verdict, by Twilio's codes; phone_call_succeeded() sums it up.
 * Limits:   CALL_DOCUMENT_COUNT_MAX documents a call, so that a redirect to itself ends.
 */
#pragma once

#include "base/pool.h"
#include "base/random.h"
#include "sim/errands.h"
#include "sim/identity.h"
#include "sim/phone_options.h"
#include "sim/recording.h"
#include "sim/story.h"
#include "sim/timeline.h"
#include "sim/track.h"
#include "sim/twiml_read.h"
#include "sim/verdict.h"

#include <stdbool.h>
#include <stdint.h>

enum { CALL_DOCUMENT_COUNT_MAX = 20 };

/* CALL_END(name, word, good). How the call ended. */
#define CALL_ENDS(CALL_END) \
	CALL_END(NONE, "none", false) \
	CALL_END(SCRIPT, "caller-hung-up", true) \
	CALL_END(TIME, "time-over", true) \
	CALL_END(INTERRUPTED, "interrupted", true) \
	CALL_END(HANGUP, "twiml-hangup", true) \
	CALL_END(TWIML, "twiml-ended", true) \
	CALL_END(REPLAYED, "recording-over", true) \
	CALL_END(STREAM_CLOSED, "stream-closed", true) \
	CALL_END(REJECTED, "rejected", true) \
	CALL_END(FAILED, "failed", false)

enum call_end {
#define CALL_END_ENUM(name, ...) CALL_END_##name,
	CALL_ENDS(CALL_END_ENUM)
#undef CALL_END_ENUM
};

const char *call_end_word(enum call_end end);

struct line_audio {
	uint8_t *ulaw;                  /* owned */
	size_t bytes;
};

/* What is reported at the end. Times are milliseconds since the call began; -1: did not happen. */
struct call_facts {
	int64_t webhook_ms, upgrade_ms, start_ms, first_audio_ms, first_voice_ms, stream_end_ms, end_ms;
	uint64_t messages, audio_messages, audio_bytes, ragged_messages;
	uint64_t marks, marks_returned, clears, cleared_bytes;
	uint64_t heard_bytes, played_bytes, voiced_ms, underruns, underrun_ms;
	uint64_t frames_sent, frames_late, late_ms_most;
	uint32_t utterances, unanswered, lines_spoken, documents, streams, recordings, callbacks, callbacks_failed;
	int close_code;                 /* the stream server's; 0: the caller ended it */
};

struct phone_call {
	const struct phone_options *options;
	struct identity identity;
	struct verdict verdict;
	struct timeline timeline;
	struct random random;
	struct pool pool;
	struct net_tls *tls;
	struct webhook_env webhook_env;
	struct webhook webhook;         /* the one that the call waits for */
	struct errands errands;
	struct track track;
	struct recording recording;     /* --replay; no frames: a script */
	struct recording_writer record; /* --record */
	struct script script;           /* lives through all streams of the call */
	struct line_audio lines[SCRIPT_LINE_COUNT_MAX];
	struct twiml_document document;
	char document_url[WEBHOOK_URL_BYTES_MAX];
	struct call_facts facts;
	struct story story;
	bool has_rung;                  /* the story says how long */
	int trouble_code;               /* why the last document was none, by Twilio's number */
	uint32_t entries_used;          /* of --digits */
	uint64_t start_ms;
	uint64_t skipped_ms;            /* time that --quick did not wait for */
	uint64_t answered_ms;           /* 0: not answered yet */
	enum call_end end;
	int track_error, record_error;  /* 0 or -errno */
};

bool phone_call_open(struct phone_call *call, const struct phone_options *options, char *why, size_t why_bytes);
void phone_call_run(struct phone_call *call);
bool phone_call_succeeded(const struct phone_call *call);
void phone_call_close(struct phone_call *call);

/* For the parts of a call. */
uint64_t call_now_ms(const struct phone_call *call);
/* The same for the caller, who does not skip what --quick skips. */
uint64_t call_story_ms(const struct phone_call *call);
/* The caller hears something else than his own call ringing. */
void call_stop_ringing(struct phone_call *call);
/* Somebody has answered: Twilio, at the first verb that needs the caller's ear, or whom it has dialled. */
void call_answer(struct phone_call *call);
void call_violation(struct phone_call *call, enum verdict_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Adds the standard parameters and those of --field. */
void call_form(struct phone_call *call, struct form *form, const char *call_status);
/* Whether somebody pressed Ctrl-C. */
bool call_is_interrupted(void);
