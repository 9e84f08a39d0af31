#include "tests/relay/kit.h"

#include "base/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(struct kit *k, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct kit *k, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(k->said + k->said_len, sizeof k->said - k->said_len, format, args);

	va_end(args);
	check(n >= 0 && (size_t)n < sizeof k->said - k->said_len);
	k->said_len += (size_t)n;
}

static size_t keep_audio(uint8_t *audio, size_t *len, struct slice base64)
{
	check(base64_valid(base64));
	size_t bytes = base64_decoded_len(base64);

	check(*len + bytes <= KIT_AUDIO_BYTES_MAX);
	check(base64_decode(audio + *len, base64) == (ssize_t)bytes);
	*len += bytes;
	return bytes;
}

/* --- what comes out -------------------------------------------------------------------------------- */

static void phone_said(struct kit *k, const struct twilio_event *e)
{
	check(e->kind == TWILIO_MEDIA || e->kind == TWILIO_MARK || e->kind == TWILIO_CLEAR);
	if (k->watch_phone)
		return k->watch_phone(k, e);
	if (e->kind == TWILIO_MEDIA) {
		k->media_bytes_last = keep_audio(k->heard, &k->heard_bytes, e->payload);
		say(k, "phone media %zu\n", k->media_bytes_last);
	} else if (e->kind == TWILIO_MARK) {
		check(k->mark_count < ARRAY_COUNT(k->marks));
		check(slice_copy(e->mark_name, k->marks[k->mark_count++], sizeof k->marks[0]));
		say(k, "phone mark %.*s\n", (int)e->mark_name.len, e->mark_name.data);
	} else {
		k->clear_count++;
		say(k, "phone clear\n");
	}
}

static void model_item(struct kit *k, const struct grok_item *item)
{
	bool forced = slice_equal(item->type, SLICE("force_message"));
	if (slice_equal(item->type, SLICE("function_call_output")))
		return say(k, "model output %.*s %.*s\n", (int)item->call_id.len, item->call_id.data,
			(int)item->output.len, item->output.data);
	const char *verb = !forced ? "tell" : item->interruptible == GROK_NO ? "say protected" : "say";

	say(k, "model %s \"%.*s\"\n", verb, (int)item->text.len, item->text.data);
}

static void model_said(struct kit *k, const struct grok_event *e)
{
	struct slice source = grok_metadata(e, SLICE("src"));

	if (k->watch_model)
		return k->watch_model(k, e);
	switch ((int)e->kind) {
	case GROK_SESSION_UPDATE:
		k->vad_threshold = e->session.turn_detection.threshold;
		k->vad_silence_ms = e->session.turn_detection.silence_duration_ms;
		return say(k, "model update\n");
	case GROK_AUDIO_APPEND:
		return say(k, "model append %zu\n", keep_audio(k->forwarded, &k->forwarded_bytes, e->delta));
	case GROK_ITEM_CREATE:
		return model_item(k, &e->item);
	case GROK_RESPONSE_CREATE:
		return say(k, "model respond %.*s\n", (int)source.len, source.data ? source.data : "");
	case GROK_ITEM_TRUNCATE:
		return say(k, "model truncate %.*s at %" PRId64 "\n", (int)e->item_id.len, e->item_id.data,
			e->audio_end_ms);
	}
	check(!"a message to Grok that the bridge never sends");
}

static void read_phone(struct kit *k)
{
	struct ws_event message;
	struct twilio_event event;

	while (ws_next(&k->phone_ws, &k->phone_buf, &message) == WS_EVENT) {
		check(message.kind == WS_TEXT);
		check(twilio_read(&k->twilio_out, TO_TWILIO, (char *)message.data, message.len, &event) ==
			TWILIO_EVENT);
		phone_said(k, &event);
	}
	check(!k->phone_ws.failed && buf_len(&k->phone_buf) == 0);
	buf_rest(&k->phone_buf);
}

static void read_model(struct kit *k)
{
	struct ws_event message;
	struct grok_event event;

	while (ws_next(&k->model_ws, &k->model_buf, &message) == WS_EVENT) {
		check(message.kind == WS_TEXT);
		check(grok_read(&k->grok_out, TO_GROK, (char *)message.data, message.len, &event) == GROK_EVENT);
		model_said(k, &event);
	}
	check(!k->model_ws.failed && buf_len(&k->model_buf) == 0);
	buf_rest(&k->model_buf);
}

static void put_turn(struct turn_sink *sink, const struct turn *turn)
{
	struct kit *k = container_of(sink, struct kit, sink);

	check(turn->start_ms <= turn->end_ms && turn->text.len);
	if (k->watch_turn)
		return k->watch_turn(k, turn);
	k->turn_count++;
	k->final_count += turn->final;
	say(k, "turn %d %s%s%s \"%.*s\"\n", turn->position, turn->role == TURN_CALLER ? "caller" : "receptionist",
		turn->cut ? " cut" : "", turn->final ? " final" : "", (int)turn->text.len, turn->text.data);
}

void kit_read(struct kit *k)
{
	if (!k->phone_is_stuck)
		read_phone(k);
	read_model(k);
}

const char *kit_said(struct kit *k)
{
	const char *text = k->said + k->taken_len;

	k->taken_len = k->said_len;
	return text;
}

/* --- what goes in ---------------------------------------------------------------------------------- */

struct kit *kit_open(void)
{
	static const struct pool_plan plan[] = { { 2048, 64 }, { 16384, 64 }, { 131072, 16 }, { 8388608, 4 } };
	struct kit *k = calloc(1, sizeof *k);

	check(k && pool_open(&k->pool, plan, ARRAY_COUNT(plan)) == 0);
	buf_init_pool(&k->phone_buf, &k->pool, LEG_OUT_BYTES_MAX);
	buf_init_pool(&k->model_buf, &k->pool, LEG_OUT_BYTES_MAX);
	ws_init(&k->phone_ws, WS_CLIENT, 1 << 20, &k->pool);
	ws_init(&k->model_ws, WS_SERVER, 1 << 20, &k->pool);
	k->now_ms = 1000000;
	k->sink.put = put_turn;
	k->disclosure = "";
	struct bridge_plan bridge = {
		.phone_buf = &k->phone_buf,
		.model_buf = &k->model_buf,
		.random = &k->random,
		.pool = &k->pool,
		.metrics = &k->metrics,
		.turns = &k->sink,
		.patience = { .ready_ms = 3000 },
	};
	bridge_init(&k->bridge, &bridge, k->now_ms);
	return k;
}

void kit_close(struct kit *k)
{
	bridge_fini(&k->bridge);
	buf_release(&k->phone_buf);
	buf_release(&k->model_buf);
	ws_fini(&k->phone_ws);
	ws_fini(&k->model_ws);
	twilio_reader_fini(&k->twilio_in);
	twilio_reader_fini(&k->twilio_out);
	grok_reader_fini(&k->grok_in);
	grok_reader_fini(&k->grok_out);
	check(pool_used_bytes(&k->pool) == 0);
	pool_close(&k->pool);
	free(k);
}

void kit_twilio(struct kit *k, const char *json)
{
	struct twilio_event event;

	if (twilio_read(&k->twilio_in, FROM_TWILIO, json, strlen(json), &event) != TWILIO_EVENT) {
		fprintf(stderr, "%s: %s\n", k->twilio_in.why, json);
		abort();
	}
	if (event.kind == TWILIO_START)
		check(twilio_reader_expect(&k->twilio_out, event.stream_sid));
	bridge_phone(&k->bridge, &event, k->now_ms);
	kit_read(k);
}

void kit_grok(struct kit *k, const char *json)
{
	struct grok_event event;

	if (grok_read(&k->grok_in, FROM_GROK, json, strlen(json), &event) == GROK_BAD)
		bridge_model_bad(&k->bridge, k->now_ms);
	else
		bridge_model(&k->bridge, &event, k->now_ms);
	kit_read(k);
}

void kit_pass(struct kit *k, uint64_t ms)
{
	k->now_ms += ms;
	bridge_tick(&k->bridge, k->now_ms);
	kit_read(k);
}

void kit_merchant(struct kit *k, const char *greeting)
{
	struct bridge_merchant merchant = {
		.instructions = SLICE("Be kind."),
		.greeting = slice_of(greeting),
		.voice = SLICE("eve"),
		.language = SLICE("en"),
		.disclosure = slice_of(k->disclosure),
		.needs_consent = k->needs_consent,
		.manners = k->manners,
		.farewell = k->farewell,
		.transfer_number = k->transfer_number,
		.keypad = k->keypad,
		.menu = k->menu,
	};

	k->bridge.tool_sink = k->tools;
	bridge_merchant(&k->bridge, &merchant, k->now_ms);
	read_model(k);
}

void kit_start(struct kit *k)
{
	kit_twilio(k, "{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}");
	kit_twilio(k, "{\"event\":\"start\",\"sequenceNumber\":\"1\",\"start\":{\"accountSid\":\"AC1\","
		"\"streamSid\":\"MZ1\","
		"\"callSid\":\"CA1\",\"tracks\":[\"inbound\"],\"mediaFormat\":{\"encoding\":\"audio/x-mulaw\","
		"\"sampleRate\":8000,\"channels\":1},\"customParameters\":{}},\"streamSid\":\"MZ1\"}");
}

void kit_caller(struct kit *k, uint8_t byte, size_t bytes)
{
	uint8_t audio[16384];
	char text[22000], json[22200];

	check(bytes <= sizeof audio);
	memset(audio, byte, bytes);
	text[base64_encode(text, audio, bytes)] = '\0';
	snprintf(json, sizeof json, "{\"event\":\"media\",\"sequenceNumber\":\"2\",\"media\":{\"track\":\"inbound\","
		"\"chunk\":\"1\",\"timestamp\":\"155\",\"payload\":\"%s\"},\"streamSid\":\"MZ1\"}", text);
	kit_twilio(k, json);
}

void kit_ready(struct kit *k)
{
	bridge_model_open(&k->bridge, k->now_ms);
	kit_grok(k, "{\"type\":\"session.created\",\"session\":{\"id\":\"s\"}}");
	kit_grok(k, "{\"session\":{\"turn_detection\":{\"type\":\"server_vad\"},\"audio\":{\"input\":{"
		"\"format\":{\"type\":\"audio/pcmu\"}},\"output\":{\"format\":{\"type\":\"audio/pcmu\"}}}},"
		"\"type\":\"session.updated\"}");
}

void kit_talk(struct kit *k, const char *greeting)
{
	kit_merchant(k, greeting);
	kit_start(k);
	kit_ready(k);
	check(bridge_is_talking(&k->bridge));
	kit_said(k);
}

void kit_response(struct kit *k, const char *response)
{
	char json[256];

	snprintf(json, sizeof json, "{\"type\":\"response.created\",\"response\":{\"id\":\"%s\"}}", response);
	kit_grok(k, json);
}

void kit_delta(struct kit *k, const char *response, const char *item, uint8_t byte, size_t bytes)
{
	uint8_t audio[16384];
	char text[22000], json[22400];

	check(bytes <= sizeof audio);
	memset(audio, byte, bytes);
	text[base64_encode(text, audio, bytes)] = '\0';
	snprintf(json, sizeof json, "{\"type\":\"response.output_audio.delta\",\"response_id\":\"%s\","
		"\"item_id\":\"%s\",\"delta\":\"%s\",\"audio_duration_ms\":%zu}", response, item, text, bytes / 8);
	kit_grok(k, json);
}

void kit_words(struct kit *k, const char *response, const char *item, const char *words)
{
	char json[1024];

	snprintf(json, sizeof json, "{\"type\":\"response.output_audio_transcript.done\",\"response_id\":\"%s\","
		"\"item_id\":\"%s\",\"transcript\":\"%s\"}", response, item, words);
	kit_grok(k, json);
}

void kit_done(struct kit *k, const char *response)
{
	char json[512];

	snprintf(json, sizeof json, "{\"type\":\"response.output_audio.done\",\"response_id\":\"%s\"}", response);
	kit_grok(k, json);
	snprintf(json, sizeof json, "{\"type\":\"response.done\",\"response_id\":\"%s\",\"response\":{\"id\":\"%s\","
		"\"status\":\"completed\"}}", response, response);
	kit_grok(k, json);
}

void kit_marks_back(struct kit *k, unsigned count)
{
	char json[256];

	check(count <= k->mark_count);
	for (unsigned i = 0; i < count; i++) {
		snprintf(json, sizeof json, "{\"event\":\"mark\",\"sequenceNumber\":\"9\",\"streamSid\":\"MZ1\","
			"\"mark\":{\"name\":\"%s\"}}", k->marks[i]);
		kit_twilio(k, json);
	}
	k->mark_count -= count;
	memmove(k->marks, k->marks[count], k->mark_count * sizeof k->marks[0]);
}
