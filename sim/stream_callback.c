#include "sim/stream_callback.h"

#include "base/clock.h"

#include <time.h>

void stream_callback_send(
	struct phone_call *call, const struct stream_plan *plan, const char *event, const char *error)
{
	struct errand *errand = plan->status_callback ? errands_take(&call->errands) : NULL;
	struct timespec now;
	struct tm utc;
	char when[32];

	if (!errand)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
	errand_add(errand, "AccountSid", "%s", call->identity.account_sid);
	errand_add(errand, "CallSid", "%s", call->identity.call_sid);
	errand_add(errand, "StreamSid", "%s", call->identity.stream_sid);
	errand_add(errand, "StreamName", "%s", plan->name ? plan->name : call->identity.stream_sid);
	errand_add(errand, "StreamEvent", "%s", event);
	if (error)
		errand_add(errand, "StreamError", "%s", error);
	errand_add(errand, "Timestamp", "%s.%09ldZ", when, now.tv_nsec);
	errand_send(
		errand, &call->webhook_env, plan->status_callback, plan->callback_is_get, clock_mono_ms());
}
