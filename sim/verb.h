/*
 * verb - one TwiML verb under way, and what all of them need: attributes, time that passes, what the caller hears,
 * the document that comes next.
 *
 * Place:    sim; above phone_call, below phone_verbs, which knows all verbs.
 * Usage:    enum after verb_record(struct verb *v) { verb_answer(v->call); … return verb_fetch_action(v); }
 * Lifetime: borrows the call and the document's node.
 */
#pragma once

#include "sim/phone_verbs.h"

/* What a verb leads to. */
enum after { AFTER_NEXT, AFTER_FETCH, AFTER_END };

struct verb {
	struct phone_call *call;
	const struct twiml_read_node *node;
	struct verbs_next *next;
};

/* NULL: not given. */
const char *verb_attribute(const struct verb *v, const char *name);
long verb_number(const struct verb *v, const char *name, long otherwise);
/* A line of the timeline. */
void verb_tell(const struct verb *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum after verb_end(struct verb *v, enum call_end end);
/* Lets the time of a verb pass; callbacks go on. With --quick it has passed at once. false: Ctrl-C. */
bool verb_pass(struct verb *v, uint64_t ms);
/* A scene of the story that takes its time from now on. false: Ctrl-C. */
bool verb_hear(struct verb *v, enum story_kind kind, uint64_t ms, const char *text);
/* Words, spoken; into the recording of what was heard (or said), too. false: Ctrl-C. */
bool verb_speak(struct verb *v, enum story_kind kind, enum speech_voice voice, const char *words);

/* A parameter of the next request. */
void verb_add_field(struct verb *v, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
enum after verb_fetch(struct verb *v, const char *reference);
/* The action of a verb that has ended; without one, the next verb. */
enum after verb_fetch_action(struct verb *v);
/* A name like RE and 32 digits. */
void verb_name(struct verb *v, const char *letters, char out[IDENTITY_SID_BYTES + 1]);

/* The verbs that have a file of their own. */
enum after verb_dial(struct verb *v);
enum after verb_record(struct verb *v);
