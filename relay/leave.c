#include "relay/leave.h"

#define NEVER UINT64_MAX

bool leave_begin(struct leave *l, enum end_reason reason, bool always, bool spoken, uint64_t now_ms)
{
	if (leave_is_on(l))
		return false;
	*l = (struct leave){
		.reason = reason,
		.always = always,
		.spoken = spoken,
		.until_ms = now_ms + LEAVE_MS,
	};
	return true;
}

void leave_voice(struct leave *l)
{
	if (leave_is_on(l))
		l->spoken = true;
}

/* No words, or not the ones that are set: they are to be said now. */
static bool wants_words(const struct leave *l)
{
	return !l->asked && (l->always || !l->spoken);
}

enum leave_act leave_next(struct leave *l, const struct leave_view *view)
{
	if (!leave_is_on(l))
		return LEAVE_WAIT;
	if (view->now_ms >= l->until_ms && (l->complete || !wants_words(l)))
		return LEAVE_GO;
	if (view->generating && view->now_ms < l->until_ms)
		return LEAVE_WAIT;
	if (wants_words(l)) {
		l->asked = true;
		l->spoken = false;
		l->until_ms = view->now_ms + LEAVE_MS;
		return LEAVE_SAY;
	}
	if (!l->spoken)
		return LEAVE_WAIT;
	if (!l->complete) {
		l->complete = true;
		l->until_ms = view->now_ms + LEAVE_MS;
	}
	return view->playing ? LEAVE_WAIT : LEAVE_GO;
}

uint64_t leave_deadline_ms(const struct leave *l)
{
	return leave_is_on(l) ? l->until_ms : NEVER;
}
