/*
 * signature - X-Twilio-Signature: base64(HMAC-SHA1(auth token, URL, sorted form)), both roles.
 *
 * Place:    proto, above form and digest. Webhook and relay check, the phone simulator writes.
 * Usage:    signature_write(url, &form, token, out);
 *           if (!signature_check(tokens, header, url, &form)) refuse with 403;
 * Tokens:   the auth tokens that count now, comma separated (two during rotation). An empty list accepts nothing.
 * URL:      the public origin as configured plus the raw request target, never what Host or proxies say. Twilio
 *           and its libraries do not agree on ports and on the spelling of queries, so a few candidates are tried;
 *           none can be forged without the token.
 * Fails:    false; a header that is missing, short or long is only a wrong one. Time does not depend on
 *           where a wrong one differs.
 * Limits:   URLs of at most SIGNATURE_URL_BYTES_MAX; a longer one never matches.
 * Source:   twilio.com/docs/usage/security and the validators of Twilio's libraries (twilio-node 6.2.0).
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct form;

enum { SIGNATURE_BYTES = 28, SIGNATURE_URL_BYTES_MAX = 4096 };

/* The signature of a request, with a final NUL. `form` is NULL for GET, for JSON and for a WebSocket handshake.
 * Fields are sorted by name, then value, bytewise; an equal name and value counts once. */
void signature_write(struct slice url, const struct form *form, struct slice token,
	char out[SIGNATURE_BYTES + 1]);

/* A request with a form (POST) or without parameters outside its URL (GET: `form` is NULL). */
bool signature_check(const char *tokens, struct slice signature, struct slice url,
	const struct form *form);
/* A request with any other body, whose SHA-256 the URL's query holds as bodySHA256. */
bool signature_check_body(const char *tokens, struct slice signature, struct slice url,
	struct slice body);
/* The WebSocket handshake of a stream: `url` as in TwiML (wss:). A final slash, ports and https: are tried too. */
bool signature_check_stream(const char *tokens, struct slice signature, struct slice url);
