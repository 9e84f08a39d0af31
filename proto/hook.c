#include "proto/hook.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/digest.h"

void hook_sign(struct slice secret, int64_t timestamp_s, struct slice body, char out[HOOK_SIGNATURE_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	char memory[32];
	uint8_t mac[SHA256_BYTES];
	struct buf stamp;

	buf_init_fixed(&stamp, memory, sizeof memory);
	check(buf_printf(&stamp, "%lld.", (long long)timestamp_s));
	const struct digest_piece pieces[] = {{buf_data(&stamp), buf_len(&stamp)}, {body.data, body.len}};

	digest_hmac_sha256(secret.data, secret.len, pieces, 2, mac);
	memcpy(out, "v1=", 3);
	for (size_t i = 0; i < sizeof mac; i++) {
		out[3 + 2 * i] = digits[mac[i] >> 4];
		out[4 + 2 * i] = digits[mac[i] & 15];
	}
	out[HOOK_SIGNATURE_BYTES - 1] = '\0';
}

bool hook_verify(struct slice secret, int64_t timestamp_s, struct slice body, struct slice signature)
{
	char expected[HOOK_SIGNATURE_BYTES];

	hook_sign(secret, timestamp_s, body, expected);
	return signature.len == sizeof expected - 1 && digest_equal(signature.data, expected, signature.len);
}
