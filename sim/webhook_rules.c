#include "sim/webhook_rules.h"

#include "base/check.h"
#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>

static bool fragment_value(struct slice fragment, const char *key, char *out, size_t out_bytes)
{
	size_t key_len = strlen(key);
	const char *at = fragment.data, *end = at + fragment.len;

	while (at && at < end) {
		const char *stop = memchr(at, '&', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		if (len > key_len && memcmp(at, key, key_len) == 0 && at[key_len] == '=')
			return slice_copy(
				(struct slice){ at + key_len + 1, len - key_len - 1 }, out, out_bytes);
		at = stop ? stop + 1 : end;
	}
	return false;
}

static uint32_t fragment_number(
	struct slice fragment, const char *key, uint32_t least, uint32_t most, uint32_t otherwise)
{
	char text[16], *end;

	if (!fragment_value(fragment, key, text, sizeof text) || text[0] < '0' || text[0] > '9')
		return otherwise;
	unsigned long value = strtoul(text, &end, 10);

	if (*end)
		return otherwise;
	return value < least ? least : value > most ? most : (uint32_t)value;
}

void webhook_overrides(struct webhook_overrides *out, const struct url *url)
{
	char policy[32] = "ct";

	out->connect_ms = fragment_number(url->fragment, "ct", 100, 10000, 5000);
	out->read_ms = fragment_number(url->fragment, "rt", 100, 15000, 15000);
	out->total_ms = fragment_number(url->fragment, "tt", 100, 15000, 15000);
	out->retry_count = fragment_number(url->fragment, "rc", 0, 5, 1);
	fragment_value(url->fragment, "rp", policy, sizeof policy);
	bool all = strstr(policy, "all");

	out->retry_connect = all || strstr(policy, "ct");
	out->retry_timeout = all || strstr(policy, "rt");
	out->retry_4xx = all || strstr(policy, "4xx");
	out->retry_5xx = all || strstr(policy, "5xx");
}

bool webhook_signed_url(const struct url *url, const char *origin, char *out, size_t out_bytes)
{
	bool keep_port = url->port.len && !url->is_tls;
	bool bracketed = url->authority.len && url->authority.data[0] == '[';
	int n;

	if (origin && *origin) {
		size_t origin_len = strlen(origin);

		while (origin_len && origin[origin_len - 1] == '/')
			origin_len--;
		n = snprintf(out, out_bytes, "%.*s%.*s", (int)origin_len, origin, (int)url->target.len,
			url->target.data);
	} else {
		n = snprintf(out, out_bytes, "%.*s://%s%.*s%s%s%.*s%.*s", (int)url->scheme.len,
			url->scheme.data, bracketed ? "[" : "", (int)url->host.len, url->host.data,
			bracketed ? "]" : "", keep_port ? ":" : "", keep_port ? (int)url->port.len : 0,
			url->port.data, (int)url->target.len, url->target.data);
	}
	return n > 0 && (size_t)n < out_bytes;
}

bool webhook_signed_stream_url(const struct url *url, char *out, size_t out_bytes)
{
	int n = snprintf(out, out_bytes, "%.*s://%.*s%s%.*s", (int)url->scheme.len, url->scheme.data,
		(int)url->authority.len, url->authority.data, url->target.len ? "" : "/",
		(int)url->target.len, url->target.data);

	return n > 0 && (size_t)n < out_bytes;
}

static bool write_lines(struct buf *out, const struct webhook_request *r)
{
	struct slice target = r->url->target, authority = r->url->authority;
	const char *slash = target.len == 0 || target.data[0] != '/' ? "/" : "";

	if (!buf_printf(out, "%s %s%.*s HTTP/1.1\r\nHost: ", r->is_get ? "GET" : "POST", slash,
		    (int)target.len, target.data))
		return false;
	if (r->host ? !buf_append_string(out, r->host) : !buf_append(out, authority.data, authority.len))
		return false;
	if (!r->is_get && !buf_append_string(out,
				  "\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8"))
		return false;
	if (!buf_printf(out, "\r\nI-Twilio-Idempotency-Token: %s", r->idempotency_token))
		return false;
	if (r->signature && !buf_printf(out, "\r\nX-Twilio-Signature: %s", r->signature))
		return false;
	if (r->authorization && !buf_printf(out, "\r\nAuthorization: %s", r->authorization))
		return false;
	return buf_append_string(
		out, "\r\nAccept: */*\r\nX-Home-Region: us1\r\nUser-Agent: TwilioProxy/1.1\r\n");
}

bool webhook_write_request(struct buf *out, const struct webhook_request *r)
{
	size_t before = buf_len(out);

	/* The length of the body comes before it: write it once to know. */
	if (!r->is_get && !form_write(r->form, out))
		return false;
	size_t body_bytes = buf_len(out) - before;

	out->tail -= body_bytes;
	if (!write_lines(out, r))
		return false;
	if (r->is_get)
		return buf_append_string(out, "\r\n");
	return buf_printf(out, "Content-Length: %zu\r\n\r\n", body_bytes) && form_write(r->form, out);
}

bool webhook_url_with_query(const char *url, const struct form *form, char *out, size_t out_bytes)
{
	size_t len = strcspn(url, "#");
	struct buf b;

	buf_init_fixed(&b, out, out_bytes);
	return buf_append(&b, url, len) && buf_append_string(&b, memchr(url, '?', len) ? "&" : "?") &&
	       form_write(form, &b) && buf_append(&b, "", 1);
}

static bool media_type_is(const char *content_type, const char *type)
{
	size_t len = strlen(type);

	return strncasecmp(content_type, type, len) == 0 && strchr("; \t", content_type[len]);
}

enum webhook_answer webhook_judge(int status, const char *content_type, size_t content_bytes, int *out_code)
{
	if (status == 401)
		return WEBHOOK_AUTHENTICATE;
	if (status >= 300 && status < 400 && status != 304)
		return WEBHOOK_REDIRECT;
	if (status < 200 || status >= 300) {
		*out_code = 11200;
		return WEBHOOK_BAD;
	}
	if (status == 204)
		return WEBHOOK_EMPTY;
	if (content_bytes > TWIML_BYTES_MAX) {
		*out_code = 11750;
		return WEBHOOK_BAD;
	}
	if (media_type_is(content_type, "text/xml") || media_type_is(content_type, "application/xml") ||
		media_type_is(content_type, "text/html"))
		return WEBHOOK_TWIML;
	if (media_type_is(content_type, "text/plain"))
		return WEBHOOK_SPEAK;
	if (content_bytes == 0)
		return WEBHOOK_EMPTY;
	*out_code = 12300;
	return WEBHOOK_BAD;
}
