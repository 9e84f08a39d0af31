/*
 * fal - what fal.ai's queue answers, and what its webhook tells, read with suspicion.
 *
 * Place:    proto, pure; above json. The worker reads answers, the webhook reads webhooks. receptionai-sim-fal
 *           writes its answers with words of its own, on purpose.
 * Usage:    if (!fal_read_order(body, FAL_URL, &order, &why)) whether it was taken is not known
 *           if (fal_hook_verify(&hook, &keys, now_s) == FAL_HOOK_GENUINE && fal_read_outcome(…))
 * Lifetime: everything is copied out; nothing borrows.
 * Fails:    false and a static sentence; *out is then not to be used.
 * Limits:   FAL_*_BYTES_MAX; a text that is longer is a failure, but for people's sentences, which are cut.
 * Laws:     the key goes to no URL that fal_may_have_key() refuses. "COMPLETED" does not mean success. Decisions are
 *           made by an error's type and status, never by its sentence.
 * Source:   docs.fal.ai/model-endpoints/queue, /webhooks, /errors.
 */
#pragma once

#include "base/ed25519.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FAL_ID_BYTES_MAX = 128,
	FAL_URL_BYTES_MAX = 1024,
	FAL_TYPE_BYTES_MAX = 64,
	FAL_SENTENCE_BYTES_MAX = 250,
	FAL_KEY_COUNT_MAX = 16,
	FAL_CLOCK_S_MAX = 300,          /* a webhook's timestamp and our clock differ by at most that */
};

/* The answer to a submit. */
struct fal_order {
	char request_id[FAL_ID_BYTES_MAX + 1];
	char status_url[FAL_URL_BYTES_MAX + 1];
	char response_url[FAL_URL_BYTES_MAX + 1];
	char cancel_url[FAL_URL_BYTES_MAX + 1];
	int64_t queue_position;         /* -1: not told */
};

/* Also when the URLs are none that may have the key: then the three are empty, for the order stands all the same. */
bool fal_read_order(struct slice body, struct slice fal_url, struct fal_order *out, const char **out_why);

/* X(enum, word) */
#define FAL_STATES(X) \
	X(FAL_IN_QUEUE, "IN_QUEUE") \
	X(FAL_IN_PROGRESS, "IN_PROGRESS") \
	X(FAL_COMPLETED, "COMPLETED")

enum fal_state {
#define X(state, word) state,
	FAL_STATES(X)
#undef X
};

/* Who can do something about it. */
enum fal_blame {
	FAL_BLAME_SERVICE,              /* fal or its machines, or a moment: the same order may go well another time */
	FAL_BLAME_ORDER,                /* what we asked for: it would fail again */
	FAL_BLAME_ACCOUNT,              /* key, balance, model: an operator */
};

/* X(type, blame): the types of errors that are known. Others are judged by the HTTP status. */
#define FAL_ERROR_TYPES(X) \
	X("request_timeout", FAL_BLAME_SERVICE) \
	X("startup_timeout", FAL_BLAME_SERVICE) \
	X("runner_scheduling_failure", FAL_BLAME_SERVICE) \
	X("runner_connection_timeout", FAL_BLAME_SERVICE) \
	X("runner_connection_refused", FAL_BLAME_SERVICE) \
	X("runner_connection_error", FAL_BLAME_SERVICE) \
	X("runner_disconnected", FAL_BLAME_SERVICE) \
	X("runner_incomplete_response", FAL_BLAME_SERVICE) \
	X("runner_server_error", FAL_BLAME_SERVICE) \
	X("internal_error", FAL_BLAME_SERVICE) \
	X("internal_server_error", FAL_BLAME_SERVICE) \
	X("generation_timeout", FAL_BLAME_SERVICE) \
	X("downstream_service_error", FAL_BLAME_SERVICE) \
	X("downstream_service_unavailable", FAL_BLAME_SERVICE) \
	X("client_disconnected", FAL_BLAME_SERVICE) \
	X("client_cancelled", FAL_BLAME_SERVICE) \
	X("bad_request", FAL_BLAME_ORDER) \
	X("audio_duration_too_long", FAL_BLAME_ORDER) \
	X("audio_duration_too_short", FAL_BLAME_ORDER) \
	X("unsupported_audio_format", FAL_BLAME_ORDER) \
	X("unsupported_image_format", FAL_BLAME_ORDER) \
	X("file_download_error", FAL_BLAME_ORDER) \
	X("file_too_large", FAL_BLAME_ORDER) \
	X("face_detection_error", FAL_BLAME_ORDER) \
	X("image_load_error", FAL_BLAME_ORDER) \
	X("content_policy_violation", FAL_BLAME_ORDER) \
	X("no_media_generated", FAL_BLAME_ORDER)

struct fal_error {
	enum fal_blame blame;
	char type[FAL_TYPE_BYTES_MAX + 1];              /* "" when none was told */
	char sentence[FAL_SENTENCE_BYTES_MAX + 1];      /* for people: status, type, where, their words */
};

/* Both shapes, a plain string, or no JSON at all. `header_type`: X-Fal-Error-Type; `status`: HTTP's, 0: unknown. */
void fal_read_error(int status, struct slice header_type, struct slice body, struct fal_error *out);

struct fal_status {
	enum fal_state state;
	int64_t queue_position;         /* -1: not told */
	bool failed;                    /* COMPLETED, and `error` says why there is no result */
	struct fal_error error;
};

bool fal_read_status(struct slice body, struct fal_status *out, const char **out_why);
/* The model's output: where the video can be fetched, without the key. */
bool fal_read_video(struct slice body, char out_url[FAL_URL_BYTES_MAX + 1], const char **out_why);
/* What storage/upload/initiate answers: where to put the file, and under which URL a model reads it. */
struct fal_upload {
	char upload_url[FAL_URL_BYTES_MAX * 4 + 1];     /* signed by somebody's cloud: long */
	char file_url[FAL_URL_BYTES_MAX + 1];
};
bool fal_read_upload(struct slice body, struct fal_upload *out, const char **out_why);

/* Whether the key may be sent there: the origin of the configured URL, or https at a host of fal's. */
bool fal_may_have_key(struct slice url, struct slice fal_url);
/* Whether a file may be fetched from or put there, without the key: https, or the configured URL's host. */
bool fal_may_have_file(struct slice url, struct slice fal_url);

/* --- the webhook --- */

struct fal_keys {
	uint8_t keys[FAL_KEY_COUNT_MAX][ED25519_KEY_BYTES];
	size_t count;
};

/* A JSON Web Key Set: its Ed25519 keys; those of other kinds are passed over. At least one. */
bool fal_read_keys(struct slice body, struct fal_keys *out, const char **out_why);

struct fal_hook {
	struct slice request_id;        /* X-Fal-Webhook-Request-Id, -User-Id, -Timestamp, -Signature */
	struct slice user_id;
	struct slice timestamp;
	struct slice signature;
	struct slice body;              /* as it came, byte for byte */
};

/* X(enum, sentence) */
#define FAL_HOOK_RESULTS(X) \
	X(FAL_HOOK_GENUINE, "genuine") \
	X(FAL_HOOK_INCOMPLETE, "a header of the signature is missing or malformed") \
	X(FAL_HOOK_STALE, "the timestamp is too far from our clock") \
	X(FAL_HOOK_FORGED, "the signature is of none of the keys")

enum fal_hook_result {
#define X(result, sentence) result,
	FAL_HOOK_RESULTS(X)
#undef X
};

/* Proves only that fal sent it, not that it is for us: the keys are the same for all its customers. */
enum fal_hook_result fal_hook_verify(const struct fal_hook *hook, const struct fal_keys *keys, int64_t now_s);
const char *fal_hook_sentence(enum fal_hook_result result);

/* What a webhook tells. */
struct fal_outcome {
	char request_id[FAL_ID_BYTES_MAX + 1];
	bool failed;
	struct fal_error error;
	char video_url[FAL_URL_BYTES_MAX + 1];  /* empty: it went well, and the result must be asked for */
};
bool fal_read_outcome(struct slice body, struct fal_outcome *out, const char **out_why);
