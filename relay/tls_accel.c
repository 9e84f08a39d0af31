/*
 * AES-GCM by libcrypto. Debian's wolfSSL has no AES instructions in it (a record costs ten times as much); wolfSSL hands
 * AES-GCM to a registered device instead, which is what this is.
 *
 * Each session has one cipher context a direction. wolfSSL's callback does not say whose record it is, so the session in
 * work is noted around each call; a key is loaded into its context when it changes, so a record costs no allocation.
 */
#include "relay/tls_parts.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

enum { ACCEL_DEVICE = 0x5241, KEY_BYTES_MAX = 32, NONCE_BYTES = 12 };

struct direction {
	EVP_CIPHER_CTX *evp;
	const Aes *aes;                 /* whose key is loaded */
	uint32_t key_bytes;
	uint8_t key[KEY_BYTES_MAX];
};

struct tls_accel {
	struct direction seal, unseal;
};

static int device = INVALID_DEVID;
static _Thread_local struct tls_accel *current;

int tls_accel_device(void)
{
	return device;
}

void tls_accel_enter(struct tls_accel *accel)
{
	current = accel;
}

struct tls_accel *tls_accel_new(void)
{
	struct tls_accel *accel = calloc(1, sizeof *accel);

	if (!accel || device == INVALID_DEVID)
		return accel;
	accel->seal.evp = EVP_CIPHER_CTX_new();
	accel->unseal.evp = EVP_CIPHER_CTX_new();
	if (accel->seal.evp && accel->unseal.evp)
		return accel;
	tls_accel_free(accel);
	return NULL;
}

void tls_accel_free(struct tls_accel *accel)
{
	if (!accel)
		return;
	EVP_CIPHER_CTX_free(accel->seal.evp);
	EVP_CIPHER_CTX_free(accel->unseal.evp);
	OPENSSL_cleanse(accel, sizeof *accel);
	free(accel);
}

static const EVP_CIPHER *cipher_for(uint32_t key_bytes)
{
	return key_bytes == 16 ? EVP_aes_128_gcm() : key_bytes == 32 ? EVP_aes_256_gcm() : NULL;
}

static bool load_key(struct direction *d, const Aes *aes, bool sealing)
{
	uint32_t key_bytes = (uint32_t)aes->keylen;

	if (d->aes == aes && d->key_bytes == key_bytes && memcmp(d->key, aes->devKey, key_bytes) == 0)
		return true;
	if (!cipher_for(key_bytes))
		return false;
	d->aes = NULL;
	if (EVP_CipherInit_ex(d->evp, cipher_for(key_bytes), NULL, (const uint8_t *)aes->devKey, NULL, sealing) != 1)
		return false;
	memcpy(d->key, aes->devKey, key_bytes);
	d->key_bytes = key_bytes;
	d->aes = aes;
	return true;
}

static int seal(wc_CryptoInfo *info)
{
	__typeof__(info->cipher.aesgcm_enc) *r = &info->cipher.aesgcm_enc;
	struct direction *d = &current->seal;
	int n = 0;

	if (r->ivSz != NONCE_BYTES || !load_key(d, r->aes, true))
		return CRYPTOCB_UNAVAILABLE;
	bool ok = EVP_EncryptInit_ex(d->evp, NULL, NULL, NULL, r->iv) == 1
		&& EVP_EncryptUpdate(d->evp, NULL, &n, r->authIn, (int)r->authInSz) == 1
		&& EVP_EncryptUpdate(d->evp, r->out, &n, r->in, (int)r->sz) == 1
		&& EVP_EncryptFinal_ex(d->evp, r->out + n, &n) == 1
		&& EVP_CIPHER_CTX_ctrl(d->evp, EVP_CTRL_AEAD_GET_TAG, (int)r->authTagSz, r->authTag) == 1;
	return ok ? 0 : WC_HW_E;
}

static int unseal(wc_CryptoInfo *info)
{
	__typeof__(info->cipher.aesgcm_dec) *r = &info->cipher.aesgcm_dec;
	struct direction *d = &current->unseal;
	int n = 0;

	if (r->ivSz != NONCE_BYTES || !load_key(d, r->aes, false))
		return CRYPTOCB_UNAVAILABLE;
	bool ok = EVP_DecryptInit_ex(d->evp, NULL, NULL, NULL, r->iv) == 1
		&& EVP_DecryptUpdate(d->evp, NULL, &n, r->authIn, (int)r->authInSz) == 1
		&& EVP_DecryptUpdate(d->evp, r->out, &n, r->in, (int)r->sz) == 1
		&& EVP_CIPHER_CTX_ctrl(d->evp, EVP_CTRL_AEAD_SET_TAG, (int)r->authTagSz,
			(void *)(uintptr_t)r->authTag) == 1;
	if (!ok)
		return WC_HW_E;
	return EVP_DecryptFinal_ex(d->evp, r->out + n, &n) == 1 ? 0 : AES_GCM_AUTH_E;
}

static int accelerate(int id, wc_CryptoInfo *info, void *user)
{
	(void)id;
	(void)user;
	if (!current || info->algo_type != WC_ALGO_TYPE_CIPHER || info->cipher.type != WC_CIPHER_AES_GCM)
		return CRYPTOCB_UNAVAILABLE;
	return info->cipher.enc ? seal(info) : unseal(info);
}

/* --- probing ---------------------------------------------------------------------------------------- */

/* GCM specification (McGrew, Viega), test case 4: AES-128, 60 bytes, 20 bytes of additional data. */
static const uint8_t KEY[16] = { 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08 };
static const uint8_t NONCE[12] = { 0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88 };
static const uint8_t PLAIN[60] = {
	0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5, 0xaf, 0xf5, 0x26, 0x9a,
	0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda, 0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31, 0x8a, 0x72,
	0x1c, 0x3c, 0x0c, 0x95, 0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49, 0xa6, 0xb5, 0x25,
	0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39,
};
static const uint8_t MORE[20] = {
	0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef,
	0xab, 0xad, 0xda, 0xd2,
};
static const uint8_t TAG[16] = { 0x5b, 0xc9, 0x4f, 0xbc, 0x32, 0x21, 0xa5, 0xdb, 0x94, 0xfa, 0xe9, 0x5a, 0xe7, 0x12, 0x1a, 0x47 };

static bool known_answer(int id)
{
	uint8_t sealed[sizeof PLAIN], unsealed[sizeof PLAIN], tag[sizeof TAG];
	Aes aes;

	if (wc_AesInit(&aes, NULL, id) != 0)
		return false;
	bool ok = wc_AesGcmSetKey(&aes, KEY, sizeof KEY) == 0
		&& wc_AesGcmEncrypt(&aes, sealed, PLAIN, sizeof PLAIN, NONCE, sizeof NONCE, tag, sizeof tag, MORE,
			sizeof MORE) == 0
		&& memcmp(tag, TAG, sizeof TAG) == 0
		&& wc_AesGcmDecrypt(&aes, unsealed, sealed, sizeof sealed, NONCE, sizeof NONCE, tag, sizeof tag, MORE,
			sizeof MORE) == 0
		&& memcmp(unsealed, PLAIN, sizeof PLAIN) == 0;
	tag[0] ^= 1;
	ok = ok && wc_AesGcmDecrypt(&aes, unsealed, sealed, sizeof sealed, NONCE, sizeof NONCE, tag, sizeof tag, MORE,
		sizeof MORE) == AES_GCM_AUTH_E;
	wc_AesFree(&aes);
	return ok;
}

/* Nanoseconds that sealing a record of 1024 bytes takes: the best of a few tries. */
static uint64_t measure_ns(int id)
{
	static uint8_t record[1024];
	uint8_t tag[16];
	uint64_t best_ns = UINT64_MAX;
	Aes aes;

	if (wc_AesInit(&aes, NULL, id) != 0)
		return best_ns;
	wc_AesGcmSetKey(&aes, KEY, sizeof KEY);
	for (int i = 0; i < 20; i++) {
		uint64_t begin_ns = clock_mono_ns();

		wc_AesGcmEncrypt(&aes, record, record, sizeof record, NONCE, sizeof NONCE, tag, sizeof tag, MORE, 13);
		uint64_t took_ns = clock_mono_ns() - begin_ns;
		best_ns = took_ns < best_ns ? took_ns : best_ns;
	}
	wc_AesFree(&aes);
	return best_ns;
}

static bool probe_device(uint64_t *out_ns)
{
	device = ACCEL_DEVICE;
	struct tls_accel *accel = tls_accel_new();
	bool ok = accel && wc_CryptoCb_RegisterDevice(device, accelerate, NULL) == 0;

	tls_accel_enter(accel);
	ok = ok && known_answer(device);
	*out_ns = ok ? measure_ns(device) : UINT64_MAX;
	tls_accel_enter(NULL);
	tls_accel_free(accel);
	return ok;
}

bool tls_accel_start(char *why, size_t why_bytes)
{
	uint64_t own_ns, device_ns;

	if (!known_answer(INVALID_DEVID)) {
		snprintf(why, why_bytes, "wolfSSL's AES-GCM is broken");
		return false;
	}
	own_ns = measure_ns(INVALID_DEVID);
	bool ok = probe_device(&device_ns);
	if (!ok || own_ns <= device_ns + device_ns / 2) {
		wc_CryptoCb_UnRegisterDevice(ACCEL_DEVICE);
		device = INVALID_DEVID;
	}
	log_info("tls ready library=wolfSSL-%s aes_gcm=%s record_1k_ns=%llu libcrypto_ns=%lld", wolfSSL_lib_version(),
		device == INVALID_DEVID ? "wolfSSL" : "libcrypto", (unsigned long long)own_ns,
		ok ? (long long)device_ns : -1);
	return true;
}
