/* A call's way from one provider to the next, and the breaker that keeps calls off a dead one. */
#include "tests/unit/unit.h"

#include "relay/upstream.h"
#include "tests/unit/chance.h"

#include <pthread.h>

struct world {
	struct breaker breakers[PROVIDER_COUNT];
	struct upstream u;
	uint64_t now_ms;
};

static void begin(struct world *w, bool has_fallback)
{
	struct upstream_plan plan = {
		.breakers = w->breakers,
		.has = { true, has_fallback },
		.session_ms_max = { 6600000, 3300000 },
	};

	if (w->now_ms == 0)
		w->now_ms = 1000;
	upstream_init(&w->u, &plan, w->now_ms);
}

static enum upstream_step step(struct world *w)
{
	return upstream_next(&w->u, true, w->now_ms);
}

static void dial(struct world *w)
{
	assert_int_equal(step(w), UPSTREAM_DIAL);
	upstream_dialled(&w->u);
	assert_int_equal(step(w), UPSTREAM_NOTHING);
}

static void connect(struct world *w)
{
	dial(w);
	upstream_ready(&w->u, w->now_ms);
}

/* The clock stands at the next deadline; just before it nothing was due. */
static enum upstream_step wait_step(struct world *w)
{
	w->now_ms = upstream_deadline_ms(&w->u);
	assert_int_equal(upstream_next(&w->u, true, w->now_ms - 1), UPSTREAM_NOTHING);
	return step(w);
}

static void a_lost_session_is_resumed_after_half_a_second_and_then_after_one(void **state)
{
	struct world w = { 0 };

	(void)state;
	begin(&w, false);
	connect(&w);
	upstream_conversation(&w.u, SLICE("conv1"));
	upstream_lost(&w.u, LOSS_CLOSED, w.now_ms);
	uint64_t lost_ms = w.now_ms;

	assert_int_equal(wait_step(&w), UPSTREAM_DIAL);
	assert_int_equal(w.now_ms, lost_ms + 500);
	assert_string_equal(w.u.conversation, "conv1");
	upstream_dialled(&w.u);
	upstream_lost(&w.u, LOSS_UNREACHABLE, w.now_ms);
	assert_int_equal(wait_step(&w), UPSTREAM_DIAL);
	assert_int_equal(w.now_ms, lost_ms + 1500);
	upstream_dialled(&w.u);
	upstream_lost(&w.u, LOSS_CLOSED, w.now_ms);
	assert_int_equal(step(&w), UPSTREAM_GIVE_UP);
	assert_int_equal(w.u.reason, END_GROK_CLOSED);
}

static void a_session_that_lasted_has_its_tries_back(void **state)
{
	struct world w = { 0 };

	(void)state;
	begin(&w, false);
	connect(&w);
	for (int i = 0; i < 10; i++) {
		w.now_ms += UPSTREAM_STEADY_MS;
		upstream_lost(&w.u, LOSS_CLOSED, w.now_ms);
		assert_int_equal(wait_step(&w), UPSTREAM_DIAL);
		upstream_dialled(&w.u);
		upstream_ready(&w.u, w.now_ms);
	}
	assert_int_equal(w.u.resumed_count, 10);
	/* Two short ones in a row are too many. */
	upstream_lost(&w.u, LOSS_CLOSED, w.now_ms);
	wait_step(&w);
	upstream_dialled(&w.u);
	upstream_ready(&w.u, w.now_ms);
	upstream_lost(&w.u, LOSS_CLOSED, w.now_ms);
	assert_int_equal(step(&w), UPSTREAM_GIVE_UP);
}

static void before_the_first_words_the_fallback_takes_over_at_once(void **state)
{
	struct world w = { 0 };

	(void)state;
	begin(&w, true);
	dial(&w);
	upstream_lost(&w.u, LOSS_STALLED, w.now_ms);
	dial(&w);
	assert_int_equal(w.u.provider, PROVIDER_FALLBACK);
	upstream_lost(&w.u, LOSS_DENIED, w.now_ms);
	assert_int_equal(step(&w), UPSTREAM_GIVE_UP);
	assert_int_equal(w.u.reason, END_GROK_REFUSED);
}

static void wrong_audio_is_nothing_to_try_again(void **state)
{
	struct world w = { 0 };

	(void)state;
	begin(&w, true);
	connect(&w);
	upstream_conversation(&w.u, SLICE("conv1"));
	upstream_lost(&w.u, LOSS_WRONG_AUDIO, w.now_ms);
	dial(&w);
	assert_int_equal(w.u.provider, PROVIDER_FALLBACK);
	assert_string_equal(w.u.conversation, "");
}

static void a_resumption_that_is_refused_is_tried_as_a_new_conversation(void **state)
{
	struct world w = { 0 };

	(void)state;
	begin(&w, false);
	connect(&w);
	upstream_conversation(&w.u, SLICE("conv1"));
	upstream_lost(&w.u, LOSS_CLOSED, w.now_ms);
	wait_step(&w);
	upstream_dialled(&w.u);
	upstream_lost(&w.u, LOSS_DENIED, w.now_ms);
	assert_int_equal(wait_step(&w), UPSTREAM_DIAL);
	assert_string_equal(w.u.conversation, "");
	upstream_dialled(&w.u);
	upstream_lost(&w.u, LOSS_DENIED, w.now_ms);
	assert_int_equal(step(&w), UPSTREAM_GIVE_UP);
}

static void an_outage_has_an_end_whatever_a_try_waits_for(void **state)
{
	struct world w = { 0 };

	(void)state;
	begin(&w, false);
	connect(&w);
	upstream_lost(&w.u, LOSS_STALLED, w.now_ms);
	uint64_t lost_ms = w.now_ms;

	wait_step(&w);
	upstream_dialled(&w.u);
	assert_int_equal(wait_step(&w), UPSTREAM_DROP);
	assert_int_equal(w.now_ms, lost_ms + UPSTREAM_OUTAGE_MS);
	upstream_lost(&w.u, LOSS_STALLED, w.now_ms);
	assert_int_equal(step(&w), UPSTREAM_GIVE_UP);
	assert_int_equal(w.u.reason, END_GROK_STALLED);
}

static void an_old_session_moves_in_a_quiet_moment_and_at_last_without_one(void **state)
{
	struct world w = { 0 };

	(void)state;
	begin(&w, false);
	connect(&w);
	w.now_ms = upstream_deadline_ms(&w.u);
	assert_int_equal(upstream_next(&w.u, false, w.now_ms), UPSTREAM_NOTHING);
	assert_int_equal(upstream_deadline_ms(&w.u), w.now_ms + UPSTREAM_MOVE_MS);
	assert_int_equal(upstream_next(&w.u, true, w.now_ms + 1), UPSTREAM_MOVE);
	w.now_ms += UPSTREAM_MOVE_MS;
	assert_int_equal(upstream_next(&w.u, false, w.now_ms), UPSTREAM_MOVE);
	upstream_lost(&w.u, LOSS_PLANNED, w.now_ms);
	/* Nobody waits for a connection that was not broken. */
	dial(&w);
}

/* --- the breaker ---------------------------------------------------------------------------------- */

static void five_failures_keep_new_calls_off_a_dead_provider(void **state)
{
	struct world w = { 0 };

	(void)state;
	for (int i = 0; i < BREAKER_FAULTS_MAX; i++) {
		begin(&w, false);
		dial(&w);
		upstream_lost(&w.u, LOSS_UNREACHABLE, w.now_ms);
	}
	begin(&w, false);
	assert_int_equal(step(&w), UPSTREAM_GIVE_UP);
	assert_int_equal(w.u.reason, END_GROK_UNREACHABLE);
	begin(&w, true);
	dial(&w);
	assert_int_equal(w.u.provider, PROVIDER_FALLBACK);
	/* One call tries when its time is over; the next goes past it. */
	w.now_ms += BREAKER_OPEN_MS;
	begin(&w, true);
	dial(&w);
	assert_int_equal(w.u.provider, PROVIDER_GROK);
	struct world other = w;

	begin(&other, true);
	memcpy(other.breakers, w.breakers, sizeof w.breakers);
	other.u.plan.breakers = w.breakers;
	upstream_init(&other.u, &other.u.plan, other.now_ms);
	assert_int_equal(other.u.provider, PROVIDER_FALLBACK);
	upstream_ready(&w.u, w.now_ms);
	begin(&w, true);
	assert_int_equal(w.u.provider, PROVIDER_GROK);
}

static void those_under_way_when_it_opened_do_not_keep_it_open_longer(void **state)
{
	struct breaker b = { 0 };

	(void)state;
	for (int i = 0; i < 40; i++)
		breaker_failed(&b, 1000 + (uint64_t)i);
	assert_false(breaker_allows(&b, 1000 + BREAKER_OPEN_MS));
	assert_true(breaker_allows(&b, 1004 + BREAKER_OPEN_MS));
	breaker_failed(&b, 10000);
	assert_false(breaker_allows(&b, 10000 + 2 * BREAKER_OPEN_MS - 1));
	assert_true(breaker_allows(&b, 10000 + 2 * BREAKER_OPEN_MS));
}

static void it_never_stays_open_longer_than_a_minute(void **state)
{
	struct breaker b = { 0 };
	uint64_t now_ms = 1000;

	(void)state;
	for (int i = 0; i < BREAKER_FAULTS_MAX; i++)
		breaker_failed(&b, now_ms);
	for (int i = 0; i < 40; i++) {
		now_ms += BREAKER_OPEN_MS_MAX;
		assert_true(breaker_allows(&b, now_ms));
		breaker_failed(&b, now_ms);
	}
	assert_true(breaker_is_open(&b));
	breaker_worked(&b);
	assert_false(breaker_is_open(&b));
}

static void a_caller_who_hangs_up_while_trying_blocks_nobody(void **state)
{
	struct breaker b = { 0 };

	(void)state;
	for (int i = 0; i < BREAKER_FAULTS_MAX; i++)
		breaker_failed(&b, 1000);
	assert_true(breaker_allows(&b, 1000 + BREAKER_OPEN_MS));
	assert_false(breaker_allows(&b, 1000 + BREAKER_OPEN_MS));
	assert_true(breaker_allows(&b, 1000 + 2 * BREAKER_OPEN_MS));
}

static struct breaker shared;
static _Atomic unsigned let_through;

static void *ask(void *unused)
{
	for (int i = 0; i < 20000; i++)
		if (breaker_allows(&shared, 1000 + BREAKER_OPEN_MS))
			atomic_fetch_add(&let_through, 1);
	return unused;
}

static void of_many_threads_one_is_let_through(void **state)
{
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < BREAKER_FAULTS_MAX; i++)
		breaker_failed(&shared, 1000);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(let_through, 1);
}

/* --- thousands of calls --------------------------------------------------------------------------- */

enum { CALL_COUNT = 20000, OUTAGE_MS_MAX = PROVIDER_COUNT * (UPSTREAM_OUTAGE_MS + 2000) };

struct tally {
	unsigned dials, tries_here;     /* since a session was ready at this provider, or it was taken */
	enum upstream_provider provider;
	uint64_t lost_ms;               /* 0: a voice is there, or never was */
};

static void tally_dial(struct world *w, struct tally *t)
{
	if (w->u.provider != t->provider) {
		assert_true(w->u.provider > t->provider);
		assert_string_equal(w->u.conversation, "");
		t->provider = w->u.provider;
		t->tries_here = 0;
	}
	t->dials++;
	t->tries_here++;
	/* The first dial, or the taking over, and two tries. */
	assert_true(t->tries_here <= 1 + UPSTREAM_TRIES_MAX);
	upstream_dialled(&w->u);
}

static enum upstream_loss any_loss(void)
{
	return (enum upstream_loss)chance(LOSS_PLANNED);
}

/* What the world does with a connection: nothing for a while, a session, or a loss. */
static void happen(struct world *w, struct tally *t)
{
	bool was_up = w->u.state == UPSTREAM_UP;

	if (w->u.state == UPSTREAM_DIALLING && chance(3) == 0) {
		upstream_ready(&w->u, w->now_ms);
		upstream_conversation(&w->u, SLICE("c"));
		t->lost_ms = 0;
	} else if (w->u.state == UPSTREAM_DIALLING || (was_up && chance(4) == 0)) {
		bool steady = was_up && w->now_ms >= w->u.ready_ms + UPSTREAM_STEADY_MS;

		if (w->u.spoken && t->lost_ms == 0)
			t->lost_ms = w->now_ms;
		if (steady)
			t->tries_here = 1;
		upstream_lost(&w->u, any_loss(), w->now_ms);
	}
}

static bool one_turn(struct world *w, struct tally *t)
{
	switch (upstream_next(&w->u, chance(2), w->now_ms)) {
	case UPSTREAM_DIAL:
		assert_true(w->now_ms >= w->u.dial_at_ms);
		tally_dial(w, t);
		break;
	case UPSTREAM_MOVE:
		t->lost_ms = w->now_ms;
		t->tries_here = 1;
		upstream_lost(&w->u, LOSS_PLANNED, w->now_ms);
		break;
	case UPSTREAM_DROP:
		upstream_lost(&w->u, LOSS_STALLED, w->now_ms);
		break;
	case UPSTREAM_GIVE_UP:
		assert_int_not_equal(w->u.reason, END_NONE);
		return false;
	case UPSTREAM_NOTHING:
		if (chance(2))
			happen(w, t);
		break;
	}
	assert_true(t->lost_ms == 0 || w->now_ms <= t->lost_ms + OUTAGE_MS_MAX);
	return true;
}

static void thousands_of_calls_find_a_voice_or_an_end(void **state)
{
	struct world w = { 0 };
	unsigned ended = 0, resumed = 0;

	(void)state;
	for (int i = 0; i < CALL_COUNT; i++) {
		struct tally t = { 0 };

		if (chance(50) == 0)
			memset(w.breakers, 0, sizeof w.breakers);
		begin(&w, chance(2));
		t.provider = w.u.provider;
		for (int turn = 0; turn < 200; turn++) {
			if (!one_turn(&w, &t)) {
				ended++;
				break;
			}
			uint64_t due_ms = upstream_deadline_ms(&w.u), on_ms = w.now_ms + 1 + chance(4000);

			if (due_ms > w.now_ms)
				w.now_ms = due_ms < on_ms ? due_ms : on_ms;
		}
		resumed += w.u.resumed_count;
	}
	print_message("%d calls: %u ended without a voice, %u sessions were gone on with\n", CALL_COUNT, ended,
		resumed);
	assert_true(ended > CALL_COUNT / 20 && resumed > CALL_COUNT / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_session_is_resumed_after_half_a_second_and_then_after_one),
		cmocka_unit_test(a_session_that_lasted_has_its_tries_back),
		cmocka_unit_test(before_the_first_words_the_fallback_takes_over_at_once),
		cmocka_unit_test(wrong_audio_is_nothing_to_try_again),
		cmocka_unit_test(a_resumption_that_is_refused_is_tried_as_a_new_conversation),
		cmocka_unit_test(an_outage_has_an_end_whatever_a_try_waits_for),
		cmocka_unit_test(an_old_session_moves_in_a_quiet_moment_and_at_last_without_one),
		cmocka_unit_test(five_failures_keep_new_calls_off_a_dead_provider),
		cmocka_unit_test(those_under_way_when_it_opened_do_not_keep_it_open_longer),
		cmocka_unit_test(it_never_stays_open_longer_than_a_minute),
		cmocka_unit_test(a_caller_who_hangs_up_while_trying_blocks_nobody),
		cmocka_unit_test(of_many_threads_one_is_let_through),
		cmocka_unit_test(thousands_of_calls_find_a_voice_or_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
