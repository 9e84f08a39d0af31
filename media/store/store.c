/* Which kind it is, by the settings; and what both kinds need. */
#include "media/store/store.h"

#include "base/check.h"
#include "base/digest.h"
#include "proto/sigv4.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool store_open(struct store *store, const struct conf *conf, char *why, size_t why_bytes)
{
	*store = (struct store){ .conf = conf };
	store->kind = *conf_text(conf, BUCKET_NAME) ? &store_s3 : &store_folder;
	if (store->kind->open(store, why, why_bytes))
		return true;
	store_close(store);
	return false;
}

void store_close(struct store *store)
{
	if (store->kind)
		store->kind->close(store);
	*store = (struct store){ 0 };
}

void store_describe(const struct store *store, char *out, size_t out_bytes)
{
	store->kind->describe(store, out, out_bytes);
}

/* Segments of letters, digits, '-', '_' and '.', none of which begins with a dot: nothing to encode, no way up. */
static bool is_key(const char *key)
{
	size_t len = strlen(key);

	if (len == 0 || len > STORE_KEY_BYTES_MAX || key[len - 1] == '/')
		return false;
	for (size_t i = 0; i < len; i++) {
		bool begins = i == 0 || key[i - 1] == '/';
		bool is_plain = (key[i] >= 'a' && key[i] <= 'z') || (key[i] >= 'A' && key[i] <= 'Z') ||
			(key[i] >= '0' && key[i] <= '9') || key[i] == '_' || key[i] == '-';

		if (!is_plain && (begins || (key[i] != '.' && key[i] != '/')))
			return false;
	}
	return true;
}

enum store_result store_put(struct store *store, const struct store_file *file, struct store_answer *out)
{
	check(is_key(file->key) && strlen(file->sha256_hex) == 64);
	*out = (struct store_answer){ 0 };
	return store->kind->put(store, file, out);
}

struct reading {
	int fd;
	int error;                      /* errno of the read that failed */
	uint8_t block[64 * 1024];
};

static size_t read_on(void *owner, const uint8_t **out_bytes)
{
	struct reading *r = owner;
	ssize_t n;

	do
		n = read(r->fd, r->block, sizeof r->block);
	while (n < 0 && errno == EINTR);
	r->error = n < 0 ? errno : 0;
	*out_bytes = r->block;
	return n > 0 ? (size_t)n : 0;
}

bool store_hash(const char *path, char out[65])
{
	struct reading r = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
	uint8_t hash[SHA256_BYTES];

	if (r.fd < 0)
		return false;
	digest_sha256_pull(read_on, &r, hash);
	close(r.fd);
	sigv4_hex(hash, sizeof hash, out);
	errno = r.error;
	return !r.error;
}

const char *store_key_of(const char *base, const char *url)
{
	size_t len = strlen(base);

	return strncmp(url, base, len) == 0 && is_key(url + len) ? url + len : NULL;
}

bool store_link(struct store *store, const char *url, int64_t seconds, char *out, size_t out_bytes, char *why,
	size_t why_bytes)
{
	return store->kind->link(store, url, seconds, out, out_bytes, why, why_bytes);
}

enum store_result store_delete(struct store *store, const char *url, struct store_answer *out)
{
	*out = (struct store_answer){ 0 };
	return store->kind->remove(store, url, out);
}

enum store_result store_fail(struct store_answer *out, enum store_result result, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->why, sizeof out->why, format, args);
	va_end(args);
	return result;
}
