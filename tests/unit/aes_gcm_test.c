/* libcrypto's AES-GCM against published vectors and against wolfCrypt's, which knows nothing of it. */
#include "relay/aes_gcm.h"

#include "tests/unit/unit.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/aes.h>

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;

	for (; text[0] && text[1]; text += 2) {
		char digits[3] = { text[0], text[1], '\0' };

		out[n++] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return n;
}

struct vector {
	const char *key, *nonce, *more, *plain, *cipher, *tag;
};

/* McGrew and Viega, "The Galois/Counter Mode of Operation": test cases 1 to 4 and 13 to 16. */
static const struct vector vectors[] = {
	{ "00000000000000000000000000000000", "000000000000000000000000", "", "", "",
		"58e2fccefa7e3061367f1d57a4e7455a" },
	{ "00000000000000000000000000000000", "000000000000000000000000", "", "00000000000000000000000000000000",
		"0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf" },
	{ "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
		"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
		"5bc94fbc3221a5db94fae95ae7121a47" },
	{ "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "",
		"530f8afbc74536b9a963b4f1c4cb738b" },
	{ "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
		"feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
		"76fc6ece0f4e1768cddf8853bb2d551b" },
};

static void published_vectors_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		const struct vector *v = &vectors[i];
		uint8_t key[32], nonce[12], more[64], plain[64], cipher[64], tag[16], out[64], got[16];
		struct aes_gcm seal, unseal;
		size_t key_len = unhex(v->key, key);

		unhex(v->nonce, nonce);
		unhex(v->tag, tag);
		unhex(v->cipher, cipher);
		struct aes_gcm_record r = { nonce, more, unhex(v->more, more), plain, out, unhex(v->plain, plain) };
		assert_true(aes_gcm_open(&seal, true) && aes_gcm_open(&unseal, false));
		assert_true(aes_gcm_load(&seal, key, key_len) && aes_gcm_load(&unseal, key, key_len));
		assert_true(aes_gcm_seal(&seal, &r, got, 16));
		assert_memory_equal(got, tag, 16);
		assert_memory_equal(out, cipher, r.len);
		r.in = cipher;
		assert_true(aes_gcm_unseal(&unseal, &r, tag, 16));
		assert_memory_equal(out, plain, r.len);
		tag[15] ^= 1;
		assert_false(aes_gcm_unseal(&unseal, &r, tag, 16));
		aes_gcm_close(&seal);
		aes_gcm_close(&unseal);
	}
}

/* Every length up to a few blocks, then some; keys change now and then; in place as TLS does it. */
static void it_agrees_with_wolfcrypt_for_all_lengths_and_keys(void **state)
{
	static uint8_t bytes[4096], mine[4096], theirs[4096];
	uint8_t key[32], nonce[12], my_tag[16], their_tag[16];
	struct aes_gcm seal, unseal;
	uint32_t seed = 1;
	Aes aes;

	(void)state;
	assert_true(aes_gcm_open(&seal, true) && aes_gcm_open(&unseal, false));
	assert_int_equal(wc_AesInit(&aes, NULL, INVALID_DEVID), 0);
	for (size_t len = 0; len < sizeof bytes; len += len < 200 ? 1 : 97) {
		size_t key_len = len % 2 ? 16 : 32, more_len = len % 20;

		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
		memcpy(key, bytes + 100, 32);
		memcpy(nonce, bytes + 7, 12);
		memcpy(mine, bytes, len);
		struct aes_gcm_record r = { nonce, bytes, more_len, mine, mine, len };
		assert_true(aes_gcm_load(&seal, key, key_len) && aes_gcm_load(&unseal, key, key_len));
		assert_true(aes_gcm_seal(&seal, &r, my_tag, 16));
		assert_int_equal(wc_AesGcmSetKey(&aes, key, (word32)key_len), 0);
		assert_int_equal(wc_AesGcmEncrypt(&aes, theirs, bytes, (word32)len, nonce, 12, their_tag, 16, bytes,
			(word32)more_len), 0);
		assert_memory_equal(mine, theirs, len);
		assert_memory_equal(my_tag, their_tag, 16);
		assert_true(aes_gcm_unseal(&unseal, &r, their_tag, 16));
		assert_memory_equal(mine, bytes, len);
	}
	wc_AesFree(&aes);
	aes_gcm_close(&seal);
	aes_gcm_close(&unseal);
}

static void keys_of_other_lengths_are_refused(void **state)
{
	struct aes_gcm g;

	(void)state;
	assert_true(aes_gcm_open(&g, true));
	assert_false(aes_gcm_load(&g, "0123456789abcdef01234567", 24));
	assert_false(aes_gcm_load(&g, "", 0));
	assert_true(aes_gcm_load(&g, "0123456789abcdef", 16));
	aes_gcm_close(&g);
	aes_gcm_close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_agree),
		cmocka_unit_test(it_agrees_with_wolfcrypt_for_all_lengths_and_keys),
		cmocka_unit_test(keys_of_other_lengths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
