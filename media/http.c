/*
 * One easy handle a client, reset before each request: its connections stay. libcurl's result is turned into what the
 * caller must know: was it answered, and if not, can the request have been delivered. CURLINFO_REQUEST_SIZE counts the
 * bytes of requests that were written to a connection, so 0 means that nobody can have seen any.
 */
#include "media/http.h"

#include "base/address.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/slice.h"
#include "media/write_all.h"
#include "proto/url.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ALIVE_MS = 500, STALL_BYTES_PER_S = 1000, BODY_BYTES_FIRST = 4096 };

struct http_client {
	CURL *easy;
};

/* One request while it runs. */
struct exchange {
	const struct http_request *request;
	struct http_answer *answer;
	CURL *easy;
	uint64_t answer_bytes_max;
	size_t body_cap;
	uint64_t alive_at_ms;
	int body_fd, answer_fd;
	uint64_t body_len;
	int file_error;                 /* -errno of one of the two files */
	bool stopped, too_long, refused;
};

static const char *const field_names[] = {
#define X(name, text) text,
	HTTP_FIELDS(X)
#undef X
};

struct http_client *http_open(void)
{
	struct http_client *client = calloc(1, sizeof *client);

	check(client);
	check(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	client->easy = curl_easy_init();
	check(client->easy);
	return client;
}

void http_close(struct http_client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->easy);
	curl_global_cleanup();
	free(client);
}

/* --- what comes back --- */

static void keep_field(struct http_answer *answer, struct slice name, struct slice value)
{
	for (size_t i = 0; i < HTTP_FIELD_COUNT; i++)
		if (slice_equal_nocase(name, slice_of(field_names[i])))
			slice_copy(value, answer->fields[i], sizeof answer->fields[i]);
}

static size_t take_header(char *data, size_t one, size_t len, void *context)
{
	struct exchange *x = context;
	struct slice line = { data, len };
	const char *colon = memchr(data, ':', len);

	(void)one;
	/* A status line begins the answer anew: 100 Continue comes before the one that counts. */
	if (len > 5 && memcmp(data, "HTTP/", 5) == 0)
		memset(x->answer->fields, 0, sizeof x->answer->fields);
	if (!colon)
		return len;
	struct slice name = { data, (size_t)(colon - data) };

	while (line.len && strchr("\r\n \t", line.data[line.len - 1]))
		line.len--;
	struct slice value = { colon + 1, line.len > name.len ? line.len - name.len - 1 : 0 };

	for (; value.len && (*value.data == ' ' || *value.data == '\t'); value.len--)
		value.data++;
	keep_field(x->answer, name, value);
	return len;
}

static bool grow(struct exchange *x, size_t len)
{
	size_t wanted = x->answer->body_len + len + 1, cap = x->body_cap ? x->body_cap : BODY_BYTES_FIRST;

	if (wanted <= x->body_cap)
		return true;
	while (cap < wanted)
		cap *= 2;
	char *body = realloc(x->answer->body, cap);

	if (!body)
		return false;
	x->answer->body = body;
	x->body_cap = cap;
	return true;
}

static bool wants_file(struct exchange *x)
{
	long status = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	return x->request->answer_path && status >= 200 && status < 300;
}

static bool into_file(struct exchange *x, const char *data, size_t len)
{
	if (x->answer_fd < 0)
		x->answer_fd = open(x->request->answer_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	x->file_error = x->answer_fd < 0 ? -errno : write_all(x->answer_fd, data, len);
	return x->file_error == 0;
}

static void end_file(struct exchange *x)
{
	/* Nothing but a head came: an empty file is what was asked for. */
	if (into_file(x, "", 0) && fsync(x->answer_fd) != 0)
		x->file_error = -errno;
}

static size_t take_body(char *data, size_t one, size_t len, void *context)
{
	struct exchange *x = context;

	(void)one;
	if (len > x->answer_bytes_max - x->answer->body_len) {
		x->too_long = true;
		return 0;
	}
	if (wants_file(x)) {
		if (!into_file(x, data, len))
			return 0;
	} else {
		if (!grow(x, len))
			return 0;
		memcpy(x->answer->body + x->answer->body_len, data, len);
	}
	x->answer->body_len += len;
	return len;
}

/* --- what goes out --- */

static size_t give_body(char *out, size_t one, size_t count, void *context)
{
	struct exchange *x = context;
	ssize_t n;

	do
		n = read(x->body_fd, out, one * count);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		x->file_error = -errno;
		return CURL_READFUNC_ABORT;
	}
	return (size_t)n;
}

/* A connection that had gone stale wants the body once more, from its beginning. */
static int seek_body(void *context, curl_off_t offset, int origin)
{
	struct exchange *x = context;

	return lseek(x->body_fd, offset, origin) < 0 ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

static int ask_alive(void *context, curl_off_t total, curl_off_t received, curl_off_t upload, curl_off_t sent)
{
	struct exchange *x = context;
	uint64_t now_ms = clock_mono_ms();

	(void)total, (void)upload;
	if (!x->request->alive || now_ms < x->alive_at_ms)
		return 0;
	x->alive_at_ms = now_ms + ALIVE_MS;
	x->stopped = !x->request->alive(x->request->user, (uint64_t)sent, (uint64_t)received);
	return x->stopped;
}

/* The address is looked at here, when it is known and nothing has been sent to it yet. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct exchange *x = context;

	(void)purpose;
	if (x->request->public_only && !address_is_public(&address->addr)) {
		x->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static struct curl_slist *make_headers(const struct http_request *request)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	check(list);
	for (const char *const *line = request->headers; line && *line; line++) {
		struct curl_slist *longer = curl_slist_append(list, *line);

		check(longer);
		list = longer;
	}
	return list;
}

static bool is_loopback(struct slice host)
{
	return slice_equal(host, SLICE("127.0.0.1")) || slice_equal(host, SLICE("::1")) ||
		slice_equal_nocase(host, SLICE("localhost"));
}

static void set_body(struct exchange *x)
{
	const struct http_request *request = x->request;

	if (request->body_path) {
		curl_easy_setopt(x->easy, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(x->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)x->body_len);
		curl_easy_setopt(x->easy, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(x->easy, CURLOPT_READDATA, x);
		curl_easy_setopt(x->easy, CURLOPT_SEEKFUNCTION, seek_body);
		curl_easy_setopt(x->easy, CURLOPT_SEEKDATA, x);
	} else if (request->body || strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0) {
		curl_easy_setopt(x->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
		curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	} else if (strcmp(request->method, "HEAD") == 0) {
		curl_easy_setopt(x->easy, CURLOPT_NOBODY, 1L);
	}
	curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_safety(struct exchange *x)
{
	const struct http_request *request = x->request;
	struct url url;
	bool plain = request->plain_allowed || (url_split(slice_of(request->url), &url) && is_loopback(url.host));
	bool fresh = request->once || request->public_only;

	curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, plain ? "https,http" : "https");
	curl_easy_setopt(x->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(x->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(x->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(x->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(x->easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETDATA, x);
	/* Over a connection that was open already libcurl asks again by itself when it turns out to be gone. */
	curl_easy_setopt(x->easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	curl_easy_setopt(x->easy, CURLOPT_FORBID_REUSE, fresh ? 1L : 0L);
	if (request->ca_file && *request->ca_file)
		curl_easy_setopt(x->easy, CURLOPT_CAINFO, request->ca_file);
}

static void set_times(struct exchange *x)
{
	const struct http_request *request = x->request;
	uint32_t stall_ms = request->stall_ms ? request->stall_ms : HTTP_STALL_MS;

	curl_easy_setopt(x->easy, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(request->connect_ms ? request->connect_ms : HTTP_CONNECT_MS));
	curl_easy_setopt(x->easy, CURLOPT_TIMEOUT_MS,
		(long)(request->deadline_ms ? request->deadline_ms : HTTP_DEADLINE_MS));
	curl_easy_setopt(x->easy, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES_PER_S);
	curl_easy_setopt(x->easy, CURLOPT_LOW_SPEED_TIME, (long)((stall_ms + 999) / 1000));
}

static void set_ways_back(struct exchange *x)
{
	curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(x->easy, CURLOPT_XFERINFOFUNCTION, ask_alive);
	curl_easy_setopt(x->easy, CURLOPT_XFERINFODATA, x);
}

/* --- what came of it --- */

static enum http_outcome understand(struct exchange *x, CURLcode code, const char *detail)
{
	struct http_answer *answer = x->answer;
	long sent_bytes = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &answer->status);
	curl_easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
	answer->maybe_sent = sent_bytes > 0;
	if (code == CURLE_OK && wants_file(x))
		end_file(x);
	if (code == CURLE_OK && !x->file_error)
		return HTTP_ANSWERED;
	if (x->stopped)
		snprintf(answer->why, sizeof answer->why, "stopped");
	else if (x->refused)
		snprintf(answer->why, sizeof answer->why, "its address is not of the public internet");
	else if (x->too_long)
		snprintf(answer->why, sizeof answer->why, "its answer is longer than %llu bytes",
			(unsigned long long)x->answer_bytes_max);
	else if (x->file_error)
		snprintf(answer->why, sizeof answer->why, "a file failed: %s", strerror(-x->file_error));
	else
		snprintf(answer->why, sizeof answer->why, "%s", *detail ? detail : curl_easy_strerror(code));
	if (x->stopped)
		return HTTP_STOPPED;
	return answer->maybe_sent ? HTTP_UNKNOWN : HTTP_NOT_SENT;
}

static bool open_body(struct exchange *x)
{
	struct stat facts;

	if (!x->request->body_path)
		return true;
	x->body_fd = open(x->request->body_path, O_RDONLY | O_CLOEXEC);
	if (x->body_fd >= 0 && fstat(x->body_fd, &facts) == 0 && S_ISREG(facts.st_mode)) {
		x->body_len = (uint64_t)facts.st_size;
		return true;
	}
	snprintf(x->answer->why, sizeof x->answer->why, "the file to send cannot be read: %s",
		x->body_fd < 0 ? strerror(errno) : "not a file");
	return false;
}

static enum http_outcome perform(struct exchange *x)
{
	char detail[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = make_headers(x->request);

	curl_easy_reset(x->easy);
	curl_easy_setopt(x->easy, CURLOPT_URL, x->request->url);
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(x->easy, CURLOPT_USERAGENT, "receptionai/" PACKAGE_VERSION);
	curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, detail);
	set_body(x);
	set_safety(x);
	set_times(x);
	set_ways_back(x);
	enum http_outcome outcome = understand(x, curl_easy_perform(x->easy), detail);

	curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, NULL);
	curl_slist_free_all(headers);
	return outcome;
}

enum http_outcome http_ask(struct http_client *client, const struct http_request *request, struct http_answer *out)
{
	enum http_outcome outcome = HTTP_NOT_SENT;

	check(request->method && request->url);
	check(!(request->body && request->body_path));
	*out = (struct http_answer){ 0 };
	struct exchange x = { .request = request, .answer = out, .easy = client->easy, .body_fd = -1, .answer_fd = -1 };

	x.answer_bytes_max = request->answer_bytes_max ? request->answer_bytes_max : HTTP_ANSWER_BYTES;
	if (open_body(&x))
		outcome = perform(&x);
	if (x.body_fd >= 0)
		close(x.body_fd);
	if (x.answer_fd >= 0)
		close(x.answer_fd);
	if (!out->body)
		out->body = calloc(1, 1);
	else
		out->body[out->body_len] = '\0';
	check(out->body);
	return outcome;
}

const char *http_field(const struct http_answer *answer, enum http_field field)
{
	return answer->fields[field];
}

uint64_t http_retry_after_ms(const struct http_answer *answer, int64_t now_ms)
{
	const char *text = http_field(answer, HTTP_FIELD_RETRY_AFTER);
	char *end;
	long seconds;

	if (!*text)
		return 0;
	errno = 0;
	seconds = strtol(text, &end, 10);
	if (end != text && !*end)
		return seconds > 0 && seconds <= 86400 && !errno ? (uint64_t)seconds * 1000 : 0;
	int64_t at_ms = http_date_ms(text);

	return at_ms > now_ms && at_ms - now_ms <= 86400000 ? (uint64_t)(at_ms - now_ms) : 0;
}

int64_t http_date_ms(const char *text)
{
	time_t at = *text ? curl_getdate(text, NULL) : -1;

	return at < 0 ? 0 : (int64_t)at * 1000;
}

void http_answer_fini(struct http_answer *answer)
{
	free(answer->body);
	answer->body = NULL;
	answer->body_len = 0;
}
