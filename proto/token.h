/*
 * token - the short-lived proof, in a stream's URL, that our webhook sent Twilio there for this very call.
 *
 * Place:    proto, above digest. The webhook writes, the relay checks before it answers 101.
 * Usage:    token_keys_derive(&keys, conf_text(&conf, STREAM_TOKEN_SECRET), conf_text(&conf, TWILIO_AUTH_TOKEN));
 *           token_write(&keys, &token, out);
 *           if (token_check(&keys, segment, now_ms, &token) != TOKEN_OK) answer 403;
 *           The relay also remembers each nonce until it expires (single use) and compares start.callSid.
 * Form:     base64url without padding over  version(1) expiry ms(8) nonce(8) merchant(8) CallSid(1..64) MAC(16),
 *           integers big endian; MAC is HMAC-SHA256 over what stands before it, cut to 16 bytes. One spelling only:
 *           stray low bits in the last character are refused.
 * Rotation: a token is written with the first key and accepted by any, so programs may learn of a new auth token
 *           one after the other.
 * Fails:    TOKEN_MALFORMED: not a token's shape; TOKEN_FOREIGN: the MAC is not ours (or there is no key);
 *           TOKEN_EXPIRED: ours, too late. *out is set for TOKEN_OK and TOKEN_EXPIRED only.
 */
#pragma once

#include "base/digest.h"
#include "base/limits.h"
#include "base/slice.h"

#include <stddef.h>
#include <stdint.h>

enum { TOKEN_NONCE_BYTES = 8, TOKEN_KEY_COUNT_MAX = 4 };

enum token_result { TOKEN_OK, TOKEN_MALFORMED, TOKEN_FOREIGN, TOKEN_EXPIRED };

struct token {
	int64_t expires_ms;             /* since 1970; good until and including that millisecond */
	int64_t merchant_id;
	uint8_t nonce[TOKEN_NONCE_BYTES];  /* random: makes each token a single one */
	char call_sid[SID_BYTES_MAX + 1];
};

struct token_keys {
	uint8_t keys[TOKEN_KEY_COUNT_MAX][SHA256_BYTES];
	size_t key_count;
};

/* From STREAM_TOKEN_SECRET or, if that is empty, from each of the comma separated auth tokens. Both empty: no key. */
void token_keys_derive(struct token_keys *keys, const char *stream_secret, const char *auth_tokens);
/* `keys` has a key and call_sid is not empty: check()s. A final NUL is written. */
void token_write(const struct token_keys *keys, const struct token *token, char out[TOKEN_BYTES_MAX + 1]);
enum token_result token_check(const struct token_keys *keys, struct slice text, int64_t now_ms,
	struct token *out_token);
/* A word for logs and metrics: "ok", "malformed", ... */
const char *token_result_name(enum token_result result);
