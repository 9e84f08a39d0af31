#include "media/told/tidings.h"

#include "media/plain.h"
#include "proto/json.h"

#include <stdio.h>

enum { LINE_BYTES = 4096, NAME_BYTES = 80 };

/* Something of a stranger's in one line. */
static bool append_plain(struct buf *out, struct slice text)
{
	char memory[LINE_BYTES];
	const struct slice plain = plain_text(text, memory, sizeof memory);

	return buf_append(out, plain.data, plain.len);
}

static bool append_line(struct buf *out, const char *label, struct slice text)
{
	return text.len == 0 || (buf_append_string(out, label) && append_plain(out, text) &&
					buf_append_string(out, "\n"));
}

static const char *other_side(const struct call_record *call)
{
	return call->is_outbound ? call->called_number : call->caller_number;
}

/* The name that the caller gave, to the receptionist or as the summary understood it. */
static const char *name_of(const struct tidings *t)
{
	for (unsigned i = 0; i < t->message_count; i++)
		if (t->messages[i].caller_name[0])
			return t->messages[i].caller_name;
	return t->summary ? t->summary->caller_name : "";
}

static bool is_urgent(const struct tidings *t)
{
	for (unsigned i = 0; i < t->message_count; i++)
		if (t->messages[i].urgent)
			return true;
	return false;
}

void tidings_subject(const struct tidings *t, char *out, size_t out_bytes)
{
	char name[NAME_BYTES], merchant[NAME_BYTES];
	const struct slice n = plain_text(slice_of(name_of(t)), name, sizeof name);
	const struct slice m = plain_text(slice_of(t->merchant->name), merchant, sizeof merchant);

	(void)snprintf(out, out_bytes, "%s%.*s: %s %s %.*s%s%s%s", is_urgent(t) ? "URGENT - " : "",
		(int)m.len, m.data, t->message_count ? "message" : "call",
		t->call->is_outbound ? "to" : "from", (int)n.len, n.data, n.len ? " (" : "",
		other_side(t->call), n.len ? ")" : "");
}

static bool append_call(struct buf *out, const struct tidings *t)
{
	static const char *const days[] = {
		"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
	const struct call_record *call = t->call;
	const int64_t from_ms = call->started_ms ? call->started_ms : call->created_ms;
	const int64_t length_s =
		call->ended_ms > from_ms ? (call->ended_ms - from_ms + 500) / 1000 : 0;
	const struct zone_time at = zone_local(t->zone, from_ms / 1000);

	return append_line(out, "A call for ", slice_of(t->merchant->name)) &&
	       buf_append_string(out, "\n") &&
	       append_line(out,
		       call->is_outbound ? "To:      " : "From:    ", slice_of(other_side(call))) &&
	       append_line(out, "Name:    ", slice_of(name_of(t))) &&
	       buf_printf(out, "When:    %s %04d-%02u-%02u %02u:%02u %s\n", days[at.weekday % 7],
		       at.year, at.month, at.day, at.hour, at.minute, at.offset.abbreviation) &&
	       buf_printf(out, "Length:  %lld:%02lld\n", (long long)length_s / 60,
		       (long long)length_s % 60) &&
	       buf_printf(out, "Ending:  %s\n", end_reason_sentence(call->end_reason));
}

static bool append_items(struct buf *out, struct slice items_json)
{
	struct json_reader reader = {0};
	const struct json_object *items = json_read(&reader, items_json.data, items_json.len);
	struct slice text;
	bool fits = json_array_count(items) == 0 || buf_append_string(out, "\nTo do:\n");

	for (size_t i = 0; fits && i < json_array_count(items); i++)
		if (json_slice(json_array_item(items, i), &text))
			fits = append_line(out, "- ", text);
	json_reader_fini(&reader);
	return fits;
}

static bool append_summary(struct buf *out, const struct tidings *t)
{
	if (!t->summary)
		return true;
	return buf_append_string(out, "\nSummary, made by a language model:\n") &&
	       append_line(out, "", slice_of(t->summary->text)) &&
	       append_items(out, slice_of(t->summary->items_json)) &&
	       (!t->summary->callback_needed ||
		       buf_append_string(out, "\nThe caller should be called back.\n"));
}

static bool append_message(struct buf *out, const struct tidings_message *m)
{
	if (!buf_printf(out, "\n%s%s\n", m->urgent ? "URGENT " : "",
		    m->kind == MESSAGE_SPOKEN ? "Message:" : "Voicemail:") ||
		!append_line(out, "From:      ", slice_of(m->caller_name)) ||
		!append_line(out, "Call back: ", slice_of(m->callback_number)) ||
		!append_line(out, "", slice_of(m->text)))
		return false;
	if (m->recording_ms >= 0 && m->kind == MESSAGE_VOICEMAIL &&
		!buf_printf(out, "%lld seconds\n", (long long)(m->recording_ms + 500) / 1000))
		return false;
	return append_line(out, "Listen:    ", slice_of(m->recording_url));
}

static bool append_media(struct buf *out, const struct tidings *t)
{
	static const char *const sentences[] = {
		[TIDINGS_COMPLETE] = "",
		[TIDINGS_NONE] = "Nothing of this call was recorded.\n",
		[TIDINGS_FAILED] = "The recording or the video of this call could not be made.\n",
		[TIDINGS_LATE] = "The recording or the video of this call is not ready yet.\n",
	};

	return buf_append_string(out, "\n") &&
	       append_line(out, "Video:     ", slice_of(t->video_link)) &&
	       append_line(out, "Recording: ", slice_of(t->recording_link)) &&
	       buf_append_string(out, sentences[t->media]);
}

static bool append_links_end(struct buf *out, const struct tidings *t)
{
	if (!t->links_until_ms || (!t->video_link[0] && !t->recording_link[0]))
		return true;
	const struct zone_time until = zone_local(t->zone, t->links_until_ms / 1000);

	return buf_printf(
		out, "The links work until %04d-%02u-%02u.\n", until.year, until.month, until.day);
}

bool tidings_text(struct buf *out, const struct tidings *t)
{
	const size_t start = buf_len(out);
	bool fits = append_call(out, t) && append_summary(out, t);

	for (unsigned i = 0; fits && i < t->message_count; i++)
		fits = append_message(out, &t->messages[i]);
	fits = fits && append_media(out, t) && append_links_end(out, t) &&
	       buf_printf(out, "\nCall %s\n", t->call->call_sid);
	if (!fits)
		buf_cut(out, start);
	return fits;
}
