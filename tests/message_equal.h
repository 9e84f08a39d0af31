/*
 * message_equal - whether two events say the same, member by member: for mirror and agreement tests and fuzzing.
 *
 * Place:  tests, over proto.
 */
#pragma once

#include "proto/twilio.h"

bool twilio_event_equal(const struct twilio_event *a, const struct twilio_event *b);
