/*
 * url - http, https, ws and wss URLs in their parts, as they are written.
 *
 * Place:    proto, pure. Relay (Grok's URL), webhook (public origin) and simulators.
 * Usage:    if (url_split(slice_of(text), &url)) connect(url.host, url_port(&url), url.is_tls);
 *           url_resolve(base, reference, out, sizeof out)     what a relative URL in TwiML means
 * Lifetime: parts borrow from the text.
 * Fails:    false: another scheme, no host, a port that is none, white space or control characters.
 * Limits:   nothing is decoded or normalised: a signature covers the URL as it is written.
 * Source:   RFC 3986 sections 3 and 5.2 (dot segments stay as they are).
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct url {
	struct slice scheme;
	bool is_tls;                    /* https, wss */
	bool is_socket;                 /* ws, wss */
	struct slice userinfo;          /* data is NULL if there is none */
	struct slice host;              /* without the brackets of an IPv6 address */
	struct slice authority;         /* host and port as written, without userinfo: a Host header */
	struct slice port;              /* empty if not given */
	struct slice target;            /* path and query; empty if not given (ask for "/") */
	struct slice fragment;          /* behind '#'; data is NULL if there is none */
};

bool url_split(struct slice text, struct url *out);
/* The port, given or by scheme. */
struct slice url_port(const struct url *url);
/* The absolute URL that `reference` means where `base` is the document's, with a final NUL. false: not a URL,
 * or `out` is too small. */
bool url_resolve(struct slice base, struct slice reference, char *out, size_t out_bytes);
