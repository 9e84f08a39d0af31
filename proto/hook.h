/*
 * hook - how a request of ours to a merchant's service is signed, so that the service knows who sent it and when.
 *
 * Place:    proto, pure. Senders: relay/errand (tools), media/told/hook_post (notifications); the simulators check it.
 * Usage:    hook_sign(secret, timestamp_s, body, text);      X-ReceptionAI-Signature: text
 *           if (!hook_verify(secret, timestamp_s, body, text)) refuse();
 * Scheme:   "v1=" and the hexadecimal HMAC-SHA256, under the merchant's secret, of the timestamp in decimal (seconds
 *           since 1970, as X-ReceptionAI-Timestamp says it), a point, and the body as it is sent. X-ReceptionAI-Event
 *           is the same in every attempt: who has seen it before has the request already.
 * Fails:    hook_verify() is false for any other text; whether the timestamp is fresh is the receiver's to judge.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* With a final NUL. */
enum { HOOK_SIGNATURE_BYTES = 3 + 64 + 1 };

void hook_sign(struct slice secret, int64_t timestamp_s, struct slice body, char out[HOOK_SIGNATURE_BYTES]);
bool hook_verify(struct slice secret, int64_t timestamp_s, struct slice body, struct slice signature);
