/* Each file: opened as NAME.part, written, synced, renamed, and then its folder synced. */
#include "media/made.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES_MAX = 32 };

static const struct {
	const char *name;
	const char *type;
} files[MADE_COUNT] = {
#define MADE_ROW(made, name, type) [MADE_##made] = { name, type },
	MADE_FILES(MADE_ROW)
#undef MADE_ROW
};

const char *made_name(enum made made)
{
	check(made < MADE_COUNT);
	return files[made].name;
}

const char *made_type(enum made made)
{
	check(made < MADE_COUNT);
	return files[made].type;
}

static bool name_path(char *out, size_t out_bytes, const char *folder, enum made made, const char *ending)
{
	const int len = snprintf(out, out_bytes, "%s/%s%s", folder, made_name(made), ending);

	return len > 0 && (size_t)len < out_bytes;
}

bool made_path(char *out, size_t out_bytes, const char *folder, enum made made)
{
	return name_path(out, out_bytes, folder, made, "");
}

bool made_part_path(char *out, size_t out_bytes, const char *folder, enum made made)
{
	return name_path(out, out_bytes, folder, made, ".part");
}

static int open_folder(const char *folder)
{
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void part_name(char out[NAME_BYTES_MAX], enum made made)
{
	(void)snprintf(out, NAME_BYTES_MAX, "%s.part", made_name(made));
}

int64_t made_bytes(const char *folder, enum made made)
{
	const int folder_fd = open_folder(folder);
	struct stat s;
	const bool is_there = folder_fd >= 0 && fstatat(folder_fd, made_name(made), &s, 0) == 0 && S_ISREG(s.st_mode);

	if (folder_fd >= 0)
		(void)close(folder_fd);
	return is_there ? (int64_t)s.st_size : -1;
}

bool made_exists(const char *folder, enum made made)
{
	return made_bytes(folder, made) >= 0;
}

/* Closes what is open and keeps errno. */
static bool give_up(struct made_file *f)
{
	const int error = errno;

	if (f->fd >= 0)
		(void)close(f->fd);
	if (f->folder_fd >= 0)
		(void)close(f->folder_fd);
	f->fd = f->folder_fd = -1;
	errno = error;
	return false;
}

void made_drop(struct made_file *f)
{
	char part[NAME_BYTES_MAX];

	part_name(part, f->made);
	if (f->folder_fd >= 0) {
		const int error = errno;

		(void)unlinkat(f->folder_fd, part, 0);
		errno = error;
	}
	(void)give_up(f);
}

bool made_begin(struct made_file *f, const char *folder, enum made made)
{
	char part[NAME_BYTES_MAX];

	part_name(part, made);
	*f = (struct made_file){ .fd = -1, .folder_fd = open_folder(folder), .made = made };
	if (f->folder_fd < 0)
		return false;
	f->fd = openat(f->folder_fd, part, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	return f->fd >= 0 || give_up(f);
}

bool made_end(struct made_file *f)
{
	char part[NAME_BYTES_MAX];

	check(f->fd >= 0 && f->folder_fd >= 0);
	part_name(part, f->made);
	if (fsync(f->fd) != 0 || renameat(f->folder_fd, part, f->folder_fd, made_name(f->made)) != 0
		|| fsync(f->folder_fd) != 0) {
		made_drop(f);
		return false;
	}
	(void)give_up(f);
	return true;
}

bool made_adopt(const char *folder, enum made made)
{
	char part[NAME_BYTES_MAX];
	struct made_file f = { .fd = -1, .folder_fd = open_folder(folder), .made = made };

	part_name(part, made);
	if (f.folder_fd < 0)
		return false;
	f.fd = openat(f.folder_fd, part, O_RDONLY | O_CLOEXEC);
	return f.fd >= 0 ? made_end(&f) : give_up(&f);
}

void made_sweep(const char *folder)
{
	const int folder_fd = open_folder(folder);
	char part[NAME_BYTES_MAX];

	if (folder_fd < 0)
		return;
	for (enum made made = 0; made < MADE_COUNT; made++) {
		part_name(part, made);
		(void)unlinkat(folder_fd, part, 0);
	}
	(void)close(folder_fd);
}
