/*
 * timeline - both sides of a recorded stream on one clock, Twilio's: where each byte of its files belongs.
 *
 * Place:    media, pure but for memory; above caller_track, voice_track and stream_clock. tracks feeds it a log.
 * Usage:    timeline_init(&t, &bytes);
 *           while (spool_read(&r, &text, &event) == SPOOL_EVENT) timeline_take(&t, &event);
 *           timeline_settle(&t);
 *           fill t.samples samples of each side by timeline_caller(&t) and timeline_voice(&t)
 * Rules:    any prefix of a log is a log. Where the outbound track came back (`far`) it is the receptionist's side, as
 *           it is; else her side is rebuilt from what was sent. While recording is off there is silence.
 *           The stream ends with its last inbound message. A stamp is taken for the moment at which its message left:
 *           what was played then stands beside the message's first sample.
 * Trust:    none in the log's numbers: places are bounded by the files' sizes and by a day; time runs forwards only.
 * Lifetime: owns its memory until timeline_fini(); plans are good until then.
 */
#pragma once

#include "media/sound/caller_track.h"
#include "media/sound/stream_clock.h"
#include "media/sound/voice_track.h"
#include "proto/spool.h"

enum timeline_file { TIMELINE_CALLER_FILE, TIMELINE_VOICE_FILE, TIMELINE_PLAYED_FILE, TIMELINE_FILE_COUNT };

struct timeline {
	struct stream_clock clock;
	struct caller_track caller, far;
	struct voice_track voice;
	bool has_far;
	bool off;                       /* recording */
	bool ended;                     /* the log has its last line */
	int64_t ms;                     /* of the newest line */
	int64_t wall_ms;                /* when the log began; -1: not said */
	int64_t samples;                /* of each side */
};

void timeline_init(struct timeline *t, const int64_t bytes[TIMELINE_FILE_COUNT]);
void timeline_fini(struct timeline *t);
void timeline_take(struct timeline *t, const struct spool_event *event);
void timeline_settle(struct timeline *t);

const struct plan *timeline_caller(const struct timeline *t);
/* The receptionist's side, and the file that it points into. */
const struct plan *timeline_voice(const struct timeline *t, enum timeline_file *out_file);
