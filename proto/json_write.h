/*
 * json_write - writing JSON into a buf: commas and escapes are its business, shape and order the caller's.
 *
 * Place:    beside json. What twilio and grok messages are written with, audio's prefixes excepted.
 * Usage:    json_begin(&w, &out);
 *           json_open(&w, NULL, '{');
 *           json_put(&w, "event", SLICE("mark"));
 *           json_open(&w, "mark", '{'); json_put(&w, "name", name); json_close(&w, '}');
 *           json_close(&w, '}');
 *           return json_end(&w);
 *           The key is NULL inside an array and for the outermost value.
 * Fails:    a full buf is remembered: json_end() then returns false and has taken everything back.
 * Limits:   none of its own: `out` has its bound.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer {
	struct buf *out;
	size_t start_len;                       /* of `out`, to go back to */
	bool full;
	bool comma;                             /* the next value follows another */
};

void json_begin(struct json_writer *w, struct buf *out);
bool json_end(struct json_writer *w);
void json_open(struct json_writer *w, const char *key, char bracket);
void json_close(struct json_writer *w, char bracket);
void json_put(struct json_writer *w, const char *key, struct slice text);
/* Leaves the member out when data is NULL. */
void json_put_optional(struct json_writer *w, const char *key, struct slice text);
void json_put_int(struct json_writer *w, const char *key, int64_t number);
/* Leaves the member out when the number is negative. */
void json_put_int_optional(struct json_writer *w, const char *key, int64_t number);
/* An integer as a decimal string, as Twilio writes its numbers. */
void json_put_int_text(struct json_writer *w, const char *key, int64_t number);
/* A number below 10^12, rounded to millionths; whole ones are written without a point. */
void json_put_double(struct json_writer *w, const char *key, double number);
void json_put_bool(struct json_writer *w, const char *key, bool value);
/* Text that is a JSON value already. */
void json_put_raw(struct json_writer *w, const char *key, struct slice json);
/* Members of an object as JSON text, without its braces; empty: none. */
void json_put_members(struct json_writer *w, struct slice members);
/* A string that needs no escaping, such as base64: one copy. */
void json_put_plain(struct json_writer *w, const char *key, struct slice text);
/* A member whose key is not ours. */
void json_put_pair(struct json_writer *w, struct slice key, struct slice text);

/* A string in quotes, on its own. Invalid UTF-8 becomes U+FFFD, so that what we send is always valid. False and
 * nothing appended when `out` is full. */
bool json_write_string(struct buf *out, struct slice text);
