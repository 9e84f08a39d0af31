/* Storage in memory: announced, put, read by whoever knows the URL. And the videos, which are all the same file. */
#include "sim/fal_house.h"

#include "base/check.h"
#include "proto/json.h"
#include "sim/fal_reach.h"

#include <stdio.h>
#include <stdlib.h>

void fal_initiate(struct fal_house *house, const struct fal_request *request, struct fal_response *out)
{
	struct json_reader reader = { 0 };
	const struct json_object *root = json_read(&reader, request->body.data, request->body.len);
	struct slice name, type;
	const bool ok = json_slice(json_field(root, "file_name"), &name) &&
		json_slice(json_field(root, "content_type"), &type) && type.len < sizeof house->files[0].type &&
		name.len < 100 && !memchr(name.data, '/', name.len);

	if (!fal_request_header(request, "X-Fal-Object-Lifecycle").len)
		fal_violation(house, "an upload that is to be kept for ever");
	if (!ok || house->file_count == FAL_FILES_MAX) {
		fal_answer(out, 422, "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"Field required\",\"type\":\"mi"
			"ssing\"}]}");
	} else {
		struct fal_file *file = &house->files[house->file_count++];

		fal_random_hex(file->token, sizeof file->token);
		check(slice_copy(type, file->type, sizeof file->type));
		fal_answer(out, 200, "{\"upload_url\":\"%s/up/%s?X-Signature=once&X-Expires=900\","
			"\"file_url\":\"%s/files/%s/%.*s\"}", house->plan->origin, file->token, house->plan->origin,
			file->token, (int)name.len, name.data);
	}
	json_reader_fini(&reader);
}

/* The word behind the second slash. */
static struct slice token_of(struct slice path)
{
	const char *slash = memchr(path.data + 1, '/', path.len - 1), *start = slash + 1;
	const char *end = memchr(start, '/', path.len - (size_t)(start - path.data));

	return (struct slice){ start, end ? (size_t)(end - start) : path.len - (size_t)(start - path.data) };
}

static struct fal_file *file_by_token(struct fal_house *house, struct slice token)
{
	for (size_t i = 0; i < house->file_count; i++)
		if (slice_equal(token, slice_of(house->files[i].token)))
			return &house->files[i];
	return NULL;
}

void fal_put_file(struct fal_house *house, const struct fal_request *request, struct fal_response *out)
{
	struct fal_file *file = file_by_token(house, token_of(request->path));
	const struct fal_faults *faults = &house->plan->faults;

	if (fal_fault_on(faults, FAL_FAULT_UPLOAD_500) &&
		house->upload_count++ < fal_fault_value(faults, FAL_FAULT_UPLOAD_500))
		return fal_answer(out, 500, "<Error><Code>InternalError</Code></Error>");
	if (!file || !slice_equal(request->query, SLICE("X-Signature=once&X-Expires=900")) || file->bytes ||
		!slice_equal(fal_request_header(request, "Content-Type"), slice_of(file->type)))
		return fal_answer(out, 403, "<Error><Code>SignatureDoesNotMatch</Code></Error>");
	file->bytes = malloc(request->body.len + 1);
	check(file->bytes);
	memcpy(file->bytes, request->body.data, request->body.len);
	file->len = request->body.len;
	fal_note_line(house, "upload bytes=%zu type=%s", file->len, file->type);
	fal_answer(out, 200, "%s", "");
}

static void answer_bytes(struct fal_response *out, const char *type, const char *bytes, size_t len)
{
	out->status = 200;
	out->type = type;
	out->body = malloc(len + 1);
	check(out->body);
	memcpy(out->body, bytes, len);
	out->body_len = len;
}

void fal_get_file(struct fal_house *house, const struct fal_request *request, struct fal_response *out)
{
	const struct fal_file *file = file_by_token(house, token_of(request->path));

	if (!file || !file->bytes)
		return fal_answer(out, 404, "not found");
	answer_bytes(out, file->type, file->bytes, file->len);
}

/* --- videos --- */

static char *read_file(const char *path, size_t *out_len)
{
	FILE *file = fopen(path, "re");
	size_t room = 1 << 20, len = 0, got;
	char *bytes = malloc(room);

	check(bytes);
	while (file && (got = fread(bytes + len, 1, room - len, file)) > 0) {
		len += got;
		if (len == room) {
			room *= 2;
			bytes = realloc(bytes, room);
			check(bytes);
		}
	}
	if (file)
		fclose(file);
	*out_len = len;
	return bytes;
}

void fal_get_video(struct fal_house *house, const struct fal_request *request, struct fal_response *out)
{
	struct fal_order_made *order = fal_order_by_id(house, token_of(request->path));
	const struct fal_faults *faults = &house->plan->faults;

	if (!order || !order->is_done || order->is_deleted || fal_is_faulty(house, order, FAL_FAULT_CDN_404))
		return fal_answer(out, 404, "not found");
	const int32_t count = order->video_count++;

	fal_note_line(house, "video id=%s", order->id);
	if (fal_is_faulty(house, order, FAL_FAULT_CDN_500) && count < fal_fault_value(faults, FAL_FAULT_CDN_500))
		return fal_answer(out, 500, "oh");
	if (fal_is_faulty(house, order, FAL_FAULT_CDN_GARBAGE))
		return fal_answer(out, 200, "This is no video at all.");
	out->body = read_file(house->plan->video, &out->body_len);
	out->status = 200;
	out->type = "video/mp4";
	if (fal_is_faulty(house, order, FAL_FAULT_CDN_CUT) && count < fal_fault_value(faults, FAL_FAULT_CDN_CUT))
		out->cut_bytes = out->body_len / 2;
}

/* --- what orders name --- */

char *fal_fetch_input(struct fal_house *house, const char *url, size_t *out_len)
{
	const size_t origin_len = strlen(house->plan->origin);
	const char *scheme = strstr(url, "://"), *path = scheme ? strchr(scheme + 3, '/') : NULL;
	char request[9000], *body = NULL;

	/* Ourselves we must not wait for. */
	if (strncmp(url, house->plan->origin, origin_len) == 0 && strncmp(url + origin_len, "/files/", 7) == 0) {
		const struct fal_file *file = file_by_token(house, token_of(slice_of(url + origin_len)));

		if (!file || !file->bytes)
			return NULL;
		body = malloc(file->len + 1);
		check(body);
		memcpy(body, file->bytes, file->len);
		*out_len = file->len;
		return body;
	}
	if (!path)
		return NULL;
	const int len = snprintf(request, sizeof request,
		"GET %s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\n\r\n", path,
		(int)(path - scheme - 3), scheme + 3);

	if (len < 0 || (size_t)len >= sizeof request)
		return NULL;
	if (fal_reach(url, request, (size_t)len, 5000, &body, out_len) == 200)
		return body;
	free(body);
	return NULL;
}
