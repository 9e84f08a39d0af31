/* Every combination of facts against the laws of plan.h, and whole calls in which whatever can go wrong does. */
#include "tests/unit/planned.h"

static bool has(const struct plan *p, enum plan_verb verb)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->steps[i].verb == verb)
			return true;
	return false;
}

/* --- every combination ----------------------------------------------------------------------------- */

/* A number in a mixed base: each fact takes its digit. */
struct digits {
	uint64_t rest;
	uint64_t count;
};

static unsigned digit(struct digits *d, unsigned base)
{
	const unsigned value = (unsigned)(d->rest % base);

	d->rest /= base;
	d->count *= base;
	return value;
}

/* No row, a row in each state, or one that ended for each reason. */
static void take_row(struct digits *d, struct plan_facts *f)
{
	const unsigned row = digit(d, 4 + END_REASON_COUNT - 1);

	f->is_recorded = row > 0;
	f->status = row == 0 ? CALL_RINGING : row <= 3 ? (enum call_status)(CALL_RINGING + row - 1) : CALL_ENDED;
	f->end_reason = row >= 4 ? (enum end_reason)(END_NONE + 1 + row - 4) : END_NONE;
	f->was_answered = f->is_recorded && digit(d, 2);
	f->was_dialled = f->is_recorded && digit(d, 2);
	if (f->is_recorded)
		f->handled = (const enum handled[]){ HANDLED_OPEN, HANDLED_PERSON, HANDLED_APOLOGY }[digit(d, 3)];
}

static void take_merchant(struct digits *d, struct plan_facts *f)
{
	f->merchant = (enum plan_merchant)digit(d, PLAN_MERCHANT_KNOWN + 1);
	f->has_fallback = digit(d, 2);
	f->is_closed = digit(d, 2);
	/* While it is open, what is for the night must not count: the strongest of them does not. */
	f->after_hours = f->is_closed ? (enum after_hours)digit(d, AFTER_HOURS_CLOSED + 1) : AFTER_HOURS_CLOSED;
	f->transfer_fallback = (enum transfer_fallback)digit(d, TRANSFER_FALLBACK_APOLOGY + 1);
}

/* What does not matter to a question is left out, lest the combinations be too many: the next test sees to it. */
static struct plan_facts take_facts(struct digits *d, enum plan_question question)
{
	struct plan_facts f = { .question = question };

	f.is_gone = digit(d, 2);
	if (question != PLAN_STATUS && question != PLAN_RECORDED)
		take_merchant(d, &f);
	if (question == PLAN_INCOMING) {
		f.is_picked_up = digit(d, 2);
		f.has_after_hours_number = digit(d, 2);
		f.verdict = (enum screen_verdict)digit(d, SCREEN_VERDICT_COUNT);
		f.is_over_limit = digit(d, 2);
	}
	if (question == PLAN_AFTER)
		f.dial = (enum plan_dial)digit(d, 3);
	if (question == PLAN_AFTER && f.dial == PLAN_DIAL_NONE)
		f.told_end = (const enum end_reason[]){ END_NONE, END_RECEPTIONIST_HUNG_UP, END_TRANSFERRED,
			END_OVER_LIMIT, END_GROK_CLOSED }[digit(d, 5)];
	if (question == PLAN_RECORDED)
		f.recording = (enum plan_recording)digit(d, 3);
	if (question == PLAN_OUTGOING) {
		f.answerer = (enum answerer)digit(d, 3);
		f.has_opening = digit(d, 2);
	}
	if (question == PLAN_AFTER) {
		f.rung.number = (enum plan_number)digit(d, PLAN_NUMBER_COUNT);
		f.rung.transfer_count = digit(d, 2) ? PLAN_TRANSFERS_MAX : 0;
	}
	f.relay = (const enum relay_state[]){ RELAY_UP, RELAY_ABSENT }[digit(d, 2)];
	take_row(d, &f);
	return f;
}

static bool is_open(const struct plan_facts *f)
{
	return f->is_recorded && (f->status == CALL_RINGING || f->status == CALL_LIVE);
}

/* The row says nothing, and the relay says that the caller had his talk. */
static bool was_told_well(const struct plan_facts *f)
{
	return (is_open(f) || !f->is_recorded) && (f->told_end == END_RECEPTIONIST_HUNG_UP
		|| (f->told_end == END_OVER_LIMIT && f->is_recorded && f->was_answered));
}

/* Who may be left without a word: he is gone, was turned away, or has had his talk. */
static bool may_be_silent(const struct plan_facts *f)
{
	if (f->is_gone || f->question == PLAN_STATUS)
		return true;
	if (f->question == PLAN_AFTER && (f->dial == PLAN_DIAL_TALKED || was_told_well(f)))
		return true;
	if (f->question == PLAN_OUTGOING)
		return f->merchant != PLAN_MERCHANT_KNOWN || f->answerer != ANSWERER_PERSON || f->status == CALL_ENDED;
	if (f->question == PLAN_INCOMING && (f->verdict == SCREEN_REJECT || f->end_reason == END_REJECTED))
		return true;
	return f->is_recorded && f->status == CALL_ENDED
		&& (!end_reason_is_fault(f->end_reason) || f->handled == HANDLED_PERSON);
}

static void check_form(const struct plan *p)
{
	assert_true(p->count <= PLAN_STEPS_MAX);
	for (unsigned i = 0; i < p->count; i++) {
		const struct plan_step *step = &p->steps[i];

		assert_int_equal(step->verb == PLAN_DIAL, step->number != PLAN_NUMBER_NONE);
		assert_int_equal(step->verb == PLAN_SAY, step->sentence != PLAN_SENTENCE_NONE);
		assert_true(!step->is_resumed || step->verb == PLAN_STREAM);
		/* A stream and a dialled number have an action: nothing after them would be reached. */
		if (step->verb != PLAN_SAY && step->verb != PLAN_RECORD)
			assert_int_equal(i, p->count - 1);
		/* Nobody is recorded who was not told so, and who says nothing is told so. */
		if (step->verb == PLAN_RECORD)
			assert_true(i == 1 && p->count == 4);
	}
	if (p->count) {
		const enum plan_verb last = p->steps[p->count - 1].verb;

		assert_true(last == PLAN_STREAM || last == PLAN_DIAL || last == PLAN_HANG_UP || last == PLAN_REJECT);
	}
}

static void check_numbers(const struct plan_facts *f, const struct plan *p)
{
	if (!has(p, PLAN_DIAL))
		return;
	switch (p->steps[0].number) {
	case PLAN_NUMBER_NONE:
		fail();
	case PLAN_NUMBER_FALLBACK:
		assert_true(f->has_fallback && f->dial == PLAN_DIAL_NONE && f->rung.number != PLAN_NUMBER_FALLBACK);
		break;
	case PLAN_NUMBER_AFTER_HOURS:
		assert_true(f->has_after_hours_number && f->question == PLAN_INCOMING);
		break;
	case PLAN_NUMBER_TRANSFER:
		assert_true(f->is_recorded && f->status == CALL_TRANSFERRING && !f->was_dialled
			&& f->dial == PLAN_DIAL_NONE && f->rung.transfer_count < PLAN_TRANSFERS_MAX);
		break;
	}
}

static void check_laws(const struct plan_facts *f, const struct plan *p)
{
	check_form(p);
	check_numbers(f, p);
	assert_int_equal(p->count == 0, f->question == PLAN_STATUS);
	if (!may_be_silent(f))
		assert_true(has(p, PLAN_STREAM) || has(p, PLAN_DIAL) || has(p, PLAN_SAY));
	if (f->is_gone && f->question != PLAN_STATUS)
		assert_string_equal(word_of(p), "hang-up");
	if (f->question == PLAN_AFTER && was_told_well(f))
		assert_string_equal(word_of(p), "hang-up");
	/* What the relay will write is not written otherwise before. */
	if (p->is_lost)
		assert_true(is_open(f) && f->told_end == END_NONE);
	if (has(p, PLAN_REJECT))
		assert_true(f->question == PLAN_INCOMING && !f->is_picked_up && !f->is_gone);
	if (has(p, PLAN_STREAM))
		assert_true(relay_takes(f->relay));
	/* Nobody keeps what is said after the tone. */
	if (has(p, PLAN_RECORD))
		assert_true(f->merchant == PLAN_MERCHANT_KNOWN || f->merchant == PLAN_MERCHANT_PAUSED);
	/* Whoever is disturbed at night has asked for it. */
	if (f->merchant == PLAN_MERCHANT_KNOWN && f->is_closed && f->after_hours != AFTER_HOURS_AI
		&& f->after_hours != AFTER_HOURS_FORWARD)
		assert_false(has(p, PLAN_DIAL) && p->steps[0].number == PLAN_NUMBER_FALLBACK);
	if (p->handled == HANDLED_RECEPTIONIST || p->handled == HANDLED_NOBODY)
		assert_true(f->is_recorded && f->handled == HANDLED_OPEN);
	if (p->ends_with != END_NONE)
		assert_true(f->question == PLAN_OUTGOING || (f->question == PLAN_INCOMING && !f->is_recorded));
}

/* The row is written before the relay is asked. */
static void check_row_knows_no_relay(const struct plan_facts *f, const struct plan *p)
{
	struct plan_facts other = *f;

	other.relay = relay_takes(f->relay) ? RELAY_FULL : RELAY_UNKNOWN;
	const struct plan plan = plan_decide(&other);

	assert_int_equal(plan.ends_with, p->ends_with);
	assert_int_equal(plan.is_lost, p->is_lost);
}

static void try_question(enum plan_question question)
{
	struct digits d = { 0, 1 };
	uint64_t count = 1;

	for (uint64_t number = 0; number < count; number++) {
		d = (struct digits){ number, 1 };
		const struct plan_facts f = take_facts(&d, question);
		const struct plan p = plan_decide(&f);

		count = d.count > count ? d.count : count;
		check_laws(&f, &p);
		check_row_knows_no_relay(&f, &p);
	}
	print_message("# question %d: %llu combinations\n", question, (unsigned long long)count);
}

static void no_combination_of_facts_breaks_a_law(void **state)
{
	(void)state;
	for (int question = PLAN_INCOMING; question <= PLAN_STATUS; question++)
		try_question((enum plan_question)question);
}

static void check_same(const struct plan *p, const struct plan *q)
{
	assert_int_equal(p->count, q->count);
	for (unsigned i = 0; i < p->count; i++) {
		assert_int_equal(p->steps[i].verb, q->steps[i].verb);
		assert_int_equal(p->steps[i].number, q->steps[i].number);
		assert_int_equal(p->steps[i].sentence, q->steps[i].sentence);
		assert_int_equal(p->steps[i].is_resumed, q->steps[i].is_resumed);
	}
	assert_int_equal(p->ends_with, q->ends_with);
	assert_int_equal(p->is_lost, q->is_lost);
	assert_int_equal(p->ends_transfer, q->ends_transfer);
	assert_int_equal(p->handled, q->handled);
}

static void what_is_left_out_above_does_not_matter(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		seed = seed * 6364136223846793005U + 1442695040888963407U;
		struct digits d = { seed >> 8, 1 };
		const enum plan_question question = (enum plan_question)(i % (PLAN_STATUS + 1));
		struct plan_facts f = take_facts(&d, question), other = f;

		other.is_picked_up |= question != PLAN_INCOMING;
		other.has_after_hours_number |= question != PLAN_INCOMING;
		other.is_over_limit |= question != PLAN_INCOMING;
		other.has_opening |= question != PLAN_OUTGOING;
		if (question != PLAN_INCOMING)
			other.verdict = SCREEN_REJECT;
		if (question != PLAN_AFTER)
			other.dial = PLAN_DIAL_MISSED;
		if (question != PLAN_AFTER || f.dial != PLAN_DIAL_NONE || (f.is_recorded && !is_open(&f)))
			other.told_end = END_RECEPTIONIST_HUNG_UP;
		if (question != PLAN_RECORDED)
			other.recording = PLAN_RECORDING_LOST;
		if (question != PLAN_OUTGOING)
			other.answerer = ANSWERER_HANG_UP;
		if (!f.is_recorded) {
			other.status = (enum call_status)(i / 7 % (CALL_ENDED + 1));
			other.end_reason = (enum end_reason)(i / 11 % END_REASON_COUNT);
			other.was_answered = other.was_dialled = true;
			other.handled = (enum handled)(i / 13 % HANDLED_COUNT);
		}
		const struct plan p = plan_decide(&f), q = plan_decide(&other);

		check_same(&p, &q);
	}
}

/* --- whole calls ----------------------------------------------------------------------------------- */

/* Everything that can happen after each plan, to the end of the call; who rings, and how often? */
struct journey {
	unsigned depth;
	unsigned rung[PLAN_NUMBER_COUNT];
	bool was_heard;                 /* a word, a ring or the receptionist */
	bool writes;                    /* whether what the plans say reaches the row */
};

/* A transfer is a dialled number and the receptionist who returns; before them comes the first stream, behind them a
 * person, a tone and what becomes of it. */
enum { DEPTH_MAX = 2 * PLAN_TRANSFERS_MAX + 5 };

static uint64_t journey_count;

static void travel(struct plan_facts f, struct journey j);

static void write_row(struct plan_facts *f, const struct plan *p)
{
	if (p->ends_with != END_NONE || p->is_lost || p->ends_transfer) {
		f->status = CALL_ENDED;
		f->end_reason = p->ends_with != END_NONE ? p->ends_with : p->is_lost ? END_UNREPORTED : END_TRANSFERRED;
	}
	if (f->dial == PLAN_DIAL_MISSED && f->status == CALL_TRANSFERRING)
		f->was_dialled = true;
	if (p->handled != HANDLED_OPEN)
		f->handled = p->handled;
}

static struct plan_facts next_question(struct plan_facts f, enum plan_question question)
{
	f.question = question;
	f.dial = PLAN_DIAL_NONE;
	f.recording = PLAN_RECORDING_NONE;
	return f;
}

/* Each is a wish of the caller's, but there is an end of them. */
static void travel_transfer(struct plan_facts f, struct journey j)
{
	struct plan_facts next = next_question(f, PLAN_AFTER);

	next.is_recorded = true;
	next.status = CALL_TRANSFERRING;
	next.end_reason = END_NONE;
	next.was_dialled = false;
	travel(next, j);
}

static void travel_stream(struct plan_facts f, struct journey j)
{
	static const enum end_reason ends[] = { END_GROK_CLOSED, END_RECEPTIONIST_HUNG_UP, END_OVER_LIMIT };
	struct plan_facts next = next_question(f, PLAN_AFTER);

	travel(next, j);                                        /* it never came */
	next.status = CALL_LIVE;
	travel(next, j);                                        /* the relay died at once */
	next.was_answered = true;
	travel(next, j);
	next.status = CALL_ENDED;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		next.end_reason = ends[i];
		travel(next, j);
	}
	travel_transfer(f, j);
}

static void travel_dial(struct plan_facts f, struct journey j, enum plan_number number)
{
	struct plan_facts next = next_question(f, PLAN_AFTER);

	j.rung[number]++;
	assert_in_range(j.rung[number], 1, number == PLAN_NUMBER_TRANSFER ? PLAN_TRANSFERS_MAX : 1);
	next.dial = PLAN_DIAL_TALKED;
	travel(next, j);
	next.dial = PLAN_DIAL_MISSED;
	travel(next, j);
	next.relay = RELAY_ABSENT;
	travel(next, j);
}

static void travel_record(struct plan_facts f, struct journey j)
{
	struct plan_facts next = next_question(f, PLAN_RECORDED);

	for (int recording = PLAN_RECORDING_NONE; recording <= PLAN_RECORDING_LOST; recording++) {
		next.recording = (enum plan_recording)recording;
		travel(next, j);
	}
}

static void travel(struct plan_facts f, struct journey j)
{
	const struct plan p = plan_decide(&f);

	assert_true(++j.depth <= DEPTH_MAX);
	journey_count++;
	j.was_heard |= has(&p, PLAN_STREAM) || has(&p, PLAN_DIAL) || has(&p, PLAN_SAY);
	f.is_recorded |= f.question == PLAN_INCOMING && j.writes;
	f.rung = p.rung;
	if (j.writes)
		write_row(&f, &p);
	if (has(&p, PLAN_STREAM))
		return travel_stream(f, j);
	if (has(&p, PLAN_DIAL))
		return travel_dial(f, j, p.steps[0].number);
	if (has(&p, PLAN_RECORD))
		return travel_record(f, j);
	assert_true(j.was_heard || has(&p, PLAN_REJECT) || f.verdict == SCREEN_REJECT);
}

static void every_call_ends_and_nobody_is_rung_twice(void **state)
{
	struct digits d;
	uint64_t count = 1;

	(void)state;
	for (uint64_t number = 0; number < count; number++) {
		d = (struct digits){ number, 1 };
		struct plan_facts f = { .question = PLAN_INCOMING };

		take_merchant(&d, &f);
		f.is_picked_up = digit(&d, 2);
		f.has_after_hours_number = digit(&d, 2);
		f.verdict = (enum screen_verdict)digit(&d, SCREEN_VERDICT_COUNT);
		f.is_over_limit = digit(&d, 2);
		f.relay = digit(&d, 2) ? RELAY_UP : RELAY_ABSENT;
		count = d.count;
		travel(f, (struct journey){ .writes = true });
		travel(f, (struct journey){ .writes = false });
	}
	print_message("# %llu questions\n", (unsigned long long)journey_count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_combination_of_facts_breaks_a_law),
		cmocka_unit_test(what_is_left_out_above_does_not_matter),
		cmocka_unit_test(every_call_ends_and_nobody_is_rung_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
