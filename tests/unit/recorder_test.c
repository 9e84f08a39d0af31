#include "tests/unit/unit.h"

#include "base/check.h"
#include "proto/base64.h"
#include "relay/recorder.h"

struct bench {
	struct pool pool;
	struct recorder recorder;
	/* Everything that was taken so far. */
	size_t track_bytes[RECORDER_TRACK_COUNT], log_bytes;
	uint8_t tracks[RECORDER_TRACK_COUNT][64 * 1024];
	char log[64 * 1024];
};

static int set_up_with(void **state, size_t block_count)
{
	const struct pool_plan plan[] = { { 4096, block_count }, { 1024 * 1024, block_count / 4 } };
	struct bench *b = calloc(1, sizeof *b);

	assert_int_equal(pool_open(&b->pool, plan, ARRAY_COUNT(plan)), 0);
	recorder_begin(&b->recorder, &b->pool, 1000);
	*state = b;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, 32);
}

static int set_up_poor(void **state)
{
	return set_up_with(state, 2);
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	recorder_fini(&b->recorder);
	assert_int_equal(pool_used_bytes(&b->pool), 0);
	pool_close(&b->pool);
	free(b);
	return 0;
}

static void take(struct bench *b)
{
	struct recorder_load load;

	recorder_take(&b->recorder, &load);
	for (int i = 0; i < RECORDER_TRACK_COUNT; i++) {
		size_t len = buf_len(&load.tracks[i]);

		check(b->track_bytes[i] + len <= sizeof b->tracks[i]);
		if (len)
			memcpy(b->tracks[i] + b->track_bytes[i], buf_data(&load.tracks[i]), len);
		b->track_bytes[i] += len;
	}
	check(b->log_bytes + buf_len(&load.log) < sizeof b->log);
	if (buf_len(&load.log))
		memcpy(b->log + b->log_bytes, buf_data(&load.log), buf_len(&load.log));
	b->log_bytes += buf_len(&load.log);
	b->log[b->log_bytes] = '\0';
	recorder_load_release(&load);
}

static void frame(struct bench *b, uint8_t value, bool secret, int64_t ts)
{
	uint8_t audio[ULAW_FRAME_BYTES];
	char text[256];
	struct twilio_event media;

	memset(audio, value, sizeof audio);
	twilio_event_init(&media, TWILIO_MEDIA);
	media.payload = (struct slice){ text, base64_encode(text, audio, sizeof audio) };
	media.stream_ms = ts;
	recorder_in(&b->recorder, &media, secret);
}

static bool all(const uint8_t *bytes, size_t len, uint8_t value)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

static void a_call_becomes_tracks_and_lines(void **state)
{
	struct bench *b = *state;
	uint8_t voice[320];

	memset(voice, 0x33, sizeof voice);
	frame(b, 0x11, false, 20);
	recorder_decide(&b->recorder, false);
	recorder_time(&b->recorder, 1020);
	recorder_voice_bytes(&b->recorder, voice, 160);
	recorder_voice(&b->recorder, SLICE("AAAA"));
	recorder_mark(&b->recorder, SLICE("g1:163"));
	recorder_time(&b->recorder, 1040);
	frame(b, 0x12, false, 40);
	recorder_back(&b->recorder, SLICE("g1:163"));
	recorder_voice_bytes(&b->recorder, voice, 160);
	recorder_clear(&b->recorder);
	take(b);
	recorder_voice_bytes(&b->recorder, voice, 8);
	recorder_end(&b->recorder, END_CALLER_HUNG_UP);
	take(b);
	assert_string_equal(b->log,
		"0 in ts=20 at=0 bytes=160\n"
		"20 out gen=1 at=0 bytes=163\n"
		"20 mark gen=1 at=163 name=g1:163\n"
		"40 in ts=40 at=160 bytes=160\n"
		"40 back ts=60 name=g1:163\n"
		"40 out gen=1 at=163 bytes=160\n"
		"40 clear gen=1\n"
		"40 out gen=2 at=323 bytes=8\n"
		"40 end reason=caller-hung-up\n");
	assert_int_equal(b->track_bytes[RECORDER_CALLER], 320);
	assert_true(all(b->tracks[RECORDER_CALLER], 160, 0x11) && all(b->tracks[RECORDER_CALLER] + 160, 160, 0x12));
	assert_int_equal(b->track_bytes[RECORDER_VOICE], 331);
	assert_true(recorder_is_empty(&b->recorder));
}

static void nothing_but_silence_is_kept_before_consent(void **state)
{
	struct bench *b = *state;
	uint8_t voice[80];

	memset(voice, 0x33, sizeof voice);
	frame(b, 0x11, false, 20);
	recorder_decide(&b->recorder, true);
	frame(b, 0x11, false, 40);
	recorder_voice_bytes(&b->recorder, voice, sizeof voice);
	recorder_voice(&b->recorder, SLICE("AAAA"));
	take(b);
	assert_true(all(b->tracks[RECORDER_CALLER], 320, ULAW_SILENCE));
	assert_true(all(b->tracks[RECORDER_VOICE], 83, ULAW_SILENCE));
	recorder_consent(&b->recorder);
	frame(b, 0x11, false, 60);
	recorder_voice_bytes(&b->recorder, voice, sizeof voice);
	take(b);
	assert_true(all(b->tracks[RECORDER_CALLER] + 320, 160, 0x11));
	assert_true(all(b->tracks[RECORDER_VOICE] + 83, 80, 0x33));
	assert_non_null(strstr(b->log, "recording on=0 why=no-consent\n"));
	assert_non_null(strstr(b->log, "recording on=1\n"));
	assert_int_equal(b->recorder.why, SPOOL_WHOLE);
}

static void a_secret_is_silence_and_so_is_the_tone_before_it(void **state)
{
	struct bench *b = *state;

	recorder_decide(&b->recorder, false);
	for (int i = 0; i < 30; i++)
		frame(b, 0x11, false, 20 * i);
	frame(b, 0x22, true, 600);
	frame(b, 0x11, false, 620);
	take(b);
	assert_int_equal(b->track_bytes[RECORDER_CALLER], 32 * 160);
	assert_true(all(b->tracks[RECORDER_CALLER], 30 * 160 - RECORDER_TONE_BYTES, 0x11));
	assert_true(all(b->tracks[RECORDER_CALLER] + 30 * 160 - RECORDER_TONE_BYTES, RECORDER_TONE_BYTES + 160,
		ULAW_SILENCE));
	assert_true(all(b->tracks[RECORDER_CALLER] + 31 * 160, 160, 0x11));
	assert_non_null(strstr(b->log, "secret on=1\n"));
	assert_non_null(strstr(b->log, "secret on=0\n"));
}

static void what_was_gathered_is_forgotten_when_it_stops(void **state)
{
	struct bench *b = *state;

	recorder_decide(&b->recorder, false);
	frame(b, 0x11, false, 20);
	take(b);
	frame(b, 0x12, false, 40);
	recorder_stop(&b->recorder, SPOOL_WITHDRAWN);
	recorder_stop(&b->recorder, SPOOL_DISK_FULL);
	frame(b, 0x13, false, 60);
	recorder_voice(&b->recorder, SLICE("AAAA"));
	recorder_mark(&b->recorder, SLICE("m"));
	recorder_clear(&b->recorder);
	recorder_consent(&b->recorder);
	recorder_end(&b->recorder, END_SHUTDOWN);
	take(b);
	assert_int_equal(b->track_bytes[RECORDER_CALLER], 160);
	assert_string_equal(b->log, "0 in ts=20 at=0 bytes=160\n"
		"0 recording on=0 why=withdrawn\n0 end reason=shutdown\n");
}

static void a_disk_that_takes_nothing_ends_it_at_a_bound(void **state)
{
	struct bench *b = *state;

	recorder_decide(&b->recorder, false);
	for (int i = 0; i < 10000; i++)
		frame(b, 0x11, false, 20 * i);
	assert_int_equal(b->recorder.state, RECORDER_OVER);
	assert_int_equal(b->recorder.why, SPOOL_DISK_SLOW);
	recorder_end(&b->recorder, END_CALLER_HUNG_UP);
	take(b);
	assert_int_equal(b->track_bytes[RECORDER_CALLER], 0);
	assert_string_equal(b->log, "0 recording on=0 why=disk-slow\n0 end reason=caller-hung-up\n");
}

static void the_outbound_track_has_a_file_of_its_own(void **state)
{
	struct bench *b = *state;
	struct twilio_event media;

	recorder_decide(&b->recorder, false);
	twilio_event_init(&media, TWILIO_MEDIA);
	media.payload = SLICE("AAAA");
	media.chunk = 7;
	recorder_far(&b->recorder, &media);
	take(b);
	assert_int_equal(b->track_bytes[RECORDER_PLAYED], 3);
	assert_string_equal(b->log, "0 far chunk=7 at=0 bytes=3\n");
}

static void nobody_is_told_without_a_recorder(void **state)
{
	struct twilio_event media;
	struct recorder off = { 0 };

	(void)state;
	twilio_event_init(&media, TWILIO_MEDIA);
	recorder_in(NULL, &media, false);
	recorder_far(NULL, &media);
	recorder_voice(NULL, SLICE("AAAA"));
	recorder_mark(NULL, SLICE("m"));
	recorder_back(&off, SLICE("m"));
	recorder_clear(&off);
	recorder_end(&off, END_SHUTDOWN);
	assert_int_equal(off.state, RECORDER_OFF);
	assert_int_equal(off.load.log.tail, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_call_becomes_tracks_and_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_but_silence_is_kept_before_consent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_secret_is_silence_and_so_is_the_tone_before_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_gathered_is_forgotten_when_it_stops, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_disk_that_takes_nothing_ends_it_at_a_bound, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_disk_that_takes_nothing_ends_it_at_a_bound, set_up_poor, tear_down),
		cmocka_unit_test_setup_teardown(the_outbound_track_has_a_file_of_its_own, set_up, tear_down),
		cmocka_unit_test(nobody_is_told_without_a_recorder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
