#include "relay/interrupt.h"

#define NEVER UINT64_MAX

void interrupt_init(struct interrupt *i, const struct interrupt_plan *plan)
{
	*i = (struct interrupt){ .plan = *plan, .voice_at_ms = NEVER, .confirm_at_ms = NEVER };
}

void interrupt_speech(struct interrupt *i, bool speaks, uint64_t now_ms)
{
	i->caller_speaks = speaks;
	if (!speaks) {
		interrupt_answered(i);
	} else if (i->plan.hold_off_ms == 0) {
		i->wanted = true;
	} else if (i->confirm_at_ms == NEVER) {
		i->confirm_at_ms = now_ms + i->plan.hold_off_ms;
	}
}

void interrupt_answered(struct interrupt *i)
{
	i->caller_speaks = i->wanted = i->doubtful = false;
	i->confirm_at_ms = NEVER;
}

/* The caller has fallen quiet, and Grok cannot have noticed yet. */
static bool may_be_a_cough(const struct interrupt *i, const struct interrupt_view *view)
{
	return i->plan.listens && view->line_quiet_ms >= INTERRUPT_QUIET_MS &&
		view->line_quiet_ms < i->plan.silence_ms + INTERRUPT_SLACK_MS;
}

static void confirm(struct interrupt *i, const struct interrupt_view *view)
{
	if (view->now_ms < i->confirm_at_ms)
		return;
	i->doubtful = may_be_a_cough(i, view);
	if (!i->doubtful) {
		i->confirm_at_ms = NEVER;
		i->wanted = true;
	}
}

/* A voice that Grok should have told of by now. */
static bool hears_by_ear(const struct interrupt *i, const struct interrupt_view *view)
{
	uint32_t late_ms = i->plan.hold_off_ms > INTERRUPT_LATE_MS ? i->plan.hold_off_ms : INTERRUPT_LATE_MS;

	if (!i->plan.listens || !view->line_lives || !view->sounding)
		return false;
	if (i->caller_speaks || i->by_ear || view->is_protected)
		return false;
	/* Audio that was held up comes all at once: Grok has not had the time to tell, either. */
	return view->line_voice_ms >= INTERRUPT_VOICE_MS && view->line_lasts_ms >= late_ms &&
		view->line_quiet_ms < INTERRUPT_QUIET_MS &&
		view->now_ms + INTERRUPT_QUIET_MS >= i->voice_at_ms + late_ms;
}

static void note_voice(struct interrupt *i, const struct interrupt_view *view)
{
	if (view->line_voice_ms == 0) {
		i->by_ear = false;
		i->voice_at_ms = NEVER;
	} else if (i->voice_at_ms == NEVER) {
		i->voice_at_ms = view->now_ms;
	}
}

bool interrupt_now(struct interrupt *i, const struct interrupt_view *view)
{
	note_voice(i, view);
	confirm(i, view);
	if (!view->outstanding) {
		i->wanted = false;
		return false;
	}
	if (i->wanted && !view->is_protected) {
		i->wanted = false;
		return true;
	}
	if (hears_by_ear(i, view)) {
		i->by_ear = true;
		return true;
	}
	return false;
}

uint64_t interrupt_deadline_ms(const struct interrupt *i)
{
	return i->doubtful ? NEVER : i->confirm_at_ms;
}
