/*
 * fake_world - a session of the simulated Grok on a virtual clock, with an ear and a mouth that are made up: what the
 * tests of the session share.
 *
 * Usage: struct world *w = world_open(&plan); world_ready(w); world_talk(w, 1000); world_run(w, 3000);
 *        then look at w->log, or world_kinds(w, from) for the order of events; world_close(w).
 * world_open_faulty("stall-before-audio:9000") misbehaves.
 * Every message is read back with the client's reader: what it cannot read is kept as GROK_UNKNOWN with bad set.
 */
#pragma once

#include "tests/unit/unit.h"

#include "proto/base64.h"
#include "sim/fake_grok.h"
#include "proto/ulaw.h"

enum { WORLD_LOG_MAX = 4096, WORLD_MS_PER_WORD = 300, WORLD_TEXTS_MAX = 16 };

struct logged {
	enum grok_kind kind;
	enum fake_action_kind action;
	bool bad;
	uint32_t number;
	uint64_t at_ms;
	char *text;
	size_t len;
};

struct world {
	struct pool pool;
	struct fake_plan plan;
	struct fake_grok g;
	struct grok_reader reader;
	uint64_t now_ms;
	struct logged log[WORLD_LOG_MAX];
	size_t log_count;
	const char *ear[WORLD_TEXTS_MAX];       /* what is heard, one text a question */
	size_t ear_count, ear_next;
	bool mouth_is_shut;
};

static const char world_update[] =
	"{\"type\":\"session.update\",\"session\":{\"instructions\":\"You are the receptionist of Bella's.\","
	"\"voice\":\"eve\",\"turn_detection\":{\"type\":\"server_vad\",\"threshold\":0.85,\"silence_duration_ms\":600,"
	"\"prefix_padding_ms\":333},\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcmu\"},"
	"\"transcription\":{\"model\":\"grok-transcribe\"}},\"output\":{\"format\":{\"type\":\"audio/pcmu\"}}}}}";

/* A word is WORLD_MS_PER_WORD of audio; byte i of the audio is i modulo 128, so that it can be checked. */
static inline void world_speak(const char *text, struct speech *out)
{
	size_t count = 0;

	*out = (struct speech){ 0 };
	out->words = calloc(SPEECH_WORD_COUNT_MAX, sizeof *out->words);
	assert_non_null(out->words);
	for (size_t i = 0; text[i]; i++)
		if (text[i] != ' ' && (i == 0 || text[i - 1] == ' '))
			out->words[count++] =
				(struct speech_word){ i, (uint32_t)(out->word_count++ * WORLD_MS_PER_WORD) };
	out->ulaw_bytes = count * WORLD_MS_PER_WORD * ULAW_BYTES_PER_MS;
	out->ulaw = malloc(out->ulaw_bytes + 1);
	assert_non_null(out->ulaw);
	for (size_t i = 0; i < out->ulaw_bytes; i++)
		out->ulaw[i] = (uint8_t)(i % 128);
}

static inline void world_keep(struct world *w, const struct fake_action *action)
{
	struct logged *entry = &w->log[w->log_count++];
	struct grok_event event;

	assert_true(w->log_count < WORLD_LOG_MAX);
	*entry = (struct logged){ .action = action->kind, .at_ms = w->now_ms, .len = action->data.len,
		.number = action->number };
	entry->text = malloc(action->data.len + 1);
	assert_non_null(entry->text);
	memcpy(entry->text, action->data.data, action->data.len);
	entry->text[action->data.len] = '\0';
	if (action->kind > FAKE_SEND_FRAGMENTS)
		return;
	entry->bad = grok_read(&w->reader, FROM_GROK, entry->text, entry->len, &event) != GROK_EVENT;
	entry->kind = entry->bad ? GROK_UNKNOWN : event.kind;
}

static inline void world_drain(struct world *w)
{
	struct fake_action action;
	struct speech speech;
	char text[2000];
	uint32_t number;

	while (fake_grok_next(&w->g, &action)) {
		number = action.number;
		if (action.kind == FAKE_HEAR) {
			const char *heard = w->ear_next < w->ear_count ? w->ear[w->ear_next++] : "";

			fake_grok_heard(&w->g, number, heard, w->now_ms);
		} else if (action.kind == FAKE_SAY && !w->mouth_is_shut) {
			assert_true(slice_copy(action.data, text, sizeof text));
			world_speak(text, &speech);
			fake_grok_said(&w->g, number, &speech, w->now_ms);
		} else if (action.kind != FAKE_SAY) {
			world_keep(w, &action);
		}
	}
}

static inline struct world *world_open(const struct fake_plan *plan)
{
	static const struct pool_plan classes[] = {
		{ 4096, 64 }, { 65536, 64 }, { 524288, 8 }, { 4194304, 4 }, { 8388608, 2 },
	};
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	assert_int_equal(pool_open(&w->pool, classes, 5), 0);
	if (plan)
		w->plan = *plan;
	w->now_ms = 1000000;
	fake_grok_open(&w->g, &w->plan, &w->pool, 7, "grok-voice-think-fast-2.0", "", w->now_ms, 1790645006955);
	world_drain(w);
	return w;
}

static inline void world_close(struct world *w)
{
	fake_grok_close(&w->g);
	assert_int_equal(pool_used_bytes(&w->pool), 0);
	pool_close(&w->pool);
	grok_reader_fini(&w->reader);
	for (size_t i = 0; i < w->log_count; i++)
		free(w->log[i].text);
	free(w);
}

/* A session that misbehaves as the command line would ask for. */
static inline struct world *world_open_faulty(const char *fault)
{
	struct fake_plan plan = { 0 };
	char why[200];

	if (!fault_parse(&plan.faults, fault, why, sizeof why))
		fail_msg("%s", why);
	return world_open(&plan);
}

/* Lets time pass, stopping wherever something is due. */
static inline void world_run(struct world *w, uint64_t ms)
{
	uint64_t end_ms = w->now_ms + ms;

	while (fake_grok_due_ms(&w->g) <= end_ms) {
		if (fake_grok_due_ms(&w->g) > w->now_ms)
			w->now_ms = fake_grok_due_ms(&w->g);
		fake_grok_tick(&w->g, w->now_ms);
		world_drain(w);
	}
	w->now_ms = end_ms;
}

static inline void world_say(struct world *w, const char *message)
{
	fake_grok_text(&w->g, slice_of(message), w->now_ms);
	world_drain(w);
}

static inline void world_ready(struct world *w)
{
	world_say(w, world_update);
	world_run(w, 500);
	assert_true(w->g.ready);
}

/* The caller's microphone for a while: 20 ms frames, a tone or silence. */
static inline void world_microphone(struct world *w, uint32_t ms, int loudness)
{
	char message[400];
	uint8_t frame[ULAW_FRAME_BYTES];

	for (size_t i = 0; i < sizeof frame; i++)
		frame[i] = ulaw_encode((int16_t)(i % 16 < 8 ? loudness : -loudness));
	for (uint32_t t = 0; t < ms; t += 20) {
		size_t len = strlen(GROK_APPEND_PREFIX);

		memcpy(message, GROK_APPEND_PREFIX, len);
		len += base64_encode(message + len, frame, sizeof frame);
		snprintf(message + len, sizeof message - len, "%s", GROK_APPEND_SUFFIX);
		world_say(w, message);
		world_run(w, 20);
	}
}

static inline void world_talk(struct world *w, uint32_t ms)
{
	world_microphone(w, ms, 8000);
}

static inline void world_listen(struct world *w, uint32_t ms)
{
	world_microphone(w, ms, 0);
}

static inline void world_hears(struct world *w, const char *text)
{
	assert_true(w->ear_count < WORLD_TEXTS_MAX);
	w->ear[w->ear_count++] = text;
}

/* Index of the n-th (from 0) message of the kind at or behind `from`; log_count if there is none. */
static inline size_t world_find(const struct world *w, enum grok_kind kind, size_t from, size_t n)
{
	for (size_t i = from; i < w->log_count; i++)
		if (w->log[i].action <= FAKE_SEND_FRAGMENTS && w->log[i].kind == kind && n-- == 0)
			return i;
	return w->log_count;
}

static inline size_t world_count(const struct world *w, enum grok_kind kind)
{
	size_t count = 0;

	while (world_find(w, kind, 0, count) < w->log_count)
		count++;
	return count;
}

static inline size_t world_count_actions(const struct world *w, enum fake_action_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < w->log_count; i++)
		count += w->log[i].action == kind;
	return count;
}

/* The message as an event; it lives until the next call. Fails the test if there is no such message. */
static inline const struct grok_event *world_event(struct world *w, size_t index)
{
	static struct grok_event event;

	if (index >= w->log_count)
		fail_msg("no such message among %zu", w->log_count);
	assert_int_equal(grok_read(&w->reader, FROM_GROK, w->log[index].text, w->log[index].len, &event), GROK_EVENT);
	return &event;
}

static inline const struct grok_event *world_nth(struct world *w, enum grok_kind kind, size_t n)
{
	return world_event(w, world_find(w, kind, 0, n));
}

/* Names of the messages from `from` on, without pings, repeated deltas once: "input_audio_buffer.committed …". */
static inline void world_order(const struct world *w, size_t from, char *out, size_t out_bytes)
{
	const char *last = "";
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = from; i < w->log_count; i++) {
		const char *name = grok_kind_name(w->log[i].kind);

		if (w->log[i].action > FAKE_SEND_FRAGMENTS || w->log[i].kind == GROK_PING || strcmp(name, last) == 0)
			continue;
		if (w->log[i].kind == GROK_TRANSCRIPT_DELTA)
			continue;
		used += (size_t)snprintf(out + used, out_bytes - used, "%s\n", name);
		assert_true(used < out_bytes);
		last = name;
	}
}

static inline void assert_order(const struct world *w, size_t from, const char *wanted)
{
	char order[4000];

	world_order(w, from, order, sizeof order);
	assert_string_equal(order, wanted);
}
