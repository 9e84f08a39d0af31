/*
 * grok_parts - the nested objects of Grok's messages, read and written: session, item.
 *
 * Place:    below grok_read and grok_write; nobody else's.
 * Lifetime: what is read points into the JSON tree.
 */
#pragma once

#include "proto/grok.h"
#include "proto/json_write.h"

void grok_session_read(const struct json_object *node, struct grok_session *session);
/* The value of "session" as the client asks for it; as the server first greets; as it echoes what was set. */
void grok_session_put_update(struct json_writer *w, const struct grok_dialect *dialect,
	const struct grok_session *session);
void grok_session_put_created(struct json_writer *w, const struct grok_dialect *dialect,
	const struct grok_session *session);
void grok_session_put_updated(struct json_writer *w, const struct grok_dialect *dialect,
	const struct grok_session *session);
/* The same for dialects with a nested session, which greet and echo in one shape; and what both kinds share. */
void grok_session_put_nested_update(struct json_writer *w, const struct grok_session *session);
void grok_session_put_nested_echo(struct json_writer *w, const struct grok_session *session);
void grok_turn_detection_put(struct json_writer *w, const struct grok_turn_detection *turn_detection);
void grok_format_put(struct json_writer *w, const struct grok_format *format);

void grok_item_read(const struct json_object *node, struct grok_item *item);
/* As the client creates it. */
void grok_item_put_new(struct json_writer *w, const char *key, const struct grok_item *item);
/* As the server tells of it; `with_content`: a message says [] rather than nothing. */
void grok_item_put(struct json_writer *w, const char *key, const struct grok_item *item, bool with_content);

/* Small helpers of both. */
static inline void grok_get(const struct json_object *object, const char *key, struct slice *out)
{
	json_slice(json_field(object, key), out);
}

static inline void grok_get_int(const struct json_object *object, const char *key, int64_t *out)
{
	int64_t number;

	if (json_int(json_field(object, key), &number) && number >= 0)
		*out = number;
}

static inline void grok_get_real(const struct json_object *object, const char *key, double *out)
{
	double number;

	if (json_double(json_field(object, key), &number) && number >= 0)
		*out = number;
}

static inline void grok_get_flag(const struct json_object *object, const char *key, enum grok_flag *out)
{
	bool value;

	if (json_truth(json_field(object, key), &value))
		*out = value ? GROK_YES : GROK_NO;
}

static inline void grok_put_flag(struct json_writer *w, const char *key, enum grok_flag flag)
{
	if (flag != GROK_UNSAID)
		json_put_bool(w, key, flag == GROK_YES);
}

static inline void grok_put_real(struct json_writer *w, const char *key, double number)
{
	if (number >= 0 && number < 1e12)
		json_put_double(w, key, number);
}

static inline void grok_put_raw(struct json_writer *w, const char *key, struct slice json)
{
	if (json.data)
		json_put_raw(w, key, json);
}
