/* Everything is appended to the bufs of the present load; the audio first, then the line that speaks of it. */
#include "relay/recorder.h"

#include "base/check.h"
#include "proto/base64.h"

/* The last lines (it stopped, it ended) find room even when it stopped for want of room. */
enum { LAST_LINES_BYTES = 2 * SPOOL_LINE_BYTES_MAX };

static void init_load(struct recorder_load *load, struct pool *pool)
{
	for (int i = 0; i < RECORDER_TRACK_COUNT; i++)
		buf_init_pool(&load->tracks[i], pool, RECORDER_TRACK_BYTES_MAX);
	buf_init_pool(&load->log, pool, RECORDER_LOG_BYTES_MAX);
}

void recorder_begin(struct recorder *r, struct pool *pool, uint64_t now_ms)
{
	*r = (struct recorder){
		.state = RECORDER_ASKED,
		.begin_ms = now_ms,
		.now_ms = now_ms,
		.generation = 1,
		.frame_end_ms = -1,
	};
	init_load(&r->load, pool);
}

void recorder_load_release(struct recorder_load *load)
{
	for (int i = 0; i < RECORDER_TRACK_COUNT; i++)
		buf_release(&load->tracks[i]);
	buf_release(&load->log);
}

void recorder_fini(struct recorder *r)
{
	recorder_load_release(&r->load);
	r->state = RECORDER_OFF;
}

/* --- lines ------------------------------------------------------------------------------------------ */

static void event_init(const struct recorder *r, struct spool_event *e, enum spool_word word)
{
	spool_event_init(e, word, (int64_t)(r->now_ms - r->begin_ms));
}

static bool append_line(struct recorder *r, const struct spool_event *e)
{
	struct buf *log = &r->load.log;

	if (!buf_room(log, SPOOL_LINE_BYTES_MAX))
		return false;
	buf_commit(log, spool_write(e, (char *)buf_tail(log)));
	return true;
}

static void put_line(struct recorder *r, const struct spool_event *e)
{
	if (buf_len(&r->load.log) + LAST_LINES_BYTES > RECORDER_LOG_BYTES_MAX || !append_line(r, e))
		recorder_stop(r, SPOOL_DISK_SLOW);
}

static void tell_out(struct recorder *r)
{
	struct spool_event e;

	if (r->out_bytes == 0)
		return;
	spool_event_init(&e, SPOOL_OUT, (int64_t)(r->out_ms - r->begin_ms));
	e.gen = r->generation;
	e.at = (int64_t)r->out_at;
	e.bytes = (int64_t)r->out_bytes;
	r->out_bytes = 0;
	put_line(r, &e);
}

static void put_flag(struct recorder *r, enum spool_word word, bool on, enum spool_why why)
{
	struct spool_event e;

	tell_out(r);
	event_init(r, &e, word);
	e.on = on;
	slice_copy(slice_of(spool_why_word(why)), e.text, sizeof e.text);
	put_line(r, &e);
}

static void put_name(struct recorder *r, enum spool_word word, struct slice name, int64_t at, int64_t ts)
{
	struct spool_event e;

	tell_out(r);
	event_init(r, &e, word);
	if (name.len == 0 || !slice_copy(name, e.text, sizeof e.text))
		return;                         /* none of ours */
	e.at = at;
	e.ts = ts;
	e.gen = r->generation;
	put_line(r, &e);
}

/* --- audio ------------------------------------------------------------------------------------------ */

/* Room for `len` bytes of a track; NULL: it has stopped. */
static uint8_t *take_room(struct recorder *r, enum recorder_track track, size_t len)
{
	struct buf *b = &r->load.tracks[track];

	if (!buf_room(b, len)) {
		recorder_stop(r, SPOOL_DISK_SLOW);
		return NULL;
	}
	return buf_tail(b);
}

static void commit(struct recorder *r, enum recorder_track track, size_t len)
{
	buf_commit(&r->load.tracks[track], len);
	r->track_bytes[track] += len;
}

/* Decoded, or silence as long as that; false: nothing was added. */
static bool add(struct recorder *r, enum recorder_track track, struct slice base64, bool is_silent)
{
	size_t len = base64_decoded_len(base64);
	uint8_t *at = len ? take_room(r, track, base64_decoded_len_max(base64.len)) : NULL;

	if (!at)
		return false;
	if (is_silent)
		memset(at, ULAW_SILENCE, len);
	else if (base64_decode(at, base64) < 0)
		return false;
	commit(r, track, len);
	return true;
}

/* The tone of the first key was heard before anybody was told of the key. */
static void silence_tone(struct recorder *r)
{
	struct buf *track = &r->load.tracks[RECORDER_CALLER];
	uint64_t taken = r->track_bytes[RECORDER_CALLER] - buf_len(track);
	size_t held = buf_len(track) < RECORDER_TONE_BYTES ? buf_len(track) : RECORDER_TONE_BYTES;

	if (held)
		memset(buf_tail(track) - held, ULAW_SILENCE, held);
	r->hush_bytes = RECORDER_TONE_BYTES - held < taken ? RECORDER_TONE_BYTES - held : taken;
	r->hush_at = taken - r->hush_bytes;
}

static void tell_media(struct recorder *r, enum spool_word word, const struct twilio_event *media, uint64_t at,
	uint64_t bytes)
{
	struct spool_event e;

	tell_out(r);
	event_init(r, &e, word);
	e.ts = media->stream_ms;
	e.chunk = media->chunk;
	e.at = (int64_t)at;
	e.bytes = (int64_t)bytes;
	put_line(r, &e);
}

void recorder_in(struct recorder *r, const struct twilio_event *media, bool is_secret)
{
	if (!recorder_is_on(r))
		return;
	uint64_t at = r->track_bytes[RECORDER_CALLER];

	if (is_secret != r->is_secret) {
		r->is_secret = is_secret;
		if (is_secret)
			silence_tone(r);
		put_flag(r, SPOOL_SECRET, is_secret, SPOOL_WHOLE);
	}
	if (!recorder_is_on(r) || !add(r, RECORDER_CALLER, media->payload, is_secret || r->is_silent))
		return;
	uint64_t bytes = r->track_bytes[RECORDER_CALLER] - at;

	if (media->stream_ms >= 0)
		r->frame_end_ms = media->stream_ms + (int64_t)(bytes / ULAW_BYTES_PER_MS);
	tell_media(r, SPOOL_IN, media, at, bytes);
}

void recorder_far(struct recorder *r, const struct twilio_event *media)
{
	if (!recorder_is_on(r))
		return;
	uint64_t at = r->track_bytes[RECORDER_PLAYED];

	if (add(r, RECORDER_PLAYED, media->payload, r->is_silent))
		tell_media(r, SPOOL_FAR, media, at, r->track_bytes[RECORDER_PLAYED] - at);
}

static void voice_begin(struct recorder *r)
{
	if (r->out_bytes && r->out_ms != r->now_ms)
		tell_out(r);
	if (r->out_bytes == 0) {
		r->out_at = r->track_bytes[RECORDER_VOICE];
		r->out_ms = r->now_ms;
	}
}

void recorder_voice(struct recorder *r, struct slice base64)
{
	if (!recorder_is_on(r))
		return;
	voice_begin(r);
	if (add(r, RECORDER_VOICE, base64, r->is_silent))
		r->out_bytes = r->track_bytes[RECORDER_VOICE] - r->out_at;
}

void recorder_voice_bytes(struct recorder *r, const uint8_t *audio, size_t len)
{
	if (!recorder_is_on(r) || len == 0)
		return;
	voice_begin(r);
	uint8_t *at = take_room(r, RECORDER_VOICE, len);

	if (!at)
		return;
	if (r->is_silent)
		memset(at, ULAW_SILENCE, len);
	else
		memcpy(at, audio, len);
	commit(r, RECORDER_VOICE, len);
	r->out_bytes = r->track_bytes[RECORDER_VOICE] - r->out_at;
}

/* --- what happens besides --------------------------------------------------------------------------- */

void recorder_mark(struct recorder *r, struct slice name)
{
	if (recorder_is_on(r))
		put_name(r, SPOOL_MARK, name, (int64_t)r->track_bytes[RECORDER_VOICE], -1);
}

void recorder_back(struct recorder *r, struct slice name)
{
	if (recorder_is_on(r))
		put_name(r, SPOOL_BACK, name, -1, r->frame_end_ms);
}

void recorder_clear(struct recorder *r)
{
	struct spool_event e;

	if (!recorder_is_on(r))
		return;
	tell_out(r);
	event_init(r, &e, SPOOL_CLEAR);
	e.gen = r->generation++;
	put_line(r, &e);
}

void recorder_decide(struct recorder *r, bool needs_consent)
{
	check(r->state == RECORDER_ASKED || r->state == RECORDER_OVER);
	if (r->state == RECORDER_OVER)
		return;
	r->state = RECORDER_ON;
	if (!needs_consent)
		return;
	r->is_silent = true;
	r->why = SPOOL_NO_CONSENT;
	for (int i = 0; i < RECORDER_TRACK_COUNT; i++)
		if (buf_len(&r->load.tracks[i]))
			memset(buf_data(&r->load.tracks[i]), ULAW_SILENCE, buf_len(&r->load.tracks[i]));
	put_flag(r, SPOOL_RECORDING, false, SPOOL_NO_CONSENT);
}

void recorder_consent(struct recorder *r)
{
	if (!recorder_is_on(r) || !r->is_silent)
		return;
	r->is_silent = false;
	r->why = SPOOL_WHOLE;
	put_flag(r, SPOOL_RECORDING, true, SPOOL_WHOLE);
}

/* --- the end ---------------------------------------------------------------------------------------- */

static void put_last_line(struct recorder *r, const struct spool_event *e)
{
	append_line(r, e);              /* without room the log ends a line earlier, and is whole all the same */
}

/* The lines that speak of audio that is forgotten must go with it: all of them, the load is one. */
static void forget_load(struct recorder *r)
{
	for (int i = 0; i < RECORDER_TRACK_COUNT; i++) {
		r->track_bytes[i] -= buf_len(&r->load.tracks[i]);
		buf_release(&r->load.tracks[i]);
	}
	buf_release(&r->load.log);
	r->out_bytes = 0;
}

void recorder_stop(struct recorder *r, enum spool_why why)
{
	struct spool_event e;

	if (!recorder_is_on(r))
		return;
	r->state = RECORDER_OVER;
	r->why = why;
	forget_load(r);
	event_init(r, &e, SPOOL_RECORDING);
	e.on = 0;
	slice_copy(slice_of(spool_why_word(why)), e.text, sizeof e.text);
	put_last_line(r, &e);
}

void recorder_end(struct recorder *r, enum end_reason reason)
{
	struct spool_event e;

	if (r->state == RECORDER_OFF)
		return;
	if (recorder_is_on(r))
		tell_out(r);
	r->state = RECORDER_OVER;
	event_init(r, &e, SPOOL_END);
	slice_copy(slice_of(end_reason_word(reason)), e.text, sizeof e.text);
	put_last_line(r, &e);
}

/* --- taking ----------------------------------------------------------------------------------------- */

bool recorder_is_heavy(const struct recorder *r)
{
	bool heavy = buf_len(&r->load.log) >= RECORDER_LOG_BYTES_MAX / 4;

	for (int i = 0; i < RECORDER_TRACK_COUNT; i++)
		heavy = heavy || buf_len(&r->load.tracks[i]) >= RECORDER_FLUSH_BYTES;
	return heavy;
}

bool recorder_is_empty(const struct recorder *r)
{
	bool empty = buf_len(&r->load.log) == 0 && r->out_bytes == 0;

	for (int i = 0; i < RECORDER_TRACK_COUNT; i++)
		empty = empty && buf_len(&r->load.tracks[i]) == 0;
	return empty;
}

void recorder_take(struct recorder *r, struct recorder_load *out_load)
{
	struct pool *pool = r->load.log.pool;

	if (recorder_is_on(r))
		tell_out(r);
	*out_load = r->load;
	init_load(&r->load, pool);
}
