/*
 * WAITING until the ramp lets it begin; ASKING the webhook; DIALLING the stream; SENDING frames on its tick;
 * DRAINING until all came back; CLOSING. Sockets only ever move bytes in load_call_ready() and at the end of a tick:
 * one write each.
 */
#include "sim/load_call.h"

#include "base/check.h"
#include "base/clock.h"
#include "proto/base64.h"
#include "sim/load_message.h"
#include "sim/stream_dial.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t now_us(void)
{
	return clock_mono_ns() / 1000;
}

__attribute__((format(printf, 3, 4))) static void blame(
	struct load_call *call, enum verdict_code code, const char *format, ...)
{
	char what[VERDICT_FIRST_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	verdict_add(&call->load->verdict, code, what);
}

static void enter(struct load_call *call, enum load_phase phase, uint32_t deadline_ms)
{
	struct load *load = call->load;

	load->talking_count -= call->phase == LOAD_SENDING;
	load->talking_count += phase == LOAD_SENDING;
	if (phase == LOAD_SENDING)
		load->steady_from_us = now_us() + LOAD_SETTLE_US;
	call->phase = phase;
	call->deadline_us = now_us() + deadline_ms * UINT64_C(1000);
}

static void finish(struct load_call *call)
{
	struct load *load = call->load;

	if (call->phase == LOAD_OVER)
		return;
	enter(call, LOAD_OVER, 0);
	load->over_count++;
	load->ok_count += call->succeeded;
	load->failed_count += !call->succeeded;
}

static void fail(struct load_call *call, enum verdict_code code, const char *why)
{
	blame(call, code, "call %u: %s", call->index, why);
	finish(call);
}

/* --- the beginning ------------------------------------------------------------------------------------ */

static void dial(struct load_call *call, const char *url)
{
	struct load *load = call->load;
	struct stream_dial how;
	char why[NET_WHY_BYTES];

	if (!stream_dial_init(&how, url, load->options, load->webhook_env.token))
		return fail(call, VERDICT_31922, "the stream's URL is none");
	enter(call, LOAD_DIALLING, LOAD_ANSWER_MS);
	call->begun_us = now_us();
	call->conn =
		wsconn_dial(how.is_tls ? &load->env_tls : &load->env_plain, &how.dial, why, sizeof why);
	if (!call->conn)
		return fail(call, VERDICT_31901, why);
	wsconn_flush(call->conn);
}

static void keep_start(struct load_call *call, const struct phone_pair *parameters, size_t count)
{
	char text[16 * 1024];

	call->start_len = load_message_start(text, sizeof text, &call->identity, parameters, count);
	call->start_text = malloc(call->start_len);
	check(call->start_text);
	memcpy(call->start_text, text, call->start_len);
}

static void dial_directly(struct load_call *call)
{
	const struct phone_options *o = call->load->options;
	char url[WEBHOOK_URL_BYTES_MAX];

	if (!stream_dial_url(o, call->identity.call_sid, &call->load->random, url, sizeof url))
		return fail(call, VERDICT_31922, "the stream's URL is too long");
	keep_start(call, o->parameters, o->parameter_count);
	dial(call, url);
}

static void ask(struct load_call *call)
{
	struct load *load = call->load;

	call->webhook = calloc(1, sizeof *call->webhook);
	check(call->webhook);
	form_init(&call->webhook->form);
	check(identity_form(&call->identity, &call->webhook->form, "ringing"));
	call->webhook->wants_twiml = true;
	call->begun_us = now_us();
	enter(call, LOAD_ASKING, LOAD_ANSWER_MS);
	webhook_begin(call->webhook, &load->webhook_env, load->options->webhook, load->options->use_get,
		call->begun_us / 1000);
}

/* The first <Connect><Stream> of the answer. */
static const struct twiml_read_node *find_stream(const struct twiml_document *d)
{
	for (const struct twiml_read_node *n = twiml_read_first(d); n; n = twiml_read_next(d, n)) {
		if (n->kind == TWIML_CONNECT)
			return twiml_read_child(d, n);
	}
	return NULL;
}

static void follow_twiml(struct load_call *call, struct slice content)
{
	struct twiml_document *d = &call->load->document;
	struct phone_pair parameters[PHONE_PAIR_COUNT_MAX];
	size_t count = 0;

	if (!twiml_read(d, content.data, content.len))
		return fail(call, VERDICT_12100, d->why);
	const struct twiml_read_node *stream = find_stream(d);
	const char *url = stream ? twiml_read_attribute(d, stream, "url") : NULL;

	if (!url)
		return fail(call, VERDICT_12200, "the TwiML connects to no stream");
	for (const struct twiml_read_node *p = twiml_read_child(d, stream);
		p && count < PHONE_PAIR_COUNT_MAX; p = twiml_read_next(d, p)) {
		const char *name = twiml_read_attribute(d, p, "name"),
			   *value = twiml_read_attribute(d, p, "value");

		if (name && value)
			parameters[count++] = (struct phone_pair){ slice_of(name), slice_of(value) };
	}
	keep_start(call, parameters, count);
	dial(call, url);
}

static void turn_webhook(struct load_call *call)
{
	struct webhook *w = call->webhook;

	if (!webhook_turn(w, now_us() / 1000))
		return;
	histogram_add(&call->load->webhook_us, now_us() - call->begun_us);
	call->webhook = NULL;
	if (w->code)
		fail(call, verdict_find(w->code), w->why);
	else if (w->answer != WEBHOOK_TWIML)
		fail(call, VERDICT_12200, "the webhook's answer is no TwiML");
	else
		follow_twiml(call, webhook_content(w));
	webhook_end(w);
	free(w);
}

static void begin(struct load_call *call)
{
	struct load *load = call->load;
	const struct phone_options *o = load->options;
	uint8_t random_bytes[2][16];

	random_fill(&load->random, random_bytes, sizeof random_bytes);
	identity_sid("CA", random_bytes[0], call->identity.call_sid);
	identity_sid("MZ", random_bytes[1], call->identity.stream_sid);
	snprintf(call->identity.account_sid, sizeof call->identity.account_sid, "%s", o->account_sid);
	snprintf(call->identity.from, sizeof call->identity.from, "%s", o->from);
	snprintf(call->identity.to, sizeof call->identity.to, "%s", o->to);
	load->started_count++;
	if (o->webhook)
		ask(call);
	else
		dial_directly(call);
}

static void begin_sending(struct load_call *call)
{
	uint64_t now = now_us();

	histogram_add(&call->load->upgrade_us, now - call->begun_us);
	wsconn_send_text(call->conn, SLICE(LOAD_MESSAGE_CONNECTED));
	wsconn_send_text(call->conn, (struct slice){ call->start_text, call->start_len });
	free(call->start_text);
	call->start_text = NULL;
	check(twilio_reader_expect(&call->reader, slice_of(call->identity.stream_sid)));
	call->sequence = 2;
	call->first_frame_us =
		pacing_next_slot_us(&call->load->plan, call->index, now + LOAD_FRAME_DELAY_US);
	call->play_end_us = now;
	enter(call, LOAD_SENDING, 0);
}

/* --- what comes back ---------------------------------------------------------------------------------- */

static bool is_padding(const uint8_t frame[ULAW_FRAME_BYTES])
{
	for (int i = 0; i < ULAW_FRAME_BYTES; i++) {
		if (frame[i] != ULAW_SILENCE)
			return false;
	}
	return true;
}

static void take_frame(struct load_call *call, const uint8_t frame[ULAW_FRAME_BYTES], uint64_t now)
{
	struct load *load = call->load;
	uint32_t number;

	if (!pattern_read(call->index, frame, &number)) {
		if (is_padding(frame))
			load->padding_count++;
		else
			load->corrupted_count++;
		return;
	}
	load->back_count++;
	enum tally_verdict verdict = tally_take(&call->tally, number);

	if (verdict == TALLY_DUPLICATE || verdict == TALLY_UNSENT ||
		call->tally.sent_count - number > LOAD_SENT_WINDOW)
		return;
	uint64_t rtt = now - call->sent_us[number % LOAD_SENT_WINDOW];

	histogram_add(&load->rtt_us, rtt);
	if (call->sent_steady[number % LOAD_SENT_WINDOW])
		histogram_add(&load->steady_rtt_us, rtt);
}

static void take_media(struct load_call *call, struct slice payload, uint64_t now)
{
	static uint8_t audio[LOAD_MESSAGE_BYTES_MAX];
	struct load *load = call->load;
	ssize_t len = base64_decode(audio, payload);

	check(len >= 0);
	load->audio_bytes += (uint64_t)len;
	call->play_end_us = (call->play_end_us > now ? call->play_end_us : now) +
			    (uint64_t)len * 1000 / ULAW_BYTES_PER_MS;
	if (load->options->profile == PHONE_PROFILE_REAL)
		return;
	if (len % ULAW_FRAME_BYTES)
		load->ragged_count++;
	for (ssize_t at = 0; at + ULAW_FRAME_BYTES <= len; at += ULAW_FRAME_BYTES)
		take_frame(call, audio + at, now);
}

static void send_mark(struct load_call *call, const char *name)
{
	char text[LOAD_MESSAGE_MARK_BYTES_MAX];
	size_t len = load_message_mark(text, call->identity.stream_sid, call->sequence++, name);

	wsconn_send_text(call->conn, (struct slice){ text, len });
}

static void take_mark(struct load_call *call, struct slice name)
{
	struct load_mark *mark = &call->marks[(call->mark_head + call->mark_count) % LOAD_MARK_COUNT_MAX];

	call->load->marks++;
	if (call->mark_count == LOAD_MARK_COUNT_MAX) {
		mark = &call->marks[call->mark_head++ % LOAD_MARK_COUNT_MAX];
		call->load->marks_at_once++;
		send_mark(call, mark->name);
	} else {
		call->mark_count++;
	}
	mark->due_us = call->play_end_us;
	if (!slice_copy(name, mark->name, sizeof mark->name))
		blame(call, VERDICT_31951, "call %u: a mark with a long name", call->index);
}

static void return_marks(struct load_call *call, uint64_t now)
{
	while (call->mark_count && call->marks[call->mark_head % LOAD_MARK_COUNT_MAX].due_us <= now) {
		send_mark(call, call->marks[call->mark_head++ % LOAD_MARK_COUNT_MAX].name);
		call->mark_count--;
	}
}

static void take_text(struct load_call *call, struct slice text, uint64_t now)
{
	struct twilio_event event;

	call->load->messages++;
	if (twilio_read(&call->reader, TO_TWILIO, text.data, text.len, &event) == TWILIO_BAD) {
		blame(call, VERDICT_31951, "call %u: %s", call->index, call->reader.why);
	} else if (event.kind == TWILIO_MEDIA) {
		take_media(call, event.payload, now);
	} else if (event.kind == TWILIO_MARK) {
		take_mark(call, event.mark_name);
	} else if (event.kind == TWILIO_CLEAR) {
		call->load->clears++;
		call->play_end_us = now;
		return_marks(call, UINT64_MAX);
	} else {
		blame(call, VERDICT_31951, "call %u: an event that is not for Twilio", call->index);
	}
}

static void take_end(struct load_call *call, const struct wsconn_event *event)
{
	char why[120];

	snprintf(why, sizeof why, "close %d %.*s", event->code,
		event->data.len < 90 ? (int)event->data.len : 90, event->data.data);
	if (call->phase == LOAD_CLOSING)
		finish(call);
	else if (call->phase == LOAD_DIALLING)
		fail(call, wsconn_status(call->conn) ? VERDICT_31920 : VERDICT_31901, why);
	else
		fail(call,
			event->clean	      ? VERDICT_31921
			: event->code == 1006 ? VERDICT_31903
					      : VERDICT_31924,
			why);
}

void load_call_ready(struct load_call *call)
{
	struct wsconn_event event;

	if (call->phase == LOAD_ASKING)
		return turn_webhook(call);
	if (!call->conn || call->phase == LOAD_OVER)
		return;
	wsconn_read(call->conn);
	uint64_t now = now_us();

	while (call->phase != LOAD_OVER && wsconn_next(call->conn, &event)) {
		switch (event.kind) {
		case WSCONN_OPEN:
			begin_sending(call);
			break;
		case WSCONN_TEXT:
			take_text(call, event.data, now);
			break;
		case WSCONN_BINARY:
			blame(call, VERDICT_31950, "call %u: a binary frame", call->index);
			break;
		case WSCONN_CLOSED:
			take_end(call, &event);
			break;
		case WSCONN_PONG:
		case WSCONN_REQUEST:
			break;
		}
	}
	/* Answers wait for the tick; only the handshake and what did not fit are written here. */
	if (call->phase == LOAD_DIALLING || call->phase == LOAD_CLOSING || call->watched & POLLOUT)
		wsconn_flush(call->conn);
}

/* --- what is due -------------------------------------------------------------------------------------- */

static void send_frame(struct load_call *call, uint64_t due_us)
{
	struct load *load = call->load;
	uint8_t frame[ULAW_FRAME_BYTES];
	char text[LOAD_MESSAGE_MEDIA_BYTES_MAX];
	uint32_t number = call->frame_count++, slot = number % LOAD_SENT_WINDOW;

	pattern_fill(call->index, number, frame);
	size_t len = load_message_media(text, call->identity.stream_sid, call->sequence++, number + 1,
		(due_us - call->first_frame_us + LOAD_FRAME_DELAY_US) / 1000, frame);

	wsconn_send_text(call->conn, (struct slice){ text, len });
	uint64_t now = now_us();

	call->sent_us[slot] = now;
	call->sent_steady[slot] = load->talking_count == load->plan.call_count && now >= load->steady_from_us;
	histogram_add(&load->late_us, now > due_us ? now - due_us : 0);
	tally_sent(&call->tally);
	load->sent_count++;
}

static void tick_sending(struct load_call *call, uint64_t due_us)
{
	return_marks(call, due_us);
	if (due_us >= call->first_frame_us)
		send_frame(call, due_us);
	if (call->frame_count == call->load->frames_per_call)
		enter(call, LOAD_DRAINING, LOAD_DRAIN_MS);
}

static void tick_draining(struct load_call *call, uint64_t due_us)
{
	char text[LOAD_MESSAGE_STOP_BYTES_MAX];

	return_marks(call, due_us);
	if (call->load->options->profile == PHONE_PROFILE_ECHO && tally_lost(&call->tally) &&
		due_us < call->deadline_us)
		return;
	size_t len = load_message_stop(text, &call->identity, call->sequence++);

	wsconn_send_text(call->conn, (struct slice){ text, len });
	wsconn_close(call->conn, 1000, NULL);
	call->succeeded = true;
	enter(call, LOAD_CLOSING, LOAD_CLOSE_MS);
}

void load_call_tick(struct load_call *call, uint64_t due_us)
{
	switch (call->phase) {
	case LOAD_WAITING:
		if (due_us >= pacing_call_start_us(&call->load->plan, call->index))
			begin(call);
		return;
	case LOAD_ASKING:
		return turn_webhook(call);
	case LOAD_DIALLING:
		if (due_us >= call->deadline_us)
			fail(call, VERDICT_31901, "no 101 in time");
		return;
	case LOAD_SENDING:
		tick_sending(call, due_us);
		break;
	case LOAD_DRAINING:
		tick_draining(call, due_us);
		break;
	case LOAD_CLOSING:
		if (due_us >= call->deadline_us) {
			call->succeeded = false;
			fail(call, VERDICT_31903, "no answer to the close");
		}
		return;
	case LOAD_OVER:
		return;
	}
	wsconn_flush(call->conn);
}

int load_call_fd(const struct load_call *call)
{
	if (call->phase == LOAD_OVER)
		return -1;
	return call->webhook ? webhook_fd(call->webhook) : call->conn ? wsconn_fd(call->conn) : -1;
}

uint32_t load_call_interest(const struct load_call *call)
{
	return call->webhook ? webhook_interest(call->webhook) : wsconn_interest(call->conn);
}

void load_call_end(struct load_call *call)
{
	if (call->webhook)
		webhook_end(call->webhook);
	free(call->webhook);
	free(call->start_text);
	wsconn_free(call->conn);
	twilio_reader_fini(&call->reader);
}
