/* try_once() dials the URL of the moment; that leads to an answer, a redirect, a password, a retry or a failure. */
#include "sim/webhook.h"

#include "base/check.h"
#include "proto/base64.h"
#include "sim/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fail(struct webhook *w, int code, const char *why)
{
	w->code = code;
	snprintf(w->why, sizeof w->why, "%s", why);
	w->done = true;
	return true;
}

static bool has_origin(const char *url, const char *origin)
{
	size_t len = origin ? strlen(origin) : 0;

	return len && strncasecmp(url, origin, len) == 0 && (url[len] == '\0' || strchr("/?#", url[len]));
}

/* Where the URL is reached, and under which origin it is signed (NULL: its own). */
static void map_origin(struct webhook *w, const char **out_signed_origin)
{
	const struct webhook_env *env = w->env;
	char mapped[WEBHOOK_URL_BYTES_MAX];

	*out_signed_origin = NULL;
	if (!env->public_origin)
		return;
	if (has_origin(w->url, env->public_origin)) {
		snprintf(mapped, sizeof mapped, "%s%s", env->local_origin,
			w->url + strlen(env->public_origin));
		memcpy(w->url, mapped, sizeof mapped);
	}
	if (has_origin(w->url, env->local_origin))
		*out_signed_origin = env->public_origin;
}

static const char *sign(
	struct webhook *w, const struct url *url, const char *origin, char out[SIGNATURE_BYTES + 1])
{
	char text[WEBHOOK_URL_BYTES_MAX];

	if (w->env->signing == WEBHOOK_SIGN_NOT || !webhook_signed_url(url, origin, text, sizeof text))
		return NULL;
	signature_write(slice_of(text), w->is_get ? NULL : &w->form,
		slice_of(w->env->signing == WEBHOOK_SIGN_WRONG ? "not the token" : w->env->token), out);
	if (w->env->signing == WEBHOOK_SIGN_GARBLED)
		memset(out, '!', SIGNATURE_BYTES);
	return out;
}

static const char *password(const struct webhook *w, const struct url *url, char *out, size_t out_bytes)
{
	char encoded[512];

	if (!w->with_password || !url->userinfo.data || url->userinfo.len > 300)
		return NULL;
	size_t len = base64_encode(encoded, url->userinfo.data, url->userinfo.len);

	snprintf(out, out_bytes, "Basic %.*s", (int)len, encoded);
	return out;
}

/* The Host header is the public one when the webhook is reached at another address. */
static const char *public_host(const char *signed_origin)
{
	const char *at = signed_origin ? strstr(signed_origin, "://") : NULL;

	return at ? at + 3 : NULL;
}

/* Whose certificate is wanted: the public host's, too; `fallback` when it is reached under its own name. */
static const char *certificate_name(const char *signed_origin, const char *fallback, char *out, size_t out_bytes)
{
	struct url url;

	if (!signed_origin || !url_split(slice_of(signed_origin), &url) || !slice_copy(url.host, out, out_bytes))
		return fallback;
	return out;
}

static bool try_once(struct webhook *w, uint64_t now_ms)
{
	static uint8_t request_bytes[WEBHOOK_REQUEST_BYTES_MAX];
	const char *origin;
	char host[256], name[256], port[8], signature[SIGNATURE_BYTES + 1], authorization[600];
	char uuid[40];
	uint8_t random_bytes[16];
	struct buf request;
	struct url url;

	map_origin(w, &origin);
	if (!url_split(slice_of(w->url), &url) || url.is_socket || !slice_copy(url.host, host, sizeof host))
		return fail(w, 11200, "this is not an http or https URL");
	slice_copy(url_port(&url), port, sizeof port);
	if (url.is_tls && !w->env->tls)
		return fail(w, 11200, "no TLS context");
	random_fill(w->env->random, random_bytes, sizeof random_bytes);
	identity_uuid(random_bytes, uuid);
	buf_init_fixed(&request, request_bytes, sizeof request_bytes);
	struct webhook_request r = { .url = &url,
		.host = public_host(origin),
		.is_get = w->is_get,
		.form = &w->form,
		.signature = sign(w, &url, origin, signature),
		.idempotency_token = uuid,
		.authorization = password(w, &url, authorization, sizeof authorization) };

	if (!webhook_write_request(&request, &r))
		return fail(w, 11200, "the request is too large");
	uint64_t left = w->total_deadline_ms > now_ms ? w->total_deadline_ms - now_ms : 0;
	struct fetch_target target = { .host = host,
		.port = port,
		.tls = url.is_tls ? w->env->tls : NULL,
		.server_name = certificate_name(origin, host, name, sizeof name),
		.connect_ms = w->overrides.connect_ms,
		.read_ms = w->overrides.read_ms,
		.total_ms = (uint32_t)left };

	fetch_close(&w->fetch);
	fetch_begin(&w->fetch, &target, buf_data(&request), buf_len(&request), now_ms);
	return false;
}

void webhook_begin(
	struct webhook *w, const struct webhook_env *env, const char *url, bool is_get, uint64_t now_ms)
{
	struct url parts;

	w->env = env;
	w->is_get = is_get;
	w->redirects_left = WEBHOOK_REDIRECT_COUNT_MAX;
	w->with_password = w->done = false;
	w->code = w->status = 0;
	w->fetch = (struct fetch){ 0 };
	if (!url_split(slice_of(url), &parts)) {
		w->url[0] = '\0';
		fail(w, 11200, "this is not a URL");
		return;
	}
	webhook_overrides(&w->overrides, &parts);
	w->tries_left = w->overrides.retry_count;
	w->total_deadline_ms = now_ms + w->overrides.total_ms;
	bool fits = is_get ? webhook_url_with_query(url, &w->form, w->url, sizeof w->url)
			   : (size_t)snprintf(w->url, sizeof w->url, "%s", url) < sizeof w->url;

	if (!fits)
		fail(w, 11200, "the URL is too long");
	else
		try_once(w, now_ms);
}

static bool may_retry(const struct webhook *w)
{
	const struct webhook_overrides *o = &w->overrides;

	if (!w->tries_left)
		return false;
	switch (w->fetch.failure) {
	case FETCH_CONNECT:
		return o->retry_connect;
	case FETCH_TIMEOUT:
	case FETCH_BROKEN:
		return o->retry_timeout;
	case FETCH_NO_FAILURE:
		break;
	}
	return (w->status >= 500 && o->retry_5xx) || (w->status >= 400 && w->status < 500 && o->retry_4xx);
}

static bool retry_or_fail(struct webhook *w, int code, const char *why, uint64_t now_ms)
{
	if (now_ms < w->total_deadline_ms && may_retry(w)) {
		w->tries_left--;
		return try_once(w, now_ms);
	}
	return fail(w, code, why);
}

static bool follow(struct webhook *w, uint64_t now_ms)
{
	char next[WEBHOOK_URL_BYTES_MAX];

	if (!w->redirects_left-- || !w->fetch.location[0] ||
		!url_resolve(slice_of(w->url), slice_of(w->fetch.location), next, sizeof next))
		return fail(w, 11216, "an invalid redirect, or too many");
	/* 307 and 308 keep the method, the others make a GET of it (as browsers do). */
	if (w->status != 307 && w->status != 308 && !w->is_get) {
		w->is_get = true;
		if (!webhook_url_with_query(next, &w->form, w->url, sizeof w->url))
			return fail(w, 11216, "the URL of a redirect is too long");
	} else {
		memcpy(w->url, next, sizeof next);
	}
	return try_once(w, now_ms);
}

static bool judge(struct webhook *w, uint64_t now_ms)
{
	char why[120];
	int code = 0;

	w->status = w->fetch.status;
	if (!w->wants_twiml && w->status >= 200 && w->status < 300) {
		w->answer = WEBHOOK_EMPTY;
		return w->done = true;
	}
	w->answer = webhook_judge(w->status, w->fetch.content_type, buf_len(&w->fetch.content), &code);
	switch (w->answer) {
	case WEBHOOK_REDIRECT:
		return follow(w, now_ms);
	case WEBHOOK_AUTHENTICATE:
		if (w->with_password)
			return fail(w, 11200, "HTTP status 401, even with the password");
		w->with_password = true;
		return strstr(w->url, "@") ? try_once(w, now_ms) : fail(w, 11200, "HTTP status 401");
	case WEBHOOK_BAD:
		if (code == 11200)
			snprintf(why, sizeof why, "HTTP status %d", w->status);
		else if (code == 12300)
			snprintf(why, sizeof why, "content type \"%.80s\"", w->fetch.content_type);
		else
			snprintf(why, sizeof why, "the answer is too large");
		return retry_or_fail(w, code, why, now_ms);
	case WEBHOOK_TWIML:
	case WEBHOOK_SPEAK:
	case WEBHOOK_EMPTY:
		break;
	}
	w->done = true;
	return true;
}

bool webhook_turn(struct webhook *w, uint64_t now_ms)
{
	if (w->done)
		return true;
	switch (fetch_turn(&w->fetch, now_ms)) {
	case FETCH_WAIT:
		return false;
	case FETCH_DONE:
		return judge(w, now_ms);
	case FETCH_FAIL:
		break;
	}
	return retry_or_fail(w, w->fetch.failure == FETCH_CONNECT ? 11205 : 11200, w->fetch.why, now_ms);
}

void webhook_end(struct webhook *w)
{
	fetch_close(&w->fetch);
}

int webhook_fd(const struct webhook *w)
{
	return w->fetch.net.state == NET_CLOSED ? -1 : fetch_fd(&w->fetch);
}

uint32_t webhook_interest(const struct webhook *w)
{
	return w->fetch.net.state == NET_CLOSED ? 0 : fetch_interest(&w->fetch);
}

uint64_t webhook_deadline_ms(const struct webhook *w)
{
	return fetch_deadline_ms(&w->fetch);
}

struct slice webhook_content(const struct webhook *w)
{
	return fetch_content(&w->fetch);
}
