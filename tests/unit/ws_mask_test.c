#include "tests/unit/unit.h"

#include "proto/ws_mask.h"

enum { BYTES = 200 };

/* RFC 6455 section 5.3, word by word: the oracle. */
static void mask_scalar(uint8_t *to, const uint8_t *from, size_t len, const uint8_t key[4], size_t offset)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[i] ^ key[(offset + i) % 4];
}

static void fill(uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 37 + 11);
}

static void every_length_alignment_and_offset_agrees_with_the_scalar_version(void **state)
{
	static const uint8_t key_bytes[4] = { 0x37, 0xFA, 0x21, 0x3D };
	uint8_t from[BYTES], got[BYTES], wanted[BYTES];
	uint32_t key;

	(void)state;
	memcpy(&key, key_bytes, sizeof key);
	fill(from, sizeof from);
	for (size_t len = 0; len <= 100; len++) {
		for (size_t at = 0; at < 17; at++) {
			for (size_t offset = 0; offset < 9; offset++) {
				memcpy(wanted, from, sizeof wanted);
				mask_scalar(wanted + at, from + at, len, key_bytes, offset);
				memcpy(got, from, sizeof got);
				ws_mask(got + at, len, key, offset);
				assert_memory_equal(got, wanted, sizeof got);

				memset(got, 0xEE, sizeof got);
				ws_mask_copy(got + at, from + 16 - at, len, key, offset);
				memset(wanted, 0xEE, sizeof wanted);
				mask_scalar(wanted + at, from + 16 - at, len, key_bytes, offset);
				assert_memory_equal(got, wanted, sizeof got);
			}
		}
	}
}

static void masking_twice_is_nothing(void **state)
{
	uint8_t from[BYTES], got[BYTES];

	(void)state;
	fill(from, sizeof from);
	memcpy(got, from, sizeof got);
	ws_mask(got, sizeof got, 0x01020304, 3);
	assert_memory_not_equal(got, from, sizeof got);
	ws_mask(got, sizeof got, 0x01020304, 3);
	assert_memory_equal(got, from, sizeof got);
}

static void a_payload_may_be_masked_in_pieces(void **state)
{
	uint8_t whole[BYTES], pieces[BYTES];

	(void)state;
	fill(whole, sizeof whole);
	fill(pieces, sizeof pieces);
	ws_mask(whole, sizeof whole, 0xDEADBEEF, 0);
	for (size_t at = 0, n = 1; at < BYTES; at += n, n = n % 23 + 1)
		ws_mask(pieces + at, n < BYTES - at ? n : BYTES - at, 0xDEADBEEF, at);
	assert_memory_equal(pieces, whole, sizeof whole);
}

static void a_key_of_zeros_changes_nothing(void **state)
{
	uint8_t from[BYTES], got[BYTES];

	(void)state;
	fill(from, sizeof from);
	fill(got, sizeof got);
	ws_mask(got, sizeof got, 0, 1);
	assert_memory_equal(got, from, sizeof got);
	memset(got, 0, sizeof got);
	ws_mask_copy(got, from, sizeof got, 0, 1);
	assert_memory_equal(got, from, sizeof got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_alignment_and_offset_agrees_with_the_scalar_version),
		cmocka_unit_test(masking_twice_is_nothing),
		cmocka_unit_test(a_payload_may_be_masked_in_pieces),
		cmocka_unit_test(a_key_of_zeros_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
