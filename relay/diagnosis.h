/*
 * diagnosis - receptionai-relay --check: whether the relay could do its work here, and what to change.
 *
 * Place:    relay, beside main; above doctor and the parts that it tries out.
 * Usage:    return relay_diagnose(&relay, asks);    the program's exit code
 * Rules:    whatever runs is left alone: no call begins, no port is kept, nothing is written but an empty lock.
 *           API keys go out only if `asks`.
 */
#pragma once

#include "relay/relay.h"

int relay_diagnose(const struct relay *relay, bool asks);
