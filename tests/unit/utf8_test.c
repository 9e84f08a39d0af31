#include "tests/unit/unit.h"

#include "proto/utf8.h"

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
	const char *bytes;
	size_t len;
	size_t good_bytes;              /* accepted before the first bad one; len: all of them */
} texts[] = {
	{ TEXT(""), 0 },
	{ TEXT("plain ASCII, long enough for a vector or two of it"), 50 },
	{ TEXT("\x7F\xC2\x80\xDF\xBF"), 5 },
	{ TEXT("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"), 12 },
	{ TEXT("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"), 8 },
	{ TEXT("\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5"), 11 },
	{ TEXT("sixteen letters and \xC3\xA4 and sixteen letters more"), 47 },
	{ TEXT("\0\0\0"), 3 },
	{ TEXT("\x80"), 0 },
	{ TEXT("\xBF"), 0 },
	{ TEXT("\xC0\xAF"), 0 },
	{ TEXT("\xC1\xBF"), 0 },
	{ TEXT("\xE0\x9F\xBF"), 1 },
	{ TEXT("\xE0\x80\xAF"), 1 },
	{ TEXT("\xED\xA0\x80"), 1 },
	{ TEXT("\xED\xBF\xBF"), 1 },
	{ TEXT("\xF0\x8F\xBF\xBF"), 1 },
	{ TEXT("\xF4\x90\x80\x80"), 1 },
	{ TEXT("\xF5\x80\x80\x80"), 0 },
	{ TEXT("\xFE"), 0 },
	{ TEXT("\xFF"), 0 },
	{ TEXT("a\xC3("), 2 },
	{ TEXT("\xE2\x82(\xAC"), 2 },
	{ TEXT("\xF0\x9F\x98(\x80"), 3 },
	{ TEXT("\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80\x65"), 12 },
	{ TEXT("sixteen letters and then a bad one at the end: \xFF"), 47 },
};

enum { TEXT_COUNT = sizeof texts / sizeof texts[0] };

static void a_text_is_refused_at_its_first_bad_byte(void **state)
{
	(void)state;
	for (size_t t = 0; t < TEXT_COUNT; t++) {
		struct utf8 u = { 0 };
		size_t i = 0;

		while (i < texts[t].len && utf8_check(&u, texts[t].bytes + i, 1))
			i++;
		assert_int_equal(i, texts[t].good_bytes);
	}
}

static void a_whole_text_is_judged_as_its_single_bytes_are(void **state)
{
	(void)state;
	for (size_t t = 0; t < TEXT_COUNT; t++) {
		for (size_t cut = 0; cut <= texts[t].len; cut++) {
			struct utf8 u = { 0 };
			bool good = utf8_check(&u, texts[t].bytes, cut)
				&& utf8_check(&u, texts[t].bytes + cut, texts[t].len - cut);

			assert_int_equal(good, texts[t].good_bytes == texts[t].len);
		}
		assert_int_equal(utf8_is_valid(texts[t].bytes, texts[t].len),
			texts[t].good_bytes == texts[t].len);
	}
}

static void a_text_that_ends_within_a_character_is_not_complete(void **state)
{
	struct utf8 u = { 0 };

	(void)state;
	assert_true(utf8_complete(&u));
	assert_true(utf8_check(&u, "\xE2\x82", 2));
	assert_false(utf8_complete(&u));
	assert_true(utf8_check(&u, "\xAC", 1));
	assert_true(utf8_complete(&u));
	assert_false(utf8_is_valid("\xF0\x9F\x98", 3));
}

static void a_failed_text_stays_failed(void **state)
{
	struct utf8 u = { 0 };

	(void)state;
	assert_false(utf8_check(&u, "\xFF", 1));
	assert_false(utf8_check(&u, "a", 1));
	assert_false(utf8_complete(&u));
}

/* Straight from RFC 3629's ABNF, without state: decodes and asks whether the value may be so encoded. */
static bool oracle(const uint8_t *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = s[i] < 0x80 ? 1 : s[i] >> 5 == 6 ? 2 : s[i] >> 4 == 14 ? 3 : s[i] >> 3 == 30 ? 4 : 0;
		uint32_t value = n == 1 ? s[i] : s[i] & (0x7F >> n);
		static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

		if (n == 0 || n > len - i)
			return false;
		for (size_t k = 1; k < n; k++) {
			if (s[i + k] >> 6 != 2)
				return false;
			value = value << 6 | (s[i + k] & 0x3F);
		}
		if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
			return false;
		i += n;
	}
	return true;
}

static void all_triples_of_bytes_agree_with_a_decoder(void **state)
{
	(void)state;
	for (uint32_t v = 0; v < 1 << 24; v += v < 1 << 23 ? 7 : 1) {
		uint8_t s[3] = { (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

		if (utf8_is_valid(s, 3) != oracle(s, 3))
			fail_msg("%02x %02x %02x", s[0], s[1], s[2]);
	}
}

static void all_values_of_four_bytes_agree_with_a_decoder(void **state)
{
	(void)state;
	for (uint32_t v = 0; v < 1 << 21; v++) {
		uint8_t s[4] = { (uint8_t)(0xF0 | v >> 18), (uint8_t)(0x80 | (v >> 12 & 0x3F)),
			(uint8_t)(0x80 | (v >> 6 & 0x3F)), (uint8_t)(0x80 | (v & 0x3F)) };

		if (utf8_is_valid(s, 4) != oracle(s, 4))
			fail_msg("%06x", v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_refused_at_its_first_bad_byte),
		cmocka_unit_test(a_whole_text_is_judged_as_its_single_bytes_are),
		cmocka_unit_test(a_text_that_ends_within_a_character_is_not_complete),
		cmocka_unit_test(a_failed_text_stays_failed),
		cmocka_unit_test(all_triples_of_bytes_agree_with_a_decoder),
		cmocka_unit_test(all_values_of_four_bytes_agree_with_a_decoder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
