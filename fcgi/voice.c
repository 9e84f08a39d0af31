#include "fcgi/voice.h"

#include "base/check.h"
#include "fcgi/answer.h"
#include "fcgi/sentences.h"
#include "proto/twiml.h"

#include <stdio.h>

enum { URL_BYTES_MAX = 2048 };

static void url_attribute(struct twiml *t, const char *name, struct slice base, const char *path,
	struct slice rest)
{
	char url[URL_BYTES_MAX];
	int len = snprintf(url, sizeof url, "%.*s%s%.*s", (int)base.len, base.data, path, (int)rest.len,
		rest.data);

	check(len > 0 && (size_t)len < sizeof url);
	twiml_attribute(t, name, (struct slice){ url, (size_t)len });
}

static void number_attribute(struct twiml *t, const char *name, int number)
{
	char digits[12];

	snprintf(digits, sizeof digits, "%d", number);
	twiml_attribute(t, name, slice_of(digits));
}

static void parameter(struct twiml *t, const char *name, struct slice value)
{
	check(strlen(name) + value.len <= PARAMETER_BYTES_MAX);
	twiml_open(t, "Parameter");
	twiml_attribute(t, "name", slice_of(name));
	twiml_attribute(t, "value", value);
	twiml_close(t);
}

/* What was rung comes back with the next question. */
static void action_attribute(struct twiml *t, const struct voice_facts *f, const struct plan_rung *rung)
{
	char query[PLAN_RUNG_BYTES_MAX];

	url_attribute(t, "action", f->public_origin, "/api/twilio/after", plan_rung_write(rung, query));
}

static void stream(struct twiml *t, const struct voice_facts *f, const struct plan *plan)
{
	char id[24];

	snprintf(id, sizeof id, "%lld", (long long)f->merchant_id);
	twiml_open(t, "Connect");
	action_attribute(t, f, &plan->rung);
	twiml_open(t, "Stream");
	url_attribute(t, "url", f->relay_url, "/", f->token);
	url_attribute(t, "statusCallback", f->public_origin, "/api/twilio/stream-status", SLICE(""));
	parameter(t, "merchantId", slice_of(id));
	parameter(t, "callerPhone", f->caller_phone);
	parameter(t, "calledNumber", f->called_number);
	if (f->opening.len)
		parameter(t, "opening", f->opening);
	if (plan->steps[0].is_resumed)
		parameter(t, "resume", SLICE("no-answer"));
	twiml_close(t);
	twiml_close(t);
}

static void dial(struct twiml *t, const struct voice_facts *f, const struct plan *plan)
{
	const enum plan_number number = plan->steps[0].number;

	check(f->numbers[number].len);
	twiml_open(t, "Dial");
	action_attribute(t, f, &plan->rung);
	number_attribute(t, "timeout", DIAL_TIMEOUT_S);
	if ((number != PLAN_NUMBER_FALLBACK || !f->has_caller_number) && f->caller_id.len)
		twiml_attribute(t, "callerId", f->caller_id);
	twiml_attribute(t, "answerOnBridge", SLICE("true"));
	twiml_element(t, "Number", f->numbers[number]);
	twiml_close(t);
}

static void record(struct twiml *t, const struct voice_facts *f)
{
	twiml_open(t, "Record");
	url_attribute(t, "action", f->public_origin, "/api/twilio/voicemail", SLICE(""));
	url_attribute(t, "recordingStatusCallback", f->public_origin, "/api/twilio/voicemail", SLICE(""));
	number_attribute(t, "maxLength", VOICEMAIL_MAX_S);
	number_attribute(t, "timeout", VOICEMAIL_SILENCE_S);
	twiml_attribute(t, "finishOnKey", SLICE("#"));
	twiml_attribute(t, "playBeep", SLICE("true"));
	twiml_close(t);
}

static struct slice text_of(const struct voice_facts *f, enum plan_sentence name)
{
	switch (name) {
	case PLAN_SENTENCE_APOLOGY:
	case PLAN_SENTENCE_NONE:
		break;
	case PLAN_SENTENCE_NOT_CONFIGURED:
		return SLICE("This number is not configured. Goodbye.");
	case PLAN_SENTENCE_CLOSED:
	case PLAN_SENTENCE_CLOSED_TONE:
		return f->closed;
	case PLAN_SENTENCE_LEAVE_MESSAGE:
		return sentence(SENTENCE_LEAVE_MESSAGE, f->language);
	case PLAN_SENTENCE_THANKS:
		return sentence(SENTENCE_THANKS, f->language);
	case PLAN_SENTENCE_NO_MESSAGE:
		return sentence(SENTENCE_NO_MESSAGE, f->language);
	case PLAN_SENTENCE_OPENING:
		return f->opening;
	}
	return sentence(SENTENCE_APOLOGY, f->language);
}

static bool is_merchants(const struct voice_facts *f, enum plan_sentence name)
{
	const bool is_closed = name == PLAN_SENTENCE_CLOSED || name == PLAN_SENTENCE_CLOSED_TONE;

	return name == PLAN_SENTENCE_OPENING || (is_closed && f->is_closed_given);
}

static void say(struct twiml *t, const struct voice_facts *f, enum plan_sentence name)
{
	const char *tag = is_merchants(f, name) ? sentence_tag(f->language) : sentence_our_tag(f->language);

	twiml_open(t, "Say");
	if (tag && name != PLAN_SENTENCE_NOT_CONFIGURED)
		twiml_attribute(t, "language", slice_of(tag));
	twiml_text(t, text_of(f, name));
	twiml_close(t);
}

static void reject(struct twiml *t, const struct voice_facts *f)
{
	twiml_open(t, "Reject");
	if (f->reject_reason)
		twiml_attribute(t, "reason", slice_of(f->reject_reason));
	twiml_close(t);
}

static void write_step(struct twiml *t, const struct plan *plan, unsigned i, const struct voice_facts *f)
{
	const struct plan_step *step = &plan->steps[i];

	switch (step->verb) {
	case PLAN_STREAM:
		return stream(t, f, plan);
	case PLAN_DIAL:
		return dial(t, f, plan);
	case PLAN_SAY:
		return say(t, f, step->sentence);
	case PLAN_RECORD:
		return record(t, f);
	case PLAN_REJECT:
		return reject(t, f);
	case PLAN_HANG_UP:
		return twiml_element(t, "Hangup", SLICE(""));
	}
}

void voice_write(struct answer *a, const struct plan *plan, const struct voice_facts *facts)
{
	struct twiml t;

	a->status = 200;
	a->content_type = "text/xml; charset=utf-8";
	buf_clear(&a->body);
	twiml_begin(&t, &a->body);
	for (unsigned i = 0; i < plan->count; i++)
		write_step(&t, plan, i, facts);
	const bool fits = twiml_end(&t);

	check(fits);
}
