#include "tests/unit/unit.h"

#include "base/buf.h"
#include "proto/base64.h"
#include "proto/twilio.h"
#include "sim/load_message.h"
#include "sim/pattern.h"

static const struct identity identity = { .account_sid = "AC0", .call_sid = "CA1", .stream_sid = "MZ2" };

static void a_media_message_is_what_the_json_writer_writes(void **state)
{
	static const struct {
		int64_t sequence;
		uint32_t chunk;
		uint64_t ms;
	} cases[] = { { 2, 1, 0 }, { 10, 9, 155 }, { INT64_MAX, UINT32_MAX, INT64_MAX } };
	char text[LOAD_MESSAGE_MEDIA_BYTES_MAX], base64[216], expected[1024];
	uint8_t frame[ULAW_FRAME_BYTES];
	struct twilio_event event;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		pattern_fill(3, cases[i].chunk, frame);
		twilio_event_init(&event, TWILIO_MEDIA);
		event.stream_sid = slice_of(identity.stream_sid);
		event.sequence = cases[i].sequence;
		event.chunk = cases[i].chunk;
		event.timestamp_ms = (int64_t)cases[i].ms;
		event.payload = (struct slice){ base64, base64_encode(base64, frame, sizeof frame) };
		buf_init_fixed(&b, expected, sizeof expected);
		assert_true(twilio_write_from(&b, TWILIO_REAL, &event));
		size_t len = load_message_media(text, identity.stream_sid, cases[i].sequence, cases[i].chunk,
			cases[i].ms, frame);

		assert_int_equal(len, buf_len(&b));
		assert_memory_equal(text, buf_data(&b), len);
	}
}

static void the_connected_message_is_what_the_json_writer_writes(void **state)
{
	char expected[256];
	struct twilio_event event;
	struct buf b;

	(void)state;
	twilio_event_init(&event, TWILIO_CONNECTED);
	buf_init_fixed(&b, expected, sizeof expected);
	assert_true(twilio_write_from(&b, TWILIO_REAL, &event));
	assert_int_equal(buf_len(&b), strlen(LOAD_MESSAGE_CONNECTED));
	assert_memory_equal(buf_data(&b), LOAD_MESSAGE_CONNECTED, buf_len(&b));
}

static void start_mark_and_stop_are_read_back_as_twilio_would_write_them(void **state)
{
	struct phone_pair pair = { SLICE("merchantId"), SLICE("4\"2") };
	struct twilio_reader reader = { 0 };
	struct twilio_event event;
	char text[4096];

	(void)state;
	size_t len = load_message_start(text, sizeof text, &identity, &pair, 1);

	assert_int_equal(twilio_read(&reader, FROM_TWILIO, text, len, &event), TWILIO_EVENT);
	assert_int_equal(event.kind, TWILIO_START);
	assert_true(slice_equal(event.call_sid, SLICE("CA1")));
	assert_true(slice_equal(twilio_parameter(&event, SLICE("merchantId")), SLICE("4\"2")));
	len = load_message_mark(text, identity.stream_sid, 7, "a\"b");
	assert_int_equal(twilio_read(&reader, FROM_TWILIO, text, len, &event), TWILIO_EVENT);
	assert_true(slice_equal(event.mark_name, SLICE("a\"b")));
	assert_int_equal(event.sequence, 7);
	len = load_message_stop(text, &identity, 8);
	assert_int_equal(twilio_read(&reader, FROM_TWILIO, text, len, &event), TWILIO_EVENT);
	assert_int_equal(event.kind, TWILIO_STOP);
	assert_true(slice_equal(event.account_sid, SLICE("AC0")));
	twilio_reader_fini(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_media_message_is_what_the_json_writer_writes),
		cmocka_unit_test(the_connected_message_is_what_the_json_writer_writes),
		cmocka_unit_test(start_mark_and_stop_are_read_back_as_twilio_would_write_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
