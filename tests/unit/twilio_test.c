/* Twilio's messages against transcripts of the real service and of older documents (tests/unit/golden/). */
#include "tests/unit/golden.h"

#include "proto/twilio_scan.h"
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

static void must_be(enum twilio_direction from, const char *text, enum twilio_kind kind)
{
	if (read_text(from, text) != TWILIO_EVENT)
		fail_msg("%s: %s", reader.why, text);
	assert_int_equal(event.kind, kind);
}

static void must_fail(enum twilio_direction from, const char *text, const char *why)
{
	if (read_text(from, text) != TWILIO_BAD)
		fail_msg("accepted: %s", text);
	if (why)
		assert_string_equal(reader.why, why);
}

#define EQUAL(slice, text) assert_true(slice_equal((slice), SLICE(text)))
#define MZ "MZ0123456789abcdef0123456789abcdef"
#define SEED_MZ "MZ1234567890abcdef"

static void real_messages_read_as_documented(void **state)
{
	(void)state;
	golden_load(&golden, "twilio_real.jsonl");
	must_be(FROM_TWILIO, golden.lines[0], TWILIO_CONNECTED);
	EQUAL(event.protocol, "Call");
	must_be(FROM_TWILIO, golden.lines[1], TWILIO_START);
	EQUAL(event.stream_sid, MZ);
	EQUAL(event.call_sid, "CA0123456789abcdef0123456789abcdef");
	assert_int_equal(event.sequence, 1);
	assert_int_equal(event.tracks, TWILIO_TRACKS_INBOUND);
	assert_true(event.ulaw);
	assert_int_equal(event.parameter_count, 2);
	EQUAL(twilio_parameter(&event, SLICE("callerPhone")), "+15550100");
	assert_null(twilio_parameter(&event, SLICE("none")).data);
	must_be(FROM_TWILIO, golden.lines[2], TWILIO_MEDIA);
	assert_int_equal(event.payload.len, 216);
	assert_int_equal(event.timestamp_ms, 155);
	assert_false(event.timestamp_is_wall);
	assert_int_equal(event.chunk, 1);
	assert_int_equal(event.track, TWILIO_INBOUND);
	must_be(FROM_TWILIO, golden.lines[3], TWILIO_MARK);
	EQUAL(event.mark_name, "my label");
	must_be(FROM_TWILIO, golden.lines[4], TWILIO_DTMF);
	assert_int_equal(event.digit, '1');
	must_be(FROM_TWILIO, golden.lines[5], TWILIO_STOP);
	assert_int_equal(event.sequence, 378);
	EQUAL(event.account_sid, "AC0123456789abcdef0123456789abcdef");
}

static void messages_of_the_older_documents_read_as_well(void **state)
{
	(void)state;
	golden_load(&golden, "twilio_seed.jsonl");
	must_be(FROM_TWILIO, golden.lines[0], TWILIO_CONNECTED);
	EQUAL(event.stream_sid, SEED_MZ);
	must_be(FROM_TWILIO, golden.lines[1], TWILIO_START);
	assert_int_equal(event.tracks, TWILIO_TRACKS_INBOUND | TWILIO_TRACKS_OUTBOUND);
	EQUAL(event.encoding, "PCMU");
	assert_true(event.ulaw);
	assert_int_equal(event.sequence, -1);
	must_be(FROM_TWILIO, golden.lines[2], TWILIO_MEDIA);
	assert_true(event.timestamp_is_wall);
	assert_true(event.timestamp_ms == 1738367999120);
	assert_int_equal(event.stream_ms, 0);
	must_be(FROM_TWILIO, golden.lines[3], TWILIO_MEDIA);
	assert_int_equal(event.stream_ms, 20);
	assert_int_equal(event.track, TWILIO_OUTBOUND);
	must_be(FROM_TWILIO, golden.lines[4], TWILIO_STOP);
	assert_int_equal(reader.scanned_count, 2);
	assert_int_equal(reader.parsed_count, 3);
}

/* A cut text is no message, whichever way it is read; and no way reads past its end (run under ASan). */
static void a_text_cut_anywhere_never_gives_an_event(void **state)
{
	static const char *const files[] = { "twilio_real.jsonl", "twilio_seed.jsonl", "twilio_answers.jsonl" };

	(void)state;
	for (int f = 0; f < 6; f++) {
		golden_load(&golden, files[f / 2]);
		reader.slow = f % 2;
		for (int i = 0; i < golden.count; i++) {
			for (size_t len = strlen(golden.lines[i]); len-- > 0;) {
				char *cut = malloc(len + 1);
				memcpy(cut, golden.lines[i], len);
				assert_int_equal(twilio_read(&reader, f < 4 ? FROM_TWILIO : TO_TWILIO, cut, len,
					&event), TWILIO_BAD);
				free(cut);
			}
		}
	}
}

static const char *const members[] = {
	"\"event\":\"media\"", "\"sequenceNumber\":\"3\"", "\"streamSid\":\"MZ1\"",
	"\"media\":{\"payload\":\"f39/\",\"timestamp\":\"40\",\"track\":\"outbound\",\"chunk\":2}",
	"\"plain\": 1.5", "\"nested\":[{}]",
};

/* The first `count` members in the number-th of their orders. */
static void shuffled(char *text, size_t bytes, int count, unsigned number)
{
	int order[] = { 0, 1, 2, 3, 4, 5 };
	size_t at = 0;

	for (int i = count; i > 1; i--) {
		int pick = (int)(number % (unsigned)i), kept = order[i - 1];
		number /= (unsigned)i;
		order[i - 1] = order[pick];
		order[pick] = kept;
	}
	for (int i = 0; i < count; i++)
		at += (size_t)snprintf(text + at, bytes - at, "%s%s", i ? ", " : "{", members[order[i]]);
	snprintf(text + at, bytes - at, "}");
}

static void members_may_come_in_any_order_and_unknown_ones_too(void **state)
{
	char text[512];

	(void)state;
	for (int count = 4; count <= 6; count++) {
		reader.scanned_count = reader.parsed_count = 0;
		for (unsigned number = 0; number < 720; number++) {
			shuffled(text, sizeof text, count, number);
			must_be(FROM_TWILIO, text, TWILIO_MEDIA);
			assert_int_equal(event.sequence, 3);
			EQUAL(event.stream_sid, "MZ1");
			EQUAL(event.payload, "f39/");
			assert_int_equal(event.timestamp_ms, 40);
			assert_int_equal(event.track, TWILIO_OUTBOUND);
			assert_int_equal(event.chunk, 2);
		}
		/* Only a nested member that is unknown needs json-c. */
		assert_int_equal(count < 6 ? reader.scanned_count : reader.parsed_count, 720);
	}
}

static void both_ways_agree_on_media(void **state)
{
	static const char *const texts[] = {
		"{\"event\":\"media\",\"media\":{\"payload\":\"\"}}",
		"{\"event\":\"media\",\"media\":{\"payload\":\"f39/\",\"timestamp\":155}}",
		"{\"event\":\"media\",\"media\":{\"payload\":\"f39/\",\"timestamp\":\"soon\",\"chunk\":\"many\"}}",
		"{\"event\":\"media\",\"media\":{\"payload\":\"f39/\",\"timestamp\":\"2026-11-21T09:30:00+01:00\"}}",
		"{\"event\":\"media\",\"media\":{\"payload\":\"f39/\",\"track\":\"inbound_track\"},\"streamSid\":\"\"}",
		"{\"event\":\"media\",\"media\":{\"payload\":\"f39/\",\"track\":\"both\"},\"sequenceNumber\":7}",
		" {\n\t\"event\" : \"media\" ,\r\n \"media\" : { \"payload\" : \"f38=\" , \"z\" : null } } ",
	};
	struct twilio_event fast;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		reader.slow = false;
		must_be(FROM_TWILIO, texts[i], TWILIO_MEDIA);
		assert_int_equal(reader.scanned_count, i + 1);
		fast = event;
		reader.slow = true;
		must_be(FROM_TWILIO, texts[i], TWILIO_MEDIA);
		assert_true(twilio_event_equal(&fast, &event));
	}
}

static void what_the_scanner_leaves_json_c_reads(void **state)
{
	(void)state;
	must_be(FROM_TWILIO, "{\"event\":\"media\",\"media\":{\"payload\":\"f39\\/\"}}", TWILIO_MEDIA);
	EQUAL(event.payload, "f39/");
	must_be(FROM_TWILIO, "{\"event\":\"med\\u0069a\",\"stream_sid\":\"a\",\"media\":{\"payload\":\"f39/\","
		"\"timestamp\":1.5e2}}",
		TWILIO_MEDIA);
	EQUAL(event.stream_sid, "a");
	assert_int_equal(event.timestamp_ms, 150);
	must_be(FROM_TWILIO, "{\"event\":\"media\",\"event\":\"media\",\"media\":{\"payload\":\"f39/\","
		"\"timestamp\":-5,\"chunk\":null,\"track\":1}}",
		TWILIO_MEDIA);
	assert_int_equal(event.timestamp_ms, -1);
	assert_int_equal(event.track, TWILIO_INBOUND);
	assert_int_equal(reader.scanned_count, 0);
}

static void bad_media_is_refused(void **state)
{
	(void)state;
	must_fail(FROM_TWILIO, "{\"event\":\"media\"}", "media without a payload");
	must_fail(FROM_TWILIO, "{\"event\":\"media\",\"media\":{}}", "media without a payload");
	must_fail(FROM_TWILIO, "{\"event\":\"media\",\"media\":{\"payload\":7}}", "media without a payload");
	must_fail(FROM_TWILIO, "{\"event\":\"media\",\"media\":{\"payload\":\"f3\"}}", "the payload is not base64");
	must_fail(FROM_TWILIO, "{\"event\":\"media\",\"media\":{\"payload\":\"f39_\"}}", "the payload is not base64");
	must_fail(FROM_TWILIO, "{\"event\":\"media\",\"media\":{\"payload\":\"f3==\"}}", "the payload is not base64");
	must_fail(FROM_TWILIO, "{\"media\":{\"payload\":\"f39/\"}}", "no event");
	must_fail(FROM_TWILIO, "{\"event\":7}", "no event");
	must_fail(FROM_TWILIO, "[]", "no event");
	must_fail(FROM_TWILIO, "hello", NULL);
}

static void events_of_other_names_are_unknown_not_bad(void **state)
{
	(void)state;
	must_be(FROM_TWILIO, "{\"event\":\"dialtone\",\"sequenceNumber\":9}", TWILIO_UNKNOWN);
	EQUAL(event.name, "dialtone");
	must_be(FROM_TWILIO, "{\"event\":\"clear\"}", TWILIO_UNKNOWN);
	must_be(FROM_TWILIO, "{\"event\":\"\"}", TWILIO_UNKNOWN);
}

static void the_streams_id_comes_from_start_else_from_connected_and_then_stays(void **state)
{
	char text[256], sid[SID_BYTES_MAX + 2];

	must_fail(FROM_TWILIO, "{\"event\":\"start\",\"start\":{\"callSid\":\"CA1\"}}", "start names no stream");
	must_be(FROM_TWILIO, "{\"event\":\"connected\",\"streamSid\":\"MZ1\"}", TWILIO_CONNECTED);
	must_be(FROM_TWILIO, "{\"event\":\"start\",\"start\":{\"callSid\":\"CA1\"}}", TWILIO_START);
	EQUAL(event.stream_sid, "MZ1");
	must_be(FROM_TWILIO, "{\"event\":\"media\",\"media\":{\"payload\":\"\"}}", TWILIO_MEDIA);
	EQUAL(event.stream_sid, "MZ1");
	must_fail(FROM_TWILIO, "{\"event\":\"media\",\"streamSid\":\"MZ2\",\"media\":{\"payload\":\"\"}}",
		"the message is about another stream");
	must_fail(FROM_TWILIO, "{\"event\":\"start\",\"streamSid\":\"MZ2\"}", "a second start names another stream");
	set_up(state);
	must_be(FROM_TWILIO, "{\"event\":\"connected\",\"streamSid\":\"MZ1\"}", TWILIO_CONNECTED);
	must_be(FROM_TWILIO, "{\"event\":\"start\",\"streamSid\":\"MZ2\","
		"\"start\":{\"streamSid\":\"MZ3\"}}", TWILIO_START);
	EQUAL(event.stream_sid, "MZ3");
	set_up(state);
	memset(sid, 'M', sizeof sid - 1);
	sid[sizeof sid - 1] = '\0';
	snprintf(text, sizeof text, "{\"event\":\"start\",\"streamSid\":\"%s\"}", sid);
	must_fail(FROM_TWILIO, text, "the stream's id is too long or holds a NUL");
}

static void start_tells_what_it_cannot_be(void **state)
{
	static const char *const formats[] = {
		"{\"encoding\":\"audio/x-alaw\"}", "{\"sampleRate\":16000}", "{\"channels\":2}",
		"{\"sampleRate\":\"16000\"}",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		snprintf(text, sizeof text, "{\"event\":\"start\",\"streamSid\":\"M\","
			"\"start\":{\"mediaFormat\":%s}}", formats[i]);
		must_be(FROM_TWILIO, text, TWILIO_START);
		assert_false(event.ulaw);
	}
	must_be(FROM_TWILIO, "{\"event\":\"start\",\"streamSid\":\"M\",\"start\":{\"tracks\":7,"
		"\"customParameters\":{\"n\":5,\"o\":{},\"z\":null}}}",
		TWILIO_START);
	assert_true(event.ulaw);
	assert_int_equal(event.parameter_count, 1);
	EQUAL(event.parameters[0].value, "5");
}

static void too_many_parameters_are_refused(void **state)
{
	char text[2048];
	size_t at = (size_t)snprintf(text, sizeof text, "{\"event\":\"start\",\"streamSid\":\"M\","
		"\"start\":{\"customParameters\":{");

	(void)state;
	for (int i = 0; i <= TWILIO_PARAMETER_COUNT_MAX; i++) {
		snprintf(text + at, sizeof text - at, "\"p%d\":\"\"}}}", i);
		if (i < TWILIO_PARAMETER_COUNT_MAX)
			must_be(FROM_TWILIO, text, TWILIO_START);
		else
			must_fail(FROM_TWILIO, text, "start carries too many custom parameters");
		at += strlen(text + at) - 3;
		text[at++] = ',';
	}
}

static void dtmf_takes_the_keys_of_a_telephone_only(void **state)
{
	(void)state;
	must_be(FROM_TWILIO, "{\"event\":\"dtmf\",\"dtmf\":{\"digit\":\"#\"}}", TWILIO_DTMF);
	must_be(FROM_TWILIO, "{\"event\":\"dtmf\",\"dtmf\":{\"digit\":5}}", TWILIO_DTMF);
	assert_int_equal(event.digit, '5');
	must_fail(FROM_TWILIO, "{\"event\":\"dtmf\",\"dtmf\":{\"digit\":\"12\"}}", NULL);
	must_fail(FROM_TWILIO, "{\"event\":\"dtmf\",\"dtmf\":{\"digit\":\"x\"}}", NULL);
	must_fail(FROM_TWILIO, "{\"event\":\"dtmf\"}", "dtmf without a digit");
}

static void to_twilio_only_the_documented_members_may_go(void **state)
{
	static const char *const wrong[] = {
		"{\"event\":\"media\",\"media\":{\"payload\":\"f39/\"}}",
		"{\"event\":\"media\",\"streamSid\":\"\",\"media\":{\"payload\":\"f39/\"}}",
		"{\"event\":\"media\",\"streamSid\":\"MZ2\",\"media\":{\"payload\":\"f39/\"}}",
		"{\"event\":\"media\",\"stream_sid\":\"MZ1\",\"media\":{\"payload\":\"f39/\"}}",
		"{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"payload\":\"f39/\",\"track\":\"outbound\"}}",
		"{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"payload\":\"f39/\"},\"x\":1}",
		"{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"payload\":\"f39\"}}",
		"{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{}}",
		"{\"event\":\"media\",\"streamSid\":\"MZ1\"}",
		"{\"event\":\"media\",\"streamSid\":5,\"media\":{\"payload\":\"f39/\"}}",
		"{\"event\":\"mark\",\"streamSid\":\"MZ1\"}",
		"{\"event\":\"mark\",\"streamSid\":\"MZ1\",\"mark\":{\"name\":1}}",
		"{\"event\":\"mark\",\"streamSid\":\"MZ1\",\"mark\":{\"name\":\"a\",\"b\":1}}",
		"{\"event\":\"clear\",\"streamSid\":\"MZ1\",\"clear\":{}}",
		"{\"event\":\"stop\",\"streamSid\":\"MZ1\"}",
		"{\"event\":\"start\",\"streamSid\":\"MZ1\"}",
	};

	(void)state;
	assert_true(twilio_reader_expect(&reader, SLICE("MZ1")));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		must_fail(TO_TWILIO, wrong[i], NULL);
	must_be(TO_TWILIO, "{\"media\":{\"payload\":\"f39/\"},\"streamSid\":\"MZ1\","
		"\"event\":\"media\"}", TWILIO_MEDIA);
	assert_int_equal(reader.scanned_count, 1 + 2); /* no stream and a foreign one are plain media, too */
}

static void a_mark_that_returns_is_scanned_and_read_as_json_c_reads_it(void **state)
{
	static const struct {
		const char *text;
		enum twilio_kind kind;
		bool scanned;
	} texts[] = {
		{ "{\"event\":\"mark\",\"sequenceNumber\":\"4\",\"streamSid\":\"MZ1\",\"mark\":{\"name\":\"g1:1600\"}}",
			TWILIO_MARK, true },
		{ "{\"mark\":{\"x\":1,\"name\":\"\"},\"event\":\"mark\"}", TWILIO_MARK, true },
		{ "{\"event\":\"mark\",\"mark\":{\"name\":\"\\u0061\"}}", TWILIO_MARK, false },
		{ "{\"event\":\"mark\",\"mark\":{\"name\":\"a\",\"name\":\"b\"}}", TWILIO_MARK, false },
		{ "{\"event\":\"mark\",\"mark\":{\"name\":\"a\"},\"media\":{\"payload\":\"\"}}", TWILIO_MARK, false },
		{ "{\"event\":\"media\",\"mark\":{\"name\":\"a\"},\"media\":{\"payload\":\"\"}}", TWILIO_MEDIA, false },
		{ "{\"event\":\"clear\",\"mark\":{\"name\":\"a\"}}", TWILIO_UNKNOWN, false },
	};
	struct twilio_event fast;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		reader.slow = false;
		reader.scanned_count = 0;
		must_be(FROM_TWILIO, texts[i].text, texts[i].kind);
		assert_int_equal(reader.scanned_count, texts[i].scanned);
		fast = event;
		reader.slow = true;
		must_be(FROM_TWILIO, texts[i].text, texts[i].kind);
		if (texts[i].scanned)
			assert_true(twilio_event_equal(&fast, &event));
	}
}

static void audio_never_wakes_json_c(void **state)
{
	(void)state;
	golden_load(&golden, "twilio_real.jsonl");
	for (int i = 0; i < 100; i++)
		must_be(FROM_TWILIO, golden.lines[2], TWILIO_MEDIA);
	assert_null(reader.json.tokener);
}

static int64_t time_of(const char *text)
{
	bool is_wall;
	int64_t ms = twilio_time(slice_of(text), &is_wall);

	assert_int_equal(is_wall, ms >= 0 && strlen(text) > 15);
	return ms;
}

static void iso_times_are_milliseconds_since_1970(void **state)
{
	static const char *const wrong[] = {
		"", "soon", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z",
		"2025-04-31T00:00:00Z",
		"2025-01-01T24:00:00Z", "2025-01-01T00:60:00Z", "2025-01-01T00:00:00", "2025-01-01T00:00:00.Z",
		"2025-01-01T00:00:00Zx", "2025-01-01T00:00:00+0100", "2025-01-01T00:00:00+25:00",
		"1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+01:00", "2025-01-01", "2025-1-01T00:00:00Z0", "9999999999999999",
	};

	(void)state;
	assert_true(time_of("155") == 155);
	assert_true(time_of("1970-01-01T00:00:00Z") == 0);
	assert_true(time_of("2000-02-29T12:00:00Z") == 951825600000);
	assert_true(time_of("2026-11-21T09:30:00+01:00") == 1795249800000);
	assert_true(time_of("2026-01-01T00:30:00.1259+05:30") == 1767207600125);
	assert_true(time_of("2100-03-01T00:00:00.000Z") == 4107542400000);
	assert_true(time_of("9999-12-31T23:59:59.999Z") == 253402300799999);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (time_of(wrong[i]) != -1)
			fail_msg("accepted: %s", wrong[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(real_messages_read_as_documented),
		TEST(messages_of_the_older_documents_read_as_well),
		TEST(a_text_cut_anywhere_never_gives_an_event),
		TEST(members_may_come_in_any_order_and_unknown_ones_too),
		TEST(both_ways_agree_on_media),
		TEST(what_the_scanner_leaves_json_c_reads),
		TEST(bad_media_is_refused),
		TEST(events_of_other_names_are_unknown_not_bad),
		TEST(the_streams_id_comes_from_start_else_from_connected_and_then_stays),
		TEST(start_tells_what_it_cannot_be),
		TEST(too_many_parameters_are_refused),
		TEST(dtmf_takes_the_keys_of_a_telephone_only),
		TEST(to_twilio_only_the_documented_members_may_go),
		TEST(a_mark_that_returns_is_scanned_and_read_as_json_c_reads_it),
		TEST(audio_never_wakes_json_c),
		TEST(iso_times_are_milliseconds_since_1970),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
