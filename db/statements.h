/*
 * statements - every statement that the programs run: one table, all prepared at db_open().
 *
 * Place:  db only. STATEMENT(NAME, sql); the functions bind in the order of the question marks.
 */
#pragma once

#define MERCHANT_COLUMNS \
	"id, active, recording, name, phone_number, coalesce(greeting, ''), coalesce(disclosure, '')," \
	" coalesce(instructions, ''), coalesce(voice, ''), coalesce(language, ''), time_zone," \
	" coalesce(fallback_number, ''), coalesce(transfer_number, '')"

#define STATEMENTS(STATEMENT) \
	STATEMENT(HEALTH, "SELECT count(*) FROM (SELECT 1 FROM merchants LIMIT 1)") \
	STATEMENT(BEGIN, "BEGIN IMMEDIATE") \
	STATEMENT(COMMIT, "COMMIT") \
	STATEMENT(ROLLBACK, "ROLLBACK") \
	STATEMENT(MERCHANT_BY_NUMBER, "SELECT " MERCHANT_COLUMNS " FROM merchants WHERE phone_number = ?") \
	STATEMENT(MERCHANT_BY_ID, "SELECT " MERCHANT_COLUMNS " FROM merchants WHERE id = ?") \
	STATEMENT(CALL_BEGIN, \
		"INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms)" \
		" VALUES (?, ?, ?, ?, ?) ON CONFLICT(call_sid) DO NOTHING") \
	STATEMENT(CALL_BY_SID, \
		"SELECT call_sid, coalesce(stream_sid, ''), caller_number, called_number, merchant_id, status," \
		" coalesce(end_reason, ''), created_ms, started_ms, answered_ms, ended_ms" \
		" FROM calls WHERE call_sid = ?") \
	STATEMENT(CALL_START, \
		"UPDATE calls SET status = 'live', stream_sid = ?, started_ms = coalesce(started_ms, ?)" \
		" WHERE call_sid = ? AND status <> 'ended'") \
	STATEMENT(CALL_ANSWER, \
		"UPDATE calls SET answered_ms = coalesce(answered_ms, ?) WHERE call_sid = ?") \
	STATEMENT(CALL_END, \
		"UPDATE calls SET status = 'ended', end_reason = ?, ended_ms = ?, heard_ms = ?, spoken_ms = ?" \
		" WHERE call_sid = ?" \
		" AND (status <> 'ended' OR (heard_ms IS NULL AND end_reason IN ('no-stream', 'unreported')))") \
	STATEMENT(CALL_TWILIO_NOTE, \
		"UPDATE calls SET twilio_status = iif(status = 'ended', twilio_status, ?) WHERE call_sid = ?") \
	STATEMENT(CALL_TWILIO_END, \
		"UPDATE calls SET twilio_status = ?, twilio_duration_s = coalesce(?, twilio_duration_s)," \
		" ended_ms = coalesce(ended_ms, ?)," \
		" end_reason = coalesce(end_reason, iif(started_ms IS NULL, 'no-stream', 'unreported'))," \
		" status = 'ended' WHERE call_sid = ?") \
	STATEMENT(STREAM_EVENT, \
		"INSERT INTO stream_events(call_sid, stream_sid, event, error, at_ms) VALUES (?, ?, ?, ?, ?)" \
		" ON CONFLICT(call_sid, stream_sid, event) DO NOTHING") \
	STATEMENT(TURN_PUT, \
		"INSERT INTO turns(call_sid, position, role, text, start_ms, end_ms, final, cut)" \
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?)" \
		" ON CONFLICT(call_sid, position) DO UPDATE SET role = excluded.role, text = excluded.text," \
		" start_ms = excluded.start_ms, end_ms = excluded.end_ms, final = excluded.final," \
		" cut = excluded.cut WHERE turns.final = 0")

enum statement {
#define STATEMENT_ENUM(name, sql) STATEMENT_##name,
	STATEMENTS(STATEMENT_ENUM)
#undef STATEMENT_ENUM
	STATEMENT_COUNT
};
