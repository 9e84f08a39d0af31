#include "relay/provider.h"

#include "proto/grok.h"
#include "proto/url.h"

#include <stdio.h>

/* What makes one of the other. */
struct origin {
	enum setting url, key, model, audio_price;
	const struct grok_dialect *dialect;
	const char *names;
};

static const struct origin origins[PROVIDER_COUNT] = {
	[PROVIDER_GROK] = {SETTING_GROK_URL, SETTING_XAI_API_KEY, SETTING_GROK_MODEL,
		SETTING_GROK_AUDIO_PRICE, &grok_xai,
		"GROK_URL, GROK_MODEL or XAI_API_KEY"},
	[PROVIDER_FALLBACK] = {SETTING_FALLBACK_URL, SETTING_FALLBACK_API_KEY,
		SETTING_FALLBACK_MODEL, SETTING_FALLBACK_AUDIO_PRICE, &grok_openai,
		"FALLBACK_URL, FALLBACK_MODEL or FALLBACK_API_KEY"},
};

static bool put_key(struct provider *p, const char *key)
{
	for (const char *c = key; *c; c++)
		if (*c <= ' ' || *c >= 0x7f)
			return false;
	if (key[0] == '\0')
		return true;
	int n = snprintf(p->headers, sizeof p->headers, "Authorization: Bearer %s\r\n", key);

	return n >= 0 && (size_t)n < sizeof p->headers;
}

static uint32_t session_s_max(enum upstream_provider which, const struct conf *conf)
{
	uint32_t own = origins[which].dialect->session_s_max;

	if (which == PROVIDER_GROK)
		return (uint32_t)conf_int(conf, GROK_SESSION_MAX_S);
	return own > PROVIDER_MARGIN_S ? own - PROVIDER_MARGIN_S : 0;
}

bool provider_open(struct provider *p, enum upstream_provider which, const struct conf *conf,
	char *why, size_t why_bytes)
{
	const struct origin *origin = &origins[which];
	const char *text = conf_value(conf, origin->url);
	char target[PROVIDER_TARGET_BYTES_MAX];
	struct url url;

	*p = (struct provider){
		.word = upstream_provider_word(which),
		.dialect = origin->dialect,
		.is_there = text[0] != '\0',
		.session_s_max = session_s_max(which, conf),
		.model = conf_value(conf, origin->model),
		.prices = {
			.audio_minute = conf_number(conf, origin->audio_price),
			.item = which == PROVIDER_GROK ? conf_int(conf, GROK_TEXT_PRICE) : 0,
		},
	};
	if (!p->is_there)
		return true;
	if (!url_split(slice_of(text), &url) || !url.is_socket || url.userinfo.data ||
		url.fragment.data) {
		snprintf(why, why_bytes, "%s=%s: not a ws: or wss: URL",
			which == PROVIDER_GROK ? "GROK_URL" : "FALLBACK_URL", text);
		return false;
	}
	p->is_tls = url.is_tls;
	if (slice_copy(url.host, p->host, sizeof p->host) &&
		slice_copy(url.authority, p->authority, sizeof p->authority) &&
		slice_copy(url_port(&url), p->port, sizeof p->port) &&
		slice_copy(url.target, p->target, sizeof p->target) &&
		provider_target(p, "", target, sizeof target - GROK_ID_BYTES_MAX * 3 - 32) &&
		put_key(p, conf_value(conf, origin->key)))
		return true;
	snprintf(why, why_bytes, "%s is too long or has odd characters", origin->names);
	return false;
}

bool provider_target(
	const struct provider *p, const char *conversation, char *out, size_t out_bytes)
{
	struct buf text;

	buf_init_fixed(&text, out, out_bytes - 1);
	if (!grok_write_target(
		    &text, slice_of(p->target), slice_of(p->model), slice_of(conversation)))
		return false;
	out[buf_len(&text)] = '\0';
	return true;
}
