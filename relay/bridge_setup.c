/*
 * Until the first words: session.update when Grok speaks first, session.updated makes it ready,
 * the greeting opens the talk.
 */
#include "relay/bridge_parts.h"

#include "base/check.h"

#define NOBODY_TOLD \
	"(The caller asked for a person and was being connected, but nobody answered. The caller is back with you. " \
	"Offer to take a message.)"

static void ask(struct bridge *b, uint64_t now_ms)
{
	const struct bridge_manners *m = &b->merchant.manners;
	struct grok_session session;

	grok_session_phone(&session, b->model.dialect, b->merchant.instructions, b->merchant.voice,
		b->merchant.language);
	if (m->vad_threshold > 0)
		session.turn_detection.threshold = m->vad_threshold;
	if (m->vad_silence_ms)
		session.turn_detection.silence_duration_ms = m->vad_silence_ms;
	session.tools_json = b->model.dialect->server_tools ? b->merchant.tools_json : b->merchant.functions_json;
	b->ask_at_ms = BRIDGE_NEVER;
	patience_begin(&b->patience, WAIT_READY, now_ms);
	b->asked_count++;
	bridge_count(b, METRIC_MODEL_UPDATES);
	bridge_to_model(b, model_out_session(&b->model, &session), now_ms);
}

void bridge_ask_when_possible(struct bridge *b, uint64_t now_ms)
{
	if (!b->model_open || !b->merchant_known || b->asked_count)
		return;
	if (b->model_spoke || now_ms >= b->open_ms + BRIDGE_ASK_MS)
		ask(b, now_ms);
	else
		b->ask_at_ms = b->open_ms + BRIDGE_ASK_MS;
}

void bridge_merchant(struct bridge *b, const struct bridge_merchant *merchant, uint64_t now_ms)
{
	if (b->reason != END_NONE)
		return;
	check(!b->merchant_known);
	b->merchant = *merchant;
	b->merchant_known = true;
	bridge_mind_manners(b, &merchant->manners);
	b->keypad.mode = merchant->keypad;
	if (merchant->menu)
		b->keypad.menu = *merchant->menu;
	bridge_ask_when_possible(b, now_ms);
}

bool bridge_needs_merchant(const struct bridge *b)
{
	return b->reason == END_NONE;
}

void bridge_model_open(struct bridge *b, uint64_t now_ms)
{
	if (b->reason != END_NONE)
		return;
	check(!b->model_open);
	b->model_open = true;
	b->model.gone = false;
	b->open_ms = now_ms;
	bridge_ask_when_possible(b, now_ms);
}

static void disclose(struct bridge *b, uint64_t now_ms)
{
	if (b->merchant.disclosure.len)
		bridge_say(b, b->merchant.disclosure,
			SAY_NOTICE | (b->merchant.manners.protect_disclosure ? SAY_PROTECTED : 0), now_ms);
}

/* The caller comes back from a transfer: no greeting, and no disclosure unless it is what allows to keep the rest: a
 * new stream knows nothing of what was heard in another. */
static void greet_again(struct bridge *b, uint64_t now_ms)
{
	bridge_to_model(b, model_out_tell(&b->model, SLICE(NOBODY_TOLD)), now_ms);
	if (b->merchant.needs_consent)
		disclose(b, now_ms);
	bridge_say(b, phrase(PHRASE_NOBODY, b->merchant.language), SAY_YIELDS, now_ms);
}

/* A call that begins has room for two lines. */
static void greet(struct bridge *b, uint64_t now_ms)
{
	const struct bridge_manners *m = &b->merchant.manners;
	unsigned greeting = SAY_YIELDS | (m->protect_greeting ? SAY_PROTECTED : 0);

	b->greeted = true;
	if (b->nobody_answered)
		return greet_again(b, now_ms);
	disclose(b, now_ms);
	bridge_say(b, b->opening[0] ? slice_of(b->opening) : b->merchant.greeting, greeting, now_ms);
}

bool bridge_is_early(const struct bridge *b)
{
	return b->reason == END_NONE && b->greeted && !b->phone_started;
}

void bridge_talk_when_possible(struct bridge *b, uint64_t now_ms)
{
	/* What Grok would make up is better made up for a caller who is there; given words are what they are. */
	bool has_words = b->merchant.disclosure.len || b->merchant.greeting.len;
	bool may_speak = b->phone_started || (b->is_ahead && has_words);

	if (b->reason == END_NONE && b->ready && may_speak && !b->greeted)
		greet(b, now_ms);
}

static bool is_linear(const struct grok_format *format)
{
	return slice_equal(format->type, SLICE("audio/pcm")) && (format->rate_hz < 0 || format->rate_hz == 24000);
}

/*
 * Mu-law both ways, as was asked for. If a side insists on what every such service speaks, 24 kHz PCM, its audio is
 * transcoded.
 */
static bool fits(struct bridge *b, const struct grok_session *session)
{
	struct grok_session spoken = *session;
	bool hears_turns = slice_equal(session->turn_detection.type, SLICE("server_vad"));

	b->caller.linear = is_linear(&session->input);
	b->voice.linear = is_linear(&session->output);
	if (b->caller.linear)
		spoken.input = (struct grok_format){ .type = SLICE("audio/pcmu"), .rate_hz = -1 };
	if (b->voice.linear)
		spoken.output = (struct grok_format){ .type = SLICE("audio/pcmu"), .rate_hz = -1 };
	if (!grok_session_fits_phone(&spoken, &b->misfit)) {
		b->misfit_loss = hears_turns ? LOSS_WRONG_AUDIO : LOSS_REFUSED;
		return false;
	}
	if (b->caller.linear || b->voice.linear)
		bridge_count(b, METRIC_MODEL_LINEAR);
	return true;
}

void bridge_updated(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	if (b->ready || b->asked_count == 0)
		return;
	if (!fits(b, &event->session))
		return;
	b->ready = true;
	patience_over(&b->patience, WAIT_READY);
	metrics_observe(
		b->metrics, METRIC_MODEL_READY_SECONDS, (double)(now_ms - b->born_ms) / 1000);
	bridge_to_model(b, caller_open(&b->caller), now_ms);
	if (b->greeted)
		bridge_back(b, now_ms);
	else
		bridge_talk_when_possible(b, now_ms);
}

void bridge_ask_again(struct bridge *b, uint64_t now_ms)
{
	ask(b, now_ms);
}
