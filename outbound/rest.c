#include "outbound/rest.h"

#include "base/buf.h"
#include "base/check.h"
#include "proto/json.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum { URL_BYTES = 1400, FORM_BYTES = 8192 };

void rest_open(void)
{
	check(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

void rest_close(void)
{
	curl_global_cleanup();
}

static size_t take(char *data, size_t one, size_t len, void *context)
{
	(void)one;
	return buf_append(context, data, len) ? len : 0;
}

static void set_safety(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)REST_CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)REST_ANSWER_MS);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "receptionai/" PACKAGE_VERSION);
}

static void set_account(CURL *easy, const struct rest_account *account)
{
	char password[1024];

	check(slice_copy(account->token, password, sizeof password));
	curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	curl_easy_setopt(easy, CURLOPT_USERNAME, account->sid);
	curl_easy_setopt(easy, CURLOPT_PASSWORD, password);
	explicit_bzero(password, sizeof password);
}

/* What Twilio answered: the resource, or an error in its words. */
static enum rest_result understand(const struct buf *body, struct rest_answer *out)
{
	struct json_reader reader = { 0 };
	const struct json_object *root = json_read(&reader, (const char *)buf_data(body), buf_len(body));
	bool ok = out->status >= 200 && out->status < 300;
	struct slice text = { 0 };

	if (ok && json_slice(json_field(root, "sid"), &text) && slice_copy(text, out->sid, sizeof out->sid) && text.len) {
		json_reader_fini(&reader);
		return REST_OK;
	}
	json_int(json_field(root, "code"), &out->code);
	if (!json_slice(json_field(root, "message"), &text))
		text = SLICE("no message");
	snprintf(out->why, sizeof out->why, "Twilio answered %ld, code %lld: %.*s", out->status, (long long)out->code,
		(int)(text.len < 300 ? text.len : 300), text.data);
	json_reader_fini(&reader);
	/* A server that breaks down may have done it before. */
	return ok || out->status >= 500 ? REST_UNKNOWN : REST_REFUSED;
}

static enum rest_result fail(CURLcode code, const char *detail, struct rest_answer *out)
{
	bool reached = code != CURLE_COULDNT_RESOLVE_HOST && code != CURLE_COULDNT_CONNECT &&
		code != CURLE_PEER_FAILED_VERIFICATION && code != CURLE_SSL_CONNECT_ERROR &&
		code != CURLE_URL_MALFORMAT && code != CURLE_UNSUPPORTED_PROTOCOL;

	snprintf(out->why, sizeof out->why, "%s%s", *detail ? detail : curl_easy_strerror(code),
		reached ? "; whether Twilio places the call is not known" : "");
	return reached ? REST_UNKNOWN : REST_NOT_SENT;
}

static enum rest_result perform(CURL *easy, struct buf *body, struct rest_answer *out)
{
	char detail[CURL_ERROR_SIZE] = "";

	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
	CURLcode code = curl_easy_perform(easy);

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &out->status);
	return code == CURLE_OK ? understand(body, out) : fail(code, detail, out);
}

enum rest_result rest_post(const struct rest_account *account, const char *resource, const struct form *form,
	struct rest_answer *out)
{
	static char form_memory[FORM_BYTES], answer_memory[REST_BYTES_MAX];
	char url[URL_BYTES];
	struct buf fields, body;
	CURL *easy = curl_easy_init();

	check(easy);
	*out = (struct rest_answer){ 0 };
	buf_init_fixed(&fields, form_memory, sizeof form_memory);
	buf_init_fixed(&body, answer_memory, sizeof answer_memory);
	check(form_write(form, &fields));
	int len = snprintf(url, sizeof url, "%s/Accounts/%s/%s", account->api_url, account->sid, resource);

	check(len > 0 && (size_t)len < sizeof url);
	set_safety(easy);
	set_account(easy, account);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, buf_data(&fields));
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)buf_len(&fields));
	enum rest_result result = perform(easy, &body, out);

	curl_easy_cleanup(easy);
	return result;
}
