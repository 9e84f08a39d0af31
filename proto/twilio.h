/*
 * twilio - the messages of Twilio Media Streams, both roles: text in, event out, and back.
 *
 * Place:    above json and base64, below the relay's bridge and the phone simulator.
 * Usage:    struct twilio_reader r = { 0 };
 *           if (twilio_read(&r, FROM_TWILIO, text, len, &event) == TWILIO_BAD) log(r.why);
 *           twilio_write_mark(&out, stream_sid, SLICE("g1:m7"));
 *           Audio without a copy: prefix (made once a call) + base64 + TWILIO_MEDIA_SUFFIX.
 * Reading:  media and returning marks go through a strict scanner without memory; whatever is unusual is decided by
 *           json-c, and the two agree (fuzz_twilio_agree). FROM_TWILIO is tolerant: numbers or strings, members in any
 *           order or missing, unknown members, ISO times, the older `connected` with streamSid and `tracks` as an
 *           object. TO_TWILIO is as strict as Twilio (error 31951): exactly the members that are documented, all
 *           strings.
 * Lifetime: slices point into `text` or into the reader: until the next read, or until `text` changes.
 * Fails:    TWILIO_BAD, why is a static sentence; the reader can go on with the next message.
 * Limits:   TWILIO_PARAMETER_COUNT_MAX custom parameters, stream ids of SID_BYTES_MAX, JSON_DEPTH_MAX levels.
 * Source:   twilio.com/docs/voice/media-streams/websocket-messages.
 */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "proto/json.h"

/* X(name, event, Twilio sends it, Twilio takes it) */
#define TWILIO_KINDS(X) \
	X(CONNECTED, "connected", true, false) \
	X(START, "start", true, false) \
	X(MEDIA, "media", true, true) \
	X(DTMF, "dtmf", true, false) \
	X(MARK, "mark", true, true) \
	X(STOP, "stop", true, false) \
	X(CLEAR, "clear", false, true)

enum twilio_kind {
	TWILIO_UNKNOWN,                         /* an event of another name: to be counted, not to be fatal */
#define X(name, event, from, to) TWILIO_##name,
	TWILIO_KINDS(X)
#undef X
	TWILIO_KIND_COUNT
};

enum twilio_result { TWILIO_EVENT, TWILIO_BAD };
enum twilio_direction { FROM_TWILIO, TO_TWILIO };
/* How FROM_TWILIO is written: as Twilio does today, or in the older documents' shapes. */
enum twilio_dialect { TWILIO_REAL, TWILIO_SEED };
enum twilio_track { TWILIO_INBOUND, TWILIO_OUTBOUND, TWILIO_TRACK_OTHER };

enum {
	TWILIO_PARAMETER_COUNT_MAX = 32,
	TWILIO_TRACKS_INBOUND = 1 << TWILIO_INBOUND,
	TWILIO_TRACKS_OUTBOUND = 1 << TWILIO_OUTBOUND,
	TWILIO_MEDIA_PREFIX_BYTES_MAX = 64 + 6 * SID_BYTES_MAX,
};

struct twilio_parameter {
	struct slice name, value;
};

struct twilio_event {
	enum twilio_kind kind;
	enum twilio_track track;                /* media, dtmf; inbound when the message does not say */
	struct slice name;                      /* the event as it was sent */
	struct slice stream_sid;                /* as sent, else what connected or start had said; may be empty */
	struct slice payload;                   /* media: valid base64 */
	int64_t sequence, chunk;                /* -1: not said */
	int64_t timestamp_ms;                   /* media: since the stream's start, or since 1970; -1: not said */
	bool timestamp_is_wall;                 /* since 1970: it was an ISO time */
	int64_t stream_ms;                      /* since the stream's start; of ISO times: since the first one */
	char digit;                             /* dtmf */
	struct slice mark_name;
	struct slice call_sid, account_sid;     /* start, stop */
	struct slice protocol, version;         /* connected */
	unsigned tracks;                        /* start: TWILIO_TRACKS_… flags; 0: not said */
	bool ulaw;                              /* start: mu-law, 8000 Hz, mono, which is also the default */
	struct slice encoding;                  /* start: as sent, may be empty */
	int64_t rate_hz, channel_count;         /* start: -1 when not said */
	size_t parameter_count;                 /* start */
	struct twilio_parameter parameters[TWILIO_PARAMETER_COUNT_MAX]; /* only the first parameter_count are set */
};

struct twilio_reader {
	struct json_reader json;
	const char *why;                        /* static; why the last read was TWILIO_BAD */
	bool started;                           /* a start was read */
	int64_t wall_start_ms;                  /* the first ISO time; 0: none yet */
	bool slow;                              /* never scan: every message goes to json-c (tests) */
	uint64_t scanned_count, parsed_count;   /* messages by the way they went */
	size_t stream_sid_len;
	char stream_sid[SID_BYTES_MAX + 1];     /* the stream that connected or start named */
};

enum twilio_result twilio_read(struct twilio_reader *reader, enum twilio_direction from, const char *text,
	size_t len, struct twilio_event *out);
/* TO_TWILIO: the stream whose id every message must bear. False: too long. */
bool twilio_reader_expect(struct twilio_reader *reader, struct slice stream_sid);
void twilio_reader_fini(struct twilio_reader *reader);

/* An event in which nothing is said yet (numbers -1, mu-law). */
void twilio_event_init(struct twilio_event *event, enum twilio_kind kind);
/* "media"; for TWILIO_UNKNOWN "unknown". */
const char *twilio_kind_name(enum twilio_kind kind);
/* The value of a custom parameter; empty when there is none. */
struct slice twilio_parameter(const struct twilio_event *start, struct slice name);

/* Writing: whole messages appended to `out`; false and nothing appended when it is full. */
bool twilio_write_media(struct buf *out, struct slice stream_sid, struct slice base64);
bool twilio_write_mark(struct buf *out, struct slice stream_sid, struct slice mark_name);
bool twilio_write_clear(struct buf *out, struct slice stream_sid);

/* {"event":"media","streamSid":"…","media":{"payload":" - then base64, then the suffix. Returns the prefix's length;
 * 0 when the id is longer than SID_BYTES_MAX. No NUL is written. */
size_t twilio_media_prefix(char out[TWILIO_MEDIA_PREFIX_BYTES_MAX], struct slice stream_sid);
#define TWILIO_MEDIA_SUFFIX "\"}}"

/* What Twilio writes, with its order of members: connected, start, media, dtmf, mark, stop. */
bool twilio_write_from(struct buf *out, enum twilio_dialect dialect, const struct twilio_event *event);
