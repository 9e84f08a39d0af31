#include "media/told/hook_post.h"

#include "base/clock.h"
#include "media/http.h"
#include "proto/hook.h"

#include <stdio.h>
#include <string.h>

enum { DEADLINE_MS = 20000, ANSWER_BYTES_MAX = 64 * 1024, HEADER_BYTES = 160 };

static bool is_alive(void *user, uint64_t sent_bytes, uint64_t received_bytes)
{
	(void)sent_bytes;
	(void)received_bytes;
	return step_alive(user);
}

static enum step_result judge(
	struct step *s, enum http_outcome outcome, const struct http_answer *answer)
{
	switch (outcome) {
	case HTTP_ANSWERED:
		break;
	case HTTP_NOT_SENT:
	case HTTP_UNKNOWN:
		return step_fail(s, STEP_AGAIN, "notify_url: %s", answer->why);
	case HTTP_STOPPED:
		return STEP_STOPPED;
	}
	if (answer->status >= 200 && answer->status <= 299)
		return STEP_DONE;
	if (answer->status == 410)
		return step_fail(s, STEP_NEVER, "notify_url is gone (410)");
	s->retry_after_ms = (int64_t)http_retry_after_ms(answer, clock_wall_ms());
	return step_fail(s, STEP_AGAIN, "notify_url answers %ld", answer->status);
}

enum step_result hook_post(struct step *s, const char *event_id, struct slice body)
{
	char event[HEADER_BYTES], stamp[HEADER_BYTES], signature[HEADER_BYTES],
		text[HOOK_SIGNATURE_BYTES];
	const char *const headers[] = {"Content-Type: application/json", "Accept: application/json",
		event, stamp, signature, NULL};
	const bool private = strcmp(conf_text(s->conf, NOTIFY_PRIVATE), "yes") == 0;
	const int64_t now_s = clock_wall_ms() / 1000;
	const struct http_request request = {
		.method = "POST",
		.url = s->merchant.notify_url,
		.headers = headers,
		.body = body.data,
		.body_len = body.len,
		.answer_bytes_max = ANSWER_BYTES_MAX,
		.deadline_ms = DEADLINE_MS,
		.plain_allowed = true,
		.public_only = !private,
		.alive = is_alive,
		.user = s,
	};
	struct http_client *client = http_open();
	struct http_answer answer = {0};

	if (!client)
		return step_fail(s, STEP_AGAIN, "no memory for a request");
	hook_sign(slice_of(s->merchant.notify_secret), now_s, body, text);
	(void)snprintf(event, sizeof event, "X-ReceptionAI-Event: %s", event_id);
	(void)snprintf(stamp, sizeof stamp, "X-ReceptionAI-Timestamp: %lld", (long long)now_s);
	(void)snprintf(signature, sizeof signature, "X-ReceptionAI-Signature: %s", text);
	const enum step_result result = judge(s, http_ask(client, &request, &answer), &answer);

	http_answer_fini(&answer);
	http_close(client);
	return result;
}
