#include "sim/fal_reach.h"

#include "base/check.h"
#include "proto/url.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int dial(const char *url, int wait_ms)
{
	const struct timeval wait = { wait_ms / 1000, wait_ms % 1000 * 1000 };
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	char host[256], port[8];
	struct url parts;
	int fd = -1;

	if (!url_split(slice_of(url), &parts) || parts.is_tls || !slice_copy(parts.host, host, sizeof host) ||
		!slice_copy(url_port(&parts), port, sizeof port) || getaddrinfo(host, port, &hints, &found) != 0)
		return -1;
	for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
		if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			(void)close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

static char *read_all(int fd, size_t *out_len)
{
	size_t room = 65536, len = 0;
	char *bytes = malloc(room + 1);

	check(bytes);
	for (;;) {
		const ssize_t got = recv(fd, bytes + len, room - len, 0);

		if (got <= 0)
			break;
		len += (size_t)got;
		if (len == room) {
			room *= 2;
			bytes = room > FAL_REACH_BYTES_MAX ? NULL : realloc(bytes, room + 1);
			check(bytes);
		}
	}
	bytes[len] = '\0';
	*out_len = len;
	return bytes;
}

/* Content-Length if it is told, so that a cut answer is none. */
static bool is_whole(const char *bytes, size_t len, size_t head_len)
{
	const char *line = strcasestr(bytes, "\r\nContent-Length:");

	return !line || line > bytes + head_len || strtoull(line + 17, NULL, 10) <= len - head_len;
}

static int status_of(char *bytes, size_t len, size_t *out_head_len)
{
	const char *end = memmem(bytes, len, "\r\n\r\n", 4);

	if (!end || len < 12 || strncmp(bytes, "HTTP/1.", 7) != 0)
		return 0;
	*out_head_len = (size_t)(end - bytes) + 4;
	return is_whole(bytes, len, *out_head_len) ? (int)strtol(bytes + 9, NULL, 10) : 0;
}

int fal_reach(const char *url, const char *request, size_t request_len, int wait_ms, char **out_body,
	size_t *out_body_len)
{
	const int fd = dial(url, wait_ms);
	size_t sent = 0, len = 0, head_len = 0;

	if (fd < 0)
		return 0;
	while (sent < request_len) {
		const ssize_t put = send(fd, request + sent, request_len - sent, MSG_NOSIGNAL);

		if (put <= 0)
			break;
		sent += (size_t)put;
	}
	char *bytes = read_all(fd, &len);
	const int status = status_of(bytes, len, &head_len);

	(void)close(fd);
	if (out_body && status) {
		memmove(bytes, bytes + head_len, len - head_len + 1);
		*out_body = bytes;
		*out_body_len = len - head_len;
		return status;
	}
	free(bytes);
	return status;
}
