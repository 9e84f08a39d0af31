/*
 * webhook_url - PUBLIC_URL: whether Twilio's requests to it come to our webhook, and as they were signed.
 *
 * Place:    doctor, above reach and proto's signature.
 * Usage:    webhook_url_check(&f, &plan)
 * How:      asks for /healthz, then posts a status of a call that there is not, signed as Twilio would, to a URL with a
 *           query that a meddling proxy would change: 204 proves that the webhook behind it sees the request as it was
 *           signed, knows the same token and the same account. Nothing is written.
 */
#pragma once

#include "doctor/finding.h"

struct webhook_url_plan {
	const char *public_url;         /* PUBLIC_URL */
	const char *auth_tokens;        /* TWILIO_AUTH_TOKEN; "": the signature is not tried */
	const char *account_sid;        /* TWILIO_ACCOUNT_SID; "": any */
	const char *ca_file;            /* NULL or "": the system's roots */
};

void webhook_url_check(struct findings *f, const struct webhook_url_plan *plan);
