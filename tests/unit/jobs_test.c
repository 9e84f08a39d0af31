/* Jobs: claimed once, leased, fenced, tried again, given up; a call is complete with its URLs and not before. */
#include "tests/unit/db_fixture.h"

#include "db/jobs.h"
#include "db/spooled.h"

#include <sys/wait.h>

enum { ALL_KINDS = (1 << JOB_KIND_COUNT) - 1 };

static const struct call_media nothing_new = { .recording_ms = -1 };

static void add_ended_call(struct fixture *f, const char *sid)
{
	const struct call_end end = { .call_sid = slice_of(sid), .reason = END_CALLER_HUNG_UP, .now_ms = NOW_MS };

	begin_call(f, sid);
	assert_int_equal(db_call_end(f->db, &end), DB_OK);
}

static int set_up_call(void **state)
{
	if (set_up(state) != 0)
		return -1;
	add_ended_call(*state, SID);
	assert_int_equal(db_job_put(((struct fixture *)*state)->db, SLICE(SID), JOB_ASSEMBLE, NOW_MS), DB_OK);
	return 0;
}

static enum db_result claim_at(struct fixture *f, const char *owner, int64_t now_ms, struct job *out_job)
{
	const struct job_claim claim = { .owner = owner, .kinds = ALL_KINDS, .call_sid = SLICE(""), .now_ms = now_ms };

	return db_job_claim(f->db, &claim, out_job);
}

static struct job claim(struct fixture *f, int64_t now_ms)
{
	struct job job;

	assert_int_equal(claim_at(f, "me", now_ms, &job), DB_OK);
	return job;
}

static enum db_result finish_as(struct fixture *f, const struct job *job, enum job_state state, const char *error)
{
	const struct job_finish finish = { .state = state, .run_ms = NOW_MS + 10, .is_attempt_kept = true,
		.error = error, .now_ms = NOW_MS + 5 };

	return db_job_finish(f->db, job, &finish);
}

static void a_job_is_made_once_and_only_for_a_call(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_job_put(f->db, SLICE(SID), JOB_ASSEMBLE, NOW_MS), DB_OK);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM jobs"), 1);
	assert_int_equal(db_job_put(f->db, SLICE("CAnobody"), JOB_ASSEMBLE, NOW_MS), DB_NONE);
}

static void a_job_is_claimed_by_one_and_counts_its_attempt_then(void **state)
{
	struct fixture *f = *state;
	struct job job, other;

	assert_int_equal(claim_at(f, "me", NOW_MS - 1, &job), DB_NONE);
	job = claim(f, NOW_MS);
	assert_string_equal(job.call_sid, SID);
	assert_int_equal(job.kind, JOB_ASSEMBLE);
	assert_int_equal(job.attempt, 1);
	assert_int_equal(job.fence, 1);
	assert_int_equal(job.attempts_max, job_attempts_max(JOB_ASSEMBLE));
	assert_int_equal(claim_at(f, "you", NOW_MS, &other), DB_NONE);
	assert_string_equal(ask_text(f, "SELECT lease_owner || (lease_until_ms - 1700000000000) FROM jobs"),
		"me120000");
}

static void only_kinds_and_calls_that_are_asked_for_are_claimed(void **state)
{
	struct fixture *f = *state;
	struct job_claim c = { .owner = "me", .kinds = 1 << JOB_VIDEO, .call_sid = SLICE(""), .now_ms = NOW_MS };
	struct job job;

	assert_int_equal(db_job_claim(f->db, &c, &job), DB_NONE);
	c.kinds = 1 << JOB_VIDEO | 1 << JOB_ASSEMBLE;
	c.call_sid = SLICE("CAother");
	assert_int_equal(db_job_claim(f->db, &c, &job), DB_NONE);
	c.call_sid = SLICE(SID);
	assert_int_equal(db_job_claim(f->db, &c, &job), DB_OK);
}

static void a_lease_that_ended_gives_the_job_away_and_fences_its_holder_off(void **state)
{
	struct fixture *f = *state;
	struct job old = claim(f, NOW_MS), new;

	assert_int_equal(db_job_renew(f->db, &old, NOW_MS + 60000), DB_OK);
	assert_int_equal(claim_at(f, "you", NOW_MS + JOB_LEASE_MS + 1, &new), DB_NONE);
	assert_int_equal(claim_at(f, "you", NOW_MS + 60000 + JOB_LEASE_MS + 1, &new), DB_OK);
	assert_int_equal(new.attempt, 2);
	assert_true(new.fence > old.fence);
	assert_int_equal(db_job_renew(f->db, &old, NOW_MS), DB_NONE);
	assert_int_equal(finish_as(f, &old, JOB_DONE, ""), DB_NONE);
	assert_int_equal(db_job_ext_put(f->db, &old, &(struct job_ext){ .state = JOB_EXT_INTENT }, 5), DB_NONE);
	assert_int_equal(ask_number(f, "SELECT media_cost_micro_dollars FROM calls"), 0);
	assert_string_equal(ask_text(f, "SELECT state || lease_owner FROM jobs"), "runningyou");
	assert_string_equal(ask_text(f, "SELECT error FROM job_errors"),
		"the process that did it was killed, or hung until its lease ended");
	assert_int_equal(finish_as(f, &new, JOB_DONE, ""), DB_OK);
}

static void what_follows_is_made_in_the_same_commit(void **state)
{
	struct fixture *f = *state;
	struct job job = claim(f, NOW_MS);
	struct job_finish finish = { .state = JOB_DONE, .is_attempt_kept = true, .error = "",
		.next_kinds = 1 << JOB_SUMMARY | 1 << JOB_VIDEO, .now_ms = NOW_MS + 1 };
	struct call_media media = nothing_new;

	(void)snprintf(media.recording_stopped, sizeof media.recording_stopped, "Not A Word");
	finish.media = &media;
	assert_int_equal(db_job_finish(f->db, &job, &finish), DB_REFUSED);
	assert_string_equal(ask_text(f, "SELECT group_concat(kind || state) FROM jobs"), "assemblerunning");
	(void)snprintf(media.recording_stopped, sizeof media.recording_stopped, "disk-full");
	media.recording_ms = 4000;
	assert_int_equal(db_job_finish(f->db, &job, &finish), DB_OK);
	assert_string_equal(ask_text(f, "SELECT group_concat(kind || state) FROM jobs"),
		"assembledone,summaryready,videoready");
	assert_string_equal(ask_text(f, "SELECT recording_stopped || recording_ms || status FROM calls"),
		"disk-full4000ended");
}

static void what_was_finished_is_made_ready_again_by_what_comes_before_it(void **state)
{
	struct fixture *f = *state;
	struct job job = claim(f, NOW_MS);
	const struct job_finish finish = { .state = JOB_DONE, .is_attempt_kept = true, .error = "",
		.next_kinds = 1 << JOB_UPLOAD, .now_ms = NOW_MS };

	run_sql(f, "INSERT INTO jobs(call_sid, kind, state, run_ms, attempt, attempts_max, created_ms, finished_ms)"
		" VALUES('" SID "', 'upload', 'done', 1, 3, 20, 1, 2)");
	assert_int_equal(db_job_finish(f->db, &job, &finish), DB_OK);
	assert_string_equal(ask_text(f, "SELECT state || attempt || fence FROM jobs WHERE kind = 'upload'"), "ready01");
}

static void a_call_is_complete_with_recording_and_video_and_not_before(void **state)
{
	struct fixture *f = *state;
	struct job job = claim(f, NOW_MS);
	struct call_media media = nothing_new;
	struct call_record call;
	struct job_finish finish = { .state = JOB_WAITING, .run_ms = NOW_MS, .error = "", .media = &media,
		.now_ms = NOW_MS };

	(void)snprintf(media.recording_url, sizeof media.recording_url, "https://s3/call.wav");
	assert_int_equal(db_job_finish(f->db, &job, &finish), DB_OK);
	assert_string_equal(ask_text(f, "SELECT status FROM calls"), "ended");
	job = claim(f, NOW_MS);
	media.recording_url[0] = '\0';
	(void)snprintf(media.video_url, sizeof media.video_url, "https://s3/video.mp4");
	finish.state = JOB_DONE;
	assert_int_equal(db_job_finish(f->db, &job, &finish), DB_OK);
	assert_string_equal(ask_text(f, "SELECT status || recording_url || video_url FROM calls"),
		"completehttps://s3/call.wavhttps://s3/video.mp4");
	assert_int_equal(db_call_by_sid(f->db, SLICE(SID), &call), DB_OK);
	assert_int_equal(call.status, CALL_ENDED);
	assert_true(call.is_complete);
	/* Twilio's and the relay's late words leave it complete. */
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("completed"), 3, NOW_MS + 9), DB_OK);
	assert_string_equal(ask_text(f, "SELECT status FROM calls"), "complete");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM live_calls"), 0);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM recordings"), 1);
}

static void waiting_burns_no_attempt_and_failing_does(void **state)
{
	struct fixture *f = *state;
	struct job job = claim(f, NOW_MS);
	const struct job_finish wait = { .state = JOB_WAITING, .run_ms = NOW_MS + 500, .error = "not ready yet",
		.now_ms = NOW_MS };

	assert_int_equal(db_job_finish(f->db, &job, &wait), DB_OK);
	assert_int_equal(claim_at(f, "me", NOW_MS + 499, &job), DB_NONE);
	job = claim(f, NOW_MS + 500);
	assert_int_equal(job.attempt, 1);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM job_errors"), 0);
	assert_int_equal(finish_as(f, &job, JOB_READY, "the disk is full"), DB_OK);
	job = claim(f, NOW_MS + 500);
	assert_int_equal(job.attempt, 2);
	assert_string_equal(ask_text(f, "SELECT attempt || error FROM job_errors"), "1the disk is full");
}

static void only_the_last_errors_are_kept(void **state)
{
	struct fixture *f = *state;
	char why[32];

	for (int i = 0; i < JOB_ERRORS_MAX + 5; i++) {
		struct job job = claim(f, NOW_MS + 10);

		(void)snprintf(why, sizeof why, "error %d", i);
		assert_int_equal(finish_as(f, &job, JOB_READY, why), DB_OK);
	}
	assert_int_equal(ask_number(f, "SELECT count(*) FROM job_errors"), JOB_ERRORS_MAX);
	assert_string_equal(ask_text(f, "SELECT error FROM job_errors ORDER BY id LIMIT 1"), "error 5");
}

static void a_dead_job_is_shown_and_gets_all_its_attempts_anew(void **state)
{
	struct fixture *f = *state;
	struct job job = claim(f, NOW_MS);
	int64_t count = -1;

	assert_int_equal(finish_as(f, &job, JOB_DEAD, "the sound is damaged"), DB_OK);
	assert_int_equal(claim_at(f, "me", NOW_MS + 999999, &job), DB_NONE);
	assert_string_equal(ask_text(f, "SELECT merchant || kind || attempts || error FROM failed_jobs"),
		"Bella'sassemble1the sound is damaged");
	assert_int_equal(db_jobs_retry(f->db, SLICE("CAother"), NOW_MS, &count), DB_OK);
	assert_int_equal(count, 0);
	assert_int_equal(db_jobs_retry(f->db, SLICE(SID), NOW_MS, &count), DB_OK);
	assert_int_equal(count, 1);
	assert_int_equal(claim(f, NOW_MS).attempt, 1);
}

static void a_kind_that_a_setting_keeps_from_working_is_left_alone_and_told_once(void **state)
{
	struct fixture *f = *state;
	struct job job;
	struct job_counts counts;
	bool is_news = false;

	assert_int_equal(db_kind_park(f->db, JOB_ASSEMBLE, "no key", NOW_MS, NOW_MS + 1000, &is_news), DB_OK);
	assert_true(is_news);
	assert_int_equal(db_kind_park(f->db, JOB_ASSEMBLE, "no key", NOW_MS, NOW_MS + 2000, &is_news), DB_OK);
	assert_false(is_news);
	assert_int_equal(db_kind_park(f->db, JOB_ASSEMBLE, "wrong key", NOW_MS, NOW_MS + 2000, &is_news), DB_OK);
	assert_true(is_news);
	assert_int_equal(claim_at(f, "me", NOW_MS + 1999, &job), DB_NONE);
	assert_int_equal(db_job_counts(f->db, ALL_KINDS, SLICE(""), NOW_MS + 1999, &counts), DB_OK);
	assert_int_equal(counts.parked, 1);
	assert_int_equal(counts.due + counts.later, 0);
	assert_string_equal(ask_text(f, "SELECT call_sid || kind || error FROM failed_jobs"),
		"all callsassemblewrong key");
	job = claim(f, NOW_MS + 2000);
	assert_int_equal(finish_as(f, &job, JOB_DONE, ""), DB_OK);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM parked_kinds"), 0);
}

static void take_owner(void *context, const char *owner)
{
	(void)snprintf(context, 64, "%s", owner);
}

static void jobs_of_a_process_that_is_gone_are_ready_at_once(void **state)
{
	struct fixture *f = *state;
	struct job job = claim(f, NOW_MS);
	char owner[64] = "";
	int64_t count = -1;

	assert_int_equal(db_job_owners(f->db, take_owner, owner), DB_OK);
	assert_string_equal(owner, "me");
	assert_int_equal(db_jobs_release(f->db, "you", NOW_MS, &count), DB_OK);
	assert_int_equal(count, 0);
	assert_int_equal(db_jobs_release(f->db, "me", NOW_MS, &count), DB_OK);
	assert_int_equal(count, 1);
	assert_int_equal(db_job_renew(f->db, &job, NOW_MS), DB_NONE);
	assert_int_equal(claim(f, NOW_MS).attempt, 2);
}

static void the_cost_of_a_call_is_that_of_its_jobs(void **state)
{
	struct fixture *f = *state;
	struct job job = claim(f, NOW_MS);
	struct job_ext ext = { .state = JOB_EXT_INTENT, .nonce = "abcd" };

	assert_int_equal(db_job_ext_put(f->db, &job, &ext, 250000), DB_OK);
	assert_int_equal(job.ext.state, JOB_EXT_INTENT);
	assert_int_equal(ask_number(f, "SELECT media_cost_micro_dollars FROM calls"), 250000);
	ext = (struct job_ext){ .state = JOB_EXT_SUBMITTED, .id = "req1", .urls = "{}", .nonce = "abcd" };
	assert_int_equal(db_job_ext_put(f->db, &job, &ext, 200000), DB_OK);
	assert_int_equal(ask_number(f, "SELECT media_cost_micro_dollars FROM calls"), 200000);
	assert_int_equal(finish_as(f, &job, JOB_READY, "x"), DB_OK);
	job = claim(f, NOW_MS + 10);
	assert_int_equal(job.ext.state, JOB_EXT_SUBMITTED);
	assert_string_equal(job.ext.id, "req1");
	assert_string_equal(job.ext.nonce, "abcd");
	assert_int_equal(job.cost_micro_dollars, 200000);
}

static void who_knows_the_nonce_wakes_the_job_and_names_it_once(void **state)
{
	struct fixture *f = *state;
	struct job job = claim(f, NOW_MS);
	const struct job_ext ext = { .state = JOB_EXT_UNKNOWN, .nonce = "abcd" };
	const struct job_finish wait = { .state = JOB_WAITING, .run_ms = NOW_MS + 9999, .error = "", .now_ms = NOW_MS };

	assert_int_equal(db_job_ext_put(f->db, &job, &ext, 0), DB_OK);
	assert_int_equal(db_job_finish(f->db, &job, &wait), DB_OK);
	assert_int_equal(db_job_told(f->db, job.id, SLICE("abce"), SLICE("r"), NOW_MS), DB_NONE);
	assert_int_equal(db_job_told(f->db, job.id, SLICE(""), SLICE("r"), NOW_MS), DB_NONE);
	assert_int_equal(db_job_told(f->db, job.id + 1, SLICE("abcd"), SLICE("r"), NOW_MS), DB_NONE);
	assert_int_equal(db_job_told(f->db, job.id, SLICE("abcd"), SLICE("r1"), NOW_MS), DB_OK);
	assert_int_equal(db_job_told(f->db, job.id, SLICE("abcd"), SLICE("r2"), NOW_MS), DB_OK);
	job = claim(f, NOW_MS);
	assert_string_equal(job.ext.id, "r1");
}

static void count_line(void *context, const struct job_line *line)
{
	*(int *)context += line->state == JOB_READY && line->kind == JOB_ASSEMBLE && !strcmp(line->call_sid, SID);
}

static void what_is_left_is_counted_and_listed(void **state)
{
	struct fixture *f = *state;
	struct job_counts c;
	enum job_state job_state;
	int line_count = 0;

	assert_int_equal(db_job_counts(f->db, ALL_KINDS, SLICE(""), NOW_MS - 5, &c), DB_OK);
	assert_int_equal(c.due, 0);
	assert_int_equal(c.later, 1);
	assert_int_equal(c.next_ms, NOW_MS);
	assert_int_equal(db_job_counts(f->db, ALL_KINDS, SLICE(SID), NOW_MS, &c), DB_OK);
	assert_int_equal(c.due, 1);
	assert_int_equal(db_job_counts(f->db, 1 << JOB_VIDEO, SLICE(""), NOW_MS, &c), DB_OK);
	assert_int_equal(c.due, 0);
	assert_int_equal(db_job_list(f->db, SLICE(""), count_line, &line_count), DB_OK);
	assert_int_equal(line_count, 1);
	assert_int_equal(db_job_state(f->db, SLICE(SID), JOB_ASSEMBLE, &job_state), DB_OK);
	assert_int_equal(job_state, JOB_READY);
	assert_int_equal(db_job_state(f->db, SLICE(SID), JOB_VIDEO, &job_state), DB_NONE);
}

static void old_jobs_are_forgotten_when_their_call_has_nothing_else_to_do(void **state)
{
	struct fixture *f = *state;
	struct job job = claim(f, NOW_MS);
	int64_t count = -1;

	run_sql(f, "INSERT INTO jobs(call_sid, kind, run_ms, attempts_max, created_ms)"
		" VALUES('" SID "', 'video', 1, 1, 1)");
	assert_int_equal(finish_as(f, &job, JOB_DONE, ""), DB_OK);
	assert_int_equal(db_jobs_prune(f->db, NOW_MS + 999999, &count), DB_OK);
	assert_int_equal(count, 0);
	run_sql(f, "UPDATE jobs SET state = 'done', finished_ms = 7 WHERE kind = 'video'");
	assert_int_equal(db_jobs_prune(f->db, NOW_MS, &count), DB_OK);
	assert_int_equal(count, 0);
	assert_int_equal(db_jobs_prune(f->db, NOW_MS + 999999, &count), DB_OK);
	assert_int_equal(count, 2);
}

static void a_deleted_call_takes_its_jobs_along_and_is_remembered_as_forgotten(void **state)
{
	struct fixture *f = *state;
	struct forgotten_call forgotten;

	run_sql(f, "UPDATE calls SET video_url = 'https://s3/v.mp4'; PRAGMA foreign_keys = OFF; DELETE FROM calls");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM jobs"), 0);
	assert_int_equal(db_call_is_forgotten(f->db, SLICE(SID)), DB_OK);
	assert_int_equal(db_call_is_forgotten(f->db, SLICE("CA2")), DB_NONE);
	assert_int_equal(db_call_to_forget(f->db, slice_of(""), &forgotten), DB_OK);
	assert_string_equal(forgotten.video_url, "https://s3/v.mp4");
	assert_int_equal(db_call_forgotten(f->db, SLICE(SID)), DB_OK);
	assert_int_equal(db_call_to_forget(f->db, slice_of(""), &forgotten), DB_NONE);
	assert_int_equal(db_call_is_forgotten(f->db, SLICE(SID)), DB_OK);
	/* What was being uploaded when the row was deleted. */
	const struct call_media late = { .recording_url = "https://s3/c.wav", .recording_ms = -1 };

	assert_int_equal(db_call_forgotten_media(f->db, SLICE(SID), &late), DB_OK);
	assert_int_equal(db_call_forgotten_media(f->db, SLICE("CA2"), &late), DB_NONE);
	assert_int_equal(db_call_to_forget(f->db, slice_of(""), &forgotten), DB_OK);
	assert_string_equal(forgotten.recording_url, "https://s3/c.wav");
}

/* Claims and finishes until nothing is due. */
static int drain(const char *path)
{
	char why[DB_WHY_BYTES_MAX], owner[32];
	struct db *db;
	struct job job;
	int count = 0;

	(void)snprintf(owner, sizeof owner, "%d", (int)getpid());
	if (db_open(&db, path, DB_WRITE, 20000, why, sizeof why) != DB_OK)
		return 99;
	for (;;) {
		const struct job_claim c = { .owner = owner, .kinds = ALL_KINDS, .call_sid = SLICE(""),
			.now_ms = NOW_MS };
		const struct job_finish done = { .state = JOB_DONE, .is_attempt_kept = true, .error = "",
			.next_kinds = 0, .now_ms = NOW_MS };
		const enum db_result result = db_job_claim(db, &c, &job);

		if (result == DB_NONE)
			break;
		if (result != DB_OK || job.attempt != 1 || db_job_finish(db, &job, &done) != DB_OK)
			count = 90;
		count++;
	}
	db_close(db);
	return count;
}

static void processes_at_once_claim_each_job_once(void **state)
{
	enum { CALLS = 40, PROCESSES = 4 };
	struct fixture *f = *state;
	pid_t pids[PROCESSES];
	int total = 0;
	char sid[32];

	for (int i = 0; i < CALLS; i++) {
		(void)snprintf(sid, sizeof sid, "CAmany%d", i);
		add_ended_call(f, sid);
		assert_int_equal(db_job_put(f->db, slice_of(sid), JOB_ASSEMBLE, NOW_MS), DB_OK);
	}
	close_all(f);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(drain(f->path));
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		total += WEXITSTATUS(status);
	}
	assert_int_equal(total, CALLS + 1);
	open_plain(f);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM jobs WHERE state = 'done' AND attempt = 1"), CALLS + 1);
}

#define JOB_CASE(name) cmocka_unit_test_setup_teardown(name, set_up_call, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_CASE(a_job_is_made_once_and_only_for_a_call),
		JOB_CASE(a_job_is_claimed_by_one_and_counts_its_attempt_then),
		JOB_CASE(only_kinds_and_calls_that_are_asked_for_are_claimed),
		JOB_CASE(a_lease_that_ended_gives_the_job_away_and_fences_its_holder_off),
		JOB_CASE(what_follows_is_made_in_the_same_commit),
		JOB_CASE(what_was_finished_is_made_ready_again_by_what_comes_before_it),
		JOB_CASE(a_call_is_complete_with_recording_and_video_and_not_before),
		JOB_CASE(waiting_burns_no_attempt_and_failing_does),
		JOB_CASE(only_the_last_errors_are_kept),
		JOB_CASE(a_dead_job_is_shown_and_gets_all_its_attempts_anew),
		JOB_CASE(a_kind_that_a_setting_keeps_from_working_is_left_alone_and_told_once),
		JOB_CASE(jobs_of_a_process_that_is_gone_are_ready_at_once),
		JOB_CASE(the_cost_of_a_call_is_that_of_its_jobs),
		JOB_CASE(who_knows_the_nonce_wakes_the_job_and_names_it_once),
		JOB_CASE(what_is_left_is_counted_and_listed),
		JOB_CASE(old_jobs_are_forgotten_when_their_call_has_nothing_else_to_do),
		JOB_CASE(a_deleted_call_takes_its_jobs_along_and_is_remembered_as_forgotten),
		JOB_CASE(processes_at_once_claim_each_job_once),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
