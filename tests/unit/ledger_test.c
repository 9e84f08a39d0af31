#include "tests/unit/unit.h"

#include "relay/ledger.h"

static char name[MARK_NAME_BYTES_MAX + 1];

static enum ledger_mark back(struct ledger *l, const char *mark)
{
	return ledger_mark_back(l, slice_of(mark));
}

static uint64_t heard(const struct ledger *l, size_t item)
{
	assert_true(item < l->item_count);
	return ledger_item_heard_ms(l, &l->items[item]);
}

/* --- accounts -------------------------------------------------------------------------------------- */

static void a_mark_that_comes_back_proves_what_was_in_front_of_it(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_item(&l, SLICE("a1"));
	ledger_sent(&l, 1600);
	ledger_mark(&l, name);
	assert_string_equal(name, "g1:1600");
	ledger_sent(&l, 800);
	assert_int_equal(ledger_unmarked_bytes(&l), 800);
	assert_int_equal(ledger_heard_ms(&l), 0);
	assert_int_equal(back(&l, "g1:1600"), LEDGER_PLAYED);
	assert_int_equal(heard(&l, 0), 200);
	assert_int_equal(ledger_item_sent_ms(&l.items[0]), 300);
	assert_int_equal(ledger_waiting_bytes(&l), 800);
}

static void what_is_heard_never_goes_back(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_sent(&l, 160);
	ledger_mark(&l, name);
	ledger_sent(&l, 160);
	ledger_mark(&l, name);
	assert_int_equal(back(&l, "g1:320"), LEDGER_PLAYED);
	assert_int_equal(back(&l, "g1:160"), LEDGER_PLAYED);
	assert_int_equal(ledger_heard_ms(&l), 40);
	assert_int_equal(back(&l, "g1:320"), LEDGER_FOREIGN);       /* more came back than were sent */
}

static void marks_of_an_older_generation_prove_nothing(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_sent(&l, 1600);
	ledger_mark(&l, name);
	ledger_clear(&l);
	assert_int_equal(back(&l, name), LEDGER_STALE);
	ledger_sent(&l, 160);
	ledger_mark(&l, name);
	assert_string_equal(name, "g2:160");
	assert_int_equal(back(&l, name), LEDGER_PLAYED);
	assert_int_equal(ledger_heard_ms(&l), 20);
	assert_int_equal(ledger_sent_ms(&l), 220);
}

static void what_is_no_mark_of_ours_changes_nothing(void **state)
{
	static const char *const marks[] = { "", "g", "g1", "g1:", "g:160", ":160", "g1:160x", "g1x:160", "x1:160",
		"g0:160", "g2:160", "g1:161", "g1:-1", "g1: 160", "g99999999999:160", "g1:99999999999999999999999",
		"g4294967296:160", "G1:160" };
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_sent(&l, 160);
	ledger_mark(&l, name);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		assert_int_equal(back(&l, marks[i]), LEDGER_FOREIGN);
	assert_int_equal(ledger_heard_ms(&l), 0);
	assert_int_equal(back(&l, "g1:160"), LEDGER_PLAYED);
}

static void marks_are_few_but_soon_after_audio_begins(void **state)
{
	struct ledger l;
	unsigned marks[2] = { 0 };

	(void)state;
	ledger_init(&l);
	for (unsigned run = 0; run < 2; run++) {
		ledger_time(&l, run * 60000);
		for (unsigned frame = 0; frame < 500; frame++) {
			ledger_sent(&l, ULAW_FRAME_BYTES);
			if (ledger_wants_mark(&l)) {
				ledger_mark(&l, name);
				if (marks[run]++ == 0)
					assert_int_equal(frame, LEDGER_MARK_FIRST_MS / 20 - 1);
			}
		}
		ledger_mark(&l, name);
	}
	assert_int_equal(marks[0], 5);
	assert_int_equal(marks[1], 5);
}

/* --- items ----------------------------------------------------------------------------------------- */

static void the_heard_part_of_an_item_begins_where_the_item_does(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_item(&l, SLICE("a1"));
	ledger_sent(&l, 1600);
	ledger_whole(&l);
	ledger_item(&l, SLICE("a2"));
	ledger_sent(&l, 1600);
	ledger_time(&l, 150);
	assert_int_equal(heard(&l, 0), 150);
	assert_int_equal(heard(&l, 1), 0);
	assert_true(l.items[0].whole);
	assert_false(l.items[1].whole);
	assert_true(voice_id_is(&ledger_last(&l)->id, SLICE("a2")));
	ledger_time(&l, 250);
	assert_int_equal(heard(&l, 0), 200);
	assert_int_equal(heard(&l, 1), 50);
	assert_int_equal(ledger_unheard_ms(&l), 150);
}

static void an_item_that_was_played_makes_room_for_another(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_item(&l, SLICE("a1"));
	ledger_sent(&l, 160);
	ledger_mark(&l, name);
	back(&l, name);
	ledger_item(&l, SLICE("a2"));
	assert_int_equal(l.item_count, 1);
	for (unsigned i = 0; i < 2 * LEDGER_ITEMS_MAX; i++) {
		ledger_sent(&l, 160);
		ledger_item(&l, SLICE("a3"));
	}
	assert_int_equal(l.item_count, LEDGER_ITEMS_MAX);
}

/* --- where the ear is ------------------------------------------------------------------------------ */

static void audio_is_heard_as_time_passes_and_never_more_than_was_sent(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_time(&l, 1000);
	ledger_item(&l, SLICE("a1"));
	ledger_sent(&l, 4000);
	assert_int_equal(heard(&l, 0), 0);
	ledger_time(&l, 1100);
	assert_int_equal(heard(&l, 0), 100);
	ledger_time(&l, 9000);
	assert_int_equal(heard(&l, 0), 500);
}

static void a_pause_in_what_is_sent_is_a_pause_in_what_is_heard(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_item(&l, SLICE("a1"));
	ledger_sent(&l, 800);
	ledger_time(&l, 300);
	ledger_sent(&l, 800);
	ledger_time(&l, 320);
	assert_int_equal(heard(&l, 0), 120);
}

static void it_plays_until_a_mark_proves_the_end_or_is_long_overdue(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	assert_false(ledger_is_playing(&l));
	ledger_sent(&l, 800);
	ledger_mark(&l, name);
	ledger_time(&l, 100);
	assert_int_equal(ledger_unheard_ms(&l), 0);
	assert_true(ledger_is_playing(&l));
	back(&l, name);
	assert_false(ledger_is_playing(&l));
	ledger_sent(&l, 800);
	ledger_time(&l, 200 + LEDGER_DOUBT_MS - 1);
	assert_true(ledger_is_playing(&l));
	ledger_time(&l, 200 + LEDGER_DOUBT_MS);
	assert_false(ledger_is_playing(&l));
}

static void who_hung_up_heard_a_trip_less(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_sent(&l, 800);
	ledger_mark(&l, name);
	ledger_sent(&l, 8000);
	ledger_time(&l, 180);
	back(&l, name);
	ledger_time(&l, 500);
	assert_int_equal(ledger_heard_ms(&l), 500);
	ledger_hung_up(&l);
	assert_int_equal(ledger_heard_ms(&l), 500 - 80);
}

/* A mark comes back after the trip of 100 ms: nothing is late. Its fellow of the next run takes 80 ms more: that run
 * began so much later. */
static void what_plays_late_shows_in_its_marks(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_item(&l, SLICE("a1"));
	ledger_sent(&l, 800);
	ledger_mark(&l, name);
	ledger_time(&l, 200);
	back(&l, name);
	ledger_time(&l, 1000);
	ledger_item(&l, SLICE("a2"));
	ledger_sent(&l, 800);
	ledger_mark(&l, name);
	ledger_sent(&l, 8000);
	ledger_time(&l, 1280);
	assert_int_equal(heard(&l, 0), 280);
	back(&l, name);
	assert_int_equal(heard(&l, 0), 200 + 1); /* a millisecond is the clock's own doubt */
	ledger_time(&l, 1300);
	assert_int_equal(heard(&l, 0), 220 + 1);
}

/* The same mark, but the caller's frames were held up with it: nothing played late. */
static void a_way_back_that_is_slow_is_not_taken_for_late_audio(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_item(&l, SLICE("a1"));
	ledger_sent(&l, 800);
	ledger_mark(&l, name);
	ledger_time(&l, 190);
	ledger_frame(&l, 140);
	ledger_time(&l, 200);
	back(&l, name);
	ledger_time(&l, 1000);
	ledger_item(&l, SLICE("a2"));
	ledger_sent(&l, 800);
	ledger_mark(&l, name);
	ledger_sent(&l, 8000);
	ledger_time(&l, 1400);
	ledger_frame(&l, 1140);
	back(&l, name);
	ledger_frame(&l, 1160);
	assert_in_range(heard(&l, 0), 380, 400); /* within a frame of the truth */
}

static void a_clock_of_twilios_that_stands_still_or_is_set_back_is_not_believed(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_item(&l, SLICE("a1"));
	for (unsigned at = 0; at < 400; at += 20) {
		ledger_time(&l, at + 50);
		ledger_frame(&l, 1000 + at);
	}
	ledger_sent(&l, 800);
	ledger_mark(&l, name);
	ledger_sent(&l, 8000);
	for (unsigned at = 400; at < 600; at += 20) {
		ledger_time(&l, at + 50);
		ledger_frame(&l, at < 500 ? 1380 : at - 500);
	}
	ledger_time(&l, 630);
	assert_int_equal(back(&l, name), LEDGER_PLAYED);
	ledger_frame(&l, 120);
	assert_int_equal(playhead_trip_ms(&l.playhead), 100);
	assert_int_equal(heard(&l, 0), 200);
}

/* Frames go by and the mark that is due does not come: the phone ran dry. */
static void a_mark_that_stays_away_while_frames_come_means_silence(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_item(&l, SLICE("a1"));
	ledger_sent(&l, 800);
	ledger_mark(&l, name);
	ledger_sent(&l, 8000);
	for (unsigned at = 0; at < 200; at += 20) {
		ledger_time(&l, at);
		ledger_frame(&l, at);
	}
	back(&l, name);
	ledger_mark(&l, name);
	ledger_sent(&l, 8000);
	for (unsigned at = 200; at < 2000; at += 20) {
		ledger_time(&l, at);
		ledger_frame(&l, at);
	}
	/* When the last frame left Twilio the mark at 1100 ms was not played; the trip is 80 ms. */
	assert_int_equal(ledger_heard_ms(&l), 1100 + 80 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_that_comes_back_proves_what_was_in_front_of_it),
		cmocka_unit_test(what_is_heard_never_goes_back),
		cmocka_unit_test(marks_of_an_older_generation_prove_nothing),
		cmocka_unit_test(what_is_no_mark_of_ours_changes_nothing),
		cmocka_unit_test(marks_are_few_but_soon_after_audio_begins),
		cmocka_unit_test(the_heard_part_of_an_item_begins_where_the_item_does),
		cmocka_unit_test(an_item_that_was_played_makes_room_for_another),
		cmocka_unit_test(audio_is_heard_as_time_passes_and_never_more_than_was_sent),
		cmocka_unit_test(a_pause_in_what_is_sent_is_a_pause_in_what_is_heard),
		cmocka_unit_test(it_plays_until_a_mark_proves_the_end_or_is_long_overdue),
		cmocka_unit_test(who_hung_up_heard_a_trip_less),
		cmocka_unit_test(what_plays_late_shows_in_its_marks),
		cmocka_unit_test(a_way_back_that_is_slow_is_not_taken_for_late_audio),
		cmocka_unit_test(a_clock_of_twilios_that_stands_still_or_is_set_back_is_not_believed),
		cmocka_unit_test(a_mark_that_stays_away_while_frames_come_means_silence),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
