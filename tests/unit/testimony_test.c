#include "tests/unit/unit.h"

#include "proto/testimony.h"

static void what_is_written_is_read_back_however_it_is_cut(void **state)
{
	char record[TESTIMONY_HEAD_BYTES + 5];
	struct testimony wrote = { TESTIMONY_CALLER_TURN, 0xa1b2c3d4, SLICE("hello") }, read;

	(void)state;
	testimony_write((uint8_t *)record, &wrote);
	memcpy(record + TESTIMONY_HEAD_BYTES, "hello", 5);
	for (size_t len = 0; len < sizeof record; len++)
		assert_int_equal(testimony_read((struct slice){ record, len }, &read), TESTIMONY_MORE);
	assert_int_equal(testimony_read((struct slice){ record, sizeof record }, &read), TESTIMONY_DONE);
	assert_int_equal(read.kind, wrote.kind);
	assert_int_equal(read.call_ms, wrote.call_ms);
	assert_true(slice_equal(read.data, wrote.data));
}

static void the_bytes_are_those_of_the_contract(void **state)
{
	uint8_t head[TESTIMONY_HEAD_BYTES];
	const uint8_t want[TESTIMONY_HEAD_BYTES] = { TESTIMONY_VOICE_AUDIO, 0, 0x23, 0x01, 0x78, 0x56, 0x34, 0x12 };
	static char audio[0x123];
	struct testimony t = { TESTIMONY_VOICE_AUDIO, 0x12345678, { audio, sizeof audio } };

	(void)state;
	testimony_write(head, &t);
	assert_memory_equal(head, want, sizeof want);
}

static void what_is_no_record_is_told(void **state)
{
	const char unknown[] = { TESTIMONY_KIND_COUNT, 0, 0, 0, 0, 0, 0, 0 };
	const char reserved[] = { TESTIMONY_CLEAR, 1, 0, 0, 0, 0, 0, 0 };
	const char too_long[] = { TESTIMONY_CLEAR, 0, 1, 0x10, 0, 0, 0, 0 };
	struct testimony t;

	(void)state;
	assert_int_equal(testimony_read((struct slice){ unknown, sizeof unknown }, &t), TESTIMONY_BAD);
	assert_int_equal(testimony_read((struct slice){ reserved, sizeof reserved }, &t), TESTIMONY_BAD);
	assert_int_equal(testimony_read((struct slice){ too_long, sizeof too_long }, &t), TESTIMONY_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back_however_it_is_cut),
		cmocka_unit_test(the_bytes_are_those_of_the_contract),
		cmocka_unit_test(what_is_no_record_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
