/* A key that does not belong to its certificate shows in a handshake with ourselves, at start and not at the first
 * call. (wolfSSL 5.5's own check passes foreign ECDSA keys.) */
#include "relay/tls_parts.h"

#include "base/check.h"

static bool carry(struct tls *from, struct tls *to, struct buf *plain)
{
	struct buf *cipher = &from->cipher;
	size_t len = buf_len(cipher);

	tls_put_cipher(to, buf_data(cipher), len);
	while (tls_take_plain(to, plain) == TLS_PLAIN)
		;
	to->in_len = 0;
	buf_consume(cipher, len);
	return len > 0;
}

static bool shake_hands(struct tls *client, struct tls *server, struct pool *pool)
{
	struct buf plain;
	bool more = true;

	buf_init_pool(&plain, pool, TLS_RECORD_BYTES_MAX);
	tls_take_plain(client, &plain);
	while (more && !client->error && !server->error) {
		more = carry(client, server, &plain);
		more = carry(server, client, &plain) || more;
	}
	buf_release(&plain);
	return client->is_open && server->is_open;
}

bool tls_server_prove(struct tls_context *server_context, struct tls_context *client_context)
{
	const struct pool_plan plan[] = { { 2048, 8 }, { 8192, 8 }, { 65536, 8 } };
	struct tls server = { .session = NULL }, client = { .session = NULL };
	struct pool pool;

	if (pool_open(&pool, plan, ARRAY_COUNT(plan)) < 0)
		return false;
	bool ok = tls_open(&server, server_context, &pool, NULL) && tls_open(&client, client_context, &pool, "self")
		&& shake_hands(&client, &server, &pool);
	tls_close(&client);
	tls_close(&server);
	pool_close(&pool);
	return ok;
}
