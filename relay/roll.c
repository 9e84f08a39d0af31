#include "relay/roll.h"

void roll_open(struct roll *roll)
{
	*roll = (struct roll){ .first = NULL };
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
