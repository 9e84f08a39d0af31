#include "relay/relay.h"

#include "proto/url.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool put(char *out, size_t out_bytes, const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool put(char *out, size_t out_bytes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(out, out_bytes, format, args);

	va_end(args);
	return n >= 0 && (size_t)n < out_bytes;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c && strchr("-._~", c));
}

/* Percent-encodes everything that might mean something in a query. */
static bool encode(char *out, size_t out_bytes, const char *text)
{
	size_t at = 0;

	for (; *text; text++) {
		if (at + 4 > out_bytes)
			return false;
		if (is_plain(*text))
			out[at++] = *text;
		else
			at += (size_t)snprintf(out + at, 4, "%%%02X", (unsigned char)*text);
	}
	out[at] = '\0';
	return true;
}

/* The model goes into the query unless the URL names one, or an agent that brings its own. */
static bool put_target(struct relay_grok *g, struct slice target, const char *model)
{
	char encoded[400];
	bool has_query = target.len && memchr(target.data, '?', target.len);

	if (target.len == 0)
		target = SLICE("/");
	if (!put(g->target, sizeof g->target, "%.*s", (int)target.len, target.data))
		return false;
	if (model[0] == '\0' || strstr(g->target, "model=") || strstr(g->target, "agent_id="))
		return true;
	return encode(encoded, sizeof encoded, model) &&
		put(g->target, sizeof g->target, "%.*s%cmodel=%s", (int)target.len, target.data,
			has_query ? '&' : '?', encoded);
}

static bool open_grok(struct relay_grok *g, const struct conf *conf, char *why, size_t why_bytes)
{
	const char *text = conf_text(conf, GROK_URL), *key = conf_text(conf, XAI_API_KEY);
	struct url url;

	if (!url_split(slice_of(text), &url) || !url.is_socket || url.userinfo.data || url.fragment.data) {
		snprintf(why, why_bytes, "GROK_URL=%s: not a ws: or wss: URL", text);
		return false;
	}
	g->is_tls = url.is_tls;
	struct slice port = url_port(&url);
	bool fits = slice_copy(url.host, g->host, sizeof g->host) &&
		slice_copy(url.authority, g->authority, sizeof g->authority) &&
		slice_copy(port, g->port, sizeof g->port) &&
		put_target(g, url.target, conf_text(conf, GROK_MODEL));

	for (const char *c = key; *c; c++)
		fits = fits && *c > ' ' && *c < 0x7f;
	if (fits && key[0])
		fits = put(g->headers, sizeof g->headers, "Authorization: Bearer %s\r\n", key);
	if (!fits)
		snprintf(why, why_bytes, "GROK_URL, GROK_MODEL or XAI_API_KEY is too long or has odd characters");
	return fits;
}

static uint32_t processors(const struct conf *conf)
{
	long count = conf_int(conf, RELAY_THREADS);

	if (count == 0)
		count = sysconf(_SC_NPROCESSORS_ONLN);
	return count < 1 ? 1 : count > RELAY_THREADS_MAX ? RELAY_THREADS_MAX : (uint32_t)count;
}

bool relay_open(struct relay *r, const struct conf *conf, char *why, size_t why_bytes)
{
	*r = (struct relay){
		.conf = conf,
		.account_sid = conf_text(conf, TWILIO_ACCOUNT_SID),
		.voice = conf_text(conf, GROK_VOICE),
		.calls_max = (uint32_t)conf_int(conf, RELAY_MAX_CALLS),
		.pending_max = (uint32_t)conf_int(conf, RELAY_MAX_PENDING),
		.thread_count = processors(conf),
		.handshake_ms = (uint32_t)conf_int(conf, RELAY_HANDSHAKE_MS),
		.start_ms = (uint32_t)conf_int(conf, RELAY_START_MS),
		.idle_ms = (uint32_t)conf_int(conf, RELAY_IDLE_MS),
		.call_ms_max = (uint32_t)conf_int(conf, RELAY_CALL_MAX_S) * 1000,
		.grok_connect_ms = (uint32_t)conf_int(conf, GROK_CONNECT_MS),
		.grok_ready_ms = (uint32_t)conf_int(conf, GROK_READY_MS),
	};
	return open_grok(&r->grok, conf, why, why_bytes) &&
		door_open(&r->door, conf_text(conf, RELAY_AUTH), conf_text(conf, STREAM_TOKEN_SECRET),
			conf_text(conf, TWILIO_AUTH_TOKEN), conf_text(conf, RELAY_URL), why, why_bytes);
}

void relay_close(struct relay *r)
{
	door_close(&r->door);
}
