/* One request: route by path, method, body, signature, handler. Whatever fails on the way is answered at once, and
 * nothing is written before the signature was right. */
#include "fcgi/webhook.h"

#include "base/check.h"
#include "base/clock.h"
#include "fcgi/handlers.h"
#include "proto/signature.h"
#include "proto/url.h"

#include <stdio.h>
#include <sys/stat.h>

enum { STREAM_SECRET_BYTES_MIN = 16, LOG_BURST = 5 };

enum guard { GUARD_NONE, GUARD_TWILIO };

static const struct route {
	const char *path;               /* with a final slash: and whatever follows */
	unsigned methods;
	const char *allow;
	enum guard guard;
	handler *handle;
} routes[] = {
	{ "/api/twilio/incoming", METHOD_GET | METHOD_POST, "GET, POST", GUARD_TWILIO, handle_incoming },
	{ "/api/twilio/outgoing", METHOD_POST, "POST", GUARD_TWILIO, handle_outgoing },
	{ "/api/twilio/after", METHOD_POST, "POST", GUARD_TWILIO, handle_after },
	{ "/api/twilio/voicemail", METHOD_POST, "POST", GUARD_TWILIO, handle_voicemail },
	{ "/api/twilio/status", METHOD_POST, "POST", GUARD_TWILIO, handle_status },
	{ "/api/twilio/stream-status", METHOD_POST, "POST", GUARD_TWILIO, handle_stream_status },
	{ "/api/fal/", METHOD_POST, "POST", GUARD_NONE, handle_fal },
	{ "/healthz", METHOD_GET | METHOD_HEAD, "GET, HEAD", GUARD_NONE, handle_health },
};

static struct slice without_final_slash(const char *text)
{
	struct slice url = slice_of(text);

	while (url.len && url.data[url.len - 1] == '/')
		url.len--;
	return url;
}

static bool is_public_origin(struct slice text)
{
	struct url url;

	return url_split(text, &url) && !url.is_socket && url.target.len == 0 && !url.fragment.data;
}

static bool is_relay_url(struct slice text)
{
	struct url url;

	return url_split(text, &url) && url.is_socket && !url.fragment.data && !memchr(text.data, '?', text.len);
}

/* What the settings table cannot say of one value alone. NULL if all is well. */
static const char *fault_of(const struct webhook *w, const char *stream_secret)
{
	size_t secret_len = strlen(stream_secret);
	struct slice tokens = slice_of(conf_text(w->conf, TWILIO_AUTH_TOKEN)), token;

	if (!slice_next_word(&tokens, ',', &token))
		return "TWILIO_AUTH_TOKEN is empty: without it no request can be told from a forged one";
	if (!is_public_origin(w->public_origin))
		return "PUBLIC_URL must be an origin without a path, like https://voice.example.com";
	if (!is_relay_url(w->relay_url))
		return "RELAY_URL must be a wss: URL without a query, like wss://voice.example.com/media-stream";
	if (secret_len && secret_len < STREAM_SECRET_BYTES_MIN)
		return "STREAM_TOKEN_SECRET must have at least 16 bytes, or be empty";
	return NULL;
}

bool webhook_open(struct webhook *w, const struct conf *conf, char *why, size_t why_bytes)
{
	const char *stream_secret = conf_text(conf, STREAM_TOKEN_SECRET);

	*w = (struct webhook){ .conf = conf, .call = log_name("", 0) };
	w->public_origin = without_final_slash(conf_text(conf, PUBLIC_URL));
	w->relay_url = without_final_slash(conf_text(conf, RELAY_URL));
	const char *fault = fault_of(w, stream_secret);
	if (fault) {
		snprintf(why, why_bytes, "%s", fault);
		return false;
	}
	token_keys_derive(&w->keys, stream_secret, conf_text(conf, TWILIO_AUTH_TOKEN));
	return true;
}

void webhook_close(struct webhook *w)
{
	db_close(w->db);
	w->db = NULL;
}

static void log_db_fault(struct webhook *w, const char *what, enum db_result result, const char *why)
{
	uint32_t left_out;

	if (!log_limit_pass(&w->db_faults, clock_mono_ms(), LOG_BURST, &left_out))
		return;
	log_error("db %s failed call=%s result=%s left_out=%u why=\"%s\"", what, w->call.text, db_result_word(result),
		left_out, why);
}

/* An operator who moves or restores the database leaves us with a file that nobody else sees. */
static bool is_replaced(const struct webhook *w)
{
	struct stat now;

	return stat(conf_text(w->conf, RECEPTIONAI_DB), &now) != 0 || now.st_dev != w->db_device
		|| now.st_ino != w->db_inode;
}

static void open_db(struct webhook *w)
{
	static const enum db_mode modes[] = { DB_WRITE, DB_READ };
	const char *path = conf_text(w->conf, RECEPTIONAI_DB);
	enum db_result result = DB_READONLY;
	char why[DB_WHY_BYTES_MAX];
	struct stat file;

	/* One that can only be read still knows the merchants' fallback numbers. */
	for (size_t i = 0; i < ARRAY_COUNT(modes) && result == DB_READONLY; i++)
		result = db_open(&w->db, path, modes[i], DB_BUSY_MS, why, sizeof why);
	if (result != DB_OK) {
		w->db = NULL;
		log_db_fault(w, "open", result, why);
		return;
	}
	if (stat(path, &file) == 0) {
		w->db_device = file.st_dev;
		w->db_inode = file.st_ino;
	}
	w->fallbacks_until_ms = 0;
}

static void renew_fallbacks(struct webhook *w)
{
	const uint64_t now_ms = clock_mono_ms();

	if (!w->is_staying || now_ms < w->fallbacks_until_ms)
		return;
	w->fallbacks_until_ms = now_ms + FALLBACKS_MS_MAX;
	(void)webhook_db_fault(w, "fallbacks", fallbacks_load(&w->fallbacks, w->db));
}

struct db *webhook_db(struct webhook *w)
{
	if (w->db && is_replaced(w))
		webhook_close(w);
	if (!w->db)
		open_db(w);
	if (w->db)
		renew_fallbacks(w);
	return w->db;
}

bool webhook_may_write(struct webhook *w)
{
	return !w->is_locked && webhook_db(w);
}

enum db_result webhook_db_fault(struct webhook *w, const char *what, enum db_result result)
{
	check(w->db);
	if (result != DB_OK)
		log_db_fault(w, what, result, db_why(w->db));
	w->is_locked |= result == DB_BUSY;
	if (result == DB_BROKEN)
		webhook_close(w);
	return result;
}

static bool is_authentic(const struct webhook *w, const struct request *r)
{
	const char *tokens = conf_text(w->conf, TWILIO_AUTH_TOKEN);
	char url[SIGNATURE_URL_BYTES_MAX];
	int len = snprintf(url, sizeof url, "%.*s%.*s", (int)w->public_origin.len, w->public_origin.data,
		(int)r->target.len, r->target.data);

	if (len < 0 || (size_t)len >= sizeof url)
		return false;
	struct slice signed_url = { url, (size_t)len };
	if (r->method != METHOD_POST)
		return signature_check(tokens, r->signature, signed_url, NULL);
	if (r->has_form_type)
		return signature_check(tokens, r->signature, signed_url, &r->form);
	return signature_check_body(tokens, r->signature, signed_url, r->body);
}

static bool is_our_account(const struct webhook *w, const struct request *r)
{
	const char *wanted = conf_text(w->conf, TWILIO_ACCOUNT_SID);

	return !*wanted || slice_equal(form_value(&r->form, "AccountSid"), slice_of(wanted));
}

static void refuse(struct webhook *w, const struct request *r, struct answer *a, int status, const char *why)
{
	uint32_t left_out;

	answer_refuse(a, status);
	if (log_limit_pass(&w->refusals, clock_mono_ms(), LOG_BURST, &left_out))
		log_warn("webhook refused status=%d why=%s call=%s path=%s left_out=%u", status,
			log_text(why, strlen(why)).text, w->call.text, log_text(r->path.data, r->path.len).text,
			left_out);
}

static bool leads(struct slice route, struct slice path)
{
	if (route.data[route.len - 1] == '/' && path.len > route.len)
		path.len = route.len;
	return slice_equal(path, route);
}

static const struct route *route_of(struct slice path)
{
	for (size_t i = 0; i < ARRAY_COUNT(routes); i++)
		if (leads(slice_of(routes[i].path), path))
			return &routes[i];
	return NULL;
}

static void handle_route(struct webhook *w, const struct route *route, const struct source *source,
	struct request *r, struct answer *a)
{
	if (!(route->methods & r->method)) {
		a->allow = route->allow;
		return refuse(w, r, a, 405, "method");
	}
	int status = request_body(r, source);
	if (status)
		return refuse(w, r, a, status, r->why);
	const struct slice sid = form_value(&r->form, "CallSid");

	w->call = log_name(sid.data, sid.len);
	if (route->guard == GUARD_TWILIO && !is_authentic(w, r))
		return refuse(w, r, a, 403, r->signature.len ? "signature" : "no signature");
	if (route->guard == GUARD_TWILIO && !is_our_account(w, r))
		return refuse(w, r, a, 403, "account");
	route->handle(w, r, a);
}

void webhook_handle(struct webhook *w, const struct source *source, struct request *request,
	struct answer *answer)
{
	answer_init(answer);
	w->is_locked = false;
	w->call = log_name("", 0);
	int status = request_head(request, source->envp);
	if (status)
		return refuse(w, request, answer, status, request->why);
	const struct route *route = route_of(request->path);
	if (!route)
		return refuse(w, request, answer, 404, "route");
	handle_route(w, route, source, request, answer);
}
