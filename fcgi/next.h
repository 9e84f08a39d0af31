/*
 * next - carries out what was decided for a caller: the TwiML, and what the database is told.
 *
 * Place:    fcgi, above after and voice; below the handlers.
 * Usage:    next_answer(w, a, after_decide(&facts), &call, &merchant);
 * Fails:    never.
 */
#pragma once

#include "db/db.h"
#include "fcgi/after.h"

struct answer;
struct webhook;

/* `call` and `m` are read only as far as the decision needs them: not at all to hang up or to apologise. */
void next_answer(struct webhook *w, struct answer *a, enum after after, const struct call_record *call,
	const struct merchant *m);
/* The receptionist cannot: the fallback number, or an apology. */
void next_person(struct webhook *w, struct answer *a, const struct merchant *m);
/* A stream with a token of its own, if the relay takes it; else a person, or voicemail for a caller who returns.
 * `resume` as in voice_stream. */
/* The same for a call of ours, which begins with `opening` if that is not empty. false: the relay does not take it,
 * nothing was answered. */
bool next_outgoing(struct webhook *w, struct answer *a, const struct call_record *call, struct slice opening);
void next_stream(struct webhook *w, struct answer *a, const struct call_record *call, const struct merchant *m,
	struct slice resume);
