/*
 * voice_id - a name that Grok gave to a response or an item, kept by value.
 *
 * Place:    relay, pure. Below ledger, voice and transcript.
 * Limits:   names are kept and compared to GROK_ID_BYTES_MAX.
 */
#pragma once

#include "base/limits.h"
#include "base/slice.h"

#include <stdbool.h>
#include <string.h>

struct voice_id {
	size_t len;                     /* 0: none */
	char text[GROK_ID_BYTES_MAX];
};

static inline struct slice voice_id_slice(const struct voice_id *id)
{
	return (struct slice){id->text, id->len};
}

static inline void voice_id_set(struct voice_id *id, struct slice text)
{
	id->len = text.len < GROK_ID_BYTES_MAX ? text.len : GROK_ID_BYTES_MAX;
	if (id->len)
		memcpy(id->text, text.data, id->len);
}

static inline bool voice_id_is(const struct voice_id *id, struct slice text)
{
	size_t len = text.len < GROK_ID_BYTES_MAX ? text.len : GROK_ID_BYTES_MAX;

	return id->len == len && (len == 0 || memcmp(id->text, text.data, len) == 0);
}
