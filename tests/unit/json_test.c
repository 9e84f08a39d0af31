#include "tests/unit/unit.h"

#include "proto/json.h"
#include "proto/json_write.h"
#include "base/limits.h"

static struct json_reader reader;

static int tear_down(void **state)
{
	(void)state;
	json_reader_fini(&reader);
	return 0;
}

static bool accepts(const char *text, size_t len)
{
	const char *why = NULL;
	bool valid = json_valid(text, len, &why);

	assert_true(valid == !why);
	return valid;
}

static void valid_texts_are_accepted(void **state)
{
	static const char *const good[] = {
		"{}", "[]", " [ ] ", "{\"a\":1}", "[1,-0,0.5,1e9,1E+2,-1.5e-3]", "[true,false,null]", "\"\"", "0",
		"{\"a\":{\"b\":[{},[],\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"]}}", "\t\r\n[\"\xC3\xA9\"]\n",
		"{\"a\":1,\"a\":2}", "[\"\\u0000\"]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!accepts(good[i], strlen(good[i])))
			fail_msg("refused: %s", good[i]);
}

static void what_the_grammar_does_not_allow_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", " ", "{", "}", "[", "]", "{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]", "{,}",
		"[1 2]", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "['a']", "[01]", "[1.]", "[.5]", "[1e]", "[1e+]",
		"[+1]", "[-]", "[0x1]", "[NaN]", "[Infinity]", "[-Infinity]", "[nul]", "[True]", "[\"\\x\"]",
		"[\"\\u12\"]", "[\"\\u12g4\"]", "[\"a\nb\"]", "[\"\t\"]", "[\"", "[\"\\", "[\"\\\"]", "{} {}", "[]x",
		"// c\n[]", "/**/[]", "[\"\x80\"]", "[\"\xC0\xAF\"]", "[\"\xED\xA0\x80\"]", "\xEF\xBB\xBF[]",
		"{\"a\\u0000b\":1}", "{1:2}", "[1]]", "{\"a\":1}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (accepts(wrong[i], strlen(wrong[i])) || json_read(&reader, wrong[i], strlen(wrong[i])))
			fail_msg("accepted: %s", wrong[i]);
	assert_false(accepts("[]\0", 3));
	assert_false(accepts("[\"\0\"]", 5));
}

static void levels_are_counted_and_bounded(void **state)
{
	char text[2 * JSON_DEPTH_MAX + 2];

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_non_null(json_read(&reader, text, 2 * JSON_DEPTH_MAX));
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_null(json_read(&reader, text, sizeof text));
	assert_string_equal(reader.why, "too many levels");
}

static void a_message_is_an_object_or_an_array(void **state)
{
	(void)state;
	assert_null(json_read(&reader, "1", 1));
	assert_null(json_read(&reader, "\"a\"", 3));
	assert_null(json_read(&reader, "null", 4));
	assert_non_null(json_read(&reader, "{}", 2));
}

static void getters_are_typed_and_take_what_is_not_there(void **state)
{
	const char text[] = "{\"s\":\"a\\/\\u0000b\",\"i\":42,\"d\":2.9,\"t\":true,\"n\":null,"
		"\"o\":{\"x\":[1,\"2\"]},\"big\":1e300,\"huge\":99999999999999999999}";
	struct slice s = { 0 };
	int64_t i = -7;
	double d = -7;
	bool t = false;

	(void)state;
	const struct json_object *root = json_read(&reader, text, sizeof text - 1);
	assert_non_null(root);
	assert_true(json_slice(json_field(root, "s"), &s));
	assert_int_equal(s.len, 4);
	assert_memory_equal(s.data, "a/\0b", 4);
	assert_false(json_slice(json_field(root, "i"), &s));
	assert_false(json_slice(json_field(root, "none"), &s));
	assert_false(json_slice(json_field(json_field(root, "none"), "x"), &s));
	assert_true(json_int(json_field(root, "i"), &i) && i == 42);
	assert_true(json_int(json_field(root, "d"), &i) && i == 2);
	assert_false(json_int(json_field(root, "big"), &i));
	assert_false(json_int(json_field(root, "huge"), &i));
	assert_false(json_int(json_field(root, "s"), &i));
	assert_true(json_double(json_field(root, "d"), &d) && d == 2.9);
	assert_true(json_truth(json_field(root, "t"), &t) && t);
	assert_false(json_truth(json_field(root, "i"), &t));
	assert_null(json_field(root, "n"));
	assert_true(json_has(root, "n"));
	assert_false(json_has(root, "m"));
	assert_true(json_text(json_field(root, "o"), &s));
	assert_true(slice_equal(s, SLICE("{\"x\":[1,\"2\"]}")));
	assert_int_equal(json_array_count(json_field(json_field(root, "o"), "x")), 2);
	assert_null(json_array_item(json_field(json_field(root, "o"), "x"), 2));
	assert_int_equal(json_member_count(root), 8);
}

static const char *written(struct slice text)
{
	static char memory[256];
	struct buf out;

	buf_init_fixed(&out, memory, sizeof memory - 1);
	assert_true(json_write_string(&out, text));
	memory[buf_len(&out)] = '\0';
	return memory;
}

static void strings_are_escaped_where_they_must_be(void **state)
{
	(void)state;
	assert_string_equal(written(SLICE("")), "\"\"");
	assert_string_equal(written(SLICE("a/\"\\\b\f\n\r\t\x01\x1F\x7F")),
		"\"a/\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\"");
	assert_string_equal(written(SLICE("\0")), "\"\\u0000\"");
	assert_string_equal(written(SLICE("\xC3\xA9\xF0\x9F\x98\x80")), "\"\xC3\xA9\xF0\x9F\x98\x80\"");
	assert_string_equal(written(SLICE("a\xFF\xC3")), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
	assert_string_equal(written(SLICE("\xED\xA0\x80")), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void write_all(struct json_writer *w, struct buf *out)
{
	json_begin(w, out);
	json_open(w, NULL, '{');
	json_put(w, "s", SLICE("\n"));
	json_put_optional(w, "left_out", (struct slice){ 0 });
	json_put_int(w, "i", INT64_MIN);
	json_put_int_optional(w, "j", -1);
	json_put_int_text(w, "k", 12);
	json_open(w, "a", '[');
	json_put_double(w, NULL, 0.85);
	json_put_double(w, NULL, 1.0);
	json_put_double(w, NULL, -0.0000014);
	json_put_double(w, NULL, 1234567.05);
	json_put_bool(w, NULL, false);
	json_open(w, NULL, '{');
	json_close(w, '}');
	json_close(w, ']');
	json_put_raw(w, "r", SLICE("null"));
	json_put_pair(w, SLICE("\""), SLICE("v"));
	json_close(w, '}');
}

static void a_writer_keeps_commas_and_takes_back_what_does_not_fit(void **state)
{
	static const char expected[] = "{\"s\":\"\\n\",\"i\":-9223372036854775808,\"k\":\"12\","
		"\"a\":[0.85,1,-0.000001,1234567.05,false,{}],\"r\":null,\"\\\"\":\"v\"}";
	char memory[sizeof expected + 2];
	struct json_writer w;
	struct buf out;

	(void)state;
	for (size_t room = 0; room < sizeof expected - 1; room++) {
		buf_init_fixed(&out, memory, room + 2);
		assert_true(buf_append(&out, "##", 2));
		write_all(&w, &out);
		assert_false(json_end(&w));
		assert_int_equal(buf_len(&out), 2);
	}
	buf_init_fixed(&out, memory, sizeof expected - 1);
	write_all(&w, &out);
	assert_true(json_end(&w));
	assert_memory_equal(memory, expected, sizeof expected - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_texts_are_accepted),
		cmocka_unit_test(what_the_grammar_does_not_allow_is_refused),
		cmocka_unit_test(levels_are_counted_and_bounded),
		cmocka_unit_test(a_message_is_an_object_or_an_array),
		cmocka_unit_test(getters_are_typed_and_take_what_is_not_there),
		cmocka_unit_test(strings_are_escaped_where_they_must_be),
		cmocka_unit_test(a_writer_keeps_commas_and_takes_back_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
