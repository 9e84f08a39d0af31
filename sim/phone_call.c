/*
 * The happy path: ask the webhook, read its TwiML, run the verbs; when they want another document (an action, a
 * redirect) ask for that; at the end tell the status callback. Everything that goes wrong is a verdict with
 * Twilio's code.
 */
#include "sim/phone_call.h"

#include "base/check.h"
#include "base/clock.h"
#include "sim/phone_stream.h"
#include "sim/phone_verbs.h"
#include "sim/stream_dial.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { APPLICATION_ERROR_MS = 4000 };

/* Buffers of one connection: a message of a megabyte, in and out. */
static const struct pool_plan pool_plan[] = { { 4096, 16 }, { 65536, 16 }, { 1 << 20, 8 }, { 4 << 20, 4 } };

static const struct {
	const char *word;
	bool good;
} ends[] = {
#define CALL_END_ROW(name, word, good) [CALL_END_##name] = { word, good },
	CALL_ENDS(CALL_END_ROW)
#undef CALL_END_ROW
};

static volatile sig_atomic_t interrupted;

const char *call_end_word(enum call_end end)
{
	return ends[end].word;
}

uint64_t call_now_ms(const struct phone_call *call)
{
	return clock_mono_ms() - call->start_ms;
}

uint64_t call_story_ms(const struct phone_call *call)
{
	return call_now_ms(call) + call->skipped_ms;
}

void call_stop_ringing(struct phone_call *call)
{
	if (!call->has_rung)
		story_put(&call->story, STORY_RINGING, 0, call_story_ms(call), "");
	call->has_rung = true;
}

void call_answer(struct phone_call *call)
{
	call_stop_ringing(call);
	if (!call->answered_ms)
		call->answered_ms = clock_mono_ms();
}

static void on_signal(int number)
{
	(void)number;
	if (interrupted)
		_exit(130);
	interrupted = 1;
}

bool call_is_interrupted(void)
{
	return interrupted;
}

void call_violation(struct phone_call *call, enum verdict_code code, const char *format, ...)
{
	char what[VERDICT_FIRST_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	verdict_add(&call->verdict, code, what);
	/* As at Twilio, one line a kind: a broken server repeats itself fifty times a second. */
	if (call->verdict.counts[code] == 1)
		timeline_tell(&call->timeline, clock_mono_ms(),
			verdict_code_is_bad(code) ? "VIOLATION" : "note", "%d %s: %s", verdict_number(code),
			verdict_sentence(code), what);
}

/* --- opening ------------------------------------------------------------------------------------------ */

static bool say_line(struct phone_call *call, const struct script_line *line, struct line_audio *out,
	char *why, size_t why_bytes)
{
	struct speech speech = { 0 };

	if (!speech_say(call->options->voice, line->text, 1.0, &speech)) {
		snprintf(why, why_bytes, "\"%s\" cannot be spoken", line->text);
		return false;
	}
	*out = (struct line_audio){ speech.ulaw, speech.ulaw_bytes };
	speech.ulaw = NULL;
	speech_release(&speech);
	return true;
}

static bool load_line(const struct script_line *line, struct line_audio *out, char *why, size_t why_bytes)
{
	struct wav wav = { 0 };
	bool good = wav_read(line->text, &wav, why, why_bytes) &&
		    wav_to_phone(&wav, &out->ulaw, &out->bytes, why, why_bytes);

	wav_release(&wav);
	return good;
}

/* Before the call, so that nothing stops to think while it runs. */
static bool prepare_lines(struct phone_call *call, char *why, size_t why_bytes)
{
	for (size_t i = 0; i < call->script.line_count; i++) {
		const struct script_line *line = &call->script.lines[i];
		bool good = true;

		if (line->kind == SCRIPT_SAY || line->kind == SCRIPT_INTERRUPT)
			good = say_line(call, line, &call->lines[i], why, why_bytes);
		else if (line->kind == SCRIPT_WAV)
			good = load_line(line, &call->lines[i], why, why_bytes);
		if (!good)
			return false;
	}
	return true;
}

static void name_call(struct phone_call *call)
{
	const struct phone_options *o = call->options;
	uint8_t random_bytes[16];

	random_fill(&call->random, random_bytes, sizeof random_bytes);
	snprintf(call->identity.account_sid, sizeof call->identity.account_sid, "%s", o->account_sid);
	if (o->call_sid || call->recording.call_sid[0])
		snprintf(call->identity.call_sid, sizeof call->identity.call_sid, "%s",
			o->call_sid ? o->call_sid : call->recording.call_sid);
	else
		identity_sid("CA", random_bytes, call->identity.call_sid);
	snprintf(call->identity.from, sizeof call->identity.from, "%s", o->from);
	snprintf(call->identity.to, sizeof call->identity.to, "%s", o->to);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool phone_call_open(struct phone_call *call, const struct phone_options *o, char *why, size_t why_bytes)
{
	*call = (struct phone_call){ .options = o, .script = o->script };
	call->facts = (struct call_facts){ .webhook_ms = -1, .upgrade_ms = -1, .start_ms = -1, .first_audio_ms = -1,
		.first_voice_ms = -1, .stream_end_ms = -1, .end_ms = -1 };
	if (o->replay_path && !recording_read(&call->recording, o->replay_path, why, why_bytes))
		return false;
	name_call(call);
	if (o->record_path && recording_begin(&call->record, o->record_path) != 0) {
		snprintf(why, why_bytes, "%s: %s", o->record_path, strerror(errno));
		return false;
	}
	if (!prepare_lines(call, why, why_bytes) ||
		!track_open(&call->track, o->heard_path, o->stereo_path, why, why_bytes))
		return false;
	call->tls = net_tls_client(o->ca_file, !o->insecure, why, why_bytes);
	if (!call->tls)
		return false;
	check(pool_open(&call->pool, pool_plan, ARRAY_COUNT(pool_plan)) == 0);
	call->webhook_env = (struct webhook_env){ .token = o->token,
		.signing = o->signing,
		.public_origin = o->public_origin,
		.local_origin = o->local_origin,
		.tls = call->tls,
		.random = &call->random };
	catch_signals();
	call->start_ms = clock_mono_ms();
	timeline_open(&call->timeline, o->quiet ? NULL : o->json ? stderr : stdout, call->start_ms);
	return true;
}

void phone_call_close(struct phone_call *call)
{
	errands_free(&call->errands);
	webhook_end(&call->webhook);
	recording_release(&call->recording);
	for (size_t i = 0; i < SCRIPT_LINE_COUNT_MAX; i++)
		free(call->lines[i].ulaw);
	net_tls_free(call->tls);
	pool_close(&call->pool);
}

/* --- documents ---------------------------------------------------------------------------------------- */

static void add_or_replace(struct form *form, struct slice name, struct slice value)
{
	for (size_t i = 0; i < form->field_count; i++) {
		if (slice_equal(form->fields[i].name, name)) {
			form->fields[i].value = value;
			return;
		}
	}
	check(form_add(form, name, value));
}

void call_form(struct phone_call *call, struct form *form, const char *call_status)
{
	const struct phone_options *o = call->options;

	check(identity_form(&call->identity, form, call_status));
	for (size_t i = 0; i < o->field_count; i++)
		add_or_replace(form, o->fields[i].name, o->fields[i].value);
	if (phone_fault_on(o->faults, PHONE_FAULT_DOUBLE_FIELDS))
		check(form_add(form, SLICE("FromCity"), SLICE("ANOTHER CITY")));
}

/* Asks and waits; callbacks go on meanwhile. */
static void ask(struct phone_call *call, const char *url, bool is_get)
{
	struct webhook *w = &call->webhook;

	w->wants_twiml = true;
	webhook_begin(w, &call->webhook_env, url, is_get, clock_mono_ms());
	while (!webhook_turn(w, clock_mono_ms())) {
		struct pollfd fds[1 + ERRAND_COUNT_MAX] = { { .fd = webhook_fd(w),
			.events = (short)webhook_interest(w) } };
		uint64_t now = clock_mono_ms(), deadline = webhook_deadline_ms(w);
		size_t count = 1 + errands_poll(&call->errands, fds + 1, &deadline);

		poll(fds, count, deadline > now ? (int)(deadline - now) : 0);
		errands_turn(&call->errands, clock_mono_ms());
	}
}

static bool note_document(struct phone_call *call)
{
	struct twiml_document *d = &call->document;

	for (int i = 0; i < d->note_count; i++) {
		if (d->notes[i].code != TWIML_STREAM_SCHEME || !call->options->allow_ws)
			call_violation(call, verdict_find(d->notes[i].code), "%s", d->notes[i].text);
	}
	return true;
}

/* text/plain is spoken, then the call ends: the same as a document with one <Say>. */
static bool read_spoken(struct phone_call *call, struct slice text)
{
	static char document[TWIML_BYTES_MAX];
	int n = snprintf(document, sizeof document, "<Response><Say><![CDATA[%.*s]]></Say></Response>",
		(int)text.len, text.data);

	return (size_t)n < sizeof document && twiml_read(&call->document, document, (size_t)n);
}

static bool read_answer(struct phone_call *call)
{
	struct webhook *w = &call->webhook;
	struct slice content = webhook_content(w);
	bool good = false;

	call->trouble_code = w->code;
	if (w->code) {
		call_violation(call, verdict_find(w->code), "%s", w->why);
		return false;
	}
	if (call->facts.webhook_ms < 0)
		call->facts.webhook_ms = (int64_t)call_now_ms(call);
	timeline_tell(
		&call->timeline, clock_mono_ms(), "webhook", "HTTP %d, %zu bytes", w->status, content.len);
	snprintf(call->document_url, sizeof call->document_url, "%s", w->url);
	switch (w->answer) {
	case WEBHOOK_TWIML:
		good = twiml_read(&call->document, content.data, content.len);
		break;
	case WEBHOOK_SPEAK:
		good = read_spoken(call, content);
		break;
	case WEBHOOK_EMPTY:
		good = twiml_read(&call->document, "<Response/>", 11);
		break;
	case WEBHOOK_REDIRECT:
	case WEBHOOK_AUTHENTICATE:
	case WEBHOOK_BAD:
		check(!"an answer that was followed up");
	}
	if (!good) {
		call->trouble_code = TWIML_ILL_FORMED;
		call_violation(call, VERDICT_12100, "%s", call->document.why);
	}
	return good && note_document(call);
}

static bool fetch_document(struct phone_call *call, const char *url, bool is_get, const char *status,
	const struct verbs_next *next)
{
	struct form *form = &call->webhook.form;
	bool good;

	timeline_tell(&call->timeline, clock_mono_ms(), "twilio", "asks %s", url);
	form_init(form);
	call_form(call, form, status);
	for (size_t i = 0; next && i < next->field_count; i++)
		add_or_replace(form, slice_of(next->fields[i].name), slice_of(next->fields[i].value));
	ask(call, url, is_get);
	good = read_answer(call);
	webhook_end(&call->webhook);
	call->facts.documents++;
	return good;
}

/* --- the call ----------------------------------------------------------------------------------------- */

static const char *status_now(const struct phone_call *call)
{
	return call->answered_ms ? "in-progress" : "ringing";
}

/* What cannot be asked, or read, is asked of the number's fallback URL. */
static bool fall_back(struct phone_call *call)
{
	const char *url = call->options->fallback_url;
	struct verbs_next next = { .field_count = 2, .fields = { { .name = "ErrorCode" }, { .name = "ErrorUrl" } } };

	if (!url)
		return false;
	snprintf(next.fields[0].value, sizeof next.fields[0].value, "%d", call->trouble_code);
	snprintf(next.fields[1].value, sizeof next.fields[1].value, "%.*s", VERBS_VALUE_BYTES_MAX - 1,
		call->webhook.url);
	return fetch_document(call, url, false, status_now(call), &next);
}

/* The caller hears Twilio's own voice, and the call is over. */
static void tell_of_error(struct phone_call *call)
{
	call_answer(call);
	timeline_tell(&call->timeline, clock_mono_ms(), "twilio", "says that an application error has occurred");
	story_put(&call->story, STORY_ERROR, call_story_ms(call), APPLICATION_ERROR_MS, "");
	call->skipped_ms += APPLICATION_ERROR_MS;
	call->end = CALL_END_FAILED;
}

static void run_documents(struct phone_call *call)
{
	struct verbs_next next = { .call_is_over = false };
	bool good = fetch_document(call, call->options->webhook, call->options->use_get, "ringing", NULL);

	if (good && phone_fault_on(call->options->faults, PHONE_FAULT_RETRY))
		good = fetch_document(call, call->options->webhook, call->options->use_get, "ringing", NULL);
	if (!good)
		good = fall_back(call);

	while (good) {
		if (phone_verbs_run(call, &next) == VERBS_END)
			return;
		if (call->facts.documents == CALL_DOCUMENT_COUNT_MAX) {
			call_violation(
				call, VERDICT_11216, "more than %d documents", CALL_DOCUMENT_COUNT_MAX);
			break;
		}
		good = fetch_document(call, next.url, next.is_get,
			next.call_is_over ? "completed" : status_now(call), &next);
		if (next.call_is_over && !good)
			call->end = CALL_END_FAILED;
		if (next.call_is_over)
			return; /* judged, but there is nobody left to hear it */
		if (!good)
			good = fall_back(call);
	}
	tell_of_error(call);
}

static void run_stream(struct phone_call *call)
{
	const struct phone_options *o = call->options;
	char url[WEBHOOK_URL_BYTES_MAX];
	struct stream_plan plan = { .url = url, .parameters = o->parameters, .parameter_count = o->parameter_count };

	call_answer(call);
	if (!stream_dial_url(o, call->identity.call_sid, &call->random, url, sizeof url)) {
		call_violation(call, VERDICT_31922, "the stream's URL is too long");
		call->end = CALL_END_FAILED;
		return;
	}
	switch (phone_stream_run(call, &plan)) {
	case STREAM_CALLER_LEFT:
		return;
	case STREAM_SERVER_CLOSED:
		call->end = CALL_END_STREAM_CLOSED;
		return;
	case STREAM_FAILED:
		call->end = CALL_END_FAILED;
	}
}

static void send_status(struct phone_call *call)
{
	const char *url = call->options->status_callback;
	struct errand *errand = url ? errands_take(&call->errands) : NULL;
	uint64_t now = clock_mono_ms(), ms = call->answered_ms ? now - call->answered_ms : 0;
	const char *status = call->end == CALL_END_REJECTED ? "busy"
			     : call->answered_ms	    ? "completed"
							    : "failed";
	time_t wall = time(NULL);
	struct tm utc;
	char when[64];

	if (!errand)
		return;
	gmtime_r(&wall, &utc);
	strftime(when, sizeof when, "%a, %d %b %Y %H:%M:%S +0000", &utc);
	call_form(call, &errand->webhook.form, status);
	errand_add(errand, "CallDuration", "%llu", (unsigned long long)((ms + 999) / 1000));
	errand_add(errand, "Duration", "%llu", (unsigned long long)((ms + 59999) / 60000));
	errand_add(errand, "Timestamp", "%s", when);
	errand_add(errand, "CallbackSource", "call-progress-events");
	errand_add(errand, "SequenceNumber", "0");
	errand_send(errand, &call->webhook_env, url, false, now);
	timeline_tell(&call->timeline, now, "twilio", "tells the status callback: %s", status);
}

void phone_call_run(struct phone_call *call)
{
	if (call->options->stream)
		run_stream(call);
	else
		run_documents(call);
	call->facts.end_ms = (int64_t)call_now_ms(call);
	call_stop_ringing(call);
	story_finish(&call->story, call_story_ms(call), call_end_word(call->end));
	send_status(call);
	errands_finish(&call->errands);
	call->facts.callbacks = call->errands.done_count;
	call->facts.callbacks_failed = call->errands.failed_count;
	if (call->errands.failed_count)
		call_violation(call, VERDICT_11200, "a status callback: %s", call->errands.why);
	call->track_error = track_close(&call->track);
	call->record_error = recording_end(&call->record);
	if (call->track_error)
		fprintf(stderr, "receptionai-sim-phone: a WAV file cannot be written: %s\n",
			strerror(-call->track_error));
	if (call->record_error)
		fprintf(stderr, "receptionai-sim-phone: the recording cannot be written: %s\n",
			strerror(-call->record_error));
	timeline_tell(&call->timeline, clock_mono_ms(), "call", "is over: %s", call_end_word(call->end));
}

bool phone_call_succeeded(const struct phone_call *call)
{
	int code = call->facts.close_code;

	return ends[call->end].good && !verdict_is_bad(&call->verdict) && call->track_error == 0 &&
	       call->record_error == 0 &&
	       (code == 0 || code == 1000 || code == 1001);
}
