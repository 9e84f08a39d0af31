#include "sim/stream_dial.h"

#include "base/check.h"
#include "base/clock.h"
#include "proto/signature.h"
#include "proto/token.h"
#include "proto/url.h"

#include <stdio.h>

enum { TOKEN_TTL_MS = 60000 };

static bool write_headers(struct stream_dial *d, const struct url *url, const struct phone_options *options,
	const char *token)
{
	char text[WEBHOOK_URL_BYTES_MAX], signature[SIGNATURE_BYTES + 1];
	bool sign = options->signing != WEBHOOK_SIGN_NOT && token[0];

	if (sign) {
		if (!webhook_signed_stream_url(url, text, sizeof text))
			return false;
		if (options->signing == WEBHOOK_SIGN_WRONG)
			token = "not the token";
		signature_write(slice_of(text), NULL, slice_of(token), signature);
		if (options->signing == WEBHOOK_SIGN_GARBLED)
			memset(signature, '!', SIGNATURE_BYTES);
	}
	snprintf(d->headers, sizeof d->headers, "User-Agent: Twilio.TmeWs/1.0\r\n%s%s%s",
		sign ? "X-Twilio-Signature: " : "", sign ? signature : "", sign ? "\r\n" : "");
	return true;
}

bool stream_dial_init(
	struct stream_dial *d, const char *text, const struct phone_options *options, const char *token)
{
	struct url url;

	if (!url_split(slice_of(text), &url) || !url.is_socket ||
		!slice_copy(url.host, d->name, sizeof d->name) ||
		!slice_copy(url.target.len ? url.target : SLICE("/"), d->target, sizeof d->target) ||
		!write_headers(d, &url, options, token))
		return false;
	snprintf(d->host, sizeof d->host, "%s", d->name);
	slice_copy(url_port(&url), d->port, sizeof d->port);
	if (options->relay_at)
		check(net_address_split(
			options->relay_at, d->host, sizeof d->host, d->port, sizeof d->port));
	d->is_tls = url.is_tls;
	d->dial = (struct wsconn_dial){ .host = d->host,
		.port = d->port,
		.server_name = d->name,
		.target = d->target,
		.headers = d->headers };
	return true;
}

bool stream_dial_url(const struct phone_options *options, const char *call_sid, struct random *random, char *out,
	size_t out_bytes)
{
	char text[TOKEN_BYTES_MAX + 1] = "";
	struct token_keys keys;
	struct token token = { .expires_ms = clock_wall_ms() + TOKEN_TTL_MS, .merchant_id = options->merchant_id };

	if (options->merchant_id) {
		token_keys_derive(&keys, options->token_secret, options->token);
		random_fill(random, token.nonce, sizeof token.nonce);
		check(slice_copy(slice_of(call_sid), token.call_sid, sizeof token.call_sid));
		token_write(&keys, &token, text);
	}
	bool wants_slash = text[0] && options->stream[strlen(options->stream) - 1] != '/';
	int n = snprintf(out, out_bytes, "%s%s%s", options->stream, wants_slash ? "/" : "", text);

	return n > 0 && (size_t)n < out_bytes;
}
