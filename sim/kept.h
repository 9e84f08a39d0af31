/*
 * kept - recordings as Twilio keeps and hands them out: files in a folder, behind a password.
 *
 * Place:    sim; above wav and fal_http.
 * Usage:    kept_write(folder, "RE…", ulaw, bytes);                    the phone, when a caller has spoken
 *           kept_serve(&options)                                       receptionai-sim-phone --serve, until a signal
 * Serves:   GET and HEAD /2010-04-01/Accounts/AC…/Recordings/RE….wav (or without .wav), DELETE the same, and the
 *           errors of Twilio's REST API: 401 with 20003 without the account's name and token, 404 with 20404 for what
 *           is not there or, the first not_ready times that it is asked for, not yet.
 * Fails:    kept_write(): false. kept_serve(): an exit status, and a sentence on stderr.
 * Limits:   what fal_http can hold.
 * Source:   Twilio's REST API, recordings; error codes 20003, 20404.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool kept_write(const char *folder, const char *sid, const uint8_t *ulaw, size_t bytes);

struct kept_options {
	const char *listen;             /* "127.0.0.1:0"; the URL is printed */
	const char *folder;
	const char *account_sid, *token;
	uint32_t not_ready;
};

int kept_serve(const struct kept_options *options);
