#include "relay/door.h"

#include "proto/signature.h"
#include "proto/url.h"

#include <stdio.h>
#include <string.h>

static bool origin_of(const char *relay_url, char *out, size_t out_bytes)
{
	struct url url;

	if (!url_split(slice_of(relay_url), &url) || !url.is_socket)
		return false;
	int n = snprintf(out, out_bytes, "%.*s://%.*s", (int)url.scheme.len, url.scheme.data,
		(int)url.authority.len, url.authority.data);

	return n > 0 && (size_t)n < out_bytes;
}

static bool settings_fit(const struct door *door, const char *relay_url, char *why, size_t why_bytes)
{
	const char *what = NULL;

	if (door->auth == DOOR_TOKEN && door->keys.key_count == 0)
		what = "RELAY_AUTH=token needs STREAM_TOKEN_SECRET or TWILIO_AUTH_TOKEN";
	if (door->auth == DOOR_SIGNATURE && door->auth_tokens[0] == '\0')
		what = "RELAY_AUTH=signature needs TWILIO_AUTH_TOKEN";
	if (door->auth == DOOR_SIGNATURE && door->origin[0] == '\0')
		what = relay_url[0] ? "RELAY_URL is no ws: or wss: URL" : "RELAY_AUTH=signature needs RELAY_URL";
	if (what)
		snprintf(why, why_bytes, "%s", what);
	return !what;
}

bool door_open(struct door *door, const char *auth, const char *stream_secret, const char *auth_tokens,
	const char *relay_url, char *why, size_t why_bytes)
{
	*door = (struct door){ .auth_tokens = auth_tokens };
	door->auth = strcmp(auth, "off") == 0 ? DOOR_OPEN : strcmp(auth, "signature") == 0 ? DOOR_SIGNATURE :
											     DOOR_TOKEN;
	token_keys_derive(&door->keys, stream_secret, auth_tokens);
	if (relay_url[0] && !origin_of(relay_url, door->origin, sizeof door->origin))
		door->origin[0] = '\0';
	if (!settings_fit(door, relay_url, why, why_bytes))
		return false;
	if (nonces_open(&door->nonces) == 0)
		return true;
	snprintf(why, why_bytes, "no memory for used tokens");
	return false;
}

void door_close(struct door *door)
{
	nonces_close(&door->nonces);
}

/* The last segment of the path, without the query. */
static struct slice last_segment(struct slice target)
{
	const char *query = memchr(target.data, '?', target.len);
	size_t len = query ? (size_t)(query - target.data) : target.len;
	size_t at = len;

	while (at && target.data[at - 1] != '/')
		at--;
	return (struct slice){ target.data + at, len - at };
}

/* NULL if the token is good, and then it is used up. */
static const char *use_token(struct door *door, struct slice text, int64_t now_ms, struct visitor *visitor)
{
	struct token token;

	if (text.len == 0)
		return "no-token";
	switch (token_check(&door->keys, text, now_ms, &token)) {
	case TOKEN_OK:
		break;
	case TOKEN_MALFORMED:
		return "malformed-token";
	case TOKEN_FOREIGN:
		return "foreign-token";
	case TOKEN_EXPIRED:
		return "expired-token";
	}
	switch (nonces_use(&door->nonces, token.nonce, token.expires_ms, now_ms)) {
	case NONCES_FRESH:
		break;
	case NONCES_USED:
		return "used-token";
	case NONCES_FULL:
		return "too-many-tokens";
	}
	visitor->merchant_id = token.merchant_id;
	slice_copy(slice_of(token.call_sid), visitor->call_sid, sizeof visitor->call_sid);
	return NULL;
}

static bool signature_fits(const struct door *door, const struct http_head *request)
{
	char url[DOOR_ORIGIN_BYTES_MAX + HTTP_TARGET_BYTES_MAX];
	int n = snprintf(url, sizeof url, "%s%.*s", door->origin, (int)request->target.len, request->target.data);

	return n > 0 && (size_t)n < sizeof url &&
		signature_check_stream(door->auth_tokens, http_header(request, "X-Twilio-Signature"),
			(struct slice){ url, (size_t)n });
}

int door_check(struct door *door, const struct http_head *request, int64_t now_ms, struct visitor *out_visitor,
	const char **out_why)
{
	struct visitor visitor = { 0 };
	const char *why = NULL, *token_why;

	if (door->auth == DOOR_SIGNATURE && !signature_fits(door, request))
		why = "bad-signature";
	token_why = why ? why : use_token(door, last_segment(request->target), now_ms, &visitor);
	/* With a signature, or with the door open, a token is welcome but not needed; a used one is nobody's. */
	if (door->auth == DOOR_TOKEN || (token_why && strcmp(token_why, "used-token") == 0))
		why = token_why;
	if (why) {
		*out_why = why;
		return 403;
	}
	*out_visitor = visitor;
	return 0;
}

bool door_matches(const struct visitor *visitor, struct slice call_sid)
{
	return visitor->call_sid[0] == '\0' || call_sid.len == 0 ||
		slice_equal(call_sid, slice_of(visitor->call_sid));
}
