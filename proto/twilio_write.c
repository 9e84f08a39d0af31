/* One function per event in each dialect's order of members; Twilio's numbers are decimal strings. */
#include "proto/twilio.h"

#include "base/check.h"
#include "proto/json_write.h"
#include "proto/twilio_scan.h"

static const char media_head[] = "{\"event\":\"media\",\"streamSid\":", media_middle[] = ",\"media\":{\"payload\":\"";

static_assert(sizeof media_head + sizeof media_middle <= 64, "the prefix has room for an id of escapes only");

/* --- to Twilio ------------------------------------------------------------------------------------- */

static void begin(struct json_writer *w, struct buf *out, enum twilio_kind kind)
{
	json_begin(w, out);
	json_open(w, NULL, '{');
	json_put(w, "event", slice_of(twilio_kind_name(kind)));
}

static bool end(struct json_writer *w)
{
	json_close(w, '}');
	return json_end(w);
}

static void put_stream(struct json_writer *w, struct slice stream_sid)
{
	json_put(w, "streamSid", stream_sid);
}

bool twilio_write_media(struct buf *out, struct slice stream_sid, struct slice base64)
{
	struct json_writer w;

	begin(&w, out, TWILIO_MEDIA);
	put_stream(&w, stream_sid);
	json_open(&w, "media", '{');
	json_put_plain(&w, "payload", base64);
	json_close(&w, '}');
	return end(&w);
}

static void put_mark(struct json_writer *w, struct slice mark_name)
{
	json_open(w, "mark", '{');
	json_put(w, "name", mark_name);
	json_close(w, '}');
}

bool twilio_write_mark(struct buf *out, struct slice stream_sid, struct slice mark_name)
{
	struct json_writer w;

	begin(&w, out, TWILIO_MARK);
	put_stream(&w, stream_sid);
	put_mark(&w, mark_name);
	return end(&w);
}

bool twilio_write_clear(struct buf *out, struct slice stream_sid)
{
	struct json_writer w;

	begin(&w, out, TWILIO_CLEAR);
	put_stream(&w, stream_sid);
	return end(&w);
}

size_t twilio_media_prefix(char out[TWILIO_MEDIA_PREFIX_BYTES_MAX], struct slice stream_sid)
{
	struct buf prefix;

	if (stream_sid.len > SID_BYTES_MAX)
		return 0;
	buf_init_fixed(&prefix, out, TWILIO_MEDIA_PREFIX_BYTES_MAX);
	bool fits = buf_append_string(&prefix, media_head) && json_write_string(&prefix, stream_sid) &&
		buf_append_string(&prefix, media_middle);
	check(fits);
	return buf_len(&prefix);
}

/* --- from Twilio ----------------------------------------------------------------------------------- */

static void put_number(struct json_writer *w, const char *key, int64_t number)
{
	if (number >= 0)
		json_put_int_text(w, key, number);
}

static void put_sequence(struct json_writer *w, enum twilio_dialect dialect, const struct twilio_event *e)
{
	if (dialect == TWILIO_REAL)
		put_number(w, "sequenceNumber", e->sequence);
}

static void put_tracks(struct json_writer *w, const struct twilio_event *e)
{
	json_open(w, "tracks", '[');
	if (e->tracks & TWILIO_TRACKS_INBOUND)
		json_put(w, NULL, SLICE("inbound"));
	if (e->tracks & TWILIO_TRACKS_OUTBOUND)
		json_put(w, NULL, SLICE("outbound"));
	json_close(w, ']');
}

/* The older documents' own numbers: the second ssrc does not fit 32 bits. */
static void put_seed_track(struct json_writer *w, const char *track, int64_t ssrc)
{
	json_open(w, track, '{');
	json_put(w, "track", slice_of(track));
	json_put(w, "codec", SLICE("PCMU"));
	json_open(w, "rtp", '{');
	json_put_int(w, "payloadType", 0);
	json_put_int(w, "ssrc", ssrc);
	json_close(w, '}');
	json_close(w, '}');
}

static void put_seed_tracks(struct json_writer *w, const struct twilio_event *e)
{
	json_open(w, "tracks", '{');
	if (e->tracks & TWILIO_TRACKS_INBOUND)
		put_seed_track(w, "inbound", 1234567890);
	if (e->tracks & TWILIO_TRACKS_OUTBOUND)
		put_seed_track(w, "outbound", 9876543210);
	json_close(w, '}');
}

static void put_format(struct json_writer *w, const struct twilio_event *e)
{
	json_open(w, "mediaFormat", '{');
	json_put(w, "encoding", e->encoding.len ? e->encoding : SLICE("audio/x-mulaw"));
	json_put_int(w, "sampleRate", e->rate_hz >= 0 ? e->rate_hz : 8000);
	json_put_int(w, "channels", e->channel_count >= 0 ? e->channel_count : 1);
	json_close(w, '}');
}

static void put_parameters(struct json_writer *w, const struct twilio_event *e)
{
	json_open(w, "customParameters", '{');
	for (size_t i = 0; i < e->parameter_count; i++)
		json_put_pair(w, e->parameters[i].name, e->parameters[i].value);
	json_close(w, '}');
}

static void put_ids(struct json_writer *w, const char *body, const struct twilio_event *e)
{
	json_open(w, body, '{');
	json_put_optional(w, "accountSid", e->account_sid);
	json_put_optional(w, "callSid", e->call_sid);
	json_close(w, '}');
}

static void put_start(struct json_writer *w, const struct twilio_event *e)
{
	put_sequence(w, TWILIO_REAL, e);
	json_open(w, "start", '{');
	json_put_optional(w, "accountSid", e->account_sid);
	put_stream(w, e->stream_sid);
	json_put_optional(w, "callSid", e->call_sid);
	put_tracks(w, e);
	put_format(w, e);
	put_parameters(w, e);
	json_close(w, '}');
	put_stream(w, e->stream_sid);
}

static void put_seed_start(struct json_writer *w, const struct twilio_event *e)
{
	put_stream(w, e->stream_sid);
	json_open(w, "start", '{');
	json_put_optional(w, "accountSid", e->account_sid);
	json_put_optional(w, "callSid", e->call_sid);
	put_seed_tracks(w, e);
	json_close(w, '}');
}

static void put_media(struct json_writer *w, enum twilio_dialect dialect, const struct twilio_event *e)
{
	char time[TWILIO_TIME_BYTES];

	if (dialect == TWILIO_SEED)
		put_stream(w, e->stream_sid);
	put_sequence(w, dialect, e);
	json_open(w, "media", '{');
	json_put(w, "track", e->track == TWILIO_OUTBOUND ? SLICE("outbound") : SLICE("inbound"));
	put_number(w, "chunk", e->chunk);
	if (e->timestamp_is_wall) {
		twilio_time_write(time, e->timestamp_ms);
		json_put_plain(w, "timestamp", slice_of(time));
	} else {
		put_number(w, "timestamp", e->timestamp_ms);
	}
	json_put_plain(w, "payload", e->payload);
	json_close(w, '}');
	if (dialect == TWILIO_REAL)
		put_stream(w, e->stream_sid);
}

static void put_dtmf(struct json_writer *w, const struct twilio_event *e)
{
	json_open(w, "dtmf", '{');
	json_put(w, "track", e->track == TWILIO_OUTBOUND ? SLICE("outbound_track") : SLICE("inbound_track"));
	json_put(w, "digit", (struct slice){ &e->digit, 1 });
	json_close(w, '}');
}

static void put_connected(struct json_writer *w, enum twilio_dialect dialect, const struct twilio_event *e)
{
	if (dialect == TWILIO_SEED)
		return put_stream(w, e->stream_sid);
	json_put(w, "protocol", e->protocol.data ? e->protocol : SLICE("Call"));
	json_put(w, "version", e->version.data ? e->version : SLICE("1.0.0"));
}

/* What is not a start or media: the order differs from event to event, as it does at Twilio. */
static void put_rest(struct json_writer *w, enum twilio_dialect dialect, const struct twilio_event *e)
{
	if (e->kind == TWILIO_DTMF)
		put_stream(w, e->stream_sid);
	put_sequence(w, dialect, e);
	if (e->kind != TWILIO_DTMF)
		put_stream(w, e->stream_sid);
	if (e->kind == TWILIO_DTMF)
		put_dtmf(w, e);
	else if (e->kind == TWILIO_MARK)
		put_mark(w, e->mark_name);
	else
		put_ids(w, "stop", e);
}

bool twilio_write_from(struct buf *out, enum twilio_dialect dialect, const struct twilio_event *event)
{
	struct json_writer w;

	begin(&w, out, event->kind);
	switch (event->kind) {
	case TWILIO_CONNECTED:
		put_connected(&w, dialect, event);
		break;
	case TWILIO_START:
		dialect == TWILIO_SEED ? put_seed_start(&w, event) : put_start(&w, event);
		break;
	case TWILIO_MEDIA:
		put_media(&w, dialect, event);
		break;
	case TWILIO_DTMF:
	case TWILIO_MARK:
	case TWILIO_STOP:
		put_rest(&w, dialect, event);
		break;
	case TWILIO_CLEAR:
	case TWILIO_UNKNOWN:
	case TWILIO_KIND_COUNT:
		check(!"Twilio sends this");
	}
	return end(&w);
}
