/* A line is five words and then JSON to its end; what is wrong with one is told with its number. */
#include "media/fal/fal_models.h"

#include "base/check.h"
#include "proto/json.h"
#include "proto/json_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE "\"$image\""
#define AUDIO "\"$audio\""

enum { SECONDS_MAX = 86400 };

/* --- words of a line --- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice next_word(struct slice *line)
{
	while (line->len && is_blank(*line->data)) {
		line->data++;
		line->len--;
	}
	struct slice word = { line->data, 0 };

	while (line->len && !is_blank(*line->data)) {
		line->data++;
		line->len--;
		word.len++;
	}
	return word;
}

static bool read_digits(struct slice *text, size_t digits_max, int64_t *number, size_t *digits)
{
	for (*digits = 0; text->len && *text->data >= '0' && *text->data <= '9'; (*digits)++) {
		*number = *number * 10 + (*text->data - '0');
		text->data++;
		text->len--;
		if (*digits >= digits_max)
			return false;
	}
	return true;
}

bool fal_dollars_read(struct slice text, int64_t *out_micro_dollars)
{
	int64_t micro = 0;
	size_t whole, parts = 0;

	if (!read_digits(&text, 4, &micro, &whole) || whole == 0)
		return false;
	if (text.len && *text.data == '.') {
		text.data++;
		text.len--;
		if (!read_digits(&text, 6, &micro, &parts) || parts == 0)
			return false;
	}
	for (; parts < 6; parts++)
		micro *= 10;
	if (text.len)
		return false;
	*out_micro_dollars = micro;
	return true;
}

static bool read_seconds(struct slice word, int64_t *out)
{
	size_t digits;

	*out = 0;
	return read_digits(&word, 5, out, &digits) && digits > 0 && word.len == 0 && *out <= SECONDS_MAX;
}

/* A model's id becomes a part of a URL. */
static bool is_model_id(struct slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./", word.data[i]))
			return false;
	return word.len > 2 && word.data[0] != '/' && word.data[word.len - 1] != '/' &&
		memchr(word.data, '/', word.len) && !memmem(word.data, word.len, "..", 2) &&
		!memmem(word.data, word.len, "//", 2);
}

static bool holds(struct slice text, const char *what)
{
	return memmem(text.data, text.len, what, strlen(what));
}

/* --- lines --- */

/* NULL, or what is wrong. */
static const char *read_input(struct slice input, struct fal_model *out)
{
	const char *why;

	if (!slice_copy(input, out->input, sizeof out->input))
		return "the input is too long";
	if (input.len == 0 || input.data[0] != '{' || !json_valid(input.data, input.len, &why))
		return "the input is no JSON object";
	if (memchr(input.data, '\\', input.len))
		return "the input holds a backslash, which has no place here";
	if (!holds(input, IMAGE) || !holds(input, AUDIO))
		return "the input lacks " IMAGE " or " AUDIO;
	return NULL;
}

static const char *read_line(struct slice line, struct fal_model *out)
{
	struct slice id = next_word(&line);

	if (!is_model_id(id) || !slice_copy(id, out->id, sizeof out->id))
		return "the first word is no model id, like owner/model";
	if (!fal_dollars_read(next_word(&line), &out->micro_dollars) || out->micro_dollars == 0)
		return "the second word is no price, like 0.02 (dollars a second)";
	if (!read_seconds(next_word(&line), &out->charged_s_min) || !read_seconds(next_word(&line), &out->s_min) ||
		!read_seconds(next_word(&line), &out->s_max))
		return "the third to fifth words are no whole seconds: least charged, shortest, longest";
	if (out->s_max == 0 || out->s_min > out->s_max)
		return "the longest video is shorter than the shortest";
	while (line.len && is_blank(*line.data)) {
		line.data++;
		line.len--;
	}
	while (line.len && (is_blank(line.data[line.len - 1]) || line.data[line.len - 1] == '\r'))
		line.len--;
	return read_input(line, out);
}

static struct slice take_line(struct slice *text)
{
	const char *end = memchr(text->data, '\n', text->len);
	struct slice line = { text->data, end ? (size_t)(end - text->data) : text->len };

	text->data += line.len + (end != NULL);
	text->len -= line.len + (end != NULL);
	return line;
}

bool fal_models_read(struct slice text, const char *id, struct fal_model *out, char *why, size_t why_bytes)
{
	bool found = false;

	for (unsigned number = 1; text.len; number++) {
		struct slice line = take_line(&text), rest = line;
		struct slice first = next_word(&rest);
		struct fal_model model;

		if (first.len == 0 || first.data[0] == '#' || first.data[0] == '\r')
			continue;
		const char *fault = read_line(line, &model);

		if (!fault && found && strcmp(model.id, id) == 0)
			fault = "the model stands here a second time";
		if (fault) {
			snprintf(why, why_bytes, "line %u: %s", number, fault);
			return false;
		}
		if (strcmp(model.id, id) == 0) {
			found = true;
			*out = model;
		}
	}
	if (!found)
		snprintf(why, why_bytes, "there is no line for %s", id);
	return found;
}

bool fal_models_load(const char *path, const char *id, struct fal_model *out, char *why, size_t why_bytes)
{
	char *text = malloc(FAL_MODELS_BYTES_MAX + 1), fault[FAL_MODEL_WHY_BYTES_MAX] = "no memory";
	FILE *file = text ? fopen(path, "re") : NULL;
	bool ok = false;

	if (text && !file)
		snprintf(fault, sizeof fault, "%s", strerror(errno));
	if (file) {
		size_t len = fread(text, 1, FAL_MODELS_BYTES_MAX + 1, file);

		if (ferror(file))
			snprintf(fault, sizeof fault, "it cannot be read");
		else if (len > FAL_MODELS_BYTES_MAX)
			snprintf(fault, sizeof fault, "it is too long");
		else
			ok = fal_models_read((struct slice){ text, len }, id, out, fault, sizeof fault);
		fclose(file);
	}
	free(text);
	if (!ok)
		snprintf(why, why_bytes, "%s: %s", path, fault);
	return ok;
}

/* --- what is made of it --- */

int64_t fal_model_cost(const struct fal_model *model, int64_t length_ms)
{
	int64_t seconds = (length_ms + 999) / 1000;

	check(length_ms >= 0);
	return model->micro_dollars * (seconds > model->charged_s_min ? seconds : model->charged_s_min);
}

bool fal_model_input(const struct fal_model *model, struct slice image_url, struct slice audio_url, struct buf *out)
{
	const char *at = model->input;
	size_t before = buf_len(out);
	bool fits = true;

	while (*at && fits) {
		if (strncmp(at, IMAGE, strlen(IMAGE)) == 0) {
			fits = json_write_string(out, image_url);
			at += strlen(IMAGE);
		} else if (strncmp(at, AUDIO, strlen(AUDIO)) == 0) {
			fits = json_write_string(out, audio_url);
			at += strlen(AUDIO);
		} else {
			fits = buf_append(out, at++, 1);
		}
	}
	if (!fits)
		buf_cut(out, before);
	return fits;
}
