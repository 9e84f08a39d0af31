/*
 * What was said, by either side, as Grok tells it: goes into the transcript. Words of an answer that was
 * interrupted or superseded are not heard, and not written.
 */
#include "relay/bridge_parts.h"

bool bridge_is_spoken(const struct bridge *b, const struct grok_event *event)
{
	return event->response_id.len == 0 || voice_id_is(&b->voice.response, event->response_id);
}

static void voice_words(struct bridge *b, const struct grok_event *event, uint32_t call_ms)
{
	if (!bridge_is_spoken(b, event))
		return;
	if (event->kind == GROK_TRANSCRIPT_DONE)
		transcript_voice_text(&b->transcript, event->item_id, event->transcript, call_ms);
	else
		transcript_voice_piece(&b->transcript, event->item_id, event->delta,
			event->start_s >= 0 ? (int64_t)(event->start_s * 1000) : -1, call_ms);
}

void bridge_words(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	struct transcript *t = &b->transcript;
	uint32_t call_ms = bridge_call_ms(b, now_ms);

	switch ((int)event->kind) {
	case GROK_CALLER_TEXT_UPDATED:
		return transcript_caller_text(t, event->item_id, event->transcript, false, call_ms);
	case GROK_CALLER_TEXT_COMPLETED:
		return transcript_caller_text(t, event->item_id, event->transcript,
			!slice_equal(event->status, SLICE("in_progress")), call_ms);
	case GROK_CALLER_TEXT_DELTA:
		return transcript_caller_piece(t, event->item_id, event->delta, call_ms);
	case GROK_TRANSCRIPT_DELTA:
	case GROK_TRANSCRIPT_DONE:
		return voice_words(b, event, call_ms);
	case GROK_ITEM_TRUNCATED:
		if (event->transcript.data)     /* OpenAI does not tell what is left */
			transcript_voice_kept(t, event->item_id, event->transcript);
		return;
	}
}
