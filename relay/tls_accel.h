/*
 * tls_accel - fast AES-GCM for a wolfSSL that has only C code for it, as a device of its crypto callbacks.
 *
 * Place:    below tls, above aes_gcm.
 * Usage:    tls_accel_start() once; each session: accel = tls_accel_new(); tls_accel_enter(accel) before and
 *           tls_accel_enter(NULL) after each call into wolfSSL.
 * Threads:  a session's accel belongs to the session's thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct tls_accel;

/* Measures wolfSSL against libcrypto, takes the better one and logs it. false with a sentence: wolfSSL is broken. */
bool tls_accel_start(char *why, size_t why_bytes);
/* The device for wolfSSL_CTX_SetDevId(); INVALID_DEVID: wolfSSL is fast itself. */
int tls_accel_device(void);
/* Keys and state of one session; NULL without memory. */
struct tls_accel *tls_accel_new(void);
void tls_accel_free(struct tls_accel *accel);
/* Whose records the thread is about to work on. */
void tls_accel_enter(struct tls_accel *accel);
