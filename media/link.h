/*
 * link - what receptionai-worker --link prints: URLs of a call's files that work in a browser.
 *
 * Place:    media, above store; called by main().
 * Usage:    return link_print(db, conf, "CA…", 600, stdout, why, sizeof why) ? 0 : 1;
 * Prints:   one line a file: recording URL, video URL, captions URL; those that are there.
 * Fails:    false, with a sentence: no such call, nothing kept of it yet, settings that name another store.
 */
#pragma once

#include "base/conf.h"
#include "db/db.h"

enum { LINK_S = 600 };

bool link_print(struct db *db, const struct conf *conf, const char *call_sid, int64_t seconds, FILE *out, char *why,
	size_t why_bytes);
