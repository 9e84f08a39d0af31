#include "media/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BOOT_BYTES = 36, STARTED_FIELD = 22, STAT_BYTES_MAX = 1024 };

static size_t read_file(const char *path, char *out, size_t out_bytes)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd >= 0 ? read(fd, out, out_bytes - 1) : -1;

	if (fd >= 0)
		(void)close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* When a process was started, in ticks since the boot; 0: there is none, or it is dead and not yet collected.
 * proc(5): the second field, the name, stands in parentheses and may hold anything. */
static unsigned long long started_at(long pid)
{
	char path[64], text[STAT_BYTES_MAX];

	(void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	if (!read_file(path, text, sizeof text))
		return 0;
	const char *at = strrchr(text, ')');

	if (!at || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X')
		return 0;
	for (int field = 2; at && field < STARTED_FIELD; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

/* "BOOT:PIDSPACE:" of this machine and container. */
static bool write_place(char *out, size_t out_bytes)
{
	char boot[BOOT_BYTES + 2], space[64];
	const ssize_t len = readlink("/proc/self/ns/pid", space, sizeof space - 1);

	if (len <= 0 || read_file("/proc/sys/kernel/random/boot_id", boot, sizeof boot) < BOOT_BYTES)
		return false;
	boot[BOOT_BYTES] = space[len] = '\0';
	const char *number = strchr(space, '[');
	const int n = snprintf(out, out_bytes, "%s:%.*s:", boot, number ? (int)strcspn(number + 1, "]") : 0,
		number ? number + 1 : "");

	return n > 0 && (size_t)n < out_bytes;
}

bool owner_self(char out[JOB_OWNER_BYTES_MAX + 1])
{
	char place[JOB_OWNER_BYTES_MAX];

	if (!write_place(place, sizeof place))
		return false;
	const int n = snprintf(out, JOB_OWNER_BYTES_MAX + 1, "%s%ld:%llu", place, (long)getpid(), started_at(getpid()));

	return n > 0 && n <= JOB_OWNER_BYTES_MAX;
}

bool owner_is_gone(const char *owner)
{
	char place[JOB_OWNER_BYTES_MAX];

	if (!write_place(place, sizeof place) || strlen(owner) <= strlen(place))
		return false;
	if (strncmp(owner, place, BOOT_BYTES + 1) != 0)
		return true; /* the machine was started anew */
	if (strncmp(owner, place, strlen(place)) != 0)
		return false;
	char *end;
	const long pid = strtol(owner + strlen(place), &end, 10);

	if (pid <= 0 || *end != ':')
		return false;
	return started_at(pid) != strtoull(end + 1, NULL, 10);
}
