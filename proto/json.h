/*
 * json - reading JSON under bounds: a strict gate of our own, json-c behind it.
 *
 * Place:    below twilio and grok messages; never on the media path. json.c alone names json-c.
 * Usage:    struct json_reader r = { 0 };
 *           const struct json_object *root = json_read(&r, text, len);       NULL: r.why is a sentence
 *           json_slice(json_field(root, "event"), &name)
 *           json_reader_fini(&r);
 * Lifetime: nodes and slices belong to the reader, until its next json_read(), rest or fini. A zeroed reader is
 *           ready; fini is idempotent. Getters take NULL for "not there", which is of no type.
 * Fails:    json_read() refuses what RFC 8259 does not allow (json-c alone would take control characters, NaN and
 *           other oddities), invalid UTF-8, a NUL in a key, more than JSON_DEPTH_MAX levels, anything behind the
 *           value, a value that is neither object nor array. Getters leave *out as it is and return false.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_tokener;
struct json_object;

struct json_reader {
	struct json_tokener *tokener;           /* owned; made at the first read and used again */
	struct json_object *root;               /* owned; what the last read returned */
	const char *why;                        /* static; why the last read returned NULL */
};

const struct json_object *json_read(struct json_reader *reader, const char *text, size_t len);
/* Gives the tree back early, keeps the tokener. */
void json_reader_rest(struct json_reader *reader);
void json_reader_fini(struct json_reader *reader);
/* Whether the text is one JSON value by RFC 8259, in UTF-8 and within JSON_DEPTH_MAX. Needs no memory. */
bool json_valid(const char *text, size_t len, const char **out_why); /* why: static, when it is not */

/* A member of an object; NULL when there is none, when it is null, or when this is not an object. */
const struct json_object *json_field(const struct json_object *object, const char *key);
/* Whether the object has the member at all, be it null. */
bool json_has(const struct json_object *object, const char *key);
bool json_is_object(const struct json_object *node);
bool json_is_array(const struct json_object *node);
bool json_is_string(const struct json_object *node);
bool json_is_number(const struct json_object *node);
bool json_slice(const struct json_object *node, struct slice *out);
bool json_truth(const struct json_object *node, bool *out);
/* Any number that is finite. */
bool json_double(const struct json_object *node, double *out);
/* A number from -2^53 to 2^53; its fraction is cut off. */
bool json_int(const struct json_object *node, int64_t *out);
/* The node as compact JSON text. */
bool json_text(const struct json_object *node, struct slice *out);
size_t json_member_count(const struct json_object *object);
size_t json_array_count(const struct json_object *array);
const struct json_object *json_array_item(const struct json_object *array, size_t index);

/* Calls visit() for each member of an object until it returns false; returns whether all were visited. */
bool json_each(const struct json_object *object,
	bool (*visit)(void *context, struct slice key, const struct json_object *value), void *context);
