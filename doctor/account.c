#include "doctor/account.h"

#include "base/check.h"
#include "base/log.h"
#include "db/state.h"
#include "doctor/reach.h"
#include "proto/json.h"
#include "proto/url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { URL_BYTES = 1400, HEADER_BYTES = 1100 };

static struct ask_answer answer;

/* --- Twilio ----------------------------------------------------------------------------------------- */

struct look {
	struct findings *f;
	const struct account_twilio *twilio;
	char token[1024];               /* the first of TWILIO_AUTH_TOKEN */
	unsigned count;
};

/* NULL: no JSON came; the findings tell. */
static const struct json_object *get(struct look *look, const char *page, struct json_reader *reader)
{
	const struct account_twilio *t = look->twilio;
	char url[URL_BYTES];
	int len = snprintf(url, sizeof url, "%s/Accounts/%s%s", t->api_url, t->sid, page);
	const struct ask ask = { .url = url, .user = t->sid, .password = look->token };

	check(len > 0 && (size_t)len < sizeof url);
	if (!reach(look->f, "TWILIO_API_URL", &ask, &answer) || !answer.is_proven)
		return NULL;
	if (answer.status == 401 || answer.status == 403)
		finding(look->f, FINDING_FAIL, "TWILIO_AUTH_TOKEN", "Twilio does not know this token for this "
			"account (%ld): copy both from Twilio's console", answer.status);
	else if (answer.status == 404)
		finding(look->f, FINDING_FAIL, "TWILIO_ACCOUNT_SID", "Twilio knows no such account (404)");
	else if (answer.status != 200)
		finding(look->f, FINDING_FAIL, "TWILIO_API_URL", "Twilio answered %ld", answer.status);
	else
		return json_read(reader, answer.body, answer.body_len);
	return NULL;
}

static struct slice word_of(const struct json_object *object, const char *key)
{
	struct slice word = SLICE("");

	json_slice(json_field(object, key), &word);
	return word;
}

static bool check_account(struct look *look)
{
	struct json_reader reader = { 0 };
	const struct json_object *account = get(look, ".json", &reader);
	struct slice status = word_of(account, "status");

	if (account && slice_equal(status, SLICE("active")))
		finding(look->f, FINDING_OK, "TWILIO_ACCOUNT_SID", "the account is active (%.*s)",
			(int)word_of(account, "type").len, word_of(account, "type").data);
	else if (account)
		finding(look->f, FINDING_FAIL, "TWILIO_ACCOUNT_SID", "the account is %s: see Twilio's console",
			log_text(status.data, status.len).text);
	json_reader_fini(&reader);
	return account != NULL;
}

static bool is_at(struct slice url, const char *origin, const char *path)
{
	size_t len = strlen(origin);

	while (len && origin[len - 1] == '/')
		len--;
	return url.len == len + strlen(path) && strncmp(url.data, origin, len) == 0 &&
		strncmp(url.data + len, path, strlen(path)) == 0;
}

static void judge_number(struct look *look, const char *masked, const struct json_object *number)
{
	const char *origin = look->twilio->public_url;
	struct slice voice = word_of(number, "voice_url"), method = word_of(number, "voice_method");
	struct slice status = word_of(number, "status_callback"), app = word_of(number, "voice_application_sid");
	bool ok = true;

	if (app.len) {
		finding(look->f, FINDING_WARN, "number", "%s is answered by a TwiML application, whose URLs are "
			"not looked at", masked);
		return;
	}
	if (!is_at(voice, origin, "/api/twilio/incoming")) {
		ok = false;
		finding(look->f, FINDING_FAIL, "number", "%s asks %s when a call comes in: enter PUBLIC_URL and "
			"/api/twilio/incoming at Twilio", masked, log_text(voice.data, voice.len).text);
	}
	if (!is_at(status, origin, "/api/twilio/status")) {
		ok = false;
		finding(look->f, FINDING_WARN, "number", "%s tells nobody here how its calls end: enter PUBLIC_URL "
			"and /api/twilio/status as its status callback at Twilio", masked);
	}
	if (ok)
		finding(look->f, FINDING_OK, "number", "%s asks this set-up (%.*s)", masked, (int)method.len,
			method.data);
}

static bool check_number(void *context, struct slice text)
{
	struct look *look = context;
	struct json_reader reader = { 0 };
	char number[32], page[96];

	if (++look->count > ACCOUNT_NUMBERS_MAX || !slice_copy(text, number, sizeof number))
		return false;
	struct log_word masked = log_phone(number);

	snprintf(page, sizeof page, "/IncomingPhoneNumbers.json?PhoneNumber=%%2B%s", number + (number[0] == '+'));
	const struct json_object *list = json_field(get(look, page, &reader), "incoming_phone_numbers");

	if (list && json_array_count(list) == 0)
		finding(look->f, FINDING_FAIL, "number", "%s is a merchant's, but not this account's: buy it at "
			"Twilio, or correct merchants.phone_number", masked.text);
	else if (list)
		judge_number(look, masked.text, json_array_item(list, 0));
	json_reader_fini(&reader);
	return list != NULL;
}

void account_check_twilio(struct findings *f, const struct account_twilio *twilio)
{
	struct look look = { .f = f, .twilio = twilio };
	struct slice tokens = slice_of(twilio->tokens), token;

	if (!twilio->sid[0])
		return finding(f, FINDING_WARN, "TWILIO_ACCOUNT_SID", "is empty: the account cannot be asked for, "
			"and requests of any account are answered whose signature is right");
	if (!slice_next_word(&tokens, ',', &token) || !slice_copy(token, look.token, sizeof look.token))
		return;
	if (check_account(&look))
		db_state_numbers(twilio->db_path, check_number, &look);
	explicit_bzero(look.token, sizeof look.token);
}

/* --- who speaks ------------------------------------------------------------------------------------- */

/* wss://api.x.ai/v1/realtime becomes https://api.x.ai/v1/PAGE. false: its path is another. */
static bool make_page(const char *url, const char *page, char out[URL_BYTES])
{
	static const char end[] = "/realtime";
	size_t len = strcspn(url, "?");

	if (len < sizeof end + 2 || strncasecmp(url, "ws", 2) != 0 || strncmp(url + len - (sizeof end - 1), end,
		sizeof end - 1) != 0)
		return false;
	int n = snprintf(out, URL_BYTES, "http%.*s/%s", (int)(len - 2 - (sizeof end - 1)), url + 2, page);

	return n > 0 && n < URL_BYTES;
}

/* What of it xAI tells to be so; NULL: nothing. */
static const char *block_of(const struct json_object *key)
{
	static const char *const words[] = { "api_key_blocked", "api_key_disabled", "team_blocked" };

	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		bool is_so = false;

		if (json_truth(json_field(key, words[i]), &is_so) && is_so)
			return words[i];
	}
	return NULL;
}

static void judge_key(struct findings *f, const struct account_voice *voice)
{
	struct json_reader reader = { 0 };
	const char *block = NULL;

	if (answer.status == 400 || answer.status == 401 || answer.status == 403)
		return finding(f, FINDING_FAIL, voice->setting, "the key is not accepted (%ld): make one in the "
			"provider's console, with the right to voice", answer.status);
	if (answer.status == 429)
		return finding(f, FINDING_WARN, voice->setting, "the account is over its limits (429): see its "
			"console");
	if (answer.status != 200)
		return finding(f, FINDING_WARN, voice->setting, "whether the key is good cannot be told: the "
			"answer was %ld", answer.status);
	block = block_of(json_read(&reader, answer.body, answer.body_len));
	if (block)
		finding(f, FINDING_FAIL, voice->setting, "the key is known, but %s: see the provider's console",
			block);
	else
		finding(f, FINDING_OK, voice->setting, "the key is accepted");
	json_reader_fini(&reader);
}

void account_check_voice(struct findings *f, const struct account_voice *voice)
{
	char url[URL_BYTES], header[HEADER_BYTES];
	const char *const headers[] = { header, NULL };
	const struct ask ask = { .url = url, .ca_file = voice->ca_file, .headers = headers };

	if (!voice->key[0])
		return finding(f, FINDING_FAIL, voice->setting, "is empty: nobody will speak to callers");
	if (!make_page(voice->url, voice->page, url))
		return finding(f, FINDING_WARN, voice->setting, "where to ask about the key is not known: the URL "
			"does not end in /realtime");
	snprintf(header, sizeof header, "Authorization: Bearer %s", voice->key);
	if (reach(f, voice->setting, &ask, &answer) && answer.is_proven)
		judge_key(f, voice);
	explicit_bzero(header, sizeof header);
}
