/*
 * AES-GCM by libcrypto. Debian's wolfSSL has no AES instructions in it (a record costs ten times as much); wolfSSL
 * hands AES-GCM to a registered device instead, which is what this is.
 *
 * Each session has one cipher context a direction. wolfSSL's callback does not say whose record it is, so the session
 * in work is noted around each call; a key is loaded when it changes, so a record costs no allocation.
 */
#include "relay/tls_accel.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "relay/aes_gcm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/options.h>
#include <wolfssl/version.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

enum { ACCEL_DEVICE = 0x5241 };

struct tls_accel {
	struct aes_gcm seal, unseal;
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
	if (aes_gcm_open(&accel->seal, true) && aes_gcm_open(&accel->unseal, false))
		return accel;
	tls_accel_free(accel);
	return NULL;
}

void tls_accel_free(struct tls_accel *accel)
{
	if (!accel)
		return;
	aes_gcm_close(&accel->seal);
	aes_gcm_close(&accel->unseal);
	free(accel);
}

static int seal(wc_CryptoInfo *info)
{
	__typeof__(info->cipher.aesgcm_enc) *r = &info->cipher.aesgcm_enc;
	struct aes_gcm_record record = { r->iv, r->authIn, r->authInSz, r->in, r->out, r->sz };

	if (r->ivSz != AES_GCM_NONCE_BYTES || !aes_gcm_load(&current->seal, r->aes->devKey, (size_t)r->aes->keylen))
		return CRYPTOCB_UNAVAILABLE;
	return aes_gcm_seal(&current->seal, &record, r->authTag, r->authTagSz) ? 0 : WC_HW_E;
}

static int unseal(wc_CryptoInfo *info)
{
	__typeof__(info->cipher.aesgcm_dec) *r = &info->cipher.aesgcm_dec;
	struct aes_gcm_record record = { r->iv, r->authIn, r->authInSz, r->in, r->out, r->sz };

	if (r->ivSz != AES_GCM_NONCE_BYTES
		|| !aes_gcm_load(&current->unseal, r->aes->devKey, (size_t)r->aes->keylen))
		return CRYPTOCB_UNAVAILABLE;
	return aes_gcm_unseal(&current->unseal, &record, r->authTag, r->authTagSz) ? 0 : AES_GCM_AUTH_E;
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
static const uint8_t KEY[16] = {
	0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08,
};
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
static const uint8_t TAG[16] = {
	0x5b, 0xc9, 0x4f, 0xbc, 0x32, 0x21, 0xa5, 0xdb, 0x94, 0xfa, 0xe9, 0x5a, 0xe7, 0x12, 0x1a, 0x47,
};

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
	log_info("tls ready library=wolfSSL-%s aes_gcm=%s wolfssl_1k_ns=%llu libcrypto_1k_ns=%lld",
		LIBWOLFSSL_VERSION_STRING,
		device == INVALID_DEVID ? "wolfSSL" : "libcrypto", (unsigned long long)own_ns,
		ok ? (long long)device_ns : -1);
	return true;
}
