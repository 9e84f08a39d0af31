/*
 * One easy handle a request. libcurl tells of a chain only what it has verified or was told not to verify, so where
 * verification fails the chain is looked at by a second request that trusts, and sends nothing else than the first.
 */
#include "doctor/ask.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/slice.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ask_open(void)
{
	check(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

void ask_close(void)
{
	curl_global_cleanup();
}

static size_t take_body(char *data, size_t one, size_t len, void *context)
{
	struct ask_answer *out = context;
	size_t room = ASK_BODY_BYTES_MAX - out->body_len, n = len < room ? len : room;

	(void)one;
	memcpy(out->body + out->body_len, data, n);
	out->body_len += n;
	out->body[out->body_len] = '\0';
	return n;               /* fewer than came: that is enough of it */
}

/* The value of a header line if it has that name. */
static bool header_is(struct slice line, const char *name, struct slice *out)
{
	size_t len = strlen(name);

	if (line.len <= len || line.data[len] != ':' || strncasecmp(line.data, name, len) != 0)
		return false;
	struct slice value = { line.data + len + 1, line.len - len - 1 };

	while (value.len && strchr(" \r\n", value.data[value.len - 1]))
		value.len--;
	while (value.len && *value.data == ' ')
		value.data++, value.len--;
	*out = value;
	return true;
}

static int64_t date_ms(struct slice text)
{
	char date[64];
	time_t at = slice_copy(text, date, sizeof date) ? curl_getdate(date, NULL) : -1;

	return at < 0 ? 0 : (int64_t)at * 1000;
}

/* Fit to be shown: a stranger wrote it. */
static void put_location(struct slice value, struct ask_answer *out)
{
	slice_copy(value, out->location, sizeof out->location);
	for (char *c = out->location; *c; c++)
		if (*c <= ' ' || *c >= 0x7f)
			*c = '?';
}

static size_t take_header(char *data, size_t one, size_t len, void *context)
{
	struct ask_answer *out = context;
	struct slice line = { data, len }, value;

	(void)one;
	if (header_is(line, "Date", &value)) {
		out->date_ms = date_ms(value);
		out->at_ms = clock_wall_ms();
	} else if (header_is(line, "Location", &value)) {
		put_location(value, out);
	} else if (header_is(line, "Sec-WebSocket-Version", &value)) {
		out->is_socket_server = true;
	}
	return len;
}

/* "CN = voice.example.com" out of "C = US, CN = voice.example.com". */
static void put_subject(struct slice text, struct ask_cert *out)
{
	struct slice rest = text, word;

	while (slice_next_word(&rest, ',', &word))
		if (word.len > 5 && strncmp(word.data, "CN = ", 5) == 0)
			text = (struct slice){ word.data + 5, word.len - 5 };
	slice_copy(text, out->subject, sizeof out->subject);
}

static void put_certificate(const struct curl_slist *facts, struct ask_cert *out)
{
	struct slice value;

	for (; facts; facts = facts->next) {
		struct slice line = slice_of(facts->data);

		if (header_is(line, "Subject", &value))
			put_subject(value, out);
		else if (header_is(line, "Start date", &value))
			out->from_ms = date_ms(value);
		else if (header_is(line, "Expire date", &value))
			out->until_ms = date_ms(value);
	}
}

static void take_certificates(CURL *easy, struct ask_answer *out)
{
	struct curl_certinfo *info = NULL;

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || !info)
		return;
	for (int i = 0; i < info->num_of_certs && out->cert_count < ASK_CERTS_MAX; i++)
		put_certificate(info->certinfo[i], &out->certs[out->cert_count++]);
}

static enum ask_result result_of(CURLcode code, const struct ask_answer *out)
{
	/* Cut off by us. */
	if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && out->body_len == ASK_BODY_BYTES_MAX))
		return ASK_ANSWERED;
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return ASK_NO_NAME;
	if (code == CURLE_COULDNT_CONNECT)
		return ASK_NO_CONNECTION;
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
		return ASK_NOT_TRUSTED;
	if (code == CURLE_SSL_CONNECT_ERROR)
		return ASK_NO_TLS;
	return code == CURLE_OPERATION_TIMEDOUT && out->address[0] == '\0' ? ASK_NO_CONNECTION : ASK_BROKEN;
}

static void set_manners(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)ASK_CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)ASK_MS);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "receptionai/" PACKAGE_VERSION " (--check)");
	curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
}

static void set_question(CURL *easy, const struct ask *ask, bool trusts)
{
	const char *roots = ask->ca_file && ask->ca_file[0] ? ask->ca_file : getenv("SSL_CERT_FILE");

	curl_easy_setopt(easy, CURLOPT_URL, ask->url);
	if (roots)
		curl_easy_setopt(easy, CURLOPT_CAINFO, roots);
	if (ask->user) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERNAME, ask->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, ask->password);
	}
	if (ask->form)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, ask->form);
	if (trusts) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static enum ask_result perform(const struct ask *ask, bool trusts, struct ask_answer *out)
{
	char detail[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	CURL *easy = curl_easy_init();
	char *address = NULL;

	check(easy);
	for (const char *const *h = ask->headers; h && *h; h++)
		headers = curl_slist_append(headers, *h);
	set_manners(easy);
	set_question(easy, ask, trusts);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, out);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, out);
	CURLcode code = curl_easy_perform(easy);

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &out->status);
	if (curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address) == CURLE_OK && address)
		snprintf(out->address, sizeof out->address, "%s", address);
	snprintf(out->why, sizeof out->why, "%s", *detail ? detail : curl_easy_strerror(code));
	take_certificates(easy, out);
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers);
	return result_of(code, out);
}

/* The chain that was not trusted; nothing of the request itself goes there. */
static void look_at_chain(const struct ask *ask, struct ask_answer *out)
{
	static struct ask_answer second;
	const struct ask bare = { .url = ask->url, .ca_file = ask->ca_file };

	second = (struct ask_answer){ 0 };
	perform(&bare, true, &second);
	memcpy(out->certs, second.certs, sizeof out->certs);
	out->cert_count = second.cert_count;
}

enum ask_result ask_for(const struct ask *ask, struct ask_answer *out)
{
	*out = (struct ask_answer){ 0 };
	out->result = perform(ask, ask->trusts, out);
	out->is_proven = out->result == ASK_ANSWERED && !ask->trusts;
	if (out->result == ASK_NOT_TRUSTED)
		look_at_chain(ask, out);
	return out->result;
}
