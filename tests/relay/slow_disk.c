/* LD_PRELOAD: pwrite(2) to a recording waits for as long as the file SLOW_DISK_GATE is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void wait_if_recorded(int fd)
{
	const char *gate = getenv("SLOW_DISK_GATE");
	char link[64], path[512];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, path, sizeof path - 1);
	if (len < 5 || !gate)
		return;
	path[len] = '\0';
	if (!strstr(path, ".ulaw"))
		return;
	while (access(gate, F_OK) == 0)
		usleep(10000);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	ssize_t (*real)(int, const void *, size_t, off64_t) =
		(ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");

	wait_if_recorded(fd);
	return real(fd, data, len, at);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	return pwrite64(fd, data, len, at);
}
