/* Head first, so that a wrong route or an announced giant is refused before its body is read. A body that ends before
 * its announced length is refused too: half a form would only fail its signature. */
#include "fcgi/request.h"

#include <fcgiapp.h>
#include <stdio.h>
#include <string.h>

enum { DRAIN_BYTES_MAX = 1 << 20 };

static const char *variable(char **envp, const char *name)
{
	const char *value = FCGX_GetParam(name, envp);

	return value ? value : "";
}

static int refuse(struct request *r, int status, const char *why)
{
	r->why = why;
	return status;
}

static enum method parse_method(const char *text)
{
	if (strcmp(text, "GET") == 0)
		return METHOD_GET;
	if (strcmp(text, "HEAD") == 0)
		return METHOD_HEAD;
	if (strcmp(text, "POST") == 0)
		return METHOD_POST;
	return METHOD_OTHER;
}

/* Parameters such as charset do not count. */
static bool is_form_type(const char *content_type)
{
	static const char form_type[] = "application/x-www-form-urlencoded";

	return strcspn(content_type, "; \t") == sizeof form_type - 1
		&& strncasecmp(content_type, form_type, sizeof form_type - 1) == 0;
}

int request_head(struct request *r, char **envp)
{
	r->why = "";
	r->envp = envp;
	r->method = parse_method(variable(envp, "REQUEST_METHOD"));
	r->target = slice_of(variable(envp, "REQUEST_URI"));
	r->signature = slice_of(variable(envp, "HTTP_X_TWILIO_SIGNATURE"));
	r->has_form_type = is_form_type(variable(envp, "CONTENT_TYPE"));
	r->path = r->query = r->body = SLICE("");
	form_init(&r->form);
	if (!r->target.len || r->target.data[0] != '/' || r->target.len > HTTP_TARGET_BYTES_MAX)
		return refuse(r, 400, "REQUEST_URI is missing, too long or no path");
	r->path = (struct slice){ r->target.data, strcspn(r->target.data, "?") };
	if (r->path.len < r->target.len)
		r->query = (struct slice){ r->path.data + r->path.len + 1, r->target.len - r->path.len - 1 };
	return 0;
}

struct slice request_variable(const struct request *r, const char *name)
{
	return slice_of(variable(r->envp, name));
}

/* The announced length; -1: none; -2: no number, or beyond all bounds. */
static long announced_len(char **envp)
{
	const char *text = variable(envp, "CONTENT_LENGTH");
	size_t digits = strspn(text, "0123456789");
	long len = 0;

	if (!*text)
		return -1;
	if (text[digits] || digits > 12)
		return -2;
	for (size_t i = 0; i < digits; i++)
		len = len * 10 + (text[i] - '0');
	return len;
}

static size_t read_bytes(const struct source *source, char *out, size_t room)
{
	if (!source->in)
		return fread(out, 1, room, stdin);
	int len = FCGX_GetStr(out, (int)room, source->in);
	return len > 0 ? (size_t)len : 0;
}

static int read_body(struct request *r, const struct source *source)
{
	long announced = announced_len(source->envp);

	if (announced == -2)
		return refuse(r, 400, "CONTENT_LENGTH is no length");
	if (announced > FORM_BODY_BYTES_MAX)
		return refuse(r, 413, "body too long");
	/* A plain CGI program must not read what was not announced (RFC 3875, 4.2); a FastCGI body has an end. */
	if (announced < 0 && !source->in)
		return 0;
	size_t room = announced >= 0 ? (size_t)announced : sizeof r->raw_body;
	size_t len = read_bytes(source, r->raw_body, room);
	if (len > FORM_BODY_BYTES_MAX)
		return refuse(r, 413, "body too long");
	if (announced >= 0 && len < (size_t)announced)
		return refuse(r, 400, "body cut short");
	r->body = (struct slice){ r->raw_body, len };
	return 0;
}

static int read_form(struct request *r, char *bytes, struct slice text)
{
	memcpy(bytes, text.data, text.len);
	enum form_result result = form_read(&r->form, bytes, text.len);
	switch (result) {
	case FORM_OK:
		return 0;
	case FORM_TOO_LONG:
	case FORM_TOO_MANY:
		return refuse(r, 413, form_result_name(result));
	case FORM_BROKEN:
		return refuse(r, 400, form_result_name(result));
	}
	return 0;
}

int request_body(struct request *r, const struct source *source)
{
	if (r->method != METHOD_POST)
		return read_form(r, r->query_bytes, r->query);
	int status = read_body(r, source);
	if (status || !r->has_form_type)
		return status;
	return read_form(r, r->body_bytes, r->body);
}

void request_drain(const struct request *r, const struct source *source)
{
	char rubbish[4096];
	long announced = announced_len(source->envp);
	size_t end = announced > DRAIN_BYTES_MAX ? DRAIN_BYTES_MAX : announced > 0 ? (size_t)announced : 0;

	for (size_t at = r->body.len, len = 1; at < end && len > 0; at += len) {
		size_t room = end - at < sizeof rubbish ? end - at : sizeof rubbish;

		len = read_bytes(source, rubbish, room);
	}
}
