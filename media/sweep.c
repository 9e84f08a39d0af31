#include "media/sweep.h"

#include "base/clock.h"
#include "db/spooled.h"
#include "media/stop.h"
#include "proto/notice.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum place { PLACE_UNKNOWN, PLACE_HERE, PLACE_GONE };

static enum place ask(int fd, const struct sockaddr_un *address, const struct live_call *call)
{
	const struct timeval bound = { .tv_sec = SWEEP_ASK_MS / 1000, .tv_usec = SWEEP_ASK_MS % 1000 * 1000 };
	struct notice notice = { .kind = NOTICE_FIND };
	char text[NOTICE_BYTES_MAX], answer[NOTICE_ANSWER_BYTES_MAX];
	bool is_here;

	memcpy(notice.call_sid, call->call_sid, sizeof notice.call_sid);
	const size_t len = notice_write(&notice, text);

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound) < 0 ||
		connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 ||
		send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		return PLACE_UNKNOWN;
	const ssize_t n = recv(fd, answer, sizeof answer, 0);

	if (n <= 0 || !notice_read_whereabouts((struct slice){ answer, (size_t)n }, &is_here))
		return PLACE_UNKNOWN;
	return is_here ? PLACE_HERE : PLACE_GONE;
}

static enum place find(const char *path, const struct live_call *call)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t len = strlen(path);
	const int fd = len && len < sizeof address.sun_path ? socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0) : -1;

	if (fd < 0)
		return PLACE_UNKNOWN;
	memcpy(address.sun_path, path, len);
	const enum place place = ask(fd, &address, call);

	(void)close(fd);
	return place;
}

/* false: there is no point in going on. */
static bool sweep(struct work *w, const struct live_call *call)
{
	switch (find(conf_text(w->conf, RELAY_SOCKET), call)) {
	case PLACE_UNKNOWN:
		return false;
	case PLACE_HERE:
		return true;
	case PLACE_GONE:
		break;
	}
	const enum db_result result = work_db_fault(w, "call-gone", db_call_gone(w->db, call));

	if (result == DB_OK)
		log_warn("call swept call=%s: its row said live, the relay does not have it", call->call_sid);
	return result == DB_OK || result == DB_NONE;
}

void sweep_calls(struct work *w)
{
	const int64_t before_ms = clock_wall_ms() - 1000LL * conf_int(w->conf, WORKER_LOST_S);
	struct live_call call = { .created_ms = 0 };

	for (int i = 0; i < SWEEP_CALLS_MAX && !stop_asked() && work_db(w); i++)
		if (work_db_fault(w, "call-live", db_call_live_next(w->db, before_ms, &call)) != DB_OK ||
			!sweep(w, &call))
			return;
}
