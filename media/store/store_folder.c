/*
 * A folder that the web server shows. A file is copied, not linked: the spool's is readable for the worker alone, and
 * what is shown must be in the folder's group (setgid). NAME.part -> sync -> rename -> sync the folder; who holds the
 * lock on NAME.part writes it. MEDIA_DIR itself is never made: if it is missing, a disk is not mounted.
 */
#include "base/check.h"
#include "media/store/store.h"
#include "media/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES_MAX = CONF_VALUE_BYTES_MAX + STORE_KEY_BYTES_MAX + 16, BASE_BYTES_MAX = CONF_VALUE_BYTES_MAX + 16,
	BLOCK_BYTES = 256 * 1024 };

struct folder {
	const char *path;               /* borrowed from the settings */
	char base[BASE_BYTES_MAX];      /* of URLs, with its final slash */
	char block[BLOCK_BYTES];
};

static void make_base(struct folder *folder, const struct conf *conf)
{
	const char *url = conf_text(conf, MEDIA_URL), *origin = conf_text(conf, PUBLIC_URL), *behind = "/";

	if (!*url) {
		url = *origin ? origin : folder->path;
		behind = *origin ? "/media/" : "/";
	}
	size_t len = strlen(url);

	while (len > 1 && url[len - 1] == '/')
		len--;
	snprintf(folder->base, sizeof folder->base, "%s%.*s%s", url == folder->path ? "file://" : "", (int)len, url,
		behind);
}

static bool open_folder(struct store *store, char *why, size_t why_bytes)
{
	struct folder *folder = calloc(1, sizeof *folder);

	check(folder);
	store->state = folder;
	folder->path = conf_text(store->conf, MEDIA_DIR);
	make_base(folder, store->conf);
	if (folder->path[0] != '/') {
		snprintf(why, why_bytes, "MEDIA_DIR=%.200s is not an absolute path", folder->path);
		return false;
	}
	return true;
}

static void close_folder(struct store *store)
{
	free(store->state);
	store->state = NULL;
}

static void describe(const struct store *store, char *out, size_t out_bytes)
{
	const struct folder *folder = store->state;

	snprintf(out, out_bytes, "folder %.300s, shown as %.300s", folder->path, folder->base);
}

/* What the world's refusal means: a full disk passes, a missing right does not. */
static enum store_result refused(struct store_answer *out, const char *what, const char *path, int error)
{
	bool passes = error == ENOSPC || error == EDQUOT || error == EIO || error == EINTR || error == ENOMEM ||
		error == EMFILE || error == ENFILE || error == ESTALE;

	return store_fail(out, passes ? STORE_AGAIN : STORE_CONFIG, "%s %.300s: %s", what, path, strerror(error));
}

/* Makes the folders of the key below MEDIA_DIR, which must be there. */
static enum store_result make_folders(const struct folder *folder, char *path, struct store_answer *out)
{
	size_t root_len = strlen(folder->path);
	struct stat facts;

	if (stat(folder->path, &facts) != 0)
		return refused(out, "MEDIA_DIR", folder->path, errno);
	for (char *slash = strchr(path + root_len + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool made = mkdir(path, 0750) == 0 || errno == EEXIST;
		enum store_result result = made ? STORE_OK : refused(out, "the folder", path, errno);

		*slash = '/';
		if (!made)
			return result;
	}
	return STORE_OK;
}

/* Opens NAME.part for us alone. Whoever had it may have renamed it meanwhile: then this is not it any more. */
static int open_part(const char *part)
{
	int fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	struct stat ours, there;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &ours) == 0 && stat(part, &there) == 0 &&
		ours.st_ino == there.st_ino && ftruncate(fd, 0) == 0)
		return fd;
	close(fd);
	return -EBUSY;
}

static enum store_result copy(struct folder *folder, const struct store_file *file, int from, int to, uint64_t bytes,
	struct store_answer *out)
{
	uint64_t done = 0;

	for (;;) {
		ssize_t n = read(from, folder->block, sizeof folder->block);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return refused(out, "cannot read", file->path, errno);
		if (n == 0)
			break;
		int error = write_all(to, folder->block, (size_t)n);

		if (error)
			return refused(out, "cannot write into", folder->path, -error);
		done += (uint64_t)n;
		if (file->watch.alive && !file->watch.alive(file->watch.user, done, bytes))
			return store_fail(out, STORE_STOPPED, "stopped");
	}
	if (done != bytes)
		return store_fail(out, STORE_AGAIN, "%.300s changed while it was copied", file->path);
	return fsync(to) == 0 ? STORE_OK : refused(out, "cannot sync a file in", folder->path, errno);
}

static bool sync_parent(char *path)
{
	char *slash = strrchr(path, '/');

	*slash = '\0';
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*slash = '/';
	bool done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static enum store_result keep(struct folder *folder, const struct store_file *file, int from, uint64_t bytes,
	char *path, struct store_answer *out)
{
	char part[PATH_BYTES_MAX];
	int len = snprintf(part, sizeof part, "%s.part", path);

	check(len > 0 && (size_t)len < sizeof part);
	int to = open_part(part);

	if (to == -EBUSY)
		return store_fail(out, STORE_AGAIN, "somebody else writes it into %.300s", folder->path);
	if (to < 0)
		return refused(out, "cannot make a file in", folder->path, -to);
	enum store_result result = copy(folder, file, from, to, bytes, out);

	if (result == STORE_OK && (rename(part, path) != 0 || !sync_parent(path)))
		result = refused(out, "cannot name a file in", folder->path, errno);
	/* A name that could not be synced is there all the same, and whole. */
	if (result != STORE_OK)
		unlink(part);
	close(to);
	return result;
}

static enum store_result put(struct store *store, const struct store_file *file, struct store_answer *out)
{
	struct folder *folder = store->state;
	char path[PATH_BYTES_MAX];
	struct stat facts, there;
	int len = snprintf(path, sizeof path, "%s/%s", folder->path, file->key);

	check(len > 0 && (size_t)len < sizeof path);
	len = snprintf(out->url, sizeof out->url, "%s%s", folder->base, file->key);
	if (len < 0 || (size_t)len >= sizeof out->url)
		return store_fail(out, STORE_CONFIG, "MEDIA_URL or MEDIA_DIR is too long");
	int from = open(file->path, O_RDONLY | O_CLOEXEC);

	if (from < 0 || fstat(from, &facts) != 0 || !S_ISREG(facts.st_mode)) {
		if (from >= 0)
			close(from);
		return store_fail(out, STORE_NEVER, "%.300s is not there to be kept", file->path);
	}
	enum store_result result = make_folders(folder, path, out);

	out->was_there = result == STORE_OK && stat(path, &there) == 0 && there.st_size == facts.st_size;
	if (result == STORE_OK && !out->was_there)
		result = keep(folder, file, from, (uint64_t)facts.st_size, path, out);
	close(from);
	return result;
}

static bool link_to(struct store *store, const char *url, int64_t seconds, char *out, size_t out_bytes, char *why,
	size_t why_bytes)
{
	const struct folder *folder = store->state;

	(void)seconds;
	if (!store_key_of(folder->base, url)) {
		snprintf(why, why_bytes, "its URL is not below %.300s, where the settings put files now", folder->base);
		return false;
	}
	int len = snprintf(out, out_bytes, "%s", url);

	return len >= 0 && (size_t)len < out_bytes;
}

/* The folders that it leaves empty go as well. */
static enum store_result delete_file(struct store *store, const char *url, struct store_answer *out)
{
	const struct folder *folder = store->state;
	const char *key = store_key_of(folder->base, url);
	char path[PATH_BYTES_MAX];

	if (!key)
		return store_fail(out, STORE_NEVER, "its URL is not below %.300s", folder->base);
	int len = snprintf(path, sizeof path, "%s/%s", folder->path, key);

	check(len > 0 && (size_t)len < sizeof path);
	if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
		return refused(out, "cannot take a file out of", folder->path, errno);
	for (char *end = strrchr(path, '/'); (size_t)(end - path) > strlen(folder->path); end = strrchr(path, '/')) {
		*end = '\0';
		if (rmdir(path) != 0)
			break;
	}
	return STORE_OK;
}

const struct store_kind store_folder = { open_folder, close_folder, describe, put, link_to, delete_file };
