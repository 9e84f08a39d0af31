#include "tests/unit/talk_world.h"

/* --- ways ------------------------------------------------------------------------------------------- */

static struct talk_late *way_put(struct talk *t, struct talk_way *w, uint32_t delay_ms)
{
	uint64_t due_ms = t->k->now_ms + delay_ms;

	check(w->last - w->first < LATE_MAX);
	if (t->plan.jitter && talk_chance(t, 5))
		due_ms += talk_draw(t, 0, 120);
	if (due_ms < w->last_due_ms)
		due_ms = w->last_due_ms;
	w->last_due_ms = due_ms;
	struct talk_late *late = &w->items[w->last++ % LATE_MAX];

	late->due_ms = due_ms;
	late->clear = late->loud = false;
	late->piece = (struct talk_piece){ 0 };
	return late;
}

static struct talk_late *way_due(struct talk *t, struct talk_way *w)
{
	struct talk_late *late = &w->items[w->first % LATE_MAX];

	if (w->first == w->last || late->due_ms > t->k->now_ms)
		return NULL;
	w->first++;
	return late;
}

/* --- what the bridge says --------------------------------------------------------------------------- */

static unsigned response_of(struct talk *t, uint8_t byte)
{
	for (unsigned n = t->grok.latest; n > 0; n--)
		if (talk_byte(n) == byte)
			return n;
	talk_broken(t, "audio of nobody's");
}

static void media(struct talk *t, struct slice payload)
{
	uint8_t audio[8192];
	ptrdiff_t bytes = base64_decode(audio, payload);

	must(t, bytes > 0 && bytes % ULAW_FRAME_BYTES == 0);
	unsigned n = response_of(t, audio[0]);

	for (ptrdiff_t i = 0; i < bytes; i++)
		must(t, audio[i] == audio[0] || (audio[i] == ULAW_SILENCE && bytes - i < ULAW_FRAME_BYTES));
	must(t, n > t->fence);          /* nothing of an answer that was interrupted */
	must(t, n >= t->last_sent);     /* nor of one that was superseded */
	t->last_sent = n;
	t->grok.responses[n].sent_bytes += (uint64_t)bytes;
	must(t, t->grok.responses[n].sent_bytes < t->grok.responses[n].generated_bytes + ULAW_FRAME_BYTES);
	t->phone.sent_bytes += (uint64_t)bytes;
	t->grok.responses[n].end_bytes = t->phone.sent_bytes;
	t->grok.responses[n].generation = t->phone.generation;
	way_put(t, &t->phone.out, t->plan.out_ms)->piece = (struct talk_piece){ .response = n, .bytes = (size_t)bytes };
}

static void mark(struct talk *t, struct slice name)
{
	struct talk_mark *m = &t->phone.marks[t->phone.mark_next++ % QUEUE_MAX];
	struct talk_late *late = way_put(t, &t->phone.out, t->plan.out_ms);

	m->generation = t->phone.generation;
	m->at_bytes = t->phone.sent_bytes;
	must(t, slice_copy(name, m->name, sizeof m->name));
	must(t, slice_copy(name, late->piece.mark, sizeof late->piece.mark));
}

void talk_phone_said(struct kit *k, const struct twilio_event *event)
{
	struct talk *t = k->watcher;

	if (event->kind == TWILIO_MEDIA)
		return media(t, event->payload);
	if (event->kind == TWILIO_MARK)
		return mark(t, event->mark_name);
	must(t, event->kind == TWILIO_CLEAR);
	t->clear_count++;
	t->fence = t->grok.latest;
	t->phone.generation++;
	t->phone.sent_bytes = t->phone.proven_bytes = 0;
	way_put(t, &t->phone.out, t->plan.out_ms)->clear = true;
}

/* --- what the phone does ---------------------------------------------------------------------------- */

static void echo(struct talk *t, const char *name)
{
	struct talk_late *late = way_put(t, &t->phone.back, t->plan.back_ms);

	snprintf(late->piece.mark, sizeof late->piece.mark, "%s", name);
}

static unsigned distance_ms(int64_t said_ms, uint64_t heard_bytes)
{
	int64_t heard_ms = (int64_t)(heard_bytes / ULAW_BYTES_PER_MS);

	return (unsigned)(said_ms > heard_ms ? said_ms - heard_ms : heard_ms - said_ms);
}

/* The truncations that left together with this clear are held against what was heard. */
static void judge(struct talk *t)
{
	for (unsigned n = 1; n <= t->grok.latest; n++) {
		struct talk_response *r = &t->grok.responses[n];

		if (!r->truncated || r->truncated_ms < 0)
			continue;
		unsigned off_ms = distance_ms(r->truncated_ms, t->phone.heard_bytes[n]);

		if (off_ms > t->worst_truncate_ms && !t->plan.jitter)
			t->worst_truncate_ms = off_ms;
		r->truncated_ms = -1;
	}
}

static void clear(struct talk *t)
{
	struct talk_phone *p = &t->phone;

	for (; p->first != p->last; p->first++) {
		const struct talk_piece *piece = &p->queue[p->first % QUEUE_MAX];

		if (piece->response == 0)
			echo(t, piece->mark);
		else
			must(t, !t->grok.responses[piece->response].is_protected);
	}
	p->queue_bytes = 0;
	judge(t);
}

static void arrive(struct talk *t, const struct talk_late *late)
{
	struct talk_phone *p = &t->phone;

	if (late->clear)
		return clear(t);
	check(p->last - p->first < QUEUE_MAX);
	p->queue[p->last++ % QUEUE_MAX] = late->piece;
	p->queue_bytes += late->piece.bytes;
	if (late->piece.response)
		p->put_bytes[late->piece.response] += late->piece.bytes;
}

static void play(struct talk *t)
{
	struct talk_phone *p = &t->phone;
	size_t room = STEP_MS * ULAW_BYTES_PER_MS;

	while (p->first != p->last) {
		struct talk_piece *piece = &p->queue[p->first % QUEUE_MAX];

		if (piece->response == 0) {
			echo(t, piece->mark);
			p->first++;
			continue;
		}
		if (room == 0)
			return;
		size_t bytes = piece->bytes < room ? piece->bytes : room;

		piece->bytes -= bytes;
		room -= bytes;
		p->queue_bytes -= bytes;
		p->heard_bytes[piece->response] += bytes;
		p->first += piece->bytes == 0;
	}
}

bool talk_phone_is_silent(const struct talk *t)
{
	return t->phone.queue_bytes == 0;
}

/* --- the caller ------------------------------------------------------------------------------------- */

static void plan_speech(struct talk *t)
{
	struct talk_phone *p = &t->phone;
	bool cough = talk_chance(t, 30);

	p->speech_from_ms = t->k->now_ms + talk_draw(t, 500, 5000);
	p->speech_to_ms = p->speech_from_ms + (cough ? talk_draw(t, 40, 140) : talk_draw(t, 600, 3000));
}

static void speak(struct talk *t)
{
	struct talk_phone *p = &t->phone;

	if (t->k->now_ms < p->frame_at_ms)
		return;
	p->frame_at_ms += 20;
	if (t->k->now_ms >= p->speech_to_ms && !t->drains)
		plan_speech(t);
	way_put(t, &p->back, t->plan.back_ms)->loud =
		t->k->now_ms >= p->speech_from_ms && t->k->now_ms < p->speech_to_ms;
}

/* --- what comes to the bridge ----------------------------------------------------------------------- */

static void tell(struct talk *t, const struct twilio_event *event)
{
	bridge_phone(&t->k->bridge, event, t->k->now_ms);
	kit_read(t->k);
}

static void tell_frame(struct talk *t, bool loud)
{
	static char quiet_text[256], loud_text[256];
	static size_t len;
	struct twilio_event event;

	if (!len) {
		uint8_t audio[ULAW_FRAME_BYTES];

		memset(audio, TALK_LOUD, sizeof audio);
		len = base64_encode(loud_text, audio, sizeof audio);
		memset(audio, TALK_QUIET, sizeof audio);
		base64_encode(quiet_text, audio, sizeof audio);
	}
	twilio_event_init(&event, TWILIO_MEDIA);
	event.stream_sid = SLICE("MZ1");
	event.timestamp_ms = (int64_t)(20 * t->phone.frame_count++);
	event.payload = (struct slice){ loud ? loud_text : quiet_text, len };
	tell(t, &event);
	talk_frame_came(t, loud);
}

static void tell_mark(struct talk *t, const char *name)
{
	struct twilio_event event;

	for (unsigned i = 0; i < QUEUE_MAX && i < t->phone.mark_next; i++) {
		const struct talk_mark *m = &t->phone.marks[i];

		if (m->generation == t->phone.generation && strcmp(m->name, name) == 0 &&
			m->at_bytes > t->phone.proven_bytes)
			t->phone.proven_bytes = m->at_bytes;
	}
	twilio_event_init(&event, TWILIO_MARK);
	event.stream_sid = SLICE("MZ1");
	event.mark_name = slice_of(name);
	tell(t, &event);
}

void talk_phone_step(struct talk *t)
{
	struct talk_late *late;

	while ((late = way_due(t, &t->phone.out)))
		arrive(t, late);
	play(t);
	speak(t);
	while ((late = way_due(t, &t->phone.back))) {
		if (late->piece.mark[0])
			tell_mark(t, late->piece.mark);
		else
			tell_frame(t, late->loud);
	}
}
