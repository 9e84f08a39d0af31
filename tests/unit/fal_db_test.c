/* What a webhook of fal.ai tells is kept for the one order that it knows the nonce of. */
#include "tests/unit/db_fixture.h"

#include "db/fal.h"

static struct job job;

static int set_up_order(void **state)
{
	const struct job_claim claim = { .owner = "me", .kinds = 1 << JOB_VIDEO, .call_sid = SLICE(""),
		.now_ms = NOW_MS };
	const struct job_ext intent = { .state = JOB_EXT_INTENT, .nonce = "n1", .urls = "{}" };

	if (set_up(state) != 0)
		return -1;
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(db_job_put(f->db, SLICE(SID), JOB_VIDEO, NOW_MS), DB_OK);
	assert_int_equal(db_job_claim(f->db, &claim, &job), DB_OK);
	assert_int_equal(db_job_ext_put(f->db, &job, &intent, 40000), DB_OK);
	return 0;
}

static enum db_result tell(struct fixture *f, const char *nonce, const char *request_id, const char *video_url)
{
	struct fal_outcome outcome = { 0 };

	assert_true(slice_copy(slice_of(request_id), outcome.request_id, sizeof outcome.request_id));
	assert_true(slice_copy(slice_of(video_url), outcome.video_url, sizeof outcome.video_url));
	outcome.failed = !*video_url;
	snprintf(outcome.error.sentence, sizeof outcome.error.sentence, "%s", outcome.failed ? "422 no face" : "");
	return db_fal_tell(f->db, job.id, slice_of(nonce), &outcome, NOW_MS);
}

static void what_is_told_waits_for_the_worker(void **state)
{
	struct fixture *f = *state;
	struct fal_outcome told;

	assert_int_equal(db_fal_told(f->db, &job, &told), DB_NONE);
	assert_int_equal(tell(f, "n1", "r1", "https://v/a.mp4"), DB_OK);
	assert_int_equal(db_fal_told(f->db, &job, &told), DB_OK);
	assert_string_equal(told.request_id, "r1");
	assert_string_equal(told.video_url, "https://v/a.mp4");
	assert_false(told.failed);
}

static void told_twice_is_told_once(void **state)
{
	struct fixture *f = *state;
	struct fal_outcome told;

	assert_int_equal(tell(f, "n1", "r1", ""), DB_OK);
	assert_int_equal(tell(f, "n1", "r1", ""), DB_OK);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM fal_told"), 1);
	assert_int_equal(db_fal_told(f->db, &job, &told), DB_OK);
	assert_true(told.failed);
	assert_string_equal(told.error.sentence, "422 no face");
}

static void who_does_not_know_the_nonce_is_not_heard(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(tell(f, "n2", "r1", "https://evil/a.mp4"), DB_NONE);
	assert_int_equal(tell(f, "", "r1", "https://evil/a.mp4"), DB_NONE);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM fal_told"), 0);
}

static void an_order_has_one_request_id(void **state)
{
	const struct job_ext submitted = { .state = JOB_EXT_SUBMITTED, .id = "r1", .nonce = "n1" };
	struct fixture *f = *state;

	/* As it was told first, while nobody knew. */
	assert_int_equal(tell(f, "n1", "r1", "https://v/a.mp4"), DB_OK);
	assert_int_equal(tell(f, "n1", "r2", "https://v/b.mp4"), DB_NONE);
	/* As the order's answer said. */
	run_sql(f, "DELETE FROM fal_told");
	assert_int_equal(db_job_ext_put(f->db, &job, &submitted, 40000), DB_OK);
	assert_int_equal(tell(f, "n1", "r2", "https://v/b.mp4"), DB_NONE);
	assert_int_equal(tell(f, "n1", "r1", "https://v/a.mp4"), DB_OK);
}

static void what_was_told_of_an_older_order_does_not_count(void **state)
{
	const struct job_ext anew = { .state = JOB_EXT_INTENT, .nonce = "n2" };
	struct fixture *f = *state;
	struct fal_outcome told;

	assert_int_equal(tell(f, "n1", "r1", ""), DB_OK);
	assert_int_equal(db_job_ext_put(f->db, &job, &anew, 40000), DB_OK);
	job.ext = anew;
	assert_int_equal(db_fal_told(f->db, &job, &told), DB_NONE);
	assert_int_equal(tell(f, "n2", "r2", "https://v/b.mp4"), DB_OK);
	assert_int_equal(db_fal_told(f->db, &job, &told), DB_OK);
	assert_string_equal(told.request_id, "r2");
}

static void the_last_key_set_is_the_one(void **state)
{
	static struct fal_key_set set;
	struct fixture *f = *state;

	assert_int_equal(db_fal_keys(f->db, &set), DB_NONE);
	assert_int_equal(db_fal_keys_put(f->db, SLICE("{\"keys\":[1]}"), NOW_MS), DB_OK);
	assert_int_equal(db_fal_keys_put(f->db, SLICE("{\"keys\":[2]}"), NOW_MS + 1), DB_OK);
	assert_int_equal(db_fal_keys(f->db, &set), DB_OK);
	assert_string_equal(set.text, "{\"keys\":[2]}");
	assert_int_equal(set.fetched_ms, NOW_MS + 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up_order, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_told_waits_for_the_worker),
		CASE(told_twice_is_told_once),
		CASE(who_does_not_know_the_nonce_is_not_heard),
		CASE(an_order_has_one_request_id),
		CASE(what_was_told_of_an_older_order_does_not_count),
		CASE(the_last_key_set_is_the_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
