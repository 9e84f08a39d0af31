#include "ctl/link.h"

#include "base/slice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static bool fail(const char *what, char *why, size_t why_bytes)
{
	snprintf(why, why_bytes, "%s: %s", what, strerror(errno));
	return false;
}

bool link_open(struct link *l, const char *path, char *why, size_t why_bytes)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return fail("socket", why, why_bytes);
	if (!slice_copy(slice_of(path), address.sun_path, sizeof address.sun_path)) {
		snprintf(why, why_bytes, "%s: a socket's path has at most %zu bytes", path, sizeof address.sun_path - 1);
		return false;
	}
	if (connect(l->fd, (struct sockaddr *)&address, sizeof address) == 0)
		return true;
	fail(path, why, why_bytes);
	if (errno == ENOENT || errno == ECONNREFUSED)
		snprintf(why, why_bytes, "%s: %s: does the relay run, with RELAY_CONTROL set to this path?", path,
			strerror(errno));
	return false;
}

static bool send_all(struct link *l, const char *text, char *why, size_t why_bytes)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = send(l->fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return fail("the relay went away", why, why_bytes);
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* One line, byte by byte: what follows it is the caller's. */
static bool read_line(struct link *l, char *line, char *why, size_t why_bytes)
{
	size_t len = 0;

	while (len + 1 < LINK_LINE_BYTES_MAX) {
		ssize_t n = recv(l->fd, line + len, 1, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail("the relay does not answer", why, why_bytes);
		if (n == 0)
			break;
		if (line[len] == '\n') {
			line[len] = '\0';
			return true;
		}
		len++;
	}
	snprintf(why, why_bytes, "the relay hung up without an answer");
	return false;
}

bool link_ask(struct link *l, const char *line, char *why, size_t why_bytes)
{
	struct timeval patience = { .tv_sec = LINK_ANSWER_MS / 1000 }, forever = { 0 };
	char answer[LINK_LINE_BYTES_MAX];

	setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (!send_all(l, line, why, why_bytes) || !read_line(l, answer, why, why_bytes))
		return false;
	setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof forever);
	if (strcmp(answer, "ok") == 0)
		return true;
	snprintf(why, why_bytes, "%s", strncmp(answer, "error ", 6) == 0 ? answer + 6 : "that is no relay's control socket");
	return false;
}

ssize_t link_read(struct link *l, void *out, size_t room)
{
	ssize_t n;

	do {
		n = recv(l->fd, out, room, 0);
	} while (n < 0 && errno == EINTR);
	return n;
}

void link_close(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
