#include "fcgi/relay_ask.h"

#include "base/check.h"
#include "base/clock.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* What is left of the time becomes the next call's bound. false: nothing is left. */
static bool set_bound(int fd, int option, uint64_t until_ms)
{
	uint64_t now_ms = clock_mono_ms();
	uint64_t left_ms = now_ms < until_ms ? until_ms - now_ms : 0;
	struct timeval bound = {(time_t)(left_ms / 1000), (suseconds_t)(left_ms % 1000) * 1000};

	return left_ms && setsockopt(fd, SOL_SOCKET, option, &bound, sizeof bound) == 0;
}

static enum relay_state state_of(struct slice answer)
{
	enum notice_state state;

	if (!notice_read_answer(answer, &state))
		return RELAY_ABSENT;
	switch (state) {
	case NOTICE_UP:
		return RELAY_UP;
	case NOTICE_FULL:
		return RELAY_FULL;
	case NOTICE_DRAINING:
		return RELAY_DRAINING;
	case NOTICE_UNABLE:
		return RELAY_UNABLE;
	case NOTICE_STATE_COUNT:
		break;
	}
	return RELAY_ABSENT;
}

/* What the relay says; empty: nothing. */
struct reply {
	char text[NOTICE_ANSWER_BYTES_MAX + 1];
	size_t len;
};

/* A full backlog is waited for in connect(2), as long as in send(2): both obey SO_SNDTIMEO. */
static void talk(int fd, const struct sockaddr_un *address, const struct notice *notice, uint64_t until_ms,
	struct reply *reply)
{
	char text[NOTICE_BYTES_MAX];
	size_t len = notice_write(notice, text);

	if (!set_bound(fd, SO_SNDTIMEO, until_ms) ||
		connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 ||
		!set_bound(fd, SO_SNDTIMEO, until_ms) ||
		send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len ||
		!set_bound(fd, SO_RCVTIMEO, until_ms))
		return;
	ssize_t n = recv(fd, reply->text, sizeof reply->text, 0);

	reply->len = n > 0 ? (size_t)n : 0;
}

static struct slice ask(const char *path, const struct notice *notice, uint32_t ms_max, struct reply *reply)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	uint64_t until_ms = clock_mono_ms() + ms_max;
	size_t len = strlen(path);

	reply->len = 0;
	if (len >= sizeof address.sun_path)
		return (struct slice){ 0 };
	memcpy(address.sun_path, path, len);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		talk(fd, &address, notice, until_ms, reply);
		close(fd);
	}
	return (struct slice){ reply->text, reply->len };
}

enum relay_state relay_ask(const char *path, const struct notice *notice, uint32_t ms_max)
{
	struct reply reply;

	return *path ? state_of(ask(path, notice, ms_max, &reply)) : RELAY_UNKNOWN;
}

enum end_reason relay_ask_end(const char *path, const char *call_sid, uint32_t ms_max)
{
	struct notice notice = { .kind = NOTICE_END };
	enum end_reason reason;
	struct reply reply;

	check(slice_copy(slice_of(call_sid), notice.call_sid, sizeof notice.call_sid));
	return *path && notice_read_end(ask(path, &notice, ms_max, &reply), &reason) ? reason : END_NONE;
}

bool relay_takes(enum relay_state state)
{
	return state == RELAY_UP || state == RELAY_UNKNOWN;
}

const char *relay_state_word(enum relay_state state)
{
	switch (state) {
	case RELAY_UNKNOWN:
		return "unknown";
	case RELAY_ABSENT:
		return "absent";
	case RELAY_UP:
		return notice_state_word(NOTICE_UP);
	case RELAY_FULL:
		return notice_state_word(NOTICE_FULL);
	case RELAY_DRAINING:
		return notice_state_word(NOTICE_DRAINING);
	case RELAY_UNABLE:
		return notice_state_word(NOTICE_UNABLE);
	}
	return "unknown";
}
