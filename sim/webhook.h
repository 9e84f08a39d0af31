/*
 * webhook - one request as Twilio makes it: signed, with retries, redirects and passwords, until there is an answer.
 *
 * Place:    sim; above fetch and webhook_rules. Non-blocking; several may run beside a stream.
 * Usage:    form_init(&w.form); identity_form(…, &w.form, …); w.wants_twiml = true;
 *           webhook_begin(&w, &env, url, is_get, now_ms);
 *           poll webhook_fd() for webhook_interest() until webhook_deadline_ms();
 *           if (webhook_turn(&w, now_ms)) { if (w.code) failed with w.why; else use w.answer, webhook_content() }
 *           webhook_end(&w);
 * Lifetime: the form's slices and the env are borrowed until webhook_end(); a zeroed struct may be ended.
 * Fails:    w.code is Twilio's error code, w.why a sentence.
 */
#pragma once

#include "base/random.h"
#include "proto/form.h"
#include "proto/signature.h"
#include "sim/fetch.h"
#include "sim/webhook_rules.h"

#include <stdbool.h>
#include <stdint.h>

enum { WEBHOOK_URL_BYTES_MAX = 4096, WEBHOOK_REDIRECT_COUNT_MAX = 10, WEBHOOK_REQUEST_BYTES_MAX = 192 * 1024 };

enum webhook_signing { WEBHOOK_SIGN_RIGHT, WEBHOOK_SIGN_WRONG, WEBHOOK_SIGN_NOT, WEBHOOK_SIGN_GARBLED };

/* What all requests of a program share. */
struct webhook_env {
	const char *token;              /* the auth token that signs */
	enum webhook_signing signing;
	const char *public_origin;      /* as Twilio would know the webhook; NULL: as it is reached */
	const char *local_origin;       /* where it is reached: "http://127.0.0.1:8081" */
	struct net_tls *tls;            /* for https */
	struct random *random;
};

struct webhook {
	const struct webhook_env *env;
	struct form form;
	struct webhook_overrides overrides;
	struct fetch fetch;
	bool is_get;
	bool wants_twiml;               /* otherwise any 2xx is a good answer */
	char url[WEBHOOK_URL_BYTES_MAX];  /* asked now; relative URLs of the answer are relative to it */
	uint32_t tries_left, redirects_left;
	bool with_password, done;
	uint64_t total_deadline_ms;
	enum webhook_answer answer;
	int status;
	int code;                       /* 0: good */
	char why[256];
};

/* Set w->wants_twiml before. */
void webhook_begin(struct webhook *w, const struct webhook_env *env, const char *url, bool is_get, uint64_t now_ms);
/* true: it is over. */
bool webhook_turn(struct webhook *w, uint64_t now_ms);
void webhook_end(struct webhook *w);

int webhook_fd(const struct webhook *w);
uint32_t webhook_interest(const struct webhook *w);
uint64_t webhook_deadline_ms(const struct webhook *w);
struct slice webhook_content(const struct webhook *w);
