/*
 *  a call comes in            unknown: it says so; turned away: rejected, or a tone; closed: as the merchant chose;
 *                             over a limit, or no relay: a person; else the receptionist
 *  the caller is gone         hang up, nobody listens
 *  to be handed over          ring the person; talked: hang up; not reached: as the merchant chose
 *  any other was dialled      talked: hang up; not reached: a tone or an apology, as the merchant chose
 *  ended as it should         hang up; the relay says so where the row cannot
 *  anything else              the stream failed, never came, or its relay died: a person
 *
 * A person is the fallback number; where there is none, or none is to be rung at this hour, a tone or an apology.
 */
#include "fcgi/plan.h"

#include "base/check.h"

#include <stdio.h>

static void add(struct plan *p, struct plan_step step)
{
	check(p->count < PLAN_STEPS_MAX);
	p->steps[p->count++] = step;
}

static struct plan one(struct plan_step step)
{
	struct plan p = { 0 };

	add(&p, step);
	return p;
}

static struct plan hang_up(void)
{
	return one((struct plan_step){ .verb = PLAN_HANG_UP });
}

static struct plan say(enum plan_sentence sentence, enum handled handled)
{
	struct plan p = one((struct plan_step){ .verb = PLAN_SAY, .sentence = sentence });

	add(&p, (struct plan_step){ .verb = PLAN_HANG_UP });
	p.handled = handled;
	return p;
}

static struct plan apologise(void)
{
	return say(PLAN_SENTENCE_APOLOGY, HANDLED_APOLOGY);
}

static struct plan tone(enum plan_sentence sentence)
{
	struct plan p = one((struct plan_step){ .verb = PLAN_SAY, .sentence = sentence });

	add(&p, (struct plan_step){ .verb = PLAN_RECORD });
	add(&p, (struct plan_step){ .verb = PLAN_SAY, .sentence = PLAN_SENTENCE_NO_MESSAGE });
	add(&p, (struct plan_step){ .verb = PLAN_HANG_UP });
	return p;
}

static struct plan dial(enum plan_number number)
{
	return one((struct plan_step){ .verb = PLAN_DIAL, .number = number });
}

static struct plan stream(bool is_resumed)
{
	return one((struct plan_step){ .verb = PLAN_STREAM, .is_resumed = is_resumed });
}

static bool is_open(const struct plan_facts *f)
{
	return f->is_recorded && (f->status == CALL_RINGING || f->status == CALL_LIVE);
}

/* What the row says counts more. */
static enum end_reason told_end(const struct plan_facts *f)
{
	const bool is_stream = f->question == PLAN_AFTER && f->dial == PLAN_DIAL_NONE;

	return is_stream && (is_open(f) || !f->is_recorded) ? f->told_end : END_NONE;
}

/* What a caller who is gone had; nothing if that is settled already. */
static enum handled settled(const struct plan_facts *f)
{
	if (!f->is_recorded || f->handled != HANDLED_OPEN)
		return HANDLED_OPEN;
	/* That she was ready may have been lost to a locked database; that she said goodbye shows it, too. */
	return f->was_answered || f->end_reason == END_RECEPTIONIST_HUNG_UP || told_end(f) == END_RECEPTIONIST_HUNG_UP
		? HANDLED_RECEPTIONIST : HANDLED_NOBODY;
}

static struct plan part(const struct plan_facts *f)
{
	struct plan p = hang_up();

	p.handled = settled(f);
	return p;
}

/* A message of a merchant who cannot be read is nobody's. */
static bool keeps_messages(const struct plan_facts *f)
{
	return f->merchant == PLAN_MERCHANT_KNOWN || f->merchant == PLAN_MERCHANT_PAUSED;
}

static struct plan nobody_left(const struct plan_facts *f)
{
	if (keeps_messages(f) && f->transfer_fallback == TRANSFER_FALLBACK_VOICEMAIL)
		return tone(PLAN_SENTENCE_LEAVE_MESSAGE);
	return apologise();
}

/* Who has chosen a machine for the night is not to be woken by another machine's failure. */
static struct plan person(const struct plan_facts *f)
{
	const bool is_night = f->is_closed && keeps_messages(f);

	if (is_night && (f->after_hours == AFTER_HOURS_MESSAGE || f->after_hours == AFTER_HOURS_VOICEMAIL))
		return tone(PLAN_SENTENCE_LEAVE_MESSAGE);
	if (is_night && f->after_hours == AFTER_HOURS_CLOSED)
		return nobody_left(f);
	return f->has_fallback && f->rung.number != PLAN_NUMBER_FALLBACK ? dial(PLAN_NUMBER_FALLBACK) : nobody_left(f);
}

static bool is_transfer(const struct plan_facts *f)
{
	return f->is_recorded && f->status == CALL_TRANSFERRING;
}

static bool is_ended_by(const struct plan_facts *f, enum end_reason reason)
{
	return f->is_recorded && f->end_reason == reason;
}

static bool is_well_ended(const struct plan_facts *f)
{
	if (!f->is_recorded || f->status != CALL_ENDED || f->end_reason == END_NONE)
		return false;
	if (f->handled == HANDLED_PERSON || f->handled == HANDLED_VOICEMAIL)
		return true;
	/* Who was not let in has heard nobody yet. */
	if (f->end_reason == END_OVER_LIMIT && !f->was_answered)
		return false;
	return !end_reason_is_fault(f->end_reason);
}

/* Whom the caller was to be handed over to, the row alone would tell. */
static bool is_told_well_ended(const struct plan_facts *f)
{
	const enum end_reason reason = told_end(f);

	if (reason == END_NONE || reason == END_TRANSFERRED)
		return false;
	if (reason == END_OVER_LIMIT && !(f->is_recorded && f->was_answered))
		return false;
	return !end_reason_is_fault(reason);
}

/* The stream is over, or there was none. */
static struct plan after_stream(const struct plan_facts *f)
{
	if (is_transfer(f) && !f->was_dialled && f->rung.transfer_count < PLAN_TRANSFERS_MAX)
		return dial(PLAN_NUMBER_TRANSFER);
	return is_well_ended(f) || is_told_well_ended(f) ? part(f) : person(f);
}

/* Somebody was rung for the caller in vain. */
static struct plan not_reached(const struct plan_facts *f)
{
	const bool is_night = f->rung.number == PLAN_NUMBER_AFTER_HOURS || is_ended_by(f, END_AFTER_HOURS);

	/* At this hour there is no receptionist to come back. */
	if (is_night && keeps_messages(f) && f->transfer_fallback != TRANSFER_FALLBACK_APOLOGY)
		return tone(PLAN_SENTENCE_LEAVE_MESSAGE);
	if (!is_transfer(f) || f->rung.number == PLAN_NUMBER_FALLBACK || f->transfer_fallback != TRANSFER_FALLBACK_AI)
		return nobody_left(f);
	if (relay_takes(f->relay))
		return stream(true);
	return keeps_messages(f) ? tone(PLAN_SENTENCE_LEAVE_MESSAGE) : apologise();
}

static struct plan after(const struct plan_facts *f)
{
	if (f->dial == PLAN_DIAL_TALKED) {
		struct plan p = hang_up();

		p.handled = HANDLED_PERSON;
		return p;
	}
	if (f->is_gone)
		return part(f);
	return f->dial == PLAN_DIAL_MISSED ? not_reached(f) : after_stream(f);
}

static struct plan reject(const struct plan_facts *f)
{
	struct plan p = one((struct plan_step){ .verb = f->is_picked_up ? PLAN_HANG_UP : PLAN_REJECT });

	p.handled = HANDLED_REJECTED;
	return p;
}

static struct plan closed(const struct plan_facts *f)
{
	switch (f->after_hours) {
	case AFTER_HOURS_VOICEMAIL:
		return tone(PLAN_SENTENCE_CLOSED_TONE);
	case AFTER_HOURS_FORWARD:
		return f->has_after_hours_number ? dial(PLAN_NUMBER_AFTER_HOURS) : tone(PLAN_SENTENCE_CLOSED_TONE);
	case AFTER_HOURS_CLOSED:
	case AFTER_HOURS_AI:            /* chosen between Twilio's first question and its second */
	case AFTER_HOURS_MESSAGE:
		break;
	}
	return say(PLAN_SENTENCE_CLOSED, HANDLED_NOTICE);
}

static bool needs_no_receptionist(const struct plan_facts *f)
{
	return f->is_closed && f->after_hours != AFTER_HOURS_AI && f->after_hours != AFTER_HOURS_MESSAGE;
}

static struct plan ending(struct plan p, enum end_reason reason)
{
	p.ends_with = reason;
	return p;
}

static struct plan new_call(const struct plan_facts *f)
{
	if (f->verdict == SCREEN_REJECT)
		return ending(reject(f), END_REJECTED);
	if (f->verdict == SCREEN_VOICEMAIL)
		return ending(tone(PLAN_SENTENCE_LEAVE_MESSAGE), END_REJECTED);
	if (needs_no_receptionist(f))
		return ending(closed(f), END_AFTER_HOURS);
	if (f->is_over_limit)
		return ending(person(f), END_OVER_LIMIT);
	return relay_takes(f->relay) ? stream(false) : person(f);
}

/* Twilio asks again: what the row says was decided then. */
static struct plan repeated_call(const struct plan_facts *f)
{
	if (is_ended_by(f, END_REJECTED))
		return f->verdict == SCREEN_VOICEMAIL ? tone(PLAN_SENTENCE_LEAVE_MESSAGE) : reject(f);
	if (is_ended_by(f, END_AFTER_HOURS))
		return closed(f);
	if (f->status == CALL_ENDED)
		return after_stream(f);
	return relay_takes(f->relay) ? stream(false) : person(f);
}

static struct plan incoming(const struct plan_facts *f)
{
	if (f->is_gone)
		return part(f);
	switch (f->merchant) {
	case PLAN_MERCHANT_UNREAD:
		break;
	case PLAN_MERCHANT_UNKNOWN:
	case PLAN_MERCHANT_PAUSED:
		return say(PLAN_SENTENCE_NOT_CONFIGURED, HANDLED_OPEN);
	case PLAN_MERCHANT_REMEMBERED:
		return person(f);
	case PLAN_MERCHANT_KNOWN:
		return f->is_recorded ? repeated_call(f) : new_call(f);
	}
	return apologise();
}

static struct plan say_opening(const struct plan_facts *f)
{
	return f->has_opening ? say(PLAN_SENTENCE_OPENING, HANDLED_NOTICE) : apologise();
}

/* A machine is no caller: the call is over, whatever it still records. */
static struct plan machine(const struct plan_facts *f)
{
	const bool leaves_message = f->answerer == ANSWERER_LEAVE_MESSAGE && f->has_opening;

	return ending(leaves_message ? say(PLAN_SENTENCE_OPENING, HANDLED_NOTICE) : part(f), END_MACHINE_ANSWERED);
}

static struct plan outgoing(const struct plan_facts *f)
{
	if (f->is_gone || f->merchant != PLAN_MERCHANT_KNOWN)
		return part(f);
	if (f->answerer != ANSWERER_PERSON)
		return machine(f);
	if (f->is_recorded && f->status == CALL_ENDED)
		return part(f);
	/* Who was called shall at least hear why. */
	return f->is_recorded && relay_takes(f->relay) ? stream(false) : say_opening(f);
}

static struct plan recorded(const struct plan_facts *f)
{
	struct plan p = apologise();

	switch (f->recording) {
	case PLAN_RECORDING_NONE:
		p = say(PLAN_SENTENCE_NO_MESSAGE, settled(f));
		break;
	case PLAN_RECORDING_KEPT:
		p = say(PLAN_SENTENCE_THANKS, HANDLED_VOICEMAIL);
		break;
	case PLAN_RECORDING_LOST:
		break;
	}
	if (f->is_gone) {
		const enum handled handled = p.handled;

		p = hang_up();
		p.handled = handled;
	}
	return p;
}

static struct plan status(const struct plan_facts *f)
{
	return (struct plan){ .handled = f->is_gone ? settled(f) : HANDLED_OPEN };
}

static bool goes_on(const struct plan *p)
{
	return (p->steps[0].verb == PLAN_DIAL && p->steps[0].number == PLAN_NUMBER_TRANSFER)
		|| (p->steps[0].verb == PLAN_STREAM && p->steps[0].is_resumed);
}

static struct plan answer(const struct plan_facts *f)
{
	struct plan p = { 0 };

	switch (f->question) {
	case PLAN_INCOMING:
		return incoming(f);
	case PLAN_OUTGOING:
		return outgoing(f);
	case PLAN_AFTER:
		p = after(f);
		p.ends_transfer = is_transfer(f) && !goes_on(&p);
		p.is_lost = is_open(f) && f->dial == PLAN_DIAL_NONE && told_end(f) == END_NONE;
		return p;
	case PLAN_RECORDED:
		return recorded(f);
	case PLAN_STATUS:
		return status(f);
	}
	return p;
}

struct plan plan_decide(const struct plan_facts *f)
{
	struct plan p = answer(f);

	p.rung = f->rung;
	if (p.count && p.steps[0].verb == PLAN_DIAL) {
		p.rung.number = p.steps[0].number;
		p.rung.transfer_count += p.rung.number == PLAN_NUMBER_TRANSFER;
	}
	return p;
}

bool plan_wants_end(const struct plan_facts *f)
{
	return f->question == PLAN_AFTER && f->dial == PLAN_DIAL_NONE
		&& (is_open(f) || (!f->is_recorded && !f->is_gone));
}

bool plan_streams(const struct plan *plan)
{
	return plan->count > 0 && plan->steps[0].verb == PLAN_STREAM;
}

static const char *said_word(const struct plan *plan)
{
	if (plan->count > 1 && plan->steps[1].verb == PLAN_RECORD)
		return "voicemail";
	return plan->steps[0].sentence == PLAN_SENTENCE_APOLOGY ? "apologise" : "say";
}

static const char *dialled_word(enum plan_number number)
{
	switch (number) {
	case PLAN_NUMBER_TRANSFER:
		return "transfer";
	case PLAN_NUMBER_AFTER_HOURS:
		return "forward";
	case PLAN_NUMBER_FALLBACK:
	case PLAN_NUMBER_NONE:
		break;
	}
	return "dial";
}

const char *plan_word(const struct plan *plan)
{
	if (plan->count == 0)
		return "nothing";
	switch (plan->steps[0].verb) {
	case PLAN_STREAM:
		return plan->steps[0].is_resumed ? "resume" : "stream";
	case PLAN_DIAL:
		return dialled_word(plan->steps[0].number);
	case PLAN_SAY:
		return said_word(plan);
	case PLAN_REJECT:
		return "reject";
	case PLAN_HANG_UP:
		return "hang-up";
	case PLAN_RECORD:
		break;
	}
	return "voicemail";
}

static bool is_one_of(struct slice word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(word, slice_of(words[i])))
			return true;
	return false;
}

enum plan_dial plan_dial_of(struct slice dial_call_status)
{
	static const char *const talked[] = { "completed", "answered" };

	if (dial_call_status.len == 0)
		return PLAN_DIAL_NONE;
	return is_one_of(dial_call_status, talked, ARRAY_COUNT(talked)) ? PLAN_DIAL_TALKED : PLAN_DIAL_MISSED;
}

bool plan_is_over(struct slice call_status)
{
	static const char *const over[] = { "completed", "busy", "failed", "no-answer", "canceled" };

	return is_one_of(call_status, over, ARRAY_COUNT(over));
}

static const char *const rung_words[PLAN_NUMBER_COUNT] = {
	[PLAN_NUMBER_NONE] = "",
	[PLAN_NUMBER_FALLBACK] = "rung=fallback",
	[PLAN_NUMBER_AFTER_HOURS] = "rung=after-hours",
	[PLAN_NUMBER_TRANSFER] = "rung=transfer",
};

struct plan_rung plan_rung_read(struct slice query)
{
	struct plan_rung rung = { .number = PLAN_NUMBER_NONE };
	const size_t word_len = query.len - 1;

	for (int i = PLAN_NUMBER_FALLBACK; i <= PLAN_NUMBER_AFTER_HOURS; i++)
		if (slice_equal(query, slice_of(rung_words[i])))
			rung.number = (enum plan_number)i;
	/* How often: one digit. */
	if (query.len == 0 || !slice_equal((struct slice){ query.data, word_len },
		slice_of(rung_words[PLAN_NUMBER_TRANSFER])))
		return rung;
	if (query.data[word_len] < '1' || query.data[word_len] > '0' + PLAN_TRANSFERS_MAX)
		return rung;
	rung.number = PLAN_NUMBER_TRANSFER;
	rung.transfer_count = (unsigned)(query.data[word_len] - '0');
	return rung;
}

struct slice plan_rung_write(const struct plan_rung *rung, char out[PLAN_RUNG_BYTES_MAX])
{
	int len = 0;

	check(rung->transfer_count <= PLAN_TRANSFERS_MAX);
	if (rung->number == PLAN_NUMBER_TRANSFER)
		len = snprintf(out, PLAN_RUNG_BYTES_MAX, "?%s%u", rung_words[rung->number], rung->transfer_count);
	else if (rung->number != PLAN_NUMBER_NONE)
		len = snprintf(out, PLAN_RUNG_BYTES_MAX, "?%s", rung_words[rung->number]);
	check(len >= 0 && len < PLAN_RUNG_BYTES_MAX);
	return (struct slice){ out, (size_t)len };
}

bool plan_recording_counts(int64_t duration_ms)
{
	return duration_ms < 0 || duration_ms >= VOICEMAIL_MS_MIN;
}
