#include "sim/fal_hook.h"

#include "base/check.h"
#include "base/clock.h"
#include "sim/fal_reach.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { BODY_BYTES = 2048, REQUEST_BYTES = 6000 };

static const char another_id[] = "00000000-0000-4000-8000-000000000000";

static size_t write_body(const struct fal_house *house, const struct fal_order_made *order, const char *id, char *out)
{
	char failure[512], payload[1024] = "null,\"payload_error\":\"Response payload is not JSON serializable\"";
	int len;

	if (order->failure) {
		fal_write_failure(order->failure, failure, sizeof failure);
		len = snprintf(out, BODY_BYTES, "{\"request_id\":\"%s\",\"gateway_request_id\":\"%s\",\"status"
			"\":\"ERROR\","
			"\"error\":\"Invalid status code: %d\",\"payload\":%s}", id, id, order->failure->status,
				failure);
	} else {
		if (!fal_is_faulty(house, order, FAL_FAULT_HOOK_NULL))
			snprintf(payload, sizeof payload, "{\"video\":{\"url\":\"%s/videos/%s/out.mp4\"}}",
				house->plan->origin, order->id);
		len = snprintf(out, BODY_BYTES, "{\"request_id\":\"%s\",\"gateway_request_id\":\"%s\",\"status"
			"\":\"OK\","
			"\"payload\":%s}", id, id, payload);
	}
	check(len > 0 && len < BODY_BYTES);
	return (size_t)len;
}

static size_t write_signature(const struct fal_house *house, const struct fal_order_made *order, const char *id,
	const char *body, size_t body_len, char *out, size_t out_bytes)
{
	const struct fal_faults *f = &house->plan->faults;
	const char *user = fal_is_faulty(house, order, FAL_FAULT_HOOK_OTHER_USER) ? "github|4242" : house->plan->user;
	int64_t sent_s = clock_wall_ms() / 1000;
	char hex[FAL_SIGN_HEX_BYTES];

	if (fal_is_faulty(house, order, FAL_FAULT_HOOK_UNSIGNED))
		return 0;
	if (fal_is_faulty(house, order, FAL_FAULT_HOOK_STALE))
		sent_s -= fal_fault_value(f, FAL_FAULT_HOOK_STALE);
	fal_sign_hook(fal_is_faulty(house, order, FAL_FAULT_HOOK_FORGED) ? house->stranger : house->sign, id,
		user, sent_s,
		body, body_len, hex);
	const int len = snprintf(out, out_bytes, "X-Fal-Webhook-Request-Id: %s\r\nX-Fal-Webhook-User-Id: %s\r\n"
		"X-Fal-Webhook-Timestamp: %lld\r\nX-Fal-Webhook-Signature: %s\r\n", id, user, (long long)sent_s, hex);

	check(len > 0 && (size_t)len < out_bytes);
	return (size_t)len;
}

static int tell(struct fal_house *house, const struct fal_order_made *order, const char *id)
{
	const char *scheme = strstr(order->hook_url, "://"), *path = scheme ? strchr(scheme + 3, '/') : NULL;
	const char *where = *house->plan->hook_via ? house->plan->hook_via : order->hook_url;
	char body[BODY_BYTES], signature[1024] = "", request[REQUEST_BYTES];

	if (!path)
		return 0;
	size_t body_len = write_body(house, order, id, body);

	if (fal_is_faulty(house, order, FAL_FAULT_HOOK_TWO_IDS))
		id = another_id;
	write_signature(house, order, id, body, body_len, signature, sizeof signature);
	if (fal_is_faulty(house, order, FAL_FAULT_HOOK_CHANGED))
		body[body_len - 2] ^= 1;
	const int len = snprintf(request, sizeof request,
		"POST %s HTTP/1.1\r\nHost: %.*s\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\nConnection: close\r\n%s\r\n%.*s", path, (int)(path - scheme - 3),
			scheme + 3, body_len,
		signature, (int)body_len, body);

	check(len > 0 && (size_t)len < sizeof request);
	return fal_reach(where, request, (size_t)len, FAL_HOOK_WAIT_MS, NULL, NULL);
}

static void nap(uint64_t ms)
{
	const struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

static void persist(struct fal_house *house, const struct fal_order_made *order, const char *id)
{
	uint64_t wait_ms = house->plan->hook_retry_ms;

	for (int i = 0; i < FAL_HOOK_TRIES; i++) {
		const int status = tell(house, order, id);

		fal_note_line(house, "hook id=%s status=%d", id, status);
		if (status >= 200 && status < 400)
			return;
		nap(wait_ms);
		if (wait_ms < 8 * house->plan->hook_retry_ms)
			wait_ms *= 2;
	}
}

void fal_hook_deliver(struct fal_house *house, const struct fal_order_made *order)
{
	const bool is_twice = fal_is_faulty(house, order, FAL_FAULT_HOOK_TWICE);
	const char *id = fal_is_faulty(house, order,
		FAL_FAULT_HOOK_OTHER_ID) ? another_id : order->id;
	const pid_t parent = getpid();

	if (!order->hook_url[0] || fal_is_faulty(house, order, FAL_FAULT_HOOK_NONE))
		return;
	const pid_t pid = fork();

	check(pid >= 0);
	if (pid > 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		for (int i = 0; i < 1 + is_twice; i++)
			persist(house, order, id);
	_exit(0);
}
