/*
 * webhook_rules - how Twilio asks a webhook: what it signs and sends, how often it tries, which answers it takes.
 *
 * Place:    sim, pure; above proto/{url,form,signature}.
 * Usage:    webhook_overrides(&o, url); webhook_write_request(&out, &request)
 *           code = webhook_judge(status, content_type, bytes): 0 or Twilio's error code
 * Source:   Twilio, "Webhooks connection overrides", "Your response", security page (what URL is signed).
 */
#pragma once

#include "base/buf.h"
#include "proto/form.h"
#include "proto/url.h"

#include <stdbool.h>
#include <stdint.h>

/* Fragments #ct=…&rt=…&tt=…&rc=…&rp=… of a configured URL; values out of range are the nearest allowed. */
struct webhook_overrides {
	uint32_t connect_ms, read_ms, total_ms, retry_count;
	bool retry_connect, retry_timeout, retry_4xx, retry_5xx;
};

void webhook_overrides(struct webhook_overrides *out, const struct url *url);

/* What is signed: the URL without userinfo and fragment; of https the port goes too, of http it stays. With an `origin`
 * ("https://voice.example.com") that one stands in place of the URL's own. false: too long. */
bool webhook_signed_url(const struct url *url, const char *origin, char *out, size_t out_bytes);
/* The stream's: as written in TwiML, with "/" where there is no path. */
bool webhook_signed_stream_url(const struct url *url, char *out, size_t out_bytes);

struct webhook_request {
	const struct url *url;
	const char *host;               /* the Host header; NULL: the URL's own authority */
	bool is_get;
	const struct form *form;
	const char *signature;          /* NULL: no such header */
	const char *idempotency_token;
	const char *authorization;      /* "Basic …" or NULL */
};

/* GET carries the form in its query. false: `out` is full. */
bool webhook_write_request(struct buf *out, const struct webhook_request *request);
/* GET only: the URL with the form in its query, which is what is requested and signed. */
bool webhook_url_with_query(const char *url, const struct form *form, char *out, size_t out_bytes);

enum webhook_answer {
	WEBHOOK_TWIML,
	WEBHOOK_SPEAK,                  /* text/plain */
	WEBHOOK_EMPTY,
	WEBHOOK_REDIRECT,
	WEBHOOK_AUTHENTICATE,
	WEBHOOK_BAD,
};

/* *out_code: Twilio's error code for WEBHOOK_BAD. */
enum webhook_answer webhook_judge(int status, const char *content_type, size_t content_bytes, int *out_code);
