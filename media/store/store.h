/*
 * store - where the files of a call are kept for good: an S3 bucket, or a folder that the web server shows.
 *
 * Place:    media, above http and proto's sigv4. For the upload step, --link and whoever needs a file to have a URL.
 * Usage:    struct store store;
 *           if (!store_open(&store, conf, why, sizeof why)) the settings are wrong;
 *           struct store_file file = { .path = "…/video.mp4", .key = key, .type = "video/mp4" };
 *           switch (store_put(&store, &file, &answer)) …           answer.url is what the database keeps
 *           store_link(&store, url, 600, link, sizeof link, why, sizeof why)
 *           store_close(&store);
 * Choice:   BUCKET_NAME set: S3; else MEDIA_DIR.
 * URLs:     what store_put() answers is stable. Of a folder anybody can fetch it who knows it: the key holds 128 bits
 *           of the content's hash, so who can guess the URL has the file already. Of a bucket it is the object's
 *           plain URL, which is refused without a signature: store_link() makes one that is good for a while.
 * Redo:     a key names one content for ever; what is there already, whole, is not sent again.
 * Fails:    STORE_AGAIN may work later, at the soonest after retry_after_ms; STORE_CONFIG needs the operator;
 *           STORE_NEVER needs another file. `why` is a sentence without secrets, and without URLs
 *           of files, which are as good as keys.
 * Limits:   one PUT: STORE_BYTES_MAX.
 */
#pragma once

#include "base/conf.h"

#include <stdint.h>

enum {
	STORE_KEY_BYTES_MAX = 512,
	STORE_URL_BYTES_MAX = 1000,
	STORE_LINK_BYTES_MAX = 8192,    /* a session token is long */
	STORE_WHY_BYTES_MAX = 512,
	STORE_LINK_S_MAX = 7 * 86400
};
#define STORE_BYTES_MAX (5LL << 30)

enum store_result { STORE_OK, STORE_AGAIN, STORE_CONFIG, STORE_NEVER, STORE_STOPPED };

/* Before what is sent: asked about twice a second while it waits; false stops. */
struct store_watch {
	bool (*alive)(void *user, uint64_t sent_bytes, uint64_t file_bytes);
	void *user;
};

struct store_file {
	const char *path;
	const char *key;                /* "calls/7/2026/11/24/CA…/video-<hash>.mp4": letters, digits, - _ . / */
	const char *type;
	const char *sha256_hex;         /* of its content, lower case */
	struct store_watch watch;
};

struct store_answer {
	char url[STORE_URL_BYTES_MAX + 1];
	bool was_there;                 /* nothing had to be sent */
	uint64_t retry_after_ms;
	char why[STORE_WHY_BYTES_MAX];
};

struct store {
	const struct store_kind *kind;
	const struct conf *conf;        /* borrowed until store_close() */
	void *state;                    /* the kind's own */
};

/* false: a setting is wrong or missing; `why` says which. Nothing is asked or written yet. */
bool store_open(struct store *store, const struct conf *conf, char *why, size_t why_bytes);
void store_close(struct store *store);
/* "s3 BUCKET at HOST" or "folder PATH": for --check-config and logs. */
void store_describe(const struct store *store, char *out, size_t out_bytes);
/* Its SHA-256 in hex, of 64 digits and a NUL; false, with errno: it cannot be read. */
bool store_hash(const char *path, char out[65]);
enum store_result store_put(struct store *store, const struct store_file *file, struct store_answer *out);
/* A URL that works in a browser for `seconds` (a folder's works for ever). `url` is what store_put() answered.
 * false: it is not one of this store's, with a sentence. */
bool store_link(struct store *store, const char *url, int64_t seconds, char *out, size_t out_bytes, char *why,
	size_t why_bytes);
/* Deletes what `url` names; what is not there counts as deleted. Tries once. */
enum store_result store_delete(struct store *store, const char *url, struct store_answer *out);

/* --- for the kinds: media/store/store_s3.c, media/store/store_folder.c ----------------------------------------- */

struct store_kind {
	bool (*open)(struct store *store, char *why, size_t why_bytes);
	void (*close)(struct store *store);
	void (*describe)(const struct store *store, char *out, size_t out_bytes);
	enum store_result (*put)(struct store *store, const struct store_file *file, struct store_answer *out);
	bool (*link)(struct store *store, const char *url, int64_t seconds, char *out, size_t out_bytes, char *why,
		size_t why_bytes);
	enum store_result (*remove)(struct store *store, const char *url, struct store_answer *out);
};

extern const struct store_kind store_s3, store_folder;

/* The key behind `base` in a URL; NULL: another store's, or no key of ours. */
const char *store_key_of(const char *base, const char *url);
/* Writes a sentence into out->why and hands the result on. */
enum store_result store_fail(struct store_answer *out, enum store_result result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
