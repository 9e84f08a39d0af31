#include "relay/call_watch.h"

#include "base/check.h"
#include "relay/tap.h"

static void sum_up(struct call *c)
{
	c->witness.wants = 0;
	for (struct tap *tap = c->taps; tap; tap = tap->next)
		c->witness.wants |= tap->wants;
}

static void tell(struct witness *w, enum testimony_kind kind, struct slice data)
{
	struct call *c = container_of(w, struct call, witness);
	const struct bridge *b = &c->bridge;
	uint64_t now_ms = c->env->legs->loop->now_ms;
	struct testimony t = { kind, b->phone_started ? (uint32_t)(now_ms - b->start_ms) : 0, data };

	if (t.data.len > TESTIMONY_DATA_BYTES_MAX)
		t.data.len = TESTIMONY_DATA_BYTES_MAX;
	for (struct tap *tap = c->taps; tap; tap = tap->next)
		tap_write(tap, &t);
}

void call_watch_init(struct call *c)
{
	c->witness = (struct witness){ .tell = tell };
	c->taps = NULL;
}

void call_watch_add(struct call *c, struct tap *tap)
{
	check(tap);
	tap->next = c->taps;
	c->taps = tap;
	sum_up(c);
}

void call_watch_tell(struct call *c, enum testimony_kind kind, struct slice data)
{
	witness_tell(&c->witness, kind, data);
}

void call_watch_look(struct call *c)
{
	struct tap **at = &c->taps;

	while (*at) {
		struct tap *tap = *at;

		if (!atomic_load_explicit(&tap->unwanted, memory_order_relaxed)) {
			at = &tap->next;
			continue;
		}
		*at = tap->next;
		tap_close(tap);
		sum_up(c);
	}
}

void call_watch_end(struct call *c)
{
	struct tap *next;

	witness_tell(&c->witness, TESTIMONY_END, slice_of(end_reason_word(c->bridge.reason)));
	for (struct tap *tap = c->taps; tap; tap = next) {
		next = tap->next;
		tap_close(tap);
	}
	c->taps = NULL;
	c->witness.wants = 0;
}
