/* The folder of the call, that of the stream in it, the log and its lock, the tracks: one operation after the other. */
#include "relay/reel_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

enum { FOLDER_MODE = 0750, FILE_MODE = 0640, FILE_FLAGS = O_WRONLY | O_CREAT | O_EXCL };

static const char *const file_names[REEL_FILE_COUNT] = {
	[RECORDER_CALLER] = SPOOL_CALLER_FILE,
	[RECORDER_VOICE] = SPOOL_VOICE_FILE,
	[RECORDER_PLAYED] = SPOOL_PLAYED_FILE,
	[REEL_LOG] = SPOOL_LOG_FILE,
};

/* Of opening, in this order; the lock is taken as soon as the log is there. */
enum { STEP_CALL, STEP_PART, STEP_LOG, STEP_CALLER, STEP_VOICE, STEP_COUNT };

void reel_open_file(struct reel *r, int index)
{
	snprintf(r->path, sizeof r->path, "%s/%s/%u/%s", r->reels->root, r->facts.call_sid, r->part, file_names[index]);
	ring_file_open(r->reels->loop->ring, &r->files[index].file, r->path, FILE_FLAGS, FILE_MODE);
	reel_launched(r);
}

static void ask_step(struct reel *r)
{
	const char *root = r->reels->root, *call = r->facts.call_sid;

	switch (r->step) {
	case STEP_CALL:
		snprintf(r->path, sizeof r->path, "%s/%s", root, call);
		break;
	case STEP_PART:
		snprintf(r->path, sizeof r->path, "%s/%s/%u", root, call, r->part);
		break;
	case STEP_LOG:
		return reel_open_file(r, REEL_LOG);
	case STEP_CALLER:
		return reel_open_file(r, RECORDER_CALLER);
	default:
		return reel_open_file(r, RECORDER_VOICE);
	}
	ring_file_mkdir(r->reels->loop->ring, &r->files[REEL_LOG].file, r->path, FOLDER_MODE);
	reel_launched(r);
}

/* 0, or -errno; a part that is there already is of a stream before this one. */
static int take_step(struct reel *r)
{
	static const int opened[STEP_COUNT] = { [STEP_LOG] = REEL_LOG, [STEP_CALLER] = RECORDER_CALLER,
		[STEP_VOICE] = RECORDER_VOICE };
	struct reel_file *f = &r->files[r->step < STEP_LOG ? REEL_LOG : opened[r->step]];

	if (f->res == -EEXIST && r->step == STEP_PART && r->part < REEL_PARTS_MAX) {
		r->part++;
		return 0;
	}
	if (f->res < 0 && !(f->res == -EEXIST && r->step == STEP_CALL))
		return f->res;
	if (r->step >= STEP_LOG)
		f->fd = f->res;
	if (r->step == STEP_LOG && flock(f->fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	r->step++;
	return 0;
}

/* The log's first line, which tells who, when and which part. */
static bool put_first_line(struct reel *r)
{
	struct buf *log = &r->load.log;
	struct spool_event e;

	spool_event_init(&e, SPOOL_BEGIN, 0);
	e.version = SPOOL_VERSION;
	e.part = r->part;
	e.merchant = r->facts.merchant_id;
	e.wall_ms = r->wall_ms;
	slice_copy(slice_of(r->facts.call_sid), e.call, sizeof e.call);
	slice_copy(slice_of(r->facts.stream_sid), e.stream, sizeof e.stream);
	slice_copy(slice_of(r->facts.caller_number), e.caller, sizeof e.caller);
	slice_copy(slice_of(r->facts.called_number), e.called, sizeof e.called);
	buf_init_pool(log, &r->reels->pool, SPOOL_LINE_BYTES_MAX);
	if (!buf_room(log, SPOOL_LINE_BYTES_MAX))
		return false;
	buf_commit(log, spool_write(&e, (char *)buf_tail(log)));
	return true;
}

void reel_open_turn(struct reel *r)
{
	if (r->step == STEP_CALL && !r->step_asked && !room_has_any(r->reels->room)) {
		r->state = REEL_USELESS;
		return reel_stop(r, SPOOL_DISK_FULL, "room", 0);
	}
	if (!r->step_asked) {
		r->step_asked = true;
		return ask_step(r);
	}
	r->step_asked = false;
	int error = take_step(r);

	if (error < 0) {
		reel_stop(r, reel_why(-error), "open", -error);
		r->state = r->files[REEL_LOG].fd >= 0 && put_first_line(r) ? REEL_IDLE : REEL_USELESS;
	} else if (r->step == STEP_COUNT) {
		metrics_add(r->reels->metrics, METRIC_RECORDINGS, 1);
		if (!put_first_line(r))
			reel_stop(r, SPOOL_DISK_SLOW, "pool", 0);
		r->state = REEL_IDLE;
	}
}
