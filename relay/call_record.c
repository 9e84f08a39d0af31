#include "relay/call_record.h"

#include "base/clock.h"
#include "proto/notice.h"
#include "relay/call_parts.h"

bool call_record_is_wanted(const struct call *c, const struct merchant *m)
{
	return m->recording && c->env->reels->root[0];
}

/* The name of a call becomes the name of a folder. */
static bool is_fit(const struct call *c)
{
	return notice_is_call_sid(slice_of(c->facts.call_sid));
}

void call_record_begin(struct call *c, uint64_t now_ms)
{
	if (c->reel || c->env->reels->root[0] == '\0')
		return;
	c->reel = is_fit(c) ? reel_take(c->env->reels, &c->facts, clock_wall_ms(), now_ms) : NULL;
	if (!c->reel) {
		call_count(c, METRIC_RECORDINGS_REFUSED);
		log_warn("call not recorded call=%s why=\"%s\"",
			log_name(c->facts.call_sid, strlen(c->facts.call_sid)).text,
			is_fit(c) ? "too many recordings wait for the disk" : "its name is no name of a folder");
		return;
	}
	c->bridge.phone.recorder = &c->reel->recorder;
	if (c->bridge.merchant_known)
		call_record_decide(c);
}

void call_record_decide(struct call *c)
{
	const struct merchant *m = &c->merchant->merchant;

	if (!c->reel || reel_is_decided(c->reel))
		return;
	c->reel->facts.merchant_id = c->facts.merchant_id;
	reel_decide(c->reel, call_record_is_wanted(c, m), m->recording_consent == CONSENT_DISCLOSURE);
}

void call_record_turn(struct call *c, uint64_t now_ms)
{
	if (c->reel)
		recorder_time(&c->reel->recorder, now_ms);
}

void call_record_heed(struct call *c)
{
	if (c->reel)
		reel_heed(c->reel);
}

void call_record_withdraw(struct call *c)
{
	if (!c->reel)
		return;
	recorder_stop(&c->reel->recorder, SPOOL_WITHDRAWN);
	reel_heed(c->reel);
}

void call_record_end(struct call *c)
{
	if (!c->reel)
		return;
	c->bridge.phone.recorder = NULL;
	reel_end(c->reel, c->bridge.reason);
	c->reel = NULL;
}
