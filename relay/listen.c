#include "relay/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

bool listen_split(const char *address, char host[LISTEN_HOST_BYTES_MAX], uint16_t *out_port)
{
	const char *colon = strrchr(address, ':');
	char *end;

	if (!colon || colon[1] < '0' || colon[1] > '9')
		return false;
	unsigned long port = strtoul(colon + 1, &end, 10);
	size_t len = (size_t)(colon - address);

	if (*end || port > 65535 || len >= LISTEN_HOST_BYTES_MAX)
		return false;
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	} else if (memchr(address, ':', len)) {
		return false;
	}
	memcpy(host, address, len);
	host[len] = '\0';
	if (strcmp(host, "*") == 0)
		host[0] = '\0';
	*out_port = (uint16_t)port;
	return true;
}

static int open_one(const struct addrinfo *a, bool shared)
{
	int on = 1;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
		(!shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) &&
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
		bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
		return fd;
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof address;

	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return 0;
	return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port :
						       ((struct sockaddr_in *)&address)->sin_port);
}

int listen_open(const char *address, bool shared, uint16_t *out_port, char *why, size_t why_bytes)
{
	char host[LISTEN_HOST_BYTES_MAX], service[8];
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found;
	uint16_t port;

	if (!listen_split(address, host, &port)) {
		snprintf(why, why_bytes, "%s: not HOST:PORT", address);
		return -1;
	}
	snprintf(service, sizeof service, "%u", port);
	int error = getaddrinfo(host[0] ? host : NULL, service, &hints, &found);

	if (error) {
		snprintf(why, why_bytes, "%s: %s", address, gai_strerror(error));
		return -1;
	}
	int fd = open_one(found, shared);

	if (fd < 0)
		snprintf(why, why_bytes, "cannot listen on %s: %s", address, strerror(errno));
	else
		*out_port = port_of(fd);
	freeaddrinfo(found);
	return fd;
}

/* --- a path --------------------------------------------------------------------------------------- */

/* Whether it may be taken: nothing is there, or a socket that nobody serves (removed now). */
static bool clear_path(const struct sockaddr_un *a, int type)
{
	struct stat file;

	if (lstat(a->sun_path, &file) != 0)
		return errno == ENOENT;
	if (!S_ISSOCK(file.st_mode))
		return false;
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	bool is_served = connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 || errno != ECONNREFUSED;

	close(fd);
	return !is_served && unlink(a->sun_path) == 0;
}

static int fail_path(int fd, const char *path, const char *what, char *why, size_t why_bytes)
{
	snprintf(why, why_bytes, "cannot listen on %s: %s", path, what);
	if (fd >= 0)
		close(fd);
	return -1;
}

int listen_open_path(const char *path, int type, mode_t mode, char *why, size_t why_bytes)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len >= sizeof a.sun_path)
		return fail_path(-1, path, "the path is too long", why, why_bytes);
	memcpy(a.sun_path, path, len);
	if (!clear_path(&a, type))
		return fail_path(-1, path, "something else is there, or serves it", why, why_bytes);
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* Linux gives the path the socket's own mode, less the umask: nobody may connect before the mode is right. */
	bool is_open = fd >= 0 && fchmod(fd, 0) == 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
		chmod(path, mode) == 0 && listen(fd, LISTEN_BACKLOG) == 0;

	return is_open ? fd : fail_path(fd, path, strerror(errno), why, why_bytes);
}
