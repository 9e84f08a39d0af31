#include "relay/foyer.h"

#include "base/check.h"

#include <stdlib.h>

bool foyer_open(struct foyer *f, uint32_t guest_count_max, uint32_t ttl_ms)
{
	*f = (struct foyer){.guest_count_max = guest_count_max, .ttl_ms = ttl_ms};
	f->guests = calloc(guest_count_max ? guest_count_max : 1, sizeof *f->guests);
	if (f->guests)
		pthread_mutex_init(&f->lock, NULL);
	return f->guests != NULL;
}

void foyer_close(struct foyer *f)
{
	if (!f->guests)
		return;
	pthread_mutex_destroy(&f->lock);
	free(f->guests);
	f->guests = NULL;
}

static bool may_come(const struct foyer_guest *g)
{
	return (g->state == FOYER_ANNOUNCED && !g->is_forgotten && !g->is_early) ||
	       g->state == FOYER_WAITING;
}

static struct foyer_guest *find(struct foyer *f, struct slice call_sid)
{
	for (uint32_t i = 0; i < f->guest_count_max; i++) {
		struct foyer_guest *g = &f->guests[i];

		if (g->state != FOYER_FREE && slice_equal(slice_of(g->notice.call_sid), call_sid))
			return g;
	}
	return NULL;
}

static struct foyer_guest *take(struct foyer *f)
{
	for (uint32_t i = 0; i < f->guest_count_max; i++) {
		if (f->guests[i].state == FOYER_FREE) {
			f->guest_count++;
			return &f->guests[i];
		}
	}
	return NULL;
}

static void give(struct foyer *f, struct foyer_guest *g)
{
	g->state = FOYER_FREE;
	g->session = NULL;
	f->guest_count--;
}

static enum foyer_result announce(struct foyer *f, const struct notice *notice, uint64_t now_ms,
	struct foyer_guest **out_guest)
{
	if (find(f, slice_of(notice->call_sid))) {
		f->counters.repeated++;
		return FOYER_KNOWN;
	}
	struct foyer_guest *g = take(f);

	if (!g) {
		f->counters.refused_full += f->guest_count_max > 0;
		return FOYER_FULL;
	}
	g->state = FOYER_ANNOUNCED;
	g->notice = *notice;
	g->expires_ms = now_ms + f->ttl_ms;
	g->is_forgotten = g->is_early = false;
	f->counters.announced++;
	*out_guest = g;
	return FOYER_NEW;
}

enum foyer_result foyer_announce(struct foyer *f, const struct notice *notice, uint64_t now_ms,
	struct foyer_guest **out_guest)
{
	check(notice->kind == NOTICE_EXPECT);
	pthread_mutex_lock(&f->lock);
	enum foyer_result result = announce(f, notice, now_ms, out_guest);

	pthread_mutex_unlock(&f->lock);
	return result;
}

bool foyer_seat(struct foyer *f, struct foyer_guest *g, void *session)
{
	pthread_mutex_lock(&f->lock);
	check(g->state == FOYER_ANNOUNCED);
	bool wanted = !g->is_forgotten && !g->is_early && session;

	if (wanted) {
		g->state = FOYER_WAITING;
		g->session = session;
	} else {
		if (g->is_forgotten)
			f->counters.forgotten++;
		else if (!g->is_early)
			f->counters.failed++;
		give(f, g);
	}
	pthread_mutex_unlock(&f->lock);
	return wanted;
}

bool foyer_knows(struct foyer *f, struct slice call_sid)
{
	pthread_mutex_lock(&f->lock);
	struct foyer_guest *g = find(f, call_sid);
	bool knows = g && may_come(g);

	f->counters.repeated += knows;
	pthread_mutex_unlock(&f->lock);
	return knows;
}

static struct foyer_guest *claim(
	struct foyer *f, struct slice call_sid, int64_t merchant_id, uint64_t now_ms)
{
	struct foyer_guest *g = call_sid.len ? find(f, call_sid) : NULL;

	if (!g || !may_come(g) || now_ms >= g->expires_ms || g->notice.merchant_id != merchant_id)
		return NULL;
	if (g->state == FOYER_ANNOUNCED) {
		g->is_early = true;
		f->counters.early++;
		return NULL;
	}
	g->state = FOYER_CLAIMED;
	f->counters.claimed++;
	return g;
}

struct foyer_guest *foyer_claim(
	struct foyer *f, struct slice call_sid, int64_t merchant_id, uint64_t now_ms)
{
	pthread_mutex_lock(&f->lock);
	struct foyer_guest *g = claim(f, call_sid, merchant_id, now_ms);

	pthread_mutex_unlock(&f->lock);
	return g;
}

static void count_end(struct foyer_counters *c, enum foyer_end why)
{
	switch (why) {
	case FOYER_END_EXPIRED:
		c->expired++;
		return;
	case FOYER_END_FAILED:
		c->failed++;
		return;
	}
}

bool foyer_leave(struct foyer *f, struct foyer_guest *g, enum foyer_end why)
{
	pthread_mutex_lock(&f->lock);
	check(g->state == FOYER_WAITING || g->state == FOYER_CLAIMED ||
		g->state == FOYER_FORGOTTEN);
	bool left = g->state == FOYER_WAITING;

	if (left) {
		count_end(&f->counters, why);
		give(f, g);
	}
	pthread_mutex_unlock(&f->lock);
	return left;
}

static struct foyer_guest *forget(struct foyer *f, struct slice call_sid)
{
	struct foyer_guest *g = find(f, call_sid);

	if (g && g->state == FOYER_ANNOUNCED)
		g->is_forgotten = !g->is_early;
	if (!g || g->state != FOYER_WAITING)
		return NULL;
	g->state = FOYER_FORGOTTEN;
	f->counters.forgotten++;
	return g;
}

struct foyer_guest *foyer_forget(struct foyer *f, struct slice call_sid)
{
	pthread_mutex_lock(&f->lock);
	struct foyer_guest *g = forget(f, call_sid);

	pthread_mutex_unlock(&f->lock);
	return g;
}

void foyer_free(struct foyer *f, struct foyer_guest *g)
{
	pthread_mutex_lock(&f->lock);
	check(g->state == FOYER_CLAIMED || g->state == FOYER_FORGOTTEN);
	give(f, g);
	pthread_mutex_unlock(&f->lock);
}

uint32_t foyer_waiting_count(struct foyer *f)
{
	uint32_t count = 0;

	pthread_mutex_lock(&f->lock);
	for (uint32_t i = 0; i < f->guest_count_max; i++)
		count += may_come(&f->guests[i]);
	pthread_mutex_unlock(&f->lock);
	return count;
}

struct foyer_counters foyer_count(struct foyer *f)
{
	pthread_mutex_lock(&f->lock);
	struct foyer_counters counters = f->counters;

	pthread_mutex_unlock(&f->lock);
	return counters;
}
