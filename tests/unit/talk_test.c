/*
 * Thousands of conversations on a virtual clock. TALK_SEED=N runs one alone, TALK_SEEDS=N so many.
 *
 * Must always be true: a clear leaves in the very turn in which speech_started comes, unless there is a confirm window
 * or what is heard is protected; nothing of an answer follows the clear that fenced it; a truncation names an item that
 * Grok has whole, once, never beyond what was sent, and close to what the phone has played; protected words are never
 * cleared from the phone; response.cancel is never sent, nor anything that would cancel what is being said; the
 * disclosure is asked for first and once; a function call is run once, told once behind the end of its response, and
 * an answer to it asked for in silence, once; a deaf Grok is made up for by the relay's own ears, if it has any, and a
 * hearing one never.
 */
#include "tests/unit/talk_world.h"

enum { SEEDS = 1000, EARS_MS = 800, TRUNCATE_OFF_MS = 60, CONFIRM_MS = 40 };

_Noreturn void talk_broken(struct talk *t, const char *what)
{
	const struct talk_plan *p = &t->plan;

	fprintf(stderr, "# seed %u, at %u ms: %s\n", t->seed, (unsigned)(t->k->now_ms - 1000000), what);
	fprintf(stderr, "# hold-off %u silence %u ears %d disclosure %d protected %d/%d deaf %d late %u ways %u/%u "
		"jitter %d\n",
		p->hold_off_ms, p->silence_ms, p->local_vad, p->disclosure, p->protect_disclosure, p->protect_greeting,
		p->deaf, p->late_ms, p->out_ms, p->back_ms, p->jitter);
	for (unsigned n = 1; n <= t->grok.latest; n++)
		fprintf(stderr, "#   response %u: state %d forced %d protected %d sent %u of %u, heard %u ms\n", n,
			t->grok.responses[n].state, t->grok.responses[n].forced, t->grok.responses[n].is_protected,
			(unsigned)(t->grok.responses[n].sent_bytes / ULAW_BYTES_PER_MS),
			(unsigned)(t->grok.responses[n].total_bytes / ULAW_BYTES_PER_MS),
			(unsigned)(t->phone.heard_bytes[n] / ULAW_BYTES_PER_MS));
	abort();
}

/* --- what must be true ------------------------------------------------------------------------------ */

bool talk_is_protected(const struct talk *t)
{
	for (unsigned n = 1; n <= t->grok.latest; n++) {
		const struct talk_response *r = &t->grok.responses[n];

		if (r->is_protected && (r->state == R_CREATED || (r->generation == t->phone.generation &&
			t->phone.proven_bytes < r->end_bytes)))
			return true;
	}
	return false;
}

void talk_speech_told(struct talk *t, unsigned clears_before, bool outstanding, bool was_protected)
{
	bool cleared = t->clear_count > clears_before;

	must(t, !cleared || outstanding);
	if (t->plan.hold_off_ms) {
		must(t, !cleared);
		t->window_from_ms = t->k->now_ms;
		t->window_to_ms = t->k->now_ms + t->plan.hold_off_ms;
		t->clears_at_window = t->clear_count;
		t->confirm_ms = outstanding && !was_protected ? t->window_to_ms + CONFIRM_MS : 0;
	} else if (outstanding && !was_protected) {
		must(t, cleared);
	}
}

/* Whether the bridge's own ears should have ended it by now. */
void talk_frame_came(struct talk *t, bool loud)
{
	struct talk_phone *p = &t->phone;

	if (!loud) {
		p->run_ms = 0;
		return;
	}
	if (p->run_ms == 0) {
		p->run_sounds = true;
		p->clears_at_run = t->clear_count;
	}
	p->run_ms += 20;
	if (t->confirm_ms && t->k->now_ms >= t->confirm_ms) {
		bool outstanding = p->sent_bytes > p->proven_bytes, went_on = p->run_ms > CONFIRM_MS;

		must(t, !outstanding || !went_on || talk_is_protected(t) || !t->grok.told ||
			t->clear_count > t->clears_at_window);
		t->confirm_ms = went_on ? 0 : t->confirm_ms;
	}
	if (talk_phone_is_silent(t) || talk_is_protected(t))
		p->run_sounds = false;
	if (p->run_ms >= EARS_MS + t->plan.hold_off_ms && p->run_sounds && t->plan.deaf && t->plan.local_vad)
		must(t, t->clear_count > p->clears_at_run);
}

static void look(struct talk *t)
{
	must(t, t->k->bridge.reason == END_NONE);
	if (t->window_to_ms && t->k->now_ms < t->window_to_ms)
		must(t, t->clear_count == t->clears_at_window);
	else
		t->window_to_ms = 0;
	if (t->plan.deaf && !t->plan.local_vad)
		must(t, t->clear_count == 0);
	must(t, buf_len(&t->k->model_buf) == 0);
	must(t, pool_used_bytes(&t->k->pool) <= 256 * 1024);
}

/* --- a conversation --------------------------------------------------------------------------------- */

static void plan_talk(struct talk *t)
{
	struct talk_plan *p = &t->plan;
	static const uint32_t windows[] = { 0, 0, 100, 300, 700 };

	p->hold_off_ms = windows[talk_draw(t, 0, 4)];
	p->silence_ms = talk_draw(t, 200, 900);
	p->local_vad = talk_chance(t, 60);
	p->disclosure = talk_chance(t, 50);
	p->protect_disclosure = talk_chance(t, 70);
	p->protect_greeting = talk_chance(t, 20);
	p->deaf = talk_chance(t, 20);
	p->late_ms = talk_chance(t, 20) ? talk_draw(t, 0, 900) : talk_draw(t, 0, 100);
	p->out_ms = talk_draw(t, 0, 150);
	p->back_ms = talk_draw(t, 0, 150);
	p->jitter = talk_chance(t, 40);
	p->tools = talk_chance(t, 50);
}

static void open_talk(struct talk *t)
{
	struct kit *k = t->k;

	k->watcher = t;
	k->watch_phone = talk_phone_said;
	k->watch_model = talk_grok_said;
	k->disclosure = t->plan.disclosure ? "Disclosure." : "";
	k->manners = (struct bridge_manners){
		.hold_off_ms = t->plan.hold_off_ms,
		.vad_silence_ms = t->plan.silence_ms,
		.local_vad = t->plan.local_vad,
		.protect_disclosure = t->plan.protect_disclosure,
		.protect_greeting = t->plan.protect_greeting,
	};
	talk_tools_open(t);
	t->phone.frame_at_ms = k->now_ms;
	t->phone.generation = 1;
	kit_merchant(k, talk_chance(t, 80) ? "Greeting." : "");
	kit_start(k);
	kit_ready(k);
}

/* As an operator would, or a limit that is near. */
static void say_something(struct talk *t)
{
	if (talk_chance(t, 30))
		bridge_say(&t->k->bridge, SLICE("Warning."), SAY_PROTECTED, t->k->now_ms);
	else
		bridge_say(&t->k->bridge, SLICE("Line."), 0, t->k->now_ms);
	kit_read(t->k);
}

struct totals {
	unsigned clears, truncates, told, groups, answers;
};

static unsigned one_talk(unsigned seed, struct totals *totals)
{
	struct talk *t = calloc(1, sizeof *t);

	check(t);
	t->seed = seed;
	t->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	t->k = kit_open();
	plan_talk(t);
	open_talk(t);
	for (unsigned at = 0; at < TALK_MS + (t->plan.tools ? TALK_DRAIN_MS : 0); at += STEP_MS) {
		t->drains = at >= TALK_MS;
		kit_pass(t->k, STEP_MS);
		talk_phone_step(t);
		talk_grok_step(t);
		talk_tools_step(t);
		if (!t->drains && talk_draw(t, 0, 1999) == 0)
			say_something(t);
		look(t);
	}
	bool hears_in_time = !t->plan.deaf && t->plan.late_ms < 200;

	must(t, !hears_in_time || t->plan.jitter || metrics_get(&t->k->metrics, METRIC_BARGE_INS_BY_EAR) == 0);
	must(t, t->worst_truncate_ms <= TRUNCATE_OFF_MS);
	must(t, t->grok.asked_count > 0);
	must(t, talk_tools_over(t) || metrics_get(&t->k->metrics, METRIC_TOOL_REFUSED));
	totals->clears += t->clear_count;
	totals->truncates += t->grok.truncate_count;
	totals->told += t->told_count;
	totals->answers += t->tools_asked;
	totals->groups += t->groups_told;
	unsigned worst_ms = t->worst_truncate_ms;

	kit_twilio(t->k, "{\"event\":\"stop\",\"streamSid\":\"MZ1\",\"stop\":{\"callSid\":\"CA1\"}}");
	must(t, t->k->bridge.reason == END_CALLER_HUNG_UP);
	kit_close(t->k);                /* every block came home */
	free(t);
	return worst_ms;
}

static void what_must_be_true_of_a_talk_is_true_in_every_one(void **state)
{
	const char *one = getenv("TALK_SEED"), *many = getenv("TALK_SEEDS");
	unsigned first = one ? (unsigned)strtoul(one, NULL, 10) : 1;
	unsigned count = one ? 1 : many ? (unsigned)strtoul(many, NULL, 10) : SEEDS;
	unsigned worst_ms = 0;
	struct totals totals = { 0 };

	(void)state;
	for (unsigned seed = first; seed < first + count; seed++) {
		unsigned ms = one_talk(seed, &totals);

		worst_ms = ms > worst_ms ? ms : worst_ms;
	}
	printf("# %u talks of %d s: %u clears, %u truncations, the worst %u ms off without jitter\n", count,
		TALK_MS / 1000, totals.clears, totals.truncates, worst_ms);
	printf("# %u tools told, %u answers asked for, of %u responses with calls\n", totals.told, totals.answers,
		totals.groups);
	assert_true(one || (totals.clears > count && totals.truncates > count / 4));
	assert_true(one || (totals.told > count && totals.answers > count / 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_must_be_true_of_a_talk_is_true_in_every_one),
	};

	return cmocka_run_group_tests_name("talks", tests, NULL, NULL);
}
