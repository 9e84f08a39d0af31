#include "media/fal/fal_input.h"

#include "base/log.h"
#include "media/made.h"
#include "media/store/store.h"
#include "media/sound/voice16.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum fal_said fail(struct fal_desk *desk, enum fal_said said, const char *what, const char *why)
{
	snprintf(desk->why, sizeof desk->why, "%s: %s", what, why);
	return said;
}

/* --- in our bucket --- */

static bool is_alive(void *user, uint64_t sent_bytes, uint64_t file_bytes)
{
	(void)sent_bytes;
	(void)file_bytes;
	return step_alive(user);
}

static enum fal_said said_of(enum store_result result)
{
	switch (result) {
	case STORE_OK:
		return FAL_YES;
	case STORE_AGAIN:
		return FAL_LATER;
	case STORE_STOPPED:
		return FAL_STOPPED;
	case STORE_CONFIG:
	case STORE_NEVER:
		break;
	}
	return FAL_NO;
}

static enum fal_said put_in_bucket(struct step *s, struct fal_desk *desk, struct store *store, const char *path,
	struct fal_note *note, char out_url[STORE_LINK_BYTES_MAX])
{
	char sum[65], key[STORE_KEY_BYTES_MAX + 1], why[STORE_WHY_BYTES_MAX];
	const int64_t link_s = 3600 + conf_int(s->conf, FAL_WAIT_S);
	struct store_answer answer;

	if (!store_hash(path, sum))
		return fail(desk, FAL_LATER, "the voice", "it cannot be read");
	snprintf(key, sizeof key, "calls/%lld/fal/%s/voice16-%.32s.wav", (long long)s->merchant.id, s->job.call_sid,
		sum);
	const struct store_file file = { .path = path, .key = key, .type = made_type(MADE_VOICE16_WAV),
		.sha256_hex = sum, .watch = { is_alive, s } };
	const enum fal_said said = said_of(store_put(store, &file, &answer));

	if (said != FAL_YES)
		return fail(desk, said, "the store", answer.why);
	snprintf(note->input_url, sizeof note->input_url, "%s", answer.url);
	if (!store_link(store, answer.url, link_s, out_url, STORE_LINK_BYTES_MAX, why, sizeof why))
		return fail(desk, FAL_NO, "the store", why);
	return FAL_YES;
}

void fal_input_drop(struct step *s, const char *input_url)
{
	struct store_answer answer = { 0 };
	struct store store;

	if (!*input_url || !store_open(&store, s->conf, answer.why, sizeof answer.why))
		return;
	if (store_delete(&store, input_url, &answer) != STORE_OK)
		log_warn("fal input was not deleted call=%s why=%s", s->job.call_sid,
			log_text(answer.why, strlen(answer.why)).text);
	store_close(&store);
}

/* --- both --- */

/* A folder's URLs may be for the house alone, so only a bucket will do. */
static enum fal_said put_voice(struct step *s, struct fal_desk *desk, const char *path, struct fal_note *note,
	char out_url[STORE_LINK_BYTES_MAX])
{
	char why[STORE_WHY_BYTES_MAX];
	struct store store;

	if (!store_open(&store, s->conf, why, sizeof why))
		return fal_store(desk, path, made_name(MADE_VOICE16_WAV), made_type(MADE_VOICE16_WAV), out_url);
	const enum fal_said said = store.kind == &store_s3 ? put_in_bucket(s, desk, &store, path, note, out_url) :
		fal_store(desk, path, made_name(MADE_VOICE16_WAV), made_type(MADE_VOICE16_WAV), out_url);

	store_close(&store);
	return said;
}

static enum fal_said make_voice(struct step *s, struct fal_desk *desk, struct fal_note *note,
	char out_url[STORE_LINK_BYTES_MAX])
{
	char path[STEP_PATH_BYTES_MAX];
	const int error = voice16_make(s->made);

	if (error)
		return fail(desk, FAL_LATER, "the voice", strerror(-error));
	if (!made_path(path, sizeof path, s->made, MADE_VOICE16_WAV))
		return fail(desk, FAL_NO, "the voice", "its path is too long");
	return put_voice(s, desk, path, note, out_url);
}

static enum fal_said make_image(struct step *s, struct fal_desk *desk, char out_url[FAL_URL_BYTES_MAX + 1])
{
	const char *image = conf_text(s->conf, FAL_IMAGE), *ending = strrchr(image, '.');
	const bool is_png = ending && strcasecmp(ending, ".png") == 0;

	if (strncmp(image, "https://", 8) == 0)
		return slice_copy(slice_of(image), out_url, FAL_URL_BYTES_MAX + 1) ? FAL_YES :
			fail(desk, FAL_NO, "FAL_IMAGE", "the URL is too long");
	if (access(image, R_OK) != 0)
		return fail(desk, FAL_NO, "FAL_IMAGE", "there is no such file, or it cannot be read");
	return fal_store(desk, image, is_png ? "face.png" : "face.jpg", is_png ? "image/png" : "image/jpeg", out_url);
}

enum fal_said fal_input_make(struct step *s, struct fal_desk *desk, const struct fal_model *model,
	struct fal_note *note, struct buf *out)
{
	char voice_url[STORE_LINK_BYTES_MAX], image_url[FAL_URL_BYTES_MAX + 1];
	enum fal_said said = make_image(s, desk, image_url);

	if (said == FAL_YES)
		said = make_voice(s, desk, note, voice_url);
	if (said == FAL_YES && !fal_model_input(model, slice_of(image_url), slice_of(voice_url), out))
		return fail(desk, FAL_NO, "the order", "it is too long");
	return said;
}
