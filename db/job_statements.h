/*
 * job_statements - the statements of jobs, the worker's part of db/statements.h.
 *
 * Place:  db only.
 */
#pragma once

#define JOB_COLUMNS \
	"id, call_sid, kind, fence, attempt, attempts_max, created_ms, coalesce(ext_state, ''), coalesce(ext_id, '')," \
	" coalesce(ext_urls, ''), coalesce(ext_nonce, ''), cost_micro_dollars"

#define JOB_IS_DUE \
	"state IN ('ready', 'waiting') AND run_ms <= ?1 AND instr(?2, ' ' || kind || ' ')" \
	" AND (?3 = '' OR call_sid = ?3)" \
	" AND kind NOT IN (SELECT kind FROM parked_kinds WHERE until_ms > ?1)"

#define JOB_RELEASE "state = 'ready', lease_owner = NULL, lease_until_ms = NULL, run_ms = ?1"
#define LEASE_ENDED "'the process that did it was killed, or hung until its lease ended'"

#define JOB_STATEMENTS(STATEMENT) \
	STATEMENT(JOB_PUT, \
		"INSERT INTO jobs(call_sid, kind, run_ms, attempts_max, created_ms) VALUES (?1, ?2, ?4, ?3, ?4)" \
		" ON CONFLICT(call_sid, kind) DO NOTHING") \
	STATEMENT(JOB_NEXT, \
		"INSERT INTO jobs(call_sid, kind, run_ms, attempts_max, created_ms) VALUES (?1, ?2, ?4, ?3, ?4)" \
		" ON CONFLICT(call_sid, kind) DO UPDATE SET state = 'ready', run_ms = excluded.run_ms, attempt = 0," \
		" fence = fence + 1, finished_ms = NULL WHERE state IN ('done', 'dead', 'cancelled', 'waiting')") \
	/* Looking first keeps an idle worker from waiting for the write lock. */ \
	STATEMENT(JOB_DUE, \
		"SELECT EXISTS (SELECT 1 FROM jobs WHERE " JOB_IS_DUE ")" \
		" OR EXISTS (SELECT 1 FROM jobs WHERE state = 'running' AND lease_until_ms < ?1)") \
	STATEMENT(JOB_EXPIRED_NOTE, \
		"INSERT INTO job_errors(job_id, attempt, at_ms, error)" \
		" SELECT id, attempt, ?1, " LEASE_ENDED " FROM jobs WHERE state = 'running' AND lease_until_ms < ?1") \
	STATEMENT(JOB_EXPIRED, \
		"UPDATE jobs SET " JOB_RELEASE ", error = " LEASE_ENDED \
		" WHERE state = 'running' AND lease_until_ms < ?1") \
	STATEMENT(JOB_CLAIM, \
		"UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1, lease_owner = ?4," \
		" lease_until_ms = ?5" \
		" WHERE id = (SELECT id FROM jobs WHERE " JOB_IS_DUE " ORDER BY run_ms, id LIMIT 1)" \
		" RETURNING " JOB_COLUMNS) \
	STATEMENT(JOB_RENEW, \
		"UPDATE jobs SET lease_until_ms = ? WHERE id = ? AND fence = ? AND state = 'running'") \
	STATEMENT(JOB_EXT_PUT, \
		"UPDATE jobs SET ext_state = nullif(?, ''), ext_id = nullif(?, ''), ext_urls = nullif(?, '')," \
		" ext_nonce = nullif(?, ''), cost_micro_dollars = ? WHERE id = ? AND fence = ? AND state = 'running'") \
	STATEMENT(CALL_MEDIA_COST, \
		"UPDATE calls SET media_cost_micro_dollars = (SELECT coalesce(sum(jobs.cost_micro_dollars), 0)" \
		" FROM jobs WHERE jobs.call_sid = calls.call_sid) WHERE call_sid = ?") \
	STATEMENT(JOB_FINISH, \
		"UPDATE jobs SET state = ?1, run_ms = ?2, attempt = iif(?3, attempt, max(attempt - 1, 0))," \
		" lease_owner = NULL, lease_until_ms = NULL, error = nullif(?4, '')," \
		" finished_ms = iif(?1 IN ('done', 'dead', 'cancelled'), ?5, NULL)" \
		" WHERE id = ?6 AND fence = ?7 AND state = 'running'") \
	STATEMENT(JOB_ERROR_PUT, \
		"INSERT INTO job_errors(job_id, attempt, at_ms, error) VALUES (?, ?, ?, ?)") \
	STATEMENT(JOB_ERROR_TRIM, \
		"DELETE FROM job_errors WHERE job_id = ?1 AND id NOT IN" \
		" (SELECT id FROM job_errors WHERE job_id = ?1 ORDER BY id DESC LIMIT ?2)") \
	STATEMENT(CALL_MEDIA, \
		"UPDATE calls SET recording_url = coalesce(nullif(?1, ''), recording_url)," \
		" video_url = coalesce(nullif(?2, ''), video_url)," \
		" captions_url = coalesce(nullif(?3, ''), captions_url)," \
		" recording_ms = coalesce(nullif(?4, -1), recording_ms)," \
		" recording_stopped = coalesce(nullif(?5, ''), recording_stopped)," \
		" status = iif(status = 'ended' AND coalesce(nullif(?1, ''), recording_url) IS NOT NULL" \
		"  AND coalesce(nullif(?2, ''), video_url) IS NOT NULL, 'complete', status)" \
		" WHERE call_sid = ?6") \
	STATEMENT(KIND_PARKED, "SELECT error FROM parked_kinds WHERE kind = ?") \
	STATEMENT(KIND_PARK, \
		"INSERT INTO parked_kinds(kind, error, since_ms, until_ms) VALUES (?, ?, ?, ?)" \
		" ON CONFLICT(kind) DO UPDATE SET error = excluded.error, until_ms = excluded.until_ms") \
	STATEMENT(KIND_UNPARK, "DELETE FROM parked_kinds WHERE ?1 = '' OR kind = ?1") \
	STATEMENT(JOB_OWNERS, "SELECT DISTINCT lease_owner FROM jobs WHERE state = 'running'") \
	STATEMENT(JOB_OWNER_NOTE, \
		"INSERT INTO job_errors(job_id, attempt, at_ms, error)" \
		" SELECT id, attempt, ?1, " LEASE_ENDED " FROM jobs WHERE state = 'running' AND lease_owner = ?2") \
	STATEMENT(JOB_OWNER_RELEASE, \
		"UPDATE jobs SET " JOB_RELEASE ", error = " LEASE_ENDED \
		" WHERE state = 'running' AND lease_owner = ?2") \
	STATEMENT(JOB_RETRY, \
		"UPDATE jobs SET state = 'ready', attempt = 0, fence = fence + 1, run_ms = ?1, finished_ms = NULL" \
		" WHERE state = 'dead' AND (?2 = '' OR call_sid = ?2)") \
	STATEMENT(JOB_COUNTS, \
		"SELECT count(iif(state IN ('ready', 'waiting') AND NOT parked AND run_ms <= ?1, 1, NULL))," \
		" count(iif(state IN ('ready', 'waiting') AND NOT parked AND run_ms > ?1, 1, NULL))," \
		" count(iif(state = 'running', 1, NULL)), count(iif(state = 'dead', 1, NULL))," \
		" count(iif(state IN ('ready', 'waiting') AND parked, 1, NULL))," \
		" coalesce(min(iif(state IN ('ready', 'waiting') AND NOT parked AND run_ms > ?1, run_ms, NULL)), 0)" \
		" FROM (SELECT state, run_ms, kind IN (SELECT kind FROM parked_kinds WHERE until_ms > ?1) AS parked" \
		"  FROM jobs WHERE state NOT IN ('done', 'cancelled') AND (?2 = '' OR call_sid = ?2)" \
		"   AND instr(?3, ' ' || kind || ' '))") \
	STATEMENT(JOB_LIST, \
		"SELECT call_sid, kind, state, attempt, attempts_max, run_ms, coalesce(error, '') FROM jobs" \
		" WHERE (?1 <> '' OR state NOT IN ('done', 'cancelled')) AND (?1 = '' OR call_sid = ?1)" \
		" ORDER BY created_ms, id") \
	STATEMENT(JOB_STATE, "SELECT state FROM jobs WHERE call_sid = ? AND kind = ?") \
	STATEMENT(JOB_PRUNE, \
		"DELETE FROM jobs WHERE state IN ('done', 'cancelled') AND finished_ms < ?1 AND NOT EXISTS" \
		" (SELECT 1 FROM jobs AS other WHERE other.call_sid = jobs.call_sid" \
		"  AND (other.finished_ms IS NULL OR other.finished_ms >= ?1 OR other.state = 'dead'))") \
	STATEMENT(JOB_TOLD, \
		"UPDATE jobs SET state = iif(state = 'waiting', 'ready', state), run_ms = min(run_ms, ?1)," \
		" ext_id = coalesce(ext_id, nullif(?2, ''))" \
		" WHERE id = ?3 AND ext_nonce = ?4 AND state IN ('ready', 'waiting', 'running')") \
	STATEMENT(CALL_ABANDONED, \
		"UPDATE calls SET status = 'ended', ended_ms = max(?1, created_ms)," \
		" twilio_status = coalesce(twilio_status, 'in-progress')," \
		" end_reason = iif(status = 'transferring', 'transferred'," \
		"  iif(started_ms IS NULL, 'no-stream', 'unreported'))" \
		" WHERE call_sid = ?2 AND status NOT IN ('ended', 'complete')") \
	STATEMENT(CALLS_ABANDONED, \
		"UPDATE calls SET status = 'ended', twilio_status = coalesce(twilio_status, 'in-progress')," \
		" ended_ms = coalesce(started_ms, created_ms) + coalesce((SELECT max(end_ms) FROM turns" \
		"  WHERE turns.call_sid = calls.call_sid), 0)," \
		" end_reason = iif(status = 'transferring', 'transferred'," \
		"  iif(started_ms IS NULL, 'no-stream', 'unreported'))" \
		" WHERE status IN ('live', 'transferring') AND created_ms < ?1 - 90000000" \
		" OR status = 'ringing' AND created_ms < ?1 - 3600000 RETURNING call_sid") \
	STATEMENT(CALL_RECOVER, \
		"INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms," \
		" started_ms, ended_ms, end_reason, stream_sid, twilio_status)" \
		" VALUES (?1, ?2, ?3, ?4, 'ended', ?5, ?5, max(?5, ?6), ?7, nullif(?8, ''), 'in-progress')" \
		" ON CONFLICT(call_sid) DO NOTHING") \
	STATEMENT(CALL_FORGOTTEN, \
		"SELECT 1 FROM forgotten_calls WHERE call_sid = ?") \
	STATEMENT(CALLS_FORGOTTEN, \
		"SELECT call_sid, coalesce(recording_url, ''), coalesce(video_url, ''), coalesce(captions_url, '')," \
		" coalesce(voicemail_urls, '') FROM forgotten_calls WHERE call_sid > ?" \
		" AND coalesce(recording_url, video_url, captions_url, voicemail_urls) IS NOT NULL" \
		" ORDER BY call_sid LIMIT 1") \
	STATEMENT(CALL_FORGOTTEN_DONE, \
		"UPDATE forgotten_calls SET recording_url = NULL, video_url = NULL, captions_url = NULL," \
		" voicemail_urls = NULL WHERE call_sid = ?") \
	STATEMENT(CALL_FORGOTTEN_ADD, \
		"UPDATE forgotten_calls SET recording_url = coalesce(recording_url, nullif(?, ''))," \
		" video_url = coalesce(video_url, nullif(?, ''))," \
		" captions_url = coalesce(captions_url, nullif(?, ''))" \
		" WHERE call_sid = ?") \
	STATEMENT(CALLS_FORGOTTEN_PRUNE, \
		"DELETE FROM forgotten_calls WHERE forgotten_ms < ?" \
		" AND coalesce(recording_url, video_url, captions_url, voicemail_urls) IS NULL") \
	STATEMENT(VOICEMAIL_NEXT, \
		"SELECT id, created_ms, source_id, twilio_url, recording_url IS NOT twilio_url FROM messages" \
		" WHERE call_sid = ? AND id > ? AND kind = 'voicemail' AND twilio_url IS NOT NULL" \
		" AND fetched_ms IS NULL ORDER BY id LIMIT 1") \
	STATEMENT(VOICEMAIL_KEPT, \
		"UPDATE messages SET recording_url = ?, recording_ms = ? WHERE id = ? AND fetched_ms IS NULL") \
	STATEMENT(VOICEMAIL_FETCHED, "UPDATE messages SET fetched_ms = ? WHERE id = ? AND fetched_ms IS NULL") \
	/* Calls that somebody may have forgotten to end, oldest first. */ \
	STATEMENT(CALL_LIVE_AFTER, \
		"SELECT call_sid, coalesce(stream_sid, ''), created_ms FROM calls" \
		" WHERE status NOT IN ('ended', 'complete') AND status = 'live' AND started_ms < ?1" \
		" AND (created_ms, call_sid) > (?2, ?3) ORDER BY created_ms, call_sid LIMIT 1") \
	/* Of that stream only: a caller may have come back in another meanwhile. */ \
	STATEMENT(CALL_GONE, \
		"UPDATE calls SET status = 'ended', twilio_status = coalesce(twilio_status, 'in-progress')," \
		" end_reason = 'unreported', ended_ms = started_ms + coalesce((SELECT max(end_ms) FROM turns" \
		"  WHERE turns.call_sid = calls.call_sid), 0)" \
		" WHERE call_sid = ? AND status = 'live' AND coalesce(stream_sid, '') = ?")
