/*
 * door - who may come in: looks at an upgrade request before it is answered with 101.
 *
 * Place:    relay, above proto's token and signature, nonces; below call. No I/O; the time is told.
 * Usage:    status = door_check(&door, request, now_ms, &visitor, &why);   0: welcome
 *           door_matches(&visitor, start_call_sid)                         at Twilio's start message
 * Rules:    DOOR_TOKEN: the last segment of the path is a token of ours that has neither expired nor been
 *           used. DOOR_SIGNATURE: X-Twilio-Signature of the URL that the webhook gave out; a token in it, if
 *           it is good, names merchant and call. DOOR_OPEN: anybody (development); a good token counts all
 *           the same. A token is used up only when everything else is right.
 * Fails:    403, with a word for the log; nothing about the reason is told to the visitor.
 * Threads:  all ring threads share one door: it is not changed after start, and nonces are locked.
 */
#pragma once

#include "proto/http.h"
#include "proto/token.h"
#include "relay/nonces.h"

enum door_auth { DOOR_TOKEN, DOOR_SIGNATURE, DOOR_OPEN };

enum { DOOR_ORIGIN_BYTES_MAX = 512 };

struct door {
	enum door_auth auth;
	struct token_keys keys;
	const char *auth_tokens;                /* TWILIO_AUTH_TOKEN */
	char origin[DOOR_ORIGIN_BYTES_MAX];     /* of RELAY_URL: "wss://voice.example.com" */
	struct nonces nonces;
};

struct visitor {
	int64_t merchant_id;                    /* 0: the request does not say */
	char call_sid[SID_BYTES_MAX + 1];       /* "": the same */
};

/* `auth` is a word of RELAY_AUTH. false with a sentence: settings that cannot work. */
bool door_open(struct door *door, const char *auth, const char *stream_secret, const char *auth_tokens,
	const char *relay_url, char *why, size_t why_bytes);
/* Idempotent; a zeroed struct may be closed. */
void door_close(struct door *door);
int door_check(struct door *door, const struct http_head *request, int64_t now_ms, struct visitor *out_visitor,
	const char **out_why);
/* Whether Twilio's start message is of the call that the token was made for. */
bool door_matches(const struct visitor *visitor, struct slice call_sid);
