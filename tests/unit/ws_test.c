#include "tests/unit/unit.h"

#include "base/limits.h"
#include "proto/ws.h"
#include "tests/ws_feed.h"

enum { MESSAGE_BYTES_MAX = 70000, FRAMES_MAX = 6 };

struct frame {
	uint8_t first;
	const char *payload;
	size_t len;
};

struct wire {
	uint8_t bytes[200000];
	size_t len;
};

/* An encoder of its own, so that reader and writer cannot be wrong together. */
static void put_frame(struct wire *wire, enum ws_role reader, struct frame frame)
{
	static const uint8_t key[4] = { 0x37, 0xFA, 0x21, 0x3D };
	uint8_t *w = wire->bytes + wire->len;
	uint8_t mask = reader == WS_SERVER ? 0x80 : 0;

	*w++ = frame.first;
	if (frame.len < 126) {
		*w++ = (uint8_t)(mask | frame.len);
	} else if (frame.len < 65536) {
		*w++ = mask | 126;
		*w++ = (uint8_t)(frame.len >> 8);
		*w++ = (uint8_t)frame.len;
	} else {
		*w++ = mask | 127;
		for (int shift = 56; shift >= 0; shift -= 8)
			*w++ = (uint8_t)((uint64_t)frame.len >> shift);
	}
	if (mask) {
		memcpy(w, key, sizeof key);
		w += sizeof key;
	}
	for (size_t i = 0; i < frame.len; i++)
		*w++ = (uint8_t)frame.payload[i] ^ (mask ? key[i % 4] : 0);
	wire->len = (size_t)(w - wire->bytes);
}

#define P(literal) literal, sizeof(literal) - 1
#define KAPPA "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5"

static const char hundred_26[126];

static const struct {
	const char *name;
	struct frame frames[FRAMES_MAX];
	size_t event_count;
	enum ws_kind last_kind;
	size_t last_len;
	uint16_t close_code;            /* of the last event, or of the refusal */
	bool refused;
} cases[] = {
	{ "an empty text", { { 0x81, P("") } }, 1, WS_TEXT, 0, 0, false },
	{ "a text", { { 0x81, P("Hello") } }, 1, WS_TEXT, 5, 0, false },
	{ "an empty binary", { { 0x82, P("") } }, 1, WS_BINARY, 0, 0, false },
	{ "a binary that is no UTF-8", { { 0x82, P("\xFF\xFE") } }, 1, WS_BINARY, 2, 0, false },
	{ "two messages", { { 0x81, P("a") }, { 0x82, P("bc") } }, 2, WS_BINARY, 2, 0, false },
	{ "two fragments", { { 0x01, P("Hel") }, { 0x80, P("lo") } }, 1, WS_TEXT, 5, 0, false },
	{ "empty fragments", { { 0x01, P("") }, { 0x00, P("") }, { 0x80, P("") } }, 1, WS_TEXT, 0, 0, false },
	{ "fragments, only the middle one with bytes", { { 0x02, P("") }, { 0x00, P("x") }, { 0x80, P("") } },
		1, WS_BINARY, 1, 0, false },
	{ "a ping between fragments", { { 0x01, P("Hel") }, { 0x89, P("?") }, { 0x80, P("lo") } },
		2, WS_TEXT, 5, 0, false },
	{ "a close between fragments", { { 0x01, P("Hel") }, { 0x88, P("\x03\xE8") }, { 0x80, P("lo") } },
		1, WS_CLOSE, 0, 1000, false },
	{ "a character cut by a fragment", { { 0x01, P("\xCE") }, { 0x80, P("\xBA") } }, 1, WS_TEXT, 2, 0, false },
	{ "a character cut by a fragment and a ping", { { 0x01, P("\xCE") }, { 0x89, P("\xFF") }, { 0x80, P("\xBA") } },
		2, WS_TEXT, 2, 0, false },
	{ "a text after fragments", { { 0x01, P("a") }, { 0x80, P("b") }, { 0x81, P("cde") } },
		2, WS_TEXT, 3, 0, false },
	{ "an empty ping", { { 0x89, P("") } }, 1, WS_PING, 0, 0, false },
	{ "a ping of 125", { { 0x89, hundred_26, 125 } }, 1, WS_PING, 125, 0, false },
	{ "a pong that nobody asked for", { { 0x8A, P("x") } }, 1, WS_PONG, 1, 0, false },
	{ "an empty close", { { 0x88, P("") } }, 1, WS_CLOSE, 0, 1005, false },
	{ "a close with a reason", { { 0x88, P("\x03\xE9" "bye") } }, 1, WS_CLOSE, 3, 1001, false },
	{ "a close of our own range", { { 0x88, P("\x0F\xA0") } }, 1, WS_CLOSE, 0, 4000, false },
	{ "what follows a close is swallowed", { { 0x88, P("\x03\xE8") }, { 0x81, P("x") }, { 0xFF, P("x") } },
		1, WS_CLOSE, 0, 1000, false },

	{ "RSV1", { { 0xC1, P("x") } }, 0, 0, 0, 1002, true },
	{ "RSV2", { { 0xA1, P("x") } }, 0, 0, 0, 1002, true },
	{ "RSV3", { { 0x91, P("x") } }, 0, 0, 0, 1002, true },
	{ "RSV1 on a ping, after a text", { { 0x81, P("x") }, { 0xC9, P("") } }, 1, WS_TEXT, 1, 1002, true },
	{ "opcode 3", { { 0x83, P("") } }, 0, 0, 0, 1002, true },
	{ "opcode 7", { { 0x87, P("x") } }, 0, 0, 0, 1002, true },
	{ "opcode 11", { { 0x8B, P("") } }, 0, 0, 0, 1002, true },
	{ "opcode 15", { { 0x8F, P("") } }, 0, 0, 0, 1002, true },
	{ "a fragmented ping", { { 0x09, P("x") } }, 0, 0, 0, 1002, true },
	{ "a fragmented close", { { 0x08, P("") } }, 0, 0, 0, 1002, true },
	{ "a ping of 126", { { 0x89, hundred_26, 126 } }, 0, 0, 0, 1002, true },
	{ "a close of 126", { { 0x88, hundred_26, 126 } }, 0, 0, 0, 1002, true },
	{ "a continuation of nothing", { { 0x80, P("x") } }, 0, 0, 0, 1002, true },
	{ "a continuation after the end", { { 0x01, P("a") }, { 0x80, P("b") }, { 0x80, P("c") } },
		1, WS_TEXT, 2, 1002, true },
	{ "a text within fragments", { { 0x01, P("a") }, { 0x81, P("b") } }, 0, 0, 0, 1002, true },
	{ "a binary begun within fragments", { { 0x01, P("a") }, { 0x02, P("b") } }, 0, 0, 0, 1002, true },
	{ "a close with half a code", { { 0x88, P("\x03") } }, 0, 0, 0, 1002, true },
	{ "close code 0", { { 0x88, P("\0\0") } }, 0, 0, 0, 1002, true },
	{ "close code 999", { { 0x88, P("\x03\xE7") } }, 0, 0, 0, 1002, true },
	{ "close code 1004", { { 0x88, P("\x03\xEC") } }, 0, 0, 0, 1002, true },
	{ "close code 1005", { { 0x88, P("\x03\xED") } }, 0, 0, 0, 1002, true },
	{ "close code 1006", { { 0x88, P("\x03\xEE") } }, 0, 0, 0, 1002, true },
	{ "close code 1015", { { 0x88, P("\x03\xF7") } }, 0, 0, 0, 1002, true },
	{ "close code 2999", { { 0x88, P("\x0B\xB7") } }, 0, 0, 0, 1002, true },
	{ "close code 5000", { { 0x88, P("\x13\x88") } }, 0, 0, 0, 1002, true },
	{ "close code 65535", { { 0x88, P("\xFF\xFF") } }, 0, 0, 0, 1002, true },
	{ "a close reason that is no UTF-8", { { 0x88, P("\x03\xE8\xCE") } }, 0, 0, 0, 1007, true },
	{ "a text that is no UTF-8", { { 0x81, P(KAPPA "\xED\xA0\x80" "edited") } }, 0, 0, 0, 1007, true },
	{ "a text that ends within a character", { { 0x81, P("\xCE") } }, 0, 0, 0, 1007, true },
	{ "fragments that end within a character", { { 0x01, P("\xCE") }, { 0x80, P("") } }, 0, 0, 0, 1007, true },
	{ "a second fragment that is no UTF-8", { { 0x01, P("\xCE") }, { 0x00, P("\xCE") } }, 0, 0, 0, 1007, true },
};

static void check_case(size_t c, const struct ws_feed *f)
{
	bool good = f->result == (cases[c].refused ? WS_FAIL : WS_MORE) && f->event_count == cases[c].event_count;

	if (good && cases[c].refused)
		good = f->close_code == cases[c].close_code && f->why;
	else if (good)
		good = f->last.close_code == cases[c].close_code;
	if (good && cases[c].event_count)
		good = f->last.kind == cases[c].last_kind && f->last.len == cases[c].last_len;
	if (!good)
		fail_msg("%s: result %d, %zu events, last kind %d of %zu bytes, code %u, %s", cases[c].name,
			f->result, f->event_count, f->last.kind, f->last.len, f->close_code,
			f->why ? f->why : "not refused");
}

/* The cut law for one string of bytes: whole, by 1, by 2, and at random. */
static void check_cuts(const char *name, enum ws_role role, const uint8_t *bytes, size_t len)
{
	struct ws_feed whole, cut;

	ws_feed(&whole, role, MESSAGE_BYTES_MAX, bytes, len, WS_FEED_WHOLE, 0);
	for (int slice = 1; slice <= 6; slice++) {
		int slice_bytes = slice <= 2 ? slice : WS_FEED_RANDOM;

		ws_feed(&cut, role, MESSAGE_BYTES_MAX, bytes, len, slice_bytes, (uint32_t)slice);
		if (!ws_feed_equal(&whole, &cut))
			fail_msg("%s: differs when cut by %d (seed %d)", name, slice_bytes, slice);
		ws_feed_free(&cut);
	}
	ws_feed_free(&whole);
}

static void every_case_of_the_table_comes_out_as_it_says_in_both_roles_however_it_is_cut(void **state)
{
	static struct wire wire;
	struct ws_feed f;

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
		for (int role = WS_CLIENT; role <= WS_SERVER; role++) {
			wire.len = 0;
			for (size_t i = 0; i < FRAMES_MAX && cases[c].frames[i].payload; i++)
				put_frame(&wire, (enum ws_role)role, cases[c].frames[i]);
			ws_feed(&f, (enum ws_role)role, MESSAGE_BYTES_MAX, wire.bytes, wire.len, WS_FEED_WHOLE, 0);
			check_case(c, &f);
			ws_feed_free(&f);
			check_cuts(cases[c].name, (enum ws_role)role, wire.bytes, wire.len);
		}
	}
}

static void all_the_close_codes_that_may_be_sent_are_known(void **state)
{
	(void)state;
	for (unsigned code = 0; code <= 0xFFFF; code++) {
		bool valid = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
			|| (code >= 3000 && code <= 4999);

		assert_int_equal(ws_close_code_is_valid(code), valid);
	}
}

/* RFC 6455 section 5.7. */
static void the_examples_of_the_standard_are_read(void **state)
{
	static const struct {
		enum ws_role role;
		const char *bytes;
		size_t len;
		enum ws_kind kind;
	} examples[] = {
		{ WS_CLIENT, P("\x81\x05\x48\x65\x6c\x6c\x6f"), WS_TEXT },
		{ WS_SERVER, P("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), WS_TEXT },
		{ WS_CLIENT, P("\x01\x03\x48\x65\x6c\x80\x02\x6c\x6f"), WS_TEXT },
		{ WS_CLIENT, P("\x89\x05\x48\x65\x6c\x6c\x6f"), WS_PING },
		{ WS_SERVER, P("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), WS_PONG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		struct ws_feed f;

		ws_feed(&f, examples[i].role, MESSAGE_BYTES_MAX, examples[i].bytes, examples[i].len, 1, 0);
		assert_int_equal(f.result, WS_MORE);
		assert_int_equal(f.event_count, 1);
		assert_int_equal(f.last.kind, examples[i].kind);
		assert_memory_equal(f.log + f.log_bytes - 5, "Hello", 5);
		ws_feed_free(&f);
	}
}

static void each_role_refuses_the_mask_of_the_other(void **state)
{
	struct ws_feed f;

	(void)state;
	ws_feed(&f, WS_SERVER, MESSAGE_BYTES_MAX, "\x81\x01x", 3, 1, 0);
	assert_int_equal(f.close_code, 1002);
	assert_int_equal(f.fed_bytes, 2);
	ws_feed(&f, WS_CLIENT, MESSAGE_BYTES_MAX, "\x81\x81\0\0\0\0x", 7, 1, 0);
	assert_int_equal(f.close_code, 1002);
	assert_int_equal(f.fed_bytes, 2);
}

static void a_refusal_comes_at_the_first_byte_that_calls_for_it(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		size_t fed_bytes;
		uint16_t close_code;
	} early[] = {
		{ P("\xC1\x05xxxxx"), 1, 1002 },
		{ P("\x83\x05xxxxx"), 1, 1002 },
		{ P("\x80\x05xxxxx"), 1, 1002 },
		{ P("\x09\x05xxxxx"), 1, 1002 },
		{ P("\x89\x7E\x00\x05xxxxx"), 2, 1002 },
		{ P("\x88\x01x"), 2, 1002 },
		{ P("\x81\x7E\x00\x7Dxxxxx"), 4, 1002 },
		{ P("\x81\x7F\x00\x00\x00\x00\x00\x00\xFF\xFFxxxxx"), 10, 1002 },
		{ P("\x81\x7F\x80\x00\x00\x00\x00\x00\x00\x00xxxxx"), 10, 1002 },
		{ P("\x81\x7F\x00\x00\x00\x00\x00\x01\x11\x71xxxxx"), 10, 1009 },
		{ P("\x01\x01x\x80\x7F\x00\x00\x00\x00\x00\x01\x11\x70x"), 13, 1009 },
		{ P("\x81\x05\xED\xA0xxx"), 4, 1007 },
		{ P("\x01\x05\xED\xA0xxx"), 4, 1007 },
		{ P("\x01\x01\xED\x80\x04\xA0xxx"), 6, 1007 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof early / sizeof early[0]; i++) {
		struct ws_feed f;

		ws_feed(&f, WS_CLIENT, MESSAGE_BYTES_MAX, early[i].bytes, early[i].len, 1, 0);
		assert_int_equal(f.result, WS_FAIL);
		assert_int_equal(f.fed_bytes, early[i].fed_bytes);
		assert_int_equal(f.close_code, early[i].close_code);
		ws_feed_free(&f);
		check_cuts("early", WS_CLIENT, (const uint8_t *)early[i].bytes, early[i].len);
	}
}

static void messages_of_every_telling_length_come_through_in_both_roles(void **state)
{
	static const size_t lens[] = { 0, 1, 124, 125, 126, 127, 128, 65535, 65536, MESSAGE_BYTES_MAX };
	static char payload[MESSAGE_BYTES_MAX];
	static struct wire wire;
	struct ws_feed f;

	(void)state;
	for (size_t i = 0; i < sizeof payload; i++)
		payload[i] = (char)('a' + i % 26);
	for (size_t i = 0; i < 2 * sizeof lens / sizeof lens[0]; i++) {
		enum ws_role role = i % 2 ? WS_SERVER : WS_CLIENT;
		size_t len = lens[i / 2];

		wire.len = 0;
		put_frame(&wire, role, (struct frame){ 0x81, payload, len });
		ws_feed(&f, role, MESSAGE_BYTES_MAX, wire.bytes, wire.len, WS_FEED_RANDOM, (uint32_t)i);
		assert_int_equal(f.result, WS_MORE);
		assert_int_equal(f.event_count, 1);
		assert_int_equal(f.last.len, len);
		assert_memory_equal(f.log + f.log_bytes - len, payload, len);
		ws_feed_free(&f);
	}
}

static void a_message_of_one_byte_more_than_we_take_is_refused_whole_or_in_fragments(void **state)
{
	static char payload[MESSAGE_BYTES_MAX + 1];
	static struct wire wire;
	struct ws_feed f;

	(void)state;
	put_frame(&wire, WS_SERVER, (struct frame){ 0x82, payload, sizeof payload });
	ws_feed(&f, WS_SERVER, MESSAGE_BYTES_MAX, wire.bytes, wire.len, WS_FEED_WHOLE, 0);
	assert_int_equal(f.close_code, WS_CLOSE_TOO_BIG);
	wire.len = 0;
	put_frame(&wire, WS_SERVER, (struct frame){ 0x02, payload, MESSAGE_BYTES_MAX });
	put_frame(&wire, WS_SERVER, (struct frame){ 0x80, payload, 1 });
	ws_feed(&f, WS_SERVER, MESSAGE_BYTES_MAX, wire.bytes, wire.len, WS_FEED_WHOLE, 0);
	assert_int_equal(f.close_code, WS_CLOSE_TOO_BIG);
	assert_int_equal(f.event_count, 0);
}

static void more_fragments_than_the_bound_are_refused(void **state)
{
	static uint8_t bytes[2 * (WS_FRAGMENT_COUNT_MAX + 1)];
	struct ws_feed f;

	(void)state;
	bytes[0] = 0x02;
	bytes[sizeof bytes - 4] = 0x80;
	ws_feed(&f, WS_CLIENT, MESSAGE_BYTES_MAX, bytes, sizeof bytes - 2, WS_FEED_WHOLE, 0);
	assert_int_equal(f.result, WS_MORE);
	assert_int_equal(f.event_count, 1);
	ws_feed_free(&f);
	bytes[sizeof bytes - 4] = 0x00;
	bytes[sizeof bytes - 2] = 0x80;
	ws_feed(&f, WS_CLIENT, MESSAGE_BYTES_MAX, bytes, sizeof bytes, WS_FEED_WHOLE, 0);
	assert_int_equal(f.result, WS_FAIL);
	assert_int_equal(f.close_code, WS_CLOSE_POLICY);
	assert_int_equal(f.event_count, 0);
}

static void a_message_in_one_frame_is_handed_out_where_it_lies(void **state)
{
	char bytes[] = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x81";
	struct ws_event event;
	struct pool no_pool = { 0 };
	struct buf in;
	struct ws ws;

	(void)state;
	ws_init(&ws, WS_SERVER, 1000, &no_pool);
	buf_init_view(&in, bytes, 12);
	assert_int_equal(ws_next(&ws, &in, &event), WS_EVENT);
	assert_ptr_equal(event.data, bytes + 6);
	assert_memory_equal(bytes + 6, "Hello", 5);
	assert_int_equal(buf_len(&in), 1);
	assert_int_equal(ws_next(&ws, &in, &event), WS_MORE);
	ws_fini(&ws);
}

static const struct pool_plan small_plan[] = { { 64, 1 }, { 128, 1 } };

/* Begins a fragmented message of 101 bytes in `ws` and checks that it takes no more memory than has arrived. */
static void begin_fragments(struct ws *ws, struct pool *pool)
{
	static char bytes[2 + 101] = "\x02\x65";
	struct ws_event event;
	struct buf in;

	ws_init(ws, WS_CLIENT, 1000, pool);
	buf_init_view(&in, bytes, 60);
	assert_int_equal(ws_next(ws, &in, &event), WS_MORE);
	assert_int_equal(pool_used_bytes(pool), 64);
	buf_init_view(&in, bytes + 60, sizeof bytes - 60);
	assert_int_equal(ws_next(ws, &in, &event), WS_MORE);
	assert_int_equal(pool_used_bytes(pool), 128);
}

static void memory_for_fragments_comes_home_after_the_message_and_at_the_end(void **state)
{
	char last[] = "\x80\x01x";
	struct ws_event event;
	struct pool pool;
	struct buf in;
	struct ws ws;

	(void)state;
	assert_int_equal(pool_open(&pool, small_plan, 2), 0);
	begin_fragments(&ws, &pool);
	buf_init_view(&in, last, 3);
	assert_int_equal(ws_next(&ws, &in, &event), WS_EVENT);
	assert_int_equal(event.len, 102);
	assert_int_equal(pool_used_bytes(&pool), 128);
	assert_int_equal(ws_next(&ws, &in, &event), WS_MORE);
	assert_int_equal(pool_used_bytes(&pool), 0);
	begin_fragments(&ws, &pool);
	ws_fini(&ws);
	assert_int_equal(pool_used_bytes(&pool), 0);
	pool_close(&pool);
}

static void fragments_for_which_there_is_no_memory_are_refused(void **state)
{
	char second[2 + 30] = "\x80\x1E";
	struct ws_event event;
	struct pool pool;
	struct buf in;
	struct ws ws;

	(void)state;
	assert_int_equal(pool_open(&pool, small_plan, 2), 0);
	begin_fragments(&ws, &pool);
	buf_init_view(&in, second, sizeof second);
	assert_int_equal(ws_next(&ws, &in, &event), WS_FAIL);
	assert_int_equal(ws.close_code, WS_CLOSE_INTERNAL);
	assert_int_equal(pool_used_bytes(&pool), 0);
	pool_close(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_of_the_table_comes_out_as_it_says_in_both_roles_however_it_is_cut),
		cmocka_unit_test(all_the_close_codes_that_may_be_sent_are_known),
		cmocka_unit_test(the_examples_of_the_standard_are_read),
		cmocka_unit_test(each_role_refuses_the_mask_of_the_other),
		cmocka_unit_test(a_refusal_comes_at_the_first_byte_that_calls_for_it),
		cmocka_unit_test(messages_of_every_telling_length_come_through_in_both_roles),
		cmocka_unit_test(a_message_of_one_byte_more_than_we_take_is_refused_whole_or_in_fragments),
		cmocka_unit_test(more_fragments_than_the_bound_are_refused),
		cmocka_unit_test(a_message_in_one_frame_is_handed_out_where_it_lies),
		cmocka_unit_test(memory_for_fragments_comes_home_after_the_message_and_at_the_end),
		cmocka_unit_test(fragments_for_which_there_is_no_memory_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
