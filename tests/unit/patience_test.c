/* What is waited for, and what happens when it does not come. */
#include "tests/unit/unit.h"

#include "relay/patience.h"
#include "tests/unit/chance.h"

static const struct patience_bounds usual = {
	.ready_ms = 3000, .answer_ms = 8000, .audio_ms = 4000, .silence_ms = 15000, .goodbye_ms = 8000,
};

/* The act that comes next, the clock standing at its deadline. */
static enum patience_act next(struct patience *p, uint64_t *now_ms)
{
	enum patience_wait wait;

	*now_ms = patience_deadline_ms(p);
	assert_int_equal(patience_next(p, *now_ms - 1, &wait), PATIENCE_NOTHING);
	return patience_next(p, *now_ms, &wait);
}

static void nothing_is_due_when_nothing_is_waited_for(void **state)
{
	struct patience p;
	enum patience_wait wait;

	(void)state;
	patience_init(&p, &usual);
	assert_int_equal(patience_next(&p, UINT64_MAX - 1, &wait), PATIENCE_NOTHING);
	assert_true(patience_deadline_ms(&p) == UINT64_MAX);
}

static void a_silent_caller_is_asked_twice_and_then_parted_from(void **state)
{
	struct patience p;
	uint64_t now_ms;

	(void)state;
	patience_init(&p, &usual);
	patience_begin(&p, WAIT_SILENCE, 1000);
	assert_int_equal(next(&p, &now_ms), PATIENCE_PROMPT);
	assert_int_equal(now_ms, 16000);
	/* The question is heard meanwhile. */
	patience_rest(&p, WAIT_SILENCE);
	assert_false(patience_waits(&p, WAIT_SILENCE));
	patience_begin(&p, WAIT_SILENCE, 18000);
	assert_int_equal(next(&p, &now_ms), PATIENCE_PROMPT);
	assert_int_equal(next(&p, &now_ms), PATIENCE_PART);
	assert_int_equal(now_ms, 48000);
	/* Said once. */
	patience_rest(&p, WAIT_SILENCE);
	patience_begin(&p, WAIT_SILENCE, now_ms);
	assert_false(patience_waits(&p, WAIT_SILENCE));
}

static void a_word_of_the_caller_begins_the_count_anew(void **state)
{
	struct patience p;
	uint64_t now_ms;

	(void)state;
	patience_init(&p, &usual);
	patience_begin(&p, WAIT_SILENCE, 0);
	next(&p, &now_ms);
	next(&p, &now_ms);
	patience_over(&p, WAIT_SILENCE);
	patience_begin(&p, WAIT_SILENCE, 40000);
	assert_int_equal(next(&p, &now_ms), PATIENCE_PROMPT);
	assert_int_equal(now_ms, 55000);
}

static void no_answer_is_asked_for_again_then_the_connection_is_given_up(void **state)
{
	struct patience p;
	uint64_t now_ms;

	(void)state;
	patience_init(&p, &usual);
	patience_begin(&p, WAIT_ANSWER, 0);
	patience_begin(&p, WAIT_ANSWER, 5000);          /* runs already */
	assert_int_equal(next(&p, &now_ms), PATIENCE_RETRY);
	assert_int_equal(now_ms, 8000);
	assert_int_equal(next(&p, &now_ms), PATIENCE_LOSE);
	assert_int_equal(now_ms, 12000);
}

static void late_audio_is_bridged_with_words_before_it_is_asked_for_again(void **state)
{
	struct patience p;
	uint64_t now_ms;

	(void)state;
	patience_init(&p, &usual);
	patience_begin(&p, WAIT_AUDIO, 0);
	assert_int_equal(next(&p, &now_ms), PATIENCE_FILL);
	assert_int_equal(next(&p, &now_ms), PATIENCE_RETRY);
	assert_int_equal(next(&p, &now_ms), PATIENCE_LOSE);
	assert_int_equal(now_ms, 20000);
	assert_true(patience_deadline_ms(&p) == UINT64_MAX);
}

static void a_bound_of_zero_switches_a_wait_off(void **state)
{
	struct patience p;
	struct patience_bounds bounds = usual;

	(void)state;
	bounds.silence_ms = 0;
	patience_init(&p, &bounds);
	patience_begin(&p, WAIT_SILENCE, 0);
	assert_true(patience_deadline_ms(&p) == UINT64_MAX);
}

/* The same table, told once more by hand. */
struct told {
	unsigned count;
	uint32_t ms[3];
	enum patience_act act[3];
};

static const struct told told[PATIENCE_WAIT_COUNT] = {
	[WAIT_READY] = { 2, { 3000, 3000 }, { PATIENCE_ASK_AGAIN, PATIENCE_LOSE } },
	[WAIT_ANSWER] = { 2, { 8000, 4000 }, { PATIENCE_RETRY, PATIENCE_LOSE } },
	[WAIT_AUDIO] = { 3, { 4000, 8000, 8000 }, { PATIENCE_FILL, PATIENCE_RETRY, PATIENCE_LOSE } },
	[WAIT_SILENCE] = { 3, { 15000, 15000, 15000 }, { PATIENCE_PROMPT, PATIENCE_PROMPT, PATIENCE_PART } },
	[WAIT_GOODBYE] = { 1, { 8000 }, { PATIENCE_END } },
};

struct expected {
	bool runs;
	unsigned step;
	uint64_t since_ms;
};

static void expect_start(struct expected *e, const struct told *t, uint64_t now_ms)
{
	e->runs = e->step < t->count;
	e->since_ms = now_ms;
}

static void expect_acts(struct patience *p, struct expected *all, uint64_t now_ms)
{
	enum patience_act act;
	enum patience_wait wait;

	while ((act = patience_next(p, now_ms, &wait)) != PATIENCE_NOTHING) {
		struct expected *e = &all[wait];

		assert_true(e->runs && now_ms >= e->since_ms + told[wait].ms[e->step]);
		assert_int_equal(act, told[wait].act[e->step]);
		e->step++;
		expect_start(e, &told[wait], now_ms);
	}
	for (int w = 0; w < PATIENCE_WAIT_COUNT; w++)
		assert_true(!all[w].runs || now_ms < all[w].since_ms + told[w].ms[all[w].step]);
}

static void one_life(void)
{
	struct patience p;
	struct expected all[PATIENCE_WAIT_COUNT] = { 0 };
	uint64_t now_ms = 1 + chance(100000);

	patience_init(&p, &usual);
	for (int i = 0; i < 60; i++) {
		enum patience_wait wait = (enum patience_wait)chance(PATIENCE_WAIT_COUNT);
		struct expected *e = &all[wait];

		switch (chance(4)) {
		case 0:
			patience_over(&p, wait);
			*e = (struct expected){ 0 };
			break;
		case 1:
			patience_rest(&p, wait);
			e->runs = false;
			break;
		default:
			patience_begin(&p, wait, now_ms);
			if (!e->runs)
				expect_start(e, &told[wait], now_ms);
			break;
		}
		assert_int_equal(patience_waits(&p, wait), e->runs);
		now_ms += chance(3) ? chance(6000) : 0;
		expect_acts(&p, all, now_ms);
	}
}

static void thousands_of_lives_keep_to_the_table(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++)
		one_life();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_due_when_nothing_is_waited_for),
		cmocka_unit_test(a_silent_caller_is_asked_twice_and_then_parted_from),
		cmocka_unit_test(a_word_of_the_caller_begins_the_count_anew),
		cmocka_unit_test(no_answer_is_asked_for_again_then_the_connection_is_given_up),
		cmocka_unit_test(late_audio_is_bridged_with_words_before_it_is_asked_for_again),
		cmocka_unit_test(a_bound_of_zero_switches_a_wait_off),
		cmocka_unit_test(thousands_of_lives_keep_to_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
