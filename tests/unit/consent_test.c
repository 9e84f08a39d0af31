/* From when on a call is kept whose merchant wants the caller to have heard that it is. */
#include "tests/unit/unit.h"

#include "tests/relay/kit.h"

struct bench {
	struct kit *k;
	struct recorder recorder;
};

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	b->k = kit_open();
	b->k->disclosure = "This call is recorded.";
	recorder_begin(&b->recorder, &b->k->pool, b->k->now_ms);
	recorder_decide(&b->recorder, true);
	b->k->bridge.phone.recorder = &b->recorder;
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	recorder_fini(&b->recorder);
	kit_close(b->k);
	free(b);
	return 0;
}

static bool is_kept(const struct bench *b)
{
	return !b->recorder.is_silent;
}

static void delta(struct kit *k, const char *response, const char *item)
{
	kit_response(k, response);
	kit_delta(k, response, item, 1, 8000);
}

static void over(struct kit *k, const char *response, const char *status)
{
	char json[256];

	snprintf(json, sizeof json, "{\"type\":\"response.done\",\"response_id\":\"%s\",\"response\":{\"id\":\"%s\","
		"\"status\":\"%s\"}}", response, response, status);
	kit_grok(k, json);
}

static void interrupt(struct kit *k)
{
	kit_grok(k, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u1\"}");
	kit_pass(k, 1000);
}

static void it_is_kept_once_the_disclosure_was_heard_to_its_end(void **state)
{
	struct bench *b = *state;
	struct kit *k = b->k;

	kit_talk(k, "Hello.");
	assert_false(is_kept(b));
	delta(k, "r1", "a1");
	kit_done(k, "r1");
	assert_true(k->mark_count >= 2);
	kit_pass(k, 1);
	kit_marks_back(k, k->mark_count - 1);
	assert_false(is_kept(b));
	kit_marks_back(k, 1);
	assert_true(is_kept(b));
}

static void what_was_played_of_it_so_far_is_not_its_end(void **state)
{
	struct bench *b = *state;
	struct kit *k = b->k;

	kit_talk(k, "Hello.");
	delta(k, "r1", "a1");
	kit_pass(k, 1500);
	kit_marks_back(k, k->mark_count);       /* all that is there, and more is to come */
	assert_false(is_kept(b));
	kit_delta(k, "r1", "a1", 1, 8000);
	kit_done(k, "r1");
	kit_pass(k, 1);
	assert_false(is_kept(b));
	kit_marks_back(k, k->mark_count);
	assert_true(is_kept(b));
}

static void who_interrupts_it_has_not_heard_it(void **state)
{
	struct bench *b = *state;
	struct kit *k = b->k;

	kit_talk(k, "Hello.");
	delta(k, "r1", "a1");
	kit_done(k, "r1");
	kit_pass(k, 200);
	interrupt(k);
	assert_int_equal(k->clear_count, 1);
	kit_marks_back(k, k->mark_count);       /* a clear returns all of them */
	delta(k, "r2", "a2");
	kit_done(k, "r2");
	kit_pass(k, 20000);
	kit_marks_back(k, k->mark_count);
	assert_false(is_kept(b));
}

static void a_disclosure_that_was_cancelled_is_none(void **state)
{
	struct bench *b = *state;
	struct kit *k = b->k;

	kit_talk(k, "Hello.");
	delta(k, "r1", "a1");
	over(k, "r1", "cancelled");
	kit_pass(k, 5000);
	kit_marks_back(k, k->mark_count);
	delta(k, "r2", "a2");
	kit_done(k, "r2");
	kit_pass(k, 5000);
	kit_marks_back(k, k->mark_count);
	assert_false(is_kept(b));
}

static void said_again_it_counts(void **state)
{
	struct bench *b = *state;
	struct kit *k = b->k;

	k->manners.protect_disclosure = true;
	kit_talk(k, "Hello.");
	delta(k, "r1", "a1");
	over(k, "r1", "cancelled");             /* asked for once more */
	kit_pass(k, 1200);
	kit_marks_back(k, k->mark_count);
	assert_false(is_kept(b));
	delta(k, "r2", "a2");
	kit_done(k, "r2");
	kit_pass(k, 1);
	assert_false(is_kept(b));
	kit_marks_back(k, k->mark_count);
	assert_true(is_kept(b));
}

static void come_back(struct kit *k)
{
	kit_merchant(k, "Hello.");
	kit_twilio(k, "{\"event\":\"start\",\"streamSid\":\"MZ1\",\"start\":{\"streamSid\":\"MZ1\",\"callSid\":\"CA1\","
		"\"accountSid\":\"AC1\",\"tracks\":[\"inbound\"],\"mediaFormat\":{\"encoding\":\"audio/x-mulaw\","
		"\"sampleRate\":8000,\"channels\":1},\"customParameters\":{\"resume\":\"no-answer\"}}}");
	kit_ready(k);
}

static void who_comes_back_from_a_transfer_hears_it_again(void **state)
{
	struct bench *b = *state;
	struct kit *k = b->k;

	k->needs_consent = true;
	come_back(k);
	assert_non_null(strstr(kit_said(k), "model say \"This call is recorded.\"\n"));
	assert_false(is_kept(b));
	delta(k, "r1", "a1");
	kit_done(k, "r1");
	kit_pass(k, 1);
	assert_non_null(strstr(kit_said(k),
		"model say \"I am sorry, nobody could be reached. May I take a message?\"\n"));
	kit_marks_back(k, k->mark_count);
	assert_true(is_kept(b));
}

static void who_need_not_consent_comes_back_without_it(void **state)
{
	struct bench *b = *state;

	come_back(b->k);
	assert_null(strstr(kit_said(b->k), "This call is recorded."));
}

static void a_greeting_is_no_disclosure(void **state)
{
	struct bench *b = *state;
	struct kit *k = b->k;

	k->disclosure = "";
	kit_talk(k, "Hello.");
	delta(k, "r1", "a1");
	kit_done(k, "r1");
	kit_pass(k, 5000);
	kit_marks_back(k, k->mark_count);
	assert_false(is_kept(b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(it_is_kept_once_the_disclosure_was_heard_to_its_end),
		TEST(what_was_played_of_it_so_far_is_not_its_end),
		TEST(who_interrupts_it_has_not_heard_it),
		TEST(a_disclosure_that_was_cancelled_is_none),
		TEST(said_again_it_counts),
		TEST(a_greeting_is_no_disclosure),
		TEST(who_comes_back_from_a_transfer_hears_it_again),
		TEST(who_need_not_consent_comes_back_without_it),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
