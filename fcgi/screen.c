#include "fcgi/screen.h"

static bool is_reached(int64_t count, int64_t most)
{
	return most != MERCHANT_NO_LIMIT && count >= most;
}

/* Nobody signs what does not come through the telephone network. */
static bool is_ill_attested(const struct screen_facts *f)
{
	if (f->caller == CALLER_ADDRESS)
		return false;
	switch (f->stored.attestation) {
	case ATTESTED_ANY:
		return false;
	case ATTESTED_NOT_FAILED:
		return f->attestation == ATTESTATION_FAILED;
	case ATTESTED_PASSED:
		return !attestation_is_passed(f->attestation);
	}
	return false;
}

static struct screened reject(enum screen_reason reason)
{
	return (struct screened){ SCREEN_REJECT, reason };
}

struct screened screen_decide(const struct screen_facts *f)
{
	const bool is_anonymous = f->caller == CALLER_ANONYMOUS;

	if (f->stored.rule == RULE_ALLOW)
		return (struct screened){ SCREEN_ACCEPT, SCREEN_ALLOWED };
	if (f->stored.rule == RULE_BLOCK)
		return reject(SCREEN_BLOCKED);
	if (is_anonymous && f->stored.anonymous == ANONYMOUS_REJECT)
		return reject(SCREEN_ANONYMOUS);
	if (is_ill_attested(f))
		return reject(SCREEN_ATTESTATION);
	if (is_reached(f->stored.caller_calls, f->stored.caller_calls_hour_max))
		return reject(SCREEN_CALLER_VELOCITY);
	if (is_reached(f->stored.merchant_calls, f->stored.calls_hour_max))
		return reject(SCREEN_MERCHANT_VELOCITY);
	/* Last, because a message costs money too. */
	if (is_anonymous && f->stored.anonymous == ANONYMOUS_VOICEMAIL)
		return (struct screened){ SCREEN_VOICEMAIL, SCREEN_ANONYMOUS };
	return (struct screened){ SCREEN_ACCEPT, SCREEN_NOTHING };
}

const char *screen_reject_word(enum screen_reason reason)
{
	return reason == SCREEN_CALLER_VELOCITY || reason == SCREEN_MERCHANT_VELOCITY ? "busy" : "rejected";
}
