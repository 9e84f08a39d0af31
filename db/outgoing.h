/*
 * outgoing - calls that we place: what is to be said to whom, written before Twilio is asked.
 *
 * Place:    db. receptionai-call writes them, the webhook reads them when the call is answered.
 * Usage:    db_outgoing_put(db, &o); ask Twilio; db_outgoing_placed(db, id, sid, error);
 *           the webhook: db_outgoing_by_id(db, id, &o); db_outgoing_answered(db, id, sid, word)
 * Fails:    like all of db.h; DB_NONE: no such call.
 */
#pragma once

#include "base/limits.h"
#include "db/db.h"

enum { OUTGOING_ID_BYTES = 32 };

/* What an answering machine gets. */
enum outgoing_machine { MACHINE_TALK, MACHINE_HANG_UP, MACHINE_MESSAGE };

struct outgoing {
	char id[OUTGOING_ID_BYTES + 1];
	int64_t merchant_id;
	char number[PHONE_BYTES_MAX + 1];
	char opening[OPENING_BYTES_MAX + 1];            /* "": the merchant's greeting */
	enum outgoing_machine machine;
};

const char *outgoing_machine_word(enum outgoing_machine machine);
/* false: no such word. */
bool outgoing_machine_parse(struct slice word, enum outgoing_machine *out_machine);

enum db_result db_outgoing_put(struct db *db, const struct outgoing *outgoing, int64_t now_ms);
/* Twilio took it, or `error` says what came instead. */
enum db_result db_outgoing_placed(struct db *db, const char *id, struct slice call_sid, struct slice error);
enum db_result db_outgoing_answered(struct db *db, const char *id, struct slice call_sid, struct slice answered_by);
enum db_result db_outgoing_by_id(struct db *db, struct slice id, struct outgoing *out);
