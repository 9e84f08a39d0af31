#include "media/part_file.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { PART_NAME_BYTES = PART_FILE_NAME_BYTES_MAX + sizeof ".part" };

static void make_part_name(const struct part_file *f, char out[PART_NAME_BYTES])
{
	snprintf(out, PART_NAME_BYTES, "%s.part", f->name);
}

static void remember(struct part_file *f, bool ok)
{
	if (!ok && !f->error)
		f->error = -(errno ? errno : EIO);
}

int part_file_open(struct part_file *f, int folder_fd, const char *name)
{
	char part_name[PART_NAME_BYTES];
	int fd;

	check(strlen(name) <= PART_FILE_NAME_BYTES_MAX && !strchr(name, '/'));
	*f = (struct part_file){ .folder_fd = folder_fd };
	memcpy(f->name, name, strlen(name) + 1);
	make_part_name(f, part_name);
	fd = openat(folder_fd, part_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd >= 0 && !(f->file = fdopen(fd, "wb")))
		close(fd);
	remember(f, f->file != NULL);
	return f->error;
}

void part_file_put(struct part_file *f, const void *data, size_t bytes)
{
	if (f->file && !f->error && bytes > 0)
		remember(f, fwrite(data, bytes, 1, f->file) == 1);
}

void part_file_put_head(struct part_file *f, const void *data, size_t bytes)
{
	if (!f->file || f->error)
		return;
	remember(f, fseek(f->file, 0, SEEK_SET) == 0);
	part_file_put(f, data, bytes);
	remember(f, fseek(f->file, 0, SEEK_END) == 0);
}

static int give_name(struct part_file *f)
{
	char part_name[PART_NAME_BYTES];

	make_part_name(f, part_name);
	if (renameat(f->folder_fd, part_name, f->folder_fd, f->name) != 0 || fsync(f->folder_fd) != 0)
		return -errno;
	return 0;
}

int part_file_close(struct part_file *f)
{
	if (!f->file)
		return f->error;
	remember(f, fflush(f->file) == 0);
	if (!f->error)
		remember(f, fsync(fileno(f->file)) == 0);
	if (f->error) {
		part_file_drop(f);
		return f->error;
	}
	remember(f, fclose(f->file) == 0);
	f->file = NULL;
	if (!f->error)
		f->error = give_name(f);
	return f->error;
}

void part_file_drop(struct part_file *f)
{
	char part_name[PART_NAME_BYTES];

	if (!f->file)
		return;
	fclose(f->file);
	f->file = NULL;
	make_part_name(f, part_name);
	unlinkat(f->folder_fd, part_name, 0);
}
