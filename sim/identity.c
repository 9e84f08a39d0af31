#include "sim/identity.h"

#include "base/check.h"

#include <stdio.h>

void identity_sid(const char *letters, const uint8_t random_bytes[16], char out[IDENTITY_SID_BYTES + 1])
{
	snprintf(out, IDENTITY_SID_BYTES + 1, "%.2s", letters);
	for (int i = 0; i < 16; i++)
		snprintf(out + 2 + 2 * i, 3, "%02x", random_bytes[i]);
}

void identity_uuid(const uint8_t random_bytes[16], char out[IDENTITY_UUID_BYTES + 1])
{
	uint8_t b[16];

	memcpy(b, random_bytes, sizeof b);
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	snprintf(out, IDENTITY_UUID_BYTES + 1,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
		b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

bool identity_form(const struct identity *id, struct form *form, const char *call_status)
{
	const struct {
		const char *name, *value;
	} fields[] = {
		{ "AccountSid", id->account_sid },
		{ "ApiVersion", "2010-04-01" },
		{ "CallSid", id->call_sid },
		{ "CallStatus", call_status },
		{ "Called", id->to },
		{ "CalledCity", "" },
		{ "CalledCountry", "US" },
		{ "CalledState", "CA" },
		{ "CalledZip", "94105" },
		{ "Caller", id->from },
		{ "CallerCity", "SAN FRANCISCO" },
		{ "CallerCountry", "US" },
		{ "CallerState", "CA" },
		{ "CallerZip", "94105" },
		{ "Direction", "inbound" },
		{ "From", id->from },
		{ "FromCity", "SAN FRANCISCO" },
		{ "FromCountry", "US" },
		{ "FromState", "CA" },
		{ "FromZip", "94105" },
		{ "StirVerstat", "TN-Validation-Passed-A" },
		{ "To", id->to },
		{ "ToCity", "" },
		{ "ToCountry", "US" },
		{ "ToState", "CA" },
		{ "ToZip", "94105" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		if (!form_add(form, slice_of(fields[i].name), slice_of(fields[i].value)))
			return false;
	}
	return true;
}
