#include "fcgi/diagnosis.h"

#include "base/clock.h"
#include "doctor/account.h"
#include "doctor/ask.h"
#include "doctor/database.h"
#include "doctor/host.h"
#include "doctor/relay_url.h"
#include "doctor/webhook_url.h"
#include "fcgi/relay_ask.h"

#include <stdio.h>

static void tell_relay(struct findings *f, const char *path, enum relay_state state, uint64_t took_ms, long ms_max)
{
	switch (state) {
	case RELAY_UP:
		return finding(f, FINDING_OK, "RELAY_SOCKET", "the relay answers there within %llu ms and takes "
			"calls", (unsigned long long)took_ms);
	case RELAY_ABSENT:
		return finding(f, FINDING_FAIL, "RELAY_SOCKET", "no relay answers at %s within RELAY_SOCKET_MS "
			"(%ld): is it running, with the same RELAY_SOCKET, and may the webhook's user write to "
			"that socket (it has mode 0660)? Until then every caller gets the fallback", path, ms_max);
	case RELAY_FULL:
		return finding(f, FINDING_WARN, "RELAY_SOCKET", "the relay is full: all RELAY_MAX_CALLS are in "
			"use");
	case RELAY_DRAINING:
		return finding(f, FINDING_WARN, "RELAY_SOCKET", "the relay is ending and takes no new calls");
	case RELAY_UNABLE:
		return finding(f, FINDING_FAIL, "RELAY_SOCKET", "the relay reaches no provider of a voice: "
			"receptionai-relay --check says why");
	case RELAY_UNKNOWN:
		return;
	}
}

static void check_relay(struct findings *f, const struct conf *conf)
{
	const char *path = conf_text(conf, RELAY_SOCKET);
	const struct notice notice = { .kind = NOTICE_ASK };
	long ms_max = conf_int(conf, RELAY_SOCKET_MS);

	if (!path[0])
		return finding(f, FINDING_WARN, "RELAY_SOCKET", "is empty: a relay that is down or full is noticed "
			"by its callers first; set it for both programs if they share a host");
	uint64_t begin_ms = clock_mono_ms();
	enum relay_state state = relay_ask(path, &notice, (uint32_t)ms_max);

	tell_relay(f, path, state, clock_mono_ms() - begin_ms, ms_max);
}

static void check_account(struct findings *f, const struct conf *conf, bool asks)
{
	const struct account_twilio twilio = {
		.api_url = conf_text(conf, TWILIO_API_URL),
		.sid = conf_text(conf, TWILIO_ACCOUNT_SID),
		.tokens = conf_text(conf, TWILIO_AUTH_TOKEN),
		.public_url = conf_text(conf, PUBLIC_URL),
		.db_path = conf_text(conf, RECEPTIONAI_DB),
	};

	if (asks)
		account_check_twilio(f, &twilio);
	else
		finding(f, FINDING_OK, "keys", "were not tried: --check --ask does, by requests that change "
			"nothing");
}

int webhook_diagnose(const struct webhook *w, bool asks)
{
	struct findings f = { .out = stdout };
	const struct webhook_url_plan plan = {
		.public_url = conf_text(w->conf, PUBLIC_URL),
		.auth_tokens = conf_text(w->conf, TWILIO_AUTH_TOKEN),
		.account_sid = conf_text(w->conf, TWILIO_ACCOUNT_SID),
	};

	ask_open();
	host_check_user(&f);
	host_check_clock(&f);
	database_check(&f, conf_text(w->conf, RECEPTIONAI_DB));
	webhook_url_check(&f, &plan);
	relay_url_check(&f, conf_text(w->conf, RELAY_URL), NULL);
	check_relay(&f, w->conf);
	check_account(&f, w->conf, asks);
	ask_close();
	return findings_sum(&f);
}
