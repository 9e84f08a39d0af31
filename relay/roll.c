#include "relay/roll.h"

#include "base/check.h"

void roll_open(struct roll *roll)
{
	roll->first = NULL;
	roll->end_next = 0;
	for (uint32_t i = 0; i < ROLL_ENDS_MAX; i++)
		roll->ends[i] = (struct roll_end){ .reason = END_NONE };
	pthread_mutex_init(&roll->lock, NULL);
}

/* Where an entry stands is changed by its neighbours, too: even that it is in is asked with the lock held. */
void roll_enter(struct roll *roll, struct roll_entry *entry, const char *call_sid)
{
	pthread_mutex_lock(&roll->lock);
	if (!entry->at) {
		*entry = (struct roll_entry){ roll->first, &roll->first, call_sid };
		if (entry->next)
			entry->next->at = &entry->next;
		roll->first = entry;
	}
	pthread_mutex_unlock(&roll->lock);
}

void roll_leave(struct roll *roll, struct roll_entry *entry)
{
	pthread_mutex_lock(&roll->lock);
	if (entry->at) {
		*entry->at = entry->next;
		if (entry->next)
			entry->next->at = entry->at;
		*entry = (struct roll_entry){ NULL, NULL, NULL };
	}
	pthread_mutex_unlock(&roll->lock);
}

bool roll_has(struct roll *roll, struct slice call_sid)
{
	bool has = false;

	pthread_mutex_lock(&roll->lock);
	for (const struct roll_entry *e = roll->first; e && !has; e = e->next)
		has = slice_equal(slice_of(e->call_sid), call_sid);
	pthread_mutex_unlock(&roll->lock);
	return has;
}

void roll_end(struct roll *roll, const char *call_sid, enum end_reason reason, uint64_t now_ms)
{
	check(reason != END_NONE);
	pthread_mutex_lock(&roll->lock);
	struct roll_end *end = &roll->ends[roll->end_next++ % ROLL_ENDS_MAX];

	check(slice_copy(slice_of(call_sid), end->call_sid, sizeof end->call_sid));
	end->reason = reason;
	end->at_ms = now_ms;
	pthread_mutex_unlock(&roll->lock);
}

enum end_reason roll_end_of(struct roll *roll, struct slice call_sid, uint64_t now_ms)
{
	enum end_reason reason = END_NONE;

	pthread_mutex_lock(&roll->lock);
	for (uint32_t i = 1; i <= ROLL_ENDS_MAX && reason == END_NONE; i++) {
		const struct roll_end *end = &roll->ends[(roll->end_next - i) % ROLL_ENDS_MAX];

		/* From the newest to the oldest: what comes behind it is older still. */
		if (end->reason == END_NONE || end->at_ms + ROLL_END_MS <= now_ms)
			break;
		if (slice_equal(slice_of(end->call_sid), call_sid))
			reason = end->reason;
	}
	pthread_mutex_unlock(&roll->lock);
	return reason;
}
