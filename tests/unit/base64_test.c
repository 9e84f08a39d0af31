/* Vectors: RFC 4648 section 10; refusals: sections 3.2, 3.3, 3.5. */
#include "tests/unit/unit.h"

#include "proto/base64.h"

static const char *const vectors[][2] = {
	{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xFB\xEF\xFF", "++//" },
};

static void the_published_vectors_hold_both_ways(void **state)
{
	char text[64], bytes[64];

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		struct slice plain = slice_of(vectors[i][0]), encoded = slice_of(vectors[i][1]);
		assert_int_equal(base64_encoded_len(plain.len), encoded.len);
		assert_int_equal(base64_encode(text, plain.data, plain.len), encoded.len);
		assert_memory_equal(text, encoded.data, encoded.len);
		assert_true(base64_valid(encoded));
		assert_int_equal(base64_decode(bytes, encoded), plain.len);
		assert_memory_equal(bytes, plain.data, plain.len);
		assert_int_equal(base64_decoded_len(encoded), plain.len);
	}
}

static void anything_but_the_one_canonical_form_is_refused(void **state)
{
	static const char *const wrong[] = {
		"Z", "Zg", "Zg=", "Zm9", "Zm9vY", "=", "==", "===", "====", "Z===", "A====", "Zh==", "Zm9=", "Zg==Zg==",
		"Zm=v", "Z=9v", "=m9v", "Zm9v\n", "Zm 9v", " Zm9", "Zm-_", "Zm9\xC3", "Zm9v====", "Zm9vZg=v",
	};
	char bytes[64];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (base64_valid(slice_of(wrong[i])) || base64_decode(bytes, slice_of(wrong[i])) != -1)
			fail_msg("accepted: %s", wrong[i]);
	}
	assert_false(base64_valid(SLICE("AAA\0")));
}

/* Every length around the vector width, and every wrong byte at every place. */
static void every_wrong_byte_is_found_wherever_it_stands(void **state)
{
	char bytes[99], text[132], back[99];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 37 + 11);
	for (size_t len = 3; len <= sizeof bytes; len += 3) {
		size_t text_len = base64_encode(text, bytes, len);
		struct slice whole = { text, text_len };
		assert_true(base64_valid(whole));
		assert_int_equal(base64_decode(back, whole), len);
		assert_memory_equal(back, bytes, len);
		for (size_t at = 0; at < text_len; at++) {
			char good = text[at];
			for (int c = 0; c < 256; c++) {
				bool known = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
					(c >= '0' && c <= '9') || c == '+' || c == '/';
				text[at] = (char)c;
				bool last = c == '=' && at == text_len - 1;
				if (!last && (base64_valid(whole) != known ||
						     (base64_decode(back, whole) < 0) == known))
					fail_msg("byte %d at %zu of %zu", c, at, text_len);
				if (!known && base64_span(text, text_len) != at)
					fail_msg("span of byte %d at %zu of %zu", c, at, text_len);
			}
			text[at] = good;
		}
	}
}

static void a_full_buf_takes_nothing(void **state)
{
	char memory[8];
	struct buf b;

	(void)state;
	buf_init_fixed(&b, memory, sizeof memory);
	assert_false(base64_append(&b, "1234567", 7));
	assert_int_equal(buf_len(&b), 0);
	assert_true(base64_append(&b, "123456", 6));
	assert_int_equal(buf_len(&b), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vectors_hold_both_ways),
		cmocka_unit_test(anything_but_the_one_canonical_form_is_refused),
		cmocka_unit_test(every_wrong_byte_is_found_wherever_it_stands),
		cmocka_unit_test(a_full_buf_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
