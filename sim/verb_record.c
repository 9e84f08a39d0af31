/*
 * <Record>: a beep, then the caller's words, until he falls silent, presses a key or hangs up. What he said is kept
 * as Twilio keeps it, a WAV file without the silence at its ends, where receptionai-sim-phone --serve finds it. Who
 * has said nothing has left nothing: the next verb runs.
 */
#include "sim/verb.h"

#include "base/clock.h"
#include "sim/kept.h"

#include <stdio.h>
#include <string.h>

enum { BEEP_MS = 500, SILENCE_S = 5, LENGTH_S_MAX = 3600 };

static bool is_said_no(const char *attribute)
{
	return attribute && strcmp(attribute, "false") == 0;
}

static bool beep(struct verb *v)
{
	if (is_said_no(verb_attribute(v, "playBeep")))
		return true;
	return verb_hear(v, STORY_BEEP, BEEP_MS, "");
}

/* The caller's words, as far as Twilio records them. */
static bool say(struct verb *v, struct speech *out)
{
	const char *words = v->call->options->message;
	const uint64_t ms_max = 1000 * (uint64_t)verb_number(v, "maxLength", LENGTH_S_MAX);

	if (!words[0] || !speech_say(v->call->options->voice, words, 1.0, out))
		return true;
	if (out->ulaw_bytes > ms_max * ULAW_BYTES_PER_MS)
		out->ulaw_bytes = (size_t)(ms_max * ULAW_BYTES_PER_MS);
	track_said(&v->call->track, out->ulaw, out->ulaw_bytes);
	track_level(&v->call->track);
	return verb_hear(v, STORY_CALLER, out->ulaw_bytes / ULAW_BYTES_PER_MS, words);
}

/* How the caller lets Twilio know that he has done. */
static bool stop(struct verb *v, bool is_empty)
{
	const char *keys = verb_attribute(v, "finishOnKey");

	switch (v->call->options->message_end) {
	case PHONE_MESSAGE_HANGUP:
		v->next->call_is_over = true;
		verb_add_field(v, "Digits", "hangup");
		return true;
	case PHONE_MESSAGE_KEY:
		if (is_empty || (keys && !strchr(keys, '#')))
			break;
		verb_add_field(v, "Digits", "#");
		return true;
	case PHONE_MESSAGE_SILENCE:
		break;
	}
	return verb_pass(v, 1000 * (uint64_t)verb_number(v, "timeout", SILENCE_S));
}

static void tell_callback(struct verb *v, const char *url, const char *sid, uint64_t seconds)
{
	struct phone_call *call = v->call;
	const char *where = verb_attribute(v, "recordingStatusCallback");
	const char *method = verb_attribute(v, "recordingStatusCallbackMethod");
	struct errand *errand = where ? errands_take(&call->errands) : NULL;
	char target[WEBHOOK_URL_BYTES_MAX];

	if (!errand || !url_resolve(slice_of(call->document_url), slice_of(where), target, sizeof target))
		return;
	errand_add(errand, "AccountSid", "%s", call->identity.account_sid);
	errand_add(errand, "CallSid", "%s", call->identity.call_sid);
	errand_add(errand, "RecordingSid", "%s", sid);
	errand_add(errand, "RecordingUrl", "%s", url);
	errand_add(errand, "RecordingStatus", "completed");
	errand_add(errand, "RecordingDuration", "%llu", (unsigned long long)seconds);
	errand_add(errand, "RecordingChannels", "1");
	errand_add(errand, "RecordingSource", "RecordVerb");
	errand_send(errand, &call->webhook_env, target, method && strcasecmp(method, "GET") == 0, clock_mono_ms());
}

static enum after keep(struct verb *v, const struct speech *speech)
{
	const struct phone_options *o = v->call->options;
	const char *action = verb_attribute(v, "action");
	const uint64_t seconds = (speech->ulaw_bytes / ULAW_BYTES_PER_MS + 500) / 1000;
	char sid[IDENTITY_SID_BYTES + 1], url[VERBS_VALUE_BYTES_MAX];

	verb_name(v, "RE", sid);
	snprintf(url, sizeof url, "%s/Accounts/%s/Recordings/%s", o->api_url, v->call->identity.account_sid, sid);
	if (o->recordings_path && !kept_write(o->recordings_path, sid, speech->ulaw, speech->ulaw_bytes))
		call_violation(v->call, VERDICT_11200, "%s cannot keep a recording", o->recordings_path);
	verb_tell(v, "%s is kept, %llu s", sid, (unsigned long long)seconds);
	verb_add_field(v, "RecordingUrl", "%s", url);
	verb_add_field(v, "RecordingSid", "%s", sid);
	verb_add_field(v, "RecordingDuration", "%llu", (unsigned long long)seconds);
	tell_callback(v, url, sid, seconds);
	v->call->facts.recordings++;
	return verb_fetch(v, action ? action : v->call->document_url);
}

enum after verb_record(struct verb *v)
{
	struct speech speech = { 0 };
	enum after after = AFTER_NEXT;

	call_answer(v->call);
	verb_tell(v, "%s", v->call->options->message[0] ? "the caller leaves a message" : "the caller says nothing");
	if (!beep(v) || !say(v, &speech) || !stop(v, speech.ulaw_bytes == 0))
		after = verb_end(v, CALL_END_INTERRUPTED);
	else if (v->next->call_is_over)
		v->call->end = CALL_END_SCRIPT;
	if (after == AFTER_NEXT && speech.ulaw_bytes)
		after = keep(v, &speech);
	else if (after == AFTER_NEXT && v->next->call_is_over)
		after = AFTER_END;
	speech_release(&speech);
	return after;
}
