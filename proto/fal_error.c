/* The type decides; without a known one, the HTTP status. */
#include "proto/fal.h"

#include "base/buf.h"
#include "base/check.h"
#include "proto/fal_parts.h"

#include <string.h>

static bool blame_by_type(const char *type, enum fal_blame *out)
{
	static const struct {
		const char *type;
		enum fal_blame blame;
	} known[] = {
#define X(type, blame) { type, blame },
		FAL_ERROR_TYPES(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (strcmp(type, known[i].type) == 0) {
			*out = known[i].blame;
			return true;
		}
	return false;
}

/* 403 is also what an empty balance answers, 404 what a model that is not there does. */
static enum fal_blame blame_by_status(int status)
{
	if (status == 401 || status == 402 || status == 403 || status == 404)
		return FAL_BLAME_ACCOUNT;
	if (status == 408 || status == 409 || status == 429 || status >= 500 || status == 0)
		return FAL_BLAME_SERVICE;
	return FAL_BLAME_ORDER;
}

/* The peer's words, as one line of printable ASCII: enough for a person, harmless for whatever shows it. */
static void tidy(char *text)
{
	for (char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static size_t cut(struct slice text, size_t len_max)
{
	return text.len < len_max ? text.len : len_max;
}

/* Where the fault is: ["body","audio_url"] gives "audio_url". */
static struct slice last_of(const struct json_object *loc)
{
	size_t count = json_array_count(loc);
	struct slice text = { 0 };

	if (count)
		json_slice(json_array_item(loc, count - 1), &text);
	return text;
}

static void write_sentence(int status, struct slice where, struct slice words, struct fal_error *out)
{
	struct buf b;

	buf_init_fixed(&b, out->sentence, sizeof out->sentence - 1);
	bool fits = (!status || buf_printf(&b, "%d%s", status, *out->type ? " " : "")) &&
		buf_append_string(&b, out->type) &&
		(!where.len || (buf_append_string(&b, " at ") && buf_append(&b, where.data, cut(where, 40)))) &&
		(!words.len || (buf_append_string(&b, buf_len(&b) ? ": " : "") && buf_append(&b, words.data,
			cut(words, 120))));

	check(fits);
	out->sentence[buf_len(&b)] = '\0';
}

void fal_error_of(const struct json_object *root, int status, struct slice type, struct fal_error *out)
{
	const struct json_object *detail = json_field(root, "detail");
	const struct json_object *first = json_is_array(detail) ? json_array_item(detail, 0) : NULL;
	struct slice words = { 0 }, where = last_of(json_field(first, "loc"));

	*out = (struct fal_error){ .blame = blame_by_status(status) };
	if (!json_slice(json_field(root, "error_type"), &type))
		json_slice(json_field(first, "type"), &type);
	if (!json_slice(detail, &words) && !json_slice(json_field(first, "msg"), &words))
		json_slice(json_field(root, "error"), &words);
	if (!slice_copy(type, out->type, sizeof out->type))
		out->type[0] = '\0';
	tidy(out->type);
	/* The model itself has looked at the order, and found a fault in it. */
	if (!blame_by_type(out->type, &out->blame) && first)
		out->blame = FAL_BLAME_ORDER;
	write_sentence(status, where, words, out);
	tidy(out->sentence);
}

void fal_read_error(int status, struct slice header_type, struct slice body, struct fal_error *out)
{
	struct json_reader reader = { 0 };

	fal_error_of(json_read(&reader, body.data, body.len), status, header_type, out);
	json_reader_fini(&reader);
}
