/*
 * A call's way: seen (arguments kept), started, answered by its tool or its deadline, told behind
 * the end of its response. When the last one of a response is told an answer is owed; it is asked
 * for in the next silence.
 */
#include "relay/tools.h"

#include "base/check.h"

#define NEVER UINT64_MAX

/* The output of a call that no tool answered, for each status. */
static const char *const told_words[] = {
#define X(status, word, told) [status] = told,
	TOOL_STATUSES(X)
#undef X
};

const char *tool_status_word(enum tool_status status)
{
	static const char *const words[] = {
#define X(name, word, told) [name] = word,
		TOOL_STATUSES(X)
#undef X
	};

	return words[status];
}

void tools_init(struct tools *t, struct pool *pool)
{
	*t = (struct tools){.serial_next = 1};
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++) {
		buf_init_pool(&t->calls[i].arguments, pool, TOOL_ARGUMENTS_BYTES_MAX);
		buf_init_pool(&t->calls[i].output, pool, TOOL_OUTPUT_BYTES_MAX);
	}
}

static void release(struct tools *t, struct tool_use *call)
{
	buf_release(&call->arguments);
	buf_release(&call->output);
	t->used_count -= call->used;
	call->used = false;
}

void tools_fini(struct tools *t)
{
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		release(t, &t->calls[i]);
}

/* --- calls
 * ---------------------------------------------------------------------------------------- */

static bool is_known(const struct tools *t, struct slice id)
{
	for (size_t i = 0; i < TOOLS_KNOWN_MAX; i++)
		if (t->known[i].len && voice_id_is(&t->known[i], id))
			return true;
	return false;
}

static void know(struct tools *t, struct slice id)
{
	voice_id_set(&t->known[t->known_next], id);
	t->known_next = (t->known_next + 1) % TOOLS_KNOWN_MAX;
}

static struct tool_use *free_slot(struct tools *t)
{
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		if (!t->calls[i].used)
			return &t->calls[i];
	return NULL;
}

static bool is_answered(const struct tool_use *call)
{
	return call->status != TOOL_NEW && call->status != TOOL_RUNNING;
}

static void answer(
	struct tool_use *call, enum tool_status status, struct slice output, uint64_t now_ms)
{
	buf_release(&call->arguments);
	buf_clear(&call->output);
	if (output.len && !buf_append(&call->output, output.data, output.len))
		status = TOOL_NO_ROOM;
	if (buf_len(&call->output) == 0 && told_words[status])
		buf_printf(&call->output, "{\"ok\":false,\"error\":\"%s\"}", told_words[status]);
	call->status = status;
	call->answered_ms = now_ms;
}

enum tools_seen tools_call(struct tools *t, const struct tool_seen *seen, uint64_t now_ms)
{
	struct tool_use *call;

	if (seen->call_id.len == 0 || seen->call_id.len > GROK_ID_BYTES_MAX)
		return TOOLS_REFUSED; /* nothing could be told about it */
	if (is_known(t, seen->call_id))
		return TOOLS_DUPLICATE;
	call = free_slot(t);
	if (!call)
		return TOOLS_REFUSED;
	know(t, seen->call_id);
	t->used_count++;
	*call = (struct tool_use){
		.used = true,
		.spoken = seen->spoken,
		.serial = t->serial_next++,
		.seen_ms = now_ms,
		.due_ms = now_ms + TOOLS_DEADLINE_MS,
		.arguments = call->arguments,
		.output = call->output,
		.name_len =
			seen->name.len < TOOL_NAME_BYTES_MAX ? seen->name.len : TOOL_NAME_BYTES_MAX,
	};
	voice_id_set(&call->id, seen->call_id);
	voice_id_set(&call->response, seen->response_id);
	if (call->name_len)
		memcpy(call->name, seen->name.data, call->name_len);
	if (seen->interrupted)
		answer(call, TOOL_INTERRUPTED, (struct slice){0}, now_ms);
	else if (seen->name.len > TOOL_NAME_BYTES_MAX)
		answer(call, TOOL_UNKNOWN, (struct slice){0}, now_ms);
	else if (!buf_append(&call->arguments, seen->arguments.data, seen->arguments.len))
		answer(call,
			seen->arguments.len > TOOL_ARGUMENTS_BYTES_MAX ? TOOL_MALFORMED
								       : TOOL_NO_ROOM,
			(struct slice){0}, now_ms);
	return TOOLS_ACCEPTED;
}

void tools_allow(struct tool_use *call, uint32_t ms, uint64_t now_ms)
{
	call->due_ms = now_ms + ms;
}

struct tool_use *tools_find(struct tools *t, uint32_t serial)
{
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		if (t->calls[i].used && t->calls[i].serial == serial)
			return &t->calls[i];
	return NULL;
}

enum tools_taken tools_result(struct tools *t, uint32_t serial, enum tool_status status,
	struct slice output, uint64_t now_ms)
{
	struct tool_use *call = tools_find(t, serial);

	check(status != TOOL_NEW && status != TOOL_RUNNING);
	if (!call || is_answered(call))
		return TOOLS_LATE;
	answer(call, status, output, now_ms);
	return TOOLS_TAKEN;
}

void tools_quiet(struct tools *t, uint32_t serial)
{
	struct tool_use *call = tools_find(t, serial);

	if (call)
		call->quiet = true;
}

void tools_loud(struct tools *t, uint32_t serial)
{
	struct tool_use *call = tools_find(t, serial);

	if (call)
		call->quiet = false;
}

void tools_lost(struct tools *t)
{
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		t->calls[i].orphan = t->calls[i].parent_over = t->calls[i].used;
}

/* Whether another call of the same response is not told yet. */
static bool has_sibling(const struct tools *t, const struct tool_use *call)
{
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		if (t->calls[i].used && !t->calls[i].quiet && &t->calls[i] != call &&
			voice_id_is(&t->calls[i].response, voice_id_slice(&call->response)))
			return true;
	return false;
}

void tools_told(struct tools *t, struct tool_use *call, uint64_t now_ms)
{
	check(call->used && is_answered(call));
	/* The caller who interrupted is answered anyway. */
	if (!has_sibling(t, call) && call->status != TOOL_INTERRUPTED) {
		t->owed = true;
		t->owed_ms = now_ms;
	}
	release(t, call);
}

/* --- what else happens
 * ---------------------------------------------------------------------------- */

void tools_response(struct tools *t, struct slice response_id, bool verbatim)
{
	/* Responses that are talked over are given up without a word: the next one ends them. */
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		if (t->calls[i].used && !voice_id_is(&t->calls[i].response, response_id))
			t->calls[i].parent_over = true;
	if (!verbatim)
		t->owed = false;
}

void tools_response_done(struct tools *t, struct slice response_id)
{
	if (t->used_count == 0)
		return;
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		if (t->calls[i].used && (t->calls[i].response.len == 0 ||
						voice_id_is(&t->calls[i].response, response_id)))
			t->calls[i].parent_over = true;
}

void tools_voice(struct tools *t, struct slice response_id)
{
	if (t->used_count == 0)
		return;
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		if (t->calls[i].used && voice_id_is(&t->calls[i].response, response_id))
			t->calls[i].spoken = true;
}

bool tools_busy(const struct tools *t)
{
	return !tools_idle(t);
}

/* --- what is to be done
 * --------------------------------------------------------------------------- */

static uint64_t parent_until_ms(const struct tool_use *call)
{
	return call->answered_ms + TOOLS_PARENT_MS;
}

static bool may_be_told(const struct tool_use *call, uint64_t now_ms)
{
	return is_answered(call) && (call->parent_over || now_ms >= parent_until_ms(call));
}

static bool is_silent(const struct tools_view *view)
{
	return view->free && !view->playing;
}

static bool may_respond(const struct tools *t, const struct tools_view *view)
{
	return t->owed && (is_silent(view) || view->now_ms >= t->owed_ms + TOOLS_HEARD_MS);
}

/* Since when the caller waits for what runs; NEVER: nobody waits. */
static uint64_t waits_since_ms(const struct tools *t)
{
	uint64_t since_ms = NEVER;

	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		if (t->calls[i].used && !t->calls[i].quiet && t->calls[i].status == TOOL_RUNNING &&
			t->calls[i].seen_ms < since_ms)
			since_ms = t->calls[i].seen_ms;
	return since_ms;
}

static bool may_fill(const struct tools *t, const struct tools_view *view)
{
	uint64_t since_ms = waits_since_ms(t);

	return t->fill_due && since_ms != NEVER && view->now_ms >= since_ms + TOOLS_FILLER_MS &&
	       is_silent(view);
}

/* The call that wants something, if any. */
static enum tools_act next_of_calls(struct tools *t, uint64_t now_ms, struct tool_use **out_call)
{
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++) {
		struct tool_use *call = *out_call = &t->calls[i];

		if (!call->used || call->quiet)
			continue;
		if (call->status == TOOL_NEW) {
			call->status = TOOL_RUNNING;
			t->fill_due = true;
			return TOOLS_START;
		}
		if (call->status == TOOL_RUNNING && now_ms >= call->due_ms)
			answer(call, TOOL_TIMEOUT, (struct slice){0}, now_ms);
		if (may_be_told(call, now_ms))
			return TOOLS_OUTPUT;
	}
	*out_call = NULL;
	return TOOLS_REST;
}

enum tools_act tools_next(
	struct tools *t, const struct tools_view *view, struct tool_use **out_call)
{
	enum tools_act act;

	if (tools_idle(t))
		return TOOLS_REST;
	act = next_of_calls(t, view->now_ms, out_call);
	if (act != TOOLS_REST)
		return act;
	if (may_respond(t, view)) {
		t->owed = false;
		return TOOLS_RESPOND;
	}
	if (may_fill(t, view)) {
		t->fill_due = false;
		return TOOLS_FILLER;
	}
	return TOOLS_REST;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t call_deadline_ms(const struct tool_use *call)
{
	if (!call->used || call->quiet)
		return NEVER;
	if (call->status == TOOL_NEW)
		return 0;
	if (call->status == TOOL_RUNNING)
		return call->due_ms;
	return call->parent_over ? 0 : parent_until_ms(call);
}

uint64_t tools_deadline_ms(const struct tools *t, uint64_t now_ms)
{
	uint64_t at_ms = NEVER, since_ms, look_ms = now_ms + TOOLS_LOOK_MS;

	if (tools_idle(t))
		return NEVER;
	since_ms = waits_since_ms(t);
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		at_ms = sooner(at_ms, call_deadline_ms(&t->calls[i]));
	if (t->owed)
		at_ms = sooner(at_ms, look_ms);
	if (t->fill_due && since_ms != NEVER)
		at_ms = sooner(at_ms, later(look_ms, since_ms + TOOLS_FILLER_MS));
	return at_ms;
}
