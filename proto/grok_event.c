#include "proto/grok_event.h"

#include <string.h>

static const struct {
	const char *type;
	enum grok_direction from;
} kinds[GROK_KIND_COUNT] = {
	[GROK_UNKNOWN] = { "unknown", FROM_GROK },
#define X(kind, type) [GROK_##kind] = { type, TO_GROK },
	GROK_CLIENT_KINDS(X)
#undef X
#define X(kind, type) [GROK_##kind] = { type, FROM_GROK },
	GROK_SERVER_KINDS(X)
#undef X
};

static const struct {
	enum grok_kind kind;
	const char *type;
} aliases[] = {
#define X(kind, type) { GROK_##kind, type },
	GROK_ALIASES(X)
#undef X
};

const char *grok_kind_name(enum grok_kind kind)
{
	return kinds[kind].type;
}

enum grok_kind grok_kind_of(enum grok_direction from, struct slice type)
{
	for (int kind = GROK_UNKNOWN + 1; kind < GROK_KIND_COUNT; kind++)
		if (kinds[kind].from == from && slice_equal(type, slice_of(kinds[kind].type)))
			return (enum grok_kind)kind;
	for (size_t i = 0; from == FROM_GROK && i < sizeof aliases / sizeof aliases[0]; i++)
		if (slice_equal(type, slice_of(aliases[i].type)))
			return aliases[i].kind;
	return GROK_UNKNOWN;
}

/* In a session that is all zero. */
static void unsay_numbers(struct grok_session *session)
{
	struct grok_turn_detection *turn = &session->turn_detection;

	session->input.rate_hz = session->output.rate_hz = -1;
	session->speed = turn->threshold = -1;
	turn->silence_duration_ms = turn->prefix_padding_ms = turn->idle_timeout_ms = -1;
}

void grok_session_init(struct grok_session *session)
{
	*session = (struct grok_session){ 0 };
	unsay_numbers(session);
}

void grok_item_init(struct grok_item *item)
{
	*item = (struct grok_item){ 0 };
}

void grok_event_init(struct grok_event *event, enum grok_kind kind)
{
	memset(event, 0, offsetof(struct grok_event, metadata));
	event->kind = kind;
	event->output_index = event->content_index = -1;
	event->audio_duration_ms = event->audio_start_ms = event->audio_end_ms = event->timestamp_ms = -1;
	event->start_s = -1;
	event->usage = (struct grok_usage){ -1, -1, -1, -1, -1, -1, -1, -1, -1 };
	unsay_numbers(&event->session);
}

struct slice grok_metadata(const struct grok_event *event, struct slice key)
{
	for (size_t i = 0; i < event->metadata_count; i++)
		if (slice_equal(event->metadata[i].key, key))
			return event->metadata[i].value;
	return (struct slice){ 0 };
}
