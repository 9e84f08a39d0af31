/*
 * stream_dial - how Twilio opens the WebSocket of a stream: address, server name and headers for wsconn_dial().
 *
 * Place:    sim; above proto/{url,signature}; used by the phone and the load generator.
 * Usage:    if (stream_dial_init(&d, url, options, token)) conn = wsconn_dial(&env, &d.dial, why, sizeof why);
 * Lifetime: d.dial points into d.
 * Fails:    false: not a ws: or wss: URL, or too long.
 * Source:   Twilio's handshakes as captured: User-Agent, X-Twilio-Signature over the URL as in TwiML.
 */
#pragma once

#include "sim/phone_options.h"
#include "sim/wsconn.h"

struct stream_dial {
	struct wsconn_dial dial;
	bool is_tls;
	char host[256], port[16], name[256];
	char target[HTTP_TARGET_BYTES_MAX];
	char headers[200];
};

/* The URL of --stream, with a fresh stream token behind it if --merchant asks for one. false: too long. */
bool stream_dial_url(const struct phone_options *options, const char *call_sid, struct random *random, char *out,
	size_t out_bytes);
bool stream_dial_init(struct stream_dial *d, const char *url, const struct phone_options *options, const char *token);
