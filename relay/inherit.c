#include "relay/inherit.h"

#include "base/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_option(int fd, int name, int wanted)
{
	int value = 0;
	socklen_t len = sizeof value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 && value == wanted;
}

/* The address that a listening TCP socket has; false if it is none. */
static bool name_socket(int fd, char text[INHERIT_ADDRESS_BYTES_MAX], uint16_t *out_port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} a;
	socklen_t len = sizeof a;
	char host[INET6_ADDRSTRLEN];

	if (!is_option(fd, SO_TYPE, SOCK_STREAM) || !is_option(fd, SO_ACCEPTCONN, 1) ||
		getsockname(fd, &a.any, &len) != 0)
		return false;
	if (a.any.sa_family == AF_INET) {
		*out_port = ntohs(a.four.sin_port);
		inet_ntop(AF_INET, &a.four.sin_addr, host, sizeof host);
		snprintf(text, INHERIT_ADDRESS_BYTES_MAX, "%s:%u", host, *out_port);
	} else if (a.any.sa_family == AF_INET6) {
		*out_port = ntohs(a.six.sin6_port);
		inet_ntop(AF_INET6, &a.six.sin6_addr, host, sizeof host);
		snprintf(text, INHERIT_ADDRESS_BYTES_MAX, "[%s]:%u", host, *out_port);
	} else {
		return false;
	}
	return true;
}

static unsigned long number_of(const char *name)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : 0;
}

bool inherit_open(struct inherit *inherit, char *why, size_t why_bytes)
{
	bool is_ours = number_of("LISTEN_PID") == (unsigned long)getpid();
	unsigned long count = is_ours ? number_of("LISTEN_FDS") : 0;

	*inherit = (struct inherit){ 0 };
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (count > INHERIT_COUNT_MAX) {
		snprintf(why, why_bytes, "LISTEN_FDS=%lu: at most %d sockets can be inherited", count,
			INHERIT_COUNT_MAX);
		return false;
	}
	for (unsigned i = 0; i < count; i++) {
		char address[INHERIT_ADDRESS_BYTES_MAX];
		int fd = INHERIT_FD_FIRST + (int)i;
		uint16_t port;

		fcntl(fd, F_SETFD, FD_CLOEXEC);
		if (!name_socket(fd, address, &port)) {
			snprintf(why, why_bytes, "the inherited descriptor %d is no listening TCP socket; "
				"the socket unit needs ListenStream=HOST:PORT and Accept=no", fd);
			return false;
		}
		if (i == 0) {
			memcpy(inherit->address, address, sizeof address);
			inherit->port = port;
		}
	}
	inherit->count = (unsigned)count;
	return true;
}

int inherit_socket(const struct inherit *inherit, unsigned index)
{
	check(inherit->count > 0);
	return fcntl(INHERIT_FD_FIRST + (int)(index % inherit->count), F_DUPFD_CLOEXEC, INHERIT_FD_FIRST);
}
