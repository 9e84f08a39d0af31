/*
 * phone_options - the command line of receptionai-sim-phone: one table of options, checked before anything happens.
 *
 * Place:    sim; read by the phone and the load generator.
 * Usage:    switch (phone_options_read(&o, argc, argv)) { case PHONE_OPTIONS_RUN: …; SHOWN: exit 0; WRONG: exit 2 }
 * Lifetime: texts borrow from argv; phone_options_close() frees what was read from the settings.
 * Fails:    WRONG, with a sentence on stderr.
 */
#pragma once

#include "base/conf.h"
#include "proto/twilio.h"
#include "sim/dialled.h"
#include "sim/phone_fault.h"
#include "sim/script.h"
#include "sim/speech_say.h"
#include "sim/webhook.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PHONE_PAIR_COUNT_MAX = TWILIO_PARAMETER_COUNT_MAX,
	PHONE_CALL_COUNT_MAX = 4096,
	PHONE_ENTRY_COUNT_MAX = 8,
	PHONE_ENTRY_BYTES_MAX = 32,
};

enum phone_hangup { PHONE_HANGUP_STOP, PHONE_HANGUP_CLOSE, PHONE_HANGUP_RESET, PHONE_HANGUP_VANISH,
	PHONE_HANGUP_FREEZE };
enum phone_message_end { PHONE_MESSAGE_SILENCE, PHONE_MESSAGE_KEY, PHONE_MESSAGE_HANGUP };
enum phone_profile { PHONE_PROFILE_ECHO, PHONE_PROFILE_REAL };

struct phone_pair {
	struct slice name, value;
};

struct phone_options {
	/* whom to call */
	const char *webhook, *stream;
	const char *to, *from;
	const char *token, *account_sid, *call_sid;
	const char *public_origin;
	char local_origin[512];         /* of the webhook */
	const char *status_callback, *fallback_url;
	const char *ca_file, *relay_at;
	bool use_get, insecure, allow_ws, quick;
	enum webhook_signing signing;
	struct dialled dialled;         /* the people whom <Dial> rings */
	const char *message;            /* what the caller says behind <Record>'s beep; "": nothing */
	enum phone_message_end message_end;
	const char *entries[PHONE_ENTRY_COUNT_MAX];     /* keyed in at one <Gather> after the other */
	size_t entry_count;
	const char *api_url;            /* RecordingUrl begins with it */
	const char *recordings_path;    /* NULL: what callers leave is not kept */
	struct phone_pair fields[PHONE_PAIR_COUNT_MAX], parameters[PHONE_PAIR_COUNT_MAX];
	size_t field_count, parameter_count;
	/* what the caller does */
	struct script script;
	enum speech_voice voice;
	const char *replay_path;        /* NULL: a script */
	bool stay;
	uint32_t hangup_after_ms;       /* 0: by the script */
	enum phone_hangup hangup;
	enum twilio_dialect dialect;
	uint32_t fragment_bytes;        /* 0: whole messages */
	uint64_t faults;                /* phone_fault_on() */
	/* what is written */
	const char *heard_path, *stereo_path, *record_path;
	bool json, quiet;
	/* Twilio's REST API, as far as recordings go */
	const char *serve;              /* NULL: there is a call */
	uint32_t not_ready;
	/* load */
	uint32_t call_count;            /* 0: a single, spoken call */
	uint32_t seconds;
	uint32_t ramp_ms;
	enum phone_profile profile;
	const char *token_secret;
	int64_t merchant_id;            /* 0: none */
	struct conf conf;
};

enum phone_options_result { PHONE_OPTIONS_RUN, PHONE_OPTIONS_SHOWN, PHONE_OPTIONS_WRONG };

enum phone_options_result phone_options_read(struct phone_options *o, int argc, char **argv);
void phone_options_close(struct phone_options *o);
