/* fake_tools - a ring of calls; a round is the calls of one response. */
#include "sim/fake_tools.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CREATE_MS_MOST = 15000,         /* outputs to response.create: the preamble may still be playing */
	OUTPUT_MS_MOST = 60000,
	CROSSING_MS = 500,              /* what the server has just begun the client can not know */
};

static void broken(struct fake_tools *t, const char *sentence)
{
	t->violation_count++;
	if (t->violation)
		t->violation(t->context, sentence);
}

static void forget(struct fake_call *call)
{
	free(call->arguments);
	free(call->output);
	*call = (struct fake_call){ 0 };
}

void fake_tools_fini(struct fake_tools *t)
{
	for (size_t i = 0; i < FAKE_CALL_COUNT_MAX; i++)
		forget(&t->calls[i]);
}

void fake_tools_begin_round(struct fake_tools *t)
{
	t->round++;
	t->answered_ms = t->overtaken_ms = 0;
	t->asked = false;
}

static struct fake_call *new_call(struct fake_tools *t)
{
	struct fake_call *call = &t->calls[t->next];

	t->next = (t->next + 1) % FAKE_CALL_COUNT_MAX;
	forget(call);
	return call;
}

struct fake_call *fake_tools_add(struct fake_tools *t, const char *name, const char *arguments)
{
	struct fake_call *call = new_call(t);

	call->stage = CALL_PLANNED;
	call->round = t->round;
	snprintf(call->name, sizeof call->name, "%s", name);
	call->arguments = strdup(arguments);
	check(call->arguments);
	return call;
}

void fake_tools_seed(struct fake_tools *t, struct slice call_id, struct slice name)
{
	struct fake_call *call = new_call(t);

	call->stage = CALL_DONE;
	slice_copy(call_id, call->id, sizeof call->id);
	slice_copy(name, call->name, sizeof call->name);
}

struct fake_call *fake_tools_each(struct fake_tools *t, size_t *at)
{
	while (*at < FAKE_CALL_COUNT_MAX) {
		struct fake_call *call = &t->calls[(t->next + (*at)++) % FAKE_CALL_COUNT_MAX];

		if (call->stage != CALL_NONE && t->round > 0 && call->round == t->round)
			return call;
	}
	return NULL;
}

bool fake_tools_planned(struct fake_tools *t)
{
	size_t at = 0;

	for (struct fake_call *call; (call = fake_tools_each(t, &at));)
		if (call->stage == CALL_PLANNED)
			return true;
	return false;
}

void fake_tools_done(struct fake_tools *t, uint64_t now_ms)
{
	size_t at = 0;

	for (struct fake_call *call; (call = fake_tools_each(t, &at));) {
		if (call->stage == CALL_PLANNED)
			forget(call);
		else if (call->stage == CALL_ANNOUNCED)
			call->stage = CALL_DONE;
		call->done_ms = now_ms;
	}
}

void fake_tools_overtake(struct fake_tools *t, uint64_t now_ms)
{
	size_t at = 0;

	if (fake_tools_each(t, &at) && !t->overtaken_ms && !t->asked)
		t->overtaken_ms = now_ms;
}

static bool all_answered(struct fake_tools *t)
{
	size_t at = 0, count = 0;

	for (struct fake_call *call; (call = fake_tools_each(t, &at)); count++)
		if (call->stage != CALL_ANSWERED)
			return false;
	return count > 0;
}

static struct fake_call *find_call(struct fake_tools *t, struct slice id)
{
	for (size_t i = 0; i < FAKE_CALL_COUNT_MAX; i++)
		if (t->calls[i].stage >= CALL_ANNOUNCED && slice_equal(id, slice_of(t->calls[i].id)))
			return &t->calls[i];
	return NULL;
}

enum fake_output fake_tools_output(struct fake_tools *t, struct slice call_id, struct slice output, uint64_t now_ms)
{
	struct fake_call *call = find_call(t, call_id);

	if (!call) {
		broken(t, "an output for a call that was never made");
		return OUTPUT_UNKNOWN;
	}
	if (call->stage == CALL_ANNOUNCED) {
		broken(t, "an output before the response.done of the call's response");
		return OUTPUT_TOO_EARLY;
	}
	if (call->stage == CALL_ANSWERED)
		broken(t, "a second output for one call");
	free(call->output);
	call->output = strndup(output.data ? output.data : "", output.len);
	check(call->output);
	call->stage = CALL_ANSWERED;
	if (!t->answered_ms && all_answered(t))
		t->answered_ms = now_ms;
	return OUTPUT_TAKEN;
}

bool fake_tools_create(struct fake_tools *t, bool bare, uint64_t now_ms)
{
	size_t at = 0;

	if (!bare || !fake_tools_each(t, &at))
		return false;
	if (t->asked) {
		broken(t, "a second response.create after the outputs");
		return false;
	}
	if (t->overtaken_ms) {
		if (t->answered_ms && now_ms > t->overtaken_ms + CROSSING_MS)
			broken(t, "a response.create although the caller's next turn was answered");
		return false;
	}
	if (!t->answered_ms) {
		broken(t, "a response.create before all outputs are in");
		return false;
	}
	t->asked = true;
	return true;
}

void fake_tools_judge(struct fake_tools *t, uint64_t now_ms)
{
	size_t at = 0;

	if (t->answered_ms && !t->asked && !t->overtaken_ms && now_ms > t->answered_ms + CREATE_MS_MOST)
		broken(t, "no response.create after all outputs");
	for (struct fake_call *call; (call = fake_tools_each(t, &at));)
		if (call->stage == CALL_DONE && now_ms > call->done_ms + OUTPUT_MS_MOST)
			broken(t, "a call that never got its output");
}
