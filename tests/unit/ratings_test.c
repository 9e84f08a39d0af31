/* Histograms by merchant: bounded, none lost, none counted twice, also with many threads at once. */
#include "tests/unit/unit.h"

#include "relay/ratings.h"

#include <pthread.h>

enum { PAGE_BYTES = 1024 * 1024 };

static char page[PAGE_BYTES];

static struct quality call(uint64_t dead_air_ms, uint32_t underruns)
{
	struct quality q = { .begun = true, .dead_air_ms = dead_air_ms, .underrun_count = underruns };

	return q;
}

static const char *write_page(const struct ratings *r)
{
	struct buf out;

	buf_init_fixed(&out, page, sizeof page - 1);
	assert_true(ratings_write(r, &out));
	page[buf_len(&out)] = '\0';
	return page;
}

static unsigned occurrences(const char *text, const char *what)
{
	unsigned count = 0;

	for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
		count++;
	return count;
}

static void has(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("\"%s\" is missing in:\n%s", line, text);
}

static void a_call_falls_into_its_merchant_s_buckets(void **state)
{
	struct ratings r;
	struct quality q = call(7000, 2);

	(void)state;
	q.talk_over_ms = 300;
	q.lag_ns_max = 3000000;
	q.gap_counts[2] = 3;
	q.gap_ms_sum = 1800;
	assert_true(ratings_open(&r, 2));
	ratings_put(&r, 7, &q);
	const char *text = write_page(&r);

	has(text, "receptionai_relay_call_dead_air_seconds_bucket{merchant=\"7\",le=\"5\"} 0\n");
	has(text, "receptionai_relay_call_dead_air_seconds_bucket{merchant=\"7\",le=\"10\"} 1\n");
	has(text, "receptionai_relay_call_dead_air_seconds_sum{merchant=\"7\"} 7.000000\n");
	has(text, "receptionai_relay_call_talk_over_seconds_bucket{merchant=\"7\",le=\"0.5\"} 1\n");
	has(text, "receptionai_relay_response_gap_seconds_bucket{merchant=\"7\",le=\"0.5\"} 0\n");
	has(text, "receptionai_relay_response_gap_seconds_bucket{merchant=\"7\",le=\"0.75\"} 3\n");
	has(text, "receptionai_relay_response_gap_seconds_sum{merchant=\"7\"} 1.800000\n");
	has(text, "receptionai_relay_call_underruns_bucket{merchant=\"7\",le=\"1\"} 0\n");
	has(text, "receptionai_relay_call_underruns_bucket{merchant=\"7\",le=\"2\"} 1\n");
	has(text, "receptionai_relay_call_underruns_sum{merchant=\"7\"} 2.000000\n");
	has(text, "receptionai_relay_call_loop_lag_seconds_bucket{merchant=\"7\",le=\"0.004\"} 1\n");
	ratings_close(&r);
	ratings_close(&r);
}

static void the_buckets_of_gaps_are_those_of_the_calls(void **state)
{
	static const double bounds[] = { 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 5, 10 };
	char label[32];
	struct ratings r;

	(void)state;
	assert_true(ratings_open(&r, 0));
	const char *text = write_page(&r);

	for (size_t i = 0; i < QUALITY_GAP_BUCKETS - 1; i++) {
		assert_int_equal(quality_gap_bounds_ms[i], (uint32_t)(bounds[i] * 1000));
		snprintf(label, sizeof label, ",le=\"%g\"} 0", quality_gap_bounds_ms[i] / 1000.0);
		has(strstr(text, "response_gap_seconds_bucket"), label);
	}
	ratings_close(&r);
}

static void merchants_beyond_the_bound_share_a_set_and_no_call_is_lost(void **state)
{
	struct ratings r;

	(void)state;
	assert_true(ratings_open(&r, 3));
	for (int64_t merchant = 1; merchant <= 50; merchant++)
		for (int64_t calls = 0; calls < merchant; calls++)
			ratings_put(&r, merchant, &(struct quality){ .begun = true });
	const char *text = write_page(&r);

	has(text, "call_underruns_count{merchant=\"1\"} 1\n");
	has(text, "call_underruns_count{merchant=\"3\"} 3\n");
	has(text, "call_underruns_count{merchant=\"other\"} 1269\n");
	assert_int_equal(occurrences(text, "call_underruns_count{"), 4);
	ratings_close(&r);
}

static void who_is_nobody_s_merchant_counts_with_the_others(void **state)
{
	struct ratings r;

	(void)state;
	assert_true(ratings_open(&r, 3));
	ratings_put(&r, 0, &(struct quality){ .begun = true });
	ratings_put(&r, 0, &(struct quality){ 0 });     /* nobody was heard: no call of any quality */
	has(write_page(&r), "call_underruns_count{merchant=\"other\"} 1\n");
	ratings_close(&r);
}

static void the_fullest_page_keeps_its_bounds(void **state)
{
	struct ratings r;
	struct quality q = call(UINT32_MAX, UINT32_MAX);

	(void)state;
	q.talk_over_ms = UINT32_MAX;
	q.lag_ns_max = UINT64_MAX / 2;
	q.gap_ms_sum = UINT64_MAX / 4000;
	for (size_t i = 0; i < QUALITY_GAP_BUCKETS; i++)
		q.gap_counts[i] = UINT32_MAX;
	assert_true(ratings_open(&r, RATINGS_MERCHANTS_MAX));
	for (uint32_t i = 0; i <= RATINGS_MERCHANTS_MAX; i++)
		ratings_put(&r, INT64_MAX - i, &q);
	assert_true(strlen(write_page(&r)) <= RATINGS_BYTES_HEAD + (RATINGS_MERCHANTS_MAX + 1) * RATINGS_BYTES_EACH);
	ratings_close(&r);
}

static void *put_many(void *context)
{
	for (int64_t i = 0; i < 20000; i++)
		ratings_put(context, 1 + i % 6, &(struct quality){ .begun = true });
	return NULL;
}

static void threads_that_put_at_once_lose_nothing(void **state)
{
	pthread_t threads[4];
	struct ratings r;

	(void)state;
	assert_true(ratings_open(&r, 4));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put_many, &r), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	const char *text = write_page(&r);
	uint64_t total = 0;

	for (const char *at = text; (at = strstr(at, "call_underruns_count{")); at++)
		total += strtoull(strchr(at, '}') + 1, NULL, 10);
	assert_int_equal(total, 80000);
	assert_int_equal(occurrences(text, "call_underruns_count{"), 5);
	ratings_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_falls_into_its_merchant_s_buckets),
		cmocka_unit_test(the_buckets_of_gaps_are_those_of_the_calls),
		cmocka_unit_test(merchants_beyond_the_bound_share_a_set_and_no_call_is_lost),
		cmocka_unit_test(who_is_nobody_s_merchant_counts_with_the_others),
		cmocka_unit_test(the_fullest_page_keeps_its_bounds),
		cmocka_unit_test(threads_that_put_at_once_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
