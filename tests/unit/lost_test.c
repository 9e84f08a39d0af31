/* A bridge whose model is lost again and again, at any moment: virtual clock, chance by seed. */
#include "tests/unit/unit.h"

#include "proto/base64.h"
#include "tests/relay/kit.h"
#include "tests/unit/chance.h"

enum { LIFE_COUNT = 5000, STEP_COUNT = 60 };

struct world {
	struct kit *k;
	bool gone;                      /* nobody is there to hear */
	bool asked;                     /* this connection was sent session.update */
	bool is_ready;
	unsigned response_count, done_count;
	unsigned connection_count;
	uint64_t lost_ms;
	unsigned messages_while_gone, early_messages, old_audio, tones;
};

static void watch_model(struct kit *k, const struct grok_event *event)
{
	struct world *w = k->watcher;

	w->messages_while_gone += w->gone;
	if (event->kind == GROK_SESSION_UPDATE)
		w->asked = true;
	/* Nothing goes to a session that does not know yet who it is. */
	w->early_messages += !w->is_ready && event->kind != GROK_SESSION_UPDATE;
}

/* The stub's voice is 0x10 and the number of the connection; the tone is neither loud nor one byte. */
static void watch_phone(struct kit *k, const struct twilio_event *event)
{
	struct world *w = k->watcher;
	uint8_t audio[16 * 1024];

	if (event->kind != TWILIO_MEDIA)
		return;
	assert_true(base64_decoded_len(event->payload) <= sizeof audio);
	ptrdiff_t bytes = base64_decode(audio, event->payload);

	assert_true(bytes > 0 && bytes % ULAW_FRAME_BYTES == 0);
	if (audio[0] >= 0x10 && audio[0] < 0x20 && audio[0] == audio[1])
		w->old_audio += audio[0] != 0x10 + w->connection_count % 16;
	else
		w->tones++;
	/* The tone is heard only while nobody is there. */
	assert_true((audio[0] == audio[1] && audio[0] < 0x20) || k->bridge.away);
}

static void forget_turn(struct kit *k, const struct turn *turn)
{
	(void)k;
	assert_true(turn->text.len > 0);
}

static void ready(struct world *w)
{
	w->gone = false;
	w->asked = false;
	w->connection_count++;
	bridge_model_open(&w->k->bridge, w->k->now_ms);
	kit_grok(w->k, "{\"type\":\"session.created\",\"session\":{\"id\":\"s\"}}");
	assert_true(w->asked);
	w->is_ready = true;
	kit_grok(w->k, "{\"session\":{\"turn_detection\":{\"type\":\"server_vad\"},\"audio\":{\"input\":{"
		"\"format\":{\"type\":\"audio/pcmu\"}},\"output\":{\"format\":{\"type\":\"audio/pcmu\"}}}},"
		"\"type\":\"session.updated\"}");
	assert_false(w->k->bridge.away);
}

static void lose(struct world *w)
{
	kit_read(w->k);
	bridge_model_lost(&w->k->bridge, chance(2) ? &grok_xai : &grok_openai, w->k->now_ms);
	w->gone = true;
	w->is_ready = false;
	w->lost_ms = w->k->now_ms;
	if (w->response_count > w->done_count)
		w->done_count = w->response_count;
	kit_read(w->k);
}

static void speak(struct world *w)
{
	char id[16];

	if (w->response_count == w->done_count) {
		snprintf(id, sizeof id, "r%u", ++w->response_count);
		kit_response(w->k, id);
	}
	snprintf(id, sizeof id, "r%u", w->response_count);
	kit_delta(w->k, id, id, (uint8_t)(0x10 + w->connection_count % 16), 160 * (1 + chance(20)));
	if (chance(2)) {
		kit_words(w->k, id, id, "Well.");
		kit_done(w->k, id);
		w->done_count = w->response_count;
	}
}

static void caller_turn(struct world *w)
{
	char text[200];

	snprintf(text, sizeof text, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u%u\"}",
		chance(100));
	kit_grok(w->k, text);
	if (w->response_count > w->done_count)
		w->done_count = w->response_count;
	kit_grok(w->k, "{\"type\":\"input_audio_buffer.speech_stopped\",\"item_id\":\"u\"}");
}

/* A key, and time enough for it to be passed on. */
static void press_key(struct world *w)
{
	kit_twilio(w->k, "{\"event\":\"dtmf\",\"streamSid\":\"MZ1\",\"dtmf\":{\"digit\":\"5\"}}");
	kit_pass(w->k, 3000);
}

static void step(struct world *w)
{
	switch (chance(6)) {
	case 0:
		return w->gone ? ready(w) : lose(w);
	case 1:
		return kit_caller(w->k, 0x02, 160);
	case 2:
		return w->gone ? press_key(w) : caller_turn(w);
	case 3:
		return kit_pass(w->k, chance(1500));
	default:
		return w->gone ? kit_pass(w->k, 20) : speak(w);
	}
}

static unsigned life(void)
{
	struct world w = { .k = kit_open() };
	unsigned tones;

	w.k->watcher = &w;
	w.k->bridge.recovers = true;
	w.k->watch_phone = watch_phone;
	w.k->watch_model = watch_model;
	w.k->watch_turn = forget_turn;
	kit_merchant(w.k, "Good evening.");
	kit_start(w.k);
	ready(&w);
	for (int i = 0; i < STEP_COUNT; i++) {
		step(&w);
		assert_int_equal(w.k->bridge.reason, END_NONE);
	}
	assert_int_equal(w.messages_while_gone, 0);
	assert_int_equal(w.early_messages, 0);
	assert_int_equal(w.old_audio, 0);
	tones = w.tones;
	kit_close(w.k);
	return tones;
}

static void whoever_is_lost_whenever_the_call_goes_on(void **state)
{
	unsigned tones = 0;

	(void)state;
	for (int i = 0; i < LIFE_COUNT; i++)
		tones += life();
	print_message("%d calls of %d steps, %u pieces of tone\n", LIFE_COUNT, STEP_COUNT, tones);
	assert_true(tones > LIFE_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_is_lost_whenever_the_call_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
