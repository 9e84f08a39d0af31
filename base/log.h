/*
 * log - one line an event, on stderr, in logfmt: level, noun, facts.
 *
 * Place:    base. Used by programs; pure code returns results instead.
 * Usage:    log_info("call ended call=%s reason=%s heard_ms=%llu", sid, reason, ms);
 *           The first word is the noun (call, leg, relay, webhook, db ...).
 * Rules:    no payload, no speech, no secret; phone numbers only through log_phone(). Text of a peer only
 *           through log_text(), which makes it one harmless word. Whatever concerns a call has call=SID, bare.
 * Limits:   a line is cut at LOG_LINE_BYTES_MAX. A cause that repeats is limited by its caller with
 *           struct log_limit.
 * Threads:  safe; a line is one write(2).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_LINE_BYTES_MAX = 1024, LOG_WORD_BYTES_MAX = 96 };

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Names the program in front of each line and sets what is written; systemd's <N> priority prefix is
 * added when stderr is the journal (JOURNAL_STREAM). */
void log_open(const char *program, enum log_level least);
/* "debug", "info", "warn", "error"; false if it is none of them. */
bool log_level_parse(const char *word, enum log_level *out_level);

void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct log_word {
	char text[LOG_WORD_BYTES_MAX];
};

/* A phone number with all but its last two digits masked: "+1415555**23" never appears, "+*********23" does. */
struct log_word log_phone(const char *number);
/* Bytes of a peer, quoted, control characters and quotes escaped, cut short: fit for a log line. */
struct log_word log_text(const void *data, size_t len);

/* A name that a peer gave, such as a CallSid: as it is where that is one harmless word, so that it can be looked for in
 * all programs' lines alike; "-" where there is none; else as log_text(). */
struct log_word log_name(const void *data, size_t len);

/* At most `burst` lines a second for one cause; says how many were left out. A zeroed struct is ready. */
struct log_limit {
	uint64_t second;
	uint32_t written_count;
	uint32_t left_out_count;
};
/* Whether to write now. *out_left_out: lines left out since the last that was written. */
bool log_limit_pass(struct log_limit *limit, uint64_t now_ms, uint32_t burst, uint32_t *out_left_out);
