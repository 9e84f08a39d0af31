/*
 * screening - which calls are let in: what the database knows about a caller before he is answered, and what was
 * decided.
 *
 * Place:    db. The webhook asks, decides (fcgi/screen.h) and writes down; a repeated request reads what was decided.
 * Usage:    db_screening_facts(db, merchant_id, caller, now_ms, &facts);   one statement, which reads few rows
 *           db_call_turn_away(db, &begin, &screening)  or  db_screening_put(db, &screening);
 * Laws:     of the rules for a number the longest counts, a whole number more than a prefix; among equals the
 *           merchant's own before those of all merchants, then an allow before a block. Rules whose time is up do not
 *           count.
 *           The rate of a caller counts all attempts, so that who goes on trying stays out; that of a merchant only
 *           calls that were let in, so that nobody who is turned away keeps others out.
 * Limits:   counting ends at the limit: the time taken does not grow with a flood.
 */
#pragma once

#include "db/db.h"

/* X(enum, word): the words stand in screenings and in the log. */
#define SCREEN_VERDICTS(X) \
	X(SCREEN_ACCEPT, "accept") \
	X(SCREEN_REJECT, "reject")              /* not answered: costs nothing */ \
	X(SCREEN_VOICEMAIL, "voicemail")        /* may leave a message */

enum screen_verdict {
#define X(verdict, word) verdict,
	SCREEN_VERDICTS(X)
#undef X
	SCREEN_VERDICT_COUNT
};

#define SCREEN_REASONS(X) \
	X(SCREEN_NOTHING, "")                   /* nothing speaks against the caller */ \
	X(SCREEN_ALLOWED, "allowed")            /* a rule lets him in, whatever else is the matter */ \
	X(SCREEN_BLOCKED, "blocked")            /* a rule keeps him out */ \
	X(SCREEN_ANONYMOUS, "anonymous") \
	X(SCREEN_ATTESTATION, "attestation") \
	X(SCREEN_CALLER_VELOCITY, "caller-velocity") \
	X(SCREEN_MERCHANT_VELOCITY, "merchant-velocity")

enum screen_reason {
#define X(reason, word) reason,
	SCREEN_REASONS(X)
#undef X
	SCREEN_REASON_COUNT
};

const char *screen_verdict_word(enum screen_verdict verdict);
const char *screen_reason_word(enum screen_reason reason);

enum screen_rule { RULE_NONE, RULE_ALLOW, RULE_BLOCK };
enum screen_attestation { ATTESTED_ANY, ATTESTED_NOT_FAILED, ATTESTED_PASSED };

struct screening_facts {
	enum screen_rule rule;
	/* What the merchant wants. */
	enum merchant_anonymous anonymous;
	enum screen_attestation attestation;
	int64_t caller_calls_hour_max;  /* may be MERCHANT_NO_LIMIT, as the next */
	int64_t calls_hour_max;
	/* In the hour before, without this call; 0 where there is no limit, and never more than the limit. */
	int64_t caller_calls;
	int64_t merchant_calls;
};

/* `caller` as it stands in calls.caller_number. DB_NONE: no such merchant. */
enum db_result db_screening_facts(struct db *db, int64_t merchant_id, struct slice caller, int64_t now_ms,
	struct screening_facts *out_facts);

struct screening {
	struct slice call_sid;
	int64_t merchant_id;
	struct slice caller_number;
	struct slice called_number;
	int64_t at_ms;
	enum screen_verdict verdict;
	enum screen_reason reason;
	struct slice attestation;       /* "": not known */
};

/* One row a call: a repetition changes nothing. */
enum db_result db_screening_put(struct db *db, const struct screening *screening);
/* The call's row, which begins and ends as rejected, and the screening's, in one commit, that of a batch if there is
 * one; no job follows. DB_NONE: the call has a row already, and nothing was written. */
enum db_result db_call_turn_away(struct db *db, const struct screening *screening);

struct screened {
	enum screen_verdict verdict;
	enum screen_reason reason;
};

/* What was decided about a call: SCREEN_NOTHING for one that has its row alone. DB_NONE: it is new. */
enum db_result db_screening_by_sid(struct db *db, struct slice call_sid, struct screened *out_screened);
