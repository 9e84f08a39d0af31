#include "db/screening.h"

#include "base/check.h"
#include "db/query.h"

static const char *const verdict_words[] = {
#define X(verdict, word) [verdict] = word,
	SCREEN_VERDICTS(X)
#undef X
};

static const char *const reason_words[] = {
#define X(reason, word) [reason] = word,
	SCREEN_REASONS(X)
#undef X
};

static const char *const anonymous_words[] = {
	[ANONYMOUS_ACCEPT] = "accept",
	[ANONYMOUS_REJECT] = "reject",
	[ANONYMOUS_VOICEMAIL] = "voicemail",
};

static const char *const attestation_words[] = {
	[ATTESTED_ANY] = "any",
	[ATTESTED_NOT_FAILED] = "not-failed",
	[ATTESTED_PASSED] = "passed",
};

static const char *const rule_words[] = { [RULE_NONE] = "", [RULE_ALLOW] = "allow", [RULE_BLOCK] = "block" };

const char *screen_verdict_word(enum screen_verdict verdict)
{
	return verdict_words[verdict];
}

const char *screen_reason_word(enum screen_reason reason)
{
	return reason_words[reason];
}

enum db_result db_screening_facts(struct db *db, int64_t merchant_id, struct slice caller, int64_t now_ms,
	struct screening_facts *out_facts)
{
	struct query q = query_open(db, STATEMENT_SCREENING_FACTS);
	struct screening_facts facts;

	query_int(&q, merchant_id);
	query_text(&q, caller);
	query_int(&q, now_ms);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		facts.rule = (enum screen_rule)query_word_column(&q, rule_words, ARRAY_COUNT(rule_words));
		facts.anonymous = (enum merchant_anonymous)query_word_column(
			&q, anonymous_words, ARRAY_COUNT(anonymous_words));
		facts.attestation = (enum screen_attestation)query_word_column(
			&q, attestation_words, ARRAY_COUNT(attestation_words));
		facts.caller_calls_hour_max = query_int_column(&q);
		facts.calls_hour_max = query_int_column(&q);
		facts.caller_calls = query_int_column(&q);
		facts.merchant_calls = query_int_column(&q);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_facts = facts;
	return result;
}

enum db_result db_screening_put(struct db *db, const struct screening *s)
{
	check(s->reason != SCREEN_NOTHING);
	struct query q = query_open(db, STATEMENT_SCREENING_PUT);

	query_text(&q, s->call_sid);
	query_int(&q, s->merchant_id);
	query_text(&q, s->caller_number);
	query_text(&q, s->called_number);
	query_int(&q, s->at_ms);
	query_text(&q, slice_of(screen_verdict_word(s->verdict)));
	query_text(&q, slice_of(screen_reason_word(s->reason)));
	query_text(&q, s->attestation);
	return query_run(&q);
}

/* It is over when it begins: what waits for the end of a call, jobs and notifications, never learns of it. */
static enum db_result put_call(struct db *db, const struct screening *s)
{
	struct query q = query_open(db, STATEMENT_CALL_TURN_AWAY);

	query_text(&q, s->call_sid);
	query_int(&q, s->merchant_id);
	query_text(&q, s->caller_number);
	query_text(&q, s->called_number);
	query_int(&q, s->at_ms);
	query_text(&q, s->attestation);
	return query_change(&q);
}

static enum db_result turn_away(struct db *db, const struct screening *s)
{
	const enum db_result result = put_call(db, s);

	return result == DB_OK ? db_screening_put(db, s) : result;
}

enum db_result db_call_turn_away(struct db *db, const struct screening *s)
{
	check(s->verdict == SCREEN_REJECT);
	if (db->in_batch)
		return turn_away(db, s);
	enum db_result result = db_batch_begin(db);

	if (result != DB_OK)
		return result;
	result = turn_away(db, s);
	return result == DB_OK ? db_batch_end(db) : db_batch_drop(db, result);
}

enum db_result db_screening_by_sid(struct db *db, struct slice call_sid, struct screened *out_screened)
{
	struct query q = query_open(db, STATEMENT_SCREENING_BY_SID);
	struct screened s;

	query_text(&q, call_sid);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		s.verdict = (enum screen_verdict)query_word_column(&q, verdict_words, ARRAY_COUNT(verdict_words));
		s.reason = (enum screen_reason)query_word_column(&q, reason_words, ARRAY_COUNT(reason_words));
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_screened = s;
	return result;
}
