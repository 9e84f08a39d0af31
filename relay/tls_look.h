/*
 * tls_look - what a certificate file says: whom it is for, and until when.
 *
 * Place:    relay, beside tls; for --check.
 * Usage:    if (tls_look(cert_file, "voice.example.com", &look)) judge(look.until_ms, look.is_for_host);
 * Fails:    false: the file holds no certificate in PEM.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct tls_look {
	int64_t from_ms, until_ms;      /* wall clock; 0: not readable */
	bool is_for_host;               /* true without a host, too */
};

/* The first certificate of the file. `host` NULL or "": any. */
bool tls_look(const char *cert_file, const char *host, struct tls_look *out);
