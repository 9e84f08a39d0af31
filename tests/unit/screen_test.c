#include "tests/unit/unit.h"

#include "fcgi/screen.h"

static struct screen_facts nobody_minds(void)
{
	return (struct screen_facts){
		.caller = CALLER_NUMBER,
		.attestation = ATTESTATION_NONE,
		.stored = { .caller_calls_hour_max = 30, .calls_hour_max = MERCHANT_NO_LIMIT },
	};
}

static void expect(const struct screen_facts *f, enum screen_verdict verdict, enum screen_reason reason)
{
	const struct screened s = screen_decide(f);

	if (s.verdict != verdict || s.reason != reason)
		fail_msg("decided %s because of \"%s\", expected %s because of \"%s\"", screen_verdict_word(s.verdict),
			screen_reason_word(s.reason), screen_verdict_word(verdict), screen_reason_word(reason));
}

static void an_ordinary_caller_is_let_in(void **state)
{
	const struct screen_facts f = nobody_minds();

	(void)state;
	expect(&f, SCREEN_ACCEPT, SCREEN_NOTHING);
}

static void a_rule_decides_before_anything_else(void **state)
{
	struct screen_facts f = nobody_minds();

	(void)state;
	f.stored.attestation = ATTESTED_PASSED;
	f.attestation = ATTESTATION_FAILED;
	f.stored.caller_calls = 30;
	f.stored.rule = RULE_BLOCK;
	expect(&f, SCREEN_REJECT, SCREEN_BLOCKED);
	f.stored.rule = RULE_ALLOW;
	expect(&f, SCREEN_ACCEPT, SCREEN_ALLOWED);
}

static void who_withholds_his_number_gets_what_the_merchant_wants(void **state)
{
	struct screen_facts f = nobody_minds();

	(void)state;
	f.caller = CALLER_ANONYMOUS;
	expect(&f, SCREEN_ACCEPT, SCREEN_NOTHING);
	f.stored.anonymous = ANONYMOUS_REJECT;
	expect(&f, SCREEN_REJECT, SCREEN_ANONYMOUS);
	f.stored.anonymous = ANONYMOUS_VOICEMAIL;
	expect(&f, SCREEN_VOICEMAIL, SCREEN_ANONYMOUS);
	f.caller = CALLER_NUMBER;
	expect(&f, SCREEN_ACCEPT, SCREEN_NOTHING);
}

static void a_message_is_no_way_around_the_limits(void **state)
{
	struct screen_facts f = nobody_minds();

	(void)state;
	f.caller = CALLER_ANONYMOUS;
	f.stored.anonymous = ANONYMOUS_VOICEMAIL;
	f.stored.caller_calls = 30;
	expect(&f, SCREEN_REJECT, SCREEN_CALLER_VELOCITY);
	f.stored.caller_calls = 0;
	f.stored.calls_hour_max = 5;
	f.stored.merchant_calls = 5;
	expect(&f, SCREEN_REJECT, SCREEN_MERCHANT_VELOCITY);
	f.stored.merchant_calls = 4;
	f.stored.attestation = ATTESTED_PASSED;
	expect(&f, SCREEN_REJECT, SCREEN_ATTESTATION);
}

static void the_network_s_word_counts_as_far_as_the_merchant_wants(void **state)
{
	/* By attestation: is such a caller let in with any, not-failed, passed? */
	static const bool is_let_in[ATTESTATION_COUNT][3] = {
		[ATTESTATION_ABSENT] = { true, true, false },
		[ATTESTATION_NONE] = { true, true, false },
		[ATTESTATION_FAILED] = { true, false, false },
		[ATTESTATION_PASSED_A] = { true, true, true },
		[ATTESTATION_PASSED_B] = { true, true, true },
		[ATTESTATION_PASSED_C] = { true, true, true },
	};

	(void)state;
	for (int a = 0; a < ATTESTATION_COUNT; a++) {
		for (int wish = 0; wish < 3; wish++) {
			struct screen_facts f = nobody_minds();

			f.attestation = (enum attestation)a;
			f.stored.attestation = (enum screen_attestation)wish;
			if (is_let_in[a][wish])
				expect(&f, SCREEN_ACCEPT, SCREEN_NOTHING);
			else
				expect(&f, SCREEN_REJECT, SCREEN_ATTESTATION);
			/* An address has no carrier that could sign. */
			f.caller = CALLER_ADDRESS;
			expect(&f, SCREEN_ACCEPT, SCREEN_NOTHING);
		}
	}
}

static void limits_count_the_calls_before_this_one(void **state)
{
	struct screen_facts f = nobody_minds();

	(void)state;
	f.stored.caller_calls_hour_max = 1;
	expect(&f, SCREEN_ACCEPT, SCREEN_NOTHING);
	f.stored.caller_calls = 1;
	expect(&f, SCREEN_REJECT, SCREEN_CALLER_VELOCITY);
	f.stored.caller_calls_hour_max = MERCHANT_NO_LIMIT;
	expect(&f, SCREEN_ACCEPT, SCREEN_NOTHING);
	f.stored.merchant_calls = 1000000;
	expect(&f, SCREEN_ACCEPT, SCREEN_NOTHING);
	f.stored.calls_hour_max = 1000000;
	expect(&f, SCREEN_REJECT, SCREEN_MERCHANT_VELOCITY);
}

/* Each combination of all facts: what holds for every decision. */
static void every_decision_is_sound(const struct screen_facts *f)
{
	const struct screened s = screen_decide(f);
	const struct screening_facts *d = &f->stored;

	/* A rule has the last word, and nothing else is called by its name. */
	assert_int_equal(s.reason == SCREEN_ALLOWED, d->rule == RULE_ALLOW);
	assert_int_equal(s.reason == SCREEN_BLOCKED, d->rule == RULE_BLOCK);
	/* Who is turned away is told why, and who is let in has nothing against him. */
	assert_int_equal(s.verdict == SCREEN_ACCEPT, s.reason == SCREEN_NOTHING || s.reason == SCREEN_ALLOWED);
	/* A number that nobody withholds and nobody minds is never turned away. */
	if (f->caller != CALLER_ANONYMOUS && d->rule != RULE_BLOCK && d->attestation == ATTESTED_ANY
		&& d->caller_calls == 0 && d->merchant_calls == 0)
		assert_int_equal(s.verdict, SCREEN_ACCEPT);
	if (s.verdict == SCREEN_VOICEMAIL)
		assert_true(f->caller == CALLER_ANONYMOUS && d->anonymous == ANONYMOUS_VOICEMAIL);
	assert_int_equal(strcmp(screen_reject_word(s.reason), "busy") == 0,
		s.reason == SCREEN_CALLER_VELOCITY || s.reason == SCREEN_MERCHANT_VELOCITY);
}

static void whatever_is_the_case_the_decision_is_sound(void **state)
{
	enum { KINDS = 4, WISHES = 3, COUNTS = 3 };
	const int combinations = KINDS * ATTESTATION_COUNT * WISHES * WISHES * WISHES * COUNTS * COUNTS;
	static const int64_t limits[COUNTS] = { MERCHANT_NO_LIMIT, 3, 3 }, counts[COUNTS] = { 0, 2, 3 };

	(void)state;
	for (int i = 0; i < combinations; i++) {
		int n = i;
#define TAKE(count) ({ const int digit = n % (count); n /= (count); digit; })
		const int caller = TAKE(KINDS), attestation = TAKE(ATTESTATION_COUNT), rule = TAKE(WISHES);
		const int anonymous = TAKE(WISHES), wish = TAKE(WISHES), calls = TAKE(COUNTS), all = TAKE(COUNTS);
#undef TAKE
		const struct screen_facts f = {
			.caller = (enum caller_kind)caller,
			.attestation = (enum attestation)attestation,
			.stored = {
				.rule = (enum screen_rule)rule,
				.anonymous = (enum merchant_anonymous)anonymous,
				.attestation = (enum screen_attestation)wish,
				.caller_calls_hour_max = limits[calls],
				.caller_calls = counts[calls],
				.calls_hour_max = limits[all],
				.merchant_calls = counts[all],
			},
		};

		every_decision_is_sound(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_caller_is_let_in),
		cmocka_unit_test(a_rule_decides_before_anything_else),
		cmocka_unit_test(who_withholds_his_number_gets_what_the_merchant_wants),
		cmocka_unit_test(a_message_is_no_way_around_the_limits),
		cmocka_unit_test(the_network_s_word_counts_as_far_as_the_merchant_wants),
		cmocka_unit_test(limits_count_the_calls_before_this_one),
		cmocka_unit_test(whatever_is_the_case_the_decision_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
