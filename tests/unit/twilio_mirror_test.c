/* What one role of Twilio's protocol writes the other reads back, and it is what Twilio writes. */
#include "tests/unit/chance.h"
#include "tests/unit/golden.h"

#include "proto/twilio.h"
#include "tests/message_equal.h"

static struct golden golden;
static struct twilio_reader reader;
static struct twilio_event event;

static int set_up(void **state)
{
	(void)state;
	twilio_reader_fini(&reader);
	memset(&reader, 0, sizeof reader);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	twilio_reader_fini(&reader);
	return 0;
}

static enum twilio_result read_text(enum twilio_direction from, const char *text)
{
	return twilio_read(&reader, from, text, strlen(text), &event);
}

#define MZ "MZ0123456789abcdef0123456789abcdef"

static void mirror(const char *name, enum twilio_dialect dialect)
{
	char memory[4096];
	struct buf out;

	golden_load(&golden, name);
	for (int i = 0; i < golden.count; i++) {
		assert_int_equal(read_text(FROM_TWILIO, golden.lines[i]), TWILIO_EVENT);
		buf_init_fixed(&out, memory, sizeof memory - 1);
		assert_true(twilio_write_from(&out, dialect, &event));
		memory[buf_len(&out)] = '\0';
		assert_string_equal(memory, golden.lines[i]);
	}
}

static void what_we_write_as_twilio_is_what_twilio_writes_to_the_byte(void **state)
{
	mirror("twilio_real.jsonl", TWILIO_REAL);
	set_up(state);
	mirror("twilio_seed.jsonl", TWILIO_SEED);
}

static void what_we_write_to_twilio_is_as_documented_and_reads_back(void **state)
{
	char memory[1024], prefix[TWILIO_MEDIA_PREFIX_BYTES_MAX], text[1024];
	struct buf out;

	(void)state;
	golden_load(&golden, "twilio_answers.jsonl");
	assert_true(twilio_reader_expect(&reader, SLICE(MZ)));
	for (int i = 0; i < golden.count; i++) {
		buf_init_fixed(&out, memory, sizeof memory - 1);
		assert_int_equal(read_text(TO_TWILIO, golden.lines[i]), TWILIO_EVENT);
		assert_true(event.kind == TWILIO_MEDIA ? twilio_write_media(&out, event.stream_sid, event.payload) :
			event.kind == TWILIO_MARK ? twilio_write_mark(&out, event.stream_sid, event.mark_name) :
			twilio_write_clear(&out, event.stream_sid));
		memory[buf_len(&out)] = '\0';
		assert_string_equal(memory, golden.lines[i]);
	}
	size_t len = twilio_media_prefix(prefix, SLICE(MZ));
	snprintf(text, sizeof text, "%.*s%s%s", (int)len, prefix, "f39/", TWILIO_MEDIA_SUFFIX);
	assert_string_equal(text, golden.lines[0]);
}

static void the_longest_and_oddest_id_fits_the_prefix(void **state)
{
	char prefix[TWILIO_MEDIA_PREFIX_BYTES_MAX], sid[SID_BYTES_MAX + 1];

	(void)state;
	memset(sid, 1, sizeof sid);
	assert_true(twilio_media_prefix(prefix, (struct slice){ sid, SID_BYTES_MAX }) > 6 * SID_BYTES_MAX);
	assert_int_equal(twilio_media_prefix(prefix, (struct slice){ sid, SID_BYTES_MAX + 1 }), 0);
}

static char texts[12][60];

static void random_start(struct twilio_event *e)
{
	e->tracks = chance(4);
	e->encoding = chance_text(texts[3], sizeof texts[3]);
	e->ulaw = false;
	e->rate_hz = 8000;
	e->channel_count = 1;
	for (size_t i = 0; i < 4; i++, e->parameter_count++) {
		e->parameters[i].name = chance_text(texts[4 + i], sizeof texts[4 + i]);
		e->parameters[i].value = chance_text(texts[8 + i], sizeof texts[8 + i]);
		texts[4 + i][0] = (char)('0' + i); /* no two names are the same … */
		e->parameters[i].name.len = 1;     /* … nor broken by that */
	}
}

static void random_media(struct twilio_event *e)
{
	e->payload = SLICE("f39/f39/fw==");
	e->chunk = chance(9999);
	e->track = chance(2) ? TWILIO_OUTBOUND : TWILIO_INBOUND;
	e->timestamp_is_wall = chance(2);
	e->timestamp_ms = e->timestamp_is_wall ? (int64_t)chance(29000) * 8640000123 : chance(30000);
}

static void random_event(struct twilio_event *e)
{
	static const enum twilio_kind kinds[] = { TWILIO_CONNECTED, TWILIO_START, TWILIO_MEDIA, TWILIO_DTMF,
		TWILIO_MARK, TWILIO_STOP };

	twilio_event_init(e, kinds[chance(6)]);
	e->name = slice_of(twilio_kind_name(e->kind));
	if (e->kind == TWILIO_CONNECTED) {
		e->protocol = chance_text(texts[1], sizeof texts[1]);
		e->version = chance_text(texts[2], sizeof texts[2]);
		return;
	}
	e->sequence = (int64_t)chance(32000) - 1;
	e->stream_sid = chance_text(texts[0], sizeof texts[0]);
	if (e->kind == TWILIO_START || e->kind == TWILIO_STOP) {
		e->call_sid = chance_text(texts[1], sizeof texts[1]);
		e->account_sid = chance_text(texts[2], sizeof texts[2]);
	}
	if (e->kind == TWILIO_START)
		random_start(e);
	else if (e->kind == TWILIO_MEDIA)
		random_media(e);
	else if (e->kind == TWILIO_DTMF)
		e->digit = "0123456789*#ABCD"[chance(16)];
	else if (e->kind == TWILIO_MARK)
		e->mark_name = chance_text(texts[1], sizeof texts[1]);
}

static void random_events_survive_writing_and_reading(void **state)
{
	static char memory[8192];
	struct twilio_event sent;
	struct buf out;

	for (int round = 0; round < 3000; round++) {
		set_up(state);
		random_event(&sent);
		buf_init_fixed(&out, memory, sizeof memory);
		assert_true(twilio_write_from(&out, TWILIO_REAL, &sent));
		assert_int_equal(twilio_read(&reader, FROM_TWILIO, memory, buf_len(&out), &event), TWILIO_EVENT);
		if (!twilio_event_equal(&sent, &event))
			fail_msg("round %d: %.*s", round, (int)buf_len(&out), memory);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_we_write_as_twilio_is_what_twilio_writes_to_the_byte),
		TEST(what_we_write_to_twilio_is_as_documented_and_reads_back),
		TEST(the_longest_and_oddest_id_fits_the_prefix),
		TEST(random_events_survive_writing_and_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
