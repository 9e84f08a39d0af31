/*
 * The file names instants at which the offset changed; after the last of them its footer, a POSIX TZ text, goes on
 * for ever. Both are checked once, so that asking never fails.
 */
#include "base/zone.h"

#include "base/check.h"
#include "base/zone_rule.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEADER_BYTES = 44,
	TYPE_BYTES = 6,
	OFFSET_S_MAX = 26 * 3600,
};

/* --- the file ------------------------------------------------------------------------------------- */

struct header {
	uint8_t version;
	uint32_t ut_count, std_count, leap_count, time_count, type_count, text_count;
};

static uint32_t read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int32_t read_i32(const uint8_t *at)
{
	return (int32_t)read_u32(at);
}

static int64_t read_time(const struct zone *z, uint32_t i)
{
	const uint8_t *at = z->bytes + z->times_at + (size_t)i * z->time_bytes;

	if (z->time_bytes == 4)
		return read_i32(at);
	return (int64_t)((uint64_t)read_u32(at) << 32 | read_u32(at + 4));
}

static bool read_header(const struct zone *z, uint32_t at, struct header *h)
{
	const uint8_t *bytes = z->bytes + at;

	if (z->byte_count < at || z->byte_count - at < HEADER_BYTES || memcmp(bytes, "TZif", 4) != 0)
		return false;
	h->version = bytes[4];
	h->ut_count = read_u32(bytes + 20);
	h->std_count = read_u32(bytes + 24);
	h->leap_count = read_u32(bytes + 28);
	h->time_count = read_u32(bytes + 32);
	h->type_count = read_u32(bytes + 36);
	h->text_count = read_u32(bytes + 40);
	return true;
}

/* Each count fits the file, so that their sum cannot overflow. 0: they do not fit. */
static uint32_t body_bytes(const struct zone *z, const struct header *h, uint32_t time_bytes)
{
	const uint32_t most = z->byte_count;

	if (h->ut_count > most || h->std_count > most || h->leap_count > most || h->time_count > most
		|| h->type_count > most || h->text_count > most)
		return 0;
	return h->time_count * (time_bytes + 1) + h->type_count * TYPE_BYTES + h->text_count
		+ h->leap_count * (time_bytes + 4) + h->std_count + h->ut_count;
}

static void place_body(struct zone *z, const struct header *h, uint32_t at, uint8_t time_bytes)
{
	z->time_bytes = time_bytes;
	z->transition_count = h->time_count;
	z->type_count = h->type_count;
	z->text_count = h->text_count;
	z->times_at = at;
	z->type_numbers_at = z->times_at + h->time_count * time_bytes;
	z->types_at = z->type_numbers_at + h->time_count;
	z->text_at = z->types_at + h->type_count * TYPE_BYTES;
}

static bool types_are_sound(const struct zone *z)
{
	for (uint32_t i = 0; i < z->type_count; i++) {
		const uint8_t *type = z->bytes + z->types_at + (size_t)i * TYPE_BYTES;

		if (labs(read_i32(type)) > OFFSET_S_MAX || type[4] > 1 || type[5] >= z->text_count)
			return false;
	}
	return z->type_count > 0 && z->bytes[z->text_at + z->text_count - 1] == '\0';
}

static bool transitions_are_sound(const struct zone *z)
{
	for (uint32_t i = 0; i < z->transition_count; i++) {
		if (z->bytes[z->type_numbers_at + i] >= z->type_count)
			return false;
		if (i > 0 && read_time(z, i) <= read_time(z, i - 1))
			return false;
	}
	return true;
}

/* A newline, the TZ text, a newline; the text may be empty: then the last transition counts for ever. */
static bool read_footer(struct zone *z, uint32_t at)
{
	const char *text = (const char *)z->bytes + at + 1;
	const char *end;

	if (at >= z->byte_count || z->bytes[at] != '\n')
		return false;
	end = memchr(text, '\n', z->byte_count - at - 1);
	if (!end)
		return false;
	z->has_footer = end > text;
	return !z->has_footer || zone_rule_read(z, (struct slice){ text, (size_t)(end - text) });
}

static const char *read_file(struct zone *z)
{
	struct header h;
	uint32_t at = HEADER_BYTES, bytes;

	if (!read_header(z, 0, &h))
		return "it is not a TZif file";
	uint8_t time_bytes = 4;
	bytes = body_bytes(z, &h, time_bytes);
	if (h.version >= '2') {                         /* the first body is for old readers */
		if (bytes > z->byte_count - HEADER_BYTES || !read_header(z, HEADER_BYTES + bytes, &h))
			return "its second header is missing";
		at += bytes + HEADER_BYTES;
		time_bytes = 8;
		bytes = body_bytes(z, &h, time_bytes);
	}
	if (bytes == 0 || bytes > z->byte_count - at || h.text_count == 0)
		return "it is shorter than its header says";
	if (h.leap_count)
		return "it counts leap seconds";
	place_body(z, &h, at, time_bytes);
	if (!types_are_sound(z) || !transitions_are_sound(z))
		return "its transitions are damaged";
	if (time_bytes == 8 && !read_footer(z, at + bytes))
		return "its footer is damaged";
	return NULL;
}

bool zone_init(struct zone *z, struct slice tzif, const char **out_why)
{
	zone_init_utc(z);
	if (tzif.len > sizeof z->bytes) {
		*out_why = "it is too long";
		return false;
	}
	if (tzif.len)
		memcpy(z->bytes, tzif.data, tzif.len);
	z->byte_count = (uint32_t)tzif.len;
	const char *why = read_file(z);

	if (why) {
		zone_init_utc(z);
		*out_why = why;
	}
	return !why;
}

void zone_init_utc(struct zone *z)
{
	z->transition_count = z->type_count = z->text_count = z->byte_count = 0;
	z->has_footer = true;
	z->has_dst = false;
	z->standard = (struct zone_offset){ .abbreviation = "UTC" };
}

bool zone_name_is_safe(struct slice name)
{
	char before = '/';

	if (name.len == 0 || name.len > ZONE_NAME_BYTES_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.data[i];

		if (c == '/' ? before == '/' : !isalnum((unsigned char)c) && c != '_' && c != '+' && c != '-')
			return false;
		before = c;
	}
	return before != '/';
}

bool zone_load(struct zone *z, const char *name, const char **out_why)
{
	const char *folder = getenv("TZDIR");
	char path[4096], bytes[ZONE_FILE_BYTES_MAX + 1];

	zone_init_utc(z);
	*out_why = "its name is no time zone's";
	if (!zone_name_is_safe(slice_of(name)))
		return false;
	const int len = snprintf(path, sizeof path, "%s/%s", folder && *folder ? folder : "/usr/share/zoneinfo", name);

	*out_why = "its file cannot be opened: is tzdata installed?";
	FILE *file = len > 0 && (size_t)len < sizeof path ? fopen(path, "re") : NULL;

	if (!file)
		return false;
	const size_t byte_count = fread(bytes, 1, sizeof bytes, file);
	const bool is_read = !ferror(file);

	(void)fclose(file);
	*out_why = "its file cannot be read";
	return is_read && zone_init(z, (struct slice){ bytes, byte_count }, out_why);
}

/* --- the clock ------------------------------------------------------------------------------------ */

static struct zone_offset type_offset(const struct zone *z, uint32_t number)
{
	const uint8_t *type = z->bytes + z->types_at + (size_t)number * TYPE_BYTES;
	struct zone_offset offset = { .east_s = read_i32(type), .is_dst = type[4] != 0 };

	(void)snprintf(offset.abbreviation, sizeof offset.abbreviation, "%.*s", ZONE_ABBREVIATION_BYTES_MAX,
		(const char *)z->bytes + z->text_at + type[5]);
	return offset;
}

/* How many transitions are at or before the instant. */
static uint32_t transitions_until(const struct zone *z, int64_t unix_s)
{
	uint32_t low = 0, high = z->transition_count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (read_time(z, middle) <= unix_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct zone_offset offset_at(const struct zone *z, int64_t unix_s)
{
	const uint32_t passed = transitions_until(z, unix_s);

	if (passed == z->transition_count && z->has_footer)
		return zone_rule_offset(z, unix_s);
	return type_offset(z, passed == 0 ? 0 : z->bytes[z->type_numbers_at + passed - 1]);
}

struct zone_time zone_local(const struct zone *z, int64_t unix_s)
{
	const int64_t first_s = zone_days(1, 1, 2) * ZONE_DAY_S, last_s = zone_days(9999, 12, 30) * ZONE_DAY_S;

	unix_s = unix_s < first_s ? first_s : unix_s > last_s ? last_s : unix_s;
	struct zone_time local = { .offset = offset_at(z, unix_s) };
	const int64_t wall_s = unix_s + local.offset.east_s;
	const int64_t days = zone_floor(wall_s, ZONE_DAY_S);
	const int64_t rest_s = wall_s - days * ZONE_DAY_S;

	zone_date(days, &local.year, &local.month, &local.day);
	local.weekday = (uint8_t)(days + 3 - 7 * zone_floor(days + 3, 7));      /* 1970 began on a Thursday */
	local.hour = (uint8_t)(rest_s / 3600);
	local.minute = (uint8_t)(rest_s / 60 % 60);
	local.second = (uint8_t)(rest_s % 60);
	return local;
}
