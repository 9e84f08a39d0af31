#include "relay/quality.h"

const uint32_t quality_gap_bounds_ms[QUALITY_GAP_BUCKETS - 1] = {
	250, 500, 750, 1000, 1250, 1500, 2000, 3000, 5000, 10000,
};

static bool counts(const struct quality *q)
{
	return q->begun && !q->over;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void quality_begin(struct quality *q, uint64_t now_ms)
{
	if (q->begun)
		return;
	q->begun = q->voice = true;
	q->at_ms = q->voice_at_ms = q->caller_at_ms = now_ms;
}

/* Somebody is heard again, since that moment. */
static void end_quiet(struct quality *q, uint64_t at_ms)
{
	uint64_t length_ms = at_ms > q->quiet_at_ms ? at_ms - q->quiet_at_ms : 0;

	if (q->quiet_at_ms && length_ms > QUALITY_PAUSE_MS) {
		q->dead_air_ms += length_ms;
		if (length_ms > q->dead_air_ms_max)
			q->dead_air_ms_max = length_ms;
	}
	q->quiet_at_ms = 0;
}

void quality_look(struct quality *q, bool voice, bool caller, uint64_t now_ms)
{
	if (!counts(q))
		return;
	if (q->voice && q->caller)
		q->talk_over_ms += now_ms - q->at_ms;
	if (voice != q->voice)
		q->voice_at_ms = now_ms;
	if (caller != q->caller)
		q->caller_at_ms = now_ms;
	if (voice || caller)
		end_quiet(q, now_ms);
	else if (!q->quiet_at_ms)
		q->quiet_at_ms = now_ms;
	q->voice = voice;
	q->caller = caller;
	q->at_ms = now_ms;
}

/* Since when the voice is, or is not, what it is now: but not longer than so long ago. */
static uint64_t voice_lasts_ms(const struct quality *q, uint64_t ago_ms, uint64_t now_ms)
{
	return lesser(ago_ms, now_ms - q->voice_at_ms);
}

static void caller_began(struct quality *q, uint64_t ago_ms, uint64_t now_ms)
{
	if (q->voice)
		q->talk_over_ms += voice_lasts_ms(q, ago_ms, now_ms);
	end_quiet(q, now_ms - ago_ms);
}

static void caller_ended(struct quality *q, uint64_t ago_ms, uint64_t now_ms)
{
	uint64_t lasts_ms = lesser(voice_lasts_ms(q, ago_ms, now_ms), now_ms - q->caller_at_ms);

	if (!q->voice)
		q->quiet_at_ms = now_ms - voice_lasts_ms(q, ago_ms, now_ms);
	else
		q->talk_over_ms -= lesser(lasts_ms, q->talk_over_ms);
}

void quality_caller(struct quality *q, bool speaks, uint64_t ago_ms, uint64_t now_ms)
{
	if (!counts(q) || speaks == q->caller)
		return;
	/* Up to now it was as it was seen. */
	quality_look(q, q->voice, q->caller, now_ms);
	ago_ms = lesser(ago_ms, now_ms - q->caller_at_ms);
	if (speaks)
		caller_began(q, ago_ms, now_ms);
	else
		caller_ended(q, ago_ms, now_ms);
	q->caller = speaks;
	q->caller_at_ms = now_ms - ago_ms;
}

void quality_answer(struct quality *q, uint64_t gap_ms)
{
	size_t bucket = 0;

	if (!counts(q))
		return;
	while (bucket < QUALITY_GAP_BUCKETS - 1 && gap_ms > quality_gap_bounds_ms[bucket])
		bucket++;
	q->gap_counts[bucket]++;
	q->gap_count++;
	q->gap_ms_sum += gap_ms;
	if (gap_ms > q->gap_ms_max)
		q->gap_ms_max = (uint32_t)lesser(gap_ms, UINT32_MAX);
}

void quality_underrun(struct quality *q)
{
	if (counts(q))
		q->underrun_count++;
}

void quality_lag(struct quality *q, uint64_t ns)
{
	if (counts(q) && ns > q->lag_ns_max)
		q->lag_ns_max = ns;
}

void quality_end(struct quality *q, uint64_t now_ms)
{
	if (!counts(q))
		return;
	quality_look(q, q->voice, q->caller, now_ms);
	end_quiet(q, now_ms);
	q->over = true;
}
