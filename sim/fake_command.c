/* fake_command - one short function a client event; the switch at the end names them all. */
#include "sim/fake_command.h"

#include "base/check.h"
#include "proto/base64.h"
#include "sim/fake_audio.h"
#include "sim/fake_store.h"
#include "sim/fake_turn.h"
#include "sim/tool_offer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_ERROR "invalid_request_error"
#define ITEM_NOT_FOUND "Item not found"

enum {
	READY_MS_LEAST = 60,            /* session.update to session.updated */
	READY_MS_MOST = 500,
	CREATE_MS_LEAST = 60,           /* response.create to response.created */
	CREATE_MS_MOST = 120,
};

static void refuse(struct fake_grok *g, const struct grok_event *event, const char *code, const char *message)
{
	g->client_fault_count++;
	fake_wire_error(&g->wire, REQUEST_ERROR, code, message, event->event_id);
}

static void begin_to_remember(struct fake_grok *g)
{
	struct fake_conversation *c = fake_store_open(g->wire.plan->store, g->wire.conversation_id, g->wire.now_ms);

	if (c && !g->resumed)
		c->receptionist = g->receptionist;
}

static void learn_tools(struct fake_grok *g)
{
	for (int tool = 0; tool < TOOL_COUNT; tool++)
		g->receptionist.offered[tool] = tool_offer_has(g->settings.session.tools_json,
			receptionist_tool_name((enum receptionist_tool)tool));
}

/* --- session ----------------------------------------------------------------------------------- */

static void update_session(struct fake_grok *g, const struct grok_event *event)
{
	struct fake_wire *wire = &g->wire;
	struct fake_refusal why;

	g->update_count++;
	if (fake_wire_fault(wire, FAULT_ERROR_ON_UPDATE)) {
		refuse(g, event, "invalid_value", "Invalid session configuration");
		return;
	}
	if (!fake_settings_merge(&g->settings, &event->session, &why)) {
		refuse(g, event, why.code, why.message);
		return;
	}
	if (g->settings.session.resumption == GROK_YES)
		begin_to_remember(g);
	learn_tools(g);
	g->receptionist.instructions = g->settings.session.instructions.data;
	listener_set(&g->listener, fake_settings_threshold(&g->settings), fake_settings_silence_ms(&g->settings),
		fake_settings_prefix_ms(&g->settings));
	if (fake_wire_fault(wire, FAULT_NEVER_READY)
		|| (g->update_count == 1 && fake_wire_fault(wire, FAULT_SECOND_READY)))
		return;
	if (g->update_due_ms != FAKE_NEVER)     /* one answer to both */
		return;
	g->update_due_ms = wire->now_ms + (fake_wire_fault(wire, FAULT_LATE_READY)
		? (uint32_t)fault_value(&wire->plan->faults, FAULT_LATE_READY)
		: fake_wire_chance(wire, READY_MS_LEAST, READY_MS_MOST));
}

/* --- audio ------------------------------------------------------------------------------------- */

void fake_command_audio(struct fake_grok *g, uint8_t *data, size_t bytes)
{
	struct fake_format format = fake_settings_input(&g->settings);
	size_t len = fake_audio_read(format, data, bytes);

	g->reply.caller_ms += len / ULAW_BYTES_PER_MS;
	if (format.coding != FAKE_OTHER)
		fake_turn_audio(g, (struct slice){ (const char *)data, len });
}

static void append_audio(struct fake_grok *g, const struct grok_event *event)
{
	size_t room = base64_decoded_len_max(event->delta.len);
	ssize_t bytes;

	g->append_count++;
	if (!g->ready) {                        /* the real one takes it for 24 kHz PCM: nobody wants that */
		g->client_fault_count++;
		if (g->append_count == 1)
			fake_wire_note(&g->wire, "fault", SLICE("audio before session.updated"));
		return;
	}
	if (g->wire.plan->mode == FAKE_ECHO)
		fake_load_echo(&g->load, &g->wire, event->delta);
	if (g->wire.plan->mode != FAKE_TALK)
		return;
	if (room > g->audio_bytes) {
		g->audio = realloc(g->audio, room);
		check(g->audio);
		g->audio_bytes = room;
	}
	bytes = base64_decode(g->audio, event->delta);
	if (bytes > 0)
		fake_command_audio(g, g->audio, (size_t)bytes);
}

static void clear_audio(struct fake_grok *g)
{
	struct grok_event e;

	listener_reset(&g->listener);
	g->turn.stage = TURN_NONE;
	grok_event_init(&e, GROK_AUDIO_CLEARED);
	fake_wire_send(&g->wire, &e);
}

/* --- items ------------------------------------------------------------------------------------- */

static void add_item(struct fake_grok *g, const struct grok_item *item)
{
	struct grok_item copy = *item;
	char id[FAKE_ID_BYTES];

	if (!copy.id.len) {
		fake_wire_id(&g->wire, id);
		copy.id = slice_of(id);
	}
	copy.status = SLICE("completed");
	fake_wire_item_added(&g->wire, &copy);
	fake_wire_item_done(&g->wire, &copy);
	fake_wire_remember(&g->wire, &copy);
}

static void force_message(struct fake_grok *g, const struct grok_item *item)
{
	char text[SPEECH_TEXT_BYTES_MAX];

	if (!slice_copy(item->text, text, sizeof text) || !text[0])
		return;
	fake_turn_answer(g, text, NULL, fake_wire_chance(&g->wire, CREATE_MS_LEAST, CREATE_MS_MOST));
	g->reply.interruptible = item->interruptible != GROK_NO;
	g->reply.forced = true;
}

static void take_function_output(struct fake_grok *g, const struct grok_event *event)
{
	char message[200];

	if (fake_tools_output(&g->reply.tools, event->item.call_id, event->item.output, g->wire.now_ms) ==
		OUTPUT_TAKEN) {
		g->new_input = true;
		add_item(g, &event->item);
		return;
	}
	snprintf(message, sizeof message, "Tool call ID '%.*s' not found in conversation",
		(int)(event->item.call_id.len < 100 ? event->item.call_id.len : 100),
		event->item.call_id.data ? event->item.call_id.data : "");
	refuse(g, event, "invalid_tool_call_id", message);
}

static void create_item(struct fake_grok *g, const struct grok_event *event)
{
	const struct grok_item *item = &event->item;

	g->item_create_count++;
	if (slice_equal(item->type, SLICE("force_message")) && fake_wire_dialect(&g->wire)->force_message) {
		if (g->wire.plan->mode == FAKE_TALK)
			force_message(g, item);
	} else if (slice_equal(item->type, SLICE("function_call_output"))) {
		take_function_output(g, event);
	} else if (slice_equal(item->type, SLICE("function_call"))) {
		fake_tools_seed(&g->reply.tools, item->call_id, item->name);
		add_item(g, item);
	} else if (slice_equal(item->type, SLICE("message"))) {
		if (slice_equal(item->role, SLICE("user"))) {
			slice_copy(item->text, g->typed, sizeof g->typed);
			g->new_input = true;
		} else if (slice_equal(item->role, SLICE("assistant"))) {
			g->typed[0] = '\0';     /* that was answered, in another session */
		}
		add_item(g, item);
	} else {
		refuse(g, event, "invalid_value", "Invalid item type");
	}
}

static void delete_item(struct fake_grok *g, const struct grok_event *event)
{
	struct grok_event e;

	if (!spoken_delete(&g->reply.spoken, event->item_id)) {
		refuse(g, event, REQUEST_ERROR, ITEM_NOT_FOUND);
		return;
	}
	grok_event_init(&e, GROK_ITEM_DELETED);
	e.item_id = event->item_id;
	fake_wire_send(&g->wire, &e);
}

/* A fault that befalls only items that are not, or never will be, complete: no answer. Another is that they are
 * truncated like all others. */
static bool is_truncate_lost(struct fake_grok *g, const struct grok_event *event)
{
	bool is_cut = slice_equal(event->item_id, slice_of(g->reply.cut_item_id)) ||
		(fake_reply_is_active(&g->reply) && slice_equal(event->item_id, slice_of(g->reply.item_id)));

	if (!is_cut || fake_wire_is_openai(&g->wire))
		return false;
	fake_wire_fault(&g->wire, FAULT_CUT_TRUNCATE_ACK);
	return fake_wire_fault(&g->wire, FAULT_CUT_TRUNCATE_IGNORE);
}

/* Nobody can have heard more than was sent. Only OpenAI says so. */
static bool is_too_long(struct fake_grok *g, const struct grok_event *event)
{
	int64_t audio_ms = spoken_audio_ms(&g->reply.spoken, event->item_id);
	char message[160];

	if (audio_ms < 0 || event->audio_end_ms <= audio_ms)
		return false;
	snprintf(message, sizeof message, "Audio content of %lldms is already shorter than %lldms", (long long)audio_ms,
		(long long)event->audio_end_ms);
	if (fake_wire_is_openai(&g->wire)) {
		refuse(g, event, "invalid_value", message);
		return true;
	}
	g->client_fault_count++;
	fake_wire_note(&g->wire, "fault", slice_of(message));
	return false;
}

static void truncate_item(struct fake_grok *g, const struct grok_event *event)
{
	struct grok_event e;
	struct slice text;

	if (fake_wire_fault(&g->wire, FAULT_TRUNCATE_IGNORE) || is_truncate_lost(g, event) || is_too_long(g, event))
		return;
	if (fake_wire_fault(&g->wire, FAULT_TRUNCATE_ERROR)
		|| !spoken_truncate(&g->reply.spoken, event->item_id, event->audio_end_ms, &text)) {
		refuse(g, event, REQUEST_ERROR, ITEM_NOT_FOUND);
		return;
	}
	grok_event_init(&e, GROK_ITEM_TRUNCATED);
	e.item_id = event->item_id;
	e.content_index = 0;
	e.audio_end_ms = event->audio_end_ms;
	e.transcript = text;
	fake_wire_send(&g->wire, &e);
	fake_wire_note(&g->wire, "heard", text);
}

/* --- responses --------------------------------------------------------------------------------- */

/* Say: "Good evening." - words in quotes are to be spoken as they are. */
static bool quoted(struct slice instructions, char *out, size_t out_bytes)
{
	const char *first = instructions.len ? memchr(instructions.data, '"', instructions.len) : NULL;
	const char *last = first ? memrchr(instructions.data, '"', instructions.len) : NULL;

	if (!first || last <= first + 1)
		return false;
	return slice_copy((struct slice){ first + 1, (size_t)(last - first - 1) }, out, out_bytes);
}

/* What the outputs of the round come to. */
static void tell_outputs(struct fake_grok *g, char *out, size_t out_bytes)
{
	size_t at = 0, len = 0;

	out[0] = '\0';
	for (struct fake_call *call; (call = fake_tools_each(&g->reply.tools, &at));) {
		char words[RECEPTIONIST_TEXT_BYTES_MAX / 2], text[RECEPTIONIST_TEXT_BYTES_MAX];
		bool good = tool_offer_words(call->output ? call->output : "", words, sizeof words);

		receptionist_report(&g->receptionist, call->name, good, words, text, sizeof text);
		len += (size_t)snprintf(out + len, out_bytes - len, "%s%s", len ? " " : "", text);
		if (len >= out_bytes)
			return;
	}
}

static void choose_words(struct fake_grok *g, const struct grok_event *event, char *out, size_t out_bytes)
{
	if (quoted(event->instructions, out, out_bytes))
		return;
	if (g->reply.done_count == 0)
		receptionist_greeting(&g->receptionist, out, out_bytes);
	else
		snprintf(out, out_bytes, "Is there anything else I can do for you?");
}

static bool is_refused_while_speaking(struct fake_grok *g)
{
	return fake_reply_is_active(&g->reply) && (!fake_wire_dialect(&g->wire)->create_supersedes ||
		fake_wire_fault(&g->wire, FAULT_ERROR_ON_CREATE));
}

/* The caller's last words got no answer, or only the beginning of one. */
static bool is_unanswered(const struct fake_grok *g)
{
	return g->asked[0] && g->reply.answer_count == g->answer_count_then;
}

/* Which answer it is to be: to the outputs of functions, to what was typed, or just something. */
static void respond(struct fake_grok *g, const struct grok_event *event, bool tells_outputs)
{
	uint32_t delay_ms = fake_wire_chance(&g->wire, CREATE_MS_LEAST, CREATE_MS_MOST);
	char text[SPEECH_TEXT_BYTES_MAX], typed[FAKE_TEXT_BYTES_MAX];

	/* An answer that was broken off is given again. */
	if (!g->typed[0] && is_unanswered(g))
		memcpy(g->typed, g->asked, sizeof g->typed);
	if (tells_outputs) {
		tell_outputs(g, text, sizeof text);
	} else if (g->typed[0] && !event->instructions.len) {
		g->asked[0] = '\0';
		memcpy(typed, g->typed, sizeof typed);
		g->typed[0] = '\0';
		fake_turn_respond(g, typed, event, delay_ms);
		return;
	} else {
		choose_words(g, event, text, sizeof text);
	}
	fake_turn_answer(g, text, event, delay_ms);
}

static void create_response(struct fake_grok *g, const struct grok_event *event)
{
	char message[200];
	bool tells_outputs;

	/* Under load there is one response, which a greeting would end: a client drops the audio of the one before. */
	if (g->wire.plan->mode != FAKE_TALK)
		return;
	if (is_refused_while_speaking(g)) {
		snprintf(message, sizeof message, "Conversation already has an active response in progress: %s",
			g->reply.id);
		refuse(g, event, "conversation_already_has_active_response", message);
		return;
	}
	if (!g->new_input && !is_unanswered(g) && g->reply.done_count > 0 &&
		fake_wire_fault(&g->wire, FAULT_DROP_CREATE))
		return;
	tells_outputs = fake_tools_create(&g->reply.tools, event->instructions.len == 0, g->wire.now_ms);
	respond(g, event, tells_outputs);
}

static void cancel_response(struct fake_grok *g, const struct grok_event *event)
{
	if (!fake_reply_is_active(&g->reply))
		refuse(g, event, REQUEST_ERROR, "Cancellation failed: no active response found");
	else if (event->response_id.data && !slice_equal(event->response_id, slice_of(g->reply.id)))
		refuse(g, event, REQUEST_ERROR, "Cancellation failed: response_id does not match current response");
	else
		fake_reply_cancel(&g->reply, &g->wire);
}

static void refuse_unknown(struct fake_grok *g, const struct grok_event *event)
{
	char message[200];

	snprintf(message, sizeof message, "Unknown event type: '%.*s'",
		(int)(event->type.len < 100 ? event->type.len : 100), event->type.data ? event->type.data : "");
	refuse(g, event, "invalid_event", message);
}

void fake_command(struct fake_grok *g, const struct grok_event *event)
{
	if (event->kind == GROK_SESSION_UPDATE)
		update_session(g, event);
	else if (event->kind == GROK_AUDIO_APPEND)
		append_audio(g, event);
	else if (event->kind == GROK_AUDIO_COMMIT)
		fake_turn_commit(g);
	else if (event->kind == GROK_AUDIO_CLEAR)
		clear_audio(g);
	else if (event->kind == GROK_ITEM_CREATE)
		create_item(g, event);
	else if (event->kind == GROK_ITEM_DELETE)
		delete_item(g, event);
	else if (event->kind == GROK_ITEM_TRUNCATE)
		truncate_item(g, event);
	else if (event->kind == GROK_RESPONSE_CREATE)
		create_response(g, event);
	else if (event->kind == GROK_RESPONSE_CANCEL)
		cancel_response(g, event);
	else
		refuse_unknown(g, event);
}
