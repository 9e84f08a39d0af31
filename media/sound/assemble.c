/* Block by block from the tracks into all files at once; then made.json says what there is. */
#include "media/sound/assemble.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/digest.h"
#include "media/sound/sounds.h"
#include "media/write_all.h"
#include "proto/json_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	JSON_BYTES_MAX = 4096,
	READ_BLOCK_BYTES = 64 * 1024,
	MADE_VERSION = 1,
};

static const enum made sound_files[] = {
	MADE_CALL_WAV, MADE_CALL_ULAW_WAV, MADE_MIX_WAV, MADE_CALLER_ULAW, MADE_VOICE_ULAW,
};

enum { SOUND_FILE_COUNT = sizeof sound_files / sizeof sound_files[0] };

struct work {
	struct tracks tracks;
	struct sounds sounds;
	uint8_t caller[SOUNDS_BLOCK], voice[SOUNDS_BLOCK];
};

static enum assemble_result disk(const char *what, int error, char why[TRACKS_WHY_BYTES_MAX])
{
	(void)snprintf(why, TRACKS_WHY_BYTES_MAX, "%s: %s", what, strerror(error < 0 ? -error : error));
	return ASSEMBLE_DISK;
}

static enum assemble_result stopped(char why[TRACKS_WHY_BYTES_MAX])
{
	(void)snprintf(why, TRACKS_WHY_BYTES_MAX, "stopped");
	return ASSEMBLE_STOPPED;
}

/* --- sound ------------------------------------------------------------------------------------------- */

static bool is_alive(const struct assemble_watch *watch, const struct tracks *t)
{
	return !watch || watch->alive(watch->owner, t->at / ULAW_BYTES_PER_MS, t->samples / ULAW_BYTES_PER_MS);
}

static enum assemble_result make_sounds(struct work *w, const char *folder, const struct assemble_watch *watch,
	char why[TRACKS_WHY_BYTES_MAX])
{
	int error = sounds_begin(&w->sounds, folder);
	ssize_t n = 0;

	while (!error && (n = tracks_read(&w->tracks, w->caller, w->voice, SOUNDS_BLOCK)) > 0) {
		sounds_put(&w->sounds, w->caller, w->voice, (size_t)n);
		if (!is_alive(watch, &w->tracks)) {
			sounds_drop(&w->sounds);
			return stopped(why);
		}
	}
	if (n < 0) {
		sounds_drop(&w->sounds);
		return disk("the spool cannot be read", (int)n, why);
	}
	if (!error)
		error = sounds_end(&w->sounds);
	sounds_drop(&w->sounds);
	return error ? disk(folder, error, why) : ASSEMBLE_DONE;
}

/* --- made.json --------------------------------------------------------------------------------------- */

static void hex(const uint8_t *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* A file on its way into its digest. */
struct reading {
	int fd;
	int error;
	int64_t bytes;
	const struct assemble_watch *watch;
	const struct tracks *tracks;
	uint8_t block[READ_BLOCK_BYTES];
};

static size_t read_on(void *owner, const uint8_t **out_bytes)
{
	struct reading *r = owner;
	ssize_t n;

	if (!is_alive(r->watch, r->tracks)) {
		r->error = -ECANCELED;
		return 0;
	}
	do
		n = read(r->fd, r->block, sizeof r->block);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		r->error = -errno;
	*out_bytes = r->block;
	r->bytes += n > 0 ? n : 0;
	return n > 0 ? (size_t)n : 0;
}

static int digest_file(struct reading *r, const char *folder, enum made made, char out[2 * SHA256_BYTES + 1])
{
	char path[4096];
	uint8_t digest[SHA256_BYTES];

	r->fd = made_path(path, sizeof path, folder, made) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	r->bytes = 0;
	if (r->fd < 0)
		return -errno;
	digest_sha256_pull(read_on, r, digest);
	(void)close(r->fd);
	hex(digest, sizeof digest, out);
	return r->error;
}

static int put_file(struct json_writer *w, struct reading *r, const char *folder, enum made made)
{
	char digest[2 * SHA256_BYTES + 1];
	int error = digest_file(r, folder, made, digest);

	if (error)
		return error;
	json_open(w, NULL, '{');
	json_put(w, "name", slice_of(made_name(made)));
	json_put_int(w, "bytes", r->bytes);
	json_put(w, "sha256", slice_of(digest));
	json_close(w, '}');
	return 0;
}

static int write_json(const char *folder, const struct buf *json)
{
	struct made_file f;
	int error;

	if (!made_begin(&f, folder, MADE_MADE_JSON))
		return -errno;
	error = write_all(f.fd, buf_data(json), buf_len(json));
	if (error) {
		made_drop(&f);
		return error;
	}
	return made_end(&f) ? 0 : -errno;
}

static int make_json(const struct tracks *t, const char *folder, const struct assemble_watch *watch)
{
	struct reading reading = { .fd = -1, .watch = watch, .tracks = t };
	uint8_t memory[JSON_BYTES_MAX];
	struct json_writer w;
	struct buf json;
	int error = 0;

	buf_init_fixed(&json, memory, sizeof memory);
	json_begin(&w, &json);
	json_open(&w, NULL, '{');
	json_put_int(&w, "version", MADE_VERSION);
	json_put_int(&w, "samples", t->samples);
	json_put_int(&w, "rate_hz", 1000 * ULAW_BYTES_PER_MS);
	json_put_int(&w, "parts", (int64_t)t->part_count);
	json_put(&w, "stopped", slice_of(spool_why_word(t->stopped)));
	json_put_bool(&w, "ended", t->ended);
	json_open(&w, "files", '[');
	for (size_t i = 0; i < SOUND_FILE_COUNT && !error; i++)
		error = put_file(&w, &reading, folder, sound_files[i]);
	json_close(&w, ']');
	json_close(&w, '}');
	check(json_end(&w) && buf_append(&json, "\n", 1));
	return error ? error : write_json(folder, &json);
}

/* --- all --------------------------------------------------------------------------------------------- */

static enum assemble_result make_all(struct work *w, const char *folder, const struct assemble_watch *watch,
	char why[TRACKS_WHY_BYTES_MAX])
{
	enum assemble_result result;
	int error;

	/* There may be sound beside a log that cannot be read: that is for people to see. */
	if (w->tracks.stopped == SPOOL_WHOLE && w->tracks.samples == 0 && w->tracks.damage[0]) {
		(void)snprintf(why, TRACKS_WHY_BYTES_MAX, "%s", w->tracks.damage);
		return ASSEMBLE_BAD;
	}
	if (w->tracks.stopped == SPOOL_WITHDRAWN || w->tracks.samples == 0) {
		(void)snprintf(why, TRACKS_WHY_BYTES_MAX, "%s", w->tracks.stopped == SPOOL_WHOLE ?
			"The recording holds no sound." : spool_why_sentence(w->tracks.stopped));
		return ASSEMBLE_NOTHING;
	}
	result = make_sounds(w, folder, watch, why);
	if (result != ASSEMBLE_DONE)
		return result;
	error = make_json(&w->tracks, folder, watch);
	if (error == -ECANCELED)
		return stopped(why);
	return error ? disk(folder, error, why) : ASSEMBLE_DONE;
}

enum assemble_result assemble(const char *spool, const char *folder, const struct assemble_watch *watch,
	struct assembled *out, char why[TRACKS_WHY_BYTES_MAX])
{
	struct work *w = malloc(sizeof *w);
	enum assemble_result result = ASSEMBLE_BAD;

	check(w);
	if (tracks_open(&w->tracks, spool, why)) {
		*out = (struct assembled){ .samples = w->tracks.samples, .stopped = w->tracks.stopped,
			.ended = w->tracks.ended };
		memcpy(out->damage, w->tracks.damage, sizeof out->damage);
		result = make_all(w, folder, watch, why);
	}
	tracks_close(&w->tracks);
	free(w);
	return result;
}
