#include "sim/http_body.h"

#include "base/check.h"

enum { LINE_BYTES_MAX = 1024 };

static enum http_body_result fail(struct http_body *body, const char *why)
{
	body->why = why;
	return HTTP_BODY_FAIL;
}

static bool read_number(struct slice text, unsigned base, size_t *out)
{
	size_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		unsigned digit = c >= '0' && c <= '9'		      ? (unsigned)(c - '0')
				 : (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a' + 10)
								      : 99;
		if (digit >= base || value > SIZE_MAX / 32)
			return false;
		value = value * base + digit;
	}
	*out = value;
	return text.len > 0;
}

void http_body_init(struct http_body *body, const struct http_head *head, size_t bytes_max)
{
	struct slice length = http_header(head, "Content-Length");

	*body = (struct http_body){ .bytes_max = bytes_max, .kind = HTTP_BODY_UNTIL_END };
	if (head->status == 204 || head->status == 304 || head->status < 200) {
		body->kind = HTTP_BODY_NONE;
	} else if (http_header(head, "Transfer-Encoding").data) {
		if (http_has_token(head, "Transfer-Encoding", "chunked"))
			body->kind = HTTP_BODY_CHUNKED;
		else
			fail(body, "the transfer encoding is unknown");
	} else if (length.data) {
		body->kind = HTTP_BODY_LENGTH;
		if (http_header_count(head, "Content-Length") != 1 ||
			!read_number(length, 10, &body->left_bytes))
			fail(body, "the content length is not a number");
	}
	body->done =
		body->kind == HTTP_BODY_NONE || (body->kind == HTTP_BODY_LENGTH && body->left_bytes == 0);
}

/* Moves at most `limit` bytes of content. */
static bool move(struct http_body *body, struct buf *in, struct buf *out, size_t limit, size_t *out_moved)
{
	size_t n = buf_len(in) < limit ? buf_len(in) : limit;

	if (body->bytes + n > body->bytes_max)
		return false;
	check(buf_append(out, buf_data(in), n));
	buf_consume(in, n);
	body->bytes += n;
	*out_moved = n;
	return true;
}

/* A line without its CR LF. false: not there yet, or (why is set) too long. */
static bool take_line(struct http_body *body, struct buf *in, struct slice *out)
{
	const char *begin = (const char *)buf_data(in);
	const char *end = buf_len(in) ? memchr(begin, '\n', buf_len(in)) : NULL;

	if (!end) {
		if (buf_len(in) > LINE_BYTES_MAX)
			fail(body, "a line between the chunks is too long");
		return false;
	}
	*out = (struct slice){ begin, (size_t)(end - begin) };
	if (out->len && begin[out->len - 1] == '\r')
		out->len--;
	buf_consume(in, (size_t)(end - begin) + 1);
	return true;
}

static enum http_body_result begin_chunk(struct http_body *body, struct slice line)
{
	const char *extension = memchr(line.data, ';', line.len);

	if (extension)
		line.len = (size_t)(extension - line.data);
	while (line.len && line.data[line.len - 1] == ' ')
		line.len--;
	if (!read_number(line, 16, &body->left_bytes))
		return fail(body, "the size of a chunk is not a number");
	body->in_chunk = body->left_bytes > 0;
	body->in_trailer = !body->in_chunk;
	return HTTP_BODY_MORE;
}

static enum http_body_result next_chunked(struct http_body *body, struct buf *in, struct buf *out)
{
	struct slice line;
	size_t moved;

	for (;;) {
		if (body->left_bytes) {
			if (!move(body, in, out, body->left_bytes, &moved))
				return fail(body, "the body is too long");
			body->left_bytes -= moved;
			if (body->left_bytes)
				return HTTP_BODY_MORE;
		}
		if (!take_line(body, in, &line))
			return body->why ? HTTP_BODY_FAIL : HTTP_BODY_MORE;
		if (body->in_chunk) {
			if (line.len)
				return fail(body, "a chunk is longer than it said");
			body->in_chunk = false;
		} else if (body->in_trailer) {
			body->done = line.len == 0;
			if (body->done)
				return HTTP_BODY_DONE;
		} else if (begin_chunk(body, line) == HTTP_BODY_FAIL) {
			return HTTP_BODY_FAIL;
		}
	}
}

enum http_body_result http_body_next(struct http_body *body, struct buf *in, struct buf *out)
{
	size_t moved;

	if (body->why)
		return HTTP_BODY_FAIL;
	if (body->done)
		return HTTP_BODY_DONE;
	if (body->kind == HTTP_BODY_CHUNKED)
		return next_chunked(body, in, out);
	if (!move(body, in, out, body->kind == HTTP_BODY_LENGTH ? body->left_bytes : SIZE_MAX, &moved))
		return fail(body, "the body is too long");
	if (body->kind == HTTP_BODY_LENGTH) {
		body->left_bytes -= moved;
		body->done = body->left_bytes == 0;
	}
	return body->done ? HTTP_BODY_DONE : HTTP_BODY_MORE;
}

enum http_body_result http_body_end(struct http_body *body)
{
	if (body->why)
		return HTTP_BODY_FAIL;
	if (body->done || body->kind == HTTP_BODY_UNTIL_END) {
		body->done = true;
		return HTTP_BODY_DONE;
	}
	return fail(body, "the connection ended inside the body");
}
