#include "doctor/relay_url.h"

#include "base/check.h"
#include "doctor/reach.h"
#include "proto/url.h"

#include <stdio.h>
#include <string.h>

enum { URL_BYTES = 1200 };

static const char about[] = "RELAY_URL";
static struct ask_answer answer;

/* wss: as https:, which is what libcurl knows; one segment more, where the token will be. */
static void make_url(const char *relay_url, const struct url *url, char out[URL_BYTES])
{
	int len = (int)(strlen(relay_url) - url->scheme.len);

	relay_url += url->scheme.len;
	while (len && relay_url[len - 1] == '/')
		len--;
	int n = snprintf(out, URL_BYTES, "%s%.*s/check", url->is_tls ? "https" : "http", len, relay_url);

	check(n > 0 && n < URL_BYTES);
}

/* The status that a wish to upgrade gets with that version and key; 0: no answer. */
static long wish(const char *url, const char *ca_file, const char *version, const char *key)
{
	const char *const headers[] = { "Connection: Upgrade", "Upgrade: websocket", version, key, NULL };
	const struct ask ask = { .url = url, .ca_file = ca_file, .headers = headers, .trusts = true };

	return ask_for(&ask, &answer) == ASK_ANSWERED ? answer.status : 0;
}

static void judge_status(struct findings *f, const char *relay_url, long status)
{
	if (status >= 300 && status < 400)
		finding(f, FINDING_FAIL, about, "%s is redirected (%ld) to %s: Twilio follows no redirect of a "
			"stream", relay_url, status, answer.location[0] ? answer.location : "nowhere");
	else if (status == 502 || status == 503 || status == 504)
		finding(f, FINDING_FAIL, about, "%s: %ld: the proxy is there, the relay behind it is not: is it "
			"running, and is RELAY_LISTEN the address that the proxy was given?", relay_url, status);
	else
		finding(f, FINDING_FAIL, about, "%s: %ld, which is not a relay's answer: lead this path, and all "
			"below it, to RELAY_LISTEN", relay_url, status);
}

/* Who meets the wish without `Upgrade` or `Connection` cannot tell both of these faults apart. */
static void judge_upgrade(struct findings *f, const char *relay_url, const char *url, const char *ca_file)
{
	long bad_version = wish(url, ca_file, "Sec-WebSocket-Version: 99", "Sec-WebSocket-Key: "
	"AAAAAAAAAAAAAAAAAAAAAA==");
	bool is_server = answer.is_socket_server;
	long bad_key = wish(url, ca_file, "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: none");

	if (bad_version == 426 && is_server && bad_key == 400)
		finding(f, FINDING_OK, about, "a WebSocket may be opened at %s", relay_url);
	else
		finding(f, FINDING_FAIL, about, "%s: a proxy on the way does not pass the wish for a WebSocket on: "
			"it must speak HTTP/1.1 to the relay and hand over the headers Upgrade and Connection",
			relay_url);
}

void relay_url_check(struct findings *f, const char *relay_url, const char *ca_file)
{
	char asked[URL_BYTES];
	struct url url;
	const struct ask plain = { .url = asked, .ca_file = ca_file };

	if (!url_split(slice_of(relay_url), &url) || !url.is_socket)
		return finding(f, FINDING_FAIL, about, "must be like wss://voice.example.com/media-stream");
	if (!url.is_tls)
		finding(f, FINDING_FAIL, about, "ws: is plain; Twilio opens wss: only: end TLS in front of the "
			"relay, or set RELAY_TLS_CERT and RELAY_TLS_KEY");
	reach_is_public(f, about, url.host);
	make_url(relay_url, &url, asked);
	if (!reach(f, about, &plain, &answer))
		return;
	/* Whoever does not wish to upgrade is told so by a relay. */
	if (answer.status == 426 && answer.is_socket_server)
		judge_upgrade(f, relay_url, asked, ca_file);
	else
		judge_status(f, relay_url, answer.status);
}
