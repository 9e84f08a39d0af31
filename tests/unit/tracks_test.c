/* Spool folders read as two streams: any size of blocks, any end, files that lie. */
#include "tests/unit/unit.h"

#include "media/sound/tracks.h"
#include "tests/unit/spooled_call.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct condition condition = {
	.name = "any", .turns = 4, .delay_most = 100, .jitter_chance = 100, .jitter_most = 10, .speed_least = 8,
	.speed_most = 200, .lost = 20, .late = 20,
};

static struct spooled_call call;
static char folder[] = "/tmp/receptionai-tracks.XXXXXX";

static void write_file(const char *part, const char *name, const void *bytes, size_t len)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, part);
	(void)mkdir(path, 0750);
	snprintf(path, sizeof path, "%s/%s/%s", folder, part, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void write_audio(const char *part, const char *name, int64_t len, uint8_t (*byte)(int64_t at))
{
	uint8_t *bytes = malloc((size_t)len + 1);

	assert_non_null(bytes);
	for (int64_t i = 0; i < len; i++)
		bytes[i] = byte(i);
	write_file(part, name, bytes, (size_t)len);
	free(bytes);
}

static void write_part(const char *part, size_t log_len)
{
	write_file(part, SPOOL_LOG_FILE, call.log, log_len);
	write_audio(part, SPOOL_CALLER_FILE, call.caller_bytes, caller_byte);
	write_audio(part, SPOOL_VOICE_FILE, call.voice_bytes, voice_byte);
}

static void remove_part(const char *part)
{
	static const char *const names[] = { SPOOL_LOG_FILE, SPOOL_CALLER_FILE, SPOOL_VOICE_FILE, "" };
	char path[256];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s/%s", folder, part, names[i]);
		(void)remove(path);
	}
}

static int begin(void **state)
{
	(void)state;
	simulate(&condition, 1, &call);
	return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	forget(&call);
	free(call.log);
	return rmdir(folder);
}

struct sides {
	uint8_t *caller, *voice;
	size_t len;
};

static struct sides read_all(size_t block)
{
	char why[TRACKS_WHY_BYTES_MAX];
	struct sides sides = { 0 };
	struct tracks t;
	ssize_t n;

	assert_true(tracks_open(&t, folder, why));
	sides.caller = malloc((size_t)t.samples + block);
	sides.voice = malloc((size_t)t.samples + block);
	assert_non_null(sides.caller);
	assert_non_null(sides.voice);
	while ((n = tracks_read(&t, sides.caller + sides.len, sides.voice + sides.len, block)) > 0)
		sides.len += (size_t)n;
	assert_int_equal(n, 0);
	assert_int_equal(sides.len, t.samples);
	tracks_close(&t);
	return sides;
}

static void drop(struct sides *sides)
{
	free(sides->caller);
	free(sides->voice);
}

/* What must be on the track by the plan, byte by byte. */
static void check_track(const uint8_t *track, size_t len, const struct plan *plan, uint8_t (*byte)(int64_t at))
{
	uint8_t *wanted = malloc(len + 1);

	assert_non_null(wanted);
	memset(wanted, ULAW_SILENCE, len);
	for (size_t i = 0; i < plan->count; i++)
		for (int64_t k = 0; k < plan->items[i].bytes; k++)
			wanted[plan->items[i].sample + k] = byte(plan->items[i].at + k);
	assert_memory_equal(track, wanted, len);
	free(wanted);
}

static void the_callers_side_is_what_he_said_when_he_said_it(void **state)
{
	struct sides sides;

	(void)state;
	write_part("1", call.log_len);
	sides = read_all(4096);
	check_track(sides.caller, sides.len, &call.caller_truth, caller_byte);
	assert_int_equal(sides.len, plan_end(&call.caller_truth));
	drop(&sides);
	remove_part("1");
}

static void any_size_of_blocks_gives_the_same(void **state)
{
	static const size_t blocks[] = { 1, 7, 160, 16384, 1 << 22 };
	struct sides first, other;

	(void)state;
	write_part("1", call.log_len);
	first = read_all(1000);
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		other = read_all(blocks[i]);
		assert_int_equal(other.len, first.len);
		assert_memory_equal(other.caller, first.caller, first.len);
		assert_memory_equal(other.voice, first.voice, first.len);
		drop(&other);
	}
	drop(&first);
	remove_part("1");
}

static void every_prefix_of_a_log_is_a_log(void **state)
{
	size_t before = 0;

	(void)state;
	for (size_t len = 200; len < call.log_len; len += call.log_len / 60) {
		struct sides sides;

		write_part("1", len);
		sides = read_all(16384);
		assert_true(sides.len >= before);
		before = sides.len;
		drop(&sides);
	}
	assert_true(before > 100000);
	remove_part("1");
}

static void what_files_do_not_hold_is_silence(void **state)
{
	struct sides whole, cut;

	(void)state;
	write_part("1", call.log_len);
	whole = read_all(4096);
	write_audio("1", SPOOL_VOICE_FILE, 5000, voice_byte);
	write_audio("1", SPOOL_CALLER_FILE, 0, caller_byte);
	cut = read_all(4096);
	assert_int_equal(cut.len, whole.len);
	for (size_t i = 0, heard = 0; i < cut.len; i++) {
		assert_int_equal(cut.caller[i], ULAW_SILENCE);
		heard += whole.voice[i] != ULAW_SILENCE;
		assert_int_equal(cut.voice[i], heard <= 5000 ? whole.voice[i] : ULAW_SILENCE);
	}
	drop(&whole);
	drop(&cut);
	remove_part("1");
}

static void a_file_that_is_missing_is_silence_too(void **state)
{
	struct sides sides;

	(void)state;
	write_file("1", SPOOL_LOG_FILE, call.log, call.log_len);
	sides = read_all(4096);
	assert_int_equal(sides.len, plan_end(&call.caller_truth));
	for (size_t i = 0; i < sides.len; i++)
		assert_int_equal(sides.caller[i] & sides.voice[i], ULAW_SILENCE);
	drop(&sides);
	remove_part("1");
}

static void parts_go_by_their_numbers_and_others_are_passed_over(void **state)
{
	char why[TRACKS_WHY_BYTES_MAX];
	struct tracks t;

	(void)state;
	write_part("10", call.log_len);
	write_part("9", call.log_len / 2);
	write_part("made", call.log_len);
	write_part("07", call.log_len);
	assert_true(tracks_open(&t, folder, why));
	assert_int_equal(t.part_count, 2);
	assert_true(t.parts[0].timeline.samples < t.parts[1].timeline.samples);
	assert_false(t.ended);
	/* Both say that they began at the same moment: one behind the other. */
	assert_int_equal(t.parts[1].from, t.parts[0].timeline.samples);
	tracks_close(&t);
	remove_part("10");
	remove_part("9");
	remove_part("made");
	remove_part("07");
}

static void absurd_numbers_make_a_day_at_most(void **state)
{
	static const char log[] = "0 spool version=1 call=CA1 part=1 wall_ms=0\n"
		"1 in ts=2 chunk=1 at=0 bytes=160\n"
		"2 in ts=86399990 chunk=2 at=160 bytes=160\n"
		"90000000 in ts=90000000 chunk=3 at=320 bytes=160\n"
		"90000001 out gen=1 at=0 bytes=691200000\n"
		"90000002 end reason=x\n";
	char why[TRACKS_WHY_BYTES_MAX];
	struct tracks t;

	(void)state;
	write_file("1", SPOOL_LOG_FILE, log, sizeof log - 1);
	write_audio("1", SPOOL_CALLER_FILE, 480, caller_byte);
	write_file("2", SPOOL_LOG_FILE, log, sizeof log - 1);
	assert_true(tracks_open(&t, folder, why));
	assert_true(t.samples <= PLAN_SAMPLES_MAX);
	tracks_close(&t);
	remove_part("1");
	remove_part("2");
}

static void what_was_broken_is_told_and_what_was_before_counts(void **state)
{
	static const char log[] = "0 spool version=1 call=CA1 part=1 wall_ms=0\n"
		"1 in ts=0 chunk=1 at=0 bytes=160\n"
		"2 in ts=\n"
		"3 in ts=20 chunk=2 at=160 bytes=160\n";
	char why[TRACKS_WHY_BYTES_MAX];
	struct tracks t;

	(void)state;
	write_file("1", SPOOL_LOG_FILE, log, sizeof log - 1);
	assert_true(tracks_open(&t, folder, why));
	assert_int_equal(t.samples, 160);
	assert_non_null(strstr(t.damage, "part 1: line 3: "));
	tracks_close(&t);
	remove_part("1");
}

static void what_was_not_recorded_is_silence_and_withdrawal_stays(void **state)
{
	static const char log[] = "0 spool version=1 call=CA1 part=1 wall_ms=0\n"
		"0 recording on=0 why=no-consent\n"
		"1 in ts=0 chunk=1 at=0 bytes=160\n"
		"2 recording on=1\n"
		"3 in ts=20 chunk=2 at=160 bytes=160\n"
		"4 recording on=0 why=withdrawn\n"
		"5 recording on=0 why=disk-full\n";
	char why[TRACKS_WHY_BYTES_MAX];
	uint8_t caller[400], voice[400];
	struct tracks t;

	(void)state;
	write_file("1", SPOOL_LOG_FILE, log, sizeof log - 1);
	write_audio("1", SPOOL_CALLER_FILE, 320, caller_byte);
	assert_true(tracks_open(&t, folder, why));
	assert_int_equal(t.stopped, SPOOL_WITHDRAWN);
	assert_int_equal(tracks_read(&t, caller, voice, sizeof caller), 320);
	assert_int_equal(caller[0], ULAW_SILENCE);
	assert_int_equal(caller[159], ULAW_SILENCE);
	assert_int_equal(caller[160], caller_byte(160));
	tracks_close(&t);
	remove_part("1");
}

static void consent_given_late_is_no_stop_and_the_queue_in_front_counts(void **state)
{
	static const char log[] = "0 spool version=1 call=CA1 part=1 wall_ms=0\n"
		"0 recording on=0 why=no-consent\n"
		"0 in ts=0 chunk=1 at=0 bytes=160\n"
		"0 out gen=1 at=0 bytes=320\n"
		"10 recording on=1\n"
		"10 out gen=1 at=320 bytes=160\n"
		"20 in ts=20 chunk=2 at=160 bytes=160\n"
		"40 in ts=40 chunk=3 at=320 bytes=160\n"
		"60 in ts=60 chunk=4 at=480 bytes=160\n"
		"80 end reason=x\n";
	char why[TRACKS_WHY_BYTES_MAX];
	uint8_t caller[1000], voice[1000];
	struct tracks t;

	(void)state;
	write_file("1", SPOOL_LOG_FILE, log, sizeof log - 1);
	write_audio("1", SPOOL_CALLER_FILE, 640, caller_byte);
	write_audio("1", SPOOL_VOICE_FILE, 480, voice_byte);
	assert_true(tracks_open(&t, folder, why));
	assert_int_equal(t.stopped, SPOOL_WHOLE);
	assert_int_equal(tracks_read(&t, caller, voice, sizeof caller), 640);
	assert_int_equal(voice[319], ULAW_SILENCE);
	for (int i = 0; i < 160; i++)
		assert_int_equal(voice[320 + i], voice_byte(320 + i));
	tracks_close(&t);
	remove_part("1");
}

static void a_folder_without_a_log_is_refused(void **state)
{
	char why[TRACKS_WHY_BYTES_MAX];
	struct tracks t;

	(void)state;
	assert_false(tracks_open(&t, folder, why));
	assert_string_equal(why, "there is no log of a recording");
	tracks_close(&t);
	write_file("1", SPOOL_LOG_FILE, "", 0);
	assert_false(tracks_open(&t, folder, why));
	tracks_close(&t);
	remove_part("1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_callers_side_is_what_he_said_when_he_said_it),
		cmocka_unit_test(any_size_of_blocks_gives_the_same),
		cmocka_unit_test(every_prefix_of_a_log_is_a_log),
		cmocka_unit_test(what_files_do_not_hold_is_silence),
		cmocka_unit_test(a_file_that_is_missing_is_silence_too),
		cmocka_unit_test(parts_go_by_their_numbers_and_others_are_passed_over),
		cmocka_unit_test(absurd_numbers_make_a_day_at_most),
		cmocka_unit_test(what_was_broken_is_told_and_what_was_before_counts),
		cmocka_unit_test(what_was_not_recorded_is_silence_and_withdrawal_stays),
		cmocka_unit_test(consent_given_late_is_no_stop_and_the_queue_in_front_counts),
		cmocka_unit_test(a_folder_without_a_log_is_refused),
	};

	return cmocka_run_group_tests_name("tracks", tests, begin, end);
}
