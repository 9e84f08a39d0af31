/*
 * An S3 bucket. HEAD asks whether the file is there already, by size and by the hash that we keep beside it; else one
 * PUT with the body's real hash, which the server checks. What may pass is tried again here a few times with full
 * jitter, and later by the job. A clock that the server calls wrong is set by its Date header, once.
 */
#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "media/http.h"
#include "media/store/s3_place.h"
#include "media/store/s3_verdict.h"
#include "media/store/store.h"
#include "proto/sigv4.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
	ATTEMPTS_MAX = 6,
	REST_MS = 500,                  /* doubled with each attempt, then drawn from 0 to that */
	REST_MS_MAX = 60000,
	NAP_MS = 200,
	ASK_MS = 30000,                 /* for a request without a body */
	BYTES_PER_MS = 32,              /* slower than this a body is not sent: 256 kbit/s */
	URL_BYTES_MAX = S3_HOST_BYTES_MAX + S3_PATH_BYTES_MAX + STORE_KEY_BYTES_MAX + 32,
	HEADERS_MAX = 8,
	HEADER_BYTES = 4096 + 1200      /* a token, an Authorization with everything in it */
};

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct s3 {
	struct http_client *client;
	struct s3_place place;
	struct sigv4_key key;           /* points into the settings */
	const char *region;
	int64_t skew_ms;                /* server's clock less ours */
	struct random random;
	struct http_answer answer;      /* of the request that was asked last */
};

/* One request and what is sent along. */
struct ask {
	const char *method;
	const char *key;
	const struct store_file *file;  /* the body; NULL: none */
	uint64_t bytes;
	struct sigv4_field fields[HEADERS_MAX];
	size_t field_count;
	const struct store_watch *watch;
};

static bool open_s3(struct store *store, char *why, size_t why_bytes)
{
	const struct conf *conf = store->conf;
	struct s3 *s3 = calloc(1, sizeof *s3);
	const char *word = conf_text(conf, S3_ADDRESSING);
	struct s3_settings settings = {
		.endpoint = conf_text(conf, AWS_ENDPOINT_URL_S3),
		.region = conf_text(conf, AWS_REGION),
		.bucket = conf_text(conf, BUCKET_NAME),
		.addressing = strcmp(word, "path") == 0 ? S3_PATH : strcmp(word, "virtual") == 0 ? S3_VIRTUAL : S3_AUTO,
	};

	check(s3);
	store->state = s3;
	s3->client = http_open();
	s3->region = settings.region;
	s3->key = (struct sigv4_key){ .access_key = slice_of(conf_text(conf, AWS_ACCESS_KEY_ID)),
		.secret = slice_of(conf_text(conf, AWS_SECRET_ACCESS_KEY)),
		.session_token = slice_of(conf_text(conf, AWS_SESSION_TOKEN)), .region = slice_of(settings.region),
		.service = SLICE("s3") };
	if (!s3->key.access_key.len || !s3->key.secret.len) {
		snprintf(why, why_bytes, "BUCKET_NAME is set, but %s is not",
			s3->key.access_key.len ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
		return false;
	}
	return s3_place_find(&s3->place, &settings, why, why_bytes);
}

static void close_s3(struct store *store)
{
	struct s3 *s3 = store->state;

	if (!s3)
		return;
	http_close(s3->client);
	http_answer_fini(&s3->answer);
	free(s3);
	store->state = NULL;
}

static void describe(const struct store *store, char *out, size_t out_bytes)
{
	const struct s3 *s3 = store->state;

	snprintf(out, out_bytes, "s3 %s in region %s", s3->place.base, s3->region);
}

/* --- one request --- */

static int64_t server_s(const struct s3 *s3)
{
	return (clock_wall_ms() + s3->skew_ms) / 1000;
}

static void add(struct ask *ask, const char *name, struct slice value)
{
	check(ask->field_count < HEADERS_MAX);
	ask->fields[ask->field_count++] = (struct sigv4_field){ slice_of(name), value };
}

/* The header lines of the request, all but Host, and the signature over them. */
static bool write_lines(struct s3 *s3, struct ask *ask, struct slice path, struct slice hash, int64_t now_s,
	struct buf *out, const char *lines[HEADERS_MAX + 1])
{
	size_t line_count = 0;

	for (size_t i = 0; i < ask->field_count; i++) {
		const struct sigv4_field *field = &ask->fields[i];

		if (slice_equal(field->name, SLICE("host")))
			continue;
		lines[line_count++] = (const char *)buf_tail(out);
		if (!buf_printf(out, "%s: %.*s", field->name.data, (int)field->value.len, field->value.data) ||
			!buf_append(out, "", 1))
			return false;
	}
	struct sigv4_request request = { .method = slice_of(ask->method), .path = path, .headers = ask->fields,
		.header_count = ask->field_count, .payload_hash = hash };

	lines[line_count++] = (const char *)buf_tail(out);
	lines[line_count] = NULL;
	return buf_append_string(out, "Authorization: ") && sigv4_authorize(&s3->key, now_s, &request, out) &&
		buf_append(out, "", 1);
}

static bool tell_watch(void *user, uint64_t sent, uint64_t received)
{
	const struct ask *ask = user;

	(void)received;
	return !ask->watch->alive || ask->watch->alive(ask->watch->user, sent, ask->bytes);
}

static uint32_t deadline_ms(uint64_t bytes)
{
	uint64_t ms = ASK_MS + bytes / BYTES_PER_MS;

	return ms < UINT32_MAX / 2 ? (uint32_t)ms : UINT32_MAX / 2;
}

static enum http_outcome send_ask(struct store *store, struct ask *ask, const char *const *lines, const char *url)
{
	struct s3 *s3 = store->state;
	struct http_request request = { .method = ask->method, .url = url, .headers = lines,
		.body_path = ask->file ? ask->file->path : NULL, .deadline_ms = deadline_ms(ask->bytes),
		.plain_allowed = true, .ca_file = conf_text(store->conf, AWS_CA_BUNDLE),
		.once = ask->file != NULL, .alive = tell_watch, .user = ask };

	http_answer_fini(&s3->answer);
	return http_ask(s3->client, &request, &s3->answer);
}

/* Signs it as of now and sends it. `fields` are what the request says besides what each one says. */
static enum http_outcome ask_once(struct store *store, const struct ask *proto)
{
	struct s3 *s3 = store->state;
	struct ask ask = *proto;
	char path[S3_PATH_BYTES_MAX + STORE_KEY_BYTES_MAX + 1], url[URL_BYTES_MAX], time[SIGV4_TIME_BYTES];
	char memory[HEADERS_MAX * HEADER_BYTES];
	const char *lines[HEADERS_MAX + 2];
	struct slice hash = ask.file ? slice_of(ask.file->sha256_hex) : SLICE(EMPTY_SHA256);
	int64_t now_s = server_s(s3);
	struct buf out;

	check(sigv4_time(now_s, time));
	snprintf(path, sizeof path, "%s%s", s3->place.path, ask.key);
	snprintf(url, sizeof url, "%s%s", s3->place.base, ask.key);
	add(&ask, "host", slice_of(s3->place.host));
	add(&ask, "x-amz-date", slice_of(time));
	add(&ask, "x-amz-content-sha256", hash);
	if (s3->key.session_token.len)
		add(&ask, "x-amz-security-token", s3->key.session_token);
	buf_init_fixed(&out, memory, sizeof memory);
	check(write_lines(s3, &ask, slice_of(path), hash, now_s, &out, lines));
	return send_ask(store, &ask, lines, url);
}

/* --- what came of it --- */

static enum s3_verdict judge(struct s3 *s3, enum http_outcome outcome, char *why, size_t why_bytes)
{
	struct http_answer *answer = &s3->answer;
	struct s3_said said = { .status = answer->status, .region = s3->region,
		.bucket_region = http_field(answer, HTTP_FIELD_AMZ_BUCKET_REGION) };

	if (outcome != HTTP_ANSWERED) {
		snprintf(why, why_bytes, "S3 at %.200s: %s", s3->place.host, answer->why);
		return S3_AGAIN;
	}
	if (!s3_error_read((struct slice){ answer->body, answer->body_len }, &said.error))
		said.error = (struct s3_error){ 0 };
	return s3_verdict(&said, why, why_bytes);
}

/* Takes over the server's clock. false: it did not tell, or ours agrees with it. */
static bool learn_clock(struct s3 *s3)
{
	int64_t date_ms = http_date_ms(http_field(&s3->answer, HTTP_FIELD_DATE));
	int64_t skew_ms = date_ms - clock_wall_ms();

	if (!date_ms || llabs(skew_ms - s3->skew_ms) < 60000)
		return false;
	s3->skew_ms = skew_ms;
	log_warn("store clock=wrong seconds=%lld note=\"this host's clock differs from the S3 service's\"",
		(long long)(-skew_ms / 1000));
	return true;
}

/* Full jitter: anything up to the bound, so that many workers do not come back together. false: stopped. */
static bool rest(struct s3 *s3, const struct store_watch *watch, unsigned attempt, uint64_t least_ms)
{
	uint64_t bound_ms = (uint64_t)REST_MS << attempt;
	uint64_t ms = random_u32(&s3->random) % ((bound_ms < REST_MS_MAX ? bound_ms : REST_MS_MAX) + 1);
	uint64_t until_ms = clock_mono_ms() + (ms > least_ms ? ms : least_ms);

	for (uint64_t now_ms = clock_mono_ms(); now_ms < until_ms; now_ms = clock_mono_ms()) {
		uint64_t left_ms = until_ms - now_ms < NAP_MS ? until_ms - now_ms : NAP_MS;

		nanosleep(&(struct timespec){ .tv_nsec = (long)left_ms * 1000000 }, NULL);
		if (watch->alive && !watch->alive(watch->user, 0, 0))
			return false;
	}
	return true;
}

static enum store_result settle(enum s3_verdict verdict)
{
	switch (verdict) {
	case S3_DONE:
	case S3_MISSING:
		return STORE_OK;
	case S3_AGAIN:
	case S3_SKEWED:
		return STORE_AGAIN;
	case S3_CONFIG:
		return STORE_CONFIG;
	case S3_NEVER:
		return STORE_NEVER;
	}
	return STORE_AGAIN;
}

/* Whether the object is there as we would send it. Anything but a clear yes means: send it, and hear why not. A key
 * that may not list gets 403 for what is missing, and behind a HEAD nothing is explained. */
static enum http_outcome look(struct store *store, const struct store_file *file, uint64_t bytes, bool *out_there)
{
	struct s3 *s3 = store->state;
	const struct ask ask = { .method = "HEAD", .key = file->key, .watch = &file->watch };
	char length[24];
	enum http_outcome outcome = ask_once(store, &ask);

	snprintf(length, sizeof length, "%llu", (unsigned long long)bytes);
	*out_there = outcome == HTTP_ANSWERED && s3->answer.status == 200 &&
		strcmp(http_field(&s3->answer, HTTP_FIELD_CONTENT_LENGTH), length) == 0 &&
		strcasecmp(http_field(&s3->answer, HTTP_FIELD_AMZ_META_SHA256), file->sha256_hex) == 0;
	return outcome;
}

static enum s3_verdict send_file(struct store *store, const struct store_file *file, uint64_t bytes, char *why,
	size_t why_bytes)
{
	struct s3 *s3 = store->state;
	struct ask ask = { .method = "PUT", .key = file->key, .file = file, .bytes = bytes, .watch = &file->watch };

	add(&ask, "content-type", slice_of(file->type));
	add(&ask, "cache-control", SLICE("private"));
	add(&ask, "x-amz-meta-sha256", slice_of(file->sha256_hex));
	enum s3_verdict verdict = judge(s3, ask_once(store, &ask), why, why_bytes);

	if (verdict == S3_DONE && !*http_field(&s3->answer, HTTP_FIELD_ETAG)) {
		snprintf(why, why_bytes, "whoever answers at %.200s does not speak S3: no ETag behind a PUT",
			s3->place.host);
		return S3_CONFIG;
	}
	if (verdict == S3_MISSING) {
		snprintf(why, why_bytes, "S3 answered 404 to a PUT: is there a bucket at %.300s?", s3->place.base);
		return S3_CONFIG;
	}
	return verdict;
}

/* What a refused HEAD tells by its header alone, before a whole file is sent only to hear the same. */
enum hint { HINT_NONE, HINT_CLOCK, HINT_REGION };

static enum hint hint_of(struct s3 *s3, bool is_clock_learnt)
{
	const char *region = http_field(&s3->answer, HTTP_FIELD_AMZ_BUCKET_REGION);

	if (s3->answer.status == 403 && !is_clock_learnt && learn_clock(s3))
		return HINT_CLOCK;
	if ((s3->answer.status == 400 || s3->answer.status == 301) && *region && strcmp(region, s3->region) != 0)
		return HINT_REGION;
	return HINT_NONE;
}

/* Until it is there, or no attempt is left. */
static enum store_result put_file(struct store *store, const struct store_file *file, uint64_t bytes,
	struct store_answer *out)
{
	struct s3 *s3 = store->state;
	bool is_clock_learnt = false;

	for (unsigned attempt = 0;; attempt++) {
		enum http_outcome looked = look(store, file, bytes, &out->was_there);

		if (looked == HTTP_STOPPED)
			return store_fail(out, STORE_STOPPED, "stopped");
		if (out->was_there)
			return STORE_OK;
		enum hint hint = looked == HTTP_ANSWERED ? hint_of(s3, is_clock_learnt) : HINT_NONE;

		if (hint == HINT_REGION)
			return settle(judge(s3, looked, out->why, sizeof out->why));
		if (hint == HINT_CLOCK) {
			is_clock_learnt = true;
			continue;
		}
		enum s3_verdict verdict = send_file(store, file, bytes, out->why, sizeof out->why);

		if (strcmp(s3->answer.why, "stopped") == 0)
			return store_fail(out, STORE_STOPPED, "stopped");
		if (verdict == S3_SKEWED && !is_clock_learnt && learn_clock(s3)) {
			is_clock_learnt = true;
			continue;
		}
		out->retry_after_ms = http_retry_after_ms(&s3->answer, clock_wall_ms());
		if (settle(verdict) != STORE_AGAIN || attempt + 1 >= ATTEMPTS_MAX || out->retry_after_ms > REST_MS_MAX)
			return settle(verdict);
		if (!rest(s3, &file->watch, attempt, out->retry_after_ms))
			return store_fail(out, STORE_STOPPED, "stopped");
	}
}

static enum store_result put(struct store *store, const struct store_file *file, struct store_answer *out)
{
	struct s3 *s3 = store->state;
	struct stat facts;

	if (stat(file->path, &facts) != 0 || !S_ISREG(facts.st_mode))
		return store_fail(out, STORE_NEVER, "%.300s is not there to be sent", file->path);
	if (facts.st_size > STORE_BYTES_MAX)
		return store_fail(out, STORE_NEVER, "%.300s has more bytes than one PUT may", file->path);
	snprintf(out->url, sizeof out->url, "%s%s", s3->place.base, file->key);
	enum store_result result = put_file(store, file, (uint64_t)facts.st_size, out);

	if (result == STORE_OK)
		*out->why = '\0';
	return result;
}

static bool link_to(struct store *store, const char *url, int64_t seconds, char *out, size_t out_bytes, char *why,
	size_t why_bytes)
{
	struct s3 *s3 = store->state;
	const char *key = store_key_of(s3->place.base, url);
	char path[S3_PATH_BYTES_MAX + STORE_KEY_BYTES_MAX + 1];
	struct sigv4_field host = { SLICE("host"), slice_of(s3->place.host) };
	struct sigv4_request request = { .method = SLICE("GET"), .headers = &host, .header_count = 1 };
	struct buf text;

	if (!key) {
		snprintf(why, why_bytes, "its URL is not below %.300s, where the settings put files now",
			s3->place.base);
		return false;
	}
	if (seconds < 1 || seconds > STORE_LINK_S_MAX) {
		snprintf(why, why_bytes, "a link is good for 1 to %d seconds", STORE_LINK_S_MAX);
		return false;
	}
	snprintf(path, sizeof path, "%s%s", s3->place.path, key);
	request.path = slice_of(path);
	buf_init_fixed(&text, out, out_bytes);
	if (buf_printf(&text, "%s?", url) && sigv4_presign(&s3->key, server_s(s3), seconds, &request, &text) &&
		buf_append(&text, "", 1))
		return true;
	snprintf(why, why_bytes, "the link is too long");
	return false;
}

/* Asked once: who deletes comes again, and nobody waits for him. */
static enum store_result delete_object(struct store *store, const char *url, struct store_answer *out)
{
	struct s3 *s3 = store->state;
	const struct store_watch nobody = { 0 };
	const struct ask ask = { .method = "DELETE", .key = store_key_of(s3->place.base, url), .watch = &nobody };

	if (!ask.key)
		return store_fail(out, STORE_NEVER, "its URL is not below %.300s", s3->place.base);
	enum s3_verdict verdict = judge(s3, ask_once(store, &ask), out->why, sizeof out->why);

	if (verdict == S3_SKEWED && learn_clock(s3))
		verdict = judge(s3, ask_once(store, &ask), out->why, sizeof out->why);
	out->retry_after_ms = http_retry_after_ms(&s3->answer, clock_wall_ms());
	return settle(verdict);
}

const struct store_kind store_s3 = { open_s3, close_s3, describe, put, link_to, delete_object };
