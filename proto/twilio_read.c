/* A message is scanned if it is plain media; otherwise json-c reads it and a function per event takes what it knows.
 * Either way the stream's id is settled last, by what the reader remembers. */
#include "proto/twilio.h"

#include "proto/base64.h"
#include "proto/twilio_scan.h"

#include <string.h>

static const struct {
	const char *name;
	bool from, to;
} kinds[TWILIO_KIND_COUNT] = {
	[TWILIO_UNKNOWN] = { "unknown", true, false },
#define X(kind, name, from, to) [TWILIO_##kind] = { name, from, to },
	TWILIO_KINDS(X)
#undef X
};

const char *twilio_kind_name(enum twilio_kind kind)
{
	return kinds[kind].name;
}

static enum twilio_kind kind_of(enum twilio_direction from, struct slice name)
{
	for (int kind = TWILIO_UNKNOWN + 1; kind < TWILIO_KIND_COUNT; kind++)
		if ((from == FROM_TWILIO ? kinds[kind].from : kinds[kind].to) &&
			slice_equal(name, slice_of(kinds[kind].name)))
			return (enum twilio_kind)kind;
	return TWILIO_UNKNOWN;
}

void twilio_event_init(struct twilio_event *event, enum twilio_kind kind)
{
	memset(event, 0, offsetof(struct twilio_event, parameters));
	event->kind = kind;
	event->sequence = event->chunk = event->timestamp_ms = event->stream_ms = -1;
	event->rate_hz = event->channel_count = -1;
	event->ulaw = true;
}

struct slice twilio_parameter(const struct twilio_event *start, struct slice name)
{
	for (size_t i = 0; i < start->parameter_count; i++)
		if (slice_equal(start->parameters[i].name, name))
			return start->parameters[i].value;
	return (struct slice){ 0 };
}

void twilio_reader_fini(struct twilio_reader *reader)
{
	json_reader_fini(&reader->json);
}

static bool bad(struct twilio_reader *reader, const char *why)
{
	reader->why = why;
	return false;
}

/* A number, or digits in a string; -1 otherwise. */
static int64_t number_of(const struct json_object *node)
{
	struct slice text;
	int64_t number;

	if (json_slice(node, &text))
		return twilio_number(text);
	return json_int(node, &number) && number >= 0 ? number : -1;
}

static void text_of(const struct json_object *object, const char *key, struct slice *out)
{
	json_slice(json_field(object, key), out);
}

/* The stream's id under the names that Twilio and its relatives use; an empty one is none. */
static void stream_of(const struct json_object *object, struct slice *out)
{
	static const char *const names[] = { "streamSid", "stream_sid", "stream_id" };

	for (size_t i = 0; i < sizeof names / sizeof names[0] && out->len == 0; i++)
		text_of(object, names[i], out);
}

/* --- FROM_TWILIO: tolerant ------------------------------------------------------------------------ */

static bool add_parameter(void *context, struct slice name, const struct json_object *value)
{
	struct twilio_event *e = context;
	struct slice text;

	if (!json_slice(value, &text) && !(json_is_number(value) && json_text(value, &text)))
		return true;
	if (e->parameter_count == TWILIO_PARAMETER_COUNT_MAX)
		return false;
	e->parameters[e->parameter_count++] = (struct twilio_parameter){ name, text };
	return true;
}

static bool add_track(void *context, struct slice name, const struct json_object *value)
{
	struct twilio_event *e = context;
	enum twilio_track track = twilio_track_of(name);

	if (track != TWILIO_TRACK_OTHER)
		e->tracks |= 1u << track;
	if (e->encoding.len == 0)
		text_of(value, "codec", &e->encoding);
	return true;
}

/* ["inbound"], or {"inbound":{"codec":"PCMU"…}} in older documents. */
static void read_tracks(const struct json_object *tracks, struct twilio_event *e)
{
	struct slice name;

	json_each(tracks, add_track, e);
	for (size_t i = 0; i < json_array_count(tracks); i++)
		if (json_slice(json_array_item(tracks, i), &name))
			add_track(e, name, NULL);
}

static bool is_ulaw(const struct twilio_event *e)
{
	static const char *const names[] = { "audio/x-mulaw", "PCMU", "g711_ulaw", "audio/pcmu", "mulaw" };

	if ((e->rate_hz >= 0 && e->rate_hz != 8000) || (e->channel_count >= 0 && e->channel_count != 1))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (slice_equal_nocase(e->encoding, slice_of(names[i])))
			return true;
	return e->encoding.len == 0;
}

static bool read_start(struct twilio_reader *reader, const struct json_object *body, struct twilio_event *e)
{
	const struct json_object *format = json_field(body, "mediaFormat");

	struct slice inner = { 0 };
	stream_of(body, &inner);
	if (inner.len)
		e->stream_sid = inner;
	text_of(body, "callSid", &e->call_sid);
	text_of(body, "accountSid", &e->account_sid);
	text_of(format, "encoding", &e->encoding);
	e->rate_hz = number_of(json_field(format, "sampleRate"));
	e->channel_count = number_of(json_field(format, "channels"));
	read_tracks(json_field(body, "tracks"), e);
	e->ulaw = is_ulaw(e);
	return json_each(json_field(body, "customParameters"), add_parameter, e) ||
		bad(reader, "start carries too many custom parameters");
}

static bool read_media(struct twilio_reader *reader, const struct json_object *body, struct twilio_event *e)
{
	const struct json_object *timestamp = json_field(body, "timestamp");
	struct slice text;

	if (!json_slice(json_field(body, "payload"), &e->payload))
		return bad(reader, "media without a payload");
	if (!base64_valid(e->payload))
		return bad(reader, "the payload is not base64");
	if (json_slice(json_field(body, "track"), &text))
		e->track = twilio_track_of(text);
	e->chunk = number_of(json_field(body, "chunk"));
	e->timestamp_ms = number_of(timestamp);
	if (json_slice(timestamp, &text))
		e->timestamp_ms = twilio_time(text, &e->timestamp_is_wall);
	return true;
}

static bool read_dtmf(struct twilio_reader *reader, const struct json_object *body, struct twilio_event *e)
{
	const struct json_object *digit = json_field(body, "digit");
	struct slice text;

	if (json_slice(json_field(body, "track"), &text))
		e->track = twilio_track_of(text);
	if (!json_slice(digit, &text) && !(json_is_number(digit) && json_text(digit, &text)))
		return bad(reader, "dtmf without a digit");
	if (text.len != 1 || !memchr("0123456789*#ABCDabcd", text.data[0], 20))
		return bad(reader, "dtmf with an unknown digit");
	e->digit = text.data[0];
	return true;
}

static bool read_from(struct twilio_reader *reader, const struct json_object *root, struct twilio_event *e)
{
	const struct json_object *body = json_field(root, kinds[e->kind].name);

	stream_of(root, &e->stream_sid);
	e->sequence = number_of(json_field(root, "sequenceNumber"));
	switch (e->kind) {
	case TWILIO_CONNECTED:
		text_of(root, "protocol", &e->protocol);
		text_of(root, "version", &e->version);
		return true;
	case TWILIO_START:
		return read_start(reader, body, e);
	case TWILIO_MEDIA:
		return read_media(reader, body, e);
	case TWILIO_DTMF:
		return read_dtmf(reader, body, e);
	case TWILIO_MARK:
		return json_slice(json_field(body, "name"), &e->mark_name) || bad(reader, "mark without a name");
	case TWILIO_STOP:
		text_of(body, "callSid", &e->call_sid);
		text_of(body, "accountSid", &e->account_sid);
		return true;
	case TWILIO_CLEAR:
	case TWILIO_UNKNOWN:
	case TWILIO_KIND_COUNT:
		break;
	}
	return true;
}

/* --- TO_TWILIO: exactly what is documented, as Twilio's error 31951 demands ------------------------- */

/* The one string in an object that has nothing else. */
static bool only_text(const struct json_object *body, const char *key, struct slice *out)
{
	return json_member_count(body) == 1 && json_slice(json_field(body, key), out);
}

static bool read_to(struct twilio_reader *reader, const struct json_object *root, struct twilio_event *e)
{
	const struct json_object *body = json_field(root, kinds[e->kind].name);

	if (e->kind == TWILIO_UNKNOWN)
		return bad(reader, "an event that Twilio does not take");
	if (!json_slice(json_field(root, "streamSid"), &e->stream_sid))
		return bad(reader, "no streamSid");
	if (json_member_count(root) != (e->kind == TWILIO_CLEAR ? 2 : 3))
		return bad(reader, "members that do not belong there");
	if (e->kind == TWILIO_MARK && !only_text(body, "name", &e->mark_name))
		return bad(reader, "mark must have a name and nothing else");
	if (e->kind != TWILIO_MEDIA)
		return true;
	if (!only_text(body, "payload", &e->payload))
		return bad(reader, "media must have a payload and nothing else");
	return base64_valid(e->payload) || bad(reader, "the payload is not base64");
}

/* --- both ------------------------------------------------------------------------------------------ */

static struct slice remembered(const struct twilio_reader *reader)
{
	return (struct slice){ reader->stream_sid, reader->stream_sid_len };
}

static bool remember(struct twilio_reader *reader, struct slice stream_sid)
{
	if (!slice_copy(stream_sid, reader->stream_sid, sizeof reader->stream_sid)) {
		reader->stream_sid_len = 0;
		return false;
	}
	reader->stream_sid_len = stream_sid.len;
	return true;
}

bool twilio_reader_expect(struct twilio_reader *reader, struct slice stream_sid)
{
	return remember(reader, stream_sid);
}

static bool names_another_stream(const struct twilio_reader *reader, struct slice stream_sid)
{
	return stream_sid.len && reader->stream_sid_len && !slice_equal(stream_sid, remembered(reader));
}

static bool settle_start(struct twilio_reader *reader, struct twilio_event *e)
{
	if (reader->started && names_another_stream(reader, e->stream_sid))
		return bad(reader, "a second start names another stream");
	if (e->stream_sid.len == 0)
		e->stream_sid = remembered(reader);
	if (e->stream_sid.len == 0)
		return bad(reader, "start names no stream");
	if (e->stream_sid.data != reader->stream_sid && !remember(reader, e->stream_sid))
		return bad(reader, "the stream's id is too long or holds a NUL");
	reader->started = true;
	return true;
}

/* Which stream the message is about, and whether it may be. */
static bool settle_stream(struct twilio_reader *reader, enum twilio_direction from, struct twilio_event *e)
{
	if (from == FROM_TWILIO && e->kind == TWILIO_START)
		return settle_start(reader, e);
	if (from == FROM_TWILIO && e->kind == TWILIO_CONNECTED)
		return e->stream_sid.len == 0 || reader->started || remember(reader, e->stream_sid) ||
			bad(reader, "the stream's id is too long or holds a NUL");
	if (names_another_stream(reader, e->stream_sid) || (from == TO_TWILIO && e->stream_sid.len == 0))
		return bad(reader, "the message is about another stream");
	if (e->stream_sid.len == 0)
		e->stream_sid = remembered(reader);
	return true;
}

/* An ISO time says nothing of the stream's start: the first one is taken for it, on whichever track. */
static void settle_time(struct twilio_reader *reader, struct twilio_event *e)
{
	e->stream_ms = e->timestamp_ms;
	if (!e->timestamp_is_wall)
		return;
	if (reader->wall_start_ms == 0)
		reader->wall_start_ms = e->timestamp_ms;
	e->stream_ms = e->timestamp_ms > reader->wall_start_ms ? e->timestamp_ms - reader->wall_start_ms : 0;
}

static bool parse(struct twilio_reader *reader, enum twilio_direction from, const char *text, size_t len,
	struct twilio_event *e)
{
	const struct json_object *root = json_read(&reader->json, text, len);
	struct slice name = { 0 };

	if (!root)
		return bad(reader, reader->json.why);
	if (!json_slice(json_field(root, "event"), &name))
		return bad(reader, "no event");
	twilio_event_init(e, kind_of(from, name));
	e->name = name;
	return from == FROM_TWILIO ? read_from(reader, root, e) : read_to(reader, root, e);
}

enum twilio_result twilio_read(struct twilio_reader *reader, enum twilio_direction from, const char *text,
	size_t len, struct twilio_event *out)
{
	if (!reader->slow && twilio_scan(from, text, len, out)) {
		reader->scanned_count++;
	} else {
		reader->parsed_count++;
		if (!parse(reader, from, text, len, out))
			return TWILIO_BAD;
	}
	if (!settle_stream(reader, from, out))
		return TWILIO_BAD;
	settle_time(reader, out);
	return TWILIO_EVENT;
}
