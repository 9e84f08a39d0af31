/*
 * spooled_call - a call on a virtual clock that leaves a spool's log, and beside it the truth: what the phone's own
 * playback played of the audio, and when.
 *
 * The relay's end is played by the ledger and by spool_write(), the phone's by the phone simulator's playback. Between
 * them lie two ways with delay, jitter and stalls; messages stay in order on each, as on TCP. The clocks drift.
 *
 * Usage:  simulate(&condition, seed, &call);  then call.log, call.truth, call.naive …
 */
#pragma once

#include "base/buf.h"
#include "media/sound/placement.h"
#include "proto/spool.h"
#include "relay/ledger.h"
#include "sim/playback.h"
#include "tests/unit/way.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	PIECE_BYTES = 2400,
	TICK_US = 20 * MS,
	FIRST_FRAME = 8,                /* Twilio's first media message comes some 160 ms after the start */
	LOG_BYTES_MAX = 64 << 20,
	CLEARS_MAX = 1024,
};

/* What happens on the way and at its ends. Times in ms; a chance is per thousand messages, or per turn. */
struct condition {
	const char *name;
	unsigned turns;
	unsigned delay_most;            /* of each way, drawn for each call */
	unsigned jitter_chance, jitter_most;    /* of a message */
	unsigned back_stall_chance, back_stall_most;    /* per frame on the way back */
	unsigned out_stall_chance, out_stall_most;      /* per message on the way out */
	unsigned speed_least, speed_most;       /* of generation, in tenths of real time */
	unsigned gap_chance, gap_most;          /* per delta: a pause of the generation */
	unsigned lost, twice, late;             /* frames of the caller's */
	unsigned stamp_jitter;                  /* ms to each side */
	unsigned reroute;               /* of answers: both ways have another delay from then on */
	unsigned short_most;            /* ms of an answer; 0: as long as any */
	bool ahead;                     /* the phone plays whole frames of 20 ms, and says so when they begin */
	bool ticks;                     /* the phone wakes up every 20 ms */
	bool far;                       /* the outbound track comes back */
	bool killed;                    /* the log ends anywhere */
};

struct spooled_call {
	const struct condition *condition;
	struct ledger ledger;
	struct playback playback;
	struct way out, back;
	int64_t now_us, log_us, phone_start_us, stop_us;
	double phone_rate;              /* the phone's clock against ours */
	int64_t frame_count;            /* of the phone's clock, from its start */
	int64_t chunk;
	int64_t frame_late;             /* it comes behind the next one; -1: none */
	/* The answer under way. */
	uint64_t to_generate_bytes, generated_bytes;
	int64_t delta_us, interrupt_us;
	bool item_open;
	unsigned turns_left;
	/* What comes of it. */
	char *log;
	size_t log_len;
	int64_t voice_bytes, caller_bytes, far_bytes;
	struct plan truth;              /* of voice.ulaw; of played.ulaw if there is a far track */
	struct plan caller_truth;       /* of caller.ulaw */
	struct plan naive;              /* all that was sent, when it was sent */
	unsigned clears;
	int64_t cuts[CLEARS_MAX];       /* bytes that were sent in front of each */
	FILE *heard;                    /* NULL, or where the phone records what it plays, from sample 0 on */
};

static uint8_t heard_bytes[1 << 22];

static int64_t phone_us(const struct spooled_call *c, int64_t us)
{
	return (int64_t)((double)us * c->phone_rate);
}

static int64_t ceil_tick(int64_t us)
{
	return (us + TICK_US - 1) / TICK_US * TICK_US;
}

/* What the files hold; no byte of it is silence. */
static uint8_t voice_byte(int64_t at)
{
	return (uint8_t)(((uint64_t)at * 2654435761u >> 13) % ULAW_SILENCE);
}

static inline uint8_t caller_byte(int64_t at)
{
	return voice_byte(at + 12345678);
}

/* --- the log ------------------------------------------------------------------------------------------ */

static struct spool_event event_now(const struct spooled_call *c, enum spool_word word)
{
	struct spool_event e;

	spool_event_init(&e, word, (c->now_us - c->log_us) / MS);
	return e;
}

static void log_event(struct spooled_call *c, const struct spool_event *e)
{
	char line[SPOOL_LINE_BYTES_MAX];
	size_t len = spool_write(e, line);

	check(c->log_len + len <= LOG_BYTES_MAX);
	memcpy(c->log + c->log_len, line, len);
	c->log_len += len;
}

static void log_begin(struct spooled_call *c)
{
	struct spool_event e = event_now(c, SPOOL_BEGIN);

	e.version = SPOOL_VERSION;
	e.part = 1;
	e.wall_ms = 1763706600000;
	slice_copy(SLICE("CA0123456789abcdef0123456789abcdef"), e.call, sizeof e.call);
	log_event(c, &e);
}

/* --- the relay ---------------------------------------------------------------------------------------- */

static void send_mark(struct spooled_call *c)
{
	struct spool_event e = event_now(c, SPOOL_MARK);

	if (ledger_unmarked_bytes(&c->ledger) == 0)
		return;
	ledger_mark(&c->ledger, way_put(&c->out, MARK, c->now_us)->name);
	e.gen = c->ledger.generation;
	e.at = c->voice_bytes;
	slice_copy(slice_of(c->out.messages[(c->out.first + c->out.count - 1) % WAY_MAX].name), e.text, sizeof e.text);
	log_event(c, &e);
}

static void send_piece(struct spooled_call *c, int64_t bytes)
{
	struct spool_event e = event_now(c, SPOOL_OUT);
	int64_t sample = (c->now_us - c->log_us) / MS * ULAW_BYTES_PER_MS, end = plan_end(&c->naive);

	if (chance(c->condition->out_stall_chance))
		c->out.stalled_until_us = c->now_us + c->out.delay_us + between(0, c->condition->out_stall_most * MS);
	way_put(&c->out, AUDIO, c->now_us)->number = bytes;
	plan_put(&c->naive, sample > end ? sample : end, c->voice_bytes, bytes);
	ledger_sent(&c->ledger, (uint64_t)bytes);
	e.gen = c->ledger.generation;
	e.at = c->voice_bytes;
	e.bytes = bytes;
	c->voice_bytes += bytes;
	log_event(c, &e);
}

static void send_audio(struct spooled_call *c, uint64_t bytes)
{
	while (bytes) {
		uint64_t piece = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;

		send_piece(c, (int64_t)piece);
		bytes -= piece;
		if (ledger_wants_mark(&c->ledger))
			send_mark(c);
	}
}

static void begin_answer(struct spooled_call *c, int64_t from_us)
{
	unsigned frames_most = c->condition->short_most ? c->condition->short_most / 20 : 600;

	if (chance(c->condition->reroute)) {
		c->out.delay_us = between(3 * MS, c->condition->delay_most * MS);
		c->back.delay_us = between(3 * MS, c->condition->delay_most * MS);
	}
	c->to_generate_bytes = ULAW_FRAME_BYTES * (uint64_t)between(frames_most / 30, frames_most);
	c->generated_bytes = 0;
	c->item_open = false;
	c->delta_us = from_us + between(300 * MS, 1500 * MS);
	c->interrupt_us = INT64_MAX;
}

static void generate(struct spooled_call *c)
{
	uint64_t bytes = ULAW_FRAME_BYTES * (uint64_t)between(4, 62);
	unsigned speed = between(c->condition->speed_least, c->condition->speed_most);
	uint32_t length_ms = (uint32_t)(c->to_generate_bytes / ULAW_BYTES_PER_MS);

	if (!c->item_open)
		ledger_item(&c->ledger, SLICE("item"));
	c->item_open = true;
	if (bytes > c->to_generate_bytes - c->generated_bytes)
		bytes = c->to_generate_bytes - c->generated_bytes;
	send_audio(c, bytes);
	c->generated_bytes += bytes;
	/* Two of three answers are interrupted, some of those after their end. */
	if (c->interrupt_us == INT64_MAX && c->generated_bytes == bytes && chance(667))
		c->interrupt_us = c->now_us + between(30 * MS, length_ms * MS);
	c->delta_us = c->now_us + (int64_t)bytes * MS / ULAW_BYTES_PER_MS * 10 / speed;
	if (chance(c->condition->gap_chance))
		c->delta_us += between(0, c->condition->gap_most * MS);
	if (c->generated_bytes < c->to_generate_bytes)
		return;
	send_mark(c);
	c->delta_us = INT64_MAX;
	if (c->interrupt_us != INT64_MAX)
		return;
	c->turns_left--;
	begin_answer(c, c->now_us + length_ms * MS);
}

static void interrupt(struct spooled_call *c)
{
	struct spool_event e = event_now(c, SPOOL_CLEAR);

	e.gen = c->ledger.generation;
	log_event(c, &e);
	check(c->clears < CLEARS_MAX);
	c->cuts[c->clears++] = c->voice_bytes;
	c->turns_left--;
	ledger_clear(&c->ledger);
	way_put(&c->out, CLEAR, c->now_us);
	begin_answer(c, c->now_us);
}

static void relay_takes(struct spooled_call *c)
{
	struct way_message m = way_take(&c->back);
	struct spool_event e = event_now(c, m.kind == MARK ? SPOOL_BACK : m.kind == AUDIO ? SPOOL_FAR : SPOOL_IN);

	if (m.kind == MARK) {
		check(ledger_mark_back(&c->ledger, slice_of(m.name)) != LEDGER_FOREIGN);
		slice_copy(slice_of(m.name), e.text, sizeof e.text);
		return log_event(c, &e);
	}
	int64_t *file_bytes = m.kind == AUDIO ? &c->far_bytes : &c->caller_bytes, frame = m.number;

	e.ts = 20 * frame;
	if (c->condition->stamp_jitter)
		e.ts += (int64_t)(frame * 7919 % (2 * c->condition->stamp_jitter + 1)) - c->condition->stamp_jitter;
	e.chunk = frame - FIRST_FRAME + 1;
	e.at = *file_bytes;
	e.bytes = ULAW_FRAME_BYTES;
	if (m.kind == FRAME)
		ledger_frame(&c->ledger, e.ts);
	plan_put(m.kind == FRAME ? &c->caller_truth : &c->truth, frame * ULAW_FRAME_BYTES, e.at, e.bytes);
	*file_bytes += ULAW_FRAME_BYTES;
	log_event(c, &e);
}

/* --- the phone ---------------------------------------------------------------------------------------- */

static int64_t phone_now(const struct spooled_call *c)
{
	return phone_us(c, c->now_us);
}

static void phone_plays(struct spooled_call *c)
{
	int64_t until = c->condition->ahead ? c->phone_start_us + ceil_tick(phone_now(c) - c->phone_start_us)
		: phone_now(c);
	int64_t gone = (int64_t)c->playback.gone_bytes, sample = (int64_t)c->playback.heard_bytes;
	struct buf heard;
	const char *name;

	buf_init_fixed(&heard, heard_bytes, sizeof heard_bytes);
	check(playback_run(&c->playback, (uint64_t)until, &heard));
	if (c->heard)
		check(fwrite(heard_bytes, 1, buf_len(&heard), c->heard) == buf_len(&heard));
	if (!c->condition->far)
		plan_put(&c->truth, sample, gone, (int64_t)c->playback.gone_bytes - gone);
	while ((name = playback_take_mark(&c->playback)))
		slice_copy(slice_of(name), way_put(&c->back, MARK, c->now_us)->name, MARK_NAME_BYTES_MAX + 1);
}

static void put_audio(struct spooled_call *c, int64_t bytes)
{
	uint8_t piece[PIECE_BYTES];

	check(bytes <= PIECE_BYTES);
	for (int64_t i = 0; i < bytes; i++)
		piece[i] = voice_byte((int64_t)c->playback.put_bytes + i);
	check(playback_put(&c->playback, piece, (size_t)bytes));
}

static void phone_takes(struct spooled_call *c)
{
	struct way_message m = way_take(&c->out);

	phone_plays(c);
	if (m.kind == AUDIO)
		put_audio(c, m.number);
	else if (m.kind == MARK)
		check(playback_mark(&c->playback, m.name));
	else
		playback_clear(&c->playback);
	phone_plays(c);
}

static void send_frame(struct spooled_call *c, int64_t frame)
{
	if (chance(c->condition->lost))
		return;
	way_put(&c->back, FRAME, c->now_us)->number = frame;
	if (chance(c->condition->twice))
		way_put(&c->back, FRAME, c->now_us)->number = frame;
	if (c->condition->far)
		way_put(&c->back, AUDIO, c->now_us)->number = frame;
}

static void phone_frame(struct spooled_call *c)
{
	int64_t frame = c->frame_count++;

	if (chance(c->condition->back_stall_chance))
		c->back.stalled_until_us = c->now_us + c->back.delay_us +
			between(0, c->condition->back_stall_most * MS);
	if (frame < FIRST_FRAME)
		return;
	if (chance(c->condition->late) && c->frame_late < 0) {
		c->frame_late = frame;
		return;
	}
	send_frame(c, frame);
	if (c->frame_late >= 0)
		send_frame(c, c->frame_late);
	c->frame_late = -1;
}

/* --- time --------------------------------------------------------------------------------------------- */

static int64_t our_us(const struct spooled_call *c, int64_t phone)
{
	return phone == INT64_MAX ? INT64_MAX : (int64_t)((double)phone / c->phone_rate) + 1;
}

/* When the phone does what could be done at that moment of ours. */
static int64_t phone_wakes(const struct spooled_call *c, int64_t us)
{
	if (us == INT64_MAX || !c->condition->ticks)
		return us;
	return our_us(c, c->phone_start_us + ceil_tick(phone_us(c, us) - c->phone_start_us));
}

static int64_t mark_due(const struct spooled_call *c)
{
	uint64_t due = playback_due_us(&c->playback);

	return due == UINT64_MAX ? INT64_MAX : phone_wakes(c, our_us(c, (int64_t)due));
}

static int64_t soonest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void step(struct spooled_call *c)
{
	int64_t frame_us = our_us(c, c->phone_start_us + c->frame_count * TICK_US), due_us = mark_due(c);
	int64_t out_us = phone_wakes(c, way_next_us(&c->out));
	int64_t at = soonest(soonest(frame_us, due_us), soonest(out_us, way_next_us(&c->back)));

	at = soonest(at, soonest(c->delta_us, c->interrupt_us));
	if (at > c->now_us)
		c->now_us = at;
	ledger_time(&c->ledger, (uint64_t)c->now_us / MS);
	if (out_us <= at)
		phone_takes(c);
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

/* The caller hangs up: what is on the way back still comes. */
static void hang_up(struct spooled_call *c)
{
	struct spool_event e;

	c->stop_us = c->now_us;
	phone_plays(c);
	while (way_next_us(&c->back) != INT64_MAX) {
		if (way_next_us(&c->back) > c->now_us)
			c->now_us = way_next_us(&c->back);
		ledger_time(&c->ledger, (uint64_t)c->now_us / MS);
		relay_takes(c);
	}
	if (c->now_us < c->stop_us + c->back.delay_us)
		c->now_us = c->stop_us + c->back.delay_us;
	e = event_now(c, SPOOL_END);
	slice_copy(SLICE("caller_hung_up"), e.text, sizeof e.text);
	log_event(c, &e);
	if (c->condition->killed)
		c->log_len = between((uint32_t)c->log_len / 2, (uint32_t)c->log_len);
}

static void forget(struct spooled_call *c)
{
	playback_fini(&c->playback);
	plan_fini(&c->truth);
	plan_fini(&c->caller_truth);
	plan_fini(&c->naive);
}

static void simulate(const struct condition *condition, unsigned seed, struct spooled_call *c)
{
	char *log = c->log ? c->log : malloc(LOG_BYTES_MAX);

	check(log);
	*c = (struct spooled_call){ .condition = condition, .turns_left = condition->turns, .log = log,
		.heard = c->heard, .frame_late = -1 };
	dice = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15);
	draw(1);
	plan_init(&c->truth, INT64_MAX);
	plan_init(&c->caller_truth, INT64_MAX);
	plan_init(&c->naive, INT64_MAX);
	c->now_us = 500 * (int64_t)MS * MS + (int64_t)draw(MS);
	c->phone_rate = 1 + ((double)draw(101) - 50) / 1e6;
	c->out.delay_us = between(3 * MS, condition->delay_most * MS);
	c->back.delay_us = between(3 * MS, condition->delay_most * MS);
	c->out.jitter_chance = c->back.jitter_chance = condition->jitter_chance;
	c->out.jitter_most = c->back.jitter_most = condition->jitter_most;
	c->phone_start_us = phone_now(c);
	c->log_us = c->now_us + c->back.delay_us;
	c->now_us = c->log_us;
	c->frame_count = (phone_now(c) - c->phone_start_us) / TICK_US + 1;
	ledger_init(&c->ledger);
	playback_init(&c->playback, (uint64_t)c->phone_start_us);
	log_begin(c);
	begin_answer(c, c->now_us);
	while (c->turns_left)
		step(c);
	c->stop_us = c->now_us + between(0, 5000 * MS);
	while (c->now_us < c->stop_us)
		step(c);
	hang_up(c);
}
