/*
 * Whole calls of tools, driven by a seed on a virtual clock, against a Grok that shows each
 * function call up to three times, abandons responses, answers callers who interrupt, and tools
 * that answer late, twice or never. SIM_SEED=N runs one of them alone, SIM_SEEDS=N more of them.
 */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "relay/tools.h"

static struct pool pool;
static struct tools t;
static struct tools_view view;
static struct tool_use *use;

static void begin(void)
{
	static const struct pool_plan plan[] = {{1024, 64}, {32768, 32}};

	check(pool_open(&pool, plan, ARRAY_COUNT(plan)) == 0);
	tools_init(&t, &pool);
	view = (struct tools_view){.now_ms = 1000, .free = true};
}

static void end(void)
{
	tools_fini(&t);
	pool_close(&pool);
}

enum {
	SIM_RESPONSES = 64,
	SIM_CALLS = 256,
	SEEDS = 3000,
	STEPS = 400,
	DRAIN_STEPS = 3000,
	STEP_MS = 20
};

struct sim_call {
	unsigned response;
	uint32_t serial; /* 0: not started */
	bool accepted, told, answered;
	uint64_t answers_at_ms; /* 0: never */
	uint64_t answered_ms;
};

static struct sim {
	unsigned seed, step;
	uint64_t random;
	unsigned response; /* the last one */
	bool over[SIM_RESPONSES], interrupted[SIM_RESPONSES], active;
	struct sim_call calls[SIM_CALLS];
	unsigned call_count, started, told, asked, groups_told, late;
	bool owed; /* outputs told, and nothing began behind them */
	uint64_t owed_ms, play_until_ms;
	bool ours_due, caller_speaks, answer_due, draining;
} s;

static _Noreturn void broken(const char *what)
{
	fprintf(stderr, "# seed %u, step %u: %s\n", s.seed, s.step, what);
	abort();
}

#define must(fact) ((fact) ? (void)0 : broken(#fact))

static unsigned draw(unsigned below)
{
	s.random ^= s.random << 13;
	s.random ^= s.random >> 7;
	s.random ^= s.random << 17;
	return (unsigned)(s.random >> 33) % below;
}

static bool chance(unsigned percent)
{
	return draw(100) < percent;
}

static struct slice named(char letter, unsigned number)
{
	static char texts[4][16];
	static unsigned at;
	char *text = texts[at++ % 4];

	return (struct slice){text, (size_t)snprintf(text, 16, "%c%u", letter, number)};
}

static void show(unsigned call)
{
	struct tool_seen seen = {.response_id = named('r', s.calls[call].response),
		.call_id = named('c', call),
		.name = SLICE("book"),
		.arguments = SLICE("{}"),
		.interrupted = s.interrupted[s.calls[call].response]};
	enum tools_seen result = tools_call(&t, &seen, view.now_ms);

	must(result != TOOLS_ACCEPTED || !s.calls[call].accepted);
	s.calls[call].accepted |= result == TOOLS_ACCEPTED;
}

static void respond(bool verbatim)
{
	if (s.response + 1 == SIM_RESPONSES)
		return;
	s.over[s.response] = true;
	s.response++;
	s.active = true;
	if (!verbatim) {
		s.owed = false;
		s.answer_due = false;
	}
	tools_response(&t, named('r', s.response), verbatim);
	for (unsigned n = verbatim     ? 0
			  : chance(50) ? draw(4)
				       : 0;
		n && s.call_count < SIM_CALLS; n--) {
		s.calls[s.call_count] = (struct sim_call){.response = s.response};
		show(s.call_count++);
	}
	if (chance(60))
		s.play_until_ms = view.now_ms + draw(4000);
}

static void finish_response(void)
{
	for (unsigned i = 0; i < s.call_count; i++)
		if (s.calls[i].response == s.response && chance(80))
			show(i);
	s.over[s.response] = true;
	s.active = false;
	tools_response_done(&t, named('r', s.response));
}

static void peers(void)
{
	if (s.active && chance(s.draining ? 20 : 10)) {
		if (chance(95))
			finish_response();
		else
			s.active = false; /* abandoned without a word */
	}
	if (s.ours_due && !s.active && chance(50)) {
		s.ours_due = false;
		respond(false);
	}
	if (s.answer_due && !s.active && chance(20))
		respond(false);
	if (s.draining)
		return;
	if (!s.caller_speaks && chance(3)) {
		s.caller_speaks = true;
		s.interrupted[s.response] |= s.active;
		s.play_until_ms = view.now_ms;
		s.active &= chance(50);
	} else if (s.caller_speaks && chance(20)) {
		s.caller_speaks = false;
		s.answer_due = chance(90);
	}
	if (chance(2) && !s.active && s.call_count < SIM_CALLS - 8 &&
		s.response < SIM_RESPONSES - 16)
		respond(chance(30));
	if (chance(2) && s.call_count)
		show(draw(s.call_count));
}

static void answer_tools(void)
{
	for (unsigned i = 0; i < s.call_count; i++) {
		struct sim_call *c = &s.calls[i];

		if (!c->serial || c->answers_at_ms == 0 || view.now_ms < c->answers_at_ms)
			continue;
		enum tools_taken taken =
			tools_result(&t, c->serial, TOOL_OK, SLICE("{\"ok\":true}"), view.now_ms);

		must(taken == TOOLS_LATE || !c->answered);
		s.late += taken == TOOLS_LATE;
		if (taken == TOOLS_TAKEN)
			c->answered_ms = view.now_ms;
		c->answered = true;
		c->answers_at_ms = chance(10) ? view.now_ms + draw(500) : 0; /* and once more */
	}
}

static struct sim_call *call_of(const struct tool_use *u)
{
	unsigned number = 0;

	for (size_t i = 1; i < u->id.len; i++)
		number = number * 10 + (unsigned)(u->id.text[i] - '0');
	must(number < s.call_count);
	return &s.calls[number];
}

static void started(struct tool_use *u)
{
	struct sim_call *c = call_of(u);

	must(c->serial == 0);
	c->serial = u->serial;
	s.started++;
	tools_allow(u, 200 + draw(6000), view.now_ms);
	c->answers_at_ms = chance(5) ? 0 : view.now_ms + draw(7000);
}

static void told(struct tool_use *u)
{
	struct sim_call *c = call_of(u);

	must(c->accepted && !c->told);
	must(s.over[c->response] || view.now_ms >= u->answered_ms + TOOLS_PARENT_MS);
	must(u->status == TOOL_OK || u->status == TOOL_TIMEOUT || u->status == TOOL_INTERRUPTED);
	must((u->status == TOOL_OK) == (c->answered_ms != 0));
	must((u->status == TOOL_INTERRUPTED) == (c->serial == 0));
	c->told = true;
	s.told++;
	bool last = true;

	for (unsigned i = 0; i < s.call_count; i++)
		last &= s.calls[i].response != c->response || !s.calls[i].accepted ||
			s.calls[i].told;
	if (last && u->status != TOOL_INTERRUPTED) {
		s.owed = true;
		s.owed_ms = view.now_ms;
		s.groups_told++;
	}
	tools_told(&t, u, view.now_ms);
}

static void act(void)
{
	enum tools_act what;

	view.free = !s.active && !s.caller_speaks && !s.answer_due && !s.ours_due;
	view.playing = view.now_ms < s.play_until_ms;
	while ((what = tools_next(&t, &view, &use)) != TOOLS_REST) {
		if (what == TOOLS_START) {
			started(use);
		} else if (what == TOOLS_OUTPUT) {
			told(use);
		} else if (what == TOOLS_RESPOND) {
			must(s.owed);
			must((view.free && !view.playing) ||
				view.now_ms >= s.owed_ms + TOOLS_HEARD_MS);
			s.owed = false;
			s.ours_due = true;
			s.asked++;
			view.free = false;
		} else {
			must(what == TOOLS_FILLER && view.free && !view.playing);
		}
	}
	must(tools_deadline_ms(&t, view.now_ms) > view.now_ms);
}

static void one_call(unsigned seed)
{
	begin();
	s = (struct sim){.seed = seed, .random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
	s.over[0] = true;
	for (s.step = 0; s.step < STEPS + DRAIN_STEPS; s.step++) {
		view.now_ms += STEP_MS;
		s.draining = s.step >= STEPS;
		if (s.draining)
			s.caller_speaks = false;
		peers();
		answer_tools();
		act();
	}
	for (unsigned i = 0; i < s.call_count; i++)
		must(!s.calls[i].accepted || s.calls[i].told);
	must(!s.owed && s.asked <= s.groups_told);
	must(pool_used_bytes(&pool) == 0);
	end();
}

static void thousands_of_calls_keep_every_rule(void **state)
{
	const char *one = getenv("SIM_SEED"), *many = getenv("SIM_SEEDS");
	unsigned seeds = many ? (unsigned)strtoul(many, NULL, 10) : SEEDS;
	unsigned started_count = 0, told_count = 0, asked = 0, late = 0;

	(void)state;
	if (one)
		return one_call((unsigned)strtoul(one, NULL, 10));
	for (unsigned seed = 1; seed <= seeds; seed++) {
		one_call(seed);
		started_count += s.started;
		told_count += s.told;
		asked += s.asked;
		late += s.late;
	}
	printf("# %u calls of tools started, %u told, %u answers asked for, %u results came late\n",
		started_count, told_count, asked, late);
	assert_true(started_count > seeds && asked > seeds / 2 && late > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thousands_of_calls_keep_every_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
