/*
 * rest - one request to Twilio's REST API: a form goes in, what came of it comes out.
 *
 * Place:    outbound, above base, proto's form and json; the only file here that knows libcurl.
 * Usage:    rest_open(); rest_post(&account, "Calls.json", &form, &answer); rest_close()
 * Fails:    REST_NOT_SENT: nobody was reached, it may be tried again. REST_UNKNOWN: it was sent and no answer came:
 *           the call may have been placed. REST_REFUSED: answer.code and .message are Twilio's words.
 * Limits:   REST_CONNECT_MS to be reached, REST_ANSWER_MS in all; REST_BYTES_MAX of answer. Redirects are not followed:
 *           they would carry the password elsewhere.
 * Source:   twilio.com/docs/voice/api/call-resource; errors {code, message, more_info, status}.
 */
#pragma once

#include "base/limits.h"
#include "proto/form.h"

#include <stdint.h>

enum { REST_CONNECT_MS = 5000, REST_ANSWER_MS = 15000, REST_BYTES_MAX = 64 * 1024, REST_WHY_BYTES_MAX = 512 };

enum rest_result { REST_OK, REST_REFUSED, REST_NOT_SENT, REST_UNKNOWN };

struct rest_account {
	const char *api_url;            /* https://api.twilio.com/2010-04-01 */
	const char *sid;
	struct slice token;
};

struct rest_answer {
	long status;                    /* HTTP's; 0: none */
	int64_t code;                   /* Twilio's error code; 0: none */
	char sid[SID_BYTES_MAX + 1];
	char why[REST_WHY_BYTES_MAX];   /* a sentence unless REST_OK */
};

void rest_open(void);
void rest_close(void);
/* POST /Accounts/SID/`resource`. */
enum rest_result rest_post(const struct rest_account *account, const char *resource, const struct form *form,
	struct rest_answer *out);
