#include "media/video/video.h"

#include "media/made.h"
#include "media/video/captions.h"
#include "media/video/ffmpeg.h"
#include "media/video/mp4.h"
#include "media/video/reel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHY_BYTES_MAX = 200, LENGTH_ERROR_MS_MAX = 1000 };

struct rendering {
	struct step *s;
	struct reel reel;
};

static size_t next_frame(void *owner, const uint8_t **out_bytes)
{
	struct rendering *r = owner;

	return reel_next(&r->reel, out_bytes);
}

static bool is_wanted(void *owner)
{
	struct rendering *r = owner;

	step_progress(r->s, reel_done_ms(&r->reel), reel_length_ms(&r->reel));
	return step_alive(r->s);
}

static bool is_step_alive(void *owner)
{
	return step_alive(owner);
}

static void drop_part(struct step *s)
{
	char path[STEP_PATH_BYTES_MAX];

	if (made_part_path(path, sizeof path, s->made, MADE_VIDEO_MP4))
		unlink(path);
}

/* What ffmpeg left is looked at before it gets its name: it ends well on some errors. length_ms 0: any. */
static enum step_result adopt(struct step *s, int64_t length_ms)
{
	char path[STEP_PATH_BYTES_MAX], why[WHY_BYTES_MAX];
	struct mp4 mp4;

	if (!made_part_path(path, sizeof path, s->made, MADE_VIDEO_MP4))
		return step_fail(s, STEP_NEVER, "the folder's name is too long");
	if (!mp4_check_file(path, &mp4, why, sizeof why))
		return step_fail(s, STEP_AGAIN, "ffmpeg's video is not whole: %s", why);
	if (mp4.length_ms + LENGTH_ERROR_MS_MAX < length_ms)
		return step_fail(s, STEP_AGAIN, "ffmpeg's video is too short: %lld of %lld ms",
			(long long)mp4.length_ms, (long long)length_ms);
	if (!made_adopt(s->made, MADE_VIDEO_MP4))
		return step_fail(s, STEP_AGAIN, "the video cannot be kept: %s", strerror(errno));
	return STEP_DONE;
}

static enum step_result render(struct rendering *r)
{
	struct ffmpeg ffmpeg = { .s = r->s, .length_ms = reel_length_ms(&r->reel), .feed = next_frame,
		.alive = is_wanted, .owner = r };
	enum step_result result;

	if (!r->reel.frame_count)
		return step_fail(r->s, STEP_NEVER, "the call has no sound");
	result = ffmpeg_probe(&ffmpeg);
	if (result == STEP_DONE)
		result = ffmpeg_encode(&ffmpeg);
	if (result == STEP_DONE && r->reel.error)
		return step_fail(r->s, STEP_AGAIN, "the tracks cannot be read: %s", strerror(r->reel.error));
	if (result == STEP_DONE)
		result = adopt(r->s, ffmpeg.length_ms);
	return result;
}

/* The words that ffmpeg is to draw in the trial. */
static bool write_trial(const struct conf *conf, const char *path)
{
	const struct captions_look look = {
		.title = SLICE("Trial"),
		.font = conf_text(conf, VIDEO_FONT),
		.length_ms = 1000,
	};
	struct captions captions;
	FILE *out = fopen(path, "we");

	if (!out)
		return false;
	captions_init(&captions);
	captions_ass(&captions, &look, out);
	captions_release(&captions);
	return fclose(out) == 0;
}

bool video_is_well_set(const struct conf *conf, char *why, size_t why_bytes)
{
	const char *tmp = getenv("TMPDIR");
	struct step s = { .conf = conf };
	struct ffmpeg ffmpeg = { .s = &s };
	char path[STEP_PATH_BYTES_MAX];
	bool is_well = false;

	snprintf(s.made, sizeof s.made, "%s/receptionai-trial.XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	if (!mkdtemp(s.made)) {
		snprintf(why, why_bytes, "%s: %s", s.made, strerror(errno));
		return false;
	}
	if (made_path(path, sizeof path, s.made, MADE_CAPTIONS_ASS) && write_trial(conf, path))
		is_well = ffmpeg_probe(&ffmpeg) == STEP_DONE;
	else
		step_fail(&s, STEP_AGAIN, "%s: %s", path, strerror(errno));
	unlink(path);
	rmdir(s.made);
	snprintf(why, why_bytes, "%s", s.why);
	return is_well;
}

enum step_result video_local(struct step *s)
{
	struct rendering r = { .s = s };
	char why[WHY_BYTES_MAX];
	enum step_result result;

	if (!reel_open(&r.reel, s->made, why, sizeof why))
		return step_fail(s, STEP_AGAIN, "%s", why);
	result = render(&r);
	if (result != STEP_DONE)
		drop_part(s);
	reel_close(&r.reel);
	return result;
}

enum step_result video_with_sound(struct step *s, const char *file)
{
	struct ffmpeg ffmpeg = { .s = s, .length_ms = made_bytes(s->made, MADE_VOICE_ULAW) / ULAW_BYTES_PER_MS,
		.alive = is_step_alive, .owner = s };
	enum step_result result = ffmpeg_join(&ffmpeg, file);

	if (result == STEP_DONE)
		result = adopt(s, ffmpeg.length_ms);
	if (result != STEP_DONE)
		drop_part(s);
	return result;
}
