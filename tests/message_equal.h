/*
 * message_equal - whether two events say the same, member by member: for mirror and agreement tests and fuzzing.
 *
 * Place:  tests, over proto.
 */
#pragma once

#include "proto/grok.h"
#include "proto/twilio.h"

bool twilio_event_equal(const struct twilio_event *a, const struct twilio_event *b);
/* Absent and empty differ; `type` is compared as it was sent. */
bool grok_event_equal(const struct grok_event *a, const struct grok_event *b);
bool grok_session_equal(const struct grok_session *a, const struct grok_session *b);
