/*
 * Recording, video and captions go where the settings say, one after the other; their URLs go into the call's row when
 * the job is finished. A key is made of the call and the content, so doing it again changes nothing. A video that is
 * not there was given up: the recording is kept all the same.
 */
#include "media/made.h"
#include "media/step.h"
#include "media/store/store.h"
#include "proto/sigv4.h"

#include "base/check.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { HASH_DIGITS = 32 };

struct upload {
	struct step *step;
	struct store store;
	int64_t bytes_total, bytes_done;        /* of all files; of those that are through */
};

static const struct item {
	enum made made;
	const char *stem, *ending;
	bool is_needed;
	size_t url_offset;                      /* in struct call_media */
} items[] = {
	{ MADE_CALL_WAV, "call", "wav", true, offsetof(struct call_media, recording_url) },
	{ MADE_VIDEO_MP4, "video", "mp4", false, offsetof(struct call_media, video_url) },
	{ MADE_CAPTIONS_VTT, "captions", "vtt", false, offsetof(struct call_media, captions_url) },
};

static bool alive(void *user, uint64_t sent_bytes, uint64_t file_bytes)
{
	struct upload *u = user;

	(void)file_bytes;
	step_progress(u->step, u->bytes_done + (int64_t)sent_bytes, u->bytes_total);
	return step_alive(u->step);
}

/* calls/MERCHANT/YYYY/MM/DD/SID/STEM-HASH.ENDING, by the day in UTC on which the call came. */
static void make_key(const struct step *s, const struct item *item, const char *hash, char *out, size_t out_bytes)
{
	char day[SIGV4_TIME_BYTES];

	check(sigv4_time(s->call.created_ms / 1000, day));
	int len = snprintf(out, out_bytes, "calls/%lld/%.4s/%.2s/%.2s/%s/%s-%.*s.%s", (long long)s->call.merchant_id,
		day, day + 4, day + 6, s->call.call_sid, item->stem, HASH_DIGITS, hash, item->ending);

	check(len > 0 && (size_t)len < out_bytes);
}

static enum step_result translate(struct step *s, enum store_result result, const struct store_answer *answer)
{
	s->retry_after_ms = (int64_t)answer->retry_after_ms;
	switch (result) {
	case STORE_OK:
		return STEP_DONE;
	case STORE_AGAIN:
		return step_fail(s, STEP_AGAIN, "%s", answer->why);
	case STORE_CONFIG:
		return step_fail(s, STEP_CONFIG, "%s", answer->why);
	case STORE_NEVER:
		return step_fail(s, STEP_NEVER, "%s", answer->why);
	case STORE_STOPPED:
		return step_fail(s, STEP_STOPPED, "%s", answer->why);
	}
	return STEP_AGAIN;
}

static enum step_result put_item(struct upload *u, const struct item *item)
{
	struct step *s = u->step;
	char path[STEP_PATH_BYTES_MAX], key[STORE_KEY_BYTES_MAX], hash[65];
	struct store_answer answer;

	if (!made_path(path, sizeof path, s->made, item->made) || !store_hash(path, hash))
		return step_fail(s, STEP_AGAIN, "%s cannot be read: %s", made_name(item->made), strerror(errno));
	make_key(s, item, hash, key, sizeof key);
	struct store_file file = { .path = path, .key = key, .type = made_type(item->made), .sha256_hex = hash,
		.watch = { alive, u } };
	enum step_result result = translate(s, store_put(&u->store, &file, &answer), &answer);

	if (result != STEP_DONE)
		return result;
	static_assert((int)STORE_URL_BYTES_MAX == (int)CALL_URL_BYTES_MAX, "the store's URLs fit the call's row");
	memcpy((char *)&s->media + item->url_offset, answer.url, sizeof answer.url);
	u->bytes_done += made_bytes(s->made, item->made);
	log_info("upload kept call=%s file=%s bytes=%lld sent=%d", s->call.call_sid, made_name(item->made),
		(long long)made_bytes(s->made, item->made), !answer.was_there);
	return STEP_DONE;
}

enum step_result step_upload(struct step *s)
{
	struct upload u = { .step = s };
	enum step_result result = STEP_DONE;
	char why[STORE_WHY_BYTES_MAX];

	for (size_t i = 0; i < ARRAY_COUNT(items); i++) {
		int64_t bytes = made_bytes(s->made, items[i].made);

		if (bytes < 0 && items[i].is_needed)
			return step_fail(s, STEP_NEVER, "%s is not there", made_name(items[i].made));
		u.bytes_total += bytes > 0 ? bytes : 0;
	}
	if (!store_open(&u.store, s->conf, why, sizeof why))
		return step_fail(s, STEP_CONFIG, "%s", why);
	for (size_t i = 0; i < ARRAY_COUNT(items) && result == STEP_DONE; i++)
		if (made_exists(s->made, items[i].made))
			result = put_item(&u, &items[i]);
	store_close(&u.store);
	return result;
}
