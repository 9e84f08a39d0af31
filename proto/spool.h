/*
 * spool - the event log of a recorded call: lines that say what each stretch of audio in the files beside it is.
 *
 * Place:    proto, above base only. The relay writes it; the worker and receptionai-replay read it.
 * Files:    CALLSID/PART/{events.log,caller.ulaw,voice.ulaw,played.ulaw}; receptionai-spool(5) describes them all.
 * Usage:    spool_event_init(&e, SPOOL_IN, ms); e.at = …; len = spool_write(&e, line);
 *           struct spool_reader r; spool_reader_init(&r);
 *           while ((result = spool_read(&r, &bytes, &e)) == SPOOL_EVENT) use(&e);  lines leave the head
 * Rules:    a line is `MS WORD name=value …`. Words and fields that the reader does not know are passed over; a field
 *           that is not said is -1 or "". In a text all but printable ASCII, and blank, '%' and '=', stand as %XX.
 * Fails:    SPOOL_FAIL, sticky, r.why says why: no spool log, a newer version, or a broken line. What was read before
 *           it counts. SPOOL_MORE: no complete line is left; at the end of a file that is the end of the log.
 * Limits:   SPOOL_LINE_BYTES_MAX a line with its newline, SCAN_DIGITS_MAX digits a number.
 * Laws:     any cutting of the bytes gives the same events; what is written is read back.
 */
#pragma once

#include "base/limits.h"
#include "base/slice.h"

#include <stdint.h>

#define SPOOL_LOG_FILE "events.log"
#define SPOOL_CALLER_FILE "caller.ulaw"
#define SPOOL_VOICE_FILE "voice.ulaw"
#define SPOOL_PLAYED_FILE "played.ulaw"

enum { SPOOL_VERSION = 1, SPOOL_LINE_BYTES_MAX = 1024, SPOOL_TEXT_BYTES_MAX = 64 };

/* X(WORD, word, fields that it must have, fields that it may have) */
#define SPOOL_WORDS(X) \
	X(SPOOL_BEGIN, "spool", F(VERSION) | F(CALL) | F(PART) | F(WALL_MS), \
		F(STREAM) | F(MERCHANT) | F(CALLER) | F(CALLED)) \
	X(SPOOL_IN, "in", F(AT) | F(BYTES), F(TS) | F(CHUNK))    /* a message of the caller's audio */ \
	X(SPOOL_FAR, "far", F(AT) | F(BYTES), F(TS) | F(CHUNK))  /* a message of the outbound track, as played */ \
	X(SPOOL_OUT, "out", F(GEN) | F(AT) | F(BYTES), 0)        /* audio was sent to the caller */ \
	X(SPOOL_MARK, "mark", F(GEN) | F(NAME) | F(AT), 0)       /* a mark was sent behind `at` bytes of it */ \
	X(SPOOL_BACK, "back", F(NAME), F(TS))                    /* it came back, after inbound audio up to `ts` */ \
	X(SPOOL_CLEAR, "clear", F(GEN), 0)                       /* what waited of that generation was thrown away */ \
	X(SPOOL_SECRET, "secret", F(ON), 0)                      /* 1: the caller's audio is silenced from here on */ \
	X(SPOOL_RECORDING, "recording", F(ON), F(WHY))           /* 0: nothing real follows, until 1 */ \
	X(SPOOL_END, "end", F(REASON), 0)                        /* the stream ended; the last line */

/* X(FIELD, name, member) of numbers and of texts */
#define SPOOL_NUMBERS(X) \
	X(VERSION, "version", version) \
	X(PART, "part", part) \
	X(MERCHANT, "merchant", merchant) \
	X(WALL_MS, "wall_ms", wall_ms) \
	X(TS, "ts", ts) \
	X(CHUNK, "chunk", chunk) \
	X(GEN, "gen", gen) \
	X(AT, "at", at) \
	X(BYTES, "bytes", bytes) \
	X(ON, "on", on)
#define SPOOL_TEXTS(X) \
	X(CALL, "call", call) \
	X(STREAM, "stream", stream) \
	X(CALLER, "caller", caller) \
	X(CALLED, "called", called) \
	X(NAME, "name", text) \
	X(WHY, "why", text) \
	X(REASON, "reason", text)

enum spool_word {
#define X(word, ...) word,
	SPOOL_WORDS(X)
#undef X
	SPOOL_WORD_COUNT
};

/* Why a recording holds less than the whole call: X(WHY, word, sentence). */
#define SPOOL_WHYS(X) \
	X(SPOOL_DISK_FULL, "disk-full", "The disk was full.") \
	X(SPOOL_DISK_SLOW, "disk-slow", "The disk took the audio too slowly.") \
	X(SPOOL_DISK_ERROR, "disk-error", "The disk failed, or the folder could not be written.") \
	X(SPOOL_WITHDRAWN, "withdrawn", "The caller did not want to be recorded: nothing may be kept.") \
	X(SPOOL_NO_CONSENT, "no-consent", "The caller has not heard yet that the call is recorded.")

enum spool_why {
	SPOOL_WHOLE,                    /* nothing is missing; its word is "" */
#define X(why, ...) why,
	SPOOL_WHYS(X)
#undef X
	SPOOL_WHY_COUNT
};

struct spool_event {
	enum spool_word word;
	int64_t ms;                     /* since the log began, on the writer's monotonic clock */
	int64_t version, part, merchant, wall_ms;
	int64_t ts;                     /* Twilio's clock, ms */
	int64_t chunk;                  /* Twilio's count of messages */
	int64_t gen;                    /* counts from 1; one more after each clear */
	int64_t at, bytes;              /* where in the file that the word speaks of */
	int64_t on;                     /* 0, 1 */
	char call[SPOOL_TEXT_BYTES_MAX + 1], stream[SPOOL_TEXT_BYTES_MAX + 1];
	char caller[SPOOL_TEXT_BYTES_MAX + 1], called[SPOOL_TEXT_BYTES_MAX + 1];
	char text[SPOOL_TEXT_BYTES_MAX + 1];    /* the mark's name, why, or the end reason */
};

static_assert((int)SPOOL_TEXT_BYTES_MAX >= (int)SID_BYTES_MAX && (int)SPOOL_TEXT_BYTES_MAX >= (int)PHONE_BYTES_MAX &&
	(int)SPOOL_TEXT_BYTES_MAX >= (int)MARK_NAME_BYTES_MAX, "a line tells every text whole");

enum spool_result { SPOOL_MORE, SPOOL_EVENT, SPOOL_FAIL };

struct spool_reader {
	const char *why;                /* NULL: nothing failed */
	uint64_t line_count;            /* complete lines that were taken */
};

/* An event of which nothing is said yet: numbers -1, texts "". */
void spool_event_init(struct spool_event *e, enum spool_word word, int64_t ms);
/* One line with its newline; its length. A field that must be said and is not is a check(): the writer's fault. */
size_t spool_write(const struct spool_event *e, char out[SPOOL_LINE_BYTES_MAX]);

void spool_reader_init(struct spool_reader *r);
enum spool_result spool_read(struct spool_reader *r, struct slice *bytes, struct spool_event *out_event);

/* "disk-full"; the sentence for people. SPOOL_WHOLE: "". */
const char *spool_why_word(enum spool_why why);
const char *spool_why_sentence(enum spool_why why);
/* SPOOL_WHOLE if it is no word of the table. */
enum spool_why spool_why_parse(struct slice word);
