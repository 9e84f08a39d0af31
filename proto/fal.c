/* Every reader has its own json reader, copies what it found, and lets the tree go: answers are few and small. */
#include "proto/fal.h"

#include "base/check.h"
#include "proto/fal_parts.h"
#include "proto/url.h"

#include <string.h>

static bool fail(const char **out_why, const char *why)
{
	*out_why = why;
	return false;
}

bool fal_take(const struct json_object *object, const char *key, char *out, size_t out_bytes)
{
	struct slice text;

	return json_slice(json_field(object, key), &text) && text.len && slice_copy(text, out, out_bytes);
}

/* --- where the key may go --- */

/* Whatever else stands in a host, two readers of URLs may not agree on. */
static bool is_plain_name(struct slice host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			c == '.'))
			return false;
	}
	return host.len > 0 && host.data[0] != '.';
}

static bool is_host_of_fal(struct slice host)
{
	static const char *const tails[] = { ".fal.run", ".falrun.com", ".fal.ai" };

	if (!is_plain_name(host))
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(tails); i++) {
		struct slice tail = slice_of(tails[i]);

		if (host.len > tail.len &&
		    slice_equal_nocase((struct slice){ host.data + host.len - tail.len, tail.len }, tail))
			return true;
	}
	return false;
}

static bool is_default_port(const struct url *url)
{
	return url->port.len == 0 || slice_equal(url->port, SLICE("443"));
}

bool fal_may_have_key(struct slice text, struct slice fal_url)
{
	struct url url, ours;

	if (!url_split(text, &url) || !url_split(fal_url, &ours) || url.is_socket || url.userinfo.data)
		return false;
	if (url.is_tls == ours.is_tls && slice_equal_nocase(url.host, ours.host) &&
	    slice_equal(url_port(&url), url_port(&ours)))
		return true;
	return url.is_tls && is_default_port(&url) && is_host_of_fal(url.host);
}

bool fal_may_have_file(struct slice text, struct slice fal_url)
{
	struct url url, ours;

	if (!url_split(text, &url) || !url_split(fal_url, &ours) || url.is_socket || url.userinfo.data)
		return false;
	return url.is_tls || (!ours.is_tls && slice_equal_nocase(url.host, ours.host));
}

/* --- answers --- */

static void take_url(const struct json_object *root, const char *key, struct slice fal_url, char *out)
{
	if (!fal_take(root, key, out, FAL_URL_BYTES_MAX + 1) || !fal_may_have_key(slice_of(out), fal_url))
		out[0] = '\0';
}

bool fal_read_order(struct slice body, struct slice fal_url, struct fal_order *out, const char **out_why)
{
	struct json_reader reader = { 0 };
	const struct json_object *root = json_read(&reader, body.data, body.len);
	bool ok = fal_take(root, "request_id", out->request_id, sizeof out->request_id);

	take_url(root, "status_url", fal_url, out->status_url);
	take_url(root, "response_url", fal_url, out->response_url);
	take_url(root, "cancel_url", fal_url, out->cancel_url);
	/* Two of the three are half a road. */
	if (!out->status_url[0] || !out->response_url[0])
		out->status_url[0] = out->response_url[0] = out->cancel_url[0] = '\0';
	out->queue_position = -1;
	json_int(json_field(root, "queue_position"), &out->queue_position);
	json_reader_fini(&reader);
	return ok || fail(out_why, "the answer to a submit holds no request_id");
}

static bool state_of(const struct json_object *root, enum fal_state *out)
{
	static const char *const words[] = {
#define X(state, word) [state] = word,
		FAL_STATES(X)
#undef X
	};
	struct slice text;

	if (!json_slice(json_field(root, "status"), &text))
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (slice_equal(text, slice_of(words[i]))) {
			*out = (enum fal_state)i;
			return true;
		}
	return false;
}

bool fal_read_status(struct slice body, struct fal_status *out, const char **out_why)
{
	struct json_reader reader = { 0 };
	const struct json_object *root = json_read(&reader, body.data, body.len);
	bool ok = state_of(root, &out->state);
	struct slice type = { 0 };

	out->queue_position = -1;
	json_int(json_field(root, "queue_position"), &out->queue_position);
	json_slice(json_field(root, "error_type"), &type);
	out->failed = ok && out->state == FAL_COMPLETED && (type.len || json_field(root, "error"));
	fal_error_of(out->failed ? root : NULL, 0, type, &out->error);
	json_reader_fini(&reader);
	return ok || fail(out_why, "the answer holds no status that we know");
}

bool fal_video_of(const struct json_object *output, char out_url[FAL_URL_BYTES_MAX + 1])
{
	return fal_take(json_field(output, "video"), "url", out_url, FAL_URL_BYTES_MAX + 1);
}

bool fal_read_video(struct slice body, char out_url[FAL_URL_BYTES_MAX + 1], const char **out_why)
{
	struct json_reader reader = { 0 };
	bool ok = fal_video_of(json_read(&reader, body.data, body.len), out_url);

	json_reader_fini(&reader);
	return ok || fail(out_why, "the result holds no video with a URL");
}

bool fal_read_upload(struct slice body, struct fal_upload *out, const char **out_why)
{
	struct json_reader reader = { 0 };
	const struct json_object *root = json_read(&reader, body.data, body.len);
	bool ok = fal_take(root, "upload_url", out->upload_url, sizeof out->upload_url) &&
		fal_take(root, "file_url", out->file_url, sizeof out->file_url);

	json_reader_fini(&reader);
	return ok || fail(out_why, "the answer of the storage holds no upload_url and file_url");
}
