/*
 * tool_hours - a merchant's opening hours, told to the model: open now or not, until when, when next, the whole week.
 *
 * Place:    relay, pure. Above db/hours.h, which knows, and proto's JSON writer; below call_tools.
 * Usage:    struct zone_time local = zone_local(&zone, unix_s);  tool_hours_write(&out, &hours, &local)
 * Output:   {"ok":true,"now":"Friday 2026-11-20 17:30","open":false,"opens":"tomorrow 09:00","week":{"Monday":…},
 *           "special_days":[{"day":"Friday 2026-12-25","hours":"closed","why":"Christmas"}]}
 * Limits:   special days of the next month, at most ten; TOOL_HOURS_BYTES_MAX holds it all, whatever is escaped.
 * Fails:    false and nothing appended when `out` is full.
 */
#pragma once

#include "base/buf.h"
#include "db/hours.h"

enum { TOOL_HOURS_BYTES_MAX = 12 * 1024 };

bool tool_hours_write(struct buf *out, const struct merchant_hours *hours, const struct zone_time *local);
