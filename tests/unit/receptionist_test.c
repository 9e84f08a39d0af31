#include "tests/unit/unit.h"

#include "base/limits.h"
#include "sim/receptionist.h"
#include "sim/speech_hear.h"
#include "sim/speech_say.h"

static const char instructions[] =
	"You are the receptionist of Bella's Trattoria. Be kind.\n"
	"Opening hours: Tuesday to Sunday from five to eleven.\n"
	"The address is seven Harbour Road. A pizza costs twelve dollars.";

static void assert_answer(struct receptionist *r, const char *heard, const char *wanted)
{
	char said[RECEPTIONIST_TEXT_BYTES_MAX];

	receptionist_answer(r, heard, said, sizeof said);
	if (!strstr(said, wanted))
		fail_msg("\"%s\" was answered with \"%s\", not \"…%s…\"", heard, said, wanted);
}

static void the_greeting_names_the_merchant(void **state)
{
	struct receptionist r;
	char said[RECEPTIONIST_TEXT_BYTES_MAX];

	(void)state;
	receptionist_init(&r, instructions);
	receptionist_greeting(&r, said, sizeof said);
	assert_string_equal(said, "Hello, and thank you for calling Bella's Trattoria. How can I help you?");
	receptionist_init(&r, NULL);
	receptionist_greeting(&r, said, sizeof said);
	assert_string_equal(said, "Hello, and thank you for calling. How can I help you?");
}

static void facts_come_from_the_instructions(void **state)
{
	struct receptionist r;

	(void)state;
	receptionist_init(&r, instructions);
	assert_answer(&r, "what time do you open", "Opening hours: Tuesday to Sunday from five to eleven.");
	assert_answer(&r, "where are you located", "The address is seven Harbour Road.");
	assert_answer(&r, "how much is dinner", "A pizza costs twelve dollars.");
}

static void facts_are_made_up_where_the_instructions_are_silent(void **state)
{
	struct receptionist r;

	(void)state;
	receptionist_init(&r, "Be brief.");
	assert_answer(&r, "what are your opening hours", "We are open from nine");
	assert_answer(&r, "what is your address", "Market Street");
	assert_answer(&r, "what are your prices", "fifteen dollars");
}

static void a_booking_in_one_sentence_is_confirmed(void **state)
{
	struct receptionist r;

	(void)state;
	receptionist_init(&r, NULL);
	assert_answer(&r, "i would like to book a table for two people tomorrow at seven o'clock",
		"A table for two people tomorrow at seven o'clock. Is that right?");
	assert_answer(&r, "yes please", "Your table is booked.");
	assert_answer(&r, "no thank you", "Goodbye!");
	assert_true(r.said_goodbye);
}

static void a_booking_asks_for_what_is_missing(void **state)
{
	struct receptionist r;

	(void)state;
	receptionist_init(&r, NULL);
	assert_answer(&r, "hello can i book a table please", "For how many people?");
	assert_answer(&r, "for four people", "On which day?");
	assert_answer(&r, "on saturday", "At what time should the table be ready on Saturday?");
	assert_answer(&r, "at eight thirty", "A table for four people on Saturday at eight thirty. Is that right?");
	assert_answer(&r, "no that is wrong", "For how many people?");
	assert_answer(&r, "for six people tomorrow at nine", "A table for six people tomorrow at nine. Is that right?");
	assert_answer(&r, "that is right", "booked");
}

static void a_question_during_a_booking_does_not_lose_it(void **state)
{
	struct receptionist r;

	(void)state;
	receptionist_init(&r, NULL);
	assert_answer(&r, "i want to reserve a table on friday", "For how many people?");
	assert_answer(&r, "what time do you close", "We are open");
	assert_answer(&r, "for two people", "At what time should the table be ready on Friday?");
}

static void a_message_is_taken_with_a_name(void **state)
{
	struct receptionist r;

	(void)state;
	receptionist_init(&r, NULL);
	assert_answer(&r, "can i leave a message", "What should I write down?");
	assert_answer(&r, "please call me back tomorrow", "What is your name?");
	assert_answer(&r, "my name is anna miller", "I will pass it on.");
}

static void what_was_not_understood_is_asked_again_and_changes_nothing(void **state)
{
	struct receptionist r;

	(void)state;
	receptionist_init(&r, NULL);
	assert_answer(&r, "can i book a table", "For how many people?");
	assert_answer(&r, "", "I did not get that");
	assert_answer(&r, "can you say that again", "For how many people?");
	assert_answer(&r, "for two people", "On which day?");
}

static void a_transcript_is_written_out(void **state)
{
	char text[100];

	(void)state;
	receptionist_write_out("what time do you open", text, sizeof text);
	assert_string_equal(text, "What time do you open?");
	receptionist_write_out("hello can i book a table", text, sizeof text);
	assert_string_equal(text, "Hello can I book a table?");
	receptionist_write_out("yes please", text, sizeof text);
	assert_string_equal(text, "Yes please.");
	receptionist_write_out("", text, sizeof text);
	assert_string_equal(text, "");
}

/* Spoken by the voices that callers have, heard through μ-law. */
static void the_ear_understands_what_callers_say(void **state)
{
	static const char *const lines[] = {
		"hello", "what time do you open", "what time do you close today", "are you open on monday",
		"what are your opening hours", "where are you located", "what is your address", "how much is dinner",
		"i would like to book a table for two people tomorrow at seven o'clock", "can i leave a message",
		"can i reserve a table for four people on friday", "at eight thirty", "yes please", "that is right",
		"no that is wrong", "please call me back tomorrow", "my name is anna miller", "can you say that again",
		"no thank you", "thank you goodbye", "goodbye",
	};
	static const enum speech_voice voices[] = { SPEECH_VOICE_RMS, SPEECH_VOICE_AWB };
	const size_t silence = 300 * ULAW_BYTES_PER_MS;
	char why[200] = "", heard[SPEECH_HEARD_BYTES_MAX];
	struct speech_hear *hear = speech_hear_open(receptionist_grammar, "", why, sizeof why);

	(void)state;
	if (!hear)
		fail_msg("%s", why);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0] * 2; i++) {
		struct speech speech;
		uint8_t *call;

		assert_true(speech_say(voices[i % 2], lines[i / 2], 1.0, &speech));
		call = malloc(speech.ulaw_bytes + 2 * silence);
		assert_non_null(call);
		memset(call, ULAW_SILENCE, speech.ulaw_bytes + 2 * silence);
		memcpy(call + silence, speech.ulaw, speech.ulaw_bytes);
		speech_hear_utterance(hear, call, speech.ulaw_bytes + 2 * silence, heard, sizeof heard);
		assert_string_equal(heard, lines[i / 2]);
		free(call);
		speech_release(&speech);
	}
	speech_hear_close(hear);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_greeting_names_the_merchant),
		cmocka_unit_test(facts_come_from_the_instructions),
		cmocka_unit_test(facts_are_made_up_where_the_instructions_are_silent),
		cmocka_unit_test(a_booking_in_one_sentence_is_confirmed),
		cmocka_unit_test(a_booking_asks_for_what_is_missing),
		cmocka_unit_test(a_question_during_a_booking_does_not_lose_it),
		cmocka_unit_test(a_message_is_taken_with_a_name),
		cmocka_unit_test(what_was_not_understood_is_asked_again_and_changes_nothing),
		cmocka_unit_test(a_transcript_is_written_out),
		cmocka_unit_test(the_ear_understands_what_callers_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
