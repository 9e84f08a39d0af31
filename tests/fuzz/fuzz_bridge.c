/*
 * A conversation out of bytes: two bytes are one thing that happens, a kind and an argument. Whatever either peer says,
 * in whatever order, the bridge says only what the other side's reader understands, says nothing when it is over, and
 * gives back all memory. A recorder hears all of it: its log is one that can be read, it speaks of all audio, and while
 * consent is missing there is only silence.
 */
#include "base/check.h"
#include "tests/relay/kit.h"

#include <stdio.h>

enum { MARKS_MAX = 256, IDS = 6 };

struct scene {
	struct kit *k;
	bool merchant, open;
	bool was_over;                  /* before what happens now */
	unsigned mark_count;
	char marks[MARKS_MAX][MARK_NAME_BYTES_MAX + 1];
	struct recorder recorder;
	struct spool_reader reader;
	struct spool_event last;
	bool keeps;                     /* by its log */
	int64_t told_bytes[RECORDER_TRACK_COUNT], held_bytes[RECORDER_TRACK_COUNT];
};

static void phone_said(struct kit *k, const struct twilio_event *event)
{
	struct scene *s = k->watcher;

	check(!s->was_over);
	check(event->kind == TWILIO_MEDIA || event->kind == TWILIO_MARK || event->kind == TWILIO_CLEAR);
	if (event->kind == TWILIO_MEDIA)
		check(base64_decoded_len(event->payload) % ULAW_FRAME_BYTES == 0);
	else if (event->kind == TWILIO_MARK)
		slice_copy(event->mark_name, s->marks[s->mark_count++ % MARKS_MAX], sizeof s->marks[0]);
}

static void model_said(struct kit *k, const struct grok_event *event)
{
	const struct scene *s = k->watcher;

	check(!s->was_over);
	check(event->kind != GROK_RESPONSE_CANCEL);
	check(event->kind != GROK_ITEM_TRUNCATE || event->audio_end_ms >= 0);
}

static void put_turn(struct kit *k, const struct turn *turn)
{
	const struct scene *s = k->watcher;

	check(!s->was_over && turn->text.len);
}

/* --- what is recorded ------------------------------------------------------------------------------- */

static void read_line(struct scene *s, const struct spool_event *e)
{
	enum recorder_track track = e->word == SPOOL_IN ? RECORDER_CALLER : e->word == SPOOL_FAR ? RECORDER_PLAYED :
		RECORDER_VOICE;

	check(e->ms >= s->last.ms && s->last.word != SPOOL_END);
	if (e->word == SPOOL_IN || e->word == SPOOL_FAR || e->word == SPOOL_OUT) {
		check(e->at == s->told_bytes[track] && e->bytes > 0);
		s->told_bytes[track] += e->bytes;
	}
	if (e->word == SPOOL_MARK)
		check(e->at == s->told_bytes[RECORDER_VOICE]);
	if (e->word == SPOOL_RECORDING)
		s->keeps = e->on;
	s->last = *e;
}

static void take_load(struct scene *s)
{
	static const char first[] = "0 spool version=1 part=1 wall_ms=1 call=CA1\n";
	struct recorder_load load;
	struct spool_event e;
	struct slice begin = SLICE(first);
	bool kept = s->keeps;

	recorder_take(&s->recorder, &load);
	struct slice lines = { (const char *)buf_data(&load.log), buf_len(&load.log) };
	if (s->reader.line_count == 0)
		check(spool_read(&s->reader, &begin, &e) == SPOOL_EVENT);
	while (spool_read(&s->reader, &lines, &e) == SPOOL_EVENT) {
		read_line(s, &e);
		kept = kept || s->keeps;
	}
	check(!s->reader.why && lines.len == 0);
	for (int i = 0; i < RECORDER_TRACK_COUNT; i++) {
		const uint8_t *audio = buf_data(&load.tracks[i]);

		s->held_bytes[i] += (int64_t)buf_len(&load.tracks[i]);
		check(s->held_bytes[i] == s->told_bytes[i]);
		for (size_t at = 0; !kept && at < buf_len(&load.tracks[i]); at++)
			check(audio[at] == ULAW_SILENCE);
	}
	recorder_load_release(&load);
}

/* --- what happens ----------------------------------------------------------------------------------- */

/* FORMAT(…): what Grok says; %u is an id made of the argument, as often as it stands there. */
#define GROK_SAYS(SAY) \
	SAY("{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u%u\",\"audio_start_ms\":%u0}") \
	SAY("{\"type\":\"input_audio_buffer.speech_stopped\",\"item_id\":\"u%u\",\"audio_end_ms\":%u9}") \
	SAY("{\"type\":\"response.created\",\"response\":{\"id\":\"r%u\"}}") \
	SAY("{\"type\":\"response.created\",\"response\":{\"id\":\"r%u\",\"metadata\":{\"src\":\"tools\"}}}") \
	SAY("{\"type\":\"response.output_audio.done\",\"response_id\":\"r%u\"}") \
	SAY("{\"type\":\"response.done\",\"response_id\":\"r%u\",\"response\":{\"id\":\"r%u\"," \
	    "\"status\":\"completed\"}}") \
	SAY("{\"type\":\"response.done\",\"response_id\":\"r%u\",\"response\":{\"id\":\"r%u\"," \
	    "\"status\":\"cancelled\"}}") \
	SAY("{\"type\":\"response.output_audio_transcript.delta\",\"response_id\":\"r%u\",\"item_id\":\"a%u\"," \
	    "\"delta\":\"some words \",\"start_time\":%u.5}") \
	SAY("{\"type\":\"response.output_audio_transcript.done\",\"response_id\":\"r%u\",\"item_id\":\"a%u\"," \
	    "\"transcript\":\"All the words.\"}") \
	SAY("{\"type\":\"conversation.item.input_audio_transcription.completed\",\"item_id\":\"u%u\"," \
	    "\"transcript\":\"I said %u\",\"status\":\"in_progress\"}") \
	SAY("{\"type\":\"conversation.item.input_audio_transcription.completed\",\"item_id\":\"u%u\"," \
	    "\"transcript\":\"I said %u.\",\"status\":\"completed\"}") \
	SAY("{\"type\":\"conversation.item.truncated\",\"item_id\":\"a%u\",\"transcript\":\"All\"}") \
	SAY("{\"type\":\"response.function_call_arguments.done\",\"response_id\":\"r%u\",\"call_id\":\"c%u\"," \
	    "\"name\":\"end_call\",\"arguments\":\"{}\"}") \
	SAY("{\"type\":\"response.function_call_arguments.done\",\"response_id\":\"r%u\",\"call_id\":\"d%u\"," \
	    "\"name\":\"nothing\",\"arguments\":\"{\"}") \
	SAY("{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"no %u\"}}") \
	SAY("{\"type\":\"session.updated\",\"session\":{\"id\":\"s%u\"}}") \
	SAY("{\"type\":\"something.new\",\"response_id\":\"r%u\"}") \
	SAY("{\"type\":%u")

static const char *const sayings[] = {
#define SAY(text) text,
	GROK_SAYS(SAY)
#undef SAY
};

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void grok_says(struct scene *s, unsigned what, unsigned argument)
{
	char json[512];
	unsigned id = argument % IDS;

	snprintf(json, sizeof json, sayings[what % ARRAY_COUNT(sayings)], id, id, id);
	if (s->open)
		kit_grok(s->k, json);
}

static void twilio_says(struct scene *s, unsigned what, unsigned argument)
{
	struct twilio_event event;

	twilio_event_init(&event, what == 0 ? TWILIO_MARK : what == 1 ? TWILIO_DTMF : what == 2 ? TWILIO_UNKNOWN :
		TWILIO_STOP);
	event.stream_sid = argument == 255 ? SLICE("MZ2") : SLICE("MZ1");
	event.mark_name = slice_of(s->marks[argument % MARKS_MAX]);
	event.digit = "0123456789*#"[argument % 12];
	bridge_phone(&s->k->bridge, &event, s->k->now_ms);
	kit_read(s->k);
}

static void caller_speaks(struct scene *s, bool loud, unsigned argument)
{
	if (s->k->bridge.phone_started)
		kit_caller(s->k, loud ? 0x10 : 0xFE, 1 + argument * 4);
}

static void grok_speaks(struct scene *s, unsigned argument)
{
	char response[8], item[8];

	snprintf(response, sizeof response, "r%u", argument % IDS);
	snprintf(item, sizeof item, "a%u", argument / IDS % IDS);
	if (s->open)
		kit_delta(s->k, response, item, 0x22, 8 * (1 + argument * 7));
}

/* The connection is lost, asked for or not; the next one opens at another time. */
static void lose(struct scene *s, unsigned argument)
{
	if (!s->k->bridge.recovers || !s->open)
		return;
	bridge_model_lost(&s->k->bridge, argument & 8 ? &grok_openai : &grok_xai, s->k->now_ms);
	if (argument & 16)
		bridge_model_knows(&s->k->bridge);
	s->open = false;
	kit_read(s->k);
}

static void leave(struct scene *s, unsigned argument)
{
	bool over = argument & 8;

	bridge_leave(&s->k->bridge, over ? END_TRANSFERRED : END_RECEPTIONIST_HUNG_UP,
		over ? SLICE("+15550199") : SLICE(""), argument / 16, s->k->now_ms);
	kit_read(s->k);
}

static void answer_tool(struct scene *s, unsigned argument)
{
	bridge_tool_result(&s->k->bridge, argument / 16, argument & 8 ? TOOL_OK : TOOL_FAILED, SLICE("{\"ok\":1}"),
		s->k->now_ms);
	kit_read(s->k);
}

static void set_up(struct scene *s, unsigned argument)
{
	switch (argument % 6) {
	case 3:
		return lose(s, argument);
	case 4:
		return leave(s, argument);
	case 5:
		return answer_tool(s, argument);
	case 0:
		if (!s->merchant)
			kit_merchant(s->k, argument & 16 ? "Hello." : "");
		s->merchant = true;
		return;
	case 1:
		return kit_start(s->k);
	case 2:
		if (!s->open)
			kit_ready(s->k);
		s->open = true;
		return;
	}
}

static void happen(struct scene *s, uint8_t kind, uint8_t argument)
{
	switch (kind % 8) {
	case 0:
		return kit_pass(s->k, argument * 5u);
	case 1:
		return grok_says(s, kind / 8, argument);
	case 2:
		return grok_speaks(s, argument);
	case 3:
		return caller_speaks(s, true, argument);
	case 4:
		return caller_speaks(s, false, argument);
	case 5:
		return twilio_says(s, kind / 8 % 4, argument);
	case 6:
		bridge_say(&s->k->bridge, SLICE("Words."), argument % 8, s->k->now_ms);
		return kit_read(s->k);
	case 7:
		return set_up(s, argument);
	}
}

static struct bridge_manners manners_of(uint8_t bits)
{
	return (struct bridge_manners){
		.hold_off_ms = bits & 1 ? 300 : 0,
		.local_vad = bits & 2,
		.protect_disclosure = bits & 4,
		.protect_greeting = bits & 8,
	};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > 4096)
		return 0;
	struct scene s = { .k = kit_open() };

	s.k->watcher = &s;
	s.k->watch_phone = phone_said;
	s.k->watch_model = model_said;
	s.k->watch_turn = put_turn;
	s.k->manners = manners_of(data[0]);
	s.k->disclosure = data[0] & 16 ? "Disclosure." : "";
	s.keeps = !(data[0] & 128);
	recorder_begin(&s.recorder, &s.k->pool, s.k->now_ms);
	recorder_decide(&s.recorder, data[0] & 128);
	s.k->bridge.phone.recorder = &s.recorder;
	if (data[0] & 64) {
		s.k->bridge.patience.bounds = (struct patience_bounds){ .ready_ms = 1000, .answer_ms = 1000,
			.audio_ms = 1000, .silence_ms = 2000, .goodbye_ms = 3000 };
		s.k->bridge.recovers = true;
	}
	if (data[0] & 32)
		for (unsigned step = 0; step < 3; step++)
			set_up(&s, step);
	for (size_t i = 1; i + 1 < size; i += 2) {
		s.was_over = s.k->bridge.reason != END_NONE;
		recorder_time(&s.recorder, s.k->now_ms);
		happen(&s, data[i], data[i + 1]);
		if (data[i + 1] & 1)
			take_load(&s);
		kit_pass(s.k, 0);
		check(bridge_deadline_ms(&s.k->bridge) > s.k->now_ms);
		check(s.k->bridge.reason == END_NONE || bridge_deadline_ms(&s.k->bridge) == UINT64_MAX);
	}
	recorder_end(&s.recorder, END_SHUTDOWN);
	take_load(&s);
	check(s.last.word == SPOOL_END);
	recorder_fini(&s.recorder);
	kit_close(s.k);
	return 0;
}
