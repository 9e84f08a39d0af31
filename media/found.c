#include "media/found.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A FIFO in the place of a log must not keep everybody waiting. */
enum { READ_BYTES = 64 * 1024, DEPTH_MAX = 4, READ_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };

bool found_is_sid(const char *name)
{
	const size_t len = strlen(name);

	return len > 2 && len <= SID_BYTES_MAX && name[0] == 'C' && name[1] == 'A' &&
		strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

static int open_call(const char *spool, const char *call_sid)
{
	const int spool_fd = open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int fd = spool_fd >= 0
		? openat(spool_fd, call_sid, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (spool_fd >= 0)
		(void)close(spool_fd);
	return fd;
}

static int open_part(int call_fd, int part)
{
	char name[16];

	(void)snprintf(name, sizeof name, "%d", part);
	return openat(call_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* --- lengths and times ----------------------------------------------------------------------------- */

static void note_file(struct found *f, int part_fd, const char *name, bool is_sound)
{
	struct stat s;

	if (fstatat(part_fd, name, &s, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	const int64_t ms = (int64_t)s.st_mtim.tv_sec * 1000 + s.st_mtim.tv_nsec / 1000000;

	f->touched_ms = ms > f->touched_ms ? ms : f->touched_ms;
	f->sound_bytes += is_sound ? (int64_t)s.st_size : 0;
}

static bool is_locked(int part_fd)
{
	const int fd = openat(part_fd, SPOOL_LOG_FILE, READ_FLAGS);
	const bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		(void)close(fd);
	return locked;
}

static void look_at_part(struct found *f, int part_fd, int64_t now_ms)
{
	struct stat s;

	note_file(f, part_fd, SPOOL_LOG_FILE, false);
	note_file(f, part_fd, SPOOL_CALLER_FILE, true);
	note_file(f, part_fd, SPOOL_VOICE_FILE, true);
	note_file(f, part_fd, SPOOL_PLAYED_FILE, true);
	if (fstat(part_fd, &s) == 0 && !f->touched_ms)
		f->touched_ms = (int64_t)s.st_mtim.tv_sec * 1000;
	/* A clock that was set back must not make it wait for ever. */
	const bool is_fresh = now_ms - f->touched_ms < FOUND_FRESH_MS && f->touched_ms - now_ms < FOUND_FRESH_MS;

	f->is_written = f->is_written || is_fresh || is_locked(part_fd);
}

void found_look(struct found *f, const char *spool, const char *call_sid, int64_t now_ms)
{
	const int call_fd = open_call(spool, call_sid);

	memset(f, 0, sizeof *f);
	f->is_there = call_fd >= 0;
	if (!f->is_there)
		return;
	for (int part = 1; part <= FOUND_PARTS_MAX; part++) {
		const int part_fd = open_part(call_fd, part);

		if (part_fd < 0)
			break;
		f->part_count = part;
		look_at_part(f, part_fd, now_ms);
		(void)close(part_fd);
	}
	(void)close(call_fd);
}

/* --- logs ------------------------------------------------------------------------------------------ */

static void note_event(struct found *f, const struct spool_event *e)
{
	if (e->word == SPOOL_BEGIN) {
		if (!f->is_known)
			f->first = *e;
		f->is_known = true;
		(void)slice_copy(slice_of(e->stream), f->last_stream, sizeof f->last_stream);
	} else if (e->word == SPOOL_RECORDING && e->on == 0) {
		const enum spool_why why = spool_why_parse(slice_of(e->text));

		f->is_withdrawn = f->is_withdrawn || why == SPOOL_WITHDRAWN;
		if (f->why == SPOOL_WHOLE || why == SPOOL_WITHDRAWN)
			f->why = why;
	} else if (e->word == SPOOL_END) {
		f->is_ended = true;
		f->end_reason = end_reason_parse(slice_of(e->text));
	}
}

/* Whole lines out of what was read; the begun one moves to the front. The count of bytes that are left. */
static size_t take_lines(struct found *f, struct spool_reader *reader, char *bytes, size_t len, bool *out_failed)
{
	struct slice rest = { bytes, len };
	struct spool_event event;
	enum spool_result result;

	while ((result = spool_read(reader, &rest, &event)) == SPOOL_EVENT)
		note_event(f, &event);
	*out_failed = result == SPOOL_FAIL;
	if (rest.len && rest.data != bytes)
		memmove(bytes, rest.data, rest.len);
	return rest.len;
}

static void read_log(struct found *f, int fd)
{
	static char bytes[READ_BYTES + SPOOL_LINE_BYTES_MAX];
	struct spool_reader reader;
	size_t len = 0;
	bool failed = false;

	spool_reader_init(&reader);
	f->is_ended = false;
	while (!failed && len < sizeof bytes) {
		const ssize_t n = read(fd, bytes + len, sizeof bytes - len);

		if (n <= 0)
			break;
		len = take_lines(f, &reader, bytes, len + (size_t)n, &failed);
	}
}

void found_read_logs(struct found *f, const char *spool, const char *call_sid)
{
	const int call_fd = open_call(spool, call_sid);

	for (int part = 1; call_fd >= 0 && part <= f->part_count; part++) {
		const int part_fd = open_part(call_fd, part);
		const int fd = part_fd >= 0 ? openat(part_fd, SPOOL_LOG_FILE, READ_FLAGS) : -1;

		if (fd >= 0) {
			read_log(f, fd);
			(void)close(fd);
		}
		if (part_fd >= 0)
			(void)close(part_fd);
	}
	if (call_fd >= 0)
		(void)close(call_fd);
}

/* --- deleting -------------------------------------------------------------------------------------- */

static bool delete_inside(int folder_fd, int depth, bool is_log_spared);

static bool delete_entry(int folder_fd, const char *name, int depth, bool is_log_spared)
{
	if (is_log_spared && strcmp(name, SPOOL_LOG_FILE) == 0)
		return true;
	if (unlinkat(folder_fd, name, 0) == 0 || errno == ENOENT)
		return true;
	const int fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return false;
	const bool is_empty = delete_inside(fd, depth + 1, is_log_spared);

	(void)close(fd);
	return is_empty && (is_log_spared || unlinkat(folder_fd, name, AT_REMOVEDIR) == 0);
}

/* Borrows `folder_fd`. */
static bool delete_inside(int folder_fd, int depth, bool is_log_spared)
{
	const int fd = depth < DEPTH_MAX ? openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	bool is_done = folder != NULL;

	if (!folder && fd >= 0)
		(void)close(fd);
	for (const struct dirent *e; folder && (e = readdir(folder));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			is_done = delete_entry(folder_fd, e->d_name, depth, is_log_spared) && is_done;
	if (folder)
		(void)closedir(folder);
	return is_done;
}

bool found_delete(const char *spool, const char *call_sid)
{
	const int spool_fd = open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int call_fd = open_call(spool, call_sid);
	bool is_done = call_fd < 0 && errno == ENOENT;

	if (call_fd >= 0 && spool_fd >= 0)
		is_done = delete_inside(call_fd, 0, true) && fsync(call_fd) == 0 && delete_inside(call_fd, 0, false)
			&& unlinkat(spool_fd, call_sid, AT_REMOVEDIR) == 0 && fsync(spool_fd) == 0;
	if (call_fd >= 0)
		(void)close(call_fd);
	if (spool_fd >= 0)
		(void)close(spool_fd);
	return is_done;
}
