/*
 * diagnosis - receptionai-webhook --check: whether Twilio's questions come here and can be answered, and what to
 * change.
 *
 * Place:    fcgi, below checker, which links it; above doctor. The webhook itself has neither.
 * Usage:    return webhook_diagnose(&w, asks);      the program's exit code
 * Rules:    whatever runs is left alone, no call begins, nothing is written. Twilio is asked only if `asks`.
 */
#pragma once

#include "fcgi/webhook.h"

int webhook_diagnose(const struct webhook *w, bool asks);
