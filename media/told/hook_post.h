/*
 * hook_post - one signed request to a merchant's notify_url.
 *
 * Place:    media, above http and proto/hook; below step_notify.
 * Request:  POST of the body as application/json with X-ReceptionAI-Event, -Timestamp and -Signature (proto/hook.h),
 *           as the requests of tools during a call.
 * Results:  STEP_DONE for 200 to 299. STEP_AGAIN for what may work later, with s->retry_after_ms if it was asked for;
 *           STEP_NEVER for 410; STEP_STOPPED. s->why is a sentence without the URL.
 * Safety:   to addresses of the public internet only, unless NOTIFY_PRIVATE; redirects are not followed.
 */
#pragma once

#include "media/step.h"

enum step_result hook_post(struct step *s, const char *event_id, struct slice body);
