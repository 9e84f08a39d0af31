/*
 * phone_report - the summary of a call: a few lines for people, or one JSON object.
 *
 * Place:    sim; above phone_call.
 * Usage:    phone_report_text(&call, stdout); phone_report_json(&call, stdout);
 */
#pragma once

#include "sim/phone_call.h"

#include <stdio.h>

void phone_report_text(const struct phone_call *call, FILE *out);
void phone_report_json(const struct phone_call *call, FILE *out);
