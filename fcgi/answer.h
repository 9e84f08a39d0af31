/*
 * answer - an HTTP response in the making: status, type, body; sent at once with its length.
 *
 * Place:    fcgi; handlers fill it, main sends it.
 * Usage:    answer_init(&a); … twiml_begin(&t, &a.body); … answer_send(&a, out, head_only);
 * Lifetime: owns the body's memory; one request.
 * Fails:    answer_send() returns false when the web server is gone.
 * Limits:   TWIML_BYTES_MAX bytes of body.
 */
#pragma once

#include "base/buf.h"
#include "base/limits.h"

#include <stdbool.h>

struct FCGX_Stream;

struct answer {
	int status;
	const char *content_type;       /* NULL: no body at all */
	const char *allow;              /* of a 405 */
	struct buf body;
	char memory[TWIML_BYTES_MAX];
};

/* 200 without a body. */
void answer_init(struct answer *a);
/* A status with a short text for people; forgets what the body held. */
void answer_refuse(struct answer *a, int status);
/* `out` NULL: stdout, as a plain CGI program. */
bool answer_send(const struct answer *a, struct FCGX_Stream *out, bool is_head_only);
