#include "proto/twilio_scan.h"

#include "proto/scan.h"

/* Members seen so far: a second one of the same name is json-c's to decide. */
enum {
	SEEN_EVENT = 1, SEEN_STREAM = 2, SEEN_SEQUENCE = 4, SEEN_BODY = 8,
	SEEN_TRACK = 16, SEEN_CHUNK = 32, SEEN_TIMESTAMP = 64, SEEN_PAYLOAD = 128,
	SEEN_MARK = 256, SEEN_NAME = 512,
};

int64_t twilio_number(struct slice text)
{
	int64_t number;

	return scan_digits(text.data, text.len, &number) ? number : -1;
}

enum twilio_track twilio_track_of(struct slice text)
{
	if (scan_is(text, "inbound") || scan_is(text, "inbound_track"))
		return TWILIO_INBOUND;
	if (scan_is(text, "outbound") || scan_is(text, "outbound_track"))
		return TWILIO_OUTBOUND;
	return TWILIO_TRACK_OTHER;
}

static bool first(unsigned *seen, unsigned member)
{
	bool is_first = !(*seen & member);

	*seen |= member;
	return is_first;
}

static bool scan_number(struct scan *s, int64_t *out)
{
	struct slice text;

	if (!scan_peek(s, '"'))
		return scan_int(s, out);
	if (!scan_string(s, &text))
		return false;
	*out = twilio_number(text);
	return true;
}

static bool scan_time(struct scan *s, struct twilio_event *e)
{
	struct slice text;

	if (!scan_peek(s, '"'))
		return scan_int(s, &e->timestamp_ms);
	if (!scan_string(s, &text))
		return false;
	e->timestamp_ms = twilio_time(text, &e->timestamp_is_wall);
	return true;
}

static bool scan_track(struct scan *s, struct twilio_event *e)
{
	struct slice text;

	if (!scan_string(s, &text))
		return false;
	e->track = twilio_track_of(text);
	return true;
}

static bool scan_body_member(struct scan *s, enum twilio_direction from, struct slice key, unsigned *seen,
	struct twilio_event *e)
{
	if (scan_is(key, "payload"))
		return first(seen, SEEN_PAYLOAD) && scan_base64(s, &e->payload);
	if (from == TO_TWILIO)
		return false;
	if (scan_is(key, "track"))
		return first(seen, SEEN_TRACK) && scan_track(s, e);
	if (scan_is(key, "chunk"))
		return first(seen, SEEN_CHUNK) && scan_number(s, &e->chunk);
	if (scan_is(key, "timestamp"))
		return first(seen, SEEN_TIMESTAMP) && scan_time(s, e);
	return scan_skip(s);
}

static bool scan_body(struct scan *s, enum twilio_direction from, unsigned *seen, struct twilio_event *e)
{
	struct slice key;

	scan_open(s);
	while (scan_key(s, &key))
		if (!scan_body_member(s, from, key, seen, e))
			return false;
	return !s->failed;
}

static bool scan_mark(struct scan *s, unsigned *seen, struct twilio_event *e)
{
	struct slice key;

	scan_open(s);
	while (scan_key(s, &key))
		if (scan_is(key, "name") ? !first(seen, SEEN_NAME) || !scan_string(s, &e->mark_name) : !scan_skip(s))
			return false;
	return !s->failed;
}

/* A mark on its way to Twilio is left to json-c: only a simulator reads it. */
static bool scan_event(struct scan *s, enum twilio_direction from, struct twilio_event *e)
{
	if (!scan_string(s, &e->name))
		return false;
	if (from == FROM_TWILIO && scan_is(e->name, "mark"))
		e->kind = TWILIO_MARK;
	return e->kind == TWILIO_MARK || scan_is(e->name, "media");
}

static bool scan_member(struct scan *s, enum twilio_direction from, struct slice key, unsigned *seen,
	struct twilio_event *e)
{
	if (scan_is(key, "event"))
		return first(seen, SEEN_EVENT) && scan_event(s, from, e);
	if (scan_is(key, "streamSid"))
		return first(seen, SEEN_STREAM) && scan_string(s, &e->stream_sid);
	if (scan_is(key, "media"))
		return first(seen, SEEN_BODY) && scan_body(s, from, seen, e);
	if (from == TO_TWILIO || scan_is(key, "stream_sid") || scan_is(key, "stream_id"))
		return false;
	if (scan_is(key, "mark"))
		return first(seen, SEEN_MARK) && scan_mark(s, seen, e);
	if (scan_is(key, "sequenceNumber"))
		return first(seen, SEEN_SEQUENCE) && scan_number(s, &e->sequence);
	return scan_skip(s);
}

/* What the event needs, and nothing of the other kind's. */
static bool is_complete(enum twilio_direction from, enum twilio_kind kind, unsigned seen)
{
	unsigned needed = SEEN_EVENT | (from == TO_TWILIO ? SEEN_STREAM : 0);

	if (kind == TWILIO_MARK)
		return (seen & (needed | SEEN_NAME | SEEN_BODY)) == (needed | SEEN_NAME);
	return (seen & (needed | SEEN_PAYLOAD | SEEN_MARK)) == (needed | SEEN_PAYLOAD);
}

bool twilio_scan(enum twilio_direction from, const char *text, size_t len, struct twilio_event *event)
{
	struct scan s = { .at = text, .end = text + len };
	struct slice key;
	unsigned seen = 0;

	twilio_event_init(event, TWILIO_MEDIA);
	scan_open(&s);
	while (scan_key(&s, &key))
		if (!scan_member(&s, from, key, &seen, event))
			return false;
	return scan_end(&s) && is_complete(from, event->kind, seen);
}
