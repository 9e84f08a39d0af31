/* fake_turn - vad's events move the stages forward, the clock moves them on, the ear fills in the text. */
#include "sim/fake_turn.h"

#include "sim/tool_offer.h"

#include <stdio.h>
#include <string.h>

enum {
	COMMIT_MS_MOST = 5,             /* speech_stopped to committed */
	COMPLETED_MS = 130,             /* speech_stopped to the completed transcript */
	CREATE_MS_LEAST = 10,           /* the completed transcript to response.created */
	CREATE_MS_MOST = 70,
};

static void init_event(const struct fake_grok *g, struct grok_event *e, enum grok_kind kind)
{
	grok_event_init(e, kind);
	e->item_id = slice_of(g->turn.item_id);
	if (g->turn.previous_id[0])
		e->previous_item_id = slice_of(g->turn.previous_id);
}

static void complete_transcript(struct fake_grok *g);

/* --- speech ------------------------------------------------------------------------------------ */

static void announce(struct fake_grok *g)
{
	struct grok_event e;

	if (g->turn.announced || fake_wire_fault(&g->wire, FAULT_NO_SPEECH_STARTED))
		return;
	init_event(g, &e, GROK_SPEECH_STARTED);
	e.audio_start_ms = (int64_t)g->turn.start_ms;
	fake_wire_send(&g->wire, &e);
	if (fake_wire_fault(&g->wire, FAULT_STARTED_TWICE))
		fake_wire_send(&g->wire, &e);
	g->turn.announced = true;
}

static void add_item(struct fake_grok *g, const char *status)
{
	struct grok_item item;

	grok_item_init(&item);
	item.id = slice_of(g->turn.item_id);
	item.type = SLICE("message");
	item.role = SLICE("user");
	item.status = slice_of(status);
	item.content_type = SLICE("input_audio");
	item.text = SLICE("");
	fake_wire_item_added(&g->wire, &item);
	fake_wire_item_done(&g->wire, &item);
}

/* What was asked of the ear is out of date. */
static void unhear(struct fake_grok *g)
{
	g->turn.asked = g->turn.heard = false;
	g->turn.hear_number++;
}

static void new_turn(struct fake_grok *g)
{
	memcpy(g->turn.previous_id, g->wire.last_item_id, sizeof g->turn.previous_id);
	fake_wire_id(&g->wire, g->turn.item_id);
	g->turn.text[0] = '\0';
	g->turn.commit_owed = g->turn.text_owed = false;
}

static void take_answer_back(struct fake_grok *g)
{
	fake_reply_abandon(&g->reply, &g->wire);
	if (g->turn.stage != TURN_ANSWERED)
		return;
	g->receptionist = g->receptionist_before;
	g->receptionist.instructions = g->settings.session.instructions.data;
}

static void speech_started(struct fake_grok *g, uint64_t start_ms)
{
	/* OpenAI: what was committed is an item of its own. */
	bool is_committed = fake_wire_is_openai(&g->wire) && g->turn.stage >= TURN_COMMITTED;
	bool goes_on = g->turn.stage != TURN_NONE && !is_committed;

	if (is_committed && g->turn.text_owed)
		complete_transcript(g);
	if (goes_on)
		take_answer_back(g);
	else
		fake_reply_interrupt(&g->reply, &g->wire);
	if (!goes_on)
		new_turn(g);
	unhear(g);
	g->turn.stage = TURN_SPEAKING;
	g->turn.announced = false;
	g->turn.start_ms = start_ms;
	g->idle_due_ms = FAKE_NEVER;
	if (!fake_wire_fault(&g->wire, FAULT_BATCHED_SPEECH))
		announce(g);
	if (!goes_on && !fake_wire_is_openai(&g->wire))
		add_item(g, "in_progress");
}

static void ask_ear(struct fake_grok *g)
{
	if (g->turn.asked)
		return;
	unhear(g);
	g->turn.asked = true;
	fake_wire_push(&g->wire, FAKE_HEAR, g->turn.hear_number, listener_turn(&g->listener));
}

static void speech_stopped(struct fake_grok *g, uint64_t end_ms)
{
	struct grok_event e;

	ask_ear(g);
	announce(g);
	g->turn.end_ms = end_ms;
	init_event(g, &e, GROK_SPEECH_STOPPED);
	e.audio_end_ms = (int64_t)end_ms;
	fake_wire_send(&g->wire, &e);
	g->turn.stage = TURN_STOPPED;
	g->turn.due_ms = g->wire.now_ms + fake_wire_chance(&g->wire, 0, COMMIT_MS_MOST);
}

/* Without turn detection the server says that somebody speaks, and that is all. */
static void speech_unattended(struct fake_grok *g, const struct listener_event *event)
{
	if (event->kind != VAD_STARTED)
		return;
	new_turn(g);
	g->turn.announced = false;
	g->turn.start_ms = event->start_ms;
	announce(g);
}

static void take_event(struct fake_grok *g, const struct listener_event *event)
{
	if (!fake_settings_detect_turns(&g->settings)) {
		speech_unattended(g, event);
		return;
	}
	switch (event->kind) {
	case VAD_NOTHING:
		break;
	case VAD_STARTED:
		speech_started(g, event->start_ms);
		break;
	case VAD_PAUSED:
		ask_ear(g);
		break;
	case VAD_RESUMED:
		unhear(g);
		break;
	case VAD_STOPPED:
		speech_stopped(g, event->end_ms);
		break;
	}
}

static bool is_protected(const struct fake_grok *g)
{
	return (fake_reply_is_active(&g->reply) && !g->reply.interruptible)
		|| g->wire.now_ms < g->reply.protected_until_ms;
}

void fake_turn_audio(struct fake_grok *g, struct slice ulaw)
{
	struct listener_event event;

	if (is_protected(g))
		return;
	listener_put(&g->listener, ulaw);
	while (listener_next(&g->listener, &event))
		take_event(g, &event);
}

/* --- transcripts and answers ------------------------------------------------------------------- */

static void send_text(struct fake_grok *g, enum grok_kind kind, const char *text, const char *status)
{
	struct grok_event e;

	init_event(g, &e, kind);
	e.content_index = 0;
	e.transcript = slice_of(text);
	if (kind == GROK_CALLER_TEXT_COMPLETED)
		e.status = slice_of(status);
	fake_wire_send(&g->wire, &e);
}

static void send_snapshot(struct fake_grok *g, const char *text)
{
	if (g->settings.session.transcription_model.len)
		send_text(g, GROK_CALLER_TEXT_UPDATED, text, NULL);
	send_text(g, GROK_CALLER_TEXT_COMPLETED, text, "in_progress");
}

void fake_turn_heard(struct fake_grok *g, uint32_t number, const char *text)
{
	if (number != g->turn.hear_number || !g->turn.asked || g->turn.heard)
		return;
	g->turn.heard = true;
	snprintf(g->turn.text, sizeof g->turn.text, "%s", text);
	if (g->turn.text[0] && fake_wire_dialect(&g->wire)->cumulative_transcripts)
		send_snapshot(g, g->turn.text);
}

static void send_committed(struct fake_grok *g)
{
	struct grok_event e;

	init_event(g, &e, GROK_AUDIO_COMMITTED);
	fake_wire_send(&g->wire, &e);
	g->turn.commit_owed = false;
	if (fake_wire_is_openai(&g->wire))
		add_item(g, "completed");
}

static void commit(struct fake_grok *g)
{
	g->turn.commit_owed = true;
	if (!fake_wire_fault(&g->wire, FAULT_CREATED_FIRST))
		send_committed(g);
	g->turn.stage = TURN_COMMITTED;
	g->turn.due_ms += COMPLETED_MS;
	g->new_input = true;
	if (fake_wire_is_openai(&g->wire))
		listener_forget(&g->listener);
}

/* Words as they are made out, to be joined by the client. */
static void send_pieces(struct fake_grok *g, const char *text)
{
	const char *space = strchr(text, ' ');
	size_t len = space ? (size_t)(space - text) : strlen(text);
	struct grok_event e;

	for (const char *at = text; *at; at += len, len = strlen(at)) {
		init_event(g, &e, GROK_CALLER_TEXT_DELTA);
		e.content_index = 0;
		e.delta = (struct slice){ at, len };
		fake_wire_send(&g->wire, &e);
	}
}

static void remember_caller(struct fake_grok *g, const char *text)
{
	struct grok_item item;

	grok_item_init(&item);
	item.id = slice_of(g->turn.item_id);
	item.type = SLICE("message");
	item.role = SLICE("user");
	item.status = SLICE("completed");
	item.content_type = SLICE("input_audio");
	item.text = slice_of(text);
	fake_wire_remember(&g->wire, &item);
}

static void complete_transcript(struct fake_grok *g)
{
	char text[FAKE_TEXT_BYTES_MAX];
	char *cut;

	if (!g->turn.text[0]) {
		fake_wire_note(&g->wire, "caller", SLICE(""));
		return;
	}
	receptionist_write_out(g->turn.text, text, sizeof text);
	fake_wire_note(&g->wire, "caller", slice_of(text));
	remember_caller(g, text);
	if (fake_wire_is_openai(&g->wire) && !g->settings.session.transcription_model.len)
		return;
	if (fake_wire_is_openai(&g->wire))
		send_pieces(g, text);
	if (fake_wire_fault(&g->wire, FAULT_REWORDED))
		send_text(g, GROK_CALLER_TEXT_COMPLETED, "I believe I have said something.", "completed");
	send_text(g, GROK_CALLER_TEXT_COMPLETED, text, "completed");
	if (!fake_wire_fault(&g->wire, FAULT_STALE_TRANSCRIPT))
		return;
	cut = strrchr(text, ' ');
	if (cut)
		*cut = '\0';
	send_snapshot(g, text);
}

void fake_turn_answer(struct fake_grok *g, const char *text, const struct grok_event *create, uint32_t delay_ms)
{
	/* Under load the load's own responses are the only ones: another beside them would end them for the client. */
	if (g->wire.plan->mode != FAKE_TALK)
		return;
	fake_reply_cancel(&g->reply, &g->wire);
	fake_reply_begin(&g->reply, &g->wire, text, create, delay_ms);
	g->new_input = false;
	g->idle_due_ms = FAKE_NEVER;
}

/* --- function calls ----------------------------------------------------------------------------- */

static bool is_scripted(const struct fake_script *script, const char *heard)
{
	return strcmp(script->words, "*") == 0 || strcasestr(heard, script->words) != NULL;
}

/* The operator's scripts come before what the receptionist would do by himself. */
static bool call_by_script(struct fake_grok *g, const char *heard)
{
	const struct fake_plan *plan = g->wire.plan;
	bool called = false;

	for (size_t i = 0; i < plan->script_count; i++)
		if (is_scripted(&plan->scripts[i], heard)) {
			fake_reply_call(&g->reply, plan->scripts[i].name, plan->scripts[i].arguments);
			called = true;
		}
	return called;
}

static bool has_script(const struct fake_grok *g, const char *heard)
{
	const struct fake_plan *plan = g->wire.plan;

	for (size_t i = 0; heard[0] && i < plan->script_count; i++)
		if (is_scripted(&plan->scripts[i], heard))
			return true;
	return false;
}

static void call_by_himself(struct fake_grok *g, const char *heard)
{
	const struct receptionist *r = &g->receptionist;
	const struct tool_facts facts = { r->caller, r->note, heard };
	char arguments[TOOL_ARGUMENTS_BYTES_MAX];
	const char *name;

	if (r->wanted < 0)
		return;
	name = receptionist_tool_name((enum receptionist_tool)r->wanted);
	tool_offer_arguments(g->settings.session.tools_json, name, &facts, arguments, sizeof arguments);
	fake_reply_call(&g->reply, name, arguments);
}

void fake_turn_respond(struct fake_grok *g, const char *heard, const struct grok_event *create, uint32_t delay_ms)
{
	char text[RECEPTIONIST_TEXT_BYTES_MAX];
	bool scripted = has_script(g, heard);

	if (scripted)
		snprintf(text, sizeof text, "One moment, please.");
	else
		receptionist_answer(&g->receptionist, heard, text, sizeof text);
	fake_turn_answer(g, text, create, delay_ms);
	if (g->wire.plan->mode != FAKE_TALK)
		return;
	if (!scripted || !call_by_script(g, heard))
		call_by_himself(g, heard);
}

/* --- the answer --------------------------------------------------------------------------------- */

static bool answers_by_itself(const struct fake_grok *g)
{
	return !fake_wire_dialect(&g->wire)->create_response_honoured ||
		g->settings.session.turn_detection.create_response != GROK_NO;
}

static void answer(struct fake_grok *g)
{
	if (fake_wire_is_openai(&g->wire))
		g->turn.text_owed = true;
	else
		complete_transcript(g);
	g->receptionist_before = g->receptionist;
	g->turn.stage = TURN_ANSWERED;
	snprintf(g->asked, sizeof g->asked, "%s", g->turn.text);
	g->answer_count_then = g->reply.answer_count;
	if (!answers_by_itself(g)) {
		snprintf(g->typed, sizeof g->typed, "%s", g->turn.text);
		return;
	}
	fake_tools_overtake(&g->reply.tools, g->wire.now_ms);
	fake_turn_respond(g, g->turn.text, NULL, fake_wire_chance(&g->wire, CREATE_MS_LEAST, CREATE_MS_MOST));
}

void fake_turn_commit(struct fake_grok *g)
{
	if (listener_turn(&g->listener).len == 0 || g->turn.stage != TURN_NONE)
		return;
	g->turn.asked = false;
	ask_ear(g);
	g->turn.due_ms = g->wire.now_ms;
	commit(g);
}

uint64_t fake_turn_due_ms(const struct fake_grok *g)
{
	if (g->turn.stage == TURN_STOPPED || (g->turn.stage == TURN_COMMITTED && g->turn.heard))
		return g->turn.due_ms;
	return FAKE_NEVER;
}

void fake_turn_tick(struct fake_grok *g)
{
	while (fake_turn_due_ms(g) <= g->wire.now_ms)
		if (g->turn.stage == TURN_STOPPED)
			commit(g);
		else
			answer(g);
}

void fake_turn_settle(struct fake_grok *g)
{
	if (g->turn.stage != TURN_ANSWERED)
		return;
	if (g->turn.commit_owed && (g->reply.created || !fake_reply_is_active(&g->reply)))
		send_committed(g);
	if (g->turn.text_owed && (g->reply.created || !fake_reply_is_active(&g->reply))) {
		g->turn.text_owed = false;
		complete_transcript(g);
	}
	if (fake_reply_is_active(&g->reply) && !fake_reply_is_speaking(&g->reply))
		return;
	g->turn.stage = TURN_NONE;
	listener_forget(&g->listener);
}
