/*
 * account - API keys, tried by a request that changes and costs nothing: only when the operator asks for it.
 *
 * Place:    doctor, above reach, db's state and proto's json.
 * Usage:    account_check_twilio(&f, &twilio);  account_check_voice(&f, &voice);
 * Twilio:   the account is fetched: is it active? Then each number of an active merchant: is it the account's, does it
 *           call PUBLIC_URL by POST, and does it tell of the call's end?
 * Voice:    GET /v1/api-key at xAI, /v1/models elsewhere: is the key known, and not blocked?
 * Rules:    keys and whole numbers appear in no finding.
 * Limits:   ACCOUNT_NUMBERS_MAX numbers.
 * Source:   twilio.com/docs/iam/api/account, /phone-numbers/api/incomingphonenumber-resource; docs.x.ai, API reference.
 */
#pragma once

#include "doctor/finding.h"

enum { ACCOUNT_NUMBERS_MAX = 20 };

struct account_twilio {
	const char *api_url;            /* TWILIO_API_URL */
	const char *sid, *tokens;       /* TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN */
	const char *public_url;
	const char *db_path;
};

void account_check_twilio(struct findings *f, const struct account_twilio *twilio);

struct account_voice {
	const char *setting;            /* that holds the key */
	const char *url;                /* wss://api.x.ai/v1/realtime */
	const char *key;
	const char *page;               /* "api-key", "models" */
	const char *ca_file;
};

void account_check_voice(struct findings *f, const struct account_voice *voice);
