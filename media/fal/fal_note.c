#include "media/fal/fal_note.h"

#include "base/check.h"
#include "proto/json.h"
#include "proto/json_write.h"

#include <stdio.h>

void fal_note_order(struct fal_note *note, const struct fal_order *order)
{
	(void)slice_copy(slice_of(order->status_url), note->status_url, sizeof note->status_url);
	(void)slice_copy(slice_of(order->response_url), note->response_url, sizeof note->response_url);
	(void)slice_copy(slice_of(order->cancel_url), note->cancel_url, sizeof note->cancel_url);
}

static bool write(const struct fal_note *note, bool has_urls, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put_int(&w, "since_ms", note->since_ms);
	if (note->input_url[0])
		json_put(&w, "input", slice_of(note->input_url));
	if (has_urls) {
		json_put(&w, "status", slice_of(note->status_url));
		json_put(&w, "response", slice_of(note->response_url));
		json_put(&w, "cancel", slice_of(note->cancel_url));
	}
	json_close(&w, '}');
	return json_end(&w);
}

void fal_note_write(const struct fal_note *note, char *out, size_t out_bytes)
{
	struct buf b;

	buf_init_fixed(&b, out, out_bytes - 1);
	/* Three URLs full of what JSON has to escape do not fit. */
	if (!write(note, note->status_url[0], &b) && !write(note, false, &b))
		buf_clear(&b);
	out[buf_len(&b)] = '\0';
}

static void take(const struct json_object *root, const char *key, char *out, size_t out_bytes)
{
	struct slice text;

	if (!json_slice(json_field(root, key), &text) || !slice_copy(text, out, out_bytes))
		out[0] = '\0';
}

void fal_note_read(struct slice text, int64_t since_ms, struct fal_note *out)
{
	struct json_reader reader = { 0 };
	const struct json_object *root = json_read(&reader, text.data, text.len);

	out->since_ms = since_ms;
	json_int(json_field(root, "since_ms"), &out->since_ms);
	take(root, "input", out->input_url, sizeof out->input_url);
	take(root, "status", out->status_url, sizeof out->status_url);
	take(root, "response", out->response_url, sizeof out->response_url);
	take(root, "cancel", out->cancel_url, sizeof out->cancel_url);
	json_reader_fini(&reader);
}
