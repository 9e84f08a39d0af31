/*
 * grok_scan - the quick way for Grok's audio, and the table of top-level members that both ways share.
 *
 * Place:    below grok_read; nobody else's.
 * Usage:    if (grok_scan(from, text, len, &event)) { the event is complete }
 * Fails:    false is "not mine": json-c decides. `event` then holds rubbish.
 */
#pragma once

#include "proto/grok.h"

enum grok_field_type { GROK_TEXT, GROK_INT, GROK_REAL };

/* A member of the message's outermost object and its place in struct grok_event. */
struct grok_field {
	struct slice key;
	enum grok_field_type type;
	size_t offset;
};

extern const struct grok_field grok_server_fields[], grok_client_fields[];
extern const size_t grok_server_field_count, grok_client_field_count;

bool grok_scan(enum grok_direction from, const char *text, size_t len, struct grok_event *event);
