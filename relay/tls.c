/*
 * A session over memory. wolfSSL reads from the lent bytes and writes into tls->cipher by two callbacks of the context;
 * it never sees a socket. The owner feeds cipher bytes until TLS_MORE and takes away what is in tls->cipher.
 */
#include "relay/tls_parts.h"

#include "base/check.h"
#include "relay/count.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

enum { CIPHER_BYTES_MAX = 1024 * 1024, READ_BYTES = 1024, RECORD_OVERHEAD_BYTES = 64 };

static struct {
	uint64_t handshakes, resumed, failed;
} counted;

static void count_one(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

struct tls_counters tls_counters(void)
{
	struct tls_counters c = {
		.handshakes = count_read(&counted.handshakes),
		.resumed = count_read(&counted.resumed),
		.failed = count_read(&counted.failed),
	};

	tls_memory_count(&c);
	return c;
}

bool tls_start(char *why, size_t why_bytes)
{
	tls_memory_start();
	if (wolfSSL_Init() != WOLFSSL_SUCCESS) {
		snprintf(why, why_bytes, "wolfSSL does not start");
		return false;
	}
	return tls_accel_start(why, why_bytes);
}

static int note_ticket(WOLFSSL *ssl, const unsigned char *ticket, int len, void *user)
{
	struct tls_session *session = user;

	(void)ssl;
	(void)ticket;
	session->has_ticket = len > 0;
	return 0;
}

static bool set_host(struct tls_session *session, const char *host)
{
	size_t len = strlen(host);

	if (len == 0 || len > TLS_HOST_BYTES_MAX)
		return false;
	memcpy(session->host, host, len + 1);
	wolfSSL_set_SessionTicket_cb(session->ssl, note_ticket, session);
	tls_ticket_use(session->context, host, session->ssl);
	return wolfSSL_UseSNI(session->ssl, WOLFSSL_SNI_HOST_NAME, host, (unsigned short)len) == WOLFSSL_SUCCESS
		&& wolfSSL_check_domain_name(session->ssl, host) == WOLFSSL_SUCCESS
		&& wolfSSL_UseSessionTicket(session->ssl) == WOLFSSL_SUCCESS;
}

bool tls_open(struct tls *tls, struct tls_context *context, struct pool *pool, const char *host)
{
	check(context->is_server == (host == NULL));
	memset(tls, 0, sizeof *tls);
	buf_init_pool(&tls->cipher, pool, CIPHER_BYTES_MAX);
	struct tls_session *session = calloc(1, sizeof *session);
	if (!session)
		return false;
	tls->session = session;
	session->context = context;
	context->user_count++;
	session->accel = tls_accel_new();
	session->ssl = wolfSSL_new(context->ctx);
	if (!session->accel || !session->ssl || (host && !set_host(session, host))) {
		tls_close(tls);
		return false;
	}
	wolfSSL_SetIOReadCtx(session->ssl, tls);
	wolfSSL_SetIOWriteCtx(session->ssl, tls);
	return true;
}

void tls_move(struct tls *to, struct tls *from, struct pool *pool)
{
	check(from->in_len == 0 && buf_len(&from->cipher) == 0);
	buf_release(&from->cipher);
	*to = *from;
	*from = (struct tls){ 0 };
	buf_init_pool(&to->cipher, pool, CIPHER_BYTES_MAX);
	if (!to->session)
		return;
	wolfSSL_SetIOReadCtx(to->session->ssl, to);
	wolfSSL_SetIOWriteCtx(to->session->ssl, to);
}

void tls_close(struct tls *tls)
{
	struct tls_session *session = tls->session;

	if (session) {
		tls_accel_enter(session->accel);
		if (session->ssl)
			wolfSSL_free(session->ssl);
		tls_accel_enter(NULL);
		tls_accel_free(session->accel);
		tls_context_release(session->context);
		free(session);
	}
	tls->session = NULL;
	tls->in_len = 0;
	buf_release(&tls->cipher);
}

void tls_put_cipher(struct tls *tls, const void *data, size_t len)
{
	check(tls->in_len == 0);
	tls->in = data;
	tls->in_len = len;
}

static enum tls_result fail(struct tls *tls, int error)
{
	if (!tls->error && !tls->session->context->is_on_trial)
		count_one(&counted.failed);
	tls->error = error ? error : -1;
	return TLS_FAIL;
}

/* What wolfSSL's answer to a call means; `r` > 0 was dealt with. */
static enum tls_result judge(struct tls *tls, int r)
{
	int error = wolfSSL_get_error(tls->session->ssl, r);

	if (error == WOLFSSL_ERROR_WANT_READ && !tls->overflowed)
		return TLS_MORE;
	if (error == WOLFSSL_ERROR_ZERO_RETURN)
		return TLS_END;
	return fail(tls, error);
}

static enum tls_result shake_hands(struct tls *tls)
{
	WOLFSSL *ssl = tls->session->ssl;
	int r = tls->session->context->is_server ? wolfSSL_accept(ssl) : wolfSSL_connect(ssl);

	if (r != WOLFSSL_SUCCESS)
		return judge(tls, r);
	tls->is_open = true;
	tls->was_resumed = wolfSSL_session_reused(ssl);
	tls_memory_rest(wolfSSL_get_session(ssl));
	if (tls->session->context->is_on_trial)
		return TLS_MORE;
	count_one(&counted.handshakes);
	if (tls->was_resumed)
		count_one(&counted.resumed);
	return TLS_MORE;
}

static void keep_ticket(struct tls_session *session)
{
	if (!session->has_ticket)
		return;
	session->has_ticket = false;
	tls_ticket_keep(session->context, session->host, session->ssl);
}

static enum tls_result read_plain(struct tls *tls, struct buf *plain)
{
	WOLFSSL *ssl = tls->session->ssl;
	size_t want = READ_BYTES;
	bool any = false;

	/* wolfSSL would only look up and word the error "want read". */
	if (!tls->in_len && !wolfSSL_pending(ssl))
		return TLS_MORE;
	do {
		if (!buf_room(plain, want))
			return TLS_FULL;
		int r = wolfSSL_read(ssl, buf_tail(plain), (int)(plain->cap - plain->tail));
		if (r <= 0)
			return any ? TLS_PLAIN : judge(tls, r);
		buf_commit(plain, (size_t)r);
		any = true;
		want = (size_t)wolfSSL_pending(ssl);
	} while (want);
	return TLS_PLAIN;
}

enum tls_result tls_take_plain(struct tls *tls, struct buf *plain)
{
	struct tls_session *session = tls->session;
	enum tls_result r = TLS_MORE;

	if (tls->error)
		return TLS_FAIL;
	tls_accel_enter(session->accel);
	if (!tls->is_open)
		r = shake_hands(tls);
	if (tls->is_open && r == TLS_MORE)
		r = read_plain(tls, plain);
	keep_ticket(session);
	tls_accel_enter(NULL);
	return r;
}

bool tls_put_plain(struct tls *tls, struct buf *plain, size_t bytes_max)
{
	size_t n = buf_len(plain) < bytes_max ? buf_len(plain) : bytes_max;

	if (tls->error)
		return false;
	if (!n)
		return true;
	check(tls->is_open);
	if (!buf_room(&tls->cipher, n + (n / TLS_RECORD_BYTES_MAX + 1) * RECORD_OVERHEAD_BYTES)) {
		tls->overflowed = true;
		return fail(tls, MEMORY_E) != TLS_FAIL;
	}
	tls_accel_enter(tls->session->accel);
	int r = wolfSSL_write(tls->session->ssl, buf_data(plain), (int)n);
	if (r != (int)n)
		fail(tls, wolfSSL_get_error(tls->session->ssl, r));
	else
		buf_consume(plain, n);
	tls_accel_enter(NULL);
	return !tls->error;
}

void tls_end(struct tls *tls)
{
	if (!tls->session || !tls->is_open || tls->error)
		return;
	tls_accel_enter(tls->session->accel);
	wolfSSL_shutdown(tls->session->ssl);
	tls_accel_enter(NULL);
}

const char *tls_why(const struct tls *tls, char *out, size_t out_bytes)
{
	static const struct {
		int error;
		const char *why;
	} sentences[] = {
		{ ASN_AFTER_DATE_E, "the peer's certificate has expired" },
		{ ASN_BEFORE_DATE_E, "the peer's certificate is not valid yet" },
		{ ASN_NO_SIGNER_E, "the peer's certificate was issued by an unknown CA" },
		{ ASN_SELF_SIGNED_E, "the peer's certificate is signed by itself" },
		{ ASN_SIG_CONFIRM_E, "the signature of the peer's certificate is wrong" },
		{ DOMAIN_NAME_MISMATCH, "the peer's certificate is for another host" },
		{ VERSION_ERROR, "the peer speaks no TLS version that is allowed here" },
		{ MATCH_SUITE_ERROR, "the peer offers no cipher suite that is allowed here" },
		{ SOCKET_PEER_CLOSED_E, "the peer hung up" },
		{ MEMORY_E, "no memory" },
	};
	char text[WOLFSSL_MAX_ERROR_SZ];
	WOLFSSL_ALERT_HISTORY alerts;

	for (size_t i = 0; i < ARRAY_COUNT(sentences); i++) {
		if (tls->error == sentences[i].error) {
			snprintf(out, out_bytes, "%s", sentences[i].why);
			return out;
		}
	}
	if (tls->overflowed)
		snprintf(out, out_bytes, "no room for TLS records");
	else if (tls->error == FATAL_ERROR && tls->session
		&& wolfSSL_get_alert_history(tls->session->ssl, &alerts) == WOLFSSL_SUCCESS
		&& alerts.last_rx.code >= 0)
		snprintf(out, out_bytes, "the peer sent the alert %d (%s)", alerts.last_rx.code,
			wolfSSL_alert_desc_string_long(alerts.last_rx.code));
	else
		snprintf(out, out_bytes, "%s (%d)", wolfSSL_ERR_error_string((unsigned long)tls->error, text),
			tls->error);
	return out;
}

const char *tls_suite(const struct tls *tls, char *out, size_t out_bytes)
{
	out[0] = '\0';
	if (tls->session && tls->is_open)
		snprintf(out, out_bytes, "%s %s", wolfSSL_get_version(tls->session->ssl),
			wolfSSL_get_cipher(tls->session->ssl));
	return out;
}
