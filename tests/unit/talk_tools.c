/* Function calls in a talk: Grok shows them up to three times, whoever carries them out answers at once, late, twice or
 * never. An output is told once and only when its response is over; an answer is asked for only in silence, and at most
 * once for the calls of a response. */
#include "tests/unit/talk_world.h"

static struct talk_call *call_of(struct talk *t, struct slice id)
{
	unsigned n = 0;

	must(t, id.len > 1 && id.data[0] == 'c');
	for (size_t i = 1; i < id.len; i++)
		n = n * 10 + (unsigned)(id.data[i] - '0');
	must(t, n < t->call_count);
	return &t->calls[n];
}

static void start(struct tool_sink *sink, struct tool_use *use, uint64_t now_ms)
{
	struct talk *t = container_of(sink, struct talk, sink);
	struct talk_call *c = call_of(t, voice_id_slice(&use->id));

	must(t, c->serial == 0 && !c->told);
	c->serial = use->serial;
	uint32_t allowed_ms = talk_draw(t, 100, 5000);

	/* At the latest: then its time is over, and the bridge answers for it. */
	c->answered_ms = now_ms + allowed_ms;
	tools_allow(use, allowed_ms, now_ms);
	if (talk_chance(t, 30)) {
		c->answered_ms = now_ms;
		bridge_tool_result(&t->k->bridge, use->serial, TOOL_OK, SLICE("{\"at\":\"once\"}"), now_ms);
	} else if (talk_chance(t, 90)) {
		c->answers_at_ms = now_ms + talk_draw(t, 1, 6000);
	}
}

static void over(struct tool_sink *sink, const struct tool_use *use, uint64_t now_ms)
{
	struct talk *t = container_of(sink, struct talk, sink);

	(void)now_ms;
	must(t, !call_of(t, voice_id_slice(&use->id))->over);
	call_of(t, voice_id_slice(&use->id))->over = true;
}

void talk_tools_open(struct talk *t)
{
	t->sink = (struct tool_sink){ .start = start, .over = over };
	if (t->plan.tools)
		t->k->tools = &t->sink;
}

static void show(struct talk *t, unsigned n, const char *event)
{
	char json[512];

	snprintf(json, sizeof json, "{\"type\":\"%s\",\"response_id\":\"r%u\",\"call_id\":\"c%u\",\"name\":\"book\","
		"\"arguments\":\"{}\",\"item\":{\"id\":\"f%u\",\"type\":\"function_call\",\"call_id\":\"c%u\",\"name\":"
		"\"book\",\"arguments\":\"{}\"}}", event, t->calls[n].response, n, n, n);
	kit_grok(t->k, json);
}

void talk_tools_in(struct talk *t, unsigned response)
{
	if (!t->plan.tools || t->drains || !talk_chance(t, 50))
		return;
	for (unsigned n = talk_draw(t, 1, 3); n && t->call_count < CALLS_MAX; n--) {
		unsigned call = t->call_count++;

		t->calls[call] = (struct talk_call){ .response = response };
		show(t, call, "response.function_call_arguments.done");
		if (talk_chance(t, 80))
			show(t, call, "response.output_item.done");
	}
}

/* Whatever the calls of a response wanted was told. */
static bool is_told(const struct talk *t, unsigned response)
{
	bool any = false;

	for (unsigned i = 0; i < t->call_count; i++) {
		if (t->calls[i].response != response)
			continue;
		if (!t->calls[i].told)
			return false;
		any = true;
	}
	return any;
}

void talk_tools_told(struct talk *t, const struct grok_item *item)
{
	struct talk_call *c = call_of(t, item->call_id);

	must(t, !c->told);
	must(t, t->grok.responses[c->response].state != R_CREATED || t->k->now_ms >= c->answered_ms + TOOLS_PARENT_MS);
	c->told = true;
	t->told_count++;
	t->groups_told += is_told(t, c->response);
}

void talk_tools_asked(struct talk *t)
{
	t->tools_asked++;
	must(t, t->tools_asked <= t->groups_told);
	must(t, talk_phone_is_silent(t));
	must(t, !t->grok.told);                 /* the caller, as far as Grok tells, is silent too */
}

void talk_tools_step(struct talk *t)
{
	for (unsigned i = 0; i < t->call_count; i++) {
		struct talk_call *c = &t->calls[i];

		if (c->answers_at_ms == 0 || t->k->now_ms < c->answers_at_ms)
			continue;
		if (t->k->now_ms < c->answered_ms)
			c->answered_ms = t->k->now_ms;
		c->answers_at_ms = talk_chance(t, 10) ? t->k->now_ms + talk_draw(t, 1, 300) : 0;
		bridge_tool_result(&t->k->bridge, c->serial, TOOL_OK, SLICE("{\"at\":\"last\"}"), t->k->now_ms);
		kit_read(t->k);
	}
}

bool talk_tools_over(const struct talk *t)
{
	for (unsigned i = 0; i < t->call_count; i++)
		if (!t->calls[i].told)
			return false;
	return !tools_busy(&t->k->bridge.tools);
}
