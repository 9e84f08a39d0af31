/* Every byte is looked at once and by itself (line ends, control characters, bounds); every line once when it is
 * complete; the head as a whole once at its empty line. What is wrong is therefore found at the same byte, with
 * the same answer, however the bytes were cut. */
#include "proto/http.h"

#include "base/check.h"

#include <string.h>

/* The longest request line: a method, the target, the version and what stands between them. */
enum { METHOD_BYTES_MAX = 16, REQUEST_LINE_BYTES_MAX = METHOD_BYTES_MAX + 1 + HTTP_TARGET_BYTES_MAX + 9 + 2 };

static_assert(HTTP_HEAD_BYTES_MAX <= UINT16_MAX, "a span holds any place in the head");

void http_init(struct http *http, enum http_kind kind)
{
	*http = (struct http){ .kind = kind };
}

/* Always false, so that a refusal is one return. */
static bool fail(struct http *http, int status, const char *why)
{
	http->failed = true;
	http->status = status;
	http->why = why;
	return false;
}

/* RFC 9110 section 5.6.2 */
static bool is_token_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
		|| (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_token_char((uint8_t)s.data[i]))
			return false;
	}
	return s.len > 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct slice slice_part(struct slice s, size_t at, size_t len)
{
	return (struct slice){ s.data + at, len };
}

/* The bytes before the first `c`, and `s` moved behind it. All of `s` if there is none. */
static struct slice cut_at(struct slice *s, char c, bool *out_found)
{
	const char *at = s->len ? memchr(s->data, c, s->len) : NULL;
	size_t len = at ? (size_t)(at - s->data) : s->len;
	struct slice before = { s->data, len };

	*out_found = at != NULL;
	*s = at ? slice_part(*s, len + 1, s->len - len - 1) : slice_part(*s, len, 0);
	return before;
}

static struct slice trim(struct slice s)
{
	while (s.len && (s.data[0] == ' ' || s.data[0] == '\t'))
		s = slice_part(s, 1, s.len - 1);
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static struct http_span span_of(const char *base, struct slice s)
{
	return (struct http_span){ (uint16_t)(s.data - base), (uint16_t)s.len };
}

static struct slice slice_at(const char *base, struct http_span span)
{
	return (struct slice){ base + span.at, span.len };
}

static bool take_version(struct http *http, struct slice version)
{
	if (version.len != 8 || memcmp(version.data, "HTTP/", 5) != 0 || !is_digit(version.data[5])
		|| version.data[6] != '.' || !is_digit(version.data[7]))
		return fail(http, 400, "no HTTP version in the first line");
	if (version.data[5] != '1' || version.data[7] > '1')
		return fail(http, 505, "an HTTP version other than 1.0 and 1.1");
	http->version_minor = version.data[7] - '0';
	return true;
}

/* Only a path, RFC 9112 section 3.2.1: nobody sends us what is meant for a proxy. */
static bool check_target(struct http *http, struct slice target)
{
	if (target.len > HTTP_TARGET_BYTES_MAX)
		return fail(http, 414, "the target is too long");
	if (target.len == 0 || target.data[0] != '/')
		return fail(http, 400, "the target is not a path");
	for (size_t i = 0; i < target.len; i++) {
		uint8_t c = (uint8_t)target.data[i];

		if (c <= ' ' || c >= 0x7F || c == '#')
			return fail(http, 400, "a character that a target may not have");
	}
	return true;
}

static bool take_request_line(struct http *http, const char *base, struct slice line)
{
	bool found_method, found_target;
	struct slice method = cut_at(&line, ' ', &found_method);
	struct slice target = cut_at(&line, ' ', &found_target);

	if (!found_method || !found_target || !is_token(method) || method.len > METHOD_BYTES_MAX)
		return fail(http, 400, "not a request line");
	if (!check_target(http, target) || !take_version(http, line))
		return false;
	http->first = span_of(base, method);
	http->second = span_of(base, target);
	return true;
}

/* The reason is often empty, and some then leave its space away. */
static bool take_status_line(struct http *http, const char *base, struct slice line)
{
	bool found_status, found_reason;
	struct slice version = cut_at(&line, ' ', &found_status);
	struct slice status = cut_at(&line, ' ', &found_reason);

	if (!take_version(http, version))
		return false;
	if (status.len != 3 || status.data[0] < '1' || status.data[0] > '5' || !is_digit(status.data[1])
		|| !is_digit(status.data[2]))
		return fail(http, 502, "no status in the first line");
	http->response_status = (status.data[0] - '0') * 100 + (status.data[1] - '0') * 10
		+ (status.data[2] - '0');
	http->second = span_of(base, line);
	return true;
}

static bool take_field(struct http *http, const char *base, struct slice line)
{
	bool found;
	struct slice name = cut_at(&line, ':', &found);

	/* A folded line begins with white space and so has no name either: RFC 9112 section 5.2. */
	if (!found || !is_token(name))
		return fail(http, 400, "a header line without a proper name");
	if (http->field_count == HTTP_HEADER_COUNT_MAX)
		return fail(http, 431, "too many headers");
	http->fields[http->field_count].name = span_of(base, name);
	http->fields[http->field_count].value = span_of(base, trim(line));
	http->field_count++;
	return true;
}

/* RFC 9112 sections 3.2 and 6.1: what makes a request ambiguous or gives it a body. */
static bool check_request(struct http *http, const struct http_head *head)
{
	size_t host_count = http_header_count(head, "Host");
	size_t length_count = http_header_count(head, "Content-Length");

	if (host_count > 1 || (host_count == 0 && head->version_minor == 1))
		return fail(http, 400, "not exactly one Host");
	if (http_header_count(head, "Transfer-Encoding"))
		return fail(http, 400, "a request with a body");
	if (length_count > 1 || (length_count && !slice_equal(http_header(head, "Content-Length"), SLICE("0"))))
		return fail(http, 400, "a request with a body");
	return true;
}

static void fill_head(const struct http *http, const char *base, struct http_head *head)
{
	if (http->kind == HTTP_REQUEST) {
		head->method = slice_at(base, http->first);
		head->target = slice_at(base, http->second);
		head->reason = (struct slice){ 0 };
	} else {
		head->method = head->target = (struct slice){ 0 };
		head->reason = slice_at(base, http->second);
	}
	head->status = http->response_status;
	head->version_minor = http->version_minor;
	head->header_count = http->field_count;
	for (size_t i = 0; i < http->field_count; i++) {
		head->headers[i].name = slice_at(base, http->fields[i].name);
		head->headers[i].value = slice_at(base, http->fields[i].value);
	}
	head->bytes = http->seen_bytes;
}

static bool check_byte(struct http *http, uint8_t c, uint8_t before)
{
	if (http->seen_bytes == HTTP_HEAD_BYTES_MAX)
		return fail(http, 431, "the head is too long");
	if (http->kind == HTTP_REQUEST && http->line_at == 0 && http->seen_bytes == REQUEST_LINE_BYTES_MAX)
		return fail(http, 414, "the request line is too long");
	if ((c == '\n') != (before == '\r'))
		return fail(http, 400, "a line that does not end in CR LF");
	if ((c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7F)
		return fail(http, 400, "a control character");
	return true;
}

static bool take_line(struct http *http, const char *base, struct slice line)
{
	if (http->line_at != 0)
		return take_field(http, base, line);
	if (http->kind == HTTP_REQUEST)
		return take_request_line(http, base, line);
	return take_status_line(http, base, line);
}

/* An empty line ends the head; the first line may not be empty. */
static enum http_result end_line(struct http *http, const char *base, struct http_head *out)
{
	struct slice line = { base + http->line_at, http->seen_bytes - 2 - http->line_at };

	if (line.len || http->line_at == 0) {
		if (!take_line(http, base, line))
			return HTTP_FAIL;
		http->line_at = http->seen_bytes;
		return HTTP_MORE;
	}
	fill_head(http, base, out);
	if (http->kind == HTTP_REQUEST && !check_request(http, out))
		return HTTP_FAIL;
	return HTTP_DONE;
}

enum http_result http_next(struct http *http, const struct buf *in, struct http_head *out)
{
	enum http_result result = http->failed ? HTTP_FAIL : HTTP_MORE;
	size_t len = buf_len(in);

	check(http->seen_bytes <= len);
	while (result == HTTP_MORE && http->seen_bytes < len) {
		const uint8_t *data = buf_data(in);
		uint8_t c = data[http->seen_bytes];
		uint8_t before = http->seen_bytes ? data[http->seen_bytes - 1] : 0;

		if (!check_byte(http, c, before))
			return HTTP_FAIL;
		http->seen_bytes++;
		if (c == '\n')
			result = end_line(http, (const char *)data, out);
	}
	return result;
}

struct slice http_header(const struct http_head *head, const char *name)
{
	for (size_t i = 0; i < head->header_count; i++) {
		if (slice_equal_nocase(head->headers[i].name, slice_of(name)))
			return head->headers[i].value;
	}
	return (struct slice){ 0 };
}

size_t http_header_count(const struct http_head *head, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < head->header_count; i++)
		count += slice_equal_nocase(head->headers[i].name, slice_of(name));
	return count;
}

bool http_has_token(const struct http_head *head, const char *name, const char *token)
{
	for (size_t i = 0; i < head->header_count; i++) {
		struct slice list = head->headers[i].value;
		bool more = slice_equal_nocase(head->headers[i].name, slice_of(name));

		while (more) {
			if (slice_equal_nocase(trim(cut_at(&list, ',', &more)), slice_of(token)))
				return true;
		}
	}
	return false;
}

const char *http_status_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 101, "Switching Protocols" }, { 200, "OK" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
		{ 408, "Request Timeout" }, { 414, "URI Too Long" }, { 426, "Upgrade Required" },
		{ 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(phrases); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "Unknown";
}
