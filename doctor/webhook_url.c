#include "doctor/webhook_url.h"

#include "base/buf.h"
#include "base/check.h"
#include "doctor/reach.h"
#include "proto/form.h"
#include "proto/signature.h"
#include "proto/url.h"

#include <stdio.h>
#include <string.h>

enum { URL_BYTES = 1200, FORM_BYTES = 512 };

/* What no call is called. */
#define CALL_SID "CA00000000000000000000000000000000"
/* Dropped, sorted or cut by somebody on the way it is no longer what was signed. */
#define QUERY "?check=a%20b%2Fc&check=%2B1"

static const char about[] = "PUBLIC_URL";
static struct ask_answer answer;

/* Without its final slashes, as the webhook takes it. */
static void make_url(const char *public_url, const char *target, char out[URL_BYTES])
{
	int len = (int)strlen(public_url);

	while (len && public_url[len - 1] == '/')
		len--;
	int n = snprintf(out, URL_BYTES, "%.*s%s", len, public_url, target);

	check(n > 0 && n < URL_BYTES);
}

/* What a status that is not the webhook's tells of who sits in front of it. */
static void tell_status(struct findings *f, const char *what)
{
	long status = answer.status;

	if (status >= 300 && status < 400)
		finding(f, FINDING_FAIL, about, "%s is redirected (%ld) to %s: Twilio signs the URL that it was "
			"given; enter the one that is not redirected, there and here", what, status,
			answer.location[0] ? answer.location : "nowhere");
	else if (status == 404 || status == 405)
		finding(f, FINDING_FAIL, about, "%s: %ld: the web server does not lead it to the webhook: route "
			"/healthz and everything below /api/ there, with the path as it came", what, status);
	else if (status == 401)
		finding(f, FINDING_FAIL, about, "%s: 401: somebody in front of the webhook asks for a password: "
			"Twilio has none; exempt /healthz and /api/ from it", what);
	else if (status == 502 || status == 503 || status == 504)
		finding(f, FINDING_FAIL, about, "%s: %ld: the web server is there, the webhook behind it is not: "
			"is it running, and is its socket the one that the web server was given?", what, status);
	else
		finding(f, FINDING_FAIL, about, "%s: %ld, which is not the webhook's answer: something else has "
			"this host and path", what, status);
}

static bool is_ours(void)
{
	return strncmp(answer.body, "{\"status\":\"", 11) == 0 && strstr(answer.body, "\"database\":\"");
}

/* Whether the webhook answers there. */
static bool check_health(struct findings *f, const struct webhook_url_plan *plan)
{
	char url[URL_BYTES];
	const struct ask ask = { .url = url, .ca_file = plan->ca_file };

	make_url(plan->public_url, "/healthz", url);
	if (!reach(f, about, &ask, &answer))
		return false;
	if (!is_ours()) {
		tell_status(f, "/healthz");
		return false;
	}
	if (answer.status == 200)
		finding(f, FINDING_OK, about, "the webhook answers at %s", url);
	else
		finding(f, FINDING_FAIL, about, "the webhook answers at %s, but has no database: see its log, and "
			"RECEPTIONAI_DB", url);
	return true;
}

static void sign(const char *url, const struct form *form, const char *auth_tokens, char out[SIGNATURE_BYTES + 1])
{
	struct slice tokens = slice_of(auth_tokens), token;

	check(slice_next_word(&tokens, ',', &token));
	signature_write(slice_of(url), form, token, out);
}

static void judge_signed(struct findings *f)
{
	if (answer.status == 204)
		finding(f, FINDING_OK, about, "a request that is signed as Twilio signs is believed there");
	else if (answer.status == 403)
		finding(f, FINDING_FAIL, about, "a request signed as Twilio signs is refused (403): the webhook "
			"that runs there has another TWILIO_AUTH_TOKEN, TWILIO_ACCOUNT_SID or PUBLIC_URL than this "
			"set-up, or a proxy on the way changes path or query (rewriting of URLs)");
	else
		tell_status(f, "POST /api/twilio/status");
}

static void check_signed(struct findings *f, const struct webhook_url_plan *plan)
{
	static struct form form;
	char url[URL_BYTES], text[FORM_BYTES], signature[SIGNATURE_BYTES + 1], header[SIGNATURE_BYTES + 32];
	const char *const headers[] = { header, NULL };
	struct buf body;

	make_url(plan->public_url, "/api/twilio/status" QUERY, url);
	form_init(&form);
	check(form_add(&form, SLICE("AccountSid"), slice_of(plan->account_sid)) &&
		form_add(&form, SLICE("CallSid"), SLICE(CALL_SID)) && form_add(&form, SLICE("CallStatus"),
		SLICE("in-progress")));
	buf_init_fixed(&body, text, sizeof text - 1);
	check(form_write(&form, &body));
	text[buf_len(&body)] = '\0';
	sign(url, &form, plan->auth_tokens, signature);
	snprintf(header, sizeof header, "X-Twilio-Signature: %s", signature);
	const struct ask ask = { .url = url, .ca_file = plan->ca_file, .headers = headers, .form = text,
		.trusts = true };

	if (ask_for(&ask, &answer) == ASK_ANSWERED)
		judge_signed(f);
	else
		finding(f, FINDING_FAIL, about, "POST /api/twilio/status: %s", answer.why);
}

void webhook_url_check(struct findings *f, const struct webhook_url_plan *plan)
{
	struct url url;

	if (!url_split(slice_of(plan->public_url), &url))
		return finding(f, FINDING_FAIL, about, "must be an origin like https://voice.example.com");
	if (!url.is_tls)
		finding(f, FINDING_WARN, about, "http: carries calls' data and signatures in the clear: end TLS in "
			"front of the webhook and write https:");
	reach_is_public(f, about, url.host);
	if (check_health(f, plan) && plan->auth_tokens[0])
		check_signed(f, plan);
}
