#include "sim/verb.h"

#include "base/check.h"
#include "base/clock.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *verb_attribute(const struct verb *v, const char *name)
{
	return twiml_read_attribute(&v->call->document, v->node, name);
}

long verb_number(const struct verb *v, const char *name, long otherwise)
{
	return twiml_read_number(&v->call->document, v->node, name, otherwise);
}

void verb_tell(const struct verb *v, const char *format, ...)
{
	char text[300];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	timeline_tell(&v->call->timeline, clock_mono_ms(), "twiml", "<%s> %s", v->node->name, text);
}

enum after verb_end(struct verb *v, enum call_end end)
{
	v->call->end = end;
	return AFTER_END;
}

/* --- time and sound ----------------------------------------------------------------------------------- */

bool verb_pass(struct verb *v, uint64_t ms)
{
	struct phone_call *call = v->call;
	const bool quick = call->options->quick;
	uint64_t until = clock_mono_ms() + (quick ? 0 : ms);

	for (;;) {
		struct pollfd fds[ERRAND_COUNT_MAX];
		uint64_t now = clock_mono_ms(), deadline = until;

		errands_turn(&call->errands, now);
		if (call_is_interrupted())
			return false;
		if (now >= until)
			break;
		size_t count = errands_poll(&call->errands, fds, &deadline);

		poll(fds, count, (int)(deadline > now ? deadline - now : 0));
	}
	call->skipped_ms += quick ? ms : 0;
	return true;
}

bool verb_hear(struct verb *v, enum story_kind kind, uint64_t ms, const char *text)
{
	story_put(&v->call->story, kind, call_story_ms(v->call), ms, text);
	return verb_pass(v, ms);
}

bool verb_speak(struct verb *v, enum story_kind kind, enum speech_voice voice, const char *words)
{
	struct track *track = &v->call->track;
	struct speech speech = { 0 };
	uint64_t ms = 0;

	if (speech_say(voice, words, 1.0, &speech)) {
		ms = speech.ulaw_bytes / ULAW_BYTES_PER_MS;
		if (kind == STORY_CALLER)
			track_said(track, speech.ulaw, speech.ulaw_bytes);
		else
			track_heard(track, speech.ulaw, speech.ulaw_bytes);
		track_level(track);
	}
	speech_release(&speech);
	return verb_hear(v, kind, ms, words);
}

/* --- what comes next ---------------------------------------------------------------------------------- */

void verb_add_field(struct verb *v, const char *name, const char *format, ...)
{
	struct verbs_next *next = v->next;
	va_list args;

	check(next->field_count < VERBS_FIELD_COUNT_MAX);
	next->fields[next->field_count].name = name;
	va_start(args, format);
	vsnprintf(next->fields[next->field_count++].value, sizeof next->fields[0].value, format, args);
	va_end(args);
}

enum after verb_fetch(struct verb *v, const char *reference)
{
	const char *method = verb_attribute(v, "method");

	if (!url_resolve(slice_of(v->call->document_url), slice_of(reference), v->next->url,
		    sizeof v->next->url)) {
		call_violation(
			v->call, VERDICT_11200, "<%s>: \"%.100s\" is not a URL", v->node->name, reference);
		return verb_end(v, CALL_END_FAILED);
	}
	v->next->is_get = method && strcasecmp(method, "GET") == 0;
	return AFTER_FETCH;
}

enum after verb_fetch_action(struct verb *v)
{
	const char *action = verb_attribute(v, "action");

	return action ? verb_fetch(v, action) : AFTER_NEXT;
}

void verb_name(struct verb *v, const char *letters, char out[IDENTITY_SID_BYTES + 1])
{
	uint8_t random_bytes[16];

	random_fill(&v->call->random, random_bytes, sizeof random_bytes);
	identity_sid(letters, random_bytes, out);
}
