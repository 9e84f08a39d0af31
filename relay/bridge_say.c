/*
 * Asks Grok to speak: exact words by force_message, which no response.create may follow, or words of
 * its own. say.h decides when.
 */
#include "relay/bridge_parts.h"

bool bridge_respond(struct bridge *b, struct slice source, uint64_t now_ms)
{
	say_others_asked(&b->say, now_ms);
	return bridge_to_model(b, model_out_respond(&b->model, source), now_ms);
}

static bool ask_for(struct bridge *b, const struct say_line *line)
{
	struct slice words = SLICE(SAY_INSTEAD);

	if (line->finds_own && line->tries == 0)
		return model_out_respond(&b->model, SLICE("greeting"));
	if (!line->finds_own)
		words = (struct slice){ (const char *)buf_data(&line->words), buf_len(&line->words) };
	return model_out_say(&b->model, words, !(line->flags & SAY_PROTECTED && line->tries));
}

/*
 * Grok would cancel protected words if it heard the caller meanwhile. It makes them much faster than they
 * are spoken: until they are complete the caller is withheld from it, at most a second of him is lost.
 * Had it heard him all the same, they are asked for once more, not interruptible: then Grok itself
 * passes over what he says, for as long as it thinks that they are being spoken.
 */
static void keep_quiet(struct bridge *b)
{
	b->caller.withheld = say_wants_quiet(&b->say);
}

void bridge_say_next(struct bridge *b, uint64_t now_ms)
{
	const struct say_line *line = b->ready ? say_next(&b->say, now_ms) : NULL;

	if (line && bridge_to_model(b, ask_for(b, line), now_ms))
		say_asked(&b->say, now_ms);
	keep_quiet(b);
}

bool bridge_say(struct bridge *b, struct slice words, unsigned flags, uint64_t now_ms)
{
	if (b->reason != END_NONE || !say_put(&b->say, words, flags))
		return false;
	bridge_say_next(b, now_ms);
	return true;
}
