#include "base/zone_rule.h"

#include <ctype.h>
#include <string.h>

/* --- the calendar --------------------------------------------------------------------------------- */

int64_t zone_floor(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Years that begin in March end with the leap day; 400 of them have 146097 days. */
int64_t zone_days(int64_t year, int month, int day)
{
	const int64_t y = year - (month <= 2);
	const int64_t era = zone_floor(y, 400);
	const int64_t year_of_era = y - era * 400;
	const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

void zone_date(int64_t days, int32_t *out_year, uint8_t *out_month, uint8_t *out_day)
{
	const int64_t era = zone_floor(days + 719468, 146097);
	const int64_t day_of_era = days + 719468 - era * 146097;
	const int64_t year_of_era
		= (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	const int64_t month = (5 * day_of_year + 2) / 153;

	*out_day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1);
	*out_month = (uint8_t)(month < 10 ? month + 3 : month - 9);
	*out_year = (int32_t)(year_of_era + era * 400 + (*out_month <= 2));
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* --- the text ------------------------------------------------------------------------------------- */

static bool take(struct slice *text, char c)
{
	if (text->len == 0 || *text->data != c)
		return false;
	text->data++;
	text->len--;
	return true;
}

static bool take_number(struct slice *text, int32_t least, int32_t most, int32_t *out)
{
	int32_t number = 0;
	size_t len = 0;

	while (len < text->len && len < 4 && isdigit((unsigned char)text->data[len]))
		number = number * 10 + (text->data[len++] - '0');
	text->data += len;
	text->len -= len;
	*out = number;
	return len > 0 && number >= least && number <= most;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct slice *text, int32_t hours_max, int32_t *out_s)
{
	const bool is_negative = take(text, '-');
	int32_t hours, minutes = 0, seconds = 0;

	if (!is_negative)
		(void)take(text, '+');
	if (!take_number(text, 0, hours_max, &hours))
		return false;
	if (take(text, ':') && !take_number(text, 0, 59, &minutes))
		return false;
	if (take(text, ':') && !take_number(text, 0, 59, &seconds))
		return false;
	*out_s = (hours * 3600 + minutes * 60 + seconds) * (is_negative ? -1 : 1);
	return true;
}

/* Three letters or more, or anything like <+0330>. */
static bool take_name(struct slice *text, char out[ZONE_ABBREVIATION_BYTES_MAX + 1])
{
	const bool is_quoted = take(text, '<');
	size_t len = 0;

	while (len < text->len && (isalpha((unsigned char)text->data[len])
			|| (is_quoted && (isdigit((unsigned char)text->data[len]) || strchr("+-", text->data[len])))))
		len++;
	if (len < 3 || len > ZONE_ABBREVIATION_BYTES_MAX || memchr(text->data, '\0', len))
		return false;
	memcpy(out, text->data, len);
	out[len] = '\0';
	text->data += len;
	text->len -= len;
	return !is_quoted || take(text, '>');
}

static bool take_rule(struct slice *text, struct zone_rule *rule)
{
	*rule = (struct zone_rule){ .kind = ZONE_DAY_OF_YEAR, .at_s = 2 * 3600 };
	bool is_sound;

	if (!take(text, ','))
		return false;
	if (take(text, 'M')) {
		rule->kind = ZONE_DAY_OF_WEEK;
		is_sound = take_number(text, 1, 12, &rule->month) && take(text, '.')
			&& take_number(text, 1, 5, &rule->week) && take(text, '.')
			&& take_number(text, 0, 6, &rule->day);
	} else if (take(text, 'J')) {
		rule->kind = ZONE_DAY_JULIAN;
		is_sound = take_number(text, 1, 365, &rule->day);
	} else {
		is_sound = take_number(text, 0, 365, &rule->day);
	}
	return is_sound && (!take(text, '/') || take_time(text, 167, &rule->at_s));
}

/* The text counts hours west of Greenwich. */
bool zone_rule_read(struct zone *z, struct slice text)
{
	int32_t west_s;

	z->has_dst = false;
	z->standard = z->summer = (struct zone_offset){ 0 };
	if (!take_name(&text, z->standard.abbreviation) || !take_time(&text, 24, &west_s))
		return false;
	z->standard.east_s = -west_s;
	if (text.len == 0)
		return true;
	z->has_dst = z->summer.is_dst = true;
	z->summer.east_s = z->standard.east_s + 3600;
	if (!take_name(&text, z->summer.abbreviation))
		return false;
	if (text.len && *text.data != ',') {
		if (!take_time(&text, 24, &west_s))
			return false;
		z->summer.east_s = -west_s;
	}
	return take_rule(&text, &z->begin) && take_rule(&text, &z->end) && text.len == 0;
}

/* --- the clock ------------------------------------------------------------------------------------ */

static int64_t rule_day(const struct zone_rule *rule, int64_t year)
{
	const int64_t new_year = zone_days(year, 1, 1);

	switch (rule->kind) {
	case ZONE_DAY_OF_YEAR:
		return new_year + rule->day;
	case ZONE_DAY_JULIAN:
		return new_year + rule->day - 1 + (is_leap(year) && rule->day >= 60);
	case ZONE_DAY_OF_WEEK:
		break;
	}
	const int64_t first = zone_days(year, rule->month, 1);
	const int64_t next_month = zone_days(year + rule->month / 12, rule->month % 12 + 1, 1);
	const int64_t weekday = first + 4 - 7 * zone_floor(first + 4, 7);        /* 0 Sunday */
	int64_t day = first + (rule->day - weekday + 7) % 7 + 7 * (rule->week - 1);

	return day < next_month ? day : day - 7;
}

/* The latest change at or before the instant decides; years overlap at New Year. */
struct zone_offset zone_rule_offset(const struct zone *z, int64_t unix_s)
{
	if (!z->has_dst)
		return z->standard;
	const int64_t days = zone_floor(unix_s + z->standard.east_s, ZONE_DAY_S);
	int64_t latest_s = INT64_MIN;
	bool is_dst = false;
	int32_t year;
	uint8_t month, day;

	zone_date(days, &year, &month, &day);
	for (int64_t y = (int64_t)year - 1; y <= (int64_t)year + 1; y++) {
		const int64_t ends_s = rule_day(&z->end, y) * ZONE_DAY_S + z->end.at_s - z->summer.east_s;
		const int64_t begins_s = rule_day(&z->begin, y) * ZONE_DAY_S + z->begin.at_s - z->standard.east_s;

		if (ends_s <= unix_s && ends_s > latest_s) {
			latest_s = ends_s;
			is_dst = false;
		}
		if (begins_s <= unix_s && begins_s >= latest_s) {
			latest_s = begins_s;
			is_dst = true;
		}
	}
	return is_dst ? z->summer : z->standard;
}
