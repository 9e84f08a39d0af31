/*
 * How well the ledger knows what the caller has heard: thousands of interruptions on a virtual clock, the relay's end
 * played by the ledger, the phone's by the phone simulator's own playback, which is the truth. Between them lie two
 * ways with delay, jitter and stalls; messages stay in order on each, as on TCP.
 *
 * Error: what the ledger answers for an item in the turn in which the clear leaves, less what the phone had played of
 * it when the clear had arrived and taken effect; of all items that were not proven to be played, the worst. In
 * milliseconds, rounded. Beside it, for comparison: the time since the audio was sent, without any mark ("clock"); what
 * the marks alone prove; everything that was sent.
 *
 * HEARD_CALLS=N simulates N calls of each condition, HEARD_CONDITION=N one condition alone.
 */
#include "tests/unit/unit.h"

#include "base/buf.h"
#include "base/check.h"
#include "relay/ledger.h"
#include "sim/playback.h"
#include "tests/unit/way.h"

enum {
	CALLS = 200,
	TURNS = 12,                     /* interruptions of a call */
	ERRORS_MAX = 1 << 20,
	AIM_P99_MS = 40,
	PIECE_BYTES = 2400,
};

/*
 * A phone that plays whole frames is ahead of itself by up to 20 ms; a way on which every message jitters delays the
 * clear, too, by a time that nobody knows when it leaves. Neither can have a median of 0. A clear that is itself held
 * up for hundreds of ms is as wrong as that.
 */
enum aim { AIM_NONE, AIM_P99, AIM_MEDIAN_AND_P99 };

/* What happens on the way and at its ends. Times in ms; a chance is per thousand messages, or per turn. */
struct condition {
	const char *name;
	enum aim aim;
	unsigned delay_least, delay_most;       /* of each way, drawn for each call */
	unsigned jitter_chance, jitter_most;    /* of a message */
	unsigned back_stall_chance, back_stall_most;    /* per frame on the way back */
	unsigned out_stall_chance, out_stall_most;      /* per message on the way out */
	unsigned speed_least, speed_most;       /* of generation, in tenths of real time */
	unsigned gap_chance, gap_most;          /* per delta: a pause of the generation */
	bool frames;                    /* the phone plays whole frames of 20 ms */
};

static const struct condition conditions[] = {
	{ "steady delay", AIM_MEDIAN_AND_P99, 3, 150, 0, 0, 0, 0, 0, 0, 50, 200, 0, 0, false },
	{ "some jitter", AIM_MEDIAN_AND_P99, 3, 150, 100, 20, 0, 0, 0, 0, 50, 200, 0, 0, false },
	{ "bursts on the way back", AIM_MEDIAN_AND_P99, 3, 150, 100, 10, 20, 400, 0, 0, 50, 200, 0, 0, false },
	{ "the model is slow, underruns", AIM_MEDIAN_AND_P99, 3, 150, 100, 10, 5, 200, 0, 0, 7, 15, 200, 700, false },
	{ "all of these", AIM_MEDIAN_AND_P99, 3, 150, 150, 20, 10, 400, 0, 0, 8, 200, 50, 700, false },
	{ "played in 20 ms frames", AIM_P99, 3, 150, 100, 10, 5, 200, 0, 0, 10, 200, 20, 500, true },
	{ "every message jitters 0-30 ms", AIM_P99, 3, 150, 1000, 30, 10, 400, 0, 0, 8, 200, 50, 700, false },
	{ "stalls on the way out", AIM_NONE, 3, 150, 100, 10, 5, 200, 20, 300, 8, 200, 50, 700, false },
};

/* --- a call ---------------------------------------------------------------------------------------- */

struct span {
	uint64_t from, to;              /* bytes of this generation */
	uint64_t answer_ms;             /* what the ledger said at the clear */
};

struct call {
	const struct condition *condition;
	struct ledger ledger;
	struct playhead blind;          /* is told of no mark: the time since audio was sent */
	struct playback playback;
	struct way out, back;
	int64_t now_us;
	double phone_rate;              /* the phone's clock against ours */
	int64_t frame_count;
	/* The answer under way. */
	uint64_t to_generate_bytes, generated_bytes, item_end_bytes;
	int64_t delta_us, interrupt_us;
	bool item_open, item_two;
	/* The interruption on its way. */
	uint64_t cleared_bytes;         /* played when this generation began */
	size_t span_count;
	struct span spans[LEDGER_ITEMS_MAX];
	uint64_t blind_bytes, proven, sent;     /* of the generation */
	unsigned turns_left, marks;
	uint64_t audio_bytes;
};

struct errors {
	size_t count;
	double signed_sum;
	int32_t *ms;                    /* absolute */
};

struct tally {
	struct errors ledger, blind, marks, sent;
	unsigned too_much, count, marks_sent;
	uint64_t audio_bytes;
};

static uint8_t silence[1 << 17];
static uint8_t heard_bytes[1 << 20];

static int64_t phone_us(const struct call *c, int64_t us)
{
	return (int64_t)((double)us * c->phone_rate);
}

static void note(struct errors *e, int64_t answer_bytes, int64_t truth_bytes)
{
	double error = (double)(answer_bytes - truth_bytes) / ULAW_BYTES_PER_MS;

	if (!e->ms)
		e->ms = calloc(ERRORS_MAX, sizeof *e->ms);
	check(e->ms && e->count < ERRORS_MAX);
	e->signed_sum += error;
	e->ms[e->count++] = (int32_t)((error < 0 ? -error : error) + 0.5);
}

/* --- the relay ------------------------------------------------------------------------------------- */

static void send_mark(struct call *c)
{
	if (ledger_unmarked_bytes(&c->ledger) == 0)
		return;
	ledger_mark(&c->ledger, way_put(&c->out, MARK, c->now_us)->name);
	c->marks++;
}

static void send_audio(struct call *c, uint64_t bytes)
{
	while (bytes) {
		uint64_t piece = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;

		if (chance(c->condition->out_stall_chance))
			c->out.stalled_until_us = c->now_us + c->out.delay_us +
				between(0, c->condition->out_stall_most * MS);
		way_put(&c->out, AUDIO, c->now_us)->number = (int64_t)piece;
		ledger_sent(&c->ledger, piece);
		playhead_sent(&c->blind, piece, (uint64_t)c->now_us / MS);
		c->audio_bytes += piece;
		bytes -= piece;
		if (ledger_wants_mark(&c->ledger))
			send_mark(c);
	}
}

static void generate(struct call *c)
{
	uint64_t bytes = ULAW_FRAME_BYTES * (uint64_t)between(4, 62);
	unsigned speed = between(c->condition->speed_least, c->condition->speed_most);

	if (!c->item_open || (c->item_two && c->generated_bytes >= c->item_end_bytes)) {
		if (c->item_open) {
			send_mark(c);
			ledger_whole(&c->ledger);
			c->item_two = false;
		}
		ledger_item(&c->ledger, SLICE("item"));
		c->item_open = true;
	}
	if (bytes > c->to_generate_bytes - c->generated_bytes)
		bytes = c->to_generate_bytes - c->generated_bytes;
	send_audio(c, bytes);
	c->generated_bytes += bytes;
	if (c->interrupt_us == INT64_MAX)
		c->interrupt_us = c->now_us + between(30 * MS, (uint32_t)(c->to_generate_bytes / 8) * MS);
	c->delta_us = c->now_us + (int64_t)bytes * MS / ULAW_BYTES_PER_MS * 10 / speed;
	if (chance(c->condition->gap_chance))
		c->delta_us += between(0, c->condition->gap_most * MS);
	if (c->generated_bytes < c->to_generate_bytes)
		return;
	send_mark(c);
	c->delta_us = INT64_MAX;
}

static void begin_answer(struct call *c)
{
	c->to_generate_bytes = ULAW_FRAME_BYTES * (uint64_t)between(20, 600);
	c->generated_bytes = 0;
	c->item_open = false;
	c->item_two = chance(300);
	c->item_end_bytes = c->to_generate_bytes / 2;
	c->delta_us = c->now_us + between(300 * MS, 1500 * MS);
	c->interrupt_us = INT64_MAX;
}

/* The clear leaves: what the ledger thinks now is what will be compared. */
static void interrupt(struct call *c)
{
	const struct ledger *l = &c->ledger;

	c->span_count = 0;
	for (size_t i = 0; i < l->item_count; i++)
		c->spans[c->span_count++] = (struct span){ l->items[i].from_bytes, l->items[i].to_bytes,
			ledger_item_heard_ms(l, &l->items[i]) };
	c->proven = l->playhead.played_bytes;
	c->sent = l->playhead.sent_bytes;
	c->blind_bytes = playhead_bytes(&c->blind, (uint64_t)c->now_us / MS);
	playhead_clear(&c->blind);
	c->delta_us = c->interrupt_us = INT64_MAX;
	ledger_clear(&c->ledger);
	way_put(&c->out, CLEAR, c->now_us);
}

static void relay_takes(struct call *c)
{
	struct way_message m = way_take(&c->back);

	if (m.kind == FRAME)
		ledger_frame(&c->ledger, m.number);
	else
		check(ledger_mark_back(&c->ledger, slice_of(m.name)) != LEDGER_FOREIGN);
}

/* --- the phone ------------------------------------------------------------------------------------- */

/* A frame whose first byte is played is played whole. */
static int64_t phone_plays_until(const struct call *c)
{
	int64_t now = phone_us(c, c->now_us);

	return c->condition->frames ? (now + 20 * MS - 1) / (20 * MS) * (20 * MS) : now;
}

static void phone_plays(struct call *c)
{
	struct buf heard;
	const char *name;

	buf_init_fixed(&heard, heard_bytes, sizeof heard_bytes);
	check(playback_run(&c->playback, (uint64_t)phone_plays_until(c), &heard));
	while ((name = playback_take_mark(&c->playback)))
		slice_copy(slice_of(name), way_put(&c->back, MARK, c->now_us)->name, MARK_NAME_BYTES_MAX + 1);
}

static void judge(struct call *c, struct tally *t)
{
	int64_t truth = (int64_t)(c->playback.played_bytes - c->cleared_bytes), worst = 0, worst_answer = 0;
	int64_t worst_truth = 0;

	for (size_t i = 0; i < c->span_count; i++) {
		const struct span *s = &c->spans[i];
		int64_t length = (int64_t)(s->to - s->from), item = truth - (int64_t)s->from;
		int64_t answer = (int64_t)s->answer_ms * ULAW_BYTES_PER_MS;

		item = item < 0 ? 0 : item < length ? item : length;
		t->too_much += answer > length;
		if (i == 0 || llabs(answer - item) > worst) {
			worst = llabs(answer - item);
			worst_answer = answer;
			worst_truth = item;
		}
	}
	note(&t->ledger, worst_answer, worst_truth);
	note(&t->blind, (int64_t)c->blind_bytes, truth);
	note(&t->marks, (int64_t)c->proven, truth);
	note(&t->sent, (int64_t)c->sent, truth);
	t->count++;
}

static void phone_takes(struct call *c, struct tally *t)
{
	struct way_message m = way_take(&c->out);

	phone_plays(c);
	if (m.kind == AUDIO) {
		check(playback_put(&c->playback, silence, (size_t)m.number));
	} else if (m.kind == MARK) {
		check(playback_mark(&c->playback, m.name));
	} else {
		judge(c, t);
		playback_clear(&c->playback);
		c->cleared_bytes = c->playback.played_bytes;
		c->turns_left--;
		begin_answer(c);
	}
	phone_plays(c);
}

static void phone_frame(struct call *c)
{
	if (chance(c->condition->back_stall_chance))
		c->back.stalled_until_us = c->now_us + c->back.delay_us +
			between(0, c->condition->back_stall_most * MS);
	way_put(&c->back, FRAME, c->now_us)->number = 20 * c->frame_count++;
}

/* --- time ------------------------------------------------------------------------------------------ */

static int64_t our_us(const struct call *c, uint64_t phone)
{
	return phone == UINT64_MAX ? INT64_MAX : (int64_t)((double)phone / c->phone_rate) + 1;
}

static int64_t soonest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void step(struct call *c, struct tally *t)
{
	int64_t frame_us = our_us(c, (uint64_t)c->frame_count * 20 * MS);
	int64_t due_us = our_us(c, playback_due_us(&c->playback)), at = soonest(frame_us, due_us);

	at = soonest(at, soonest(way_next_us(&c->out), way_next_us(&c->back)));
	at = soonest(at, soonest(c->delta_us, c->interrupt_us));
	if (at > c->now_us)
		c->now_us = at;
	ledger_time(&c->ledger, (uint64_t)c->now_us / MS);
	if (way_next_us(&c->out) <= at)
		phone_takes(c, t);
	else if (due_us <= at)
		phone_plays(c);
	else if (frame_us <= at)
		phone_frame(c);
	else if (way_next_us(&c->back) <= at)
		relay_takes(c);
	else if (c->interrupt_us <= at)
		interrupt(c);
	else
		generate(c);
}

static void simulate(const struct condition *condition, unsigned seed, struct tally *t)
{
	static struct call c;

	c = (struct call){ .condition = condition, .turns_left = TURNS };
	dice = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15);
	draw(1);
	c.now_us = 500 * (int64_t)MS * MS + (int64_t)draw(MS);
	c.phone_rate = 1 + ((double)draw(101) - 50) / 1e6;
	c.frame_count = phone_us(&c, c.now_us) / (20 * MS) + 1;
	c.out.delay_us = between(condition->delay_least * MS, condition->delay_most * MS);
	c.back.delay_us = between(condition->delay_least * MS, condition->delay_most * MS);
	c.out.jitter_chance = c.back.jitter_chance = condition->jitter_chance;
	c.out.jitter_most = c.back.jitter_most = condition->jitter_most;
	ledger_init(&c.ledger);
	playhead_init(&c.blind);
	playback_init(&c.playback, (uint64_t)phone_us(&c, c.now_us));
	begin_answer(&c);
	while (c.turns_left)
		step(&c, t);
	playback_fini(&c.playback);
	t->marks_sent += c.marks;
	t->audio_bytes += c.audio_bytes;
}

/* --- the table ------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int32_t quantile(struct errors *e, unsigned per_thousand)
{
	return e->count ? e->ms[(e->count - 1) * per_thousand / 1000] : 0;
}

static void print_row(const char *name, const char *who, struct errors *e)
{
	qsort(e->ms, e->count, sizeof *e->ms, compare);
	printf("# %-32s %-7s %6zu %7d %6d %6d %6d %8.1f\n", name, who, e->count, quantile(e, 500),
		quantile(e, 900), quantile(e, 990), quantile(e, 1000), e->signed_sum / (double)e->count);
}

static void print_condition(const char *name, struct tally *t)
{
	print_row(name, "ledger", &t->ledger);
	print_row("", "clock", &t->blind);
	print_row("", "marks", &t->marks);
	print_row("", "sent", &t->sent);
}

static void add(struct errors *to, const struct errors *from)
{
	if (!to->ms)
		to->ms = calloc(ERRORS_MAX, sizeof *to->ms);
	check(to->ms && to->count + from->count <= ERRORS_MAX);
	memcpy(to->ms + to->count, from->ms, from->count * sizeof *from->ms);
	to->count += from->count;
	to->signed_sum += from->signed_sum;
}

static void forget(struct tally *t)
{
	free(t->ledger.ms);
	free(t->blind.ms);
	free(t->marks.ms);
	free(t->sent.ms);
}

static void the_ledger_knows_what_was_heard(void **state)
{
	const char *calls = getenv("HEARD_CALLS"), *only = getenv("HEARD_CONDITION");
	unsigned count = calls ? (unsigned)strtoul(calls, NULL, 10) : CALLS;
	struct tally all = { 0 };

	(void)state;
	printf("# |error| in ms                            of      n  median    p90    p99    max     mean\n");
	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
		struct tally t = { 0 };

		if (only && strtoul(only, NULL, 10) != i)
			continue;
		for (unsigned seed = 0; seed < count; seed++)
			simulate(&conditions[i], (unsigned)(i * 100000) + seed, &t);
		print_condition(conditions[i].name, &t);
		printf("# %32s marks: %.2f a second of audio\n", "",
			(double)t.marks_sent * 8000 / (double)t.audio_bytes);
		assert_int_equal(t.too_much, 0);
		if (conditions[i].aim != AIM_NONE)
			assert_true(quantile(&t.ledger, 990) <= AIM_P99_MS);
		if (conditions[i].aim == AIM_NONE)      /* but the marks tell what the clock cannot */
			assert_true(quantile(&t.ledger, 990) * 3 < quantile(&t.blind, 990) * 2);
		if (conditions[i].aim == AIM_MEDIAN_AND_P99) {
			add(&all.ledger, &t.ledger);
			add(&all.blind, &t.blind);
			add(&all.marks, &t.marks);
			add(&all.sent, &t.sent);
		}
		forget(&t);
	}
	if (only)
		return forget(&all);
	print_condition("the first five together", &all);
	assert_true(count < CALLS || all.ledger.count >= 10000);
	assert_int_equal(quantile(&all.ledger, 500), 0);
	assert_true(quantile(&all.ledger, 990) <= AIM_P99_MS);
	forget(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ledger_knows_what_was_heard),
	};

	return cmocka_run_group_tests_name("heard", tests, NULL, NULL);
}
