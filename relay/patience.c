/* The steps stand in one table, in order; a wait is an index into its part of it. */
#include "relay/patience.h"

#include "base/check.h"

#include <stddef.h>

#define NEVER UINT64_MAX

struct step {
	enum patience_wait wait;
	size_t bound; /* offset in struct patience_bounds */
	enum patience_act act;
};

static const struct step steps[] = {
#define X(wait, bound, act) {WAIT_##wait, offsetof(struct patience_bounds, bound), PATIENCE_##act},
	PATIENCE_STEPS(X)
#undef X
};

enum { STEP_COUNT = sizeof steps / sizeof steps[0] };

/* NULL: the wait has no such step. */
static const struct step *find_step(enum patience_wait wait, unsigned number)
{
	for (size_t i = 0; i < STEP_COUNT; i++)
		if (steps[i].wait == wait && number-- == 0)
			return &steps[i];
	return NULL;
}

static uint32_t bound_ms(const struct patience *p, const struct step *step)
{
	return *(const uint32_t *)(const void *)((const char *)&p->bounds + step->bound);
}

void patience_init(struct patience *p, const struct patience_bounds *bounds)
{
	*p = (struct patience){.bounds = *bounds};
	patience_all_over(p);
}

static void start(struct patience *p, enum patience_wait wait, uint64_t now_ms)
{
	const struct step *step = find_step(wait, p->step[wait]);
	uint32_t ms = step ? bound_ms(p, step) : 0;

	p->at_ms[wait] = ms ? now_ms + ms : NEVER;
}

void patience_begin(struct patience *p, enum patience_wait wait, uint64_t now_ms)
{
	if (p->at_ms[wait] == NEVER)
		start(p, wait, now_ms);
}

void patience_rest(struct patience *p, enum patience_wait wait)
{
	p->at_ms[wait] = NEVER;
}

void patience_over(struct patience *p, enum patience_wait wait)
{
	p->at_ms[wait] = NEVER;
	p->step[wait] = 0;
}

void patience_all_over(struct patience *p)
{
	for (int wait = 0; wait < PATIENCE_WAIT_COUNT; wait++)
		patience_over(p, (enum patience_wait)wait);
}

bool patience_waits(const struct patience *p, enum patience_wait wait)
{
	return p->at_ms[wait] != NEVER;
}

/* The wait whose time came first; PATIENCE_WAIT_COUNT: none runs. */
static enum patience_wait first_wait(const struct patience *p)
{
	int first = PATIENCE_WAIT_COUNT;

	for (int wait = 0; wait < PATIENCE_WAIT_COUNT; wait++)
		if (p->at_ms[wait] != NEVER &&
			(first == PATIENCE_WAIT_COUNT || p->at_ms[wait] < p->at_ms[first]))
			first = wait;
	return (enum patience_wait)first;
}

enum patience_act patience_next(struct patience *p, uint64_t now_ms, enum patience_wait *out_wait)
{
	enum patience_wait wait = first_wait(p);

	if (wait == PATIENCE_WAIT_COUNT || p->at_ms[wait] > now_ms)
		return PATIENCE_NOTHING;
	const struct step *step = find_step(wait, p->step[wait]);

	check(step != NULL);
	p->step[wait]++;
	start(p, wait, now_ms);
	*out_wait = wait;
	return step->act;
}

uint64_t patience_deadline_ms(const struct patience *p)
{
	enum patience_wait wait = first_wait(p);

	return wait == PATIENCE_WAIT_COUNT ? NEVER : p->at_ms[wait];
}
