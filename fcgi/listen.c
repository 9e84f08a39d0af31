#include "fcgi/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static int fail(int fd, const char *address, const char *what, char *why, size_t why_bytes)
{
	snprintf(why, why_bytes, "--socket %.200s: %s", address, what);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Whether the path may be taken: nothing is there, or a socket that nobody serves (removed now). */
static bool clear_path(const struct sockaddr_un *a)
{
	struct stat file;

	if (lstat(a->sun_path, &file) != 0)
		return errno == ENOENT;
	if (!S_ISSOCK(file.st_mode))
		return false;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool is_served = connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 || errno != ECONNREFUSED;
	close(fd);
	return !is_served && unlink(a->sun_path) == 0;
}

static int open_path(const char *path, mode_t mode, char *why, size_t why_bytes)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len >= sizeof a.sun_path)
		return fail(-1, path, "path too long", why, why_bytes);
	memcpy(a.sun_path, path, len);
	if (!clear_path(&a))
		return fail(-1, path, "something else is there, or serves it", why, why_bytes);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* Nobody may connect before the mode is right. */
	mode_t before = umask(0777);
	bool is_bound = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
	umask(before);
	if (!is_bound || chmod(path, mode) != 0 || listen(fd, BACKLOG) != 0)
		return fail(fd, path, strerror(errno), why, why_bytes);
	return fd;
}

static int open_address(const struct addrinfo *a)
{
	int one = 1;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0
		&& bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int open_port(const char *address, char *why, size_t why_bytes)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(address, ':');
	size_t host_len = colon ? (size_t)(colon - address) : 0;
	struct addrinfo *found;
	char host[256];

	if (!colon || host_len >= sizeof host)
		return fail(-1, address, "neither a path nor HOST:PORT", why, why_bytes);
	snprintf(host, sizeof host, "%.*s", host_len ? (int)host_len : 9, host_len ? address : "127.0.0.1");
	int error = getaddrinfo(host, colon + 1, &hints, &found);
	if (error)
		return fail(-1, address, gai_strerror(error), why, why_bytes);
	int fd = open_address(found);
	int saved = errno;
	freeaddrinfo(found);
	return fd >= 0 ? fd : fail(-1, address, strerror(saved), why, why_bytes);
}

int listen_open(const char *address, mode_t mode, char *why, size_t why_bytes)
{
	return strchr(address, '/') ? open_path(address, mode, why, why_bytes)
				    : open_port(address, why, why_bytes);
}
