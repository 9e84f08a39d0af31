#include "media/video/ffmpeg.h"

#include "base/check.h"
#include "media/child.h"
#include "media/made.h"

#include <string.h>

enum {
	LATE_MS = 60000,
};

#define GIB (1024ull * 1024 * 1024)
#define MIB (1024ull * 1024)

/* The picture is ours, in BT.709: said once to the filter that draws words and once to the file. */
#define FILTERS "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,ass=captions.ass"
/* A call's words must stay readable at 10 kB a second; sound at 24 kHz, which every player knows. */
#define PICTURE_CODE "-c:v", "libx264", "-preset", "veryfast", "-crf", "28", "-g", "150", "-pix_fmt", "yuv420p"
#define SOUND_CODE "-c:a", "aac", "-b:a", "48k", "-ar", "24000", "-ac", "1"
/* On a large machine a thread for each processor would only meet the bound of memory. */
#define FEW_THREADS "-filter_threads", "1"
/* The same bytes each time, however many processors there are. */
#define SAME_BYTES "-threads", "4", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", \
	"-flags:a", "+bitexact"
#define INTO_FILE "-movflags", "+faststart", "-f", "mp4", "video.mp4.part"

static struct child_report run(struct ffmpeg *f, const char *const *argv, int64_t length_ms)
{
	struct child_order order = {
		.argv = argv,
		.folder = f->s->made,
		.late_ms = (uint32_t)(LATE_MS + 2 * length_ms),
		.file_bytes_max = 64 * MIB + 8 * MIB * (uint64_t)(length_ms / 60000),
		.memory_bytes_max = 4 * GIB,
		.cpu_s_max = (uint32_t)(4 * (LATE_MS + 2 * length_ms) / 1000),
		.feed = f->feed,
		.alive = f->alive,
		.owner = f->owner,
	};
	struct child_report report;

	child_run(&order, &report);
	return report;
}

/* Where it happens at the very end ffmpeg counts that as success. */
static bool is_disk_full(const struct child_report *report)
{
	return strstr(report->tail, "No space left on device") != NULL;
}

static enum step_result judge(struct ffmpeg *f, const struct child_report *report)
{
	if (is_disk_full(report))
		return step_fail(f->s, STEP_AGAIN, "the disk is full: %s", report->tail);
	switch (report->end) {
	case CHILD_DONE:
		return STEP_DONE;
	case CHILD_STOPPED:
		return STEP_STOPPED;
	case CHILD_MISSING:
		return step_fail(f->s, STEP_CONFIG, "FFMPEG: %s", report->why);
	case CHILD_FAILED:
	case CHILD_KILLED:
	case CHILD_LATE:
	case CHILD_BROKEN:
		return step_fail(f->s, STEP_AGAIN, "%s", report->why);
	}
	return STEP_AGAIN;
}

enum step_result ffmpeg_probe(struct ffmpeg *f)
{
	const char *argv[] = { conf_text(f->s->conf, FFMPEG), "-nostdin", "-hide_banner", "-loglevel", "warning",
		FEW_THREADS, "-f", "lavfi", "-i", "color=s=1280x720:r=10:d=0.1",
		"-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono:d=0.1",
		"-vf", FILTERS, PICTURE_CODE, SOUND_CODE, "-frames:v", "1", "-t", "0.1", "-f", "null", "-", NULL };
	struct ffmpeg probe = { .s = f->s, .alive = f->alive, .owner = f->owner };
	struct child_report report = run(&probe, argv, 0);

	if (report.end == CHILD_FAILED)
		return step_fail(f->s, STEP_CONFIG, "ffmpeg lacks what a video needs: %s", report.why);
	/* libass says so, draws nothing and is content. */
	if (report.end == CHILD_DONE && strstr(report.tail, "any fallback with glyph 0x0 "))
		return step_fail(f->s, STEP_CONFIG,
			"no font is installed: fonts-inter, or the one that VIDEO_FONT names");
	return judge(f, &report);
}

enum step_result ffmpeg_encode(struct ffmpeg *f)
{
	const char *argv[] = { conf_text(f->s->conf, FFMPEG), "-y", "-hide_banner", "-loglevel", "error",
		FEW_THREADS, "-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", "1280x720",
		"-framerate", "15", "-i", "pipe:0", "-i", "mix.wav", "-map", "0:v:0", "-map", "1:a:0",
		"-vf", FILTERS, PICTURE_CODE, "-color_range", "tv", "-colorspace", "bt709",
		"-color_primaries", "bt709", "-color_trc", "bt709", SOUND_CODE, SAME_BYTES, INTO_FILE, NULL };
	struct child_report report = run(f, argv, f->length_ms);

	return judge(f, &report);
}

/* The file is a stranger's: it is taken as an MP4 and nothing else, and may not lead ffmpeg anywhere. */
enum step_result ffmpeg_join(struct ffmpeg *f, const char *file)
{
	const char *argv[] = { conf_text(f->s->conf, FFMPEG), "-y", "-nostdin", "-hide_banner", "-loglevel", "error",
		"-protocol_whitelist", "file", "-f", "mp4", "-i", file, "-i", "mix.wav", "-map", "0:v:0",
		"-map", "1:a:0", "-c:v", "copy", SOUND_CODE, SAME_BYTES, INTO_FILE, NULL };
	struct child_report report;
	enum step_result result;

	check(file[0] != '-' && !strchr(file, ':'));
	report = run(f, argv, f->length_ms);
	result = judge(f, &report);
	/* Copying is not a matter of luck: what failed once is the file's own fault. */
	if (result == STEP_AGAIN && report.end == CHILD_FAILED && !is_disk_full(&report))
		return step_fail(f->s, STEP_NEVER, "%s is no video that can be used: %s", file, report.why);
	return result;
}
