/* One way for all requests: ask() sends it and sorts the outcome; each function below says what a 2xx must hold. */
#include "media/fal/fal_desk.h"

#include "base/check.h"
#include "base/clock.h"
#include "proto/form.h"
#include "proto/json_write.h"

#include <stdio.h>
#include <string.h>

enum {
	SUBMIT_MS = 45000,
	ASK_MS = 30000,
	FILE_MS = 600000,
	HEADERS_MAX = 8,
	KEEP_S = 86400,                 /* what fal.ai holds of us is gone after a day, whatever happens */
};

bool fal_desk_open(struct fal_desk *desk, struct step *s)
{
	*desk = (struct fal_desk){ .step = s, .http = http_open() };
	snprintf(desk->key_header, sizeof desk->key_header, "Authorization: Key %s", conf_text(s->conf, FAL_KEY));
	return desk->http;
}

void fal_desk_close(struct fal_desk *desk)
{
	http_answer_fini(&desk->answer);
	if (desk->http)
		http_close(desk->http);
	explicit_bzero(desk->key_header, sizeof desk->key_header);
	*desk = (struct fal_desk){ 0 };
}

static bool is_alive(void *user, uint64_t sent_bytes, uint64_t received_bytes)
{
	(void)sent_bytes;
	(void)received_bytes;
	return step_alive(user);
}

static enum fal_said say(struct fal_desk *desk, enum fal_said said, const char *what, const char *why)
{
	snprintf(desk->why, sizeof desk->why, "%s: %s", what, why);
	return said;
}

/* 429 and 503 say "not now" before anything was done. */
static enum fal_said refused(struct fal_desk *desk, const char *what)
{
	const struct http_answer *a = &desk->answer;

	fal_read_error((int)a->status, slice_of(http_field(a, HTTP_FIELD_FAL_ERROR_TYPE)),
		(struct slice){ a->body, a->body_len }, &desk->error);
	desk->retry_after_ms = (int64_t)http_retry_after_ms(a, clock_wall_ms());
	if (a->status == 429 || a->status == 503)
		return say(desk, FAL_LATER, what, desk->error.sentence);
	return say(desk, a->status >= 500 ? FAL_NO_TELLING : FAL_NO, what, desk->error.sentence);
}

static enum fal_said ask(struct fal_desk *desk, const char *what, struct http_request *request)
{
	request->plain_allowed = true;  /* where the operator configured it: see fal_may_have_key() */
	http_answer_fini(&desk->answer);
	desk->retry_after_ms = 0;
	switch (http_ask(desk->http, request, &desk->answer)) {
	case HTTP_ANSWERED:
		return desk->answer.status >= 200 && desk->answer.status < 300 ? FAL_YES : refused(desk, what);
	case HTTP_NOT_SENT:
		return say(desk, FAL_LATER, what, desk->answer.why);
	case HTTP_STOPPED:
		return desk->answer.maybe_sent ? say(desk, FAL_NO_TELLING, what, "stopped half way") : FAL_STOPPED;
	case HTTP_UNKNOWN:
		break;
	}
	return say(desk, FAL_NO_TELLING, what, desk->answer.why);
}

/* Asking twice does no harm: what is not known is asked again. */
static enum fal_said ask_harmless(struct fal_desk *desk, const char *what, struct http_request *request)
{
	request->alive = is_alive;
	request->user = desk->step;
	enum fal_said said = ask(desk, what, request);

	if (said == FAL_NO_TELLING)
		return desk->answer.status || !desk->answer.maybe_sent ||
			step_alive(desk->step) ? FAL_LATER : FAL_STOPPED;
	return said;
}

static struct slice body_of(const struct fal_desk *desk)
{
	return (struct slice){ desk->answer.body, desk->answer.body_len };
}

/* --- the order --- */

static bool write_submit_url(const struct fal_desk *desk, const struct fal_model *model, const char *hook_url,
	struct buf *out)
{
	struct slice base = slice_of(conf_text(desk->step->conf, FAL_URL));

	while (base.len && base.data[base.len - 1] == '/')
		base.len--;
	return buf_append(out, base.data, base.len) && buf_printf(out, "/%s", model->id) &&
		(!*hook_url || (buf_append_string(out, "?fal_webhook=") && form_encode(out, slice_of(hook_url)))) &&
		buf_append(out, "", 1);
}

enum fal_said fal_submit(struct fal_desk *desk, const struct fal_model *model, struct slice input,
	const char *hook_url, struct fal_order *out)
{
	char url[4096], start_header[64], keep_header[96];
	struct buf url_buf;
	const char *why;

	buf_init_fixed(&url_buf, url, sizeof url);
	if (!write_submit_url(desk, model, hook_url, &url_buf))
		return say(desk, FAL_LATER, "fal order", "its URL is too long");
	snprintf(start_header, sizeof start_header, "X-Fal-Request-Timeout: %ld", conf_int(desk->step->conf,
		FAL_WAIT_S));
	snprintf(keep_header, sizeof keep_header,
		"X-Fal-Object-Lifecycle-Preference: {\"expiration_duration_seconds\":%d}", KEEP_S);
	/* Our model or none: another one has another price. */
	const char *const headers[HEADERS_MAX] = { desk->key_header, "Content-Type: application/json",
		"X-Fal-Store-IO: 0", keep_header, start_header, "x-app-fal-disable-fallback: true", NULL };
	struct http_request request = { .method = "POST", .url = url, .headers = headers, .body = input.data,
		.body_len = input.len, .deadline_ms = SUBMIT_MS, .once = true };
	enum fal_said said = ask(desk, "fal order", &request);

	if (said == FAL_YES && !fal_read_order(body_of(desk), slice_of(conf_text(desk->step->conf, FAL_URL)), out,
		&why))
		return say(desk, FAL_NO_TELLING, "fal order", why);
	return said;
}

/* --- its fate --- */

enum fal_said fal_look(struct fal_desk *desk, const char *status_url, struct fal_status *out)
{
	const char *const headers[] = { desk->key_header, NULL };
	struct http_request request = { .method = "GET", .url = status_url, .headers = headers,
		.deadline_ms = ASK_MS };
	enum fal_said said = ask_harmless(desk, "fal status", &request);
	const char *why;

	if (said == FAL_YES && !fal_read_status(body_of(desk), out, &why))
		return say(desk, FAL_LATER, "fal status", why);
	return said;
}

enum fal_said fal_result(struct fal_desk *desk, const char *response_url, char out_url[FAL_URL_BYTES_MAX + 1])
{
	const char *const headers[] = { desk->key_header, NULL };
	struct http_request request = { .method = "GET", .url = response_url, .headers = headers,
		.deadline_ms = ASK_MS };
	enum fal_said said = ask_harmless(desk, "fal result", &request);
	const char *why;

	/* A model's own error of 500 is no moment of weakness: the order is over. */
	if (said == FAL_LATER && desk->answer.status >= 500 && desk->error.type[0])
		return FAL_NO;
	if (said == FAL_YES && !fal_read_video(body_of(desk), out_url, &why))
		return say(desk, FAL_NO, "fal result", why);
	return said;
}

enum fal_said fal_fetch(struct fal_desk *desk, const char *video_url, const char *path, uint64_t bytes_max)
{
	struct http_request request = { .method = "GET", .url = video_url, .answer_path = path,
		.answer_bytes_max = bytes_max, .deadline_ms = FILE_MS };

	if (!fal_may_have_file(slice_of(video_url), slice_of(conf_text(desk->step->conf, FAL_URL))))
		return say(desk, FAL_NO, "fal video", "its URL is neither https: nor at the host of FAL_URL");
	return ask_harmless(desk, "fal video", &request);
}

enum fal_said fal_cancel(struct fal_desk *desk, const char *cancel_url)
{
	const char *const headers[] = { desk->key_header, NULL };
	struct http_request request = { .method = "PUT", .url = cancel_url, .headers = headers, .body = "",
		.deadline_ms = ASK_MS };

	return ask_harmless(desk, "fal cancel", &request);
}

enum fal_said fal_forget(struct fal_desk *desk, const char *request_id)
{
	const char *const headers[] = { desk->key_header, NULL };
	struct buf url_buf;
	char url[2048];

	buf_init_fixed(&url_buf, url, sizeof url);
	if (!buf_printf(&url_buf, "%s/models/requests/", conf_text(desk->step->conf, FAL_API_URL)) ||
		!form_encode(&url_buf, slice_of(request_id)) || !buf_append(&url_buf, "/payloads",
			sizeof "/payloads"))
		return say(desk, FAL_NO, "fal payloads", "the URL is too long");
	struct http_request request = { .method = "DELETE", .url = url, .headers = headers, .deadline_ms = ASK_MS };

	return ask_harmless(desk, "fal payloads", &request);
}

/* --- files and keys --- */

static bool write_initiate(const char *name, const char *type, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put(&w, "file_name", slice_of(name));
	json_put(&w, "content_type", slice_of(type));
	json_close(&w, '}');
	return json_end(&w);
}

static enum fal_said initiate(struct fal_desk *desk, const char *name, const char *type, struct fal_upload *out)
{
	char url[1100], body[512], keep_header[96];
	struct buf body_buf;
	const char *why;

	buf_init_fixed(&body_buf, body, sizeof body);
	check(write_initiate(name, type, &body_buf));
	snprintf(url, sizeof url, "%s/storage/upload/initiate?storage_type=fal-cdn-v3",
		conf_text(desk->step->conf, FAL_REST_URL));
	snprintf(keep_header, sizeof keep_header, "X-Fal-Object-Lifecycle: {\"expiration_duration_seconds\":%d}",
		KEEP_S);
	const char *const headers[] = { desk->key_header, "Content-Type: application/json", keep_header, NULL };
	struct http_request request = { .method = "POST", .url = url, .headers = headers, .body = buf_data(&body_buf),
		.body_len = buf_len(&body_buf), .deadline_ms = ASK_MS };
	enum fal_said said = ask_harmless(desk, "fal storage", &request);

	if (said == FAL_YES && !fal_read_upload(body_of(desk), out, &why))
		return say(desk, FAL_LATER, "fal storage", why);
	return said;
}

enum fal_said fal_store(struct fal_desk *desk, const char *path, const char *name, const char *type,
	char out_url[FAL_URL_BYTES_MAX + 1])
{
	char type_header[128];
	struct fal_upload upload;
	enum fal_said said = initiate(desk, name, type, &upload);

	if (said != FAL_YES)
		return said;
	if (!fal_may_have_file(slice_of(upload.upload_url), slice_of(conf_text(desk->step->conf, FAL_URL))))
		return say(desk, FAL_NO, "fal storage",
			"its upload URL is neither https: nor at the host of FAL_URL");
	snprintf(type_header, sizeof type_header, "Content-Type: %s", type);
	const char *const headers[] = { type_header, NULL };
	struct http_request request = { .method = "PUT", .url = upload.upload_url, .headers = headers,
		.body_path = path,
		.deadline_ms = FILE_MS };

	said = ask_harmless(desk, "fal storage", &request);
	if (said == FAL_YES)
		check(slice_copy(slice_of(upload.file_url), out_url, FAL_URL_BYTES_MAX + 1));
	return said;
}

enum fal_said fal_key_set(struct fal_desk *desk)
{
	struct fal_keys keys;
	char url[1100];
	const char *why;

	snprintf(url, sizeof url, "%s/.well-known/jwks.json", conf_text(desk->step->conf, FAL_REST_URL));
	struct http_request request = { .method = "GET", .url = url, .deadline_ms = ASK_MS };
	enum fal_said said = ask_harmless(desk, "fal keys", &request);

	if (said == FAL_YES && !fal_read_keys(body_of(desk), &keys, &why))
		return say(desk, FAL_LATER, "fal keys", why);
	return said;
}
