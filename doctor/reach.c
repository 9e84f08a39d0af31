#include "doctor/reach.h"

#include "base/address.h"
#include "base/clock.h"
#include "proto/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY_MS = 86400000 };

/* --- where it is ------------------------------------------------------------------------------------ */

static bool is_literal(const char *host, struct sockaddr_storage *out)
{
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;

	*out = (struct sockaddr_storage){ 0 };
	if (inet_pton(AF_INET, host, &four->sin_addr) == 1)
		out->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1)
		out->ss_family = AF_INET6;
	return out->ss_family != 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcasecmp(text + len - end_len, end) == 0;
}

void reach_is_public(struct findings *f, const char *setting, struct slice host)
{
	struct sockaddr_storage address;
	char name[ASK_NAME_BYTES];

	if (!slice_copy(host, name, sizeof name))
		return finding(f, FINDING_FAIL, setting, "the host's name is too long");
	if (is_literal(name, &address)) {
		if (!address_is_public((struct sockaddr *)&address))
			finding(f, FINDING_WARN, setting, "Twilio cannot reach %s, an address of a private "
				"network: give the public name of this host, or of a tunnel to it", name);
	} else if (!strchr(name, '.') || ends_with(name, ".local") || ends_with(name, ".internal") ||
		ends_with(name, ".localhost")) {
		finding(f, FINDING_WARN, setting, "Twilio cannot find %s, a name of a private network: give the "
			"public name of this host, or of a tunnel to it", name);
	}
}

/* --- its certificates ------------------------------------------------------------------------------- */

static void write_day(int64_t at_ms, char out[16])
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm utc;

	gmtime_r(&at, &utc);
	strftime(out, 16, "%Y-%m-%d", &utc);
}

void reach_judge_days(struct findings *f, const char *about, const char *host, const struct ask_cert *certs,
	size_t count, int64_t now_ms)
{
	const struct ask_cert *first = NULL;
	char day[16];

	for (size_t i = 0; i < count; i++)
		if (certs[i].until_ms && (!first || certs[i].until_ms < first->until_ms))
			first = &certs[i];
	if (!first)
		return;
	write_day(first->until_ms, day);
	int64_t days = (first->until_ms - now_ms) / DAY_MS;

	if (first->until_ms <= now_ms)
		finding(f, FINDING_FAIL, about, "the certificate of %s (%s) has ended on %s: renew it", host,
			first->subject, day);
	else if (days < REACH_DAYS_LEAST)
		finding(f, FINDING_WARN, about, "the certificate of %s (%s) ends in %lld days, on %s: renew it, "
			"and see why that did not happen by itself", host, first->subject, (long long)days, day);
	else
		finding(f, FINDING_OK, about, "the certificate of %s is good for %lld days, until %s", host,
			(long long)days, day);
}

/* What of verification failed, and what mends it; libcurl's sentence has the detail. */
static void tell_distrust(struct findings *f, const char *setting, const char *host, const struct ask_answer *answer)
{
	const char *mend = "use a certificate of a public authority (Let's Encrypt, for one): Twilio trusts no other";
	const char *why = answer->why;

	if (strstr(why, "expired"))
		mend = "renew it";
	else if (strstr(why, "not yet valid"))
		mend = "its time has not begun, or the clock of this host is wrong";
	else if (strstr(why, "unable to get local issuer") && answer->cert_count <= 1)
		mend = "the server sends its own certificate without the intermediate ones: configure the whole "
			"chain (fullchain.pem)";
	else if (strstr(why, "subject name") || strstr(why, "does not match"))
		mend = "it is for another host: get one for this name, or correct the setting";
	finding(f, FINDING_FAIL, setting, "the certificate of %s does not hold (%s): %s", host, why, mend);
}

/* --- our clock -------------------------------------------------------------------------------------- */

static void judge_clock(struct findings *f, const char *host, const struct ask_answer *answer)
{
	/* A Date header has whole seconds, cut off. */
	int64_t skew_ms = answer->at_ms - (answer->date_ms + 500), size_ms = skew_ms < 0 ? -skew_ms : skew_ms;

	if (!answer->date_ms)
		return;
	if (size_ms > REACH_SKEW_MS)
		finding(f, size_ms > REACH_SKEW_MS_MOST ? FINDING_FAIL : FINDING_WARN, "clock", "this host's clock "
			"and that of %s are %lld seconds apart: let it be set by systemd-timesyncd or chrony; "
			"tokens, certificates and signatures depend on it", host, (long long)(size_ms / 1000));
	else
		finding(f, FINDING_OK, "clock", "agrees with that of %s", host);
}

/* --- all of it -------------------------------------------------------------------------------------- */

static void tell_absence(struct findings *f, const char *setting, const char *host, const struct ask_answer *answer)
{
	switch (answer->result) {
	case ASK_NO_NAME:
		return finding(f, FINDING_FAIL, setting, "the name %s is not known to DNS: enter it there, or "
			"correct the setting", host);
	case ASK_NO_CONNECTION:
		return finding(f, FINDING_FAIL, setting, "nobody answers at %s (%s): is the web server up, the "
			"port open in the firewall? A router that does not lead a host to its own public address "
			"shows the same from here", host, answer->why);
	case ASK_NO_TLS:
		return finding(f, FINDING_FAIL, setting, "%s speaks no TLS there (%s): give the port that does, or "
			"end TLS in front of it", host, answer->why);
	case ASK_BROKEN:
		return finding(f, FINDING_FAIL, setting, "%s gave no HTTP answer (%s): is that port a web "
			"server's?", host, answer->why);
	case ASK_NOT_TRUSTED:
	case ASK_ANSWERED:
		return;
	}
}

bool reach(struct findings *f, const char *setting, const struct ask *ask, struct ask_answer *out)
{
	struct url url;
	char host[ASK_NAME_BYTES] = "";

	if (!url_split(slice_of(ask->url), &url) || !slice_copy(url.authority, host, sizeof host)) {
		finding(f, FINDING_FAIL, setting, "not a URL");
		return false;
	}
	ask_for(ask, out);
	if (out->result == ASK_NOT_TRUSTED) {
		tell_distrust(f, setting, host, out);
		/* Nothing that is meant for the right host alone goes to one that is not proven to be it. */
		const struct ask again = { .url = ask->url, .ca_file = ask->ca_file, .trusts = true };

		ask_for(&again, out);
	} else if (out->result == ASK_ANSWERED && url.is_tls) {
		reach_judge_days(f, setting, host, out->certs, out->cert_count, clock_wall_ms());
	}
	if (out->result == ASK_ANSWERED)
		judge_clock(f, host, out);
	tell_absence(f, setting, host, out);
	return out->result == ASK_ANSWERED;
}
