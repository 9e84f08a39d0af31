/*
 * zone_rule - the TZ text at the end of a TZif file: "CET-1CEST,M3.5.0,M10.5.0/3".
 *
 * Place:   base, pure; a part of zone.
 * Source:  POSIX.1-2017 8.3 with the longer hours of RFC 8536 3.3.1. A text with daylight saving but without rules
 *          is refused: what POSIX leaves open no file may.
 */
#pragma once

#include "base/zone.h"

enum { ZONE_DAY_S = 86400 };

/* Fills standard, summer, begin, end. */
bool zone_rule_read(struct zone *z, struct slice text);
struct zone_offset zone_rule_offset(const struct zone *z, int64_t unix_s);

/* The proleptic Gregorian calendar; days since 1970-01-01. */
int64_t zone_days(int64_t year, int month, int day);
void zone_date(int64_t days, int32_t *out_year, uint8_t *out_month, uint8_t *out_day);
/* Division towards minus infinity. */
int64_t zone_floor(int64_t a, int64_t b);
