#include "fcgi/answer.h"

#include "base/check.h"

#include <fcgiapp.h>
#include <stdio.h>

static const struct {
	int status;
	const char *text;
} statuses[] = {
	{ 200, "OK" },
	{ 204, "No Content" },
	{ 400, "Bad Request" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 413, "Content Too Large" },
	{ 503, "Service Unavailable" },
};

static const char *status_text(int status)
{
	for (size_t i = 0; i < ARRAY_COUNT(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	check(!"a status that the table lacks");
	return "";
}

void answer_init(struct answer *a)
{
	a->status = 200;
	a->content_type = NULL;
	a->allow = NULL;
	buf_init_fixed(&a->body, a->memory, sizeof a->memory);
}

void answer_refuse(struct answer *a, int status)
{
	a->status = status;
	a->content_type = "text/plain; charset=utf-8";
	buf_clear(&a->body);
	check(buf_printf(&a->body, "%d %s\n", status, status_text(status)));
}

static void write_head(const struct answer *a, struct buf *head)
{
	bool fits = buf_printf(head, "Status: %d %s\r\nCache-Control: no-store\r\n", a->status, status_text(a->status));

	if (a->allow)
		fits = fits && buf_printf(head, "Allow: %s\r\n", a->allow);
	/* Twilio reads TwiML by its length; a 204 must not have one. */
	if (a->content_type)
		fits = fits && buf_printf(head, "Content-Type: %s\r\nContent-Length: %zu\r\n", a->content_type,
			buf_len(&a->body));
	fits = fits && buf_append_string(head, "\r\n");
	check(fits);
}

static bool put(FCGX_Stream *out, const struct buf *b)
{
	size_t len = buf_len(b);

	if (!out)
		return fwrite(buf_data(b), 1, len, stdout) == len;
	return FCGX_PutStr((const char *)buf_data(b), (int)len, out) == (int)len;
}

bool answer_send(const struct answer *a, struct FCGX_Stream *out, bool is_head_only)
{
	char memory[512];
	struct buf head;
	bool has_body = a->content_type && !is_head_only;

	buf_init_fixed(&head, memory, sizeof memory);
	write_head(a, &head);
	bool sent = put(out, &head) && (!has_body || put(out, &a->body));
	return sent && (out ? FCGX_FFlush(out) : fflush(stdout)) == 0;
}
