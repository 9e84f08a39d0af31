/*
 * identity - who calls whom, and the parameters that Twilio sends about it.
 *
 * Place:    sim, pure; above proto/form.
 * Usage:    fill the struct in; identity_sid("CA", random_bytes, id.call_sid);
 *           identity_form(&id, &form, "ringing"); form_add(&form, …) for what is special to the request
 * Lifetime: forms borrow from the identity.
 * Source:   Twilio, request parameters of voice webhooks; captures of inbound calls (Caller, Called, geography).
 */
#pragma once

#include "base/limits.h"
#include "proto/form.h"

#include <stdint.h>

enum { IDENTITY_SID_BYTES = 34, IDENTITY_UUID_BYTES = 36 };

struct identity {
	char account_sid[SID_BYTES_MAX + 1];
	char call_sid[SID_BYTES_MAX + 1];
	char stream_sid[SID_BYTES_MAX + 1];
	char from[PHONE_BYTES_MAX + 1], to[PHONE_BYTES_MAX + 1];
};

/* Two letters and 32 hexadecimal digits, with a final NUL. */
void identity_sid(const char *letters, const uint8_t random_bytes[16], char out[IDENTITY_SID_BYTES + 1]);
/* A version 4 UUID. */
void identity_uuid(const uint8_t random_bytes[16], char out[IDENTITY_UUID_BYTES + 1]);
/* The standard parameters, in alphabetical order as in Twilio's captures. false if the form is full. */
bool identity_form(const struct identity *id, struct form *form, const char *call_status);
