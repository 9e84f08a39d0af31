#include "sim/phone_verbs.h"

#include "base/check.h"
#include "base/clock.h"
#include "sim/phone_stream.h"
#include "sim/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLAY_MS = 2000, BUSY_MS = 3000, UNAVAILABLE_MS = 4000, SAY_LOOP_MAX = 5, KEY_MS = 240 };

static enum after run_say(struct verb *v)
{
	long loop = verb_number(v, "loop", 1);

	call_answer(v->call);
	verb_tell(v, "\"%s\"", v->node->text);
	if (loop == 0 || loop > SAY_LOOP_MAX)
		loop = SAY_LOOP_MAX;
	for (long i = 0; i < loop; i++)
		if (!verb_speak(v, STORY_SAY, SPEECH_VOICE_KAL, v->node->text))
			return verb_end(v, CALL_END_INTERRUPTED);
	return AFTER_NEXT;
}

static enum after run_play(struct verb *v)
{
	const char *digits = verb_attribute(v, "digits");

	call_answer(v->call);
	verb_tell(v, "%s", digits ? digits : v->node->text);
	if (!verb_hear(v, STORY_PLAY, PLAY_MS, digits ? digits : v->node->text))
		return verb_end(v, CALL_END_INTERRUPTED);
	return AFTER_NEXT;
}

static enum after run_pause(struct verb *v)
{
	long seconds = verb_number(v, "length", 1);
	char text[32];

	call_answer(v->call);
	snprintf(text, sizeof text, "%ld s", seconds);
	verb_tell(v, "%s", text);
	return verb_pass(v, (uint64_t)seconds * 1000) ? AFTER_NEXT : verb_end(v, CALL_END_INTERRUPTED);
}

static void copy_parameters(
	struct verb *v, const struct twiml_read_node *stream, struct phone_pair *out, size_t *count)
{
	const struct twiml_document *d = &v->call->document;
	const struct twiml_read_node *p = twiml_read_child(d, stream);

	for (*count = 0; p && *count < PHONE_PAIR_COUNT_MAX; p = twiml_read_next(d, p)) {
		const char *name = twiml_read_attribute(d, p, "name"),
			   *value = twiml_read_attribute(d, p, "value");

		if (name && value)
			out[(*count)++] = (struct phone_pair){ slice_of(name), slice_of(value) };
	}
}

static enum stream_end stream(struct verb *v, const struct twiml_read_node *node)
{
	const struct twiml_document *d = &v->call->document;
	const char *url = twiml_read_attribute(d, node, "url");
	const char *method = twiml_read_attribute(d, node, "statusCallbackMethod");
	struct phone_pair parameters[PHONE_PAIR_COUNT_MAX];
	struct stream_plan plan = { .url = url,
		.name = twiml_read_attribute(d, node, "name"),
		.status_callback = twiml_read_attribute(d, node, "statusCallback"),
		.callback_is_get = method && strcasecmp(method, "GET") == 0,
		.parameters = parameters };
	char callback[WEBHOOK_URL_BYTES_MAX];

	if (!url || (strncmp(url, "wss://", 6) != 0 && !v->call->options->allow_ws))
		return STREAM_FAILED; /* noted when the document was read */
	if (plan.status_callback && url_resolve(slice_of(v->call->document_url),
					    slice_of(plan.status_callback), callback, sizeof callback))
		plan.status_callback = callback;
	copy_parameters(v, node, parameters, &plan.parameter_count);
	return phone_stream_run(v->call, &plan);
}

static enum after run_connect(struct verb *v)
{
	const struct twiml_read_node *node = twiml_read_child(&v->call->document, v->node);

	call_answer(v->call);
	if (!node) {
		call_violation(v->call, VERDICT_12200, "<Connect> holds nothing that is known");
		return AFTER_NEXT;
	}
	if (stream(v, node) == STREAM_CALLER_LEFT) {
		v->next->call_is_over = true;
		return verb_attribute(v, "action") ? verb_fetch_action(v) : AFTER_END;
	}
	return verb_fetch_action(v);
}

/* Not answered, not billed. Of a call that was answered there is nothing to reject. */
static enum after run_reject(struct verb *v)
{
	const char *reason = verb_attribute(v, "reason");
	const bool is_busy = reason && strcmp(reason, "busy") == 0;

	verb_tell(v, "%s", reason ? reason : "rejected");
	if (v->call->answered_ms)
		return verb_end(v, CALL_END_HANGUP);
	call_stop_ringing(v->call);
	if (!verb_hear(v, is_busy ? STORY_BUSY : STORY_UNAVAILABLE, is_busy ? BUSY_MS : UNAVAILABLE_MS, ""))
		return verb_end(v, CALL_END_INTERRUPTED);
	return verb_end(v, CALL_END_REJECTED);
}

static enum after run_gather(struct verb *v);

static enum after run_verb(struct verb *v)
{
	switch (v->node->kind) {
	case TWIML_SAY:
		return run_say(v);
	case TWIML_PLAY:
		return run_play(v);
	case TWIML_PAUSE:
		return run_pause(v);
	case TWIML_GATHER:
		return run_gather(v);
	case TWIML_CONNECT:
		return run_connect(v);
	case TWIML_DIAL:
		return verb_dial(v);
	case TWIML_RECORD:
		return verb_record(v);
	case TWIML_REDIRECT:
		verb_tell(v, "%s", v->node->text);
		return verb_fetch(v, v->node->text);
	case TWIML_REJECT:
		return run_reject(v);
	case TWIML_HANGUP:
		/* Even as the first verb it answers, and costs a minute. */
		call_answer(v->call);
		verb_tell(v, "%s", "");
		return verb_end(v, CALL_END_HANGUP);
	case TWIML_START:
	case TWIML_STOP:
		verb_tell(v, "%s", "is not simulated");
		return AFTER_NEXT;
	case TWIML_NONE:
	case TWIML_RESPONSE:
	case TWIML_STREAM:
	case TWIML_PARAMETER:
	case TWIML_NUMBER:
	case TWIML_CLIENT:
	case TWIML_SIP:
	case TWIML_KIND_COUNT:
		break;
	}
	check(!"a verb");
	return AFTER_NEXT;
}

/* What the caller keys in, as far as the verb takes it; NULL: nothing more. */
static const char *next_entry(struct verb *v, char out[PHONE_ENTRY_BYTES_MAX + 1])
{
	const struct phone_options *o = v->call->options;
	const char *input = verb_attribute(v, "input"), *finish = verb_attribute(v, "finishOnKey");
	const long count_max = verb_number(v, "numDigits", PHONE_ENTRY_BYTES_MAX);

	if ((input && !strstr(input, "dtmf")) || v->call->entries_used == o->entry_count)
		return NULL;
	snprintf(out, PHONE_ENTRY_BYTES_MAX + 1, "%s", o->entries[v->call->entries_used++]);
	out[strcspn(out, finish ? finish : "#")] = '\0';
	if (count_max < PHONE_ENTRY_BYTES_MAX)
		out[count_max] = '\0';
	return out;
}

/* Verbs inside are executed, then keys are pressed, or nothing is: then the next verb runs, or the action if it wants
 * to know. */
static enum after run_gather(struct verb *v)
{
	const struct twiml_document *d = &v->call->document;
	const char *empty = verb_attribute(v, "actionOnEmptyResult"), *action = verb_attribute(v, "action");
	char digits[PHONE_ENTRY_BYTES_MAX + 1], text[PHONE_ENTRY_BYTES_MAX + 16];

	call_answer(v->call);
	for (const struct twiml_read_node *n = twiml_read_child(d, v->node); n; n = twiml_read_next(d, n)) {
		struct verb inner = { v->call, n, v->next };
		enum after after = run_verb(&inner);

		if (after != AFTER_NEXT)
			return after;
	}
	if (next_entry(v, digits)) {
		verb_tell(v, "the caller presses %s", digits);
		snprintf(text, sizeof text, "presses %s", digits);
		if (!verb_hear(v, STORY_CALLER, strlen(digits) * KEY_MS, text))
			return verb_end(v, CALL_END_INTERRUPTED);
		verb_add_field(v, "Digits", "%s", digits);
		return verb_fetch(v, action ? action : v->call->document_url);
	}
	verb_tell(v, "%s", "nothing is entered");
	if (!verb_pass(v, (uint64_t)verb_number(v, "timeout", 5) * 1000))
		return verb_end(v, CALL_END_INTERRUPTED);
	return empty && strcmp(empty, "true") == 0 ? verb_fetch_action(v) : AFTER_NEXT;
}

enum verbs_result phone_verbs_run(struct phone_call *call, struct verbs_next *next)
{
	const struct twiml_document *d = &call->document;

	*next = (struct verbs_next){ 0 };
	for (const struct twiml_read_node *n = twiml_read_first(d); n; n = twiml_read_next(d, n)) {
		struct verb verb = { call, n, next };

		next->field_count = 0;
		switch (run_verb(&verb)) {
		case AFTER_NEXT:
			break;
		case AFTER_FETCH:
			return VERBS_FETCH;
		case AFTER_END:
			return VERBS_END;
		}
	}
	call_answer(call);
	call->end = CALL_END_TWIML;
	return VERBS_END;
}
