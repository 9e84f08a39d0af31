/* An order is written down before it is answered. What becomes of it is a matter of time alone: in the queue, in the
 * works, done. */
#include "sim/fal_house.h"

#include "base/check.h"
#include "base/clock.h"
#include "proto/form.h"
#include "proto/json.h"
#include "proto/wav_head.h"
#include "sim/fal_hook.h"

#include <stdio.h>
#include <stdlib.h>

struct fal_order_made *fal_order_by_id(struct fal_house *house, struct slice id)
{
	for (size_t i = 0; i < house->order_count; i++)
		if (slice_equal(id, slice_of(house->orders[i].id)))
			return &house->orders[i];
	return NULL;
}

/* --- submit --- */

/* false: answered. These orders are not taken. */
static bool is_welcome(struct fal_house *house, struct fal_response *out)
{
	const struct fal_faults *f = &house->plan->faults;

	if (fal_fault_on(f, FAL_FAULT_SUBMIT_RESET)) {
		out->reset = true;
		fal_answer(out, 500, "%s", "");
	} else if (fal_fault_on(f, FAL_FAULT_SUBMIT_400)) {
		fal_answer_failure(out, fal_failure_by_type("bad_request"));
	} else if (fal_fault_on(f, FAL_FAULT_SUBMIT_401)) {
		fal_answer(out, 401, "{\"detail\":\"No user found for Key ID and Secret\"}");
	} else if (fal_fault_on(f, FAL_FAULT_SUBMIT_403)) {
		fal_answer(out, 403, "{\"detail\":\"User is locked. Reason: Exhausted balance.\"}");
	} else if (fal_fault_on(f, FAL_FAULT_SUBMIT_404)) {
		fal_answer(out, 404, "{\"detail\":\"Application not found\"}");
	} else if (fal_fault_on(f, FAL_FAULT_SUBMIT_422)) {
		fal_answer(out, 422, "{\"detail\":[{\"loc\":[\"body\",\"image_url\"],\"msg\":\"Field required\","
			"\"type\":\"missing\"}]}");
	} else if (fal_fault_on(f, FAL_FAULT_SUBMIT_429)) {
		fal_answer(out, 429, "{\"detail\":\"Queue is full\"}");
		snprintf(out->headers, sizeof out->headers, "Retry-After: %d\r\n", fal_fault_value(f,
			FAL_FAULT_SUBMIT_429));
	} else if (fal_fault_on(f, FAL_FAULT_SUBMIT_503)) {
		fal_answer_failure(out, fal_failure_by_type("runner_scheduling_failure"));
	} else {
		return true;
	}
	fal_note_line(house, "refused status=%d", out->reset ? 0 : out->status);
	return false;
}

/* The path is owner/app and more; what is told afterwards is owner/app alone, behind a word of our own. */
static bool name_app(struct slice path, struct fal_order_made *order)
{
	const char *first = memchr(path.data + 1, '/', path.len - 1);
	const char *second = first ? memchr(first + 1, '/', path.len - (size_t)(first + 1 - path.data)) : NULL;
	const size_t len = second ? (size_t)(second - path.data) : path.len;
	char word[9];

	if (!first || len > 150)
		return false;
	fal_random_hex(word, sizeof word);
	snprintf(order->app, sizeof order->app, "%s%.*s", word, (int)len, path.data);
	return true;
}

static void name_hook(const struct fal_request *request, struct fal_order_made *order)
{
	struct form *form = malloc(sizeof *form);
	char query[FORM_BODY_BYTES_MAX];

	check(form);
	form_init(form);
	order->hook_url[0] = '\0';
	if (request->query.len < sizeof query) {
		if (request->query.len)
			memcpy(query, request->query.data, request->query.len);
		if (form_read(form, query, request->query.len) == FORM_OK)
			(void)slice_copy(form_value(form, "fal_webhook"), order->hook_url, sizeof order->hook_url);
	}
	free(form);
}

static void name_order(struct fal_order_made *order)
{
	char hex[33];

	fal_random_hex(hex, sizeof hex);
	snprintf(order->id, sizeof order->id, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
		hex + 20);
}

/* What the model finds in its input decides how the order ends, not whether it is taken. */
static const struct fal_failure *judge_audio(const char *bytes, size_t len, long *out_seconds)
{
	struct wav_head head;
	size_t at;

	*out_seconds = 0;
	if (!bytes)
		return fal_failure_by_type("file_download_error");
	if (wav_head_find((const uint8_t *)bytes, len, &head, &at) || head.format != WAV_PCM16 ||
		head.rate_hz < 16000 ||
		head.channel_count != 1)
		return fal_failure_by_type("unsupported_audio_format");
	*out_seconds = (long)((head.data_bytes / 2 + head.rate_hz - 1) / head.rate_hz);
	return NULL;
}

static void judge(struct fal_house *house, const struct json_object *root, struct fal_order_made *order,
	const char *model)
{
	struct slice audio = SLICE(""), image = SLICE("");
	char url[9000], sha[FAL_SHA_HEX_BYTES] = "none";
	size_t len = 0, image_len = 0;
	long seconds;

	json_slice(json_field(root, "audio_url"), &audio);
	json_slice(json_field(root, "image_url"), &image);
	char *bytes = slice_copy(audio, url, sizeof url) ? fal_fetch_input(house, url, &len) : NULL;
	/* A picture somewhere under https is believed. */
	const bool is_https = image.len > 8 && memcmp(image.data, "https://", 8) == 0;
	char *picture = slice_copy(image, url, sizeof url) && !is_https ? fal_fetch_input(house, url,
		&image_len) : NULL;

	if (bytes)
		fal_sha(bytes, len, sha);
	order->failure = judge_audio(bytes, len, &seconds);
	if (!order->failure && !picture && !is_https)
		order->failure = fal_failure_by_type("file_download_error");
	if (!order->failure && order->is_faulty)
		order->failure = house->plan->faults.failure;
	free(bytes);
	free(picture);
	fal_note_line(house, "order n=%zu id=%s model=%s seconds=%ld sha=%s image=%zu webhook=%s", house->order_count,
		order->id, model, seconds, sha, image_len, order->hook_url[0] ? "yes" : "no");
}

static void answer_order(struct fal_house *house, const struct fal_order_made *order, struct fal_response *out)
{
	const struct fal_faults *f = &house->plan->faults;
	const char *origin = fal_is_faulty(house, order, FAL_FAULT_FOREIGN_URLS) ? "https://queue.example.com" :
		house->plan->origin;

	if (fal_is_faulty(house, order, FAL_FAULT_SUBMIT_500))
		return fal_answer(out, 500, "{\"detail\":\"Internal Server Error\"}");
	if (fal_is_faulty(house, order, FAL_FAULT_SUBMIT_502))
		return fal_answer(out, 502, "<html><head><title>502 Bad Gateway</title></head>nginx</html>");
	if (fal_is_faulty(house, order, FAL_FAULT_SUBMIT_504))
		return fal_answer_failure(out, fal_failure_by_type("request_timeout"));
	if (fal_is_faulty(house, order, FAL_FAULT_SUBMIT_GARBAGE))
		return fal_answer(out, 200, "<html>Welcome</html>");
	out->reset = fal_is_faulty(house, order, FAL_FAULT_SUBMIT_CRASH) || order->is_lost;
	if (fal_is_faulty(house, order, FAL_FAULT_SUBMIT_LATE))
		out->late_ms = (uint64_t)fal_fault_value(f, FAL_FAULT_SUBMIT_LATE);
	snprintf(out->headers, sizeof out->headers, "x-fal-request-id: %s\r\n", order->id);
	fal_answer(out, 200, "{\"status\":\"IN_QUEUE\",\"request_id\":\"%s\",\"gateway_request_id\":\"%s\","
		"\"response_url\":\"%s/at/%s/requests/%s\",\"status_url\":\"%s/at/%s/requests/%s/status\","
		"\"cancel_url\":\"%s/at/%s/requests/%s/cancel\",\"logs\":null,\"metrics\":{},\"queue_position\":%d}",
		order->id, order->id, origin, order->app, order->id, origin, order->app, order->id, origin,
			order->app,
		order->id, house->plan->queue_ms ? 3 : 0);
}

static void check_order(struct fal_house *house, const struct fal_request *request, const struct json_object *root)
{
	if (json_has(root, "input"))
		fal_violation(house, "the input in a wrapper");
	if (!slice_equal(fal_request_header(request, "X-Fal-Store-IO"), SLICE("0")))
		fal_violation(house, "an order whose input is kept: no X-Fal-Store-IO: 0");
	if (!fal_request_header(request, "X-Fal-Object-Lifecycle-Preference").len)
		fal_violation(house, "an order whose files are kept for ever");
}

void fal_submit(struct fal_house *house, const struct fal_request *request, struct fal_response *out)
{
	struct fal_order_made *order = &house->orders[house->order_count];
	const bool is_faulty = !house->plan->fault_orders || house->submit_count < house->plan->fault_orders;
	struct json_reader reader = { 0 };
	const struct json_object *root;
	char model[256];

	house->submit_count++;
	if (is_faulty && !is_welcome(house, out))
		return;
	root = json_read(&reader, request->body.data, request->body.len);
	*order = (struct fal_order_made){ .made_ms = house->now_ms, .is_faulty = is_faulty };
	if (house->order_count == FAL_ORDERS_MAX || !json_is_object(root) || !name_app(request->path, order) ||
		!slice_copy((struct slice){ request->path.data + 1, request->path.len - 1 }, model, sizeof model)) {
		fal_answer(out, 422, "{\"detail\":\"no such application, or no JSON\"}");
	} else {
		check_order(house, request, root);
		name_order(order);
		name_hook(request, order);
		order->is_lost = fal_is_faulty(house, order, FAL_FAULT_SUBMIT_LOST);
		house->order_count++;
		judge(house, root, order, model);
		answer_order(house, order, out);
	}
	json_reader_fini(&reader);
}

/* --- time --- */

static bool is_stuck(const struct fal_house *house, const struct fal_order_made *order)
{
	return order->is_lost || order->is_cancelled || fal_is_faulty(house, order, FAL_FAULT_STUCK_QUEUE) ||
		fal_is_faulty(house, order, FAL_FAULT_STUCK_WORK);
}

static uint64_t done_ms(const struct fal_house *house, const struct fal_order_made *order)
{
	return order->made_ms + house->plan->queue_ms + house->plan->work_ms;
}

void fal_house_tick(struct fal_house *house, uint64_t now_ms)
{
	house->now_ms = now_ms;
	for (size_t i = 0; i < house->order_count; i++) {
		struct fal_order_made *order = &house->orders[i];

		if (order->is_done || is_stuck(house, order) || now_ms < done_ms(house, order))
			continue;
		order->is_done = true;
		fal_note_line(house, "done id=%s result=%s", order->id, order->failure ? order->failure->type : "ok");
		fal_hook_deliver(house, order);
	}
}

uint64_t fal_house_due_ms(const struct fal_house *house)
{
	uint64_t due_ms = UINT64_MAX;

	for (size_t i = 0; i < house->order_count; i++) {
		const struct fal_order_made *order = &house->orders[i];

		if (!order->is_done && !is_stuck(house, order) && done_ms(house, order) < due_ms)
			due_ms = done_ms(house, order);
	}
	return due_ms;
}

/* --- what is asked of an order --- */

static void answer_status(struct fal_house *house, struct fal_order_made *order, struct fal_response *out)
{
	const struct fal_faults *f = &house->plan->faults;
	const int32_t count = order->status_count++;
	const bool waits = house->now_ms < order->made_ms + house->plan->queue_ms ||
		fal_is_faulty(house, order, FAL_FAULT_STUCK_QUEUE);

	fal_note_line(house, "status id=%s", order->id);
	if (order->is_lost || fal_is_faulty(house, order, FAL_FAULT_STATUS_404))
		return fal_answer(out, 404, "{\"status\":\"NOT_FOUND\"}");
	if (fal_is_faulty(house, order, FAL_FAULT_STATUS_500) && count < fal_fault_value(f, FAL_FAULT_STATUS_500))
		return fal_answer(out, 500, "{\"detail\":\"Internal Server Error\",\"error_type\":\"internal_er"
			"ror\"}");
	if (fal_is_faulty(house, order, FAL_FAULT_STATUS_GARBAGE) && count < fal_fault_value(f,
		FAL_FAULT_STATUS_GARBAGE))
		return fal_answer(out, 200, "<html>");
	if (order->is_done && order->failure)
		fal_answer(out, 200, "{\"status\":\"COMPLETED\",\"request_id\":\"%s\",\"error\":\"It went wrong.\","
			"\"error_type\":\"%s\",\"logs\":[],\"metrics\":{}}", order->id, order->failure->type);
	else if (order->is_done)
		fal_answer(out, 200, "{\"status\":\"COMPLETED\",\"request_id\":\"%s\",\"logs\":[],"
			"\"metrics\":{\"inference_time\":1.5}}", order->id);
	else if (waits)
		fal_answer(out, 202, "{\"status\":\"IN_QUEUE\",\"request_id\":\"%s\",\"queue_position\":%d}",
			order->id,
			count < 3 ? 3 - count : 0);
	else
		fal_answer(out, 202, "{\"status\":\"IN_PROGRESS\",\"request_id\":\"%s\",\"logs\":[]}", order->id);
}

static void answer_result(struct fal_house *house, struct fal_order_made *order, struct fal_response *out)
{
	const struct fal_faults *f = &house->plan->faults;
	const int32_t count = order->result_count++;

	fal_note_line(house, "result id=%s", order->id);
	if (order->is_lost || order->is_deleted || fal_is_faulty(house, order, FAL_FAULT_RESULT_404))
		return fal_answer(out, 404, "{\"detail\":\"Request not found\"}");
	if (!order->is_done)
		return fal_answer(out, 400, "{\"detail\":\"Request is still in progress\"}");
	if (fal_is_faulty(house, order, FAL_FAULT_RESULT_500) && count < fal_fault_value(f, FAL_FAULT_RESULT_500))
		return fal_answer(out, 500, "Internal Server Error");
	if (order->failure)
		return fal_answer_failure(out, order->failure);
	if (fal_is_faulty(house, order, FAL_FAULT_RESULT_EMPTY))
		return fal_answer(out, 200, "{\"video\":null,\"seed\":7}");
	if (fal_is_faulty(house, order, FAL_FAULT_RESULT_FILE))
		return fal_answer(out, 200, "{\"video\":{\"url\":\"file:///etc/passwd\"}}");
	fal_answer(out, 200, "{\"video\":{\"url\":\"%s/videos/%s/out.mp4\",\"content_type\":\"video/mp4\","
		"\"file_name\":\"out.mp4\",\"file_size\":1}}", house->plan->origin, order->id);
	snprintf(out->headers, sizeof out->headers, "x-fal-request-id: %s\r\nX-Fal-Billable-Units: 1\r\n", order->id);
}

static void answer_cancel(struct fal_house *house, struct fal_order_made *order, struct fal_response *out)
{
	if (order->is_done || fal_is_faulty(house, order, FAL_FAULT_CANCEL_400))
		return fal_answer(out, 400, "{\"status\":\"ALREADY_COMPLETED\"}");
	order->is_cancelled = true;
	fal_note_line(house, "cancelled id=%s", order->id);
	fal_answer(out, 202, "{\"status\":\"CANCELLATION_REQUESTED\"}");
}

bool fal_ask(struct fal_house *house, const struct fal_request *request, struct fal_response *out)
{
	const bool is_get = slice_equal(request->method, SLICE("GET")), is_put = slice_equal(request->method,
		SLICE("PUT"));

	fal_house_tick(house, house->now_ms);
	for (size_t i = 0; i < house->order_count; i++) {
		struct fal_order_made *order = &house->orders[i];
		char path[400];
		const int len = snprintf(path, sizeof path, "/at/%s/requests/%s", order->app, order->id);
		const struct slice rest = { request->path.data + len, request->path.len - (size_t)len };

		if (request->path.len < (size_t)len || memcmp(request->path.data, path, (size_t)len) != 0)
			continue;
		if (is_get && slice_equal(rest, SLICE("/status")))
			answer_status(house, order, out);
		else if (is_get && rest.len == 0)
			answer_result(house, order, out);
		else if (is_put && slice_equal(rest, SLICE("/cancel")))
			answer_cancel(house, order, out);
		else
			fal_answer(out, 405, "{\"detail\":\"Method Not Allowed\"}");
		return true;
	}
	return false;
}

void fal_forget(struct fal_house *house, const struct fal_request *request, struct fal_response *out)
{
	const size_t before = sizeof "/v1/models/requests/" - 1, behind = sizeof "/payloads" - 1;
	struct fal_order_made *order = fal_order_by_id(house,
		(struct slice){ request->path.data + before, request->path.len - before - behind });

	if (!order)
		return fal_answer(out, 404, "{\"error\":{\"type\":\"not_found\"}}");
	if (fal_is_faulty(house, order, FAL_FAULT_DELETE_500))
		return fal_answer(out, 500, "{\"error\":{\"type\":\"server_error\"}}");
	order->is_deleted = true;
	fal_note_line(house, "deleted id=%s", order->id);
	fal_answer(out, 200, "{\"cdn_delete_results\":[]}");
}
