/*
 * notice - what the webhook tells the relay about a call before Twilio does, and what the relay answers.
 *
 * Place:    proto. The webhook writes notices and reads answers, the relay the other way round; one message each,
 *           on a local socket that keeps messages apart.
 * Usage:    len = notice_write(&notice, text);       if (!notice_read(text, &notice)) nobody's
 *           len = notice_write_answer(state, text);  if (!notice_read_answer(text, &state)) nobody's
 *           len = notice_write_whereabouts(is_here, text); the answer to "find", read by notice_read_whereabouts()
 *           len = notice_write_end(reason, text); the answer to "end", read by notice_read_end()
 * Form:     lines: "receptionai 1 expect", "call=CA…", "merchant=7", "caller=+49…", "called=+1…"; for "forget",
 *           "find" and "end" the first two; for "ask" the first alone. An answer is one line, "receptionai 1 up", to
 *           "find" "receptionai 1 here" or "receptionai 1 gone", to "end" "receptionai 1 ended caller-hung-up" with
 *           any word of base/end_reason.h, or "receptionai 1 untold". One spelling only: what is read is written back
 *           as the same bytes.
 * Fails:    false, and nothing is set: another version, another order, a byte too many.
 * Limits:   NOTICE_BYTES_MAX; numbers are printable ASCII, call ids letters, digits, '-' and '_'.
 */
#pragma once

#include "base/end_reason.h"
#include "base/limits.h"
#include "base/slice.h"

#include <stdint.h>

enum { NOTICE_BYTES_MAX = 512, NOTICE_ANSWER_BYTES_MAX = 64 };

/* X(enum, word) */
#define NOTICE_KINDS(X) \
	X(NOTICE_ASK, "ask")            /* how are you? */ \
	X(NOTICE_EXPECT, "expect")      /* this call will come: prepare for it, and how are you? */ \
	X(NOTICE_FORGET, "forget")      /* this call will not come any more */ \
	X(NOTICE_FIND, "find")          /* is this call one of yours? */ \
	X(NOTICE_END, "end")            /* how did this call end? */

enum notice_kind {
#define X(kind, word) kind,
	NOTICE_KINDS(X)
#undef X
	NOTICE_KIND_COUNT
};

#define NOTICE_STATES(X) \
	X(NOTICE_UP, "up")              /* calls are welcome */ \
	X(NOTICE_FULL, "full")          /* all calls are in use */ \
	X(NOTICE_DRAINING, "draining")  /* ending: no new calls */ \
	X(NOTICE_UNABLE, "unable")      /* nobody could speak to the caller: no provider answers */

enum notice_state {
#define X(state, word) state,
	NOTICE_STATES(X)
#undef X
	NOTICE_STATE_COUNT
};

struct notice {
	enum notice_kind kind;
	int64_t merchant_id;                    /* NOTICE_EXPECT */
	char call_sid[SID_BYTES_MAX + 1];       /* not NOTICE_ASK */
	char caller_number[PHONE_BYTES_MAX + 1];
	char called_number[PHONE_BYTES_MAX + 1];
};

/* The length. What does not fit the form is a check(): the writer's fault. */
size_t notice_write(const struct notice *notice, char out[NOTICE_BYTES_MAX]);
bool notice_read(struct slice text, struct notice *out_notice);
size_t notice_write_answer(enum notice_state state, char out[NOTICE_ANSWER_BYTES_MAX]);
bool notice_read_answer(struct slice text, enum notice_state *out_state);
/* To "find" alone: whether the relay has the call, until its end is in the database. */
size_t notice_write_whereabouts(bool is_here, char out[NOTICE_ANSWER_BYTES_MAX]);
bool notice_read_whereabouts(struct slice text, bool *out_is_here);
/* To "end" alone. END_NONE: it has not ended, or that was long ago, or elsewhere. */
size_t notice_write_end(enum end_reason reason, char out[NOTICE_ANSWER_BYTES_MAX]);
bool notice_read_end(struct slice text, enum end_reason *out_reason);
/* A number or name as somebody gave it, made fit: printable ASCII, bounded. */
struct slice notice_tidy(struct slice given, char out[PHONE_BYTES_MAX + 1]);
/* What may be the name of a call. */
bool notice_is_call_sid(struct slice text);
const char *notice_state_word(enum notice_state state);
