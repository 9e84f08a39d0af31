#include "relay/tls_look.h"

#include "relay/tls_parts.h"

#include <string.h>
#include <time.h>

static int64_t moment_ms(const WOLFSSL_ASN1_TIME *at)
{
	struct tm utc = { 0 };

	return at && wolfSSL_ASN1_TIME_to_tm(at, &utc) == WOLFSSL_SUCCESS ? (int64_t)timegm(&utc) * 1000 : 0;
}

bool tls_look(const char *cert_file, const char *host, struct tls_look *out)
{
	WOLFSSL_X509 *certificate = wolfSSL_X509_load_certificate_file(cert_file, WOLFSSL_FILETYPE_PEM);

	if (!certificate)
		return false;
	*out = (struct tls_look){
		.from_ms = moment_ms(wolfSSL_X509_get_notBefore(certificate)),
		.until_ms = moment_ms(wolfSSL_X509_get_notAfter(certificate)),
		.is_for_host = !host || !host[0] ||
			wolfSSL_X509_check_host(certificate, host, strlen(host), 0, NULL) == WOLFSSL_SUCCESS,
	};
	wolfSSL_X509_free(certificate);
	return true;
}
