/*
 * fallbacks - which number to ring for callers of which number when the database is gone: a copy in memory.
 *
 * Place:    db, plain data. The webhook reads it anew from time to time and asks it when nobody else can answer.
 * Usage:    fallbacks_load(&f, db);              while the database is there
 *           number = fallbacks_find(&f, called);
 * Fails:    fallbacks_load() like all of db.h: then what was known before stays.
 * Limits:   FALLBACKS_MAX numbers, FALLBACK_BYTES_MAX bytes each, which is more than any telephone number has.
 */
#pragma once

#include "db/db.h"

enum { FALLBACKS_MAX = 4096, FALLBACK_BYTES_MAX = 23 };

struct fallback {
	int64_t merchant_id;
	char called[FALLBACK_BYTES_MAX + 1];
	char number[FALLBACK_BYTES_MAX + 1];
};

struct fallbacks {
	uint32_t count;
	struct fallback rows[FALLBACKS_MAX];
};

enum db_result fallbacks_load(struct fallbacks *f, struct db *db);
/* NULL: not known. Its `number` is "" if the merchant has none. */
const struct fallback *fallbacks_find(const struct fallbacks *f, struct slice called);
