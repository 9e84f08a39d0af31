/*
 * fake_grok - every entry sets the clock, does its one thing, and then lets turn and response do what has become due.
 */
#include "sim/fake_grok.h"

#include "sim/fake_command.h"
#include "sim/fake_store.h"
#include "sim/fake_turn.h"
#include "sim/tool_offer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PING_MS = 10000, IDLE_ANSWER_MS = 100 };

/* --- beginning --------------------------------------------------------------------------------- */

static void make_session_id(struct fake_grok *g)
{
	char uuid[FAKE_ID_BYTES];
	size_t len = 0;

	fake_wire_id(&g->wire, uuid);
	for (const char *c = uuid; *c; c++)
		if (*c != '-')
			g->session_id[len++] = *c;
}

static void send_ping(struct fake_grok *g)
{
	struct grok_event e;

	grok_event_init(&e, GROK_PING);
	e.timestamp_ms = fake_wire_wall_ms(&g->wire);
	if (fake_wire_dialect(&g->wire)->pings && !fake_wire_fault(&g->wire, FAULT_NO_PING))
		fake_wire_send(&g->wire, &e);
	g->ping_due_ms += PING_MS;
}

static void send_burst(struct fake_grok *g)
{
	struct grok_event e;

	grok_event_init(&e, GROK_SESSION_CREATED);
	e.session = g->settings.session;
	e.session.id = slice_of(g->session_id);
	if (!fake_wire_fault_now(&g->wire, FAULT_NO_SESSION_CREATED))
		fake_wire_send(&g->wire, &e);
	grok_event_init(&e, GROK_CONVERSATION_CREATED);
	e.conversation_id = slice_of(g->wire.conversation_id);
	if (!fake_wire_is_openai(&g->wire))
		fake_wire_send(&g->wire, &e);
	send_ping(g);
}

/* --- going on with a conversation ---------------------------------------------------------------- */

static struct fake_conversation *conversation(const struct fake_grok *g)
{
	return fake_store_find(g->wire.plan->store, g->wire.conversation_id, g->wire.now_ms);
}

/* The one that the client names, if it is known, else a new one. */
static void choose_conversation(struct fake_grok *g, const char *wanted)
{
	const struct fake_conversation *c;

	snprintf(g->wire.conversation_id, sizeof g->wire.conversation_id, "%s", wanted);
	c = wanted[0] && fake_wire_fault_now(&g->wire, FAULT_FORGET) ? NULL : conversation(g);
	g->resumed = c && fake_wire_dialect(&g->wire)->resumption;
	if (!g->resumed) {
		fake_wire_id(&g->wire, g->wire.conversation_id);
		return;
	}
	g->reply.caller_ms = g->reply.caller_counted_ms = c->caller_ms;
	g->reply.spoken_ms = c->spoken_ms;
	g->receptionist = c->receptionist;
	g->receptionist.instructions = g->settings.session.instructions.data;
}

/* Audio is not played back, but that is the client's loss. */
static void replay(struct fake_grok *g)
{
	const struct fake_conversation *c = conversation(g);

	for (size_t i = 0; c && i < c->item_count; i++) {
		const struct grok_item *item = &c->items[i];

		fake_wire_item_replayed(&g->wire, item);
		if (slice_equal(item->type, SLICE("function_call")))
			fake_tools_seed(&g->reply.tools, item->call_id, item->name);
	}
	g->reply.done_count += c && c->item_count > 0;  /* the greeting is over */
	if (c && c->item_count > 0 && slice_equal(c->items[c->item_count - 1].role, SLICE("user")))
		slice_copy(c->items[c->item_count - 1].text, g->asked, sizeof g->asked);
}

static void keep_conversation(struct fake_grok *g)
{
	struct fake_conversation *c = conversation(g);

	if (!c)
		return;
	c->receptionist = g->receptionist;
	c->receptionist.instructions = NULL;
	c->caller_ms = g->reply.caller_ms;
	c->spoken_ms = g->reply.spoken_ms;
	c->last_ms = g->wire.now_ms;
}

static void note_violation(void *context, const char *sentence)
{
	struct fake_grok *g = context;

	fake_wire_note(&g->wire, "violation", slice_of(sentence));
}

void fake_grok_open(struct fake_grok *g, const struct fake_plan *plan, struct pool *pool, uint64_t seed,
	const char *model, const char *conversation_id, uint64_t now_ms, int64_t wall_ms)
{
	*g = (struct fake_grok){ 0 };
	fake_wire_open(&g->wire, plan, pool, seed, now_ms, wall_ms);
	fake_settings_init(&g->settings, fake_wire_dialect(&g->wire), model);
	fake_reply_init(&g->reply);
	g->reply.tools.violation = note_violation;
	g->reply.tools.context = g;
	listener_init(&g->listener, pool);
	receptionist_init(&g->receptionist, g->settings.session.instructions.data);
	g->ping_due_ms = now_ms;
	g->update_due_ms = g->idle_due_ms = FAKE_NEVER;
	make_session_id(g);
	choose_conversation(g, conversation_id);
	listener_set(&g->listener, fake_settings_threshold(&g->settings), fake_settings_silence_ms(&g->settings),
		fake_settings_prefix_ms(&g->settings));
	send_burst(g);
}

void fake_grok_judge(struct fake_grok *g, uint64_t now_ms)
{
	bool ended = g->wire.ended;

	g->wire.now_ms = now_ms;
	g->wire.ended = false;          /* a note may follow the last message */
	fake_tools_judge(&g->reply.tools, now_ms);
	g->wire.ended = ended;
}

void fake_grok_close(struct fake_grok *g)
{
	keep_conversation(g);
	fake_reply_fini(&g->reply);
	listener_fini(&g->listener);
	fake_settings_fini(&g->settings);
	grok_reader_fini(&g->reader);
	fake_wire_close(&g->wire);
	free(g->audio);
	g->audio = NULL;
}

/* --- what becomes due -------------------------------------------------------------------------- */

static void send_errors(struct fake_grok *g)
{
	int32_t count = fake_wire_fault(&g->wire, FAULT_ERROR_STORM)
		? fault_value(&g->wire.plan->faults, FAULT_ERROR_STORM) : 0;

	for (int32_t i = 0; i < count; i++)
		fake_wire_error(&g->wire, "internal_error", "internal_error", "Something went wrong; please go on",
			(struct slice){ 0 });
}

static void list_mcp_tools(struct fake_grok *g)
{
	char id[FAKE_ID_BYTES];
	struct grok_event e;

	if (!tool_offer_has_mcp(g->settings.session.tools_json))
		return;
	bool failed = fake_wire_fault(&g->wire, FAULT_MCP_FAILED);
	fake_wire_id(&g->wire, id);
	grok_event_init(&e, GROK_MCP_LIST_IN_PROGRESS);
	e.item_id = slice_of(id);
	fake_wire_send(&g->wire, &e);
	e.kind = failed ? GROK_MCP_LIST_FAILED : GROK_MCP_LIST_COMPLETED;
	if (failed) {
		e.error.type = SLICE("connection_error");
		e.error.message = SLICE("The MCP server can not be reached");
	}
	fake_wire_send(&g->wire, &e);
}

/* What was asked for is not there: the service speaks and hears what it always can. */
static void fall_back_to_pcm(struct fake_grok *g)
{
	const struct grok_format pcm = { SLICE("audio/pcm"), 24000 };
	struct fake_refusal why;
	struct grok_session update;

	grok_session_init(&update);
	update.type = SLICE("realtime");
	update.input = update.output = pcm;
	fake_settings_merge(&g->settings, &update, &why);
}

static void become_ready(struct fake_grok *g)
{
	struct grok_event e;

	if (g->resumed && !g->ready && g->settings.session.resumption == GROK_YES)
		replay(g);
	grok_event_init(&e, GROK_SESSION_UPDATED);
	if (fake_wire_fault(&g->wire, FAULT_WRONG_FORMAT))
		fall_back_to_pcm(g);
	e.session = g->settings.session;
	if (fake_wire_is_openai(&g->wire))
		e.session.id = slice_of(g->session_id);
	fake_wire_send(&g->wire, &e);
	g->update_due_ms = FAKE_NEVER;
	g->ready = true;
	list_mcp_tools(g);
	if (g->wire.plan->mode != FAKE_TALK)
		fake_load_start(&g->load, &g->wire);
	send_errors(g);
}

static void check_in(struct fake_grok *g)
{
	char id[FAKE_ID_BYTES], text[RECEPTIONIST_TEXT_BYTES_MAX];
	struct grok_event e;

	fake_wire_id(&g->wire, id);
	grok_event_init(&e, GROK_AUDIO_TIMEOUT);
	e.item_id = slice_of(id);
	e.audio_end_ms = (int64_t)listener_heard_ms(&g->listener);
	e.audio_start_ms = e.audio_end_ms - g->settings.session.turn_detection.idle_timeout_ms;
	fake_wire_send(&g->wire, &e);
	receptionist_check_in(&g->receptionist, text, sizeof text);
	fake_turn_answer(g, text, NULL, IDLE_ANSWER_MS);
}

/* Armed anew after each response. */
static void arm_idle_timer(struct fake_grok *g)
{
	int64_t idle_ms = g->settings.session.turn_detection.idle_timeout_ms;

	if (g->reply.done_count == g->done_count_seen || fake_reply_is_active(&g->reply))
		return;
	g->done_count_seen = g->reply.done_count;
	if (idle_ms > 0 && g->turn.stage == TURN_NONE)
		g->idle_due_ms = g->wire.now_ms + (uint64_t)idle_ms;
}

static uint64_t fault_due_ms(const struct fake_grok *g, enum fault fault)
{
	if (!fault_on(&g->wire.plan->faults, fault) || g->wire.muted || g->wire.ended)
		return FAKE_NEVER;
	return g->wire.opened_ms + (uint64_t)fault_value(&g->wire.plan->faults, fault);
}

static void end_session(struct fake_grok *g, const char *type, const char *message)
{
	fake_wire_error(&g->wire, type, type, message, (struct slice){ 0 });
	fake_wire_push(&g->wire, FAKE_CLOSE, 1000, (struct slice){ 0 });
}

/* Nobody may talk longer. */
static void reach_cap(struct fake_grok *g)
{
	if (fake_wire_is_openai(&g->wire)) {
		fake_wire_error(&g->wire, "invalid_request_error", "session_expired",
			"Your session hit the maximum duration of 60 minutes.", (struct slice){ 0 });
		fake_wire_push(&g->wire, FAKE_CLOSE, 1001, (struct slice){ 0 });
	} else {
		end_session(g, "max_duration", "The session has reached its maximum duration");
	}
}

static uint64_t cap_due_ms(const struct fake_grok *g)
{
	const struct fake_plan *plan = g->wire.plan;
	uint64_t cap_s = plan->session_s_max ? plan->session_s_max : fake_wire_dialect(&g->wire)->session_s_max;

	return g->wire.ended || g->wire.muted ? FAKE_NEVER : g->wire.opened_ms + cap_s * 1000;
}

static void do_timed_faults(struct fake_grok *g)
{
	uint64_t now_ms = g->wire.now_ms;

	if (fault_due_ms(g, FAULT_SILENT) <= now_ms)
		g->wire.muted = fake_wire_fault_now(&g->wire, FAULT_SILENT);
	if (cap_due_ms(g) <= now_ms ||
		(fault_due_ms(g, FAULT_MAX_DURATION) <= now_ms && fake_wire_fault_now(&g->wire, FAULT_MAX_DURATION)))
		reach_cap(g);
	if (fault_due_ms(g, FAULT_TIMEOUT) <= now_ms && fake_wire_fault_now(&g->wire, FAULT_TIMEOUT))
		end_session(g, "timeout", "The session was closed because of inactivity");
}

static void do_what_is_due(struct fake_grok *g, uint64_t now_ms)
{
	g->wire.now_ms = now_ms;
	do_timed_faults(g);
	while (g->ping_due_ms <= now_ms)
		send_ping(g);
	if (g->update_due_ms <= now_ms)
		become_ready(g);
	fake_load_tick(&g->load, &g->wire);
	fake_turn_tick(g);
	fake_reply_tick(&g->reply, &g->wire, &g->settings);
	fake_turn_settle(g);
	arm_idle_timer(g);
	if (g->idle_due_ms <= now_ms)
		check_in(g);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t fake_grok_due_ms(const struct fake_grok *g)
{
	uint64_t due = earlier(g->ping_due_ms, earlier(g->update_due_ms, g->idle_due_ms));

	if (g->wire.ended)
		return FAKE_NEVER;
	due = earlier(due, earlier(fake_turn_due_ms(g), fake_reply_due_ms(&g->reply)));
	due = earlier(due, earlier(fault_due_ms(g, FAULT_SILENT), fault_due_ms(g, FAULT_MAX_DURATION)));
	due = earlier(due, earlier(fault_due_ms(g, FAULT_TIMEOUT), cap_due_ms(g)));
	return earlier(due, fake_load_due_ms(&g->load, &g->wire));
}

/* --- entries ----------------------------------------------------------------------------------- */

void fake_grok_tick(struct fake_grok *g, uint64_t now_ms)
{
	do_what_is_due(g, now_ms);
}

void fake_grok_text(struct fake_grok *g, struct slice text, uint64_t now_ms)
{
	struct grok_event event;

	g->wire.now_ms = now_ms;
	if (grok_read(&g->reader, TO_GROK, text.data, text.len, &event) == GROK_EVENT) {
		fake_command(g, &event);
	} else {
		g->client_fault_count++;
		fake_wire_error(&g->wire, "invalid_request_error", "invalid_json", g->reader.why,
			(struct slice){ 0 });
	}
	if (fake_grok_due_ms(g) <= now_ms)
		do_what_is_due(g, now_ms);
}

void fake_grok_binary(struct fake_grok *g, struct slice data, uint64_t now_ms)
{
	g->wire.now_ms = now_ms;
	if (!g->ready || g->wire.plan->mode != FAKE_TALK)
		return;
	if (data.len > g->audio_bytes) {
		free(g->audio);
		g->audio = malloc(data.len);
		g->audio_bytes = g->audio ? data.len : 0;
	}
	if (g->audio_bytes < data.len || data.len == 0)
		return;
	memcpy(g->audio, data.data, data.len);
	fake_command_audio(g, g->audio, data.len);
	do_what_is_due(g, now_ms);
}

void fake_grok_heard(struct fake_grok *g, uint32_t number, const char *text, uint64_t now_ms)
{
	g->wire.now_ms = now_ms;
	fake_turn_heard(g, number, text);
	do_what_is_due(g, now_ms);
}

void fake_grok_said(struct fake_grok *g, uint32_t number, struct speech *speech, uint64_t now_ms)
{
	g->wire.now_ms = now_ms;
	fake_reply_said(&g->reply, &g->wire, number, speech);
	do_what_is_due(g, now_ms);
}

bool fake_grok_next(struct fake_grok *g, struct fake_action *out)
{
	return fake_wire_next(&g->wire, out);
}

/* --- voice ------------------------------------------------------------------------------------- */

/* xAI's men; whoever is not known here is a woman, as xAI's default is. */
static bool is_mans_name(struct slice name)
{
	static const char *const names[] = { "leo", "rex", "sal", "castor", "orion", "atlas" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (slice_equal_nocase(name, slice_of(names[i])))
			return true;
	return false;
}

enum speech_voice fake_grok_voice(const struct fake_grok *g)
{
	const char *planned = g->wire.plan->voice;
	struct slice asked = g->settings.session.voice;
	enum speech_voice voice;

	if (planned && planned[0] && speech_voice_parse(planned, &voice))
		return voice;
	if (asked.data && speech_voice_parse(asked.data, &voice))
		return voice;
	return is_mans_name(asked) ? SPEECH_VOICE_AWB : SPEECH_VOICE_RECEPTIONIST;
}

double fake_grok_speed(const struct fake_grok *g)
{
	double speed = g->settings.session.speed;

	return speed >= 0.7 && speed <= 1.5 ? speed : 1.0;
}
