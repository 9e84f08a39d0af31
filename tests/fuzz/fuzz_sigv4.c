/* Any bytes as a request, a field a line: the order of headers and query changes nothing, canonical text keeps its
 * shape, what is written fits a URL and a header line, and what is refused leaves no trace. */
#include "base/buf.h"
#include "base/check.h"
#include "proto/sigv4.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct parts {
	struct sigv4_field headers[SIGV4_FIELD_COUNT_MAX], query[SIGV4_FIELD_COUNT_MAX];
	struct sigv4_request request;
};

static struct slice take_line(struct slice *rest)
{
	const char *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	size_t len = end ? (size_t)(end - rest->data) : rest->len;
	struct slice line = { rest->data, len };

	rest->data += len + (end != NULL);
	rest->len -= len + (end != NULL);
	return line;
}

static struct sigv4_field split(struct slice line, char at)
{
	const char *mark = line.len ? memchr(line.data, at, line.len) : NULL;
	size_t len = mark ? (size_t)(mark - line.data) : line.len;

	return (struct sigv4_field){ { line.data, len },
		{ line.data + len + (mark != NULL), line.len - len - (mark != NULL) } };
}

/* Method, path, then "?name=value" lines of the query and "name:value" lines of headers. */
static void cut(struct slice rest, struct parts *p)
{
	p->request = (struct sigv4_request){ .query = p->query, .headers = p->headers, .payload_hash = SLICE("hash") };
	p->request.method = take_line(&rest);
	p->request.path = take_line(&rest);
	while (rest.len && p->request.header_count < SIGV4_FIELD_COUNT_MAX &&
		p->request.query_count < SIGV4_FIELD_COUNT_MAX) {
		struct slice line = take_line(&rest);

		if (line.len && *line.data == '?')
			p->query[p->request.query_count++] = split((struct slice){ line.data + 1, line.len - 1 }, '=');
		else
			p->headers[p->request.header_count++] = split(line, ':');
	}
}

static void turn_round(struct sigv4_field *fields, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct sigv4_field kept = fields[i];

		fields[i] = fields[count - 1 - i];
		fields[count - 1 - i] = kept;
	}
}

static size_t count_lines(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] == '\n';
	return count;
}

static void check_query(const char *text, size_t len)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%=&";

	for (size_t i = 0; i < len; i++)
		check(memchr(allowed, text[i], sizeof allowed - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char once[SIGV4_TEXT_BYTES_MAX], twice[SIGV4_TEXT_BYTES_MAX];
	const struct sigv4_key key = { .access_key = SLICE("key"), .secret = SLICE("secret"), .region = SLICE("auto"),
		.service = SLICE("s3") };
	struct parts p;
	struct buf a, b;

	cut((struct slice){ (const char *)data, size }, &p);
	buf_init_fixed(&a, once, sizeof once);
	buf_init_fixed(&b, twice, sizeof twice);
	bool signed_once = sigv4_canonical(&p.request, &a);

	turn_round(p.headers, p.request.header_count);
	turn_round(p.query, p.request.query_count);
	check(sigv4_canonical(&p.request, &b) == signed_once);
	check(buf_len(&a) == buf_len(&b) && memcmp(once, twice, buf_len(&a)) == 0);
	check(signed_once || buf_len(&a) == 0);
	if (signed_once)
		check(count_lines(once, buf_len(&a)) == 5 + p.request.header_count);
	buf_clear(&a);
	if (sigv4_presign(&key, 1369353600, 60, &p.request, &a))
		check_query(once, buf_len(&a));
	else
		check(buf_len(&a) == 0);
	buf_clear(&a);
	if (sigv4_authorize(&key, 1369353600, &p.request, &a))
		check(count_lines(once, buf_len(&a)) == 0);
	return 0;
}
