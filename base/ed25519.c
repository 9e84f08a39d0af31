#include "base/ed25519.h"

#include "base/check.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/ed25519.h>

bool ed25519_verify(const uint8_t key[ED25519_KEY_BYTES], const void *message, size_t len,
	const uint8_t signature[ED25519_SIGNATURE_BYTES])
{
	ed25519_key theirs;
	int is_genuine = 0;

	check(wc_ed25519_init(&theirs) == 0);
	if (wc_ed25519_import_public(key, ED25519_KEY_BYTES, &theirs) != 0 ||
		wc_ed25519_verify_msg(signature, ED25519_SIGNATURE_BYTES, message, (word32)len, &is_genuine,
			&theirs) != 0)
		is_genuine = 0;
	wc_ed25519_free(&theirs);
	return is_genuine == 1;
}
