#include "sim/phone_report.h"

#include "base/check.h"
#include "proto/json_write.h"

/* FACT(name, type): what of call_facts is reported under its own name; negative: null. */
#define FACTS(FACT)                                                                                        \
	FACT(webhook_ms)                                                                                   \
	FACT(upgrade_ms) FACT(start_ms) FACT(first_audio_ms) FACT(first_voice_ms) FACT(stream_end_ms)      \
		FACT(end_ms) FACT(messages) FACT(audio_messages) FACT(audio_bytes) FACT(ragged_messages)   \
			FACT(marks) FACT(marks_returned) FACT(clears) FACT(cleared_bytes)                  \
				FACT(heard_bytes) FACT(played_bytes) FACT(voiced_ms) FACT(underruns)       \
					FACT(underrun_ms) FACT(frames_sent) FACT(frames_late)              \
						FACT(late_ms_most) FACT(utterances) FACT(unanswered)       \
							FACT(lines_spoken) FACT(documents) FACT(streams)   \
								FACT(recordings)                   \
								FACT(callbacks) FACT(callbacks_failed)     \
									FACT(close_code)

static double seconds(uint64_t bytes)
{
	return (double)bytes / (1000 * ULAW_BYTES_PER_MS);
}

static void tell_story(const struct story *story, FILE *out)
{
	char text[STORY_TEXT_BYTES_MAX + 100];

	fprintf(out, "  what the caller heard:\n");
	for (size_t i = 0; i < story->count; i++)
		fprintf(out, "    %6.1f  %s\n", (double)story->scenes[i].at_ms / 1000,
			story_phrase(&story->scenes[i], text, sizeof text));
	if (story->left_out)
		fprintf(out, "    and %u more\n", story->left_out);
}

void phone_report_text(const struct phone_call *call, FILE *out)
{
	const struct call_facts *f = &call->facts;

	fprintf(out, "\ncall %s: %s, %s\n", call->identity.call_sid, call_end_word(call->end),
		phone_call_succeeded(call) ? "all well" : "NOT well");
	if (f->start_ms >= 0) {
		fprintf(out, "  heard %.1f s, of that %.1f s speech in %u utterances; ", seconds(f->heard_bytes),
			(double)f->voiced_ms / 1000, f->utterances);
		if (f->first_audio_ms < 0)
			fprintf(out, "no audio came\n");
		else
			fprintf(out, "first audio %.3f s after the start\n",
				(double)(f->first_audio_ms - f->start_ms) / 1000);
		fprintf(out,
			"  %llu marks (%llu returned), %llu clears (%.1f s dropped), %llu underruns (%llu "
			"ms)\n",
			(unsigned long long)f->marks, (unsigned long long)f->marks_returned,
			(unsigned long long)f->clears, seconds(f->cleared_bytes),
			(unsigned long long)f->underruns, (unsigned long long)f->underrun_ms);
		fprintf(out, "  %llu frames sent, %llu more than 5 ms late\n",
			(unsigned long long)f->frames_sent, (unsigned long long)f->frames_late);
	}
	for (int code = 0; code < VERDICT_COUNT; code++) {
		if (call->verdict.counts[code])
			fprintf(out, "  %s %d x%u %s: %s\n",
				verdict_code_is_bad((enum verdict_code)code) ? "VIOLATION" : "note",
				verdict_number((enum verdict_code)code), call->verdict.counts[code],
				verdict_sentence((enum verdict_code)code), call->verdict.first[code]);
	}
	tell_story(&call->story, out);
}

static void put_story(struct json_writer *w, const struct story *story)
{
	json_open(w, "heard", '[');
	for (size_t i = 0; i < story->count; i++) {
		const struct story_scene *scene = &story->scenes[i];

		json_open(w, NULL, '{');
		json_put(w, "what", slice_of(story_word(scene->kind)));
		json_put_int(w, "at_ms", (int64_t)scene->at_ms);
		json_put_int(w, "ms", (int64_t)scene->ms);
		json_put(w, "text", slice_of(scene->text));
		json_close(w, '}');
	}
	json_close(w, ']');
	json_put_int(w, "silence_ms_most", (int64_t)story_silence_ms(story));
}

static void put_fact(struct json_writer *w, const char *name, int64_t value)
{
	if (value < 0)
		json_put_raw(w, name, SLICE("null"));
	else
		json_put_int(w, name, value);
}

static void put_verdicts(struct json_writer *w, const struct verdict *v)
{
	json_open(w, "verdicts", '[');
	for (int code = 0; code < VERDICT_COUNT; code++) {
		if (!v->counts[code])
			continue;
		json_open(w, NULL, '{');
		json_put_int(w, "code", verdict_number((enum verdict_code)code));
		json_put_bool(w, "violation", verdict_code_is_bad((enum verdict_code)code));
		json_put_int(w, "count", v->counts[code]);
		json_put(w, "sentence", slice_of(verdict_sentence((enum verdict_code)code)));
		json_put(w, "first", slice_of(v->first[code]));
		json_close(w, '}');
	}
	json_close(w, ']');
}

void phone_report_json(const struct phone_call *call, FILE *out)
{
	static uint8_t bytes[256 * 1024];
	struct json_writer w;
	struct buf b;

	buf_init_fixed(&b, bytes, sizeof bytes);
	json_begin(&w, &b);
	json_open(&w, NULL, '{');
	json_put_bool(&w, "ok", phone_call_succeeded(call));
	json_put(&w, "end", slice_of(call_end_word(call->end)));
	json_put(&w, "call_sid", slice_of(call->identity.call_sid));
	json_put(&w, "stream_sid", slice_of(call->identity.stream_sid));
#define FACT(name) put_fact(&w, #name, (int64_t)call->facts.name);
	FACTS(FACT)
#undef FACT
	json_put_double(&w, "heard_s", seconds(call->facts.heard_bytes));
	json_put_int(&w, "violations", verdict_violation_count(&call->verdict));
	put_verdicts(&w, &call->verdict);
	put_story(&w, &call->story);
	json_close(&w, '}');
	check(json_end(&w));
	fwrite(buf_data(&b), 1, buf_len(&b), out);
	fputc('\n', out);
}
