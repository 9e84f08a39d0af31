#include "media/video/reel.h"

#include "base/check.h"
#include "base/limits.h"
#include "media/made.h"
#include "media/sound/pcmu.h"
#include "media/sound/peaks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	SAMPLES_PER_S = 1000 * ULAW_BYTES_PER_MS,
	BLOCK_BYTES = 64 * 1024,
	FRAME_SAMPLES_MAX = SAMPLES_PER_S / PICTURE_FRAMES_PER_S + 1,
	PATH_BYTES_MAX = 5000,
	COLUMN_PARTS = 8,
};

static_assert(PICTURE_BARS * COLUMN_PARTS <= PEAKS_COLUMN_COUNT_MAX, "peaks are fine enough");

static bool open_track(struct reel *reel, int speaker, const char *folder, enum made made, char *why, size_t why_bytes)
{
	char path[PATH_BYTES_MAX];
	FILE *track = made_path(path, sizeof path, folder, made) ? fopen(path, "re") : NULL;
	struct stat status;

	reel->tracks[speaker] = track;
	if (!track || fstat(fileno(track), &status) < 0) {
		snprintf(why, why_bytes, "%s cannot be read: %s", made_name(made), strerror(errno));
		return false;
	}
	if ((uint64_t)status.st_size > reel->sample_count)
		reel->sample_count = (uint64_t)status.st_size;
	return true;
}

/* A column of an hour's call is 19 s: its loudest moment says nothing, so it is the mean of the peaks of its parts. */
static void mean_of_parts(const struct peaks *peaks, uint16_t bars[PICTURE_BARS], uint16_t *out_loudest)
{
	int16_t parts[PICTURE_BARS * COLUMN_PARTS];

	peaks_columns(peaks, parts, PICTURE_BARS * COLUMN_PARTS);
	*out_loudest = 0;
	for (int i = 0; i < PICTURE_BARS; i++) {
		uint32_t sum = 0;

		for (int k = i * COLUMN_PARTS; k < (i + 1) * COLUMN_PARTS; k++) {
			sum += (uint32_t)parts[k];
			if (parts[k] > *out_loudest)
				*out_loudest = (uint16_t)parts[k];
		}
		bars[i] = (uint16_t)(sum / COLUMN_PARTS);
	}
}

/* How loud it is in each column of the picture; a track that ends early is silent then. */
static bool survey(struct reel *reel, int speaker, uint16_t bars[PICTURE_BARS], uint16_t *out_loudest)
{
	struct peaks *peaks = calloc(1, sizeof *peaks);
	uint8_t *block = malloc(BLOCK_BYTES);
	FILE *track = reel->tracks[speaker];
	size_t n;
	bool is_well = peaks && block;

	while (is_well && (n = fread(block, 1, BLOCK_BYTES, track)) > 0)
		peaks_put(peaks, block, n);
	is_well = is_well && !ferror(track) && fseek(track, 0, SEEK_SET) == 0;
	if (is_well) {
		memset(block, ULAW_SILENCE, BLOCK_BYTES);
		while (peaks->sample_count < reel->sample_count) {
			uint64_t missing = reel->sample_count - peaks->sample_count;

			peaks_put(peaks, block, missing < BLOCK_BYTES ? (size_t)missing : BLOCK_BYTES);
		}
		mean_of_parts(peaks, bars, out_loudest);
	}
	free(peaks);
	free(block);
	return is_well;
}

bool reel_open(struct reel *reel, const char *folder, char *why, size_t why_bytes)
{
	static const enum made files[SPEAKER_COUNT] = { MADE_CALLER_ULAW, MADE_VOICE_ULAW };
	uint16_t bars[SPEAKER_COUNT][PICTURE_BARS], loudest[SPEAKER_COUNT];
	bool is_well = true;

	*reel = (struct reel){ .picture = malloc(sizeof *reel->picture) };
	for (int i = 0; i < SPEAKER_COUNT && is_well; i++)
		is_well = open_track(reel, i, folder, files[i], why, why_bytes);
	if (!is_well) {
		reel_close(reel);
		return false;
	}
	is_well = reel->picture;
	for (int i = 0; i < SPEAKER_COUNT && is_well; i++)
		is_well = survey(reel, i, bars[i], &loudest[i]);
	if (!is_well) {
		snprintf(why, why_bytes, "the tracks cannot be read: %s", strerror(errno ? errno : EIO));
		reel_close(reel);
		return false;
	}
	picture_init(reel->picture, bars, loudest);
	reel->frame_count = (reel->sample_count * PICTURE_FRAMES_PER_S + SAMPLES_PER_S - 1) / SAMPLES_PER_S;
	return true;
}

void reel_close(struct reel *reel)
{
	for (int i = 0; i < SPEAKER_COUNT; i++) {
		if (reel->tracks[i])
			fclose(reel->tracks[i]);
	}
	free(reel->picture);
	*reel = (struct reel){ .error = reel->error };
}

static uint64_t sample_of_frame(uint64_t frame)
{
	return frame * SAMPLES_PER_S / PICTURE_FRAMES_PER_S;
}

size_t reel_next(struct reel *reel, const uint8_t **out_frame)
{
	size_t sample_count = (size_t)(sample_of_frame(reel->frame + 1) - sample_of_frame(reel->frame));
	uint8_t samples[FRAME_SAMPLES_MAX];
	uint16_t levels[SPEAKER_COUNT];

	if (reel->frame >= reel->frame_count || reel->error)
		return 0;
	check(sample_count <= sizeof samples);
	for (int i = 0; i < SPEAKER_COUNT; i++) {
		size_t n = fread(samples, 1, sample_count, reel->tracks[i]);

		levels[i] = (uint16_t)pcmu_peak(samples, n);
		if (ferror(reel->tracks[i]))
			reel->error = EIO;
	}
	picture_frame(reel->picture, (uint32_t)(sample_of_frame(reel->frame) * 65536 / reel->sample_count), levels);
	reel->frame++;
	*out_frame = reel->picture->pixels;
	return reel->error ? 0 : PICTURE_BYTES;
}

int64_t reel_length_ms(const struct reel *reel)
{
	return (int64_t)(reel->sample_count / ULAW_BYTES_PER_MS);
}

int64_t reel_done_ms(const struct reel *reel)
{
	return (int64_t)(reel->frame * 1000 / PICTURE_FRAMES_PER_S);
}
