#include "media/sound/timeline.h"

#include "base/check.h"

void timeline_init(struct timeline *t, const int64_t bytes[TIMELINE_FILE_COUNT])
{
	*t = (struct timeline){ .wall_ms = -1 };
	stream_clock_init(&t->clock);
	caller_track_init(&t->caller, bytes[TIMELINE_CALLER_FILE]);
	caller_track_init(&t->far, bytes[TIMELINE_PLAYED_FILE]);
	voice_track_init(&t->voice, bytes[TIMELINE_VOICE_FILE]);
}

void timeline_fini(struct timeline *t)
{
	stream_clock_fini(&t->clock);
	caller_track_fini(&t->caller);
	caller_track_fini(&t->far);
	voice_track_fini(&t->voice);
}

/* Where its audio is. What was not recorded was heard all the same, and takes its time; nothing is taken for it. */
static int64_t place(const struct timeline *t, const struct spool_event *e)
{
	return t->off ? -1 : e->at;
}

static void take_in(struct timeline *t, const struct spool_event *e)
{
	int64_t stamp_ms = stream_clock_stamp(&t->clock, e->ts, t->ms);

	if (stamp_ms >= 0)
		voice_track_stamp(&t->voice, stamp_ms);
	caller_track_put(&t->caller, stamp_ms, e->chunk, place(t, e), e->bytes);
}

static void take_far(struct timeline *t, const struct spool_event *e)
{
	t->has_far = true;
	caller_track_put(&t->far, stream_clock_stamp(&t->clock, e->ts, t->ms), e->chunk, place(t, e), e->bytes);
}

void timeline_take(struct timeline *t, const struct spool_event *e)
{
	if (e->ms > t->ms)
		t->ms = e->ms < STREAM_MS_MAX ? e->ms : STREAM_MS_MAX;
	switch (e->word) {
	case SPOOL_BEGIN:
		t->wall_ms = e->wall_ms;
		return;
	case SPOOL_IN:
		return take_in(t, e);
	case SPOOL_FAR:
		return take_far(t, e);
	case SPOOL_OUT:
		return voice_track_out(&t->voice, t->ms, place(t, e), e->bytes);
	case SPOOL_MARK:
		return voice_track_mark(&t->voice, t->ms, slice_of(e->text));
	case SPOOL_BACK:
		return voice_track_back(&t->voice, t->ms, slice_of(e->text));
	case SPOOL_CLEAR:
		return voice_track_clear(&t->voice, t->ms);
	case SPOOL_RECORDING:
		t->off = e->on == 0;
		return;
	case SPOOL_END:
		t->ended = true;
		return;
	case SPOOL_SECRET:
	case SPOOL_WORD_COUNT:
		return;
	}
}

/* Nobody knows what was heard after the last sign of life. */
static int64_t end_sample(const struct timeline *t)
{
	int64_t end = t->caller.end;

	if (t->far.end > end)
		end = t->far.end;
	if (!t->clock.begun)
		end = stream_clock_sample(&t->clock, t->ms);
	return end < PLAN_SAMPLES_MAX ? end : PLAN_SAMPLES_MAX;
}

/* The last message began before that end: what was played behind its stamp, the newest line tells. */
static int64_t voice_end_sample(const struct timeline *t)
{
	int64_t stamp = t->voice.stamp_ms * ULAW_BYTES_PER_MS, line = stream_clock_sample(&t->clock, t->ms);

	if (line < stamp)
		line = stamp;
	return line < t->samples ? line : t->samples;
}

void timeline_settle(struct timeline *t)
{
	stream_clock_settle(&t->clock);
	t->samples = end_sample(t);
	voice_track_solve(&t->voice, &t->clock, voice_end_sample(t));
	plan_cut(&t->caller.plan, t->samples);
	plan_cut(&t->far.plan, t->samples);
}

const struct plan *timeline_caller(const struct timeline *t)
{
	return &t->caller.plan;
}

const struct plan *timeline_voice(const struct timeline *t, enum timeline_file *out_file)
{
	*out_file = t->has_far ? TIMELINE_PLAYED_FILE : TIMELINE_VOICE_FILE;
	return t->has_far ? &t->far.plan : &t->voice.plan;
}
