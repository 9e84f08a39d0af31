/*
 * webhook - what lives from request to request: settings, the database, keys; and the way of one request.
 *
 * Place:    fcgi, above request, answer and the handlers.
 * Usage:    if (!webhook_open(&w, &conf, why, sizeof why)) refuse to start;
 *           webhook_handle(&w, &source, &request, &answer);
 * Lifetime: borrows the conf. The database is opened at the first need, again after it broke or its file was
 *           replaced: a database that comes back is used without a restart.
 * Fails:    webhook_open() with a sentence; webhook_handle() never, whatever it is sent: the answer says it.
 * Limits:   waits at most DB_BUSY_MS for a lock, once a request: Twilio's caller hears it ring meanwhile, and Twilio
 *           waits 15 s.
 */
#pragma once

#include "base/conf.h"
#include "base/log.h"
#include "base/random.h"
#include "base/slice.h"
#include "db/db.h"
#include "db/fallbacks.h"
#include "fcgi/answer.h"
#include "fcgi/request.h"
#include "proto/token.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { DB_BUSY_MS = 1500, FALLBACKS_MS_MAX = 60000 };

struct webhook {
	const struct conf *conf;
	struct slice public_origin;     /* PUBLIC_URL without its final slash */
	struct slice relay_url;         /* RELAY_URL likewise */
	struct token_keys keys;
	struct random random;
	struct db *db;                  /* NULL: not open now */
	dev_t db_device;                /* the file that `db` is */
	ino_t db_inode;
	bool is_locked;                 /* this request has waited for a lock in vain */
	bool is_staying;                /* more requests will come: worth remembering something for them */
	struct fallbacks fallbacks;     /* for when there is no database; at most FALLBACKS_MS_MAX old while there is */
	uint64_t fallbacks_until_ms;
	struct log_word call;           /* of the request under way; "-": it names none */
	struct log_limit refusals;
	struct log_limit db_faults;
};

bool webhook_open(struct webhook *w, const struct conf *conf, char *why, size_t why_bytes);
void webhook_close(struct webhook *w);
/* Answers one request. `request` and `answer` are the caller's memory, whatever they held. */
void webhook_handle(struct webhook *w, const struct source *source, struct request *request,
	struct answer *answer);

/* The database, or NULL, logged, when there is none to be had. */
struct db *webhook_db(struct webhook *w);
/* Whether a write may succeed: there is a database, and nobody has kept this request from writing to it already. */
bool webhook_may_write(struct webhook *w);
/* Logs a result that is not DB_OK and lets go of a broken database. Returns the result. */
enum db_result webhook_db_fault(struct webhook *w, const char *what, enum db_result result);
