/*
 * A turn: read both legs into the bridge, look at the clock, see whether it is over. What the
 * bridge wrote is flushed by the loop after the turn.
 *
 * How it fails: every fault becomes one reason in bridge_end(); finish() and settle() in call_end.c
 * do the rest.
 */
#include "relay/call.h"

#include "base/check.h"
#include "base/clock.h"
#include "relay/briefing.h"
#include "relay/call_end.h"
#include "relay/call_parts.h"
#include "relay/call_record.h"
#include "relay/call_time.h"
#include "relay/call_watch.h"

#include <stdio.h>
#include <unistd.h>

enum { CALL_MAGIC = 0xCA11CA11, MS_PER_S = 1000 };

static void call_turn(struct task *task, uint64_t now_ms);
static void put_turn(struct turn_sink *sink, const struct turn *turn);

const char *call_phase_word(enum call_phase phase)
{
	static const char *const words[] = {
#define X(name, word) [name] = word,
		CALL_PHASES(X)
#undef X
	};

	return words[phase];
}

struct call *call_take_slot(struct call_env *env)
{
	struct call *c = env->free_calls;

	if (c) {
		env->free_calls = c->next;
		check(c->magic == CALL_MAGIC && c->phase == PHASE_FREE);
		return c;
	}
	if (env->fresh_count == env->slot_count)
		return NULL;
	c = &env->slots[env->fresh_count++];
	c->magic = CALL_MAGIC;
	c->env = env;
	task_init(&c->task, call_turn);
	leg_init(&c->phone, env->legs);
	leg_init(&c->model, env->legs);
	c->sink.put = put_turn;
	call_tools_init(&c->tools);
	return c;
}

bool call_begin(struct call_env *env, int fd, uint64_t now_ms)
{
	struct call *c = call_take_slot(env);

	if (!c) {
		close(fd);
		return false;
	}
	call_link(c, now_ms);
	if (leg_serve(&c->phone, fd, &c->task, TWILIO_MESSAGE_BYTES_MAX)) {
		loop_mark(env->legs->loop, &c->task);
		return true;
	}
	call_unlink(c);
	return false;
}

void call_open_session(struct call *c, uint64_t now_ms)
{
	struct bridge_plan plan = {
		.phone_buf = &c->phone.out,
		.model_buf = &c->model.out,
		.random = &c->env->legs->loop->random,
		.pool = &c->env->legs->pool,
		.metrics = c->env->metrics,
		.turns = &c->sink,
		.patience = c->env->relay->patience,
		.recovers = true,
		.witness = &c->witness,
		.tools = &c->tools.sink,
		.is_ahead = c->phase == PHASE_WAITING,
	};

	bridge_init(&c->bridge, &plan, now_ms);
	call_dial(c, now_ms);
	call_ask_merchant(c);
}

void call_stop(struct call *c)
{
	if (c->phase == PHASE_LIVE)
		bridge_end(&c->bridge, END_SHUTDOWN, "the relay is stopping",
			c->env->legs->loop->now_ms);
	else if (c->phase == PHASE_AT_DOOR)
		call_turn_away(c, 503, "stopping");
	else if (c->phase == PHASE_WAITING)
		bridge_end(&c->bridge, END_SHUTDOWN, "the relay is stopping", c->env->legs->loop->now_ms);
	loop_mark(c->env->legs->loop, &c->task);
}

/* --- the desk ------------------------------------------------------------------------------------- */

void call_put_order(struct call *c, struct desk_order *order, enum desk_kind kind)
{
	*order = (struct desk_order){
		.kind = kind,
		.call = &c->facts,
		.page = order->page,
		.usage = order->usage,
		.loop = c->env->legs->loop,
		.task = &c->task,
		.at_ms = clock_wall_ms(),
	};
	desk_put(&c->env->relay->desk, order);
}

static void put_turn(struct turn_sink *sink, const struct turn *turn)
{
	struct call *c = container_of(sink, struct call, sink);
	struct desk *desk = &c->env->relay->desk;

	call_watch_tell(c, turn->role == TURN_CALLER ? TESTIMONY_CALLER_TURN : TESTIMONY_VOICE_TURN, turn->text);
	if (c->facts.call_sid[0] == '\0')
		return;
	struct desk_page *page = desk_page_take(desk);

	if (!page)
		return call_count(c, METRIC_DESK_REFUSED);
	check(turn->text.len <= TRANSCRIPT_BYTES_MAX);
	page->turn = *turn;
	page->turn.text = desk_page_keep(page, turn->text);
	page->turn.language = desk_page_keep(page, turn->language);
	page->turn.call_sid = slice_of(c->facts.call_sid);
	page->order.kind = DESK_TURN;
	page->order.call = &c->facts;
	call_count(c, METRIC_TURNS);
	desk_put(desk, &page->order);
}

void call_ask_merchant(struct call *c)
{
	if (c->merchant_asked || (c->facts.merchant_id == 0 && c->facts.called_number[0] == '\0'))
		return;
	c->merchant_asked = true;
	slice_copy(slice_of(c->facts.caller_number), c->merchant->caller_number, sizeof c->merchant->caller_number);
	call_put_order(c, &c->merchant->order, DESK_MERCHANT);
}

static void write_default_instructions(struct merchant *m)
{
	snprintf(m->instructions, sizeof m->instructions,
		"You are the friendly telephone receptionist of %s. Speak naturally and briefly, "
		"one or two "
		"sentences at a time. When you do not know something, say so and offer to take a "
		"message with "
		"the caller's name and number.",
		m->name);
}

/* All that the receptionist is to know. Without room for that: the merchant's own words. */
static struct slice brief(struct call *c, const struct desk_page *page)
{
	const struct briefing_plan plan = {
		.instructions = slice_of(page->merchant.instructions),
		.hours = &page->hours,
		.zone = &page->zone,
		.now_s = clock_wall_ms() / MS_PER_S,
		.only_messages = c->tools.only_messages,
		.after_hours_instructions = slice_of(page->merchant.after_hours_instructions),
		.faq = &page->faq,
		.caller = &page->caller,
	};

	if (!briefing_is_needed(&plan))
		return plan.instructions;
	buf_init_pool(&c->briefing, &c->env->legs->pool, BRIEFING_BYTES_MAX);
	if (briefing_write(&c->briefing, &plan))
		return (struct slice){(char *)buf_data(&c->briefing), buf_len(&c->briefing)};
	log_error("call with instructions only: no room for more call=%s", c->facts.call_sid);
	return plan.instructions;
}

static void merchant_found(struct call *c, struct merchant *m, uint64_t now_ms)
{
	struct bridge_merchant merchant = {
		.greeting = slice_of(m->greeting),
		.voice = slice_of(m->voice[0] ? m->voice : c->env->relay->voice),
		.language = slice_of(m->language),
		.disclosure = slice_of(m->disclosure),
		.needs_consent = m->recording_consent == CONSENT_DISCLOSURE && call_record_is_wanted(c, m),
		.manners = {
			.vad_threshold = m->vad_threshold,
			.vad_silence_ms = m->vad_silence_ms,
			.hold_off_ms = m->hold_off_ms,
			.protect_disclosure = m->protect_disclosure,
			.protect_greeting = m->protect_greeting,
			.local_vad = m->local_vad,
		},
	};

	if (m->instructions[0] == '\0')
		write_default_instructions(m);
	c->facts.merchant_id = m->id;
	call_tools_offer(c, &merchant);
	merchant.instructions = brief(c, c->merchant);
	call_record_decide(c);
	bridge_merchant(&c->bridge, &merchant, now_ms);
}

static void welcome(struct call *c, uint64_t now_ms)
{
	call_admit(c, c->merchant, now_ms);
	if (c->bridge.reason == END_NONE)
		merchant_found(c, &c->merchant->merchant, now_ms);
}

void call_read_desk(struct call *c, uint64_t now_ms)
{
	if (!c->merchant_asked || c->merchant_answered || c->merchant->order.busy)
		return;
	c->merchant_answered = true;
	if (c->merchant->order.result == DB_OK && c->merchant->merchant.active)
		welcome(c, now_ms);
	else if (c->merchant->order.result == DB_OK || c->merchant->order.result == DB_NONE)
		bridge_end(&c->bridge, END_MERCHANT_UNKNOWN, "no such merchant, or not active",
			now_ms);
	else
		bridge_end(&c->bridge, END_DATABASE, "the merchant could not be looked up", now_ms);
}

/* Tells the desk how far the call has come. */
static void report(struct call *c)
{
	if (c->facts.call_sid[0] == '\0' || !c->bridge.merchant_known)
		return;
	if (c->bridge.phone_started && !c->start_put) {
		c->start_put = true;
		call_put_order(c, &c->start, DESK_START);
	}
	if (bridge_is_talking(&c->bridge) && !c->answer_put) {
		c->answer_put = true;
		call_put_order(c, &c->answer, DESK_ANSWER);
		log_info("call talking call=%s merchant=%lld ready_ms=%llu", c->facts.call_sid,
			(long long)c->facts.merchant_id,
			(unsigned long long)(c->env->legs->loop->now_ms - c->live_ms));
	}
}

/* --- the turn ------------------------------------------------------------------------------------- */

/* Twilio reads too slowly: Grok is read more slowly too. */
static void balance(struct call *c, uint64_t now_ms)
{
	if (!leg_is_open(&c->model) || !leg_is_open(&c->phone) || bridge_is_early(&c->bridge))
		return;
	bool full = leg_is_full(&c->phone);

	if (full && !c->model.paused) {
		call_count(c, METRIC_PHONE_PAUSES);
		c->paused_ms = now_ms;
		leg_pause(&c->model);
	} else if (!full && c->model.paused) {
		c->model_heard_ms = now_ms;
		leg_resume(&c->model);
	}
}

static void tell_backlog(struct call *c)
{
	if (c->phase == PHASE_LIVE && leg_is_open(&c->model))
		c->bridge.caller.backlog_bytes = leg_out_bytes(&c->model) - buf_len(&c->model.out);
}

static void call_turn(struct task *task, uint64_t now_ms)
{
	struct call *c = container_of(task, struct call, task);

	check(c->magic == CALL_MAGIC);
	tell_backlog(c);
	call_watch_look(c);
	call_record_turn(c, now_ms);
	call_read_phone(c, now_ms);
	call_read_model(c, now_ms);
	quality_lag(&c->bridge.quality, c->env->legs->loop->counters.last_ns);
	if (c->phase == PHASE_LIVE) {
		call_read_desk(c, now_ms);
		call_keep_time(c, now_ms);
		call_tools_turn(c, now_ms);
		call_keep_money(c, now_ms);
		bridge_tick(&c->bridge, now_ms);
		call_keep_model(c, now_ms);
		report(c);
		call_let_merchant_go(c);
		balance(c, now_ms);
		call_record_heed(c);
		if (c->bridge.reason != END_NONE)
			call_finish(c, now_ms);
	} else if (c->phase == PHASE_AT_DOOR) {
		call_keep_door_time(c, now_ms);
	} else if (c->phase == PHASE_WAITING) {
		call_wait(c, now_ms);
	} else if (c->phase == PHASE_CROSSING && call_cross(c, now_ms)) {
		return;
	}
	if (c->phase == PHASE_ENDING && call_settle(c, now_ms))
		return;
	if (leg_is_open(&c->phone) && buf_len(&c->phone.out))
		leg_out(&c->phone);
	if (leg_is_open(&c->model) && buf_len(&c->model.out))
		leg_out(&c->model);
	loop_deadline(c->env->legs->loop, &c->task, call_deadline_ms(c));
}
