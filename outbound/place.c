#include "outbound/place.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"

#include <stdio.h>
#include <string.h>

enum { URL_BYTES = 1200, SENDS_MAX = 2 };

static void draw_id(char out[OUTGOING_ID_BYTES + 1])
{
	struct random random = { 0 };
	uint8_t bytes[OUTGOING_ID_BYTES / 2];

	random_fill(&random, bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void add(struct form *form, const char *name, struct slice value)
{
	check(form_add(form, slice_of(name), value));
}

/* Slices of the form point here. */
static char call_url[URL_BYTES], status_url[URL_BYTES], ring_s[12];

void place_form(const struct place_plan *plan, struct form *out)
{
	const struct outgoing *o = &plan->order;

	snprintf(call_url, sizeof call_url, "%.*s/api/twilio/outgoing?id=%s", (int)plan->public_url.len,
		plan->public_url.data, o->id);
	snprintf(status_url, sizeof status_url, "%.*s/api/twilio/status", (int)plan->public_url.len,
		plan->public_url.data);
	snprintf(ring_s, sizeof ring_s, "%u", plan->ring_s);
	form_init(out);
	add(out, "To", slice_of(o->number));
	add(out, "From", slice_of(plan->merchant->phone_number));
	add(out, "Url", slice_of(call_url));
	add(out, "Method", SLICE("POST"));
	add(out, "StatusCallback", slice_of(status_url));
	add(out, "StatusCallbackMethod", SLICE("POST"));
	add(out, "Timeout", slice_of(ring_s));
	/* Twilio listens before it asks us: a delay that a person hears, so only when a machine matters. */
	if (o->machine == MACHINE_HANG_UP)
		add(out, "MachineDetection", SLICE("Enable"));
	if (o->machine == MACHINE_MESSAGE)
		add(out, "MachineDetection", SLICE("DetectMessageEnd"));
}

static enum rest_result ask(const struct place_plan *plan, struct rest_answer *answer)
{
	enum rest_result result = REST_NOT_SENT;
	struct form form;

	place_form(plan, &form);
	for (int sends = 0; sends < SENDS_MAX && result == REST_NOT_SENT; sends++)
		result = rest_post(&plan->account, "Calls.json", &form, answer);
	return result;
}

/* The webhook may have been faster. */
static enum db_result begin_call(struct db *db, const struct place_plan *plan, struct slice call_sid)
{
	struct call_begin begin = {
		.call_sid = call_sid,
		.merchant_id = plan->merchant->id,
		.caller_number = slice_of(plan->order.number),
		.called_number = slice_of(plan->merchant->phone_number),
		.now_ms = clock_wall_ms(),
		.is_outbound = true,
	};
	struct call_record call;

	return db_call_begin(db, &begin, &call);
}

static enum place_result fail(struct db *db, struct placed *out)
{
	snprintf(out->why, sizeof out->why, "the database: %.400s", db_why(db));
	return PLACE_DATABASE;
}

enum place_result place_call(struct db *db, struct place_plan *plan, struct placed *out)
{
	static const enum place_result results[] = {
		[REST_OK] = PLACE_OK,
		[REST_REFUSED] = PLACE_REFUSED,
		[REST_NOT_SENT] = PLACE_NOT_SENT,
		[REST_UNKNOWN] = PLACE_UNKNOWN,
	};
	struct rest_answer answer;

	*out = (struct placed){ 0 };
	draw_id(plan->order.id);
	if (db_outgoing_put(db, &plan->order, clock_wall_ms()) != DB_OK)
		return fail(db, out);
	enum rest_result result = ask(plan, &answer);

	memcpy(out->call_sid, answer.sid, sizeof out->call_sid);
	memcpy(out->why, answer.why, sizeof out->why);
	if (db_outgoing_placed(db, plan->order.id, slice_of(answer.sid), slice_of(answer.why)) != DB_OK)
		return fail(db, out);
	if (result == REST_OK && begin_call(db, plan, slice_of(answer.sid)) != DB_OK)
		return fail(db, out);
	return results[result];
}
