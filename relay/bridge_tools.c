/*
 * Tools and leaving: what Grok's function calls come to (tools.h decides when), and the last words
 * before the receptionist hangs up or hands the caller over (leave.h).
 */
#include "relay/bridge_parts.h"

static void use_tools(struct bridge *b, uint64_t now_ms);

/* --- what Grok shows
 * ------------------------------------------------------------------------------ */

static void show_call(struct bridge *b, const struct tool_seen *seen, uint64_t now_ms)
{
	switch (tools_call(&b->tools, seen, now_ms)) {
	case TOOLS_ACCEPTED:
		return bridge_count(b, METRIC_TOOL_CALLS);
	case TOOLS_DUPLICATE:
		return bridge_count(b, METRIC_TOOL_DUPLICATES);
	case TOOLS_REFUSED:
		return bridge_count(b, METRIC_TOOL_REFUSED);
	}
}

/* The caller spoke into it, and was heard: what it still wants is not wanted any more. */
static bool was_interrupted(const struct bridge *b, struct slice response_id)
{
	return response_id.len && voice_is_fenced(&b->voice, response_id);
}

static bool has_spoken(const struct bridge *b, struct slice response_id)
{
	return b->voice.heard && voice_id_is(&b->voice.response, response_id);
}

void bridge_tool_shown(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	struct tool_seen seen = {
		.response_id = event->response_id,
		.call_id = event->call_id,
		.name = event->name,
		.arguments = event->arguments,
		.interrupted = was_interrupted(b, event->response_id),
		.spoken = has_spoken(b, event->response_id),
	};

	show_call(b, &seen, now_ms);
	use_tools(b, now_ms);
}

void bridge_tools_done(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	bool completed = slice_equal(event->status, SLICE("completed"));

	for (size_t i = 0; completed && i < event->output_count; i++) {
		const struct grok_item *item = &event->output[i];
		struct tool_seen seen = {
			.response_id = event->response_id,
			.call_id = item->call_id,
			.name = item->name,
			.arguments = item->arguments,
			.interrupted = was_interrupted(b, event->response_id),
			.spoken = has_spoken(b, event->response_id),
		};

		if (slice_equal(item->type, SLICE("function_call")))
			show_call(b, &seen, now_ms);
	}
	use_tools(b, now_ms);
	tools_response_done(&b->tools, event->response_id);
}

/* --- what is to be done
 * --------------------------------------------------------------------------- */

static bool is_playing(const struct bridge *b)
{
	return ledger_is_playing(&b->ledger);
}

/* Our own ears know of the caller before Grok tells, and for as long as Grok may still be about to. */
static bool line_is_busy(const struct bridge *b)
{
	const struct interrupt_plan *plan = &b->interrupt.plan;

	return plan->listens && energy_quiet_ms(&b->energy) < plan->silence_ms + INTERRUPT_SLACK_MS;
}

static struct tools_view view_of(const struct bridge *b, uint64_t now_ms)
{
	return (struct tools_view){
		.now_ms = now_ms,
		.free = say_is_free(&b->say, now_ms) && b->say.line_count == 0 &&
			!leave_is_on(&b->leave) && !line_is_busy(b),
		.playing = is_playing(b),
	};
}

/* A call that the connection was lost with is not known to the next one: there it is told in words.
 */
static bool send_output(struct bridge *b, const struct tool_use *use)
{
	struct slice output = {(const char *)buf_data(&use->output), buf_len(&use->output)};

	if (output.len == 0)
		output = SLICE("{\"ok\":false}");
	if (use->orphan)
		return model_out_tell_result(&b->model, tool_name(use), output);
	return model_out_function_output(&b->model, voice_id_slice(&use->id), output);
}

static void tell_output(struct bridge *b, struct tool_use *use, uint64_t now_ms)
{
	if (!bridge_to_model(b, send_output(b, use), now_ms))
		return;
	if (use->status != TOOL_OK)
		bridge_count(b, METRIC_TOOL_FAILED);
	metrics_observe(
		b->metrics, METRIC_TOOL_SECONDS, (double)(use->answered_ms - use->seen_ms) / 1000);
	if (b->tool_sink)
		b->tool_sink->over(b->tool_sink, use, now_ms);
	tools_told(&b->tools, use, now_ms);
}

static void start_tool(struct bridge *b, struct tool_use *use, uint64_t now_ms)
{
	if (b->tool_sink)
		b->tool_sink->start(b->tool_sink, use, now_ms);
	else
		bridge_tool_result(b, use->serial, TOOL_UNKNOWN, (struct slice){0}, now_ms);
}

static void use_tools(struct bridge *b, uint64_t now_ms)
{
	struct tool_use *use;
	enum tools_act act;

	while (b->reason == END_NONE && !tools_idle(&b->tools)) {
		struct tools_view view = view_of(b, now_ms);

		act = tools_next(&b->tools, &view, &use);
		switch (act) {
		case TOOLS_REST:
			return;
		case TOOLS_START:
			start_tool(b, use, now_ms);
			break;
		case TOOLS_OUTPUT:
			tell_output(b, use, now_ms);
			break;
		case TOOLS_RESPOND:
			bridge_respond(b, SLICE("tools"), now_ms);
			break;
		case TOOLS_FILLER:
			bridge_count(b, METRIC_FILLERS);
			bridge_say(
				b, phrase(PHRASE_MOMENT, b->merchant.language), SAY_YIELDS, now_ms);
			break;
		}
	}
}

void bridge_tool_result(struct bridge *b, uint32_t serial, enum tool_status status,
	struct slice output, uint64_t now_ms)
{
	if (b->reason != END_NONE ||
		tools_result(&b->tools, serial, status, output, now_ms) == TOOLS_LATE)
		bridge_count(b, METRIC_TOOL_LATE);
}

/* --- leaving
 * -------------------------------------------------------------------------------------- */

void bridge_leave(struct bridge *b, enum end_reason reason, struct slice number, uint32_t serial,
	uint64_t now_ms)
{
	const struct tool_use *use = serial ? tools_find(&b->tools, serial) : NULL;
	/* Whoever pressed a key is told what it does, whatever Grok happens to say. */
	bool always = !use || (reason == END_RECEPTIONIST_HUNG_UP && b->merchant.farewell.len);

	if (b->reason != END_NONE ||
		!leave_begin(&b->leave, reason, always, use && use->spoken, now_ms))
		return;
	slice_copy(number, b->transfer_to, sizeof b->transfer_to);
	b->leave_serial = serial;
	tools_quiet(&b->tools, serial);
}

/* The caller spoke into what Grok said by itself: the conversation goes on, and Grok is told that
 * it does. */
void bridge_stay(struct bridge *b, uint64_t now_ms)
{
	if (!leave_is_on(&b->leave) || b->leave.asked || b->leave.always)
		return;
	b->leave = (struct leave){0};
	b->transfer_to[0] = '\0';
	tools_loud(&b->tools, b->leave_serial);
	tools_result(&b->tools, b->leave_serial, TOOL_INTERRUPTED, (struct slice){0}, now_ms);
}

static void say_last_words(struct bridge *b, uint64_t now_ms)
{
	struct slice words = b->merchant.farewell;

	if (b->leave.reason == END_TRANSFERRED)
		words = phrase(PHRASE_CONNECTING, b->merchant.language);
	else if (words.len == 0)
		words = phrase(PHRASE_FAREWELL, b->merchant.language);
	bridge_say(b, words, SAY_PROTECTED | SAY_AT_ONCE, now_ms);
}

static void go(struct bridge *b, uint64_t now_ms)
{
	enum end_reason reason = b->leave.reason;

	tools_result(&b->tools, b->leave_serial, TOOL_OK, SLICE("{\"ok\":true}"), now_ms);
	bridge_end(b, reason,
		reason == END_TRANSFERRED ? "handed over to a person" : "the farewell was heard",
		now_ms);
}

static void keep_leaving(struct bridge *b, uint64_t now_ms)
{
	struct leave_view view = {
		.now_ms = now_ms,
		.generating = b->say.active || b->say.line_count,
		.playing = is_playing(b),
	};

	switch (leave_next(&b->leave, &view)) {
	case LEAVE_WAIT:
		return;
	case LEAVE_SAY:
		return say_last_words(b, now_ms);
	case LEAVE_GO:
		return go(b, now_ms);
	}
}

/* --- the bridge's turn
 * ---------------------------------------------------------------------------- */

void bridge_tools_tick(struct bridge *b, uint64_t now_ms)
{
	if (b->reason == END_NONE && b->ready)
		use_tools(b, now_ms);
	if (b->reason == END_NONE)
		keep_leaving(b, now_ms);
}

void bridge_tools_end(struct bridge *b, uint64_t now_ms)
{
	for (size_t i = 0; b->tool_sink && i < TOOLS_CALLS_MAX; i++)
		if (b->tools.calls[i].used)
			b->tool_sink->over(b->tool_sink, &b->tools.calls[i], now_ms);
	tools_fini(&b->tools);
	b->leave = (struct leave){0};
}

uint64_t bridge_tools_deadline_ms(const struct bridge *b)
{
	uint64_t now_ms = b->ledger.now_ms, leave_ms = leave_deadline_ms(&b->leave);
	uint64_t tools_ms = b->ready ? tools_deadline_ms(&b->tools, now_ms) : BRIDGE_NEVER;

	/* The end of what plays is nothing that anybody tells. */
	if (leave_is_on(&b->leave) && now_ms + TOOLS_LOOK_MS < leave_ms)
		leave_ms = now_ms + TOOLS_LOOK_MS;
	return tools_ms < leave_ms ? tools_ms : leave_ms;
}
