/*
 * tls_parts - what the tls files share among themselves; nobody else includes it.
 *
 *   tls.c        sessions: the four ports      tls_context.c  certificates, roots, suites
 *   tls_prove.c  whether key and cert match    tls_memory.c   wolfSSL's allocations
 */
#pragma once

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "relay/tls.h"
#include "relay/tls_accel.h"

enum { TLS_TICKETS_MAX = 4 };

/* The last session with a host, to be resumed by the next. */
struct tls_ticket {
	char host[TLS_HOST_BYTES_MAX + 1];
	WOLFSSL_SESSION *session;
};

struct tls_context {
	WOLFSSL_CTX *ctx;
	bool is_server;
	bool is_on_trial;               /* shakes hands with itself: not to be counted */
	_Atomic uint32_t user_count;    /* sessions, and one while it is open */
	struct tls_ticket tickets[TLS_TICKETS_MAX];
	uint32_t ticket_next;
};

struct tls_session {
	WOLFSSL *ssl;
	struct tls_context *context;
	struct tls_accel *accel;
	bool has_ticket;
	char host[TLS_HOST_BYTES_MAX + 1];
};

/* tls_context.c */
void tls_context_release(struct tls_context *context);
void tls_ticket_keep(struct tls_context *context, const char *host, WOLFSSL *ssl);
void tls_ticket_use(struct tls_context *context, const char *host, WOLFSSL *ssl);

/* tls_prove.c */
bool tls_server_prove(struct tls_context *server, struct tls_context *client);

/* tls_memory.c */
void tls_memory_start(void);
/* A large block that will hardly be written any more: what is zero of it takes no memory from now on. */
void tls_memory_rest(void *block);
void tls_memory_count(struct tls_counters *counters);

