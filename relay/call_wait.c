/*
 * A session before its call. The herald's note opens it in a slot without a socket; when the call's socket comes to the
 * door, here or in another ring thread, that visitor claims it: his leg comes to rest, is packed, and its owner's note
 * brings it here, where it is answered. Then the session is a call like any other.
 *
 * How it fails: whoever wants a session to end asks the foyer first; if a note is on the way the session waits for it,
 * whatever became of it. A session that broke while it waited is let go: its call will come the cold way.
 */
#include "relay/call_parts.h"

#include "base/check.h"
#include "relay/call_end.h"
#include "relay/call_time.h"

static struct foyer *foyer_of(const struct call *c)
{
	return &c->env->relay->foyer;
}

/* --- the session ----------------------------------------------------------------------------------- */

/* Nobody came: nothing of it is a call, and the database never hears of it. */
static void let_go(struct call *c, const char *why, uint64_t now_ms)
{
	log_info("session let go call=%s why=%s ms=%llu", c->facts.call_sid, why,
		(unsigned long long)(now_ms - c->begin_ms));
	c->guest = NULL;
	bridge_end(&c->bridge, END_CALLER_HUNG_UP, "nobody came", now_ms);
	relay_give(&c->env->relay->call_count);
	c->phase = PHASE_ENDING;
	c->phone_closing = true;
	c->phone_gone = true;
	if (leg_is_open(&c->model))
		leg_close(&c->model, WS_CLOSE_NORMAL, NULL);
	else if (!leg_is_free(&c->model) && !c->model_gone)
		leg_abort(&c->model);
}

static void leave(struct call *c, enum foyer_end end, const char *why, uint64_t now_ms)
{
	if (c->note_due)
		return;
	c->note_due = !foyer_leave(foyer_of(c), c->guest, end);
	if (!c->note_due)
		let_go(c, why, now_ms);
}

void call_wait(struct call *c, uint64_t now_ms)
{
	call_read_desk(c, now_ms);
	if (c->bridge.reason == END_NONE) {
		call_keep_waiting_time(c, now_ms);
		bridge_tick(&c->bridge, now_ms);
		call_keep_model(c, now_ms);
	}
	call_let_merchant_go(c);
	if (c->bridge.reason != END_NONE)
		leave(c, FOYER_END_FAILED, end_reason_word(c->bridge.reason), now_ms);
	else if (now_ms >= c->guest->expires_ms)
		leave(c, FOYER_END_EXPIRED, "expired", now_ms);
}

static void begin(struct call *c, struct foyer_guest *guest, uint64_t now_ms)
{
	const struct notice *notice = &guest->notice;

	call_link(c, now_ms);
	c->phase = PHASE_WAITING;
	c->guest = guest;
	c->live_ms = 0;
	c->model_heard_ms = now_ms;
	c->facts.merchant_id = notice->merchant_id;
	slice_copy(slice_of(notice->call_sid), c->facts.call_sid, sizeof c->facts.call_sid);
	slice_copy(slice_of(notice->caller_number), c->facts.caller_number, sizeof c->facts.caller_number);
	slice_copy(slice_of(notice->called_number), c->facts.called_number, sizeof c->facts.called_number);
}

/* A slot with everything that a session needs; NULL: there is no room. */
static struct call *take(struct call_env *env, struct foyer_guest *guest)
{
	struct relay *relay = env->relay;

	if (atomic_load_explicit(&relay->draining, memory_order_relaxed) ||
		!relay_take(&relay->call_count, relay->calls_max))
		return NULL;
	struct desk_page *page = desk_page_take(&relay->desk);
	struct call *c = page ? call_take_slot(env) : NULL;

	if (!c) {
		if (page)
			desk_page_give(&relay->desk, page);
		relay_give(&relay->call_count);
		return NULL;
	}
	begin(c, guest, env->legs->loop->now_ms);
	c->merchant = page;
	return c;
}

static void give(struct call *c)
{
	relay_give(&c->env->relay->call_count);
	desk_page_give(&c->env->relay->desk, c->merchant);
	c->merchant = NULL;
	call_unlink(c);
}

static void expected(struct note *note)
{
	struct foyer_guest *guest = container_of(note, struct foyer_guest, note);
	struct call_env *env = guest->home;
	struct call *c = take(env, guest);

	/* Once seated it may be claimed at any moment: its slot is ready for that. */
	if (!foyer_seat(&env->relay->foyer, guest, c)) {
		if (c)
			give(c);
		return;
	}
	call_open_session(c, env->legs->loop->now_ms);
	loop_mark(env->legs->loop, &c->task);
}

void call_expect(struct call_env *env, struct foyer_guest *guest)
{
	guest->home = env;
	guest->note.read = expected;
	loop_post(env->legs->loop, &guest->note);
}

/* --- the call comes, or will not -------------------------------------------------------------------- */

static struct call *take_note(struct note *note)
{
	struct foyer_guest *guest = container_of(note, struct foyer_guest, note);
	struct call *c = guest->session;

	check(c->phase == PHASE_WAITING && c->guest == guest);
	loop_mark(c->env->legs->loop, &c->task);
	foyer_free(foyer_of(c), guest);
	c->guest = NULL;
	return c;
}

static void forgotten(struct note *note)
{
	struct call *c = take_note(note);

	let_go(c, "hung-up", c->env->legs->loop->now_ms);
}

void call_forget(struct foyer_guest *guest)
{
	struct call_env *env = guest->home;

	guest->note.read = forgotten;
	loop_post(env->legs->loop, &guest->note);
}

static void arrived(struct note *note)
{
	struct call *c = take_note(note);
	uint64_t now_ms = c->env->legs->loop->now_ms;

	if (c->parcel.fd < 0)
		return let_go(c, "gone", now_ms);
	leg_unpack(&c->phone, &c->parcel, &c->task);
	call_go_live(c, now_ms);
	log_info("session claimed call=%s ms=%llu ready=%s", c->facts.call_sid,
		(unsigned long long)(now_ms - c->begin_ms), c->bridge.ready ? "yes" : "no");
	if (atomic_load_explicit(&c->env->relay->stopping, memory_order_relaxed))
		bridge_end(&c->bridge, END_SHUTDOWN, "the relay is stopping", now_ms);
}

/* --- the visitor ------------------------------------------------------------------------------------ */

static void send_on(struct foyer_guest *guest)
{
	struct call_env *env = guest->home;

	guest->note.read = arrived;
	loop_post(env->legs->loop, &guest->note);
}

bool call_cross_begin(struct call *c, uint64_t now_ms)
{
	c->guest = foyer_claim(foyer_of(c), slice_of(c->visitor.call_sid), c->visitor.merchant_id, now_ms);
	if (!c->guest)
		return false;
	c->phase = PHASE_CROSSING;
	leg_pause(&c->phone);
	return true;
}

void call_cross_fail(struct call *c)
{
	struct call *session = c->guest->session;

	session->parcel.fd = -1;
	send_on(c->guest);
	c->guest = NULL;
	c->phase = PHASE_AT_DOOR;
	call_count(c, METRIC_SOCKETS_REFUSED_PROTOCOL);
	call_turned_away(c, "left", "gone before the answer");
}

/* It cannot move: what waits there is let go, and the call is taken here. */
static void stay(struct call *c, uint64_t now_ms)
{
	struct call *session = c->guest->session;

	session->parcel.fd = -1;
	send_on(c->guest);
	c->guest = NULL;
	c->phase = PHASE_AT_DOOR;
	leg_resume(&c->phone);
	call_let_in(c, now_ms);
}

bool call_cross(struct call *c, uint64_t now_ms)
{
	struct call *session = c->guest->session;

	if (!leg_is_still(&c->phone)) {
		if (now_ms < c->begin_ms + c->env->relay->handshake_ms)
			return false;
		leg_abort(&c->phone);
		call_cross_fail(c);
		return false;
	}
	if (!leg_pack(&c->phone, &session->parcel)) {
		stay(c, now_ms);
		return false;
	}
	session->visitor = c->visitor;
	send_on(c->guest);
	loop_forget(c->env->legs->loop, &c->task);
	call_unlink(c);
	return true;
}
