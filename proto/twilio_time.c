/* ISO 8601 times, as the older documents put them into media messages: arithmetic only, years 1970 to 9999. */
#include "proto/scan.h"
#include "proto/twilio_scan.h"

static const int64_t day_ms = 86400000;

/* Days since 1970-01-01 in the Gregorian calendar; years count from March, so that leap days come last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = year / 400, year_of_era = year % 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int64_t days_in(int64_t year, int64_t month)
{
	return month == 12 ? 31 : days_of(year, month + 1, 1) - days_of(year, month, 1);
}

/* Two or four digits at a place of a fixed layout; -1 if there are none. */
static int64_t field(struct slice text, size_t at, size_t len)
{
	int64_t number;

	return at + len <= text.len && scan_digits(text.data + at, len, &number) ? number : -1;
}

static bool has_layout(struct slice text)
{
	return text.len >= sizeof "2026-11-02T09:30:00Z" - 1 && text.data[4] == '-' && text.data[7] == '-' &&
		(text.data[10] == 'T' || text.data[10] == 't' || text.data[10] == ' ') && text.data[13] == ':' &&
		text.data[16] == ':';
}

/* Takes ".125" off the head; digits behind the third do not count. */
static int64_t take_fraction_ms(struct slice *rest)
{
	int64_t ms = 0, unit = 100;
	size_t at = 0;

	if (rest->len == 0 || rest->data[0] != '.')
		return 0;
	for (at = 1; at < rest->len && rest->data[at] >= '0' && rest->data[at] <= '9'; at++, unit /= 10)
		ms += unit * (rest->data[at] - '0');
	*rest = (struct slice){ rest->data + at, rest->len - at };
	return at > 1 ? ms : -1;
}

static bool zone_ms(struct slice rest, int64_t *out)
{
	if (rest.len == 1 && (rest.data[0] == 'Z' || rest.data[0] == 'z')) {
		*out = 0;
		return true;
	}
	int64_t hours = field(rest, 1, 2), minutes = field(rest, 4, 2);
	if (rest.len != 6 || (rest.data[0] != '+' && rest.data[0] != '-') || rest.data[3] != ':' || hours < 0 ||
		hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*out = (hours * 60 + minutes) * 60000 * (rest.data[0] == '-' ? -1 : 1);
	return true;
}

static int64_t wall_ms_of(struct slice text)
{
	if (!has_layout(text))
		return -1;
	int64_t year = field(text, 0, 4), month = field(text, 5, 2), day = field(text, 8, 2);
	int64_t hour = field(text, 11, 2), minute = field(text, 14, 2), second = field(text, 17, 2), offset_ms;
	struct slice rest = { text.data + 19, text.len - 19 };
	int64_t fraction_ms = take_fraction_ms(&rest);

	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
		return -1;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 || fraction_ms < 0)
		return -1;
	if (!zone_ms(rest, &offset_ms))
		return -1;
	int64_t ms = days_of(year, month, day) * day_ms + ((hour * 60 + minute) * 60 + second) * 1000 + fraction_ms;
	return ms >= offset_ms ? ms - offset_ms : -1;
}

int64_t twilio_time(struct slice text, bool *out_is_wall)
{
	int64_t ms;

	*out_is_wall = false;
	if (scan_digits(text.data, text.len, &ms))
		return ms;
	ms = wall_ms_of(text);
	*out_is_wall = ms >= 0;
	return ms;
}

static void put_digits(char *out, int count, int64_t number)
{
	for (; count > 0; number /= 10)
		out[--count] = (char)('0' + number % 10);
}

void twilio_time_write(char out[TWILIO_TIME_BYTES], int64_t wall_ms)
{
	int64_t days = wall_ms / day_ms, ms = wall_ms % day_ms, year, month;

	for (year = 1970 + days / 366; days_of(year + 1, 1, 1) <= days; year++)
		;
	for (month = 1; month < 12 && days_of(year, month + 1, 1) <= days; month++)
		;
	memcpy(out, "0000-00-00T00:00:00.000Z", TWILIO_TIME_BYTES);
	put_digits(out, 4, year);
	put_digits(out + 5, 2, month);
	put_digits(out + 8, 2, days - days_of(year, month, 1) + 1);
	put_digits(out + 11, 2, ms / 3600000);
	put_digits(out + 14, 2, ms / 60000 % 60);
	put_digits(out + 17, 2, ms / 1000 % 60);
	put_digits(out + 20, 3, ms % 1000);
}
