#include "media/prune.h"

#include "base/beat.h"
#include "base/clock.h"
#include "db/retention.h"
#include "media/stop.h"

#include <stdio.h>

enum {
	ROWS_MAX = 50,                  /* calls a commit, with some hundred turns each: milliseconds */
	SAY_CALLS = 1000,               /* progress: once for so many */
	TROUBLES_MAX = 10,
	TROUBLE_PAUSE_MS = 1000,
};

static void print_counts(const struct retention *r, const struct retention_counts *c, const char *what)
{
	printf("%s: %lld calls, %lld decisions about callers, %lld orders for calls, %lld memories of callers%s\n",
		r->merchant_name, (long long)c->calls, (long long)c->screenings, (long long)c->orders,
		(long long)c->memories, what);
}

static enum db_result next(struct work *w, int64_t after_id, int64_t now_ms, struct retention *out)
{
	if (!work_db(w))
		return DB_BROKEN;
	return work_db_fault(w, "retention-next", db_retention_next(w->db, after_id, now_ms, out));
}

static enum db_result batch(struct work *w, const struct retention *r, struct retention_counts *out)
{
	if (!work_db(w))
		return DB_BROKEN;
	return work_db_fault(w, "retention-prune", db_retention_prune(w->db, r, ROWS_MAX, out));
}

static enum db_result count(struct work *w, const struct retention *r, struct retention_counts *out)
{
	if (!work_db(w))
		return DB_BROKEN;
	return work_db_fault(w, "retention-count", db_retention_count(w->db, r, out));
}

/* --- the daemon ------------------------------------------------------------------------------------ */

static void add(struct retention_counts *sum, const struct retention_counts *c)
{
	sum->calls += c->calls;
	sum->screenings += c->screenings;
	sum->orders += c->orders;
	sum->memories += c->memories;
}

/* DB_OK: nothing is left. DB_NONE: the time is up. */
static enum db_result prune_merchant(struct work *w, const struct retention *r, uint64_t until_ms)
{
	struct retention_counts c, sum = { 0 };
	bool is_left = true;

	for (uint64_t now_ms; is_left && (now_ms = clock_mono_ms()) < until_ms && !stop_asked();) {
		beat(now_ms);
		const enum db_result result = batch(w, r, &c);

		if (result != DB_OK)
			return result;
		add(&sum, &c);
		is_left = retention_is_left(&c, ROWS_MAX);
	}
	log_info("retention pruned merchant=%lld calls=%lld screenings=%lld orders=%lld memories=%lld rest=%s",
		(long long)r->merchant_id, (long long)sum.calls, (long long)sum.screenings, (long long)sum.orders,
		(long long)sum.memories, is_left ? "later" : "none");
	return is_left ? DB_NONE : DB_OK;
}

bool prune_turn(struct work *w, uint64_t until_ms)
{
	const int64_t now_ms = clock_wall_ms();
	struct retention r = { .merchant_id = 0 };

	while (next(w, r.merchant_id, now_ms, &r) == DB_OK) {
		const enum db_result result = prune_merchant(w, &r, until_ms);

		if (result == DB_NONE)
			return true;
		/* What the database refuses is this merchant's trouble alone. */
		if (result != DB_OK && result != DB_REFUSED)
			return false;
	}
	return false;
}

/* --- by hand --------------------------------------------------------------------------------------- */

enum db_result prune_show(struct work *w)
{
	const int64_t now_ms = clock_wall_ms();
	struct retention r = { .merchant_id = 0 };
	struct retention_counts c;
	enum db_result result;

	while ((result = next(w, r.merchant_id, now_ms, &r)) == DB_OK) {
		result = count(w, &r, &c);
		if (result != DB_OK)
			return result;
		print_counts(&r, &c, " too old");
	}
	return result == DB_NONE ? DB_OK : result;
}

/* Another writer may keep its lock for long: that is waited for. */
static enum db_result batch_patiently(struct work *w, const struct retention *r, struct retention_counts *out)
{
	enum db_result result = DB_BUSY;

	for (int i = 0; i < TROUBLES_MAX && !stop_asked(); i++) {
		result = batch(w, r, out);
		if (result == DB_OK)
			return result;
		(void)stop_wait(TROUBLE_PAUSE_MS, -1);
	}
	return result;
}

static enum db_result prune_whole_merchant(struct work *w, const struct retention *r)
{
	struct retention_counts total, c;
	int64_t done = 0, said = 0;
	enum db_result result = count(w, r, &total);

	if (result != DB_OK)
		return result;
	do {
		if (stop_asked())
			return DB_BUSY;
		result = batch_patiently(w, r, &c);
		if (result != DB_OK)
			return result;
		done += c.calls;
		if (done - said >= SAY_CALLS) {
			said = done;
			printf("%s: %lld of %lld calls deleted\n", r->merchant_name, (long long)done,
				(long long)total.calls);
		}
	} while (retention_is_left(&c, ROWS_MAX));
	print_counts(r, &total, " deleted");
	return DB_OK;
}

enum db_result prune_all(struct work *w)
{
	const int64_t now_ms = clock_wall_ms();
	struct retention r = { .merchant_id = 0 };
	enum db_result result;

	while ((result = next(w, r.merchant_id, now_ms, &r)) == DB_OK) {
		result = prune_whole_merchant(w, &r);
		if (result != DB_OK)
			return result;
	}
	return result == DB_NONE ? DB_OK : result;
}
