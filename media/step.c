/* What a step is given besides its facts: a sentence to fail with, a lease that lives, somebody to tell how far. */
#include "base/beat.h"
#include "base/check.h"
#include "base/clock.h"
#include "media/step.h"
#include "media/step_host.h"
#include "media/stop.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { RENEW_MS = JOB_LEASE_MS / 3, RETRY_MS = 1000, PROGRESS_MS = 200, PERCENT = 100 };

enum step_result step_fail(struct step *s, enum step_result result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(s->why, sizeof s->why, format, arguments);
	va_end(arguments);
	return result;
}

/* A database that cannot be written right now is no reason to stop before the lease has ended. */
static bool renew(struct step *s, uint64_t now_ms)
{
	struct step_host *h = s->host;
	const enum db_result result = db_job_renew(s->db, &s->job, clock_wall_ms());

	if (result == DB_OK) {
		h->renewed_ms = now_ms;
		h->renew_at_ms = now_ms + RENEW_MS;
		return true;
	}
	h->renew_at_ms = now_ms + RETRY_MS;
	return result != DB_NONE && now_ms < h->renewed_ms + JOB_LEASE_MS;
}

bool step_alive(struct step *s)
{
	struct step_host *h = s->host;
	const uint64_t now_ms = clock_mono_ms();

	check(h);
	if (stop_asked())
		return false;
	beat(now_ms);
	if (!h->is_lost && now_ms >= h->renew_at_ms)
		h->is_lost = !renew(s, now_ms);
	return !h->is_lost;
}

void step_progress(struct step *s, int64_t done, int64_t total)
{
	struct step_host *h = s->host;
	const uint64_t now_ms = clock_mono_ms();

	if (!h->is_terminal || now_ms < h->shown_ms + PROGRESS_MS)
		return;
	h->shown_ms = now_ms;
	if (total > 0)
		(void)fprintf(stderr, "\r\033[K%s %s %lld %%", s->job.call_sid, job_kind_word(s->job.kind),
			(long long)(done < total ? done * PERCENT / total : PERCENT));
	else
		(void)fprintf(stderr, "\r\033[K%s %s %lld", s->job.call_sid, job_kind_word(s->job.kind),
			(long long)done);
}
