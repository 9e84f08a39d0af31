#include "tests/unit/unit.h"

#include "base/check.h"
#include "relay/tool_hours.h"

/* Monday to Friday 9 to 12 and 13 to 17; Saturday 20 to 02. */
static struct merchant_hours usual(void)
{
	struct merchant_hours h = {0};

	for (uint8_t day = 0; day < 5; day++) {
		h.openings[h.count++] = (struct merchant_opening){day, 540, 720};
		h.openings[h.count++] = (struct merchant_opening){day, 780, 1020};
	}
	h.openings[h.count++] = (struct merchant_opening){5, 1200, 1560};
	return h;
}

/* date -u -d 2026-11-21T03:30 +%s: a Saturday */
enum { SATURDAY_S = 1795231800 };

static void told(const struct merchant_hours *h, int64_t unix_s, const char *expected)
{
	static char memory[4096];
	struct zone zone;
	struct buf out;

	zone_init_utc(&zone);
	struct zone_time local = zone_local(&zone, unix_s);

	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(tool_hours_write(&out, h, &local));
	assert_true(buf_append(&out, "", 1));
	assert_string_equal(memory, expected);
	buf_init_fixed(&out, memory, 40);
	assert_false(tool_hours_write(&out, h, &local));
	assert_int_equal(buf_len(&out), 0);
}

#define WEEK_MEMBERS                                                                                       \
	"\"week\":{\"Monday\":\"09:00-12:00, 13:00-17:00\",\"Tuesday\":\"09:00-12:00, "            \
	"13:00-17:00\","                                                                           \
	"\"Wednesday\":\"09:00-12:00, 13:00-17:00\",\"Thursday\":\"09:00-12:00, 13:00-17:00\","    \
	"\"Friday\":\"09:00-12:00, "                                                               \
	"13:00-17:00\",\"Saturday\":\"20:00-02:00\",\"Sunday\":\"closed\"}"
#define WEEK WEEK_MEMBERS "}"

static void the_model_is_told_in_words(void **state)
{
	struct merchant_hours h = usual();

	(void)state;
	told(&h, SATURDAY_S,
		"{\"ok\":true,\"now\":\"Saturday 2026-11-21 03:30\",\"open\":false,"
		"\"opens\":\"today 20:00\"," WEEK);
	told(&h, SATURDAY_S + 18 * 3600,
		"{\"ok\":true,\"now\":\"Saturday 2026-11-21 21:30\",\"open\":true,"
		"\"closes\":\"tomorrow 02:00\"," WEEK);
	told(&h, SATURDAY_S + 86400,
		"{\"ok\":true,\"now\":\"Sunday 2026-11-22 03:30\",\"open\":false,"
		"\"opens\":\"tomorrow 09:00\"," WEEK);
	told(&h, SATURDAY_S + 48 * 3600,
		"{\"ok\":true,\"now\":\"Monday 2026-11-23 03:30\",\"open\":false,"
		"\"opens\":\"today 09:00\"," WEEK);
}

static void special_days_of_the_next_month_are_told(void **state)
{
	struct merchant_hours h = usual();

	(void)state;
	h.days[h.day_count++] = (struct merchant_day){ .month = 11, .day = 24, .is_closed = true, .note_bytes = 5 };
	h.days[h.day_count++] = (struct merchant_day){ .month = 12, .day = 25, .is_closed = true };
	h.days[h.day_count++] = (struct merchant_day){ .year = 2026, .month = 11, .day = 23, .opens_min = 600,
		.closes_min = 660 };
	h.days[h.day_count++] = (struct merchant_day){ .year = 2026, .month = 11, .day = 23, .opens_min = 1320,
		.closes_min = 1500 };
	memcpy(h.notes, "Feast", 5);
	told(&h, SATURDAY_S + 86400,
		"{\"ok\":true,\"now\":\"Sunday 2026-11-22 03:30\",\"open\":false,"
		"\"opens\":\"tomorrow 10:00\"," WEEK_MEMBERS ",\"special_days\":[{\"day\":\"Monday 2026-11-23\","
		"\"hours\":\"10:00-11:00, 22:00-01:00\"},{\"day\":\"Tuesday 2026-11-24\",\"hours\":\"closed\","
		"\"why\":\"Feast\"}]}");
}

static void who_names_special_days_only_has_no_week(void **state)
{
	struct merchant_hours h = {0};

	(void)state;
	h.days[h.day_count++] = (struct merchant_day){ .year = 2026, .month = 11, .day = 22, .is_closed = true };
	told(&h, SATURDAY_S,
		"{\"ok\":true,\"now\":\"Saturday 2026-11-21 03:30\",\"open\":true,\"closes\":\"tomorrow 00:00\","
		"\"special_days\":[{\"day\":\"Sunday 2026-11-22\",\"hours\":\"closed\"}]}");
}

static void a_merchant_without_hours_has_none(void **state)
{
	struct merchant_hours none = {0};

	(void)state;
	told(&none, SATURDAY_S,
		"{\"ok\":false,\"now\":\"Saturday 2026-11-21 03:30\","
		"\"error\":\"the opening hours are not known\"}");
}

static void round_the_clock_nothing_changes(void **state)
{
	struct merchant_hours h = {0};

	(void)state;
	for (uint8_t day = 0; day < 7; day++)
		h.openings[h.count++] = (struct merchant_opening){day, 0, 1440};
	told(&h, SATURDAY_S,
		"{\"ok\":true,\"now\":\"Saturday 2026-11-21 03:30\",\"open\":true,"
		"\"week\":{\"Monday\":\"00:00-00:00\",\"Tuesday\":\"00:00-00:00\",\"Wednesday\":"
		"\"00:00-00:00\","
		"\"Thursday\":\"00:00-00:00\",\"Friday\":\"00:00-00:00\",\"Saturday\":\"00:00-00:"
		"00\","
		"\"Sunday\":\"00:00-00:00\"}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_model_is_told_in_words),
		cmocka_unit_test(special_days_of_the_next_month_are_told),
		cmocka_unit_test(who_names_special_days_only_has_no_week),
		cmocka_unit_test(a_merchant_without_hours_has_none),
		cmocka_unit_test(round_the_clock_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
