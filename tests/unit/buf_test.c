#include "tests/unit/unit.h"

#include "base/buf.h"

static const struct pool_plan plan[] = { { 64, 4 }, { 256, 2 } };

static void a_fixed_buf_refuses_what_does_not_fit(void **state)
{
	char memory[8];
	struct buf b;

	(void)state;
	buf_init_fixed(&b, memory, sizeof memory);
	assert_true(buf_append(&b, "12345", 5));
	assert_false(buf_append(&b, "6789", 4));
	assert_int_equal(buf_len(&b), 5);
	buf_consume(&b, 3);
	assert_true(buf_append(&b, "6789", 4));
	assert_memory_equal(buf_data(&b), "456789", 6);
}

static void a_pooled_buf_grows_keeps_its_bytes_and_gives_its_block_back(void **state)
{
	struct pool pool;
	struct buf b;

	(void)state;
	assert_int_equal(pool_open(&pool, plan, 2), 0);
	buf_init_pool(&b, &pool, 256);
	for (int i = 0; i < 100; i++)
		assert_true(buf_append(&b, "ab", 2));
	assert_int_equal(buf_len(&b), 200);
	assert_int_equal(pool_used_bytes(&pool), 256);
	assert_false(buf_append(&b, (char[100]){ 0 }, 100));
	buf_rest(&b);
	assert_int_equal(pool_used_bytes(&pool), 256);
	buf_consume(&b, 200);
	buf_rest(&b);
	assert_int_equal(pool_used_bytes(&pool), 0);
	pool_close(&pool);
}

static void a_printed_line_lands_whole_or_not_at_all(void **state)
{
	char memory[8];
	struct buf b;

	(void)state;
	buf_init_fixed(&b, memory, sizeof memory);
	assert_false(buf_printf(&b, "%s", "12345678"));
	assert_int_equal(buf_len(&b), 0);
	assert_true(buf_printf(&b, "%d", 1234567));
	assert_memory_equal(buf_data(&b), "1234567", 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fixed_buf_refuses_what_does_not_fit),
		cmocka_unit_test(a_pooled_buf_grows_keeps_its_bytes_and_gives_its_block_back),
		cmocka_unit_test(a_printed_line_lands_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
