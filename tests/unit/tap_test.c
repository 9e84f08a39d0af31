#include "tests/unit/unit.h"

#include "relay/tap.h"

#include <pthread.h>

/* Reads one record out of what is there; false: nothing whole. */
static bool next_record(struct tap *tap, uint8_t *bytes, size_t *len, struct testimony *out)
{
	*len += tap_read(tap, bytes + *len, 2 * TAP_BYTES - *len);
	return testimony_read((struct slice){ (const char *)bytes, *len }, out) == TESTIMONY_DONE;
}

static void forget_record(uint8_t *bytes, size_t *len, const struct testimony *t)
{
	size_t whole = TESTIMONY_HEAD_BYTES + t->data.len;

	memmove(bytes, bytes + whole, *len - whole);
	*len -= whole;
}

/* A record ends where it ends: what lies behind it may look like more of its number. */
static uint32_t number_in(const struct testimony *t)
{
	uint32_t number = 0;

	for (size_t i = 0; i < t->data.len; i++)
		number = number * 10 + (uint32_t)(t->data.data[i] - '0');
	return number;
}

static void only_what_is_wanted_comes_out(void **state)
{
	struct tap *tap = tap_new(TESTIMONY_EVENTS);
	static uint8_t bytes[2 * TAP_BYTES];
	struct testimony audio = { TESTIMONY_CALLER_AUDIO, 1, SLICE("aaaa") }, clear = { TESTIMONY_CLEAR, 2, { 0 } }, t;
	size_t len = 0;

	(void)state;
	tap_write(tap, &audio);
	tap_write(tap, &clear);
	assert_true(next_record(tap, bytes, &len, &t));
	assert_int_equal(t.kind, TESTIMONY_CLEAR);
	assert_int_equal(t.call_ms, 2);
	assert_int_equal(len, TESTIMONY_HEAD_BYTES);
	tap_free(tap);
}

static void a_slow_reader_learns_how_much_was_left_out(void **state)
{
	struct tap *tap = tap_new(TESTIMONY_AUDIO);
	static uint8_t bytes[2 * TAP_BYTES];
	static char audio[1000];
	struct testimony wrote = { TESTIMONY_CALLER_AUDIO, 0, { audio, sizeof audio } }, t;
	size_t len = 0, fit = TAP_BYTES / (TESTIMONY_HEAD_BYTES + sizeof audio);
	unsigned long told = 0;
	uint32_t got = 0;

	(void)state;
	for (wrote.call_ms = 0; wrote.call_ms < fit + 5; wrote.call_ms++)
		tap_write(tap, &wrote);
	for (int last = 0; last < 2; last++) {
		while (next_record(tap, bytes, &len, &t)) {
			if (t.kind == TESTIMONY_LEFT_OUT)
				told += number_in(&t);
			else
				assert_int_equal(t.call_ms, got++ + told);
			forget_record(bytes, &len, &t);
		}
		assert_int_equal(got, fit + (size_t)last);
		if (!last)
			tap_write(tap, &wrote);
	}
	assert_int_equal(told, 5);
	tap_free(tap);
}

enum { RECORDS = 200000 };

static void *write_all(void *argument)
{
	struct tap *tap = argument;
	char data[64] = { 0 };
	struct testimony t = { TESTIMONY_CALLER_AUDIO, 0, { 0 } };

	for (uint32_t i = 0; i < RECORDS; i++) {
		t.call_ms = i;
		t.data = (struct slice){ data, i % sizeof data };
		memset(data, (int)(i & 0x7f), sizeof data);
		tap_write(tap, &t);
	}
	tap_close(tap);
	return NULL;
}

/* Two threads: whatever arrives is whole and in order, and what is missing is told. */
static void nothing_is_torn_between_two_threads(void **state)
{
	struct tap *tap = tap_new(TESTIMONY_AUDIO);
	static uint8_t bytes[2 * TAP_BYTES];
	uint32_t next = 0, got = 0, missing = 0, told = 0;
	struct testimony t;
	size_t len = 0;
	pthread_t writer;
	bool last;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, write_all, tap), 0);
	do {
		last = tap_is_closed(tap);
		while (next_record(tap, bytes, &len, &t)) {
			if (t.kind == TESTIMONY_LEFT_OUT) {
				told += number_in(&t);
			} else {
				assert_true(t.call_ms >= next);
				missing += t.call_ms - next;
				next = t.call_ms + 1;
				got++;
				assert_int_equal(t.data.len, t.call_ms % 64);
				for (size_t i = 0; i < t.data.len; i++)
					assert_int_equal(t.data.data[i], t.call_ms & 0x7f);
			}
			forget_record(bytes, &len, &t);
		}
	} while (!last);
	pthread_join(writer, NULL);
	assert_int_equal(len, 0);
	assert_true(missing <= told);
	assert_int_equal(got + told + tap->left_out_count, RECORDS);
	tap_free(tap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_wanted_comes_out),
		cmocka_unit_test(a_slow_reader_learns_how_much_was_left_out),
		cmocka_unit_test(nothing_is_torn_between_two_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
