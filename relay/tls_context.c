/* Contexts: what may be negotiated, who we are, whom we trust, and which sessions can be resumed. */
#include "relay/tls_parts.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/wolfcrypt/ecc.h>

static const char SYSTEM_ROOTS[] = "/etc/ssl/certs/ca-certificates.crt";

/* RFC 9325 section 4.2 and nothing else; AES first, because that is what both ends have hardware for. */
static const char SUITES[] = "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256:"
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

static int take_cipher_bytes(WOLFSSL *ssl, char *out, int most, void *user)
{
	struct tls *tls = user;

	(void)ssl;
	if (!tls->in_len)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	size_t n = tls->in_len < (size_t)most ? tls->in_len : (size_t)most;
	memcpy(out, tls->in, n);
	tls->in += n;
	tls->in_len -= n;
	return (int)n;
}

/* Takes everything: wolfSSL cannot be told to try again later (it would want the same bytes then). */
static int put_cipher_bytes(WOLFSSL *ssl, char *data, int len, void *user)
{
	struct tls *tls = user;

	(void)ssl;
	if (buf_append(&tls->cipher, data, (size_t)len))
		return len;
	tls->overflowed = true;
	return WOLFSSL_CBIO_ERR_GENERAL;
}

static struct tls_context *open_context(WOLFSSL_METHOD *method, bool is_server, char *why, size_t why_bytes)
{
	struct tls_context *context = calloc(1, sizeof *context);
	int groups[] = { WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1 };

	if (context)
		context->ctx = wolfSSL_CTX_new(method);
	if (!context || !context->ctx) {
		snprintf(why, why_bytes, "no memory for a TLS context");
		free(context);
		return NULL;
	}
	context->is_server = is_server;
	context->user_count = 1;
	WOLFSSL_CTX *ctx = context->ctx;
	wolfSSL_CTX_SetIORecv(ctx, take_cipher_bytes);
	wolfSSL_CTX_SetIOSend(ctx, put_cipher_bytes);
	wolfSSL_CTX_SetDevId(ctx, tls_accel_device());
	wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF);
	if (wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_TLSV1_2) == WOLFSSL_SUCCESS
		&& wolfSSL_CTX_set_cipher_list(ctx, SUITES) == WOLFSSL_SUCCESS
		&& wolfSSL_CTX_set_groups(ctx, groups, ARRAY_COUNT(groups)) == WOLFSSL_SUCCESS)
		return context;
	snprintf(why, why_bytes, "wolfSSL lacks the ciphers that are needed");
	tls_context_release(context);
	return NULL;
}

/* A client that asks for nothing but a signature by the certificate's key. */
static bool key_fits(struct tls_context *server)
{
	char why[TLS_WHY_BYTES_MAX];
	struct tls_context *client = open_context(wolfSSLv23_client_method(), false, why, sizeof why);

	if (!client)
		return false;
	wolfSSL_CTX_set_verify(client->ctx, WOLFSSL_VERIFY_NONE, NULL);
	server->is_on_trial = client->is_on_trial = true;
	bool ok = tls_server_prove(server, client);
	server->is_on_trial = false;
	tls_context_release(client);
	return ok;
}

struct tls_context *tls_server_open(const char *cert_file, const char *key_file, char *why, size_t why_bytes)
{
	struct tls_context *context = open_context(wolfSSLv23_server_method(), true, why, why_bytes);

	if (!context)
		return NULL;
	if (wolfSSL_CTX_use_certificate_chain_file(context->ctx, cert_file) != WOLFSSL_SUCCESS)
		snprintf(why, why_bytes, "%s holds no certificate chain in PEM", cert_file);
	else if (wolfSSL_CTX_use_PrivateKey_file(context->ctx, key_file, WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS)
		snprintf(why, why_bytes, "%s holds no private key in PEM", key_file);
	else if (!key_fits(context))
		snprintf(why, why_bytes, "the key in %s does not belong to the certificate in %s", key_file, cert_file);
	else
		return context;
	tls_context_release(context);
	return NULL;
}

struct tls_context *tls_client_open(const char *ca_file, char *why, size_t why_bytes)
{
	struct tls_context *context = open_context(wolfSSLv23_client_method(), false, why, why_bytes);
	const char *roots = ca_file && ca_file[0] ? ca_file : SYSTEM_ROOTS;

	if (!context)
		return NULL;
	wolfSSL_CTX_set_verify(context->ctx, WOLFSSL_VERIFY_PEER, NULL);
	if (wolfSSL_CTX_load_verify_locations_ex(context->ctx, roots, NULL,
		WOLFSSL_LOAD_FLAG_IGNORE_ERR | WOLFSSL_LOAD_FLAG_DATE_ERR_OKAY) == WOLFSSL_SUCCESS)
		return context;
	snprintf(why, why_bytes, "%s holds no certificate in PEM", roots);
	tls_context_release(context);
	return NULL;
}

void tls_context_release(struct tls_context *context)
{
	if (--context->user_count)
		return;
	for (uint32_t i = 0; i < TLS_TICKETS_MAX; i++) {
		if (context->tickets[i].session)
			wolfSSL_SESSION_free(context->tickets[i].session);
	}
	wolfSSL_CTX_free(context->ctx);
	free(context);
}

void tls_context_close(struct tls_context *context)
{
	if (context)
		tls_context_release(context);
}

/* --- resumption ------------------------------------------------------------------------------------- */

static struct tls_ticket *find_ticket(struct tls_context *context, const char *host)
{
	for (uint32_t i = 0; i < TLS_TICKETS_MAX; i++) {
		if (context->tickets[i].session && strcmp(context->tickets[i].host, host) == 0)
			return &context->tickets[i];
	}
	return NULL;
}

void tls_ticket_keep(struct tls_context *context, const char *host, WOLFSSL *ssl)
{
	WOLFSSL_SESSION *session = wolfSSL_get1_session(ssl);
	struct tls_ticket *ticket = find_ticket(context, host);

	if (!session)
		return;
	if (!ticket)
		ticket = &context->tickets[context->ticket_next++ % TLS_TICKETS_MAX];
	if (ticket->session)
		wolfSSL_SESSION_free(ticket->session);
	ticket->session = session;
	snprintf(ticket->host, sizeof ticket->host, "%s", host);
}

void tls_ticket_use(struct tls_context *context, const char *host, WOLFSSL *ssl)
{
	struct tls_ticket *ticket = find_ticket(context, host);

	if (ticket)
		wolfSSL_set_session(ssl, ticket->session);
}

void tls_thread_end(void)
{
#ifdef FP_ECC
	/* Its tables of curve points are the thread's own. */
	wc_ecc_fp_free();
#endif
}
