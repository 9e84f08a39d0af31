#include "tests/unit/unit.h"

#include "base/random.h"
#include "relay/foyer.h"

enum { TTL_MS = 15000 };

static struct notice expecting(const char *sid)
{
	struct notice n = { .kind = NOTICE_EXPECT, .merchant_id = 7 };

	snprintf(n.call_sid, sizeof n.call_sid, "%s", sid);
	return n;
}

static enum foyer_result announce(struct foyer *f, const char *sid, uint64_t now_ms, struct foyer_guest **out_guest)
{
	struct notice n = expecting(sid);

	return foyer_announce(f, &n, now_ms, out_guest);
}

static struct foyer_guest *seated(struct foyer *f, const char *sid, uint64_t now_ms, void *session)
{
	struct foyer_guest *guest;

	assert_int_equal(announce(f, sid, now_ms, &guest), FOYER_NEW);
	assert_true(foyer_seat(f, guest, session));
	return guest;
}

static uint64_t accounted(const struct foyer_counters *c)
{
	return c->claimed + c->early + c->expired + c->forgotten + c->failed;
}

static void a_session_is_claimed_once(void **state)
{
	struct foyer f;
	int session;

	(void)state;
	assert_true(foyer_open(&f, 4, TTL_MS));
	struct foyer_guest *guest = seated(&f, "CA1", 0, &session);

	assert_int_equal(foyer_waiting_count(&f), 1);
	assert_null(foyer_claim(&f, SLICE("CA2"), 7, 1));
	assert_null(foyer_claim(&f, SLICE(""), 7, 1));
	assert_ptr_equal(foyer_claim(&f, SLICE("CA1"), 7, 1), guest);
	assert_ptr_equal(guest->session, &session);
	assert_null(foyer_claim(&f, SLICE("CA1"), 7, 1));
	assert_int_equal(foyer_waiting_count(&f), 0);
	assert_false(foyer_leave(&f, guest, FOYER_END_EXPIRED));
	foyer_free(&f, guest);
	assert_int_equal(f.guest_count, 0);
	foyer_close(&f);
}

static void another_merchant_does_not_get_it(void **state)
{
	struct foyer f;
	int session;

	(void)state;
	assert_true(foyer_open(&f, 4, TTL_MS));
	seated(&f, "CA1", 0, &session);
	assert_null(foyer_claim(&f, SLICE("CA1"), 8, 1));
	assert_non_null(foyer_claim(&f, SLICE("CA1"), 7, 1));
	foyer_close(&f);
}

static void it_waits_until_its_time_is_over_and_not_longer(void **state)
{
	struct foyer f;
	int session;

	(void)state;
	assert_true(foyer_open(&f, 4, TTL_MS));
	struct foyer_guest *guest = seated(&f, "CA1", 1000, &session);

	assert_int_equal(guest->expires_ms, 1000 + TTL_MS);
	assert_null(foyer_claim(&f, SLICE("CA1"), 7, 1000 + TTL_MS));
	assert_true(foyer_leave(&f, guest, FOYER_END_EXPIRED));
	assert_int_equal(f.counters.expired, 1);
	assert_null(foyer_claim(&f, SLICE("CA1"), 7, 1001));
	guest = seated(&f, "CA1", 50000, &session);
	assert_ptr_equal(foyer_claim(&f, SLICE("CA1"), 7, 50000 + TTL_MS - 1), guest);
	foyer_close(&f);
}

static void two_announcements_are_one_session(void **state)
{
	struct foyer f;
	struct foyer_guest *guest = NULL, *second = NULL;
	int session;

	(void)state;
	assert_true(foyer_open(&f, 4, TTL_MS));
	assert_int_equal(announce(&f, "CA1", 0, &guest), FOYER_NEW);
	assert_int_equal(announce(&f, "CA1", 1, &second), FOYER_KNOWN);
	assert_true(foyer_seat(&f, guest, &session));
	assert_int_equal(announce(&f, "CA1", 2, &second), FOYER_KNOWN);
	assert_true(foyer_knows(&f, SLICE("CA1")));
	assert_false(foyer_knows(&f, SLICE("CA2")));
	assert_null(second);
	assert_int_equal(f.counters.announced, 1);
	assert_int_equal(f.counters.repeated, 3);
	foyer_close(&f);
}

static void there_is_room_for_so_many_and_no_more(void **state)
{
	struct foyer f;
	struct foyer_guest *guest;
	int session;

	(void)state;
	assert_true(foyer_open(&f, 2, TTL_MS));
	seated(&f, "CA1", 0, &session);
	struct foyer_guest *second = seated(&f, "CA2", 0, &session);

	assert_int_equal(announce(&f, "CA3", 0, &guest), FOYER_FULL);
	assert_int_equal(f.counters.refused_full, 1);
	assert_true(foyer_leave(&f, second, FOYER_END_FAILED));
	assert_int_equal(announce(&f, "CA3", 0, &guest), FOYER_NEW);
	foyer_close(&f);
	assert_true(foyer_open(&f, 0, TTL_MS));
	assert_int_equal(announce(&f, "CA1", 0, &guest), FOYER_FULL);
	assert_int_equal(f.counters.refused_full, 0);
	assert_null(foyer_claim(&f, SLICE("CA1"), 7, 0));
	assert_null(foyer_forget(&f, SLICE("CA1")));
	foyer_close(&f);
	foyer_close(&f);
}

static void a_call_that_is_faster_than_its_session_goes_the_cold_way(void **state)
{
	struct foyer f;
	struct foyer_guest *guest;
	int session;

	(void)state;
	assert_true(foyer_open(&f, 2, TTL_MS));
	assert_int_equal(announce(&f, "CA1", 0, &guest), FOYER_NEW);
	assert_null(foyer_claim(&f, SLICE("CA1"), 7, 1));
	assert_int_equal(foyer_waiting_count(&f), 0);
	assert_false(foyer_seat(&f, guest, &session));
	assert_int_equal(f.guest_count, 0);
	assert_int_equal(f.counters.early, 1);
	assert_int_equal(accounted(&f.counters), 1);
	foyer_close(&f);
}

static void a_caller_who_hung_up_is_not_waited_for(void **state)
{
	struct foyer f;
	struct foyer_guest *guest;
	int session;

	(void)state;
	assert_true(foyer_open(&f, 2, TTL_MS));
	guest = seated(&f, "CA1", 0, &session);
	assert_ptr_equal(foyer_forget(&f, SLICE("CA1")), guest);
	assert_null(foyer_forget(&f, SLICE("CA1")));
	assert_null(foyer_claim(&f, SLICE("CA1"), 7, 1));
	/* The note is on the way: the session must wait for it. */
	assert_false(foyer_leave(&f, guest, FOYER_END_EXPIRED));
	foyer_free(&f, guest);
	assert_int_equal(announce(&f, "CA2", 0, &guest), FOYER_NEW);
	assert_null(foyer_forget(&f, SLICE("CA2")));
	assert_false(foyer_seat(&f, guest, &session));
	assert_int_equal(f.counters.forgotten, 2);
	assert_int_equal(accounted(&f.counters), f.counters.announced);
	assert_int_equal(f.guest_count, 0);
	foyer_close(&f);
}

static void what_was_claimed_is_not_forgotten(void **state)
{
	struct foyer f;
	int session;

	(void)state;
	assert_true(foyer_open(&f, 2, TTL_MS));
	seated(&f, "CA1", 0, &session);
	assert_non_null(foyer_claim(&f, SLICE("CA1"), 7, 1));
	assert_null(foyer_forget(&f, SLICE("CA1")));
	foyer_close(&f);
}

static void a_session_that_could_not_be_opened_is_counted(void **state)
{
	struct foyer f;
	struct foyer_guest *guest;

	(void)state;
	assert_true(foyer_open(&f, 2, TTL_MS));
	assert_int_equal(announce(&f, "CA1", 0, &guest), FOYER_NEW);
	assert_false(foyer_seat(&f, guest, NULL));
	assert_int_equal(f.counters.failed, 1);
	assert_int_equal(f.guest_count, 0);
	foyer_close(&f);
}

/* What a session may be told, by a thread that does nothing else: each guest exactly once. */
struct rival {
	struct foyer *foyer;
	pthread_t thread;
	uint32_t won;
	bool forgets;
};

enum { ROUNDS = 2000 };

static void *try_to_win(void *argument)
{
	struct rival *r = argument;
	char sid[16];

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(sid, sizeof sid, "CA%d", i);
		r->won += r->forgets ? foyer_forget(r->foyer, slice_of(sid)) != NULL
				     : foyer_claim(r->foyer, slice_of(sid), 7, 1) != NULL;
	}
	return NULL;
}

static void whoever_comes_at_the_same_time_only_one_gets_it(void **state)
{
	struct foyer f;
	struct rival rivals[3] = { { .foyer = &f }, { .foyer = &f }, { .foyer = &f, .forgets = true } };
	struct foyer_guest *guests[ROUNDS];
	uint32_t told = 0, left = 0;
	char sid[16];
	int session;

	(void)state;
	assert_true(foyer_open(&f, ROUNDS, TTL_MS));
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(sid, sizeof sid, "CA%d", i);
		guests[i] = seated(&f, sid, 0, &session);
	}
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&rivals[i].thread, NULL, try_to_win, &rivals[i]), 0);
	for (int i = ROUNDS - 1; i >= 0; i--)
		left += foyer_leave(&f, guests[i], FOYER_END_EXPIRED);
	for (int i = 0; i < 3; i++) {
		pthread_join(rivals[i].thread, NULL);
		told += rivals[i].won;
	}
	assert_int_equal(told + left, ROUNDS);
	assert_int_equal(accounted(&f.counters), ROUNDS);
	foyer_close(&f);
}

/* A hundred thousand random steps against a plain account of what must be. */
struct entry {
	bool announced, seated, claimed, told, marked;
	uint64_t expires_ms;
	struct foyer_guest *guest;
};

enum { CALLS = 12, ROOM = 5, STEPS = 100000 };

static uint32_t open_count(const struct entry *entries)
{
	uint32_t count = 0;

	for (int i = 0; i < CALLS; i++)
		count += entries[i].announced;
	return count;
}

static void step(struct foyer *f, struct entry *entries, struct random *random, uint64_t now_ms)
{
	struct entry *e = &entries[random_u32(random) % CALLS];
	char sid[16];
	struct foyer_guest *guest;
	bool may_claim = e->announced && !e->claimed && !e->told && !e->marked && now_ms < e->expires_ms;

	snprintf(sid, sizeof sid, "CA%d", (int)(e - entries));
	switch (random_u32(random) % 6) {
	case 0: {
		bool full = open_count(entries) == ROOM;
		enum foyer_result wanted = e->announced ? FOYER_KNOWN : full ? FOYER_FULL : FOYER_NEW;

		assert_int_equal(announce(f, sid, now_ms, &guest), wanted);
		if (wanted == FOYER_NEW)
			*e = (struct entry){ .announced = true, .expires_ms = now_ms + TTL_MS, .guest = guest };
		return;
	}
	case 1:
		if (!e->announced || e->seated)
			return;
		assert_int_equal(foyer_seat(f, e->guest, e), !e->marked);
		if (e->marked)
			*e = (struct entry){ 0 };
		else
			e->seated = true;
		return;
	case 2:
		guest = foyer_claim(f, slice_of(sid), 7, now_ms);
		assert_ptr_equal(guest, may_claim && e->seated ? e->guest : NULL);
		e->claimed |= may_claim && e->seated;
		e->marked |= may_claim && !e->seated;
		return;
	case 3:
		guest = foyer_forget(f, slice_of(sid));
		assert_ptr_equal(guest, e->seated && !e->claimed && !e->told ? e->guest : NULL);
		e->told |= guest != NULL;
		e->marked |= e->announced && !e->seated;
		return;
	case 4:
		if (!e->seated)
			return;
		if (e->claimed || e->told) {
			foyer_free(f, e->guest);
			*e = (struct entry){ 0 };
		} else if (now_ms >= e->expires_ms) {
			assert_true(foyer_leave(f, e->guest, FOYER_END_EXPIRED));
			*e = (struct entry){ 0 };
		}
		return;
	case 5:
		if ((e->claimed || e->told) && e->seated)
			assert_false(foyer_leave(f, e->guest, FOYER_END_FAILED));
		return;
	}
}

static void random_steps_keep_the_account(void **state)
{
	struct foyer f;
	struct entry entries[CALLS] = { 0 };
	struct random random = { 0 };
	uint64_t now_ms = 0;

	(void)state;
	assert_true(foyer_open(&f, ROOM, TTL_MS));
	for (int i = 0; i < STEPS; i++) {
		now_ms += random_u32(&random) % 2000;
		step(&f, entries, &random, now_ms);
		assert_int_equal(f.guest_count, open_count(entries));
		assert_true(f.guest_count <= ROOM);
	}
	assert_true(f.counters.claimed && f.counters.early && f.counters.expired && f.counters.forgotten &&
		f.counters.refused_full && f.counters.repeated);
	foyer_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_claimed_once),
		cmocka_unit_test(another_merchant_does_not_get_it),
		cmocka_unit_test(it_waits_until_its_time_is_over_and_not_longer),
		cmocka_unit_test(two_announcements_are_one_session),
		cmocka_unit_test(there_is_room_for_so_many_and_no_more),
		cmocka_unit_test(a_call_that_is_faster_than_its_session_goes_the_cold_way),
		cmocka_unit_test(a_caller_who_hung_up_is_not_waited_for),
		cmocka_unit_test(what_was_claimed_is_not_forgotten),
		cmocka_unit_test(a_session_that_could_not_be_opened_is_counted),
		cmocka_unit_test(whoever_comes_at_the_same_time_only_one_gets_it),
		cmocka_unit_test(random_steps_keep_the_account),
	};

	return cmocka_run_group_tests_name("foyer", tests, NULL, NULL);
}
