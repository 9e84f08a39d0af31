/*
 * ask - one HTTP request as a stranger would make it, and all that it shows: the answer, the certificates, the clock.
 *
 * Place:    doctor, above base; the only file of doctor/ that knows libcurl.
 * Usage:    struct ask ask = { .url = "https://voice.example.com/healthz" };
 *           struct ask_answer answer;               large: not on a thread's small stack
 *           if (ask_for(&ask, &answer) == ASK_ANSWERED) use(answer.status, answer.body);
 * Rules:    nothing is followed, no proxy, no .netrc. A certificate that does not hold ends the request, unless
 *           `trusts`: then what comes is told all the same. Where verification failed, the chain is there too.
 * Fails:    answer.why is a sentence unless ASK_ANSWERED.
 * Limits:   ASK_CONNECT_MS, ASK_MS in all, ASK_BODY_BYTES_MAX of the answer; the rest is cut off.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ASK_CONNECT_MS = 5000,
	ASK_MS = 10000,
	ASK_BODY_BYTES_MAX = 64 * 1024,
	ASK_CERTS_MAX = 8,
	ASK_NAME_BYTES = 256,
	ASK_WHY_BYTES = 300,
	ASK_ADDRESS_BYTES = 64,
};

enum ask_result {
	ASK_ANSWERED,                   /* whatever the status */
	ASK_NO_NAME,                    /* the host's name is not known */
	ASK_NO_CONNECTION,
	ASK_NO_TLS,                     /* TLS does not come about at all: no certificate, no common version */
	ASK_NOT_TRUSTED,                /* the certificate does not hold */
	ASK_BROKEN,                     /* no answer, or none that is HTTP */
};

struct ask {
	const char *url;                /* http: or https: */
	const char *ca_file;            /* PEM roots; NULL or "": SSL_CERT_FILE's, or the system's */
	const char *user, *password;    /* NULL: none */
	const char *const *headers;     /* "Name: value", ended by NULL; NULL: none */
	const char *form;               /* POST this; NULL: GET */
	bool trusts;
};

struct ask_cert {
	char subject[ASK_NAME_BYTES];   /* its common name, or all of it */
	int64_t from_ms, until_ms;      /* wall clock; 0: not told */
};

struct ask_answer {
	enum ask_result result;
	bool is_proven;                 /* answered, by whom the URL names as far as its scheme can tell */
	long status;
	char address[ASK_ADDRESS_BYTES];        /* that was spoken to; "": nobody */
	char location[ASK_NAME_BYTES];          /* where a 3xx leads; "": nowhere */
	bool is_socket_server;                  /* names Sec-WebSocket-Version */
	int64_t date_ms;                        /* of the Date header, 0: none; and our own clock at that moment */
	int64_t at_ms;
	char why[ASK_WHY_BYTES];
	struct ask_cert certs[ASK_CERTS_MAX];   /* the host's first */
	size_t cert_count;
	char body[ASK_BODY_BYTES_MAX + 1];
	size_t body_len;
};

/* Once, before anything else of doctor/; and at the end. */
void ask_open(void);
void ask_close(void);
enum ask_result ask_for(const struct ask *ask, struct ask_answer *out);
