/*
 * zone - local time out of a TZif file's bytes (RFC 8536): what the clock on a merchant's wall shows.
 *
 * Place:    base, pure. zone_load() is the one function that reads a file.
 * Usage:    struct zone zone; const char *why;
 *           if (!zone_load(&zone, "Europe/Berlin", &why)) log …
 *           struct zone_time local = zone_local(&zone, unix_s);
 * Lifetime: owns a copy of the bytes; plain data, may be copied.
 * Fails:    zone_init() and zone_load() with a sentence; a zone that stands knows every instant.
 * Limits:   ZONE_FILE_BYTES_MAX; years 1 to 9999 (instants beyond count as the nearest); files with leap seconds
 *           ("right/…") are refused.
 * Source:   RFC 8536 (TZif 1 to 4, with its footer); POSIX.1-2017 8.3, TZ.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ZONE_FILE_BYTES_MAX = 8192, ZONE_NAME_BYTES_MAX = 64, ZONE_ABBREVIATION_BYTES_MAX = 15 };

enum zone_day_kind {
	ZONE_DAY_JULIAN,                /* Jn: 1 to 365, 29 February never counts */
	ZONE_DAY_OF_YEAR,               /* n: 0 to 365 */
	ZONE_DAY_OF_WEEK,               /* Mm.w.d */
};

/* When daylight saving begins or ends. */
struct zone_rule {
	enum zone_day_kind kind;
	int32_t day, month, week;       /* day: of the year, or of the week (0 Sunday) */
	int32_t at_s;                   /* local time, since midnight */
};

struct zone_offset {
	int32_t east_s;                 /* of UTC */
	bool is_dst;
	char abbreviation[ZONE_ABBREVIATION_BYTES_MAX + 1];
};

struct zone {
	/* The transitions that the file names, in `bytes`. */
	uint32_t transition_count, type_count, text_count;
	uint32_t times_at, type_numbers_at, types_at, text_at;
	uint8_t time_bytes;             /* 4 or 8 */
	/* After the last of them. */
	bool has_footer, has_dst;
	struct zone_offset standard, summer;
	struct zone_rule begin, end;
	uint32_t byte_count;
	uint8_t bytes[ZONE_FILE_BYTES_MAX];
};

struct zone_time {
	int32_t year;
	uint8_t month, day;             /* from 1 on */
	uint8_t hour, minute, second;
	uint8_t weekday;                /* 0 Monday … 6 Sunday */
	struct zone_offset offset;
};

/* UTC. */
void zone_init_utc(struct zone *z);
bool zone_init(struct zone *z, struct slice tzif, const char **out_why);
/* Reads NAME below /usr/share/zoneinfo, or below the folder that TZDIR names. */
bool zone_load(struct zone *z, const char *name, const char **out_why);
/* Whether a name stays in the folder of zones: words of letters, digits, _ + and - between single slashes. */
bool zone_name_is_safe(struct slice name);
struct zone_time zone_local(const struct zone *z, int64_t unix_s);
