#include "relay/room.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static void tell(const struct room *r, enum room_state state, uint64_t free_bytes, int error)
{
	switch (state) {
	case ROOM_FINE:
		return log_info("relay records folder=%s free_mb=%" PRIu64, r->root, free_bytes >> 20);
	case ROOM_LOW:
		return log_error("relay records nothing: the disk is nearly full folder=%s free_mb=%" PRIu64
			" SPOOL_FREE_MB=%" PRIu64, r->root, free_bytes >> 20, r->free_bytes_min >> 20);
	case ROOM_GONE:
		return log_error("relay cannot record folder=%s error=\"%s\": calls are taken all the same", r->root,
			strerror(error));
	}
}

static void look(struct room *r, bool first)
{
	struct statvfs disk;
	enum room_state state = ROOM_FINE, before = atomic_load_explicit(&r->state, memory_order_relaxed);
	uint64_t free_bytes = 0;

	if (access(r->root, W_OK | X_OK) < 0 || statvfs(r->root, &disk) < 0) {
		state = ROOM_GONE;
	} else {
		free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
		if (free_bytes < r->free_bytes_min)
			state = ROOM_LOW;
	}
	if (first || state != before)
		tell(r, state, free_bytes, errno);
	atomic_store_explicit(&r->state, state, memory_order_relaxed);
	metrics_set(r->metrics, METRIC_RECORDING_FOLDER, state == ROOM_FINE);
}

/* false: it is time to stop. */
static bool rest(struct room *r)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ROOM_LOOK_MS / 1000;
	pthread_mutex_lock(&r->lock);
	int error = r->stop ? 0 : pthread_cond_timedwait(&r->news, &r->lock, &until);
	bool goes_on = !r->stop;

	pthread_mutex_unlock(&r->lock);
	return goes_on && (error == 0 || error == ETIMEDOUT);
}

static void *room_thread(void *argument)
{
	struct room *r = argument;

	pthread_setname_np(pthread_self(), "room");
	while (rest(r))
		look(r, false);
	return NULL;
}

void room_open(struct room *r, const char *root, uint64_t free_bytes_min, struct metrics *metrics)
{
	*r = (struct room){ .root = root, .free_bytes_min = free_bytes_min, .metrics = metrics };
	if (root[0] == '\0') {
		metrics_set(metrics, METRIC_RECORDING_FOLDER, 1);       /* nothing is missing */
		return log_info("relay records nothing: RECEPTIONAI_SPOOL is empty");
	}
	look(r, true);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->news, NULL);
	r->runs = pthread_create(&r->thread, NULL, room_thread, r) == 0;
}

void room_close(struct room *r)
{
	struct timespec until;

	if (!r->runs)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->news);
	pthread_mutex_unlock(&r->lock);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 1;
	pthread_timedjoin_np(r->thread, NULL, &until);
	r->runs = false;
}
