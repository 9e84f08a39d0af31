#include "sim/phone_verbs.h"

#include "base/check.h"
#include "base/clock.h"
#include "sim/phone_stream.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLAY_MS = 2000, DIAL_MS = 2000, RECORD_MS = 2000, SAY_LOOP_MAX = 5 };

/* What a verb leads to. */
enum after { AFTER_NEXT, AFTER_FETCH, AFTER_END };

struct verb {
	struct phone_call *call;
	const struct twiml_read_node *node;
	struct verbs_next *next;
};

static const char *attribute(const struct verb *v, const char *name)
{
	return twiml_read_attribute(&v->call->document, v->node, name);
}

__attribute__((format(printf, 2, 3))) static void tell(const struct verb *v, const char *format, ...)
{
	char text[300];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	timeline_tell(&v->call->timeline, clock_mono_ms(), "twiml", "<%s> %s", v->node->name, text);
}

static enum after end_call(struct verb *v, enum call_end end)
{
	v->call->end = end;
	return AFTER_END;
}

/* Twilio answers a ringing call at the first verb that needs the caller's ear. */
static void answer(struct phone_call *call)
{
	if (!call->answered_ms)
		call->answered_ms = clock_mono_ms();
}

/* Lets the time of a stubbed verb pass; callbacks go on. false: the caller was interrupted. */
static bool pass_time(struct verb *v, uint64_t ms)
{
	uint64_t until = clock_mono_ms() + (v->call->options->quick ? 0 : ms);

	for (;;) {
		struct pollfd fds[ERRAND_COUNT_MAX];
		uint64_t now = clock_mono_ms(), deadline = until;

		errands_turn(&v->call->errands, now);
		if (call_is_interrupted())
			return false;
		if (now >= until)
			return true;
		size_t count = errands_poll(&v->call->errands, fds, &deadline);

		poll(fds, count, (int)(deadline > now ? deadline - now : 0));
	}
}

/* --- fetching ----------------------------------------------------------------------------------------- */

static void add_field(struct verb *v, const char *name, const char *value)
{
	struct verbs_next *next = v->next;

	check(next->field_count < VERBS_FIELD_COUNT_MAX);
	next->fields[next->field_count].name = name;
	snprintf(next->fields[next->field_count++].value, sizeof next->fields[0].value, "%s", value);
}

static enum after fetch(struct verb *v, const char *reference)
{
	const char *method = attribute(v, "method");

	if (!url_resolve(slice_of(v->call->document_url), slice_of(reference), v->next->url,
		    sizeof v->next->url)) {
		call_violation(
			v->call, VERDICT_11200, "<%s>: \"%.100s\" is not a URL", v->node->name, reference);
		return end_call(v, CALL_END_FAILED);
	}
	v->next->is_get = method && strcasecmp(method, "GET") == 0;
	return AFTER_FETCH;
}

/* The action of a verb that has ended; without one, the next verb. */
static enum after fetch_action(struct verb *v)
{
	const char *action = attribute(v, "action");

	return action ? fetch(v, action) : AFTER_NEXT;
}

/* --- verbs -------------------------------------------------------------------------------------------- */

static bool speak_once(struct verb *v, const struct speech *speech)
{
	track_heard(&v->call->track, speech->ulaw, speech->ulaw_bytes);
	track_level(&v->call->track);
	return pass_time(v, speech->ulaw_bytes / ULAW_BYTES_PER_MS);
}

static enum after run_say(struct verb *v)
{
	long loop = twiml_read_number(&v->call->document, v->node, "loop", 1);
	struct speech speech = { 0 };
	bool goes_on = true;

	answer(v->call);
	tell(v, "\"%s\"", v->node->text);
	if (loop == 0 || loop > SAY_LOOP_MAX)
		loop = SAY_LOOP_MAX;
	if (speech_say(SPEECH_VOICE_KAL, v->node->text, 1.0, &speech)) {
		for (long i = 0; i < loop && goes_on; i++)
			goes_on = speak_once(v, &speech);
	}
	speech_release(&speech);
	return goes_on ? AFTER_NEXT : end_call(v, CALL_END_INTERRUPTED);
}

static enum after run_play(struct verb *v)
{
	const char *digits = attribute(v, "digits");

	answer(v->call);
	tell(v, "%s", digits ? digits : v->node->text);
	return pass_time(v, PLAY_MS) ? AFTER_NEXT : end_call(v, CALL_END_INTERRUPTED);
}

static enum after run_pause(struct verb *v)
{
	long seconds = twiml_read_number(&v->call->document, v->node, "length", 1);
	char text[32];

	answer(v->call);
	snprintf(text, sizeof text, "%ld s", seconds);
	tell(v, "%s", text);
	return pass_time(v, (uint64_t)seconds * 1000) ? AFTER_NEXT : end_call(v, CALL_END_INTERRUPTED);
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

	answer(v->call);
	if (!node) {
		call_violation(v->call, VERDICT_12200, "<Connect> holds nothing that is known");
		return AFTER_NEXT;
	}
	if (stream(v, node) == STREAM_CALLER_LEFT) {
		v->next->call_is_over = true;
		return attribute(v, "action") ? fetch_action(v) : AFTER_END;
	}
	return fetch_action(v);
}

static enum after run_dial(struct verb *v)
{
	const struct phone_options *o = v->call->options;
	const struct twiml_read_node *child = twiml_read_child(&v->call->document, v->node);
	bool completed = strcmp(o->dial_status, "completed") == 0;
	char sid[IDENTITY_SID_BYTES + 1];
	uint8_t random_bytes[16];

	answer(v->call);
	tell(v, "%s", child ? child->text : v->node->text);
	if (!pass_time(v, DIAL_MS))
		return end_call(v, CALL_END_INTERRUPTED);
	tell(v, "ended: %s", o->dial_status);
	random_fill(&v->call->random, random_bytes, sizeof random_bytes);
	identity_sid("CA", random_bytes, sid);
	add_field(v, "DialCallStatus", o->dial_status);
	add_field(v, "DialCallSid", sid);
	if (completed)
		add_field(v, "DialCallDuration", "2");
	return fetch_action(v);
}

static enum after run_record(struct verb *v)
{
	char sid[IDENTITY_SID_BYTES + 1], url[96];
	const char *action = attribute(v, "action");
	uint8_t random_bytes[16];

	answer(v->call);
	tell(v, "%s", "the caller leaves a message");
	if (!pass_time(v, RECORD_MS))
		return end_call(v, CALL_END_INTERRUPTED);
	random_fill(&v->call->random, random_bytes, sizeof random_bytes);
	identity_sid("RE", random_bytes, sid);
	snprintf(url, sizeof url, "https://api.twilio.com/Recordings/%s", sid);
	add_field(v, "RecordingUrl", url);
	add_field(v, "RecordingSid", sid);
	add_field(v, "RecordingDuration", "2");
	add_field(v, "Digits", "hangup");
	return fetch(v, action ? action : v->call->document_url);
}

/* Verbs inside are executed, then nothing is entered: the next verb runs (or the action, if it wants to know). */
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
		return run_dial(v);
	case TWIML_RECORD:
		return run_record(v);
	case TWIML_REDIRECT:
		tell(v, "%s", v->node->text);
		return fetch(v, v->node->text);
	case TWIML_REJECT:
		tell(v, "%s", attribute(v, "reason") ? attribute(v, "reason") : "rejected");
		return end_call(v, v->call->answered_ms ? CALL_END_HANGUP : CALL_END_REJECTED);
	case TWIML_HANGUP:
		tell(v, "%s", "");
		return end_call(v, CALL_END_HANGUP);
	case TWIML_START:
	case TWIML_STOP:
		tell(v, "%s", "is not simulated");
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

static enum after run_gather(struct verb *v)
{
	const struct twiml_document *d = &v->call->document;
	const char *empty = attribute(v, "actionOnEmptyResult");

	for (const struct twiml_read_node *n = twiml_read_child(d, v->node); n; n = twiml_read_next(d, n)) {
		struct verb inner = { v->call, n, v->next };
		enum after after = run_verb(&inner);

		if (after != AFTER_NEXT)
			return after;
	}
	tell(v, "%s", "nothing is entered");
	if (!pass_time(v, (uint64_t)twiml_read_number(d, v->node, "timeout", 5) * 1000))
		return end_call(v, CALL_END_INTERRUPTED);
	return empty && strcmp(empty, "true") == 0 ? fetch_action(v) : AFTER_NEXT;
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
	call->end = CALL_END_TWIML;
	return VERBS_END;
}
