#include "media/told/tidings.h"

#include "proto/json_write.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const media_words[] = {
#define X(name, word) [TIDINGS_##name] = word,
	TIDINGS_MEDIA(X)
#undef X
};

static void put_time(struct json_writer *w, const char *key, const struct zone *zone, int64_t at_ms)
{
	const struct zone_time t = zone_local(zone, at_ms / 1000);
	const int east_min = t.offset.east_s / 60;
	char text[48];

	(void)snprintf(text, sizeof text, "%04d-%02u-%02uT%02u:%02u:%02u%c%02d:%02d", t.year,
		t.month, t.day, t.hour, t.minute, t.second, east_min < 0 ? '-' : '+',
		abs(east_min) / 60, abs(east_min) % 60);
	json_put(w, key, slice_of(text));
}

/* Empty texts are null. */
static void put_text(struct json_writer *w, const char *key, const char *text)
{
	if (text[0])
		json_put(w, key, slice_of(text));
	else
		json_put_raw(w, key, SLICE("null"));
}

static void put_call(struct json_writer *w, const struct tidings *t)
{
	const struct call_record *call = t->call;
	const int64_t from_ms = call->started_ms ? call->started_ms : call->created_ms;

	json_put(w, "call_sid", slice_of(call->call_sid));
	json_put_int(w, "merchant_id", call->merchant_id);
	json_put(w, "merchant", slice_of(t->merchant->name));
	json_put(w, "direction", call->is_outbound ? SLICE("outbound") : SLICE("inbound"));
	json_put(w, "caller", slice_of(call->caller_number));
	json_put(w, "called", slice_of(call->called_number));
	put_time(w, "started", t->zone, from_ms);
	put_time(w, "ended", t->zone, call->ended_ms);
	json_put_double(w, "seconds",
		(double)(call->ended_ms > from_ms ? call->ended_ms - from_ms : 0) / 1000);
	json_open(w, "ending", '{');
	json_put(w, "reason", slice_of(end_reason_word(call->end_reason)));
	json_put(w, "sentence", slice_of(end_reason_sentence(call->end_reason)));
	json_put_bool(w, "fault", end_reason_is_fault(call->end_reason));
	json_close(w, '}');
	put_text(w, "transferred_to", call->transfer_number);
	put_text(w, "transfer_result", call->transfer_result);
	json_put_int(w, "turns", t->report->turn_count);
}

static void put_summary(struct json_writer *w, const struct summary_kept *summary)
{
	if (!summary) {
		json_put_raw(w, "summary", SLICE("null"));
		return;
	}
	json_open(w, "summary", '{');
	json_put(w, "text", slice_of(summary->text));
	put_text(w, "intent", summary->intent);
	put_text(w, "caller_name", summary->caller_name);
	json_put_bool(w, "callback_needed", summary->callback_needed);
	json_put_raw(w, "action_items", slice_of(summary->items_json));
	json_close(w, '}');
}

static void put_message(struct json_writer *w, const struct tidings_message *m)
{
	json_open(w, NULL, '{');
	json_put(w, "kind", m->kind == MESSAGE_SPOKEN ? SLICE("spoken") : SLICE("voicemail"));
	json_put_bool(w, "urgent", m->urgent);
	put_text(w, "caller_name", m->caller_name);
	put_text(w, "callback_number", m->callback_number);
	put_text(w, "text", m->text);
	put_text(w, "recording_url", m->recording_url);
	json_put_int_optional(w, "recording_ms", m->recording_ms);
	json_close(w, '}');
}

static void put_media(struct json_writer *w, const struct tidings *t)
{
	const struct call_media *media = &t->report->media;

	json_put(w, "media", slice_of(media_words[t->media]));
	put_text(w, "recording_url", media->recording_url);
	json_put_int_optional(w, "recording_ms", media->recording_ms);
	put_text(w, "recording_stopped", media->recording_stopped);
	put_text(w, "video_url", media->video_url);
	put_text(w, "captions_url", media->captions_url);
	json_open(w, "links", '{');
	put_text(w, "recording", t->recording_link);
	put_text(w, "video", t->video_link);
	put_text(w, "captions", t->captions_link);
	if (t->links_until_ms)
		put_time(w, "until", t->zone, t->links_until_ms);
	json_close(w, '}');
}

bool tidings_json(struct buf *out, const struct tidings *t)
{
	struct json_writer w;

	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put(&w, "event", SLICE("call"));
	json_put(&w, "event_id", slice_of(t->event_id));
	put_call(&w, t);
	put_summary(&w, t->summary);
	json_open(&w, "messages", '[');
	for (unsigned i = 0; i < t->message_count; i++)
		put_message(&w, &t->messages[i]);
	json_close(&w, ']');
	if (t->message_left_out_count)
		json_put_int(&w, "messages_left_out", t->message_left_out_count);
	put_media(&w, t);
	json_close(&w, '}');
	return json_end(&w);
}
