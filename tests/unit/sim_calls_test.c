/*
 * Simulated calls: a Twilio that plays what it is sent in real time and a Grok that answers, is interrupted, repeats
 * itself, falls silent and sends late deltas, both driven by a seed on a virtual clock. After every step the bridge
 * is held against what must always be true. A failure prints its seed: SIM_SEED=N runs it alone, SIM_SEEDS=N runs
 * more of them.
 *
 * Audio says whose it is: the n-th byte of response r is (r mod 8) * 16 + (n / 8 mod 16), never 0xFF. The caller's
 * bytes count up, so that what is lost or swapped shows.
 */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "tests/relay/kit.h"

enum { STEP_MS = 20, STEPS = 1000, FIFO_MAX = 8192, SEEDS = 1000 };

struct piece {
	size_t bytes;                   /* of audio still to be played; 0: a mark */
	char mark[MARK_NAME_BYTES_MAX + 1];
};

struct sim {
	struct kit *k;
	uint64_t random;
	unsigned seed, step;
	/* Grok. */
	bool ready_sent, updated, talking;
	unsigned response;              /* the last one announced */
	bool generating;
	size_t left_bytes;              /* of its audio still to be sent */
	size_t made_bytes[8];           /* of each response, by its number mod 8 */
	unsigned fence;                 /* responses up to this one may not be heard any more */
	unsigned speech;                /* items of the caller's so far */
	bool speaking;
	/* What the caller heard. */
	unsigned heard_response;
	size_t heard_bytes;             /* of heard_response */
	bool heard_tail;
	/* Twilio. */
	struct piece fifo[FIFO_MAX];
	unsigned first, last;
	uint64_t played_bytes;          /* since the beginning */
	uint64_t cleared_at_bytes;      /* played_bytes at the last clear */
	uint8_t caller_byte;
	bool started;
	/* What Grok heard: the next byte must not be older than this one. */
	uint64_t sent_frames, got_frames_at_least;
	bool over;
	int32_t position_max;
	bool final[4096];
};

static _Noreturn void broken(struct sim *s, const char *what)
{
	fprintf(stderr, "# seed %u, step %u: %s\n", s->seed, s->step, what);
	abort();
}

#define must(s, fact) ((fact) ? (void)0 : broken((s), #fact))

static uint32_t draw(struct sim *s, uint32_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (uint32_t)(s->random >> 33) % below;
}

static bool chance(struct sim *s, uint32_t percent)
{
	return draw(s, 100) < percent;
}

/* --- what comes out -------------------------------------------------------------------------------- */

static uint8_t voice_byte(unsigned response, size_t n)
{
	return (uint8_t)((response & 7) << 4 | (n / 8 & 15));
}

static void hear(struct sim *s, uint8_t byte)
{
	if (byte == ULAW_SILENCE) {
		s->heard_tail = true;
		return;
	}
	unsigned low = byte >> 4;

	if (s->heard_response == 0 || low != (s->heard_response & 7)) {
		/* The newest response with these bits: none of the old ones may speak any more. */
		unsigned response = (s->response & ~7u) | low;

		if (response > s->response)
			response -= 8;
		must(s, response > s->heard_response);
		s->heard_response = response;
		s->heard_bytes = 0;
		s->heard_tail = false;
	}
	must(s, !s->heard_tail);
	must(s, s->heard_response > s->fence);
	must(s, byte == voice_byte(s->heard_response, s->heard_bytes));
	s->heard_bytes++;
	must(s, s->heard_bytes <= s->made_bytes[s->heard_response & 7]);
}

static struct piece *push(struct sim *s)
{
	must(s, s->last - s->first < FIFO_MAX);
	return &s->fifo[s->last++ % FIFO_MAX];
}

static void watch_phone(struct kit *k, const struct twilio_event *e)
{
	struct sim *s = k->watcher;
	uint8_t audio[4096];

	must(s, s->started);
	if (e->kind == TWILIO_MEDIA) {
		size_t bytes = base64_decoded_len(e->payload);

		must(s, bytes > 0 && bytes % ULAW_FRAME_BYTES == 0 && bytes <= sizeof audio);
		must(s, base64_decode(audio, e->payload) == (ssize_t)bytes);
		for (size_t i = 0; i < bytes; i++)
			hear(s, audio[i]);
		*push(s) = (struct piece){ .bytes = bytes };
	} else if (e->kind == TWILIO_MARK) {
		slice_copy(e->mark_name, push(s)->mark, sizeof s->fifo[0].mark);
		s->fifo[(s->last - 1) % FIFO_MAX].bytes = 0;
	} else {
		/* All marks come back at once; they are delivered with the next step. */
		unsigned kept = s->first;

		s->cleared_at_bytes = s->played_bytes;

		for (unsigned i = s->first; i != s->last; i++)
			if (s->fifo[i % FIFO_MAX].bytes == 0)
				s->fifo[kept++ % FIFO_MAX] = s->fifo[i % FIFO_MAX];
		s->last = kept;
	}
}

static void watch_model(struct kit *k, const struct grok_event *e)
{
	struct sim *s = k->watcher;

	if (e->kind == GROK_AUDIO_APPEND) {
		uint8_t audio[ULAW_FRAME_BYTES];

		must(s, s->updated);
		must(s, base64_decode(audio, e->delta) == ULAW_FRAME_BYTES);
		/* Frames may be missing, never repeated or swapped: at most a second lies between two. */
		uint64_t number = s->got_frames_at_least + (uint8_t)(audio[0] - (uint8_t)s->got_frames_at_least);

		must(s, number < s->sent_frames);
		s->got_frames_at_least = number + 1;
	} else if (e->kind == GROK_SESSION_UPDATE) {
		s->ready_sent = true;
	} else if (e->kind == GROK_RESPONSE_CREATE || (e->kind == GROK_ITEM_CREATE &&
		slice_equal(e->item.type, SLICE("force_message")))) {
		s->talking = true;
	} else {
		must(s, e->kind == GROK_ITEM_CREATE || e->kind == GROK_ITEM_TRUNCATE);
	}
}

static void watch_turn(struct kit *k, const struct turn *turn)
{
	struct sim *s = k->watcher;

	must(s, turn->position >= 0 && (size_t)turn->position < ARRAY_COUNT(s->final));
	must(s, !s->final[turn->position]);
	s->final[turn->position] = turn->final;
	if (turn->position > s->position_max)
		s->position_max = turn->position;
}

/* --- Twilio ---------------------------------------------------------------------------------------- */

static void play(struct sim *s)
{
	size_t budget = STEP_MS * ULAW_BYTES_PER_MS;
	char json[256];

	while (s->first != s->last) {
		struct piece *p = &s->fifo[s->first % FIFO_MAX];

		if (p->bytes == 0) {
			snprintf(json, sizeof json, "{\"event\":\"mark\",\"streamSid\":\"MZ1\","
				"\"mark\":{\"name\":\"%s\"}}",
				p->mark);
			s->first++;
			kit_twilio(s->k, json);
			continue;
		}
		if (budget == 0)
			return;
		size_t bytes = p->bytes < budget ? p->bytes : budget;

		p->bytes -= bytes;
		budget -= bytes;
		s->played_bytes += bytes;
		if (p->bytes == 0)
			s->first++;
	}
}

static void caller_frames(struct sim *s)
{
	unsigned count = chance(s, 3) ? 0 : chance(s, 2) ? draw(s, 80) : 1;

	while (count--) {
		s->sent_frames++;
		kit_caller(s->k, s->caller_byte++, ULAW_FRAME_BYTES);
	}
	if (chance(s, 1))
		kit_twilio(s->k, "{\"event\":\"dtmf\",\"streamSid\":\"MZ1\",\"dtmf\":{\"digit\":\"7\"}}");
	if (chance(s, 1))
		kit_twilio(s->k, "{\"event\":\"media\",\"media\":{\"track\":\"outbound\",\"payload\":\"////\"},"
			"\"streamSid\":\"MZ1\"}");
	if (chance(s, 1))
		kit_twilio(s->k, "{\"event\":\"mark\",\"streamSid\":\"MZ1\",\"mark\":{\"name\":\"g1:1\"}}");
}

/* --- Grok ------------------------------------------------------------------------------------------ */

static void delta(struct sim *s, unsigned response, size_t bytes)
{
	static uint8_t audio[16384];
	static char text[22000], json[22400];
	size_t from = s->made_bytes[response & 7];

	for (size_t i = 0; i < bytes; i++)
		audio[i] = voice_byte(response, from + i);
	s->made_bytes[response & 7] += bytes;
	text[base64_encode(text, audio, bytes)] = '\0';
	snprintf(json, sizeof json, "{\"type\":\"response.output_audio.delta\",\"response_id\":\"r%u\","
		"\"item_id\":\"a%u\",\"delta\":\"%s\","
		"\"audio_duration_ms\":%zu}", response, response, text, (bytes + 4) / 8);
	kit_grok(s->k, json);
}

static void announce(struct sim *s)
{
	char name[24];

	s->fence = s->response;         /* a newer one silences the older */
	s->response++;
	s->made_bytes[s->response & 7] = 0;
	s->generating = true;
	s->left_bytes = chance(s, 10) ? 0 : 8 * (size_t)draw(s, 6000);
	snprintf(name, sizeof name, "r%u", s->response);
	kit_response(s->k, name);
}

static void generate(struct sim *s)
{
	char name[24];

	for (unsigned n = draw(s, 4); n && s->left_bytes; n--) {
		size_t bytes = 8 * (size_t)(1 + draw(s, 1254));

		bytes = bytes < s->left_bytes ? bytes : s->left_bytes;
		s->left_bytes -= bytes;
		delta(s, s->response, bytes);
	}
	if (s->left_bytes || chance(s, 70))
		return;
	s->generating = false;
	if (chance(s, 5))
		return;                         /* abandoned without a word */
	snprintf(name, sizeof name, "r%u", s->response);
	kit_words(s->k, name, "a", "Some words.");
	kit_done(s->k, name);
	s->fence = s->response;
}

static void caller_speaks(struct sim *s)
{
	char json[256];

	if (!chance(s, 15))
		s->speech++;
	s->fence = s->response;
	snprintf(json, sizeof json, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u%u\","
		"\"audio_start_ms\":%u}", s->speech, draw(s, 100000));
	kit_grok(s->k, json);
	for (unsigned late = draw(s, 4); late && s->generating; late--)
		delta(s, s->response, 8 * (size_t)(1 + draw(s, 300)));
	if (chance(s, 60))
		s->generating = false;
	s->speaking = true;
}

static void caller_stops(struct sim *s)
{
	char json[256];

	s->speaking = false;
	snprintf(json, sizeof json, "{\"type\":\"input_audio_buffer.speech_stopped\",\"item_id\":\"u%u\"}", s->speech);
	kit_grok(s->k, json);
	for (unsigned n = draw(s, 3); n; n--) {
		snprintf(json, sizeof json, "{\"type\":\"conversation.item.input_audio_transcription.completed\","
			"\"item_id\":\"u%u\",\"transcript\":\"words %u\",\"status\":\"%s\"}", s->speech, draw(s, 9),
			chance(s, 50) ? "completed" : "in_progress");
		kit_grok(s->k, json);
	}
	announce(s);
}

static void odd_things(struct sim *s)
{
	static const char *const oddities[] = {
		"{\"type\":\"rate_limits.updated\"}",
		"{\"type\":\"ping\",\"timestamp\":1}",
		"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Item not found\"}}",
		"{\"type\":\"response.done\",\"response_id\":\"r0\",\"response\":{\"id\":\"r0\"}}",
		"{\"type\":\"response.output_audio.done\",\"response_id\":\"r0\"}",
		"{\"type\":\"conversation.item.truncated\",\"item_id\":\"a1\",\"transcript\":\"kept\"}",
		("{\"type\":\"response.output_audio_transcript.delta\",\"response_id\":\"r1\","
		"\"item_id\":\"a1\",\"delta\":\"x\"}"),
		"{\"type\":\"session.updated\",\"session\":{}}",
	};

	kit_grok(s->k, oddities[draw(s, ARRAY_COUNT(oddities))]);
}

static void model(struct sim *s)
{
	if (s->ready_sent && !s->updated && chance(s, 20)) {
		s->updated = true;
		kit_grok(s->k, "{\"type\":\"session.updated\",\"session\":{\"turn_detection\":{\"type\":"
			"\"server_vad\"},\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcmu\"}},"
			"\"output\":{\"format\":{\"type\":"
			"\"audio/pcmu\"}}}}}");
	}
	if (!s->updated || !s->talking)
		return;
	if (s->response == 0)
		announce(s);
	if (s->generating)
		generate(s);
	if (s->speaking ? chance(s, 10) : chance(s, 3))
		(s->speaking ? caller_stops : caller_speaks)(s);
	if (chance(s, 2))
		odd_things(s);
}

/* --- a call ---------------------------------------------------------------------------------------- */

static void set_up(struct sim *s)
{
	switch (s->step) {
	case 1:
		return chance(s, 50) ? kit_merchant(s->k, "Hello.") : kit_merchant(s->k, "");
	case 3:
		s->started = true;
		return kit_start(s->k);
	case 5:
		bridge_model_open(&s->k->bridge, s->k->now_ms);
		return kit_grok(s->k, "{\"type\":\"session.created\",\"session\":{}}");
	}
}

static void look(struct sim *s)
{
	const struct bridge *b = &s->k->bridge;
	const struct ledger *l = &b->ledger;

	must(s, b->caller.held.audio_bytes <= CALLER_AUDIO_BYTES_MAX);
	must(s, b->voice.carry_bytes < ULAW_FRAME_BYTES);
	must(s, buf_len(&s->k->model_buf) == 0);
	/* What is called played was played, what is called heard was sent. */
	must(s, l->playhead.played_bytes <= s->played_bytes - s->cleared_at_bytes);
	must(s, ledger_heard_ms(l) <= ledger_sent_ms(l));
	for (size_t i = 0; i < l->item_count; i++)
		must(s, ledger_item_heard_ms(l, &l->items[i]) <= ledger_item_sent_ms(&l->items[i]));
	must(s, bridge_deadline_ms(b) > s->k->now_ms || b->reason != END_NONE);
	must(s, pool_used_bytes(&s->k->pool) <= 256 * 1024);
}

static void one_call(unsigned seed)
{
	struct sim *s = calloc(1, sizeof *s);

	check(s);
	s->seed = seed;
	s->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	s->k = kit_open();
	s->k->watcher = s;
	s->k->watch_phone = watch_phone;
	s->k->watch_model = watch_model;
	s->k->watch_turn = watch_turn;
	unsigned steps = STEPS / 2 + draw(s, STEPS / 2);

	for (s->step = 0; s->step < steps && s->k->bridge.reason == END_NONE; s->step++) {
		kit_pass(s->k, STEP_MS);
		set_up(s);
		s->k->bridge.caller.backlog_bytes = chance(s, 2) ? CALLER_BACKLOG_BYTES : 0;
		if (s->started) {
			caller_frames(s);
			play(s);
		}
		if (s->step > 5)
			model(s);
		look(s);
	}
	must(s, s->k->bridge.reason == END_NONE);
	kit_twilio(s->k, "{\"event\":\"stop\",\"streamSid\":\"MZ1\",\"stop\":{\"callSid\":\"CA1\"}}");
	must(s, s->k->bridge.reason == END_CALLER_HUNG_UP);
	must(s, s->sent_frames - metrics_get(&s->k->metrics, METRIC_CALLER_FRAMES_DROPPED) >=
		metrics_get(&s->k->metrics, METRIC_CALLER_FRAMES_FORWARDED));
	must(s, !s->updated || metrics_get(&s->k->metrics, METRIC_CALLER_FRAMES_FORWARDED) > 0);
	kit_close(s->k);                /* every block came home */
	free(s);
}

static void what_must_always_be_true_is_true_in_every_simulated_call(void **state)
{
	const char *one = getenv("SIM_SEED"), *many = getenv("SIM_SEEDS");
	unsigned count = many ? (unsigned)strtoul(many, NULL, 10) : SEEDS;

	(void)state;
	if (one)
		return one_call((unsigned)strtoul(one, NULL, 10));
	for (unsigned seed = 1; seed <= count; seed++)
		one_call(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_must_always_be_true_is_true_in_every_simulated_call),
	};

	return cmocka_run_group_tests_name("simulated calls", tests, NULL, NULL);
}
