/* grok_client - the handshake is checked as xAI would, then messages go to the session and its actions are done. */
#include "sim/grok_client.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "proto/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/v1/realtime"
#define DEFAULT_MODEL "grok-voice-latest"

enum { HANDSHAKE_MS = 10000, CLOSE_MS = 2000, MODEL_BYTES = 128 };

struct grok_client {
	struct grok_house *house;
	struct wsconn *ws;
	uint64_t id;
	uint64_t number;                /* of its request */
	bool open;                      /* the session exists */
	char heard_item[FAKE_ID_BYTES]; /* the turn that was listened to last */
	uint32_t heard_count;           /* turns until then */
	bool dropped;                   /* reset wanted */
	uint64_t deadline_ms;           /* of handshake or close; FAKE_NEVER in between */
	uint64_t answer_ms;             /* a fault: the upgrade is answered then; FAKE_NEVER if not */
	char target[HTTP_TARGET_BYTES_MAX];     /* which was asked for */
	struct fake_grok grok;
};

struct grok_client *grok_client_take(struct grok_house *house, int listen_fd, uint64_t id, uint64_t now_ms)
{
	struct wsconn *ws = wsconn_take(&house->env, listen_fd);
	struct grok_client *c;

	if (!ws)
		return NULL;
	c = calloc(1, sizeof *c);
	check(c);
	c->house = house;
	c->ws = ws;
	c->id = id;
	c->deadline_ms = now_ms + HANDSHAKE_MS;
	c->answer_ms = FAKE_NEVER;
	return c;
}

static void print_note(const struct grok_client *c, struct slice note)
{
	enum grok_notes notes = c->house->options->notes;

	if (notes == NOTES_OFF)
		return;
	if (notes == NOTES_JSON)        /* the note is an object: this goes in at its head */
		printf("{\"session\":%llu,\"time_ms\":%lld,%.*s\n", (unsigned long long)c->id,
			(long long)clock_wall_ms(), (int)note.len - 1, note.data + 1);
	else
		printf("%llu %.*s\n", (unsigned long long)c->id, (int)note.len, note.data);
	fflush(stdout);
}

/* What the session leaves behind: its last notes, and its meters. */
static void end_session(struct grok_client *c)
{
	struct fake_action action;
	char faults[FAULT_LIST_BYTES_MAX];

	fake_grok_judge(&c->grok, clock_mono_ms());
	while (fake_grok_next(&c->grok, &action))
		if (action.kind == FAKE_NOTE)
			print_note(c, action.data);
	fault_list(&c->grok.wire.committed, faults, sizeof faults);
	log_info("session ended id=%llu appends=%llu items=%u caller_s=%llu voice_s=%llu client_faults=%u "
		"violations=%u faults=%s",
		(unsigned long long)c->id, (unsigned long long)c->grok.append_count, c->grok.item_create_count,
		(unsigned long long)c->grok.reply.caller_ms / 1000, (unsigned long long)c->grok.reply.spoken_ms / 1000,
		c->grok.client_fault_count, c->grok.reply.tools.violation_count, faults);
	c->house->append_count += c->grok.append_count;
	c->house->fault_count += c->grok.client_fault_count;
	c->house->violation_count += c->grok.reply.tools.violation_count;
	fake_grok_close(&c->grok);
}

void grok_client_free(struct grok_client *c)
{
	if (c->open) {
		end_session(c);
	}
	if (c->dropped)
		wsconn_free_reset(c->ws);
	else
		wsconn_free(c->ws);
	free(c);
}

uint64_t grok_client_id(const struct grok_client *c)
{
	return c->id;
}

int grok_client_fd(const struct grok_client *c)
{
	return wsconn_fd(c->ws);
}

uint32_t grok_client_interest(const struct grok_client *c)
{
	if (c->open && c->grok.wire.muted)
		return 0;               /* half open: not even a ping is answered */
	return wsconn_interest(c->ws);
}

uint64_t grok_client_due_ms(const struct grok_client *c)
{
	uint64_t due_ms = c->open ? fake_grok_due_ms(&c->grok) : FAKE_NEVER;

	if (c->answer_ms < due_ms)
		due_ms = c->answer_ms;
	return due_ms < c->deadline_ms ? due_ms : c->deadline_ms;
}

/* --- handshake --------------------------------------------------------------------------------- */

static int planned_refusal(const struct faults *faults)
{
	static const struct {
		enum fault fault;
		int status;
	} refusals[] = {
		{ FAULT_REFUSE_401, 401 }, { FAULT_REFUSE_403, 403 }, { FAULT_REFUSE_404, 404 },
		{ FAULT_REFUSE_429, 429 }, { FAULT_REFUSE_500, 500 }, { FAULT_REFUSE_503, 503 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(refusals); i++)
		if (fault_on(faults, refusals[i].fault))
			return refusals[i].status;
	return 0;
}

/* A browser's way: the key is one of the subprotocols, which is then echoed. */
static bool is_client_secret(const struct grok_client *c, char *out, size_t out_bytes)
{
	static const struct slice prefix = { "xai-client-secret.", 18 };
	struct slice list = wsconn_header(c->ws, "sec-websocket-protocol"), word;

	while (slice_next_word(&list, ',', &word))
		if (word.len > prefix.len && memcmp(word.data, prefix.data, prefix.len) == 0)
			return slice_copy(word, out, out_bytes);
	return false;
}

static bool is_authorized(const struct grok_client *c)
{
	static const struct slice scheme = { "Bearer ", 7 };
	struct slice value = wsconn_header(c->ws, "authorization");
	struct slice key = slice_of(c->house->options->api_key);

	if (value.len <= scheme.len || !slice_equal_nocase((struct slice){ value.data, scheme.len }, scheme))
		return false;
	value.data += scheme.len;
	value.len -= scheme.len;
	return key.len == 0 || slice_equal(value, key);
}

/* "model" or "conversation_id" of the query; "" if there is none. */
static void read_query(struct slice query, const char *name, char *out, size_t out_bytes)
{
	char text[HTTP_TARGET_BYTES_MAX];
	struct form form;

	out[0] = '\0';
	form_init(&form);
	if (query.len < sizeof text && query.len > 0) {
		memcpy(text, query.data, query.len);
		if (form_read(&form, text, query.len) == FORM_OK)
			slice_copy(form_value(&form, name), out, out_bytes);
	}
}

static void open_session(struct grok_client *c, const struct fake_plan *plan, struct slice query, const char *secret,
	uint64_t now_ms)
{
	char model[MODEL_BYTES], conversation[FAKE_ID_BYTES];

	read_query(query, "model", model, sizeof model);
	read_query(query, "conversation_id", conversation, sizeof conversation);
	wsconn_accept_as(c->ws, secret);
	fake_grok_open(&c->grok, plan, c->house->env.pool, c->house->options->seed + c->id,
		model[0] ? model : DEFAULT_MODEL, conversation, now_ms, clock_wall_ms());
	c->open = true;
	c->deadline_ms = FAKE_NEVER;
	log_info("session began id=%llu model=%s", (unsigned long long)c->id,
		log_text(c->grok.settings.session.model.data, c->grok.settings.session.model.len).text);
}

static const struct fake_plan *plan_of(const struct grok_client *c)
{
	const struct grok_options *options = c->house->options;
	bool meets_faults = options->fault_calls == 0 || c->number < options->fault_calls;

	return meets_faults ? &options->plan : &c->house->good_plan;
}

static void answer_request(struct grok_client *c, uint64_t now_ms)
{
	const struct fake_plan *plan = plan_of(c);
	struct slice target = slice_of(c->target);
	const char *mark = strchr(c->target, '?');
	size_t path_len = mark ? (size_t)(mark - c->target) : target.len;
	struct slice query = { mark ? mark + 1 : NULL, mark ? target.len - path_len - 1 : 0 };
	char secret[256] = "";

	c->answer_ms = FAKE_NEVER;
	if (planned_refusal(&plan->faults))
		wsconn_refuse(c->ws, planned_refusal(&plan->faults), NULL);
	else if (!slice_equal((struct slice){ target.data, path_len }, SLICE(PATH)))
		wsconn_refuse(c->ws, 404, "only " PATH " is here");
	else if (!is_authorized(c) && !is_client_secret(c, secret, sizeof secret))
		wsconn_refuse(c->ws, 401, "missing or wrong bearer token");
	else
		open_session(c, plan, query, secret, now_ms);
}

/* What befalls the upgrade: its name, or "none". */
static const char *upgrade_fault(const struct faults *faults)
{
	for (int fault = 0; fault <= FAULT_HANG_UPGRADE; fault++)
		if (fault_on(faults, (enum fault)fault))
			return fault_name((enum fault)fault);
	return "none";
}

static void take_request(struct grok_client *c, struct slice target, uint64_t now_ms)
{
	const struct faults *faults;

	c->number = c->house->request_count++;
	faults = &plan_of(c)->faults;
	log_info("upgrade asked id=%llu faults=%s", (unsigned long long)c->id, upgrade_fault(faults));
	if (!slice_copy(target, c->target, sizeof c->target))
		wsconn_refuse(c->ws, 404, NULL);
	else if (fault_on(faults, FAULT_CUT_UPGRADE))
		c->dropped = true;
	else if (fault_on(faults, FAULT_LATE_UPGRADE))
		c->answer_ms = now_ms + (uint32_t)fault_value(faults, FAULT_LATE_UPGRADE);
	else if (!fault_on(faults, FAULT_HANG_UPGRADE))
		answer_request(c, now_ms);
}

/* --- actions ----------------------------------------------------------------------------------- */

static void begin_close(struct grok_client *c, uint16_t code, uint64_t now_ms)
{
	wsconn_close(c->ws, code, "");
	c->deadline_ms = now_ms + CLOSE_MS;
}

/* The operator's: one text a turn, however often the turn is listened to. */
static const char *words_of_turn(struct grok_client *c)
{
	const struct grok_options *options = c->house->options;
	const char *item = c->grok.turn.item_id;

	if (strcmp(item, c->heard_item) != 0) {
		snprintf(c->heard_item, sizeof c->heard_item, "%s", item);
		c->heard_count++;
	}
	return options->hears[(c->heard_count < options->hears_count ? c->heard_count : options->hears_count) - 1];
}

static void do_action(struct grok_client *c, const struct fake_action *action, uint64_t now_ms)
{
	struct speech_desk *desk = c->house->desk;

	switch (action->kind) {
	case FAKE_SEND:
		wsconn_send_text(c->ws, action->data);
		break;
	case FAKE_SEND_FRAGMENTS:
		wsconn_send_fragments(c->ws, action->data, action->number);
		break;
	case FAKE_SEND_BINARY:
		wsconn_send_binary(c->ws, action->data);
		break;
	case FAKE_HEAR:
		if (c->house->options->hears_count)
			fake_grok_heard(&c->grok, action->number, words_of_turn(c), now_ms);
		else if (desk)
			speech_desk_hear(desk, c->id, action->number, action->data);
		break;
	case FAKE_SAY:
		if (desk)
			speech_desk_say(desk, c->id, action->number, fake_grok_voice(&c->grok),
				fake_grok_speed(&c->grok), action->data);
		break;
	case FAKE_NOTE:
		print_note(c, action->data);
		break;
	case FAKE_CLOSE:
		begin_close(c, (uint16_t)action->number, now_ms);
		break;
	case FAKE_DROP:
		c->dropped = true;
		break;
	}
}

static bool settle(struct grok_client *c, uint64_t now_ms)
{
	struct fake_action action;

	while (c->open && !c->dropped && fake_grok_next(&c->grok, &action))
		do_action(c, &action, now_ms);
	wsconn_flush(c->ws);
	return !c->dropped;
}

bool grok_client_turn(struct grok_client *c, uint64_t now_ms)
{
	struct wsconn_event event;

	wsconn_read(c->ws);
	while (wsconn_next(c->ws, &event))
		switch (event.kind) {
		case WSCONN_REQUEST:
			take_request(c, event.data, now_ms);
			break;
		case WSCONN_TEXT:
			fake_grok_text(&c->grok, event.data, now_ms);
			break;
		case WSCONN_BINARY:
			fake_grok_binary(&c->grok, event.data, now_ms);
			break;
		case WSCONN_PONG:
		case WSCONN_OPEN:
			break;
		case WSCONN_CLOSED:
			log_info("connection closed id=%llu code=%u why=%s", (unsigned long long)c->id, event.code,
				log_text(event.data.data, event.data.len).text);
			return false;
		}
	return settle(c, now_ms);
}

bool grok_client_tick(struct grok_client *c, uint64_t now_ms)
{
	if (now_ms >= c->deadline_ms)
		return false;
	if (now_ms >= c->answer_ms)
		answer_request(c, now_ms);
	if (c->open && fake_grok_due_ms(&c->grok) <= now_ms)
		fake_grok_tick(&c->grok, now_ms);
	return settle(c, now_ms);
}

bool grok_client_answer(struct grok_client *c, struct desk_answer *answer, uint64_t now_ms)
{
	if (answer->kind == DESK_HEARD)
		fake_grok_heard(&c->grok, answer->number, answer->text, now_ms);
	else
		fake_grok_said(&c->grok, answer->number, &answer->speech, now_ms);
	return settle(c, now_ms);
}
