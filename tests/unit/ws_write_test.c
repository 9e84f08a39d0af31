#include "tests/unit/unit.h"

#include "base/limits.h"
#include "proto/ws_write.h"
#include "tests/ws_feed.h"

enum { BYTES_MAX = 70000 };

static uint8_t memory[2 * BYTES_MAX], payload[BYTES_MAX];

static uint32_t key_of(const char bytes[4])
{
	uint32_t key;

	memcpy(&key, bytes, sizeof key);
	return key;
}

static enum ws_role other(enum ws_role role)
{
	return role == WS_CLIENT ? WS_SERVER : WS_CLIENT;
}

static void the_examples_of_the_standard_are_written(void **state)
{
	struct buf out;

	(void)state;
	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(ws_write(&out, WS_SERVER, WS_OPCODE_TEXT, "Hello", 5, 0xFFFFFFFF));
	assert_true(ws_write(&out, WS_SERVER, WS_OPCODE_PING, "Hello", 5, 0));
	assert_true(ws_write(&out, WS_CLIENT, WS_OPCODE_PONG, "Hello", 5, key_of("\x37\xfa\x21\x3d")));
	assert_int_equal(buf_len(&out), 7 + 7 + 11);
	assert_memory_equal(buf_data(&out),
		"\x81\x05Hello\x89\x05Hello\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 25);
}

static void a_length_takes_its_shortest_form(void **state)
{
	static const struct {
		size_t payload_bytes, header_bytes;
		const char *header;
	} lens[] = {
		{ 0, 2, "\x82\x00" },
		{ 125, 2, "\x82\x7D" },
		{ 126, 4, "\x82\x7E\x00\x7E" },
		{ 65535, 4, "\x82\x7E\xFF\xFF" },
		{ 65536, 10, "\x82\x7F\0\0\0\0\0\1\0\0" },
		{ 0x123456789A, 10, "\x82\x7F\0\0\0\x12\x34\x56\x78\x9A" },
	};
	uint8_t header[WS_HEADER_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		size_t len = ws_write_header(header, WS_SERVER, true, WS_OPCODE_BINARY, lens[i].payload_bytes, 7);

		assert_int_equal(len, lens[i].header_bytes);
		assert_memory_equal(header, lens[i].header, len);
		assert_int_equal(ws_header_bytes(WS_SERVER, lens[i].payload_bytes), len);
		assert_int_equal(ws_header_bytes(WS_CLIENT, lens[i].payload_bytes), len + 4);
	}
}

/* The mirror law: what one role writes the other reads back. */
static void what_one_role_writes_the_other_reads_back(void **state)
{
	static const size_t lens[] = { 0, 1, 2, 3, 7, 15, 16, 17, 125, 126, 127, 1000, 65535, 65536, BYTES_MAX };
	struct buf out;
	struct ws_feed f;

	(void)state;
	for (size_t i = 0; i < sizeof payload; i++)
		payload[i] = (uint8_t)(' ' + i % 90);
	for (size_t i = 0; i < 2 * sizeof lens / sizeof lens[0]; i++) {
		enum ws_role role = i % 2 ? WS_SERVER : WS_CLIENT;
		size_t len = lens[i / 2];

		for (int slice_bytes = WS_FEED_RANDOM; slice_bytes <= 1; slice_bytes++) {
			buf_init_fixed(&out, memory, sizeof memory);
			assert_true(ws_write(&out, role, WS_OPCODE_TEXT, payload, len, 0x12345678));
			ws_feed(&f, other(role), BYTES_MAX, buf_data(&out), buf_len(&out), slice_bytes, 5);
			assert_int_equal(f.event_count, 1);
			assert_int_equal(f.last.kind, WS_TEXT);
			assert_int_equal(f.last.len, len);
			assert_memory_equal(f.log + f.log_bytes - len, payload, len);
			ws_feed_free(&f);
		}
	}
}

static void every_opcode_is_read_back_by_the_other_role(void **state)
{
	static const struct {
		enum ws_opcode opcode;
		enum ws_kind kind;
	} opcodes[] = {
		{ WS_OPCODE_TEXT, WS_TEXT },
		{ WS_OPCODE_BINARY, WS_BINARY },
		{ WS_OPCODE_PING, WS_PING },
		{ WS_OPCODE_PONG, WS_PONG },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof opcodes / sizeof opcodes[0]; i++) {
		enum ws_role role = i % 2 ? WS_SERVER : WS_CLIENT;
		struct buf out;
		struct ws_feed f;

		buf_init_fixed(&out, memory, sizeof memory);
		assert_true(ws_write(&out, role, opcodes[i / 2].opcode, "Hello", 5, 0x01020304));
		ws_feed(&f, other(role), BYTES_MAX, buf_data(&out), buf_len(&out), 1, 0);
		assert_int_equal(f.event_count, 1);
		assert_int_equal(f.last.kind, opcodes[i / 2].kind);
		assert_memory_equal(f.log + f.log_bytes - 5, "Hello", 5);
		ws_feed_free(&f);
	}
}

static void a_close_is_read_back_with_its_code_and_reason(void **state)
{
	struct ws_feed f;
	struct buf out;

	(void)state;
	for (int role = WS_CLIENT; role <= WS_SERVER; role++) {
		buf_init_fixed(&out, memory, sizeof memory);
		assert_true(ws_write_close(&out, (enum ws_role)role, WS_CLOSE_GOING_AWAY, "goodbye", 99));
		ws_feed(&f, other((enum ws_role)role), BYTES_MAX, buf_data(&out), buf_len(&out), 1, 0);
		assert_int_equal(f.event_count, 1);
		assert_int_equal(f.last.kind, WS_CLOSE);
		assert_int_equal(f.last.close_code, WS_CLOSE_GOING_AWAY);
		assert_memory_equal(f.log + f.log_bytes - 7, "goodbye", 7);
		ws_feed_free(&f);
	}
}

static void a_close_without_a_code_is_empty(void **state)
{
	struct buf out;

	(void)state;
	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(ws_write_close(&out, WS_SERVER, WS_CLOSE_NONE, NULL, 0));
	assert_int_equal(buf_len(&out), 2);
	assert_memory_equal(buf_data(&out), "\x88\x00", 2);
}

static void parts_make_the_same_frame_as_the_whole(void **state)
{
	uint8_t apart[2000];
	struct ws_writer w;
	struct buf whole, parts;

	(void)state;
	for (size_t n = 1; n < 40; n++) {
		buf_init_fixed(&whole, memory, sizeof memory);
		buf_init_fixed(&parts, apart, sizeof apart);
		assert_true(ws_write(&whole, WS_CLIENT, WS_OPCODE_TEXT, payload, 1000, 0xA1B2C3D4));
		assert_true(ws_write_begin(&w, &parts, WS_CLIENT, WS_OPCODE_TEXT, 1000, 0xA1B2C3D4));
		for (size_t at = 0; at < 1000; at += n)
			ws_write_part(&w, payload + at, n < 1000 - at ? n : 1000 - at);
		ws_write_end(&w);
		assert_int_equal(buf_len(&parts), buf_len(&whole));
		assert_memory_equal(apart, memory, buf_len(&whole));
	}
}

static void a_frame_for_which_there_is_no_room_leaves_no_trace(void **state)
{
	uint8_t small[20];
	struct buf out;

	(void)state;
	buf_init_fixed(&out, small, sizeof small);
	assert_true(buf_append(&out, "ab", 2));
	assert_false(ws_write(&out, WS_SERVER, WS_OPCODE_TEXT, payload, 17, 0));
	assert_false(ws_write(&out, WS_CLIENT, WS_OPCODE_TEXT, payload, 13, 0));
	assert_int_equal(buf_len(&out), 2);
	assert_true(ws_write(&out, WS_CLIENT, WS_OPCODE_TEXT, payload, 12, 0));
	assert_int_equal(buf_len(&out), 20);
}

static void what_is_begun_and_not_ended_leaves_no_trace(void **state)
{
	struct ws_writer w;
	struct buf out;

	(void)state;
	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(ws_write_begin(&w, &out, WS_SERVER, WS_OPCODE_TEXT, 10, 0));
	ws_write_part(&w, "12345", 5);
	assert_int_equal(buf_len(&out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_standard_are_written),
		cmocka_unit_test(a_length_takes_its_shortest_form),
		cmocka_unit_test(what_one_role_writes_the_other_reads_back),
		cmocka_unit_test(every_opcode_is_read_back_by_the_other_role),
		cmocka_unit_test(a_close_is_read_back_with_its_code_and_reason),
		cmocka_unit_test(a_close_without_a_code_is_empty),
		cmocka_unit_test(parts_make_the_same_frame_as_the_whole),
		cmocka_unit_test(a_frame_for_which_there_is_no_room_leaves_no_trace),
		cmocka_unit_test(what_is_begun_and_not_ended_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
