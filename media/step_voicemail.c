/*
 * Message by message: from Twilio into a file beside the calls of the spool, from there into the store; then the
 * message names the store's URL, and Twilio's own is deleted if the operator wants that. Each of the three is done
 * again after a crash without harm: the same bytes get the same URL.
 *
 * What is asked for is made of the settings and the recording's name, never of the URL that Twilio told: the password
 * goes to Twilio and nowhere else. Twilio needs a moment until a recording can be fetched; while the message is young,
 * that it is not there is no failure.
 */
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/voicemail.h"
#include "media/http.h"
#include "media/step.h"
#include "media/store/store.h"
#include "proto/base64.h"
#include "proto/notice.h"
#include "proto/sigv4.h"
#include "proto/wav_head.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BYTES_MAX = 64 * 1024 * 1024,           /* an hour of Twilio's WAV */
	DEADLINE_MS = 120000,
	YOUNG_MS = 10 * 60 * 1000,
	LOOK_MS_MIN = 1000,
	LOOK_MS_MAX = 30 * 1000,
	HEAD_BYTES = 4096,                      /* the samples begin before that */
	URL_BYTES = 1400,
	AUTH_BYTES = 1600,
	HASH_DIGITS = 32,
};

struct fetching {
	struct step *step;
	struct voicemail voicemail;
	struct http_client *client;
	struct store store;
	char account[SID_BYTES_MAX + 1];
	char url[URL_BYTES];
	char path[STEP_PATH_BYTES_MAX];         /* "": nothing is there */
};

static bool is_alive(void *user, uint64_t sent_bytes, uint64_t other_bytes)
{
	(void)sent_bytes;
	(void)other_bytes;
	return step_alive(user);
}

/* --- asking Twilio --------------------------------------------------------------------------------- */

/* The account that is configured, or, where any is welcome, the one of the URL that Twilio told. */
static bool name_account(struct fetching *f)
{
	static const char front[] = "/Accounts/";
	const char *set = conf_text(f->step->conf, TWILIO_ACCOUNT_SID);
	const char *at = strstr(f->voicemail.twilio_url, front);
	struct slice name = { set, strlen(set) };

	if (!name.len && at) {
		name.data = at + sizeof front - 1;
		name.len = strcspn(name.data, "/?#");
	}
	return notice_is_call_sid(name) && slice_copy(name, f->account, sizeof f->account);
}

static enum step_result name_all(struct fetching *f)
{
	struct step *s = f->step;
	const char *sid = f->voicemail.recording_sid;
	const char *api = conf_text(s->conf, TWILIO_API_URL);

	if (!notice_is_call_sid(slice_of(sid)) || !name_account(f))
		return step_fail(s, STEP_NEVER, "the recording or its account has no name of Twilio's");
	const int url = snprintf(f->url, sizeof f->url, "%s/Accounts/%s/Recordings/%s.wav", api, f->account, sid);
	const int path = snprintf(f->path, sizeof f->path, "%s/.voicemail-%s.wav",
		conf_text(s->conf, RECEPTIONAI_SPOOL), sid);

	return (size_t)url < sizeof f->url && (size_t)path < sizeof f->path
		? STEP_DONE : step_fail(s, STEP_CONFIG, "TWILIO_API_URL or RECEPTIONAI_SPOOL is too long");
}

static void write_header(const struct fetching *f, struct slice token, char out[AUTH_BYTES])
{
	char plain[SID_BYTES_MAX + 1100];
	const int len = snprintf(plain, sizeof plain, "%s:%.*s", f->account, (int)token.len, token.data);
	const int at = snprintf(out, AUTH_BYTES, "Authorization: Basic ");

	check(len > 0 && (size_t)len < sizeof plain && base64_encoded_len((size_t)len) + (size_t)at < AUTH_BYTES);
	out[(size_t)at + base64_encode(out + at, plain, (size_t)len)] = '\0';
	explicit_bzero(plain, sizeof plain);
}

static enum http_outcome ask_with(
	struct fetching *f, const char *method, struct slice token, struct http_answer *answer)
{
	char header[AUTH_BYTES];
	const char *const headers[] = { header, NULL };
	const bool is_get = strcmp(method, "GET") == 0;
	const struct http_request request = { .method = method, .url = f->url, .headers = headers,
		.answer_path = is_get ? f->path : NULL, .answer_bytes_max = BYTES_MAX, .deadline_ms = DEADLINE_MS,
		.plain_allowed = true, .alive = is_alive, .user = f->step };

	write_header(f, token, header);
	const enum http_outcome outcome = http_ask(f->client, &request, answer);

	explicit_bzero(header, sizeof header);
	return outcome;
}

/* During a rotation there are several tokens: the next one where one is not welcome. */
static enum http_outcome ask(struct fetching *f, const char *method, struct http_answer *answer)
{
	const char *tokens = conf_text(f->step->conf, TWILIO_AUTH_TOKEN);
	enum http_outcome outcome;

	for (;;) {
		const struct slice token = { tokens, strcspn(tokens, ",") };

		outcome = ask_with(f, method, token, answer);
		if (outcome != HTTP_ANSWERED || answer->status != 401 || !tokens[token.len])
			return outcome;
		http_answer_fini(answer);
		tokens += token.len + 1;
	}
}

/* Asked again after a quarter of the time that has passed: at first each second. */
static int64_t look_ms(int64_t age_ms)
{
	const int64_t ms = age_ms / 4;

	return ms < LOOK_MS_MIN ? LOOK_MS_MIN : ms > LOOK_MS_MAX ? LOOK_MS_MAX : ms;
}

static enum step_result judge_status(struct fetching *f, const struct http_answer *answer)
{
	struct step *s = f->step;
	const int64_t age_ms = clock_wall_ms() - f->voicemail.created_ms;
	const bool is_young = age_ms < YOUNG_MS;

	if (answer->status == 200)
		return STEP_DONE;
	if (answer->status == 404 && is_young) {
		s->retry_after_ms = look_ms(age_ms);
		return step_fail(s, STEP_WAIT, "Twilio does not hand the recording out yet");
	}
	if (answer->status == 404)
		return step_fail(s, STEP_NEVER, "Twilio does not have the recording");
	if (answer->status == 401 || answer->status == 403)
		return step_fail(s, STEP_CONFIG, "Twilio answered %ld: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
			answer->status);
	if (answer->status == 408 || answer->status == 429 || answer->status >= 500) {
		s->retry_after_ms = (int64_t)http_retry_after_ms(answer, clock_wall_ms());
		return step_fail(s, STEP_AGAIN, "Twilio answered %ld", answer->status);
	}
	return step_fail(s, STEP_NEVER, "Twilio answered %ld to the question for a recording", answer->status);
}

static enum step_result judge(struct fetching *f, enum http_outcome outcome, const struct http_answer *answer)
{
	switch (outcome) {
	case HTTP_ANSWERED:
		return judge_status(f, answer);
	case HTTP_NOT_SENT:
	case HTTP_UNKNOWN:
		return step_fail(f->step, STEP_AGAIN, "%s", answer->why);
	case HTTP_STOPPED:
		break;
	}
	return step_fail(f->step, STEP_STOPPED, "stopped");
}

static enum step_result fetch(struct fetching *f)
{
	struct http_answer answer;
	const enum step_result result = judge(f, ask(f, "GET", &answer), &answer);

	http_answer_fini(&answer);
	return result;
}

/* --- keeping --------------------------------------------------------------------------------------- */

/* Of a file that is the WAV which was asked for; -1: it is none. */
static int64_t length_ms(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t bytes[HEAD_BYTES];
	struct wav_head head;
	size_t at, len = file ? fread(bytes, 1, sizeof bytes, file) : 0;
	long size = -1;

	if (file && fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	if (file)
		(void)fclose(file);
	if (size < 0 || wav_head_find(bytes, len, &head, &at) || (long)at > size || !head.rate_hz)
		return -1;
	return (int64_t)(size - (long)at) * 1000 / wav_frame_bytes(&head) / head.rate_hz;
}

/* As the other files of the call are named: by its day in UTC, and by the content. */
static void make_key(const struct step *s, const char *hash, char out[STORE_KEY_BYTES_MAX])
{
	char day[SIGV4_TIME_BYTES];

	check(sigv4_time(s->call.created_ms / 1000, day));
	const int len = snprintf(out, STORE_KEY_BYTES_MAX, "calls/%lld/%.4s/%.2s/%.2s/%s/voicemail-%.*s.wav",
		(long long)s->call.merchant_id, day, day + 4, day + 6, s->call.call_sid, HASH_DIGITS, hash);

	check(len > 0 && len < STORE_KEY_BYTES_MAX);
}

static enum step_result translate(struct step *s, enum store_result result, const struct store_answer *answer)
{
	static const enum step_result results[] = { [STORE_AGAIN] = STEP_AGAIN, [STORE_CONFIG] = STEP_CONFIG,
		[STORE_NEVER] = STEP_NEVER, [STORE_STOPPED] = STEP_STOPPED };

	if (result == STORE_OK)
		return STEP_DONE;
	s->retry_after_ms = (int64_t)answer->retry_after_ms;
	return step_fail(s, results[result], "%s", answer->why);
}

/* Its row was deleted meanwhile: nobody would ever delete what was stored. */
static void take_back(struct fetching *f, const char *url)
{
	struct store_answer answer;

	if (store_delete(&f->store, url, &answer) != STORE_OK)
		log_warn("store undeleted call=%s: %s", f->step->call.call_sid, answer.why);
}

static enum step_result write_down(struct fetching *f, const char *url, int64_t ms)
{
	const enum db_result result = db_voicemail_kept(f->step->db, f->voicemail.id, slice_of(url), ms);

	if (result == DB_NONE)
		take_back(f, url);
	if (result == DB_OK || result == DB_NONE)
		return STEP_DONE;
	return step_fail(f->step, STEP_AGAIN, "the message cannot be written: %s", db_why(f->step->db));
}

static enum step_result keep(struct fetching *f)
{
	struct step *s = f->step;
	char key[STORE_KEY_BYTES_MAX], hash[65];
	const int64_t ms = length_ms(f->path);
	struct store_answer answer;

	if (ms < 0)
		return step_fail(s, STEP_AGAIN, "what Twilio handed out is no WAV file");
	if (!store_hash(f->path, hash))
		return step_fail(s, STEP_AGAIN, "%s cannot be read: %s", f->path, strerror(errno));
	make_key(s, hash, key);
	const struct store_file file = { .path = f->path, .key = key, .type = "audio/wav", .sha256_hex = hash,
		.watch = { is_alive, s } };
	const enum step_result result = translate(s, store_put(&f->store, &file, &answer), &answer);

	if (result != STEP_DONE)
		return result;
	log_info("voicemail kept call=%s ms=%lld", s->call.call_sid, (long long)ms);
	return write_down(f, answer.url, ms);
}

/* --- one message after the other ------------------------------------------------------------------- */

static enum step_result delete_there(struct fetching *f)
{
	struct http_answer answer;

	if (strcmp(conf_text(f->step->conf, TWILIO_RECORDINGS), "delete") != 0)
		return STEP_DONE;
	const enum http_outcome outcome = ask(f, "DELETE", &answer);
	enum step_result result = STEP_DONE;

	if (outcome != HTTP_ANSWERED || (answer.status / 100 != 2 && answer.status != 404))
		result = judge(f, outcome, &answer);
	http_answer_fini(&answer);
	return result;
}

static enum step_result bring_home(struct fetching *f)
{
	enum step_result result = name_all(f);

	if (result == STEP_DONE && !f->voicemail.is_kept) {
		result = fetch(f);
		if (result == STEP_DONE)
			result = keep(f);
		(void)unlink(f->path);
	}
	if (result == STEP_DONE)
		result = delete_there(f);
	if (result != STEP_DONE)
		return result;
	const enum db_result written = db_voicemail_fetched(f->step->db, f->voicemail.id, clock_wall_ms());

	return written == DB_OK || written == DB_NONE
		? STEP_DONE : step_fail(f->step, STEP_AGAIN, "the message cannot be written: %s", db_why(f->step->db));
}

/* One message that never comes does not keep the others from it; what may still come decides the fate of the job. */
static enum step_result bring_all(struct fetching *f)
{
	struct step *s = f->step;
	enum step_result worst = STEP_DONE;
	enum db_result found;

	while ((found = db_voicemail_next(s->db, slice_of(s->job.call_sid), f->voicemail.id, &f->voicemail)) == DB_OK) {
		const enum step_result result = bring_home(f);

		if (result != STEP_DONE && result != STEP_NEVER)
			return result;
		if (result == STEP_NEVER)
			worst = result;
	}
	if (found != DB_NONE)
		return step_fail(s, STEP_AGAIN, "the messages cannot be read: %s", db_why(s->db));
	return worst;
}

enum step_result step_voicemail(struct step *s)
{
	struct fetching *f = calloc(1, sizeof *f);
	char why[STORE_WHY_BYTES_MAX];
	enum step_result result;

	check(f);
	f->step = s;
	f->client = http_open();
	if (!conf_text(s->conf, TWILIO_AUTH_TOKEN)[0])
		result = step_fail(s, STEP_CONFIG, "TWILIO_AUTH_TOKEN is empty: no voicemail can be fetched");
	else if (!f->client)
		result = step_fail(s, STEP_AGAIN, "no memory for a question");
	else if (!store_open(&f->store, s->conf, why, sizeof why))
		result = step_fail(s, STEP_CONFIG, "%s", why);
	else {
		result = bring_all(f);
		store_close(&f->store);
	}
	if (f->client)
		http_close(f->client);
	free(f);
	return result;
}
