#include "tests/unit/unit.h"

#include "base/limits.h"
#include "sim/speech_hear.h"
#include "sim/speech_say.h"

static const char grammar[] =
	"#JSGF V1.0;\n"
	"grammar test;\n"
	"public <line> = what time do you (open | close) | <wish> a table for <number> people [tomorrow] |\n"
	"                yes [please] | no [thank you] | [thank you] goodbye | my name is (john | mary | anna);\n"
	"<wish> = i would like to book;\n"
	"<number> = two | three | four | seven;\n";

/* Speaks and hears one sentence through μ-law, with silence around it as a call has. */
static void hear_spoken(struct speech_hear *hear, enum speech_voice voice, const char *text, char *out,
	size_t out_bytes)
{
	const size_t silence = 300 * ULAW_BYTES_PER_MS;
	struct speech speech;
	uint8_t *call;

	assert_true(speech_say(voice, text, 1.0, &speech));
	call = malloc(speech.ulaw_bytes + 2 * silence);
	assert_non_null(call);
	memset(call, ULAW_SILENCE, speech.ulaw_bytes + 2 * silence);
	memcpy(call + silence, speech.ulaw, speech.ulaw_bytes);
	speech_hear_utterance(hear, call, speech.ulaw_bytes + 2 * silence, out, out_bytes);
	free(call);
	speech_release(&speech);
}

static struct speech_hear *open_hear(void)
{
	char why[200] = "";
	struct speech_hear *hear = speech_hear_open(grammar, "", why, sizeof why);

	if (!hear)
		fail_msg("%s", why);
	return hear;
}

static void every_voice_is_understood_in_every_sentence(void **state)
{
	static const char *const lines[][2] = {
		{ "What time do you open?", "what time do you open" },
		{ "What time do you close?", "what time do you close" },
		{ "I would like to book a table for two people tomorrow.",
			"i would like to book a table for two people tomorrow" },
		{ "I would like to book a table for seven people.", "i would like to book a table for seven people" },
		{ "Yes, please.", "yes please" },
		{ "No, thank you.", "no thank you" },
		{ "My name is Mary.", "my name is mary" },
		{ "Thank you, goodbye!", "thank you goodbye" },
	};
	struct speech_hear *hear = open_hear();
	char heard[SPEECH_HEARD_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		for (int voice = 0; voice < SPEECH_VOICE_COUNT; voice++) {
			hear_spoken(hear, (enum speech_voice)voice, lines[i][0], heard, sizeof heard);
			assert_string_equal(heard, lines[i][1]);
		}
	speech_hear_close(hear);
}

static void hearing_does_not_depend_on_what_was_heard_before(void **state)
{
	struct speech_hear *hear = open_hear();
	char first[SPEECH_HEARD_BYTES_MAX], again[SPEECH_HEARD_BYTES_MAX];

	(void)state;
	hear_spoken(hear, SPEECH_VOICE_RMS, "Yes please.", first, sizeof first);
	hear_spoken(hear, SPEECH_VOICE_AWB, "What time do you close?", again, sizeof again);
	hear_spoken(hear, SPEECH_VOICE_RMS, "Yes please.", again, sizeof again);
	assert_string_equal(first, again);
	speech_hear_close(hear);
}

static void silence_is_heard_as_nothing(void **state)
{
	struct speech_hear *hear = open_hear();
	uint8_t silence[8000];
	char heard[SPEECH_HEARD_BYTES_MAX] = "?";

	(void)state;
	memset(silence, ULAW_SILENCE, sizeof silence);
	speech_hear_utterance(hear, silence, sizeof silence, heard, sizeof heard);
	assert_string_equal(heard, "");
	speech_hear_utterance(hear, silence, 0, heard, sizeof heard);
	assert_string_equal(heard, "");
	speech_hear_close(hear);
}

static void the_same_text_is_spoken_with_the_same_bytes(void **state)
{
	struct speech first, second;

	(void)state;
	assert_true(speech_say(SPEECH_VOICE_SLT, "We open at nine.", 1.0, &first));
	assert_true(speech_say(SPEECH_VOICE_SLT, "We open at nine.", 1.0, &second));
	assert_int_equal(first.ulaw_bytes, second.ulaw_bytes);
	assert_memory_equal(first.ulaw, second.ulaw, first.ulaw_bytes);
	assert_in_range(first.ulaw_bytes, 800 * ULAW_BYTES_PER_MS, 2500 * ULAW_BYTES_PER_MS);
	speech_release(&first);
	speech_release(&second);
}

static void words_are_found_in_the_text_with_rising_times(void **state)
{
	static const char text[] = "We open at 9, and close at ten.";
	struct speech speech;

	(void)state;
	assert_true(speech_say(SPEECH_VOICE_SLT, text, 1.0, &speech));
	assert_int_equal(speech.word_count, 8);
	assert_int_equal(text[speech.words[3].text_at], '9');
	for (size_t i = 1; i < speech.word_count; i++) {
		assert_true(speech.words[i].text_at > speech.words[i - 1].text_at);
		assert_true(speech.words[i].start_ms > speech.words[i - 1].start_ms);
		assert_true(speech.words[i].start_ms * ULAW_BYTES_PER_MS < speech.ulaw_bytes);
	}
	speech_release(&speech);
}

static void speed_changes_the_length(void **state)
{
	struct speech slow, fast;

	(void)state;
	assert_true(speech_say(SPEECH_VOICE_AWB, "How can I help you?", 0.7, &slow));
	assert_true(speech_say(SPEECH_VOICE_AWB, "How can I help you?", 1.5, &fast));
	assert_true(slow.ulaw_bytes > fast.ulaw_bytes * 3 / 2);
	speech_release(&slow);
	speech_release(&fast);
}

static void nothing_to_say_and_too_much_to_say_are_refused(void **state)
{
	static char long_text[SPEECH_TEXT_BYTES_MAX + 2];
	struct speech speech;

	(void)state;
	memset(long_text, 'a', sizeof long_text - 1);
	assert_false(speech_say(SPEECH_VOICE_SLT, "", 1.0, &speech));
	assert_false(speech_say(SPEECH_VOICE_SLT, long_text, 1.0, &speech));
}

static void a_missing_model_and_a_broken_grammar_are_named(void **state)
{
	char why[200] = "";

	(void)state;
	assert_null(speech_hear_open(grammar, "/nonexistent", why, sizeof why));
	assert_non_null(strstr(why, "pocketsphinx-en-us"));
	assert_null(speech_hear_open("#JSGF V1.0; grammar empty;", "", why, sizeof why));
	assert_non_null(strstr(why, "grammar"));
}

static void voices_have_names(void **state)
{
	enum speech_voice voice;

	(void)state;
	for (int i = 0; i < SPEECH_VOICE_COUNT; i++) {
		assert_true(speech_voice_parse(speech_voice_name((enum speech_voice)i), &voice));
		assert_int_equal(voice, i);
	}
	assert_false(speech_voice_parse("eve", &voice));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_voice_is_understood_in_every_sentence),
		cmocka_unit_test(hearing_does_not_depend_on_what_was_heard_before),
		cmocka_unit_test(silence_is_heard_as_nothing),
		cmocka_unit_test(the_same_text_is_spoken_with_the_same_bytes),
		cmocka_unit_test(words_are_found_in_the_text_with_rising_times),
		cmocka_unit_test(speed_changes_the_length),
		cmocka_unit_test(nothing_to_say_and_too_much_to_say_are_refused),
		cmocka_unit_test(a_missing_model_and_a_broken_grammar_are_named),
		cmocka_unit_test(voices_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
