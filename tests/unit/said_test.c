/*
 * Transcripts against the truth: whole conversations by seed, with the real bridge between a Grok that speaks words
 * whose times are known, interim texts, corrections and stale snapshots, and a phone that plays what it is sent (the
 * simulator's playback) behind two ways with delay and jitter. The caller interrupts, or hangs up in the middle.
 * What the phone has played of each item says which words were heard; the turns must have exactly those.
 *
 * Every audio byte of an item is that item's number, so what was heard can be counted. SAID_CALLS=N: more calls.
 */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "sim/playback.h"
#include "tests/relay/kit.h"
#include "tests/unit/way.h"

enum { CALLS = 150, STEP_US = 5000, ITEMS_MAX = 100, WORDS_MAX = 24, TEXT_MAX = 512, DIFFERENCE_MAX = 4 };

struct item {
	unsigned word_count, kept_count;
	unsigned word_end_ms[WORDS_MAX], word_start_ms[WORDS_MAX];
	unsigned audio_ms;
	uint64_t heard_bytes;
	bool has_turn;
};

struct talk {
	struct kit *k;
	struct playback playback;
	struct way out, back;
	int64_t now_us;
	unsigned seed;
	bool by_word;                   /* Grok tells the time of each word, not of phrases */
	/* Grok. */
	unsigned item_count, response_count, caller_count;
	struct item items[ITEMS_MAX];
	unsigned made_ms, made_words;   /* of the last item */
	bool generating;
	int64_t next_us;                /* what Grok does next */
	int64_t speaks_us, stops_us;    /* the caller */
	char said[ITEMS_MAX][TEXT_MAX]; /* the last completed text of each of the caller's items, and its turn's */
	char stored[ITEMS_MAX][TEXT_MAX];
	bool is_final[4 * ITEMS_MAX];
	int64_t frame_us, hang_up_us;
	uint64_t frame_count;
};

static unsigned differences[2][2 * DIFFERENCE_MAX + 1], cut_count[2];

static void say(struct talk *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct talk *t, const char *format, ...)
{
	char json[32768];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(json, sizeof json, format, args);

	va_end(args);
	check(len > 0 && (size_t)len < sizeof json);
	kit_grok(t->k, json);
}

/* --- what comes out ---------------------------------------------------------------------------------- */

static void watch_phone(struct kit *k, const struct twilio_event *e)
{
	struct talk *t = k->watcher;
	static uint8_t audio[8192];

	if (e->kind == TWILIO_MARK) {
		slice_copy(e->mark_name, way_put(&t->out, MARK, t->now_us)->name, MARK_NAME_BYTES_MAX + 1);
	} else if (e->kind == TWILIO_CLEAR) {
		way_put(&t->out, CLEAR, t->now_us);
	} else {
		ptrdiff_t bytes = base64_decode(audio, e->payload);

		check(bytes > 0);
		/* One message may hold the end of one item and silence; never two items. */
		way_put(&t->out, AUDIO, t->now_us)->number = bytes << 8 | audio[0];
	}
}

static void watch_model(struct kit *k, const struct grok_event *e)
{
	(void)k;
	(void)e;
}

static void check_voice_turn(struct talk *t, const struct turn *turn)
{
	unsigned item, word, at = 0, count = 0;
	char text[TRANSCRIPT_BYTES_MAX + 1];

	check(slice_copy(turn->text, text, sizeof text));
	for (int used; sscanf(text + at, "%ux%u%n", &item, &word, &used) == 2; at += (unsigned)used)
		check(item < t->item_count && word == count++);
	check(text[at] == '\0' && count > 0);
	check(count <= t->items[item].word_count);
	t->items[item].kept_count = count;
	t->items[item].has_turn = true;
}

static void watch_turn(struct kit *k, const struct turn *turn)
{
	struct talk *t = k->watcher;
	unsigned item;

	check(turn->position >= 0 && (size_t)turn->position < ARRAY_COUNT(t->is_final));
	check(!t->is_final[turn->position]);
	t->is_final[turn->position] = turn->final;
	if (turn->role == TURN_RECEPTIONIST)
		return check_voice_turn(t, turn);
	check(sscanf(turn->text.data, "caller %u", &item) == 1 && item < ITEMS_MAX);
	check(slice_copy(turn->text, t->stored[item], TEXT_MAX));
}

/* --- Grok -------------------------------------------------------------------------------------------- */

static void begin_item(struct talk *t)
{
	struct item *item = &t->items[t->item_count++];
	unsigned at = 0;

	check(t->item_count <= ITEMS_MAX);
	item->word_count = between(1, WORDS_MAX);
	for (unsigned i = 0; i < item->word_count; i++) {
		item->word_start_ms[i] = at;
		at += between(8, 22) * 20;
		item->word_end_ms[i] = at;
	}
	item->audio_ms = at;
	t->made_ms = t->made_words = 0;
	t->generating = true;
}

/* The words that begin in the audio sent next, in one piece or each for itself. */
static void send_words(struct talk *t, unsigned until_ms)
{
	struct item *item = &t->items[t->item_count - 1];
	unsigned number = t->item_count - 1;
	char text[TEXT_MAX] = "";
	size_t len = 0;
	double start_s = 0;

	while (t->made_words < item->word_count && item->word_start_ms[t->made_words] < until_ms) {
		if (len == 0)
			start_s = item->word_start_ms[t->made_words] / 1000.0;
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%ux%u", t->made_words ? " " : "", number,
			t->made_words);
		t->made_words++;
		if (!t->by_word && len < 40 && t->made_words < item->word_count &&
			item->word_start_ms[t->made_words] < until_ms)
			continue;
		say(t, "{\"type\":\"response.output_audio_transcript.delta\",\"response_id\":\"r%u\","
			"\"item_id\":\"a%u\",\"delta\":\"%s\",\"start_time\":%.3f}", t->response_count, number, text,
			start_s);
		len = 0;
	}
}

static void send_audio(struct talk *t)
{
	const struct item *item = &t->items[t->item_count - 1];
	static uint8_t audio[16384];
	static char base64[22000];
	unsigned left = item->audio_ms - t->made_ms, ms = between(4, 62) * 20;

	ms = ms < left ? ms : left;
	memset(audio, (int)t->item_count, ms * 8);
	base64[base64_encode(base64, audio, ms * 8)] = '\0';
	say(t, "{\"type\":\"response.output_audio.delta\",\"response_id\":\"r%u\",\"item_id\":\"a%u\","
		"\"delta\":\"%s\",\"audio_duration_ms\":%u}", t->response_count, t->item_count - 1, base64, ms);
	t->made_ms += ms;
	send_words(t, t->made_ms);
	t->next_us = t->now_us + ms * (int64_t)between(60, 1100);
}

static void finish_item(struct talk *t)
{
	const struct item *item = &t->items[t->item_count - 1];
	unsigned number = t->item_count - 1;
	char text[TEXT_MAX] = "";
	size_t len = 0;

	for (unsigned i = 0; i < item->word_count; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%ux%u", i ? " " : "", number, i);
	say(t, "{\"type\":\"response.output_audio_transcript.done\",\"response_id\":\"r%u\",\"item_id\":\"a%u\","
		"\"transcript\":\"%s\"}", t->response_count, number, text);
	if (chance(250) && t->item_count < ITEMS_MAX)
		return begin_item(t);           /* another item of the same response */
	say(t, "{\"type\":\"response.done\",\"response_id\":\"r%u\",\"response\":{\"id\":\"r%u\","
		"\"status\":\"completed\"}}", t->response_count, t->response_count);
	t->generating = false;
	t->next_us = INT64_MAX;
}

static void begin_response(struct talk *t)
{
	say(t, "{\"type\":\"response.created\",\"response\":{\"id\":\"r%u\"}}", ++t->response_count);
	begin_item(t);
	t->next_us = t->now_us + between(200, 800) * MS;
	t->speaks_us = t->now_us + between(500, 9000) * MS;
}

static void model_acts(struct talk *t)
{
	if (!t->generating)
		return begin_response(t);
	if (t->made_ms < t->items[t->item_count - 1].audio_ms)
		return send_audio(t);
	finish_item(t);
	/* Sometimes another answer follows while this one still plays. */
	if (!t->generating && chance(300) && t->item_count + 2 < ITEMS_MAX)
		t->next_us = t->now_us + between(10, 500) * MS;
}

/* --- the caller --------------------------------------------------------------------------------------- */

static void snapshot(struct talk *t, unsigned item, const char *text, const char *status)
{
	say(t, "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"item_id\":\"u%u\","
		"\"transcript\":\"caller %u%s\",\"status\":\"%s\"}", item, item, text, status);
}

static void caller_speaks(struct talk *t)
{
	unsigned item = t->caller_count;

	check(item < ITEMS_MAX);
	say(t, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u%u\",\"audio_start_ms\":%llu}", item,
		(unsigned long long)t->frame_count * 20);
	if (t->generating && chance(500))
		say(t, "{\"type\":\"response.done\",\"response_id\":\"r%u\",\"response\":{\"id\":\"r%u\","
			"\"status\":\"cancelled\"}}", t->response_count, t->response_count);
	t->generating = false;
	t->next_us = t->speaks_us = INT64_MAX;
	t->stops_us = t->now_us + between(300, 2000) * MS;
	for (unsigned i = between(0, 3); i; i--)
		snapshot(t, item, " wants", "in_progress");
}

static void caller_stops(struct talk *t)
{
	unsigned item = t->caller_count++;

	t->stops_us = INT64_MAX;
	say(t, "{\"type\":\"input_audio_buffer.speech_stopped\",\"item_id\":\"u%u\",\"audio_end_ms\":%llu}", item,
		(unsigned long long)t->frame_count * 20);
	if (chance(300))
		snapshot(t, item, " wants a stable", "completed");
	snapshot(t, item, " wants a table", "completed");
	snprintf(t->said[item], TEXT_MAX, "caller %u wants a table", item);
	if (chance(300))
		snapshot(t, item, " wants", "in_progress");
	t->next_us = t->now_us + between(100, 900) * MS;
}

/* --- the phone ---------------------------------------------------------------------------------------- */

static void phone_plays(struct talk *t)
{
	static uint8_t memory[1 << 16];
	struct buf heard;
	const char *name;

	buf_init_fixed(&heard, memory, sizeof memory);
	check(playback_run(&t->playback, (uint64_t)t->now_us, &heard));
	for (size_t i = 0; i < buf_len(&heard); i++)
		if (memory[i] != ULAW_SILENCE)
			t->items[memory[i] - 1].heard_bytes++;
	while ((name = playback_take_mark(&t->playback)))
		slice_copy(slice_of(name), way_put(&t->back, MARK, t->now_us)->name, MARK_NAME_BYTES_MAX + 1);
}

static void phone_takes(struct talk *t)
{
	struct way_message m = way_take(&t->out);
	static uint8_t audio[8192];

	phone_plays(t);
	if (m.kind == CLEAR) {
		playback_clear(&t->playback);
	} else if (m.kind == MARK) {
		check(playback_mark(&t->playback, m.name));
	} else {
		memset(audio, (int)(m.number & 255), (size_t)(m.number >> 8));
		check(playback_put(&t->playback, audio, (size_t)(m.number >> 8)));
	}
	phone_plays(t);
}

static void relay_takes(struct talk *t)
{
	struct way_message m = way_take(&t->back);
	char json[512];

	if (m.kind == MARK)
		snprintf(json, sizeof json, "{\"event\":\"mark\",\"streamSid\":\"MZ1\",\"mark\":{\"name\":\"%s\"}}",
			m.name);
	else if (m.number < 0)
		snprintf(json, sizeof json, "{\"event\":\"stop\",\"streamSid\":\"MZ1\",\"stop\":{}}");
	else
		snprintf(json, sizeof json, "{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"track\":"
			"\"inbound\",\"timestamp\":\"%lld\",\"payload\":\"/////w==\"}}", (long long)m.number);
	kit_twilio(t->k, json);
}

/* --- time --------------------------------------------------------------------------------------------- */

static void step(struct talk *t)
{
	bool here = t->now_us < t->hang_up_us;

	kit_pass(t->k, (uint64_t)t->now_us / MS - t->k->now_ms);
	while (here && way_next_us(&t->out) <= t->now_us)
		phone_takes(t);
	if (here)
		phone_plays(t);
	for (; here && t->frame_us <= t->now_us; t->frame_us += 20 * MS)
		way_put(&t->back, FRAME, t->now_us)->number = 20 * (int64_t)t->frame_count++;
	while (way_next_us(&t->back) <= t->now_us && t->k->bridge.reason == END_NONE)
		relay_takes(t);
	if (t->now_us >= t->next_us)
		model_acts(t);
	if (t->now_us >= t->speaks_us)
		caller_speaks(t);
	if (t->now_us >= t->stops_us)
		caller_stops(t);
}

/* How many words of an item the caller heard to their end. */
static unsigned words_heard(const struct item *item)
{
	unsigned count = 0;

	while (count < item->word_count && item->word_end_ms[count] * 8 <= item->heard_bytes)
		count++;
	return count;
}

static void judge(struct talk *t)
{
	for (unsigned i = 0; i < t->item_count; i++) {
		const struct item *item = &t->items[i];
		int difference = (int)(item->has_turn ? item->kept_count : 0) - (int)words_heard(item);

		/* What was never heard is no turn; what was heard to its end is all there, but for a cut at that
		 * moment. */
		check(item->heard_bytes || !item->has_turn);
		check(item->heard_bytes < item->audio_ms * 8 || (difference <= 0 && difference >= -2));
		if (abs(difference) > DIFFERENCE_MAX)
			fprintf(stderr, "# seed %u item %u: %u words kept of %u, %u ms heard of %u\n", t->seed, i,
				item->kept_count, item->word_count, (unsigned)(item->heard_bytes / 8), item->audio_ms);
		check(abs(difference) <= DIFFERENCE_MAX);
		if (item->heard_bytes && item->heard_bytes < item->audio_ms * 8) {
			cut_count[t->by_word]++;
			differences[t->by_word][difference + DIFFERENCE_MAX]++;
		}
	}
	for (unsigned i = 0; i < t->caller_count; i++)
		check(strcmp(t->stored[i], t->said[i]) == 0);
}

static void one_call(unsigned seed)
{
	static struct talk t;

	t = (struct talk){ .seed = seed, .k = kit_open(), .speaks_us = INT64_MAX, .stops_us = INT64_MAX };
	dice = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15);
	t.by_word = seed % 2;
	t.k->watcher = &t;
	t.k->watch_phone = watch_phone;
	t.k->watch_model = watch_model;
	t.k->watch_turn = watch_turn;
	t.now_us = t.frame_us = (int64_t)t.k->now_ms * MS;
	t.out.delay_us = between(3, 120) * MS;
	t.back.delay_us = between(3, 120) * MS;
	t.out.jitter_chance = t.back.jitter_chance = 50;
	t.out.jitter_most = t.back.jitter_most = 10;
	t.hang_up_us = t.now_us + between(20, 60) * 1000 * MS;
	playback_init(&t.playback, (uint64_t)t.now_us);
	kit_talk(t.k, "");
	t.next_us = t.now_us + 100 * MS;
	for (bool told = false; t.k->bridge.reason == END_NONE; t.now_us += STEP_US) {
		step(&t);
		if (t.now_us >= t.hang_up_us && !told) {
			way_put(&t.back, FRAME, t.now_us)->number = -1;
			told = true;
		}
	}
	check(t.k->bridge.reason == END_CALLER_HUNG_UP);
	judge(&t);
	playback_fini(&t.playback);
	kit_close(t.k);
}

static void print_row(const char *name, const unsigned counts[2 * DIFFERENCE_MAX + 1])
{
	printf("# %-28s", name);
	for (int i = 0; i <= 2 * DIFFERENCE_MAX; i++)
		printf(" %6u", counts[i]);
	printf("\n");
}

static void turns_have_the_words_that_were_heard(void **state)
{
	const char *calls = getenv("SAID_CALLS");
	unsigned count = calls ? (unsigned)strtoul(calls, NULL, 10) : CALLS;

	(void)state;
	for (unsigned seed = 0; seed < count; seed++)
		one_call(seed);
	printf("# words more than were heard, of answers that were cut\n# %-28s", "");
	for (int i = -DIFFERENCE_MAX; i <= DIFFERENCE_MAX; i++)
		printf(" %+6d", i);
	printf("\n");
	print_row("each word has its time", differences[true]);
	print_row("each phrase has its time", differences[false]);
	assert_true(cut_count[0] > count / 2 && cut_count[1] > count / 2);
	/* A word's end is nearer than the clock's doubt in some; a phrase's words are taken to be equally long. */
	assert_true(differences[true][DIFFERENCE_MAX] * 100 >= cut_count[true] * 90);
	assert_true(differences[false][DIFFERENCE_MAX] * 100 >= cut_count[false] * 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(turns_have_the_words_that_were_heard),
	};

	return cmocka_run_group_tests_name("said", tests, NULL, NULL);
}
