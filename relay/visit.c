#include "relay/visit.h"

#include "base/check.h"
#include "relay/call_watch.h"

#include <inttypes.h>
#include <sys/eventfd.h>

static void list_call(struct visit *v, const struct call *c, uint64_t now_ms)
{
	const struct bridge *b = &c->bridge;
	bool known = c->facts.call_sid[0] != '\0';

	if (c->live_ms == 0)
		return;
	/* As many lines as calls fit; a call that began meanwhile may be left out. */
	(void)buf_printf(v->out, "call=%s merchant=%" PRId64 " caller=%s phase=%s talking=%s s=%" PRIu64
		" heard_ms=%" PRIu64 " spoken_ms=%" PRIu64 " watched=%s\n", known ? c->facts.call_sid : "-",
		c->facts.merchant_id, log_phone(c->facts.caller_number).text, call_phase_word(c->phase),
		bridge_is_talking(b) ? "yes" : "no", (now_ms - c->live_ms) / 1000, bridge_caller_ms(b),
		bridge_voice_ms(b), c->taps ? "yes" : "no");
}

static enum visit_result refuse(struct visit *v, const char *why)
{
	v->why = why;
	return VISIT_NOT_NOW;
}

static bool is_phone_number(struct slice s)
{
	if (s.len < 8 || s.len > 16 || s.data[0] != '+')
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
	return true;
}

static enum visit_result visit_call(struct visit *v, struct call *c, uint64_t now_ms)
{
	if (c->phase != PHASE_LIVE || c->bridge.reason != END_NONE)
		return refuse(v, "the call is ending");
	switch (v->kind) {
	case VISIT_LIST:
		break;
	case VISIT_TAP:
		call_watch_add(c, v->tap);
		return VISIT_DONE;
	case VISIT_SAY:
		if (!bridge_is_talking(&c->bridge))
			return refuse(v, "the receptionist is not talking yet");
		if (!bridge_say(&c->bridge, v->text, 0, now_ms))
			return refuse(v, "too many words wait to be said already");
		break;
	case VISIT_HANG_UP:
		bridge_end(&c->bridge, END_OPERATOR_HUNG_UP, "an operator's wish", now_ms);
		break;
	case VISIT_TRANSFER:
		if (!bridge_is_talking(&c->bridge))
			return refuse(v, "the receptionist is not talking yet");
		if (!is_phone_number(v->text))
			return refuse(v, "a number is + and 7 to 15 digits");
		bridge_leave(&c->bridge, END_TRANSFERRED, v->text, 0, now_ms);
		break;
	}
	loop_mark(c->env->legs->loop, &c->task);
	return VISIT_DONE;
}

static enum visit_result visit_calls(struct visit *v, uint64_t now_ms)
{
	for (struct call *c = v->env->used_calls; c; c = c->next) {
		if (v->kind == VISIT_LIST)
			list_call(v, c, now_ms);
		else if (slice_equal(slice_of(c->facts.call_sid), slice_of(v->call_sid)))
			return visit_call(v, c, now_ms);
	}
	return VISIT_ELSEWHERE;
}

static void arrive(struct note *note)
{
	struct visit *v = container_of(note, struct visit, note);
	int done_fd = v->done_fd;

	v->result = visit_calls(v, v->env->legs->loop->now_ms);
	atomic_store_explicit(&v->done, true, memory_order_release);
	eventfd_write(done_fd, 1);
}

void visit_pay(struct visit *v, struct call_env *env)
{
	v->env = env;
	v->result = VISIT_ELSEWHERE;
	v->why = NULL;
	v->note = (struct note){ .read = arrive };
	atomic_store_explicit(&v->done, false, memory_order_relaxed);
	loop_post(env->legs->loop, &v->note);
}
