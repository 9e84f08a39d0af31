/*
 * retention_statements - the statements that delete what is too old, a part of db/statements.h.
 *
 * Place:  db only.
 */
#pragma once

/* Of merchant ?1, before ?2. A call that goes on is never too old. */
#define OLD_CALLS "FROM calls WHERE merchant_id = ?1 AND created_ms < ?2 AND status IN ('ended', 'complete')"
#define OLD_SCREENINGS "FROM screenings WHERE merchant_id = ?1 AND at_ms < ?2"
#define OLD_ORDERS "FROM outgoing_calls WHERE merchant_id = ?1 AND created_ms < ?2"
#define MONTH_OF(ms) "strftime('%Y-%m', " ms " / 1000, 'unixepoch')"

#define RETENTION_STATEMENTS(STATEMENT) \
	STATEMENT(RETENTION_NEXT, \
		"SELECT id, name, coalesce(calls_before, 0), memories_before" \
		" FROM (SELECT id, name, ?2 - retention_days * 86400000 AS calls_before," \
		"  ?2 - memory_days * 86400000 AS memories_before FROM merchants) AS m" \
		" WHERE id > ?1 AND (" \
		"  EXISTS (SELECT 1 FROM calls WHERE merchant_id = m.id AND created_ms < calls_before" \
		"   AND status IN ('ended', 'complete'))" \
		"  OR EXISTS (SELECT 1 FROM screenings WHERE merchant_id = m.id AND at_ms < calls_before)" \
		"  OR EXISTS (SELECT 1 FROM outgoing_calls WHERE merchant_id = m.id AND created_ms < calls_before)" \
		"  OR EXISTS (SELECT 1 FROM caller_memory WHERE merchant_id = m.id AND last_ms < memories_before))" \
		" ORDER BY id LIMIT 1") \
	STATEMENT(RETENTION_COUNT, \
		"SELECT (SELECT count(*) " OLD_CALLS ")," \
		" (SELECT count(*) " OLD_SCREENINGS " AND call_sid NOT IN (SELECT call_sid FROM calls))," \
		" (SELECT count(*) " OLD_ORDERS ")," \
		" (SELECT count(*) FROM caller_memory WHERE merchant_id = ?1 AND last_ms < ?3)") \
	STATEMENT(RETENTION_KEEP_USE, \
		"INSERT INTO deleted_use(merchant_id, month, talked_ms, micro_dollars)" \
		" SELECT ?1, " MONTH_OF("?4") ", sum(max(coalesce(heard_ms, ended_ms - started_ms, 0), 0))," \
		"  sum(cost_micro_dollars + media_cost_micro_dollars)" \
		"  FROM (SELECT * " OLD_CALLS " ORDER BY created_ms, rowid LIMIT ?3)" \
		"  WHERE " MONTH_OF("created_ms") " = " MONTH_OF("?4") " HAVING count(*)" \
		" ON CONFLICT(merchant_id, month) DO UPDATE SET talked_ms = talked_ms + excluded.talked_ms," \
		"  micro_dollars = micro_dollars + excluded.micro_dollars") \
	STATEMENT(PRUNE_CALLS, \
		"DELETE FROM calls WHERE rowid IN (SELECT rowid " OLD_CALLS " ORDER BY created_ms, rowid LIMIT ?3)") \
	STATEMENT(PRUNE_SCREENINGS, \
		"DELETE FROM screenings WHERE rowid IN (SELECT rowid " OLD_SCREENINGS " ORDER BY at_ms LIMIT ?3)") \
	STATEMENT(PRUNE_ORDERS, \
		"DELETE FROM outgoing_calls WHERE rowid IN" \
		" (SELECT rowid " OLD_ORDERS " ORDER BY created_ms LIMIT ?3)") \
	STATEMENT(PRUNE_MEMORIES, \
		"DELETE FROM caller_memory WHERE (merchant_id, number) IN (SELECT merchant_id, number" \
		" FROM caller_memory WHERE merchant_id = ?1 AND last_ms < ?2 ORDER BY last_ms LIMIT ?3)")
