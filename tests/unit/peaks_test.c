#include "tests/unit/unit.h"

#include "media/sound/peaks.h"
#include "tests/unit/chance.h"

static void nothing_is_flat(void **state)
{
	static const struct peaks none;
	int16_t columns[10];

	(void)state;
	memset(columns, 0x55, sizeof columns);
	peaks_columns(&none, columns, 10);
	for (int i = 0; i < 10; i++)
		assert_int_equal(columns[i], 0);
}

/* Silence with one loud sample at each tenth: every second column is loud, however long it is, however it is cut. */
static void a_loud_sample_stands_in_its_own_column_however_long_the_call_is(void **state)
{
	static const size_t lengths[] = { 8000, 160000, 327680, 4000000 };
	static uint8_t codes[4000000];
	static struct peaks p;
	int16_t columns[20];

	(void)state;
	for (size_t l = 0; l < 4; l++) {
		memset(codes, 0xFF, sizeof codes);
		memset(&p, 0, sizeof p);
		for (size_t i = 0; i < 10; i++)
			codes[lengths[l] / 10 * i + lengths[l] / 40] = 0x00;
		for (size_t at = 0, n; at < lengths[l]; at += n) {
			n = 1 + at % 1000 < lengths[l] - at ? 1 + at % 1000 : lengths[l] - at;
			peaks_put(&p, codes + at, n);
		}
		assert_int_equal(p.sample_count, lengths[l]);
		peaks_columns(&p, columns, 20);
		for (int i = 0; i < 20; i++)
			assert_int_equal(columns[i], i % 2 ? 0 : 32124);
	}
}

static void any_slicing_gives_the_same_bins(void **state)
{
	static struct peaks whole, cut;
	static uint8_t codes[700000];

	(void)state;
	for (size_t i = 0; i < sizeof codes; i++)
		codes[i] = (uint8_t)chance(65536);
	peaks_put(&whole, codes, sizeof codes);
	for (size_t at = 0, n; at < sizeof codes; at += n) {
		n = chance(2000);
		n = n < sizeof codes - at ? n : sizeof codes - at;
		peaks_put(&cut, codes + at, n);
	}
	assert_memory_equal(&whole, &cut, sizeof whole);
}

static void what_is_shorter_than_the_picture_is_wide_fills_it_all(void **state)
{
	static struct peaks p;
	uint8_t code = 0x80;
	int16_t columns[PEAKS_COLUMN_COUNT_MAX];

	(void)state;
	peaks_put(&p, &code, 1);
	peaks_columns(&p, columns, PEAKS_COLUMN_COUNT_MAX);
	for (int i = 0; i < PEAKS_COLUMN_COUNT_MAX; i++)
		assert_int_equal(columns[i], 32124);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_flat),
		cmocka_unit_test(a_loud_sample_stands_in_its_own_column_however_long_the_call_is),
		cmocka_unit_test(any_slicing_gives_the_same_bins),
		cmocka_unit_test(what_is_shorter_than_the_picture_is_wide_fills_it_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
