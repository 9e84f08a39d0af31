#include "tests/unit/unit.h"

#include "relay/interrupt.h"

static struct interrupt interrupt;
static struct interrupt_view view;

static void begin(uint32_t hold_off_ms, bool listens)
{
	struct interrupt_plan plan = { .hold_off_ms = hold_off_ms, .silence_ms = 600, .listens = listens };

	interrupt_init(&interrupt, &plan);
	view = (struct interrupt_view){ .now_ms = 1000, .outstanding = true, .sounding = true, .line_lives = true,
		.line_quiet_ms = UINT32_MAX };
}

static bool speech(bool speaks)
{
	interrupt_speech(&interrupt, speaks, view.now_ms);
	return interrupt_now(&interrupt, &view);
}

static bool after(uint64_t ms)
{
	view.now_ms += ms;
	return interrupt_now(&interrupt, &view);
}

/* A voice on the line for so long, frame by frame; true: it interrupted. */
static bool voice(uint32_t ms)
{
	bool fired = false;

	for (uint32_t at = 0; at < ms; at += 20) {
		view.line_voice_ms += 20;
		view.line_lasts_ms += 20;
		view.line_quiet_ms = 0;
		fired |= after(20);
	}
	return fired;
}

static bool quiet(uint32_t ms)
{
	bool fired = false;

	for (uint32_t at = 0; at < ms; at += 20) {
		view.line_quiet_ms += 20;
		if (view.line_quiet_ms > 120)
			view.line_voice_ms = view.line_lasts_ms = 0;
		else if (view.line_voice_ms)
			view.line_lasts_ms += 20;
		fired |= after(20);
	}
	return fired;
}

/* --- Grok's word ----------------------------------------------------------------------------------- */

static void without_a_confirm_window_it_is_at_once(void **state)
{
	(void)state;
	begin(0, false);
	assert_true(speech(true));
	assert_false(after(0));
}

static void nothing_outstanding_is_nothing_to_interrupt(void **state)
{
	(void)state;
	begin(0, false);
	view.outstanding = false;
	assert_false(speech(true));
	view.outstanding = true;        /* what comes while the caller speaks is not cut by what was said before */
	assert_false(after(20));
}

static void speech_started_twice_interrupts_what_came_in_between(void **state)
{
	(void)state;
	begin(0, false);
	assert_true(speech(true));
	view.outstanding = false;
	assert_false(speech(true));
	view.outstanding = true;
	assert_true(speech(true));
}

static void a_confirm_window_ends_with_the_interruption(void **state)
{
	(void)state;
	begin(300, false);
	assert_false(speech(true));
	assert_int_equal(interrupt_deadline_ms(&interrupt), 1300);
	assert_false(after(299));
	assert_true(after(1));
	assert_int_equal(interrupt_deadline_ms(&interrupt), UINT64_MAX);
	assert_false(after(1000));
}

static void a_second_start_does_not_prolong_the_window(void **state)
{
	(void)state;
	begin(300, false);
	assert_false(speech(true));
	view.now_ms += 200;
	assert_false(speech(true));
	assert_true(after(100));
}

static void speech_that_stops_within_the_window_was_a_cough(void **state)
{
	(void)state;
	begin(300, false);
	speech(true);
	view.now_ms += 250;
	assert_false(speech(false));
	assert_false(after(1000));
	assert_int_equal(interrupt_deadline_ms(&interrupt), UINT64_MAX);
}

static void a_turn_that_grok_answers_is_over(void **state)
{
	(void)state;
	begin(300, false);
	speech(true);
	interrupt_answered(&interrupt);
	assert_false(after(1000));
}

/* --- the window and the line itself ---------------------------------------------------------------- */

static void a_short_sound_is_a_cough_though_grok_tells_its_end_late(void **state)
{
	(void)state;
	begin(300, true);
	assert_false(voice(120));
	assert_false(speech(true));
	assert_false(voice(40));
	assert_false(quiet(640));       /* Grok says it after 600 ms of silence */
	assert_false(speech(false));
	assert_false(quiet(1000));
}

static void somebody_who_goes_on_within_the_window_interrupts_at_its_end(void **state)
{
	(void)state;
	begin(300, true);
	voice(120);
	speech(true);
	assert_false(voice(280));
	assert_true(voice(20));
}

static void somebody_who_goes_on_after_a_pause_interrupts_when_he_does(void **state)
{
	(void)state;
	begin(300, true);
	voice(120);
	speech(true);
	assert_false(quiet(400));
	assert_true(voice(40));
}

static void grok_is_believed_when_it_hears_more_than_we_do(void **state)
{
	(void)state;
	begin(300, true);
	voice(120);
	speech(true);
	assert_false(quiet(840));
	assert_true(quiet(40));         /* by now it would have said speech_stopped */
}

static void a_voice_too_soft_for_us_interrupts_as_without_us(void **state)
{
	(void)state;
	begin(300, true);
	speech(true);
	assert_false(after(299));
	assert_true(after(1));
}

/* --- our own ears ---------------------------------------------------------------------------------- */

static void a_voice_that_grok_does_not_tell_of_interrupts(void **state)
{
	(void)state;
	begin(0, true);
	assert_false(voice(INTERRUPT_LATE_MS - 20));
	assert_true(voice(20));
	assert_true(interrupt.by_ear);
}

static void its_late_word_changes_nothing(void **state)
{
	(void)state;
	begin(0, true);
	assert_true(voice(INTERRUPT_LATE_MS));
	view.outstanding = false;       /* cleared and fenced */
	assert_false(speech(true));
	assert_false(voice(1000));
}

static void the_same_voice_interrupts_by_ear_only_once(void **state)
{
	(void)state;
	begin(0, true);
	assert_true(voice(INTERRUPT_LATE_MS));
	assert_false(voice(2000));
	quiet(200);
	assert_true(voice(INTERRUPT_LATE_MS));
}

static void a_short_sound_does_not(void **state)
{
	(void)state;
	begin(0, true);
	assert_false(voice(140));
	assert_false(quiet(1000));
}

static void a_voice_that_grok_told_of_is_groks(void **state)
{
	(void)state;
	begin(0, true);
	assert_false(voice(200));
	assert_true(speech(true));
	assert_false(voice(2000));
	assert_false(interrupt.by_ear);
}

static void without_ears_nothing_is_heard(void **state)
{
	(void)state;
	begin(0, false);
	assert_false(voice(5000));
}

static void audio_that_was_held_up_is_not_taken_for_a_silent_grok(void **state)
{
	(void)state;
	begin(0, true);
	view.line_voice_ms = view.line_lasts_ms = 1000;
	view.line_quiet_ms = 0;
	assert_false(after(0));
	assert_false(after(100));
	assert_true(after(INTERRUPT_LATE_MS));
}

static void a_line_from_which_nothing_comes_tells_nothing(void **state)
{
	(void)state;
	begin(0, true);
	assert_false(voice(INTERRUPT_LATE_MS - 20));
	view.line_lives = false;
	assert_false(after(1000));
	begin(300, true);               /* nor does a cough get longer by it */
	voice(120);
	speech(true);
	quiet(200);
	view.line_lives = false;
	assert_false(after(2000));
	assert_false(speech(false));
}

static void our_ears_leave_alone_what_was_heard_to_its_end(void **state)
{
	(void)state;
	begin(0, true);
	view.sounding = false;
	assert_false(voice(2000));
}

static void a_longer_confirm_window_holds_for_our_ears_too(void **state)
{
	(void)state;
	begin(800, true);
	assert_false(voice(780));
	assert_true(voice(20));
}

/* --- protected words ------------------------------------------------------------------------------- */

static void protected_words_are_heard_to_their_end(void **state)
{
	(void)state;
	begin(0, true);
	view.is_protected = true;
	assert_false(speech(true));
	assert_false(voice(3000));
	view.is_protected = false;
	assert_true(after(20));         /* the caller still speaks */
}

static void who_has_stopped_by_then_interrupts_nothing(void **state)
{
	(void)state;
	begin(0, false);
	view.is_protected = true;
	assert_false(speech(true));
	assert_false(speech(false));
	view.is_protected = false;
	assert_false(after(20));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_confirm_window_it_is_at_once),
		cmocka_unit_test(nothing_outstanding_is_nothing_to_interrupt),
		cmocka_unit_test(speech_started_twice_interrupts_what_came_in_between),
		cmocka_unit_test(a_confirm_window_ends_with_the_interruption),
		cmocka_unit_test(a_second_start_does_not_prolong_the_window),
		cmocka_unit_test(speech_that_stops_within_the_window_was_a_cough),
		cmocka_unit_test(a_turn_that_grok_answers_is_over),
		cmocka_unit_test(a_short_sound_is_a_cough_though_grok_tells_its_end_late),
		cmocka_unit_test(somebody_who_goes_on_within_the_window_interrupts_at_its_end),
		cmocka_unit_test(somebody_who_goes_on_after_a_pause_interrupts_when_he_does),
		cmocka_unit_test(grok_is_believed_when_it_hears_more_than_we_do),
		cmocka_unit_test(a_voice_too_soft_for_us_interrupts_as_without_us),
		cmocka_unit_test(a_voice_that_grok_does_not_tell_of_interrupts),
		cmocka_unit_test(its_late_word_changes_nothing),
		cmocka_unit_test(the_same_voice_interrupts_by_ear_only_once),
		cmocka_unit_test(a_short_sound_does_not),
		cmocka_unit_test(a_voice_that_grok_told_of_is_groks),
		cmocka_unit_test(without_ears_nothing_is_heard),
		cmocka_unit_test(audio_that_was_held_up_is_not_taken_for_a_silent_grok),
		cmocka_unit_test(a_line_from_which_nothing_comes_tells_nothing),
		cmocka_unit_test(our_ears_leave_alone_what_was_heard_to_its_end),
		cmocka_unit_test(a_longer_confirm_window_holds_for_our_ears_too),
		cmocka_unit_test(protected_words_are_heard_to_their_end),
		cmocka_unit_test(who_has_stopped_by_then_interrupts_nothing),
	};

	return cmocka_run_group_tests_name("interrupt", tests, NULL, NULL);
}
