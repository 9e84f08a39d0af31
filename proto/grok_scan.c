#include "proto/grok_scan.h"

#include "base/limits.h"
#include "proto/scan.h"

#define FIELD(key, type, member) { { key, sizeof(key) - 1 }, GROK_##type, offsetof(struct grok_event, member) }

const struct grok_field grok_server_fields[] = {
	FIELD("delta", TEXT, delta),
	FIELD("response_id", TEXT, response_id),
	FIELD("item_id", TEXT, item_id),
	FIELD("event_id", TEXT, event_id),
	FIELD("previous_item_id", TEXT, previous_item_id),
	FIELD("output_index", INT, output_index),
	FIELD("content_index", INT, content_index),
	FIELD("rid", TEXT, rid),
	FIELD("latency", TEXT, latency),
	FIELD("audio_duration_ms", INT, audio_duration_ms),
	FIELD("ts", INT, timestamp_ms),
	FIELD("call_id", TEXT, call_id),
	FIELD("name", TEXT, name),
	FIELD("arguments", TEXT, arguments),
	FIELD("transcript", TEXT, transcript),
	FIELD("status", TEXT, status),
	FIELD("audio_start_ms", INT, audio_start_ms),
	FIELD("audio_end_ms", INT, audio_end_ms),
	FIELD("start_time", REAL, start_s),
};
const size_t grok_server_field_count = sizeof grok_server_fields / sizeof grok_server_fields[0];

const struct grok_field grok_client_fields[] = {
	FIELD("audio", TEXT, delta),
	FIELD("event_id", TEXT, event_id),
	FIELD("item_id", TEXT, item_id),
	FIELD("previous_item_id", TEXT, previous_item_id),
	FIELD("response_id", TEXT, response_id),
	FIELD("content_index", INT, content_index),
	FIELD("audio_end_ms", INT, audio_end_ms),
};
const size_t grok_client_field_count = sizeof grok_client_fields / sizeof grok_client_fields[0];

static_assert(sizeof grok_server_fields / sizeof grok_server_fields[0] < 31, "`seen` has a bit for each and type");

enum { SEEN_AUDIO = 1u << 0, SEEN_TYPE = 1u << 31 }; /* the audio is the first member of either table */

struct shape {
	const struct grok_field *fields;
	size_t field_count;
	enum grok_kind kind;
};

static bool is_type(const struct shape *shape, struct slice type)
{
	if (shape->kind == GROK_AUDIO_APPEND)
		return scan_is(type, "input_audio_buffer.append");
	return scan_is(type, "response.output_audio.delta") || scan_is(type, "response.audio.delta");
}

static bool scan_field(struct scan *s, const struct grok_field *field, struct grok_event *e)
{
	void *member = (char *)e + field->offset;

	if (member == &e->delta)
		return scan_base64(s, member);
	if (field->type == GROK_REAL)
		return false;
	if (scan_peek(s, 'n'))
		return scan_null(s);
	return field->type == GROK_TEXT ? scan_string(s, member) : scan_int(s, member);
}

static bool scan_member(struct scan *s, const struct shape *shape, struct slice key, uint32_t *seen,
	struct grok_event *e)
{
	uint32_t bit = SEEN_TYPE;
	size_t i = 0;

	if (scan_is(key, "type")) {
		bool again = *seen & bit;
		*seen |= bit;
		return !again && scan_string(s, &e->type) && is_type(shape, e->type);
	}
	while (i < shape->field_count && !slice_equal(key, shape->fields[i].key))
		i++;
	if (i == shape->field_count)
		return scan_skip(s);
	bit = 1u << i;
	if (*seen & bit)
		return false;
	*seen |= bit;
	return scan_field(s, &shape->fields[i], e);
}

bool grok_scan(enum grok_direction from, const char *text, size_t len, struct grok_event *event)
{
	static const struct shape delta = { grok_server_fields,
		sizeof grok_server_fields / sizeof grok_server_fields[0], GROK_AUDIO_DELTA };
	static const struct shape append = { grok_client_fields,
		sizeof grok_client_fields / sizeof grok_client_fields[0], GROK_AUDIO_APPEND };
	const struct shape *shape = from == FROM_GROK ? &delta : &append;
	const uint32_t needed = SEEN_AUDIO | SEEN_TYPE;
	struct scan s = { .at = text, .end = text + len };
	struct slice key;
	uint32_t seen = 0;

	grok_event_init(event, shape->kind);
	scan_open(&s);
	while (scan_key(&s, &key))
		if (!scan_member(&s, shape, key, &seen, event))
			return false;
	return scan_end(&s) && (seen & needed) == needed;
}
