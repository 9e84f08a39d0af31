/*
 * witness - somebody who is told what happens in a call: an operator who watches.
 *
 * Place:    relay, pure. Above testimony; bridge and phone_out tell it, the call hands it on.
 * Usage:    if (witness_wants(w, TESTIMONY_CLEAR)) witness_tell(w, TESTIMONY_CLEAR, (struct slice){ 0 });
 *           witness_hear(w, TESTIMONY_CALLER_AUDIO, payload)         base64 that is decoded only if wanted
 * Rules:    nobody there (NULL, or wants nothing) costs one comparison. The time is the hearer's to add.
 * Lifetime: what is told is lent until tell() returns.
 */
#pragma once

#include "proto/testimony.h"

#include <stdbool.h>

struct witness {
	unsigned wants;                 /* TESTIMONY_BIT of each kind */
	void (*tell)(struct witness *w, enum testimony_kind kind, struct slice data);
};

static inline bool witness_wants(const struct witness *w, enum testimony_kind kind)
{
	return w && w->wants & TESTIMONY_BIT(kind);
}

static inline void witness_tell(struct witness *w, enum testimony_kind kind, struct slice data)
{
	if (witness_wants(w, kind))
		w->tell(w, kind, data);
}

/* Audio as base64; what is no base64 is passed over. */
void witness_hear(struct witness *w, enum testimony_kind kind, struct slice base64);
/* Audio as bytes, of any length. */
void witness_hear_bytes(struct witness *w, enum testimony_kind kind, const uint8_t *audio, size_t len);
