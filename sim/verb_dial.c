/*
 * <Dial>: all numbers ring at once; the first who answers talks to the caller. The caller hears them ring, or, if
 * nothing rings, nothing; then the action learns how it went.
 */
#include "sim/verb.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

enum {
	SET_UP_MS = 1000,       /* until busy or failed comes back */
	PICK_UP_MS = 4000,      /* until somebody answers */
	TIMEOUT_S = 30,
};

/* What is dialled, and who of them decides how it ends. */
struct party {
	const struct dialled_person *person;
	char numbers[STORY_TEXT_BYTES_MAX + 1];         /* as the story tells it */
};

static void add(struct verb *v, struct party *p, const char *number)
{
	const struct dialled_person *person = dialled_find(&v->call->options->dialled, number);
	const size_t len = strlen(p->numbers);

	snprintf(p->numbers + len, sizeof p->numbers - len, "%s%s", len ? " and " : "", number);
	/* Who answers decides; otherwise who rings longest. */
	if (!p->person || (dialled_answers(person) && !dialled_answers(p->person)) ||
		(person->outcome == DIALLED_NO_ANSWER && !dialled_answers(p->person)))
		p->person = person;
}

static void find_party(struct verb *v, struct party *p)
{
	const struct twiml_document *d = &v->call->document;

	if (v->node->text[0])
		add(v, p, v->node->text);
	for (const struct twiml_read_node *n = twiml_read_child(d, v->node); n; n = twiml_read_next(d, n))
		add(v, p, n->text);
	if (!p->person)
		add(v, p, "");
}

static uint64_t ringing_ms(struct verb *v, const struct party *p)
{
	const uint64_t timeout_ms = 1000 * (uint64_t)verb_number(v, "timeout", TIMEOUT_S);

	switch (p->person->outcome) {
	case DIALLED_ANSWERED:
	case DIALLED_COMPLETED:
		return PICK_UP_MS < timeout_ms ? PICK_UP_MS : timeout_ms;
	case DIALLED_NO_ANSWER:
		return timeout_ms;
	case DIALLED_BUSY:
	case DIALLED_FAILED:
		break;
	}
	return SET_UP_MS;
}

static bool ring(struct verb *v, struct party *p)
{
	char text[sizeof p->numbers + 32];

	snprintf(text, sizeof text, "%s: %s", p->numbers, dialled_status(p->person->outcome));
	if (dialled_answers(p->person))
		snprintf(text, sizeof text, "%s", p->numbers);
	return verb_hear(v, STORY_RINGBACK, ringing_ms(v, p), text);
}

enum after verb_dial(struct verb *v)
{
	const char *on_bridge = verb_attribute(v, "answerOnBridge");
	const char *status;
	char sid[IDENTITY_SID_BYTES + 1];
	struct party p = { 0 };

	find_party(v, &p);
	status = dialled_status(p.person->outcome);
	verb_tell(v, "%s", p.numbers);
	/* Until somebody answers, the caller's own call may go on ringing. */
	if (on_bridge && strcmp(on_bridge, "true") == 0)
		call_stop_ringing(v->call);
	else
		call_answer(v->call);
	if (!ring(v, &p))
		return verb_end(v, CALL_END_INTERRUPTED);
	if (dialled_answers(p.person)) {
		const uint64_t began_ms = call_story_ms(v->call);

		call_answer(v->call);
		if (!verb_speak(v, STORY_PERSON, SPEECH_VOICE_AWB, p.person->words))
			return verb_end(v, CALL_END_INTERRUPTED);
		verb_add_field(v, "DialCallDuration", "%llu",
			(unsigned long long)((call_story_ms(v->call) - began_ms + 999) / 1000));
		verb_add_field(v, "DialBridged", "true");
	}
	verb_tell(v, "ended: %s", status);
	verb_name(v, "CA", sid);
	verb_add_field(v, "DialCallStatus", "%s", status);
	verb_add_field(v, "DialCallSid", "%s", sid);
	return verb_fetch_action(v);
}
