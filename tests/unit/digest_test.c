/* Vectors: FIPS 180-4 examples, RFC 2202 and RFC 4231. */
#include "tests/unit/unit.h"

#include "base/digest.h"

static const char *hex(const uint8_t *bytes, size_t len)
{
	static char text[2 * SHA256_BYTES + 1];

	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

static void hashes_match_the_published_vectors(void **state)
{
	struct digest_piece abc[] = { { "a", 1 }, { "bc", 2 } };
	uint8_t out[SHA256_BYTES];

	(void)state;
	digest_sha1(abc, 2, out);
	assert_string_equal(hex(out, SHA1_BYTES), "a9993e364706816aba3e25717850c26c9cd0d89d");
	digest_sha256(abc, 2, out);
	assert_string_equal(hex(out, SHA256_BYTES),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void macs_match_the_published_vectors(void **state)
{
	struct digest_piece p[] = { { "what do ya want ", 16 }, { "for nothing?", 12 } };
	uint8_t out[SHA256_BYTES];

	(void)state;
	digest_hmac_sha1("Jefe", 4, p, 2, out);
	assert_string_equal(hex(out, SHA1_BYTES), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	digest_hmac_sha256("Jefe", 4, p, 2, out);
	assert_string_equal(hex(out, SHA256_BYTES),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void equal_compares_every_byte(void **state)
{
	(void)state;
	assert_true(digest_equal("abc", "abc", 3));
	assert_false(digest_equal("abc", "abd", 3));
	assert_false(digest_equal("abc", "bbc", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_match_the_published_vectors),
		cmocka_unit_test(macs_match_the_published_vectors),
		cmocka_unit_test(equal_compares_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
