/*
 * request - what a web server hands over: CGI variables and a body, by FastCGI or as a plain CGI program.
 *
 * Place:    fcgi, above form; with answer the only part that knows where bytes come from and go to.
 * Usage:    struct source source = { request.envp, request.in };       (in is NULL for plain CGI: stdin)
 *           request_head(&r, source.envp); … choose a route …
 *           status = request_body(&r, &source); if (status) answer with it;
 * Lifetime: borrows the variables until the answer is sent; owns the body; form fields point into it.
 * Fails:    with the HTTP status to answer (400, 413), the reason in `why`.
 * Limits:   a body of FORM_BODY_BYTES_MAX, refused by its announced length before a byte is read; a target of
 *           HTTP_TARGET_BYTES_MAX.
 * Note:     the URL is REQUEST_URI as the client sent it; SCRIPT_NAME and PATH_INFO are decoded and of no use
 *           to a signature.
 */
#pragma once

#include "base/limits.h"
#include "base/slice.h"
#include "proto/form.h"

#include <stdbool.h>
#include <stddef.h>

struct FCGX_Stream;

/* One bit each, so that a route can name several. */
enum method { METHOD_OTHER = 0, METHOD_GET = 1, METHOD_HEAD = 2, METHOD_POST = 4 };

struct source {
	char **envp;
	struct FCGX_Stream *in;         /* NULL: stdin */
};

struct request {
	enum method method;
	struct slice target;            /* as sent: path and query, still encoded */
	struct slice path;
	struct slice query;             /* without '?' */
	struct slice signature;         /* X-Twilio-Signature; empty if there is none */
	bool has_form_type;             /* the body calls itself a form */
	struct slice body;
	struct form form;               /* of the body; of the query for GET and HEAD */
	const char *why;                /* of a refusal, for the log */
	char **envp;                    /* for request_variable() */
	char body_bytes[FORM_BODY_BYTES_MAX + 1];
	char raw_body[FORM_BODY_BYTES_MAX + 1];  /* undecoded: what a body hash is over */
	char query_bytes[HTTP_TARGET_BYTES_MAX];
};

/* The variables. 0, or the status of a refusal. */
int request_head(struct request *r, char **envp);
/* A variable as CGI names it: HTTP_X_FAL_WEBHOOK_SIGNATURE. Empty if there is none. */
struct slice request_variable(const struct request *r, const char *name);
/* Body and form. 0, or the status of a refusal. */
int request_body(struct request *r, const struct source *source);
/* Reads on what a refusal left unread, within bounds. A CGI program that ends before may take its answer with it:
 * Apache's mod_cgid reads from a socket, which a close with unread input resets. */
void request_drain(const struct request *r, const struct source *source);
