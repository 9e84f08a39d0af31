#include "tests/unit/talk_world.h"

static void say(struct talk *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct talk *t, const char *format, ...)
{
	char json[512];
	va_list args;

	va_start(args, format);
	vsnprintf(json, sizeof json, format, args);
	va_end(args);
	kit_grok(t->k, json);
}

static struct talk_response *current(struct talk *t)
{
	return &t->grok.responses[t->grok.latest];
}

/* --- responses -------------------------------------------------------------------------------------- */

static void say_done(struct talk *t, unsigned n, const char *status)
{
	say(t, "{\"type\":\"response.done\",\"response_id\":\"r%u\",\"response\":{\"id\":\"r%u\","
		"\"status\":\"%s\"}}", n, n, status);
}

static void send_delta(struct talk *t, unsigned n, size_t bytes)
{
	char response[16], item[16];

	snprintf(response, sizeof response, "r%u", n);
	snprintf(item, sizeof item, "a%u", n);
	t->grok.responses[n].generated_bytes += bytes;
	kit_delta(t->k, response, item, talk_byte(n), bytes);
}

static void begin_response(struct talk *t)
{
	struct talk_grok *g = &t->grok;

	check(g->latest + 1 < RESPONSES_MAX);
	g->latest++;
	*current(t) = g->next;
	current(t)->state = R_CREATED;
	current(t)->total_bytes = 80 * (uint64_t)talk_draw(t, 30, 700);
	current(t)->truncated_ms = -1;
	g->next = (struct talk_response){ 0 };
	g->create_at_ms = 0;
	g->active = true;
	g->asked = false;
	g->delta_at_ms = t->k->now_ms + talk_draw(t, 50, 600);
	g->speed_tenths = talk_draw(t, 9, 200);
	say(t, "{\"type\":\"response.created\",\"response\":{\"id\":\"r%u\"}}", g->latest);
	if (!current(t)->forced)
		talk_tools_in(t, g->latest);
}

static void end_response(struct talk *t, enum talk_state state)
{
	t->grok.active = t->grok.ignores = false;
	t->grok.delta_at_ms = 0;
	current(t)->state = state;
}

static void generate(struct talk *t)
{
	struct talk_response *r = current(t);
	uint64_t left = r->total_bytes - r->generated_bytes;
	size_t bytes = (size_t)talk_draw(t, 77, 600) * ULAW_BYTES_PER_MS;

	bytes = bytes < left ? bytes : (size_t)left;
	t->grok.delta_at_ms += bytes / ULAW_BYTES_PER_MS * 10 / t->grok.speed_tenths + 1;
	send_delta(t, t->grok.latest, bytes);
	if (r->generated_bytes < r->total_bytes || !t->grok.active)
		return;
	end_response(t, R_WHOLE);
	say(t, "{\"type\":\"response.output_audio.done\",\"response_id\":\"r%u\",\"item_id\":\"a%u\"}", t->grok.latest,
		t->grok.latest);
	say_done(t, t->grok.latest, "completed");
}

/* --- ears ------------------------------------------------------------------------------------------- */

/* The server interrupts itself, in one of the ways that were seen. */
static void interrupt_self(struct talk *t)
{
	unsigned n = t->grok.latest;
	struct talk_response *r = current(t);

	t->grok.create_at_ms = 0;
	t->grok.asked = false;
	if (!t->grok.active)
		return;
	bool silent = talk_chance(t, 30);

	for (unsigned late = talk_draw(t, 0, 3); late && r->generated_bytes < r->total_bytes; late--) {
		uint64_t left = r->total_bytes - r->generated_bytes;

		send_delta(t, n, left < 1600 ? (size_t)left : 1600);
	}
	end_response(t, silent ? R_LOST : R_CANCELLED);
	if (!silent)
		say_done(t, n, "cancelled");
}

static void tell_started(struct talk *t)
{
	struct talk_grok *g = &t->grok;
	unsigned clears = t->clear_count;
	bool was_protected = talk_is_protected(t);
	/* What was announced and not heard of since counts as well. */
	bool outstanding = t->phone.sent_bytes > t->phone.proven_bytes;

	g->tell_at_ms = 0;
	g->told = true;
	say(t, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u%u\"}", ++g->item);
	talk_speech_told(t, clears, outstanding, was_protected);
	interrupt_self(t);
}

static void stop_speaking(struct talk *t)
{
	struct talk_grok *g = &t->grok;

	g->speaking = false;
	if (g->tell_at_ms)
		tell_started(t);        /* late: together with its end */
	if (!g->told)
		return;
	g->told = false;
	t->window_to_ms = 0;
	say(t, "{\"type\":\"input_audio_buffer.speech_stopped\",\"item_id\":\"u%u\"}", g->item);
	if (g->active || g->asked)
		return;                 /* it does not answer into its own words */
	g->next = (struct talk_response){ .state = R_DUE };
	g->create_at_ms = t->k->now_ms + talk_draw(t, 150, 600);
}

static void hear_loud(struct talk *t)
{
	struct talk_grok *g = &t->grok;

	g->quiet_ms = 0;
	g->loud_ms += 20;
	if (g->speaking || g->loud_ms < 100)
		return;
	g->speaking = true;
	if (!t->plan.deaf)
		g->tell_at_ms = t->k->now_ms + t->plan.late_ms;
}

static void hear(struct talk *t, struct slice base64)
{
	struct talk_grok *g = &t->grok;
	uint8_t audio[ULAW_FRAME_BYTES];

	must(t, base64_decode(audio, base64) == ULAW_FRAME_BYTES);
	if (g->ignores)
		return;
	if (audio[0] == TALK_LOUD)
		return hear_loud(t);
	g->quiet_ms += 20;
	if (g->quiet_ms > 100)
		g->loud_ms = 0;
}

/* --- what the bridge says --------------------------------------------------------------------------- */

static void asked(struct talk *t, struct talk_response next)
{
	struct talk_grok *g = &t->grok;

	must(t, g->ready);
	must(t, !g->active);            /* it would cancel what is being said */
	must(t, !g->asked);
	must(t, g->create_at_ms == 0 || next.is_protected);     /* or the answer to the caller */
	g->asked = true;
	g->asked_count++;
	g->next = next;
	g->ignores = next.is_protected && !next.truncated;
	g->next.truncated = false;
	g->create_at_ms = t->k->now_ms + talk_draw(t, 20, 400);
}

static void force(struct talk *t, const struct grok_item *item)
{
	bool disclosure = slice_equal(item->text, SLICE("Disclosure."));
	bool instead = slice_equal(item->text, SLICE(SAY_INSTEAD));
	bool greeting = instead || slice_equal(item->text, SLICE("Greeting."));
	struct talk_response next = { .forced = true, .is_disclosure = disclosure };

	next.is_protected = (disclosure && t->plan.protect_disclosure) || (greeting && t->plan.protect_greeting);
	next.is_protected |= slice_equal(item->text, SLICE("Warning."));
	next.truncated = item->interruptible != GROK_NO;        /* borrowed: it goes on hearing */
	must(t, !greeting || !t->plan.disclosure || t->grok.disclosure_count);
	t->grok.disclosure_count += disclosure;
	t->grok.greeting_count += greeting;
	/* What the caller's voice made Grok forget is asked for once more. */
	must(t, t->grok.disclosure_count <= SAY_TRIES_MAX && t->grok.greeting_count <= SAY_TRIES_MAX);
	asked(t, next);
}

static void truncated(struct talk *t, const struct grok_event *event)
{
	unsigned n = 0;

	for (size_t i = 1; i < event->item_id.len; i++)
		n = n * 10 + (unsigned)(event->item_id.data[i] - '0');
	must(t, n >= 1 && n <= t->grok.latest);
	struct talk_response *r = &t->grok.responses[n];

	must(t, !r->truncated);
	must(t, !r->is_protected);
	must(t, r->state != R_CREATED); /* it is not whole yet */
	must(t, r->state != R_CANCELLED);       /* it is gone: "Item not found" */
	must(t, event->audio_end_ms >= 0);
	must(t, (uint64_t)event->audio_end_ms * ULAW_BYTES_PER_MS <= r->sent_bytes);
	r->truncated = true;
	r->truncated_ms = event->audio_end_ms;
	t->grok.truncate_count++;
}

void talk_grok_said(struct kit *k, const struct grok_event *event)
{
	struct talk *t = k->watcher;

	switch ((int)event->kind) {
	case GROK_SESSION_UPDATE:
		t->grok.ready = true;
		return;
	case GROK_AUDIO_APPEND:
		return hear(t, event->delta);
	case GROK_ITEM_TRUNCATE:
		return truncated(t, event);
	case GROK_RESPONSE_CREATE:
		if (slice_equal(grok_metadata(event, SLICE("src")), SLICE("tools"))) {
			talk_tools_asked(t);
			return asked(t, (struct talk_response){ .truncated = true });
		}
		return asked(t, (struct talk_response){ .is_protected = t->plan.protect_greeting, .truncated = true });
	case GROK_ITEM_CREATE:
		if (slice_equal(event->item.type, SLICE("function_call_output")))
			return talk_tools_told(t, &event->item);
		must(t, slice_equal(event->item.type, SLICE("force_message")));
		return force(t, &event->item);
	}
	talk_broken(t, "a message that must not be sent, like response.cancel");
}

void talk_grok_step(struct talk *t)
{
	struct talk_grok *g = &t->grok;

	if (g->tell_at_ms && t->k->now_ms >= g->tell_at_ms)
		tell_started(t);
	if (g->speaking && g->quiet_ms >= t->plan.silence_ms)
		stop_speaking(t);
	if (g->create_at_ms && t->k->now_ms >= g->create_at_ms)
		begin_response(t);
	while (g->active && g->delta_at_ms && t->k->now_ms >= g->delta_at_ms)
		generate(t);
}
