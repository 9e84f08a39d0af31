/*
 * provider - a service that the receptionist's voice comes from: where it is, how it is spoken to, whether it lives.
 *
 * Place:    relay, above names, upstream and proto's grok; below relay.h. One struct each for the whole program.
 * Usage:    provider_open(&p, PROVIDER_GROK, conf, why, sizeof why); names are main's to open and close.
 *           provider_target(&p, conversation, out, sizeof out)
 * Fails:    provider_open: false with a sentence that names the setting.
 * Threads:  read only after provider_open(), but for names and breaker.
 */
#pragma once

#include "base/conf.h"
#include "proto/grok_dialect.h"
#include "relay/account.h"
#include "relay/names.h"
#include "relay/upstream.h"

enum { PROVIDER_TARGET_BYTES_MAX = 1024, PROVIDER_HEADERS_BYTES_MAX = 1200, PROVIDER_MARGIN_S = 300 };

struct provider {
	const char *word;
	const struct grok_dialect *dialect;
	bool is_there;                          /* configured */
	bool is_tls;
	uint32_t session_s_max;                 /* a session moves then; 0: never */
	const char *model;
	struct account_prices prices;
	char host[NAMES_HOST_BYTES_MAX];
	char authority[NAMES_HOST_BYTES_MAX + 8];
	char port[8];
	char target[PROVIDER_TARGET_BYTES_MAX]; /* path and query as configured */
	char headers[PROVIDER_HEADERS_BYTES_MAX]; /* the API key: never logged */
	struct names names;
};

bool provider_open(struct provider *p, enum upstream_provider which, const struct conf *conf, char *why,
	size_t why_bytes);
/* Path and query to ask for, a string; with the conversation that is to be gone on with, unless empty. */
bool provider_target(const struct provider *p, const char *conversation, char *out, size_t out_bytes);
