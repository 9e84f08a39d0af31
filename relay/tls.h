/*
 * tls - TLS as four ports over memory: cipher in, plain out, plain in, cipher out. No sockets inside.
 *
 * Place:    below leg, above nothing. tls.c and tls_*.c are the only files that name wolfSSL's TLS.
 * Usage:    tls_put_cipher(&tls, data, len); while ((r = tls_take_plain(&tls, &plain)) == TLS_PLAIN) …
 *           tls_put_plain(&tls, &out, most);  send what is in tls.cipher, consume it
 * Lifetime: tls_put_cipher() borrows the bytes until tls_take_plain() has answered TLS_MORE (all are read then).
 *           A context is one thread's; a session keeps it alive, so a context may be replaced at any time. A session
 *           is one thread's at a time, not always that of its context.
 * Fails:    sticky TLS_FAIL with why in tls_why(): names the certificate's fault (expired, wrong host, unknown CA).
 * Limits:   TLS 1.2 and 1.3, ECDHE with AES-GCM or ChaCha20 only. wolfSSL allocates per handshake and about
 *           two blocks a record; nothing else here does after start. Its allocations are counted (tls_counters).
 */
#pragma once

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TLS_WHY_BYTES_MAX = 160, TLS_RECORD_BYTES_MAX = 16384, TLS_HOST_BYTES_MAX = 255 };

struct tls_context;
struct tls_session;                     /* wolfSSL's, and what goes with it */

enum tls_result {
	TLS_MORE,                       /* all cipher bytes are read; feed me */
	TLS_PLAIN,                      /* plain bytes were appended */
	TLS_FULL,                       /* `plain` has no room: make some and call again */
	TLS_END,                        /* the peer's close_notify */
	TLS_FAIL,
};

struct tls {
	struct tls_session *session;    /* NULL: closed */
	struct buf cipher;              /* what wolfSSL wants sent; the owner takes it */
	const uint8_t *in;              /* lent cipher bytes */
	size_t in_len;
	bool is_open;                   /* the handshake is done */
	bool was_resumed;
	bool overflowed;
	int error;                      /* wolfSSL's, once failed */
};

struct tls_counters {
	uint64_t allocations;           /* by wolfSSL, since start */
	uint64_t allocated_bytes;       /* held by it now */
	uint64_t handshakes;
	uint64_t resumed;
	uint64_t failed;
};

/* Once at the start of a program, before any thread: prepares wolfSSL, finds out whether its AES is fast, puts
 * libcrypto's in its place where it is not (after a known-answer test), and logs which. false with a sentence. */
bool tls_start(char *why, size_t why_bytes);
struct tls_counters tls_counters(void);
/* At the end of a thread that has used TLS: gives back what wolfSSL keeps for it. */
void tls_thread_end(void);

/* A server's: certificate chain and key (PEM files) that match. NULL with a sentence in `why`. */
struct tls_context *tls_server_open(const char *cert_file, const char *key_file, char *why, size_t why_bytes);
/* A client's: always verifies chain and host. `ca_file` NULL or "": the system's roots. */
struct tls_context *tls_client_open(const char *ca_file, char *why, size_t why_bytes);
/* Sessions made from it live on. NULL is fine. */
void tls_context_close(struct tls_context *context);

/* `pool` lends the blocks of tls->cipher. `host` (a client's): the name sent as SNI and found in the certificate.
 * false if there is no memory. */
bool tls_open(struct tls *tls, struct tls_context *context, struct pool *pool, const char *host);
/* The session goes to another place, and perhaps another thread: nothing is on its way in either direction. `from` is
 * closed then; `pool` lends the blocks of to->cipher. */
void tls_move(struct tls *to, struct tls *from, struct pool *pool);
/* Frees everything. Idempotent; a zeroed struct may be closed. */
void tls_close(struct tls *tls);

void tls_put_cipher(struct tls *tls, const void *data, size_t len);
/* Goes on with the handshake or reads records; appends what is plain. A client begins with it, without input. */
enum tls_result tls_take_plain(struct tls *tls, struct buf *plain);
/* Encrypts and consumes at most `bytes_max` of `plain`. false: failed (tls->cipher is full, or a fault of TLS). */
bool tls_put_plain(struct tls *tls, struct buf *plain, size_t bytes_max);
/* Says goodbye (close_notify) into tls->cipher. */
void tls_end(struct tls *tls);
/* Why it failed, in one sentence. */
const char *tls_why(const struct tls *tls, char *out, size_t out_bytes);
/* "TLSv1.3 TLS13-AES128-GCM-SHA256" */
const char *tls_suite(const struct tls *tls, char *out, size_t out_bytes);
