#include "tests/unit/unit.h"

#include "relay/metrics.h"

static struct metrics a, b;
static struct metrics *const both[] = { &a, &b };
static char memory[METRICS_PAGE_BYTES_MAX + 1];

static const char *page(void)
{
	struct buf out;

	buf_init_fixed(&out, memory, METRICS_PAGE_BYTES_MAX);
	assert_true(metrics_write(&out, both, 2, "1.2.3"));
	memory[buf_len(&out)] = '\0';
	return memory;
}

static int reset(void **state)
{
	(void)state;
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	return 0;
}

static void has(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no line %s", line);
}

static void threads_are_added_up(void **state)
{
	(void)state;
	metrics_add(&a, METRIC_CLEARS, 2);
	metrics_add(&b, METRIC_CLEARS, 3);
	metrics_set(&a, METRIC_CALLS, 7);
	metrics_set(&a, METRIC_CALLS, 1);
	metrics_set(&b, METRIC_CALLS, 4);
	assert_int_equal(metrics_sum(both, 2, METRIC_CLEARS), 5);
	has(page(), "\nreceptionai_relay_clears_total 5\n");
	has(page(), "\nreceptionai_relay_calls 5\n");
}

static void a_value_falls_into_the_bucket_whose_bound_it_does_not_exceed(void **state)
{
	(void)state;
	metrics_observe(&a, METRIC_MODEL_ANSWER_SECONDS, 0.05);
	metrics_observe(&a, METRIC_MODEL_ANSWER_SECONDS, 0.1);
	metrics_observe(&b, METRIC_MODEL_ANSWER_SECONDS, 0.6);
	metrics_observe(&b, METRIC_MODEL_ANSWER_SECONDS, 99);
	has(page(), "\nreceptionai_relay_model_answer_seconds_bucket{le=\"0.1\"} 2\n");
	has(page(), "\nreceptionai_relay_model_answer_seconds_bucket{le=\"0.5\"} 2\n");
	has(page(), "\nreceptionai_relay_model_answer_seconds_bucket{le=\"0.75\"} 3\n");
	has(page(), "\nreceptionai_relay_model_answer_seconds_bucket{le=\"10\"} 3\n");
	has(page(), "\nreceptionai_relay_model_answer_seconds_bucket{le=\"+Inf\"} 4\n");
	has(page(), "\nreceptionai_relay_model_answer_seconds_sum 99.750000\n");
	has(page(), "\nreceptionai_relay_model_answer_seconds_count 4\n");
}

static void every_end_reason_has_its_own_count(void **state)
{
	(void)state;
	metrics_end(&a, END_GROK_WRONG_AUDIO);
	for (int r = END_NONE + 1; r < END_REASON_COUNT; r++) {
		char line[128];

		snprintf(line, sizeof line, "\nreceptionai_relay_calls_ended_total{reason=\"%s\"} %d\n",
			end_reason_word((enum end_reason)r), r == END_GROK_WRONG_AUDIO);
		has(page(), line);
	}
	assert_null(strstr(page(), "reason=\"\""));
}

static void a_page_that_does_not_fit_is_no_page(void **state)
{
	struct buf out;

	(void)state;
	buf_init_fixed(&out, memory, 200);
	assert_false(metrics_write(&out, both, 2, "1.2.3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(threads_are_added_up, reset),
		cmocka_unit_test_setup(a_value_falls_into_the_bucket_whose_bound_it_does_not_exceed, reset),
		cmocka_unit_test_setup(every_end_reason_has_its_own_count, reset),
		cmocka_unit_test_setup(a_page_that_does_not_fit_is_no_page, reset),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
