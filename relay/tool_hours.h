/*
 * tool_hours - a merchant's opening hours, told to the model: open now or not, until when, when next, the whole week.
 *
 * Place:    relay, pure. Above db/hours.h, which knows, and proto's JSON writer; below call_tools.
 * Usage:    struct zone_time local = zone_local(&zone, unix_s);  tool_hours_write(&out, &hours, &local)
 * Output:   {"ok":true,"now":"Friday 2026-11-20 17:30","open":false,"opens":"tomorrow 09:00","week":{"Monday":…}}
 * Fails:    false and nothing appended when `out` is full.
 */
#pragma once

#include "base/buf.h"
#include "db/hours.h"

bool tool_hours_write(struct buf *out, const struct merchant_hours *hours, const struct zone_time *local);
