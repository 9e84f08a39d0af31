/*
 * statements - every statement that the programs run: one table, all prepared at db_open().
 *
 * Place:  db only. STATEMENT(NAME, sql); the functions bind in the order of the question marks.
 */
#pragma once

#include "db/job_statements.h"
#include "db/retention_statements.h"

#define MERCHANT_COLUMNS \
	"id, active, recording, name, phone_number, coalesce(greeting, ''), coalesce(disclosure, '')," \
	" coalesce(instructions, ''), coalesce(voice, ''), coalesce(language, ''), time_zone," \
	" coalesce(fallback_number, ''), coalesce(transfer_number, ''), coalesce(farewell, ''), hold_off_ms," \
	" protect_disclosure, protect_greeting, local_vad, vad_threshold, vad_silence_ms, keypad, transfer_fallback," \
	" coalesce(calls_max, -1), coalesce(minutes_month_max, -1)," \
	" CAST(round(coalesce(dollars_month_max * 1000000, -1)) AS INTEGER), coalesce(call_s_max, -1)," \
	" recording_consent, video, CAST(round(coalesce(fal_dollars_call_max * 1000000, -1)) AS INTEGER), summary," \
	" coalesce(notify_url, ''), coalesce(notify_secret, ''), coalesce(notify_email, '')," \
	" after_hours, coalesce(after_hours_instructions, ''), coalesce(after_hours_number, '')," \
	" coalesce(after_hours_notice, ''), memory, memory_days, coalesce(retention_days, -1)"

/* Calls that were deleted have been paid for all the same. */
#define DELETED_USE " FROM deleted_use WHERE merchant_id = ?1 AND month = " MONTH_OF("?3")

/* The rules that a number may meet: its own, and one for each way of cutting it. */
#define CUT(len) ", substr(?2, 1, " #len ") || '*'"
#define RULE_NUMBERS \
	"?2" CUT(2) CUT(3) CUT(4) CUT(5) CUT(6) CUT(7) CUT(8) CUT(9) CUT(10) CUT(11) CUT(12) CUT(13) CUT(14) CUT(15)

/* What she did for the caller of a row in `calls`. */
#define SHE_DID \
	"iif(EXISTS(SELECT 1 FROM messages WHERE messages.call_sid = calls.call_sid AND kind = 'spoken')," \
	" 'message', 'receptionist')"

#define STATEMENTS(STATEMENT) \
	JOB_STATEMENTS(STATEMENT) \
	STATEMENT(HEALTH, "SELECT count(*) FROM (SELECT 1 FROM merchants LIMIT 1)") \
	STATEMENT(BEGIN, "BEGIN IMMEDIATE") \
	STATEMENT(COMMIT, "COMMIT") \
	STATEMENT(ROLLBACK, "ROLLBACK") \
	STATEMENT(MERCHANT_BY_NUMBER, "SELECT " MERCHANT_COLUMNS " FROM merchants WHERE phone_number = ?1" \
		" OR id = (SELECT merchant_id FROM merchant_numbers WHERE phone_number = ?1)") \
	STATEMENT(MERCHANT_BY_ID, "SELECT " MERCHANT_COLUMNS " FROM merchants WHERE id = ?") \
	STATEMENT(MERCHANT_KEYS, \
		"SELECT digit, action, coalesce(number, '') FROM merchant_keys WHERE merchant_id = ? ORDER BY digit") \
	STATEMENT(MERCHANT_HOURS, \
		"SELECT weekday, substr(opens, 1, 2) * 60 + substr(opens, 4, 2)," \
		" substr(closes, 1, 2) * 60 + substr(closes, 4, 2) + iif(closes < opens, 1440, 0)" \
		" FROM merchant_hours WHERE merchant_id = ? ORDER BY weekday, opens") \
	STATEMENT(MERCHANT_DAYS, \
		"SELECT iif(length(day) = 5, 0, substr(day, 1, 4)), substr(day, -5, 2), substr(day, -2)," \
		" opens IS NULL," \
		" substr(opens, 1, 2) * 60 + substr(opens, 4, 2)," \
		" substr(closes, 1, 2) * 60 + substr(closes, 4, 2) + iif(closes < opens, 1440, 0), coalesce(note, '')" \
		" FROM merchant_days WHERE merchant_id = ? ORDER BY length(day), day, opens") \
	STATEMENT(MERCHANT_FAQ, \
		"SELECT question, answer FROM merchant_faq WHERE merchant_id = ? AND active ORDER BY id") \
	STATEMENT(MERCHANT_STAFF, \
		"SELECT id, name, coalesce(role, ''), number, coalesce(weekday, -1)," \
		" substr(opens, 1, 2) * 60 + substr(opens, 4, 2)," \
		" substr(closes, 1, 2) * 60 + substr(closes, 4, 2) + iif(closes < opens, 1440, 0)" \
		" FROM merchant_staff LEFT JOIN staff_hours ON staff_id = id" \
		" WHERE merchant_id = ? AND active ORDER BY name, id, weekday, opens") \
	/* The call's row says who calls; whoever forged a number is told nothing of whose it is, nor remembered. */ \
	STATEMENT(MERCHANT_CALLER, \
		"SELECT direction IS 'outbound', coalesce(name, ''), coalesce(note, ''), coalesce(text, '')," \
		" coalesce(last_ms, 0), coalesce(calls, 0)" \
		" FROM (SELECT direction, iif(attestation = 'failed', '', coalesce(caller_number, ?3)) AS caller" \
		"  FROM (SELECT 1) LEFT JOIN calls ON call_sid = ?2)" \
		" LEFT JOIN caller_notes AS notes ON notes.merchant_id = ?1 AND notes.number = caller" \
		" LEFT JOIN caller_memory AS memory ON memory.merchant_id = ?1 AND memory.number = caller" \
		"  AND last_ms > (SELECT ?4 - memory_days * 86400000 FROM merchants" \
		"   WHERE id = ?1 AND merchants.memory)") \
	/* The last call counts, whichever job is late; a summary counts more than what it is made from. */ \
	STATEMENT(CALLER_REMEMBER, \
		"INSERT INTO caller_memory(merchant_id, number, last_call_sid, last_ms, calls, text)" \
		" SELECT merchant_id, caller_number, call_sid, coalesce(ended_ms, created_ms), 1, ?1" \
		"  FROM calls JOIN merchants ON merchants.id = merchant_id WHERE call_sid = ?2 AND memory" \
		"  AND calls.attestation IS NOT 'failed'" \
		" ON CONFLICT(merchant_id, number) DO UPDATE SET last_call_sid = excluded.last_call_sid," \
		"  last_ms = excluded.last_ms, calls = calls + (last_call_sid <> excluded.last_call_sid)," \
		"  text = excluded.text" \
		"  WHERE iif(last_call_sid = excluded.last_call_sid, ?3, last_ms <= excluded.last_ms)") \
	STATEMENT(TURN_BACK_FROM, \
		"SELECT coalesce(max(position), -1) FROM (SELECT position," \
		" sum(min(length(CAST(text AS BLOB)), ?2) + 32) OVER (ORDER BY position DESC) AS bytes" \
		"  FROM turns WHERE call_sid = ?1 AND text <> '') WHERE bytes > ?3") \
	STATEMENT(MERCHANT_TOOLS, \
		"SELECT kind, name, coalesce(description, ''), coalesce(parameters, ''), coalesce(url, '')," \
		" coalesce(secret, ''), coalesce(options, ''), timeout_ms, retry, allow_private, digits" \
		" FROM merchant_tools WHERE merchant_id = ? AND active ORDER BY name") \
	/* A call that nobody ended stops counting: ringing after 2 minutes, live after a day. */ \
	STATEMENT(MERCHANT_MONTH, \
		"SELECT (SELECT count(*) FROM calls WHERE merchant_id = ?1 AND call_sid <> ?2" \
		"  AND created_ms > ?3 - 86400000 AND handled IS NOT 'rejected'" \
		"  AND (status IN ('live', 'transferring')" \
		"   OR status = 'ringing' AND created_ms > ?3 - 120000))," \
		" coalesce(sum(CASE status WHEN 'ringing' THEN 0 WHEN 'live' THEN max(?3 - started_ms, 0)" \
		"  ELSE coalesce(heard_ms, ended_ms - started_ms) END), 0)" \
		"  + coalesce((SELECT talked_ms" DELETED_USE "), 0)," \
		" coalesce(sum(cost_micro_dollars + media_cost_micro_dollars), 0)" \
		"  + coalesce((SELECT micro_dollars" DELETED_USE "), 0)" \
		" FROM calls WHERE merchant_id = ?1 AND call_sid <> ?2 AND handled IS NOT 'rejected'" \
		" AND created_ms >= strftime('%s', ?3 / 1000, 'unixepoch', 'start of month') * 1000") \
	STATEMENT(CALL_BEGIN, \
		"INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, direction," \
		" attestation) VALUES (?, ?, ?, ?, ?, iif(?, 'outbound', 'inbound'), nullif(?, ''))" \
		" ON CONFLICT(call_sid) DO NOTHING") \
	/* The unique index of caller_rules counts "for all merchants" as 0. */ \
	STATEMENT(SCREENING_FACTS, \
		"SELECT coalesce((SELECT rule FROM caller_rules WHERE coalesce(merchant_id, 0) IN (0, ?1)" \
		"  AND number IN (" RULE_NUMBERS ") AND coalesce(until_ms > ?3, 1)" \
		"  ORDER BY length(rtrim(number, '*')) DESC, number GLOB '*[*]', merchant_id IS NULL, rule" \
		"  LIMIT 1), '')," \
		" anonymous, attestation, coalesce(caller_calls_hour_max, -1), coalesce(calls_hour_max, -1)," \
		" (SELECT count(*) FROM (SELECT 1 FROM calls WHERE merchant_id = ?1 AND caller_number = ?2" \
		"  AND created_ms > ?3 - 3600000 AND direction = 'inbound'" \
		"  LIMIT (SELECT coalesce(caller_calls_hour_max, 0) FROM merchants WHERE id = ?1)))," \
		" (SELECT count(*) FROM (SELECT 1 FROM calls WHERE merchant_id = ?1 AND created_ms > ?3 - 3600000" \
		"  AND direction = 'inbound' AND handled IS NOT 'rejected'" \
		"  LIMIT (SELECT coalesce(calls_hour_max, 0) FROM merchants WHERE id = ?1)))" \
		" FROM merchants WHERE id = ?1") \
	STATEMENT(SCREENING_PUT, \
		"INSERT INTO screenings(call_sid, merchant_id, caller_number, called_number, at_ms, verdict, reason," \
		" attestation) VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, '')) ON CONFLICT(call_sid) DO NOTHING") \
	STATEMENT(SCREENING_BY_SID, \
		"SELECT coalesce(verdict, 'accept'), coalesce(reason, '') FROM (SELECT ? AS sid)" \
		" LEFT JOIN screenings ON screenings.call_sid = sid LEFT JOIN calls ON calls.call_sid = sid" \
		" WHERE coalesce(verdict, calls.call_sid) IS NOT NULL") \
	STATEMENT(CALL_TURN_AWAY, \
		"INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, ended_ms, status," \
		" end_reason, handled, attestation)" \
		" VALUES (?1, ?2, ?3, ?4, ?5, ?5, 'ended', 'rejected', 'rejected', nullif(?6, ''))" \
		" ON CONFLICT(call_sid) DO NOTHING") \
	STATEMENT(CALL_BY_SID, \
		"SELECT call_sid, coalesce(stream_sid, ''), caller_number, called_number, merchant_id," \
		" iif(status = 'complete', 'ended', status), status = 'complete'," \
		" coalesce(end_reason, ''), created_ms, started_ms, answered_ms, ended_ms," \
		" coalesce(transfer_number, ''), coalesce(transfer_result, ''), direction = 'outbound'," \
		" coalesce(handled, '')" \
		" FROM calls WHERE call_sid = ?") \
	STATEMENT(CALL_START, \
		"UPDATE calls SET status = 'live', stream_sid = ?, started_ms = coalesce(started_ms, ?)" \
		" WHERE call_sid = ? AND status NOT IN ('ended', 'complete')") \
	/* Reads what CALL_START has just written. */ \
	STATEMENT(CALL_STARTED, \
		"SELECT (SELECT coalesce(max(position) + 1, 0) FROM turns WHERE turns.call_sid = calls.call_sid)," \
		" max(? - started_ms, 0), input_audio_ms, output_audio_ms, cost_micro_dollars, resumed_count" \
		" FROM calls WHERE call_sid = ?") \
	STATEMENT(CALL_RECORDING_STOPPED, \
		"UPDATE calls SET recording_stopped = iif(recording_stopped IS 'withdrawn', recording_stopped, ?)" \
		" WHERE call_sid = ?") \
	STATEMENT(CALL_TRANSFER, \
		"UPDATE calls SET transfer_number = ?, transfer_result = NULL" \
		" WHERE call_sid = ? AND status NOT IN ('ended', 'complete')") \
	STATEMENT(CALL_HAND_OVER, \
		"UPDATE calls SET status = 'transferring', heard_ms = coalesce(heard_ms, 0) + ?," \
		" spoken_ms = coalesce(spoken_ms, 0) + ?, started_ms = coalesce(started_ms, nullif(?, 0))," \
		" answered_ms = coalesce(answered_ms, nullif(?, 0))" \
		" WHERE call_sid = ? AND status IN ('ringing', 'live') AND transfer_number IS NOT NULL") \
	STATEMENT(CALL_TRANSFERRED, \
		"UPDATE calls SET transfer_result = ?1, status = iif(?2, 'ended', status)," \
		" end_reason = iif(?2, 'transferred', NULL), ended_ms = iif(?2, ?3, NULL)" \
		" WHERE call_sid = ?4 AND status = 'transferring'") \
	STATEMENT(CALL_LOST, \
		"UPDATE calls SET status = 'ended', ended_ms = ?," \
		" twilio_status = coalesce(twilio_status, 'in-progress')," \
		" end_reason = iif(started_ms IS NULL, 'no-stream', 'unreported')" \
		" WHERE call_sid = ? AND status IN ('ringing', 'live')") \
	STATEMENT(CALL_USAGE, \
		"UPDATE calls SET provider = iif(?, 'fallback', 'grok'), resumed_count = ?, input_audio_ms = ?," \
		" output_audio_ms = ?, cost_micro_dollars = ? WHERE call_sid = ?") \
	/* That it was the receptionist or nobody is concluded from the row: what was seen to happen stays. */ \
	STATEMENT(CALL_HANDLED, \
		"UPDATE calls SET handled = iif(?1 = 'receptionist', " SHE_DID ", ?1) WHERE call_sid = ?2" \
		" AND (?1 NOT IN ('receptionist', 'nobody') OR coalesce(handled, 'nobody') = 'nobody')") \
	STATEMENT(FALLBACKS, \
		"SELECT phone_number, id, coalesce(fallback_number, '') FROM merchants WHERE active" \
		" UNION ALL SELECT n.phone_number, m.id, coalesce(fallback_number, '')" \
		" FROM merchant_numbers n JOIN merchants m ON m.id = merchant_id WHERE active LIMIT ?") \
	STATEMENT(CALL_ANSWER, \
		"UPDATE calls SET answered_ms = coalesce(answered_ms, ?) WHERE call_sid = ?") \
	STATEMENT(CALL_END, \
		"UPDATE calls SET status = iif(status = 'complete', status, 'ended'), end_reason = ?, ended_ms = ?," \
		" heard_ms = coalesce(heard_ms, 0) + ?," \
		" spoken_ms = coalesce(spoken_ms, 0) + ?, started_ms = coalesce(started_ms, nullif(?, 0))," \
		" answered_ms = coalesce(answered_ms, nullif(?6, 0))," \
		" handled = iif(handled = 'nobody' AND ?6 <> 0, " SHE_DID ", handled)" \
		" WHERE call_sid = ?7 AND (status NOT IN ('ended', 'complete')" \
		"  OR (twilio_status IS NOT NULL AND end_reason IN ('no-stream', 'unreported')))") \
	STATEMENT(CALL_TWILIO_NOTE, \
		"UPDATE calls SET twilio_status = iif(status IN ('ended', 'complete'), twilio_status, ?)" \
		" WHERE call_sid = ?") \
	STATEMENT(CALL_TWILIO_END, \
		"UPDATE calls SET twilio_status = ?, twilio_duration_s = coalesce(?, twilio_duration_s)," \
		" ended_ms = coalesce(ended_ms, ?)," \
		" end_reason = coalesce(end_reason, iif(status = 'transferring', 'transferred'," \
		"  iif(started_ms IS NULL, 'no-stream', 'unreported')))," \
		" status = iif(status = 'complete', status, 'ended') WHERE call_sid = ?") \
	STATEMENT(STREAM_EVENT, \
		"INSERT INTO stream_events(call_sid, stream_sid, event, error, at_ms) VALUES (?, ?, ?, ?, ?)" \
		" ON CONFLICT(call_sid, stream_sid, event) DO NOTHING") \
	STATEMENT(TURN_PUT, \
		"INSERT INTO turns(call_sid, position, role, text, start_ms, end_ms, final, cut, language)" \
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))" \
		" ON CONFLICT(call_sid, position) DO UPDATE SET role = excluded.role, text = excluded.text," \
		" start_ms = excluded.start_ms, end_ms = excluded.end_ms, final = excluded.final," \
		" cut = excluded.cut, language = coalesce(excluded.language, language) WHERE turns.final = 0") \
	STATEMENT(TURN_AFTER, \
		"SELECT position, role, text, start_ms, end_ms, final, cut, coalesce(language, '')" \
		" FROM turns WHERE call_sid = ? AND position > ? ORDER BY position LIMIT 1") \
	STATEMENT(MESSAGE_PUT, \
		"INSERT INTO messages(call_sid, merchant_id, kind, source_id, caller_name, callback_number, text," \
		" urgent, recording_url, twilio_url, recording_ms, created_ms)" \
		" SELECT call_sid, merchant_id, ?1, ?2, nullif(?3, ''), nullif(?4, ''), nullif(?5, ''), ?6," \
		"  nullif(?7, ''), nullif(?7, ''), nullif(?8, -1), ?9 FROM calls WHERE call_sid = ?10" \
		" ON CONFLICT(call_sid, source_id) DO UPDATE" \
		" SET recording_ms = coalesce(excluded.recording_ms, recording_ms)") \
	STATEMENT(FAL_KEYS_PUT, \
		"INSERT INTO fal_keys(id, key_set, fetched_ms) VALUES (1, ?, ?)" \
		" ON CONFLICT(id) DO UPDATE SET key_set = excluded.key_set, fetched_ms = excluded.fetched_ms") \
	STATEMENT(FAL_KEYS, "SELECT key_set, fetched_ms FROM fal_keys") \
	/* WHERE tells SQLite that ON is no join's. */ \
	STATEMENT(FAL_TELL, \
		"INSERT INTO fal_told(job_id, nonce, request_id, failed, error, video_url, told_ms)" \
		" SELECT id, ext_nonce, ?1, ?2, ?3, ?4, ?5 FROM jobs" \
		"  WHERE id = ?6 AND ext_nonce = ?7 AND kind = 'video' AND coalesce(ext_id, ?1) = ?1" \
		" ON CONFLICT(job_id) DO UPDATE SET nonce = excluded.nonce, request_id = excluded.request_id," \
		"  failed = excluded.failed, error = excluded.error, video_url = excluded.video_url," \
		"  told_ms = excluded.told_ms" \
		"  WHERE fal_told.nonce <> excluded.nonce OR fal_told.request_id = excluded.request_id") \
	STATEMENT(FAL_TOLD, \
		"SELECT request_id, failed, error, video_url FROM fal_told WHERE job_id = ? AND nonce = ?") \
	/* --- after the call --- */ \
	STATEMENT(TURNS_BYTES, \
		"SELECT coalesce(sum(length(CAST(text AS BLOB))), 0) FROM turns WHERE call_sid = ?") \
	STATEMENT(SUMMARY_PUT, \
		"INSERT INTO summaries(call_sid, summary, intent, caller_name, callback_needed, action_items, model," \
		" cost_micro_dollars, created_ms) VALUES (?, ?, nullif(?, ''), nullif(?, ''), ?, ?, ?, ?, ?)" \
		" ON CONFLICT(call_sid) DO NOTHING") \
	STATEMENT(SUMMARY_BY_SID, \
		"SELECT summary, coalesce(intent, ''), coalesce(caller_name, ''), callback_needed, action_items" \
		" FROM summaries WHERE call_sid = ?") \
	STATEMENT(REPORT_BY_SID, \
		"SELECT coalesce(recording_url, ''), coalesce(video_url, ''), coalesce(captions_url, '')," \
		" coalesce(recording_ms, -1), coalesce(recording_stopped, '')," \
		" coalesce(heard_ms, 0), coalesce(spoken_ms, 0)," \
		" (SELECT count(*) FROM turns WHERE turns.call_sid = calls.call_sid AND text <> '')," \
		" coalesce(twilio_status IN ('completed', 'busy', 'failed', 'no-answer', 'canceled'), 0)," \
		" coalesce(sum(kind IN ('assemble', 'video', 'upload')), 0)," \
		" coalesce(sum(kind IN ('assemble', 'video', 'upload')" \
		"  AND state NOT IN ('done', 'dead', 'cancelled')), 0)," \
		" coalesce(sum(kind IN ('assemble', 'video', 'upload') AND state = 'dead'), 0)," \
		/* What failed twice, or what a wrong setting keeps from being made, holds nobody up. */ \
		" coalesce(sum(kind IN ('summary', 'voicemail') AND attempt <= 2" \
		"  AND state NOT IN ('done', 'dead', 'cancelled')" \
		"  AND kind NOT IN (SELECT kind FROM parked_kinds)), 0)" \
		" FROM calls LEFT JOIN jobs USING (call_sid) WHERE calls.call_sid = ? GROUP BY calls.call_sid") \
	STATEMENT(MESSAGES_OF, \
		"SELECT kind, coalesce(caller_name, ''), coalesce(callback_number, ''), coalesce(text, ''), urgent," \
		" coalesce(recording_url, ''), coalesce(recording_ms, -1), created_ms" \
		" FROM messages WHERE call_sid = ? ORDER BY id") \
	STATEMENT(NOTICE_PUT, \
		"INSERT INTO notices(call_sid, channel, event_id, state, error, sent_ms)" \
		" VALUES (?, ?, ?, ?, nullif(?, ''), ?)" \
		" ON CONFLICT(call_sid, channel) DO UPDATE SET state = excluded.state, error = excluded.error," \
		" sent_ms = excluded.sent_ms WHERE notices.state <> 'sent'") \
	STATEMENT(NOTICE_STATE, "SELECT state FROM notices WHERE call_sid = ? AND channel = ?") \
	STATEMENT(OUTGOING_PUT, \
		"INSERT INTO outgoing_calls(id, merchant_id, number, opening, machine, created_ms)" \
		" VALUES (?, ?, ?, nullif(?, ''), ?, ?)") \
	STATEMENT(OUTGOING_PLACED, \
		"UPDATE outgoing_calls SET call_sid = nullif(?, ''), error = nullif(?, '') WHERE id = ?") \
	STATEMENT(OUTGOING_ANSWERED, \
		"UPDATE outgoing_calls SET call_sid = ?, answered_by = nullif(?, '') WHERE id = ?") \
	STATEMENT(OUTGOING_BY_ID, \
		"SELECT merchant_id, number, coalesce(opening, ''), machine FROM outgoing_calls WHERE id = ?") \
	STATEMENT(TOOL_CALL_PUT, \
		"INSERT INTO tool_calls(call_sid, tool_call_id, name, status, started_ms, took_ms)" \
		" VALUES (?, ?, ?, ?, ?, ?)" \
		" ON CONFLICT(call_sid, tool_call_id) DO UPDATE SET name = excluded.name, status = excluded.status," \
		" started_ms = excluded.started_ms, took_ms = excluded.took_ms") \
	RETENTION_STATEMENTS(STATEMENT)

enum statement {
#define STATEMENT_ENUM(name, sql) STATEMENT_##name,
	STATEMENTS(STATEMENT_ENUM)
#undef STATEMENT_ENUM
	STATEMENT_COUNT
};
