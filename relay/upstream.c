/*
 * A provider is dialled, its session gets ready, is lost, and is tried again; or the next provider
 * takes over. How it fails: UPSTREAM_OVER with the reason of the last loss.
 */
#include "relay/upstream.h"

#include "base/check.h"

#define NEVER UINT64_MAX

struct loss {
	const char *word;
	bool blame, again;
	enum end_reason reason;
};

static const struct loss losses[] = {
#define X(name, word, blame, again, reason) [LOSS_##name] = {word, blame, again, reason},
	UPSTREAM_LOSSES(X)
#undef X
};

/* --- breaker
 * -------------------------------------------------------------------------------------- */

static uint64_t open_ms(uint32_t open_count)
{
	uint64_t ms = BREAKER_OPEN_MS;

	while (--open_count && ms < BREAKER_OPEN_MS_MAX)
		ms *= 2;
	return ms < BREAKER_OPEN_MS_MAX ? ms : BREAKER_OPEN_MS_MAX;
}

bool breaker_is_open(const struct breaker *b)
{
	return atomic_load_explicit(&b->until_ms, memory_order_relaxed) != 0;
}

bool breaker_bars(const struct breaker *b, uint64_t now_ms)
{
	return now_ms < atomic_load_explicit(&b->until_ms, memory_order_relaxed);
}

bool breaker_allows(struct breaker *b, uint64_t now_ms)
{
	uint64_t until_ms = atomic_load_explicit(&b->until_ms, memory_order_relaxed);

	if (until_ms == 0)
		return true;
	if (now_ms < until_ms)
		return false;
	/* Its time is over: whoever moves it on is the one who tries. */
	if (!atomic_compare_exchange_strong(&b->until_ms, &until_ms, now_ms + BREAKER_OPEN_MS))
		return false;
	atomic_store(&b->tried, true);
	return true;
}

void breaker_failed(struct breaker *b, uint64_t now_ms)
{
	uint32_t count = atomic_fetch_add(&b->fault_count, 1) + 1;

	/* Those who were on their way when it opened tell nothing new. */
	if (breaker_is_open(b) ? !atomic_exchange(&b->tried, false) : count < BREAKER_FAULTS_MAX)
		return;
	atomic_store(&b->until_ms, now_ms + open_ms(atomic_fetch_add(&b->open_count, 1) + 1));
}

void breaker_worked(struct breaker *b)
{
	/* Read first: the usual case writes nothing that other threads' caches hold. */
	if (atomic_load_explicit(&b->fault_count, memory_order_relaxed) == 0 && !breaker_is_open(b))
		return;
	atomic_store(&b->fault_count, 0);
	atomic_store(&b->open_count, 0);
	atomic_store(&b->tried, false);
	atomic_store(&b->until_ms, 0);
}

/* --- the call's way
 * ------------------------------------------------------------------------------- */

static struct breaker *breaker_of(const struct upstream *u)
{
	return &u->plan.breakers[u->provider];
}

static void give_up(struct upstream *u, enum end_reason reason)
{
	u->state = UPSTREAM_OVER;
	u->reason = reason;
}

static void dial_at(struct upstream *u, uint64_t at_ms)
{
	u->state = UPSTREAM_WAITING;
	u->dial_at_ms = at_ms;
}

/* The first provider from `from` on that may be dialled. */
static bool take_provider(struct upstream *u, int from, uint64_t now_ms)
{
	for (int provider = from; provider < PROVIDER_COUNT; provider++) {
		if (!u->plan.has[provider] || !breaker_allows(&u->plan.breakers[provider], now_ms))
			continue;
		u->provider = (enum upstream_provider)provider;
		u->conversation[0] = '\0';
		u->try_count = 0;
		u->give_up_at_ms = now_ms + UPSTREAM_OUTAGE_MS;
		dial_at(u, now_ms);
		return true;
	}
	return false;
}

void upstream_init(struct upstream *u, const struct upstream_plan *plan, uint64_t now_ms)
{
	*u = (struct upstream){.plan = *plan};
	if (!take_provider(u, 0, now_ms))
		give_up(u, END_GROK_UNREACHABLE);
}

void upstream_dialled(struct upstream *u)
{
	check(u->state == UPSTREAM_WAITING);
	u->state = UPSTREAM_DIALLING;
}

void upstream_conversation(struct upstream *u, struct slice id)
{
	if (!slice_copy(id, u->conversation, sizeof u->conversation))
		u->conversation[0] = '\0';
}

void upstream_ready(struct upstream *u, uint64_t now_ms)
{
	if (u->state != UPSTREAM_DIALLING)
		return;
	u->state = UPSTREAM_UP;
	u->ready_ms = now_ms;
	u->resumed_count += u->spoken;
	u->spoken = true;
	u->outage_ms = 0;
	u->move_due = false;
	breaker_worked(breaker_of(u));
}

/* A resumption that is refused may be welcome as a new conversation. */
static bool may_forget(const struct upstream *u, enum upstream_loss loss)
{
	return (loss == LOSS_DENIED || loss == LOSS_REFUSED) && u->state == UPSTREAM_DIALLING &&
	       u->conversation[0];
}

static bool may_try_again(const struct upstream *u, enum upstream_loss loss, uint64_t now_ms)
{
	if (!u->spoken || u->try_count >= UPSTREAM_TRIES_MAX || now_ms >= u->give_up_at_ms)
		return false;
	return losses[loss].again || may_forget(u, loss);
}

static void try_again(struct upstream *u, enum upstream_loss loss, uint64_t now_ms)
{
	bool at_once = u->try_count == 0 && (loss == LOSS_PLANNED || loss == LOSS_SESSION_OVER);

	if (may_forget(u, loss))
		u->conversation[0] = '\0';
	dial_at(u, at_once ? now_ms : now_ms + ((uint64_t)UPSTREAM_PAUSE_MS << u->try_count));
	u->try_count++;
}

void upstream_lost(struct upstream *u, enum upstream_loss loss, uint64_t now_ms)
{
	if (u->state == UPSTREAM_OVER)
		return;
	if (u->state == UPSTREAM_UP && (loss == LOSS_PLANNED || now_ms >= u->ready_ms + UPSTREAM_STEADY_MS))
		u->try_count = 0;
	if (u->state == UPSTREAM_UP && u->try_count == 0)
		u->give_up_at_ms = now_ms + UPSTREAM_OUTAGE_MS;
	if (u->state == UPSTREAM_DIALLING && losses[loss].blame)
		breaker_failed(breaker_of(u), now_ms);
	if (u->spoken && u->outage_ms == 0)
		u->outage_ms = now_ms;
	u->loss = loss;
	u->move_due = false;
	if (may_try_again(u, loss, now_ms))
		return try_again(u, loss, now_ms);
	if (!take_provider(u, (int)u->provider + 1, now_ms))
		give_up(u, losses[loss].reason);
}

/* --- time
 * ----------------------------------------------------------------------------------------- */

static uint64_t move_at_ms(const struct upstream *u)
{
	uint64_t most_ms = u->plan.session_ms_max[u->provider];

	if (u->state != UPSTREAM_UP || most_ms == 0)
		return NEVER;
	return u->ready_ms + most_ms + (u->move_due ? UPSTREAM_MOVE_MS : 0);
}

/* Before the first words the call's own deadlines are the only ones. */
static uint64_t drop_at_ms(const struct upstream *u)
{
	return u->state == UPSTREAM_DIALLING && u->spoken ? u->give_up_at_ms : NEVER;
}

/* An old session moves in the first quiet moment, and at last without one. */
static enum upstream_step up(struct upstream *u, bool quiet, uint64_t now_ms)
{
	bool due = now_ms >= move_at_ms(u);

	if ((due || u->move_due) && (quiet || (due && u->move_due)))
		return UPSTREAM_MOVE;
	u->move_due |= due;
	return UPSTREAM_NOTHING;
}

enum upstream_step upstream_next(struct upstream *u, bool quiet, uint64_t now_ms)
{
	switch (u->state) {
	case UPSTREAM_OVER:
		return UPSTREAM_GIVE_UP;
	case UPSTREAM_WAITING:
		return now_ms >= u->dial_at_ms ? UPSTREAM_DIAL : UPSTREAM_NOTHING;
	case UPSTREAM_DIALLING:
		return now_ms >= drop_at_ms(u) ? UPSTREAM_DROP : UPSTREAM_NOTHING;
	case UPSTREAM_UP:
		return up(u, quiet, now_ms);
	}
	return UPSTREAM_NOTHING;
}

uint64_t upstream_deadline_ms(const struct upstream *u)
{
	switch (u->state) {
	case UPSTREAM_OVER:
		return 0;
	case UPSTREAM_WAITING:
		return u->dial_at_ms;
	case UPSTREAM_DIALLING:
		return drop_at_ms(u);
	case UPSTREAM_UP:
		return move_at_ms(u);
	}
	return NEVER;
}

const char *upstream_provider_word(enum upstream_provider provider)
{
	static const char *const words[] = {
#define X(name, word) [name] = word,
		UPSTREAM_PROVIDERS(X)
#undef X
	};

	return words[provider];
}

const char *upstream_loss_word(enum upstream_loss loss)
{
	return losses[loss].word;
}

enum end_reason upstream_loss_reason(enum upstream_loss loss)
{
	return losses[loss].reason;
}
