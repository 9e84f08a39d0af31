/*
 * A turn: as long as nothing is in flight, take the next step. Steps start operations; done() notes the result and
 * marks the task. Whatever happens to the disk ends in stop(): the recorder is told, and what can still be written (the
 * line that says why) is tried.
 */
#include "relay/reel_parts.h"

#include "base/check.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static const uint8_t silence[RECORDER_TONE_BYTES] = { [0 ... RECORDER_TONE_BYTES - 1] = ULAW_SILENCE };

static void reel_turn(struct task *task, uint64_t now_ms);

/* --- all of a thread -------------------------------------------------------------------------------- */

bool reels_open(struct reels *s, struct loop *loop, struct desk *desk, struct metrics *metrics, const char *root,
	uint32_t count)
{
	const struct pool_plan plan[] = {
		{ 4096, 2 * count + 8 },
		{ 16 * 1024, 6 * count + 16 },
		{ 64 * 1024, count + 16 },
		{ 512 * 1024, count / 8 + 8 },
	};

	*s = (struct reels){ .loop = loop, .desk = desk, .metrics = metrics, .root = root };
	if (root[0] == '\0')
		return true;
	void *memory = mmap(NULL, count * sizeof *s->slots, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	s->slots = memory;
	s->slot_count = count;
	return pool_open(&s->pool, plan, ARRAY_COUNT(plan)) == 0;
}

void reels_close(struct reels *s)
{
	check(s->used_count == 0);
	if (s->slots)
		munmap(s->slots, s->slot_count * sizeof *s->slots);
	pool_close(&s->pool);
	*s = (struct reels){ 0 };
}

/* --- operations ------------------------------------------------------------------------------------- */

static void count(struct reel *r, enum metric metric, uint64_t n)
{
	metrics_add(r->reels->metrics, metric, n);
}

static void landed(struct ring_op *op, const struct ring_result *result)
{
	struct reel_file *f = container_of(op, struct reel_file, file.op);

	f->res = result->res;
	f->reel->flying_count--;
	loop_mark(f->reel->reels->loop, &f->reel->task);
}

void reel_launched(struct reel *r)
{
	r->flying_count++;
	r->since_ms = r->reels->loop->now_ms;
}

static void write_on(struct reel *r, int index, const struct buf *b)
{
	struct reel_file *f = &r->files[index];

	ring_file_write(r->reels->loop->ring, &f->file, f->fd, buf_data(b), buf_len(b), f->at);
	reel_launched(r);
}

/* --- trouble ---------------------------------------------------------------------------------------- */

enum spool_why reel_why(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG ? SPOOL_DISK_FULL : SPOOL_DISK_ERROR;
}

static bool is_stopped(const struct reel *r)
{
	return r->recorder.state == RECORDER_OVER && r->recorder.why != SPOOL_WHOLE &&
		r->recorder.why != SPOOL_NO_CONSENT;
}

/* The database shall know, too. */
static void report(struct reel *r)
{
	if (r->reported || r->recorder.why == SPOOL_WHOLE || !r->reels->desk)
		return;
	r->reported = true;
	r->order = (struct desk_order){
		.kind = DESK_RECORDING,
		.call = &r->facts,
		.loop = r->reels->loop,
		.task = &r->task,
		.recording_stopped = spool_why_word(r->recorder.why),
	};
	desk_put(r->reels->desk, &r->order);
}

/* Once, whoever stopped it. */
static void tell_stop(struct reel *r, const char *what, int error)
{
	uint32_t left_out;

	if (r->told || !is_stopped(r))
		return;
	r->told = true;
	report(r);
	if (r->recorder.why == SPOOL_WITHDRAWN) {
		count(r, METRIC_RECORDINGS_WITHDRAWN, 1);
		return log_info("recording withdrawn call=%s", r->facts.call_sid);
	}
	count(r, METRIC_RECORDINGS_STOPPED, 1);
	if (log_limit_pass(&r->reels->limit, r->reels->loop->now_ms, 10, &left_out))
		log_error("recording stopped call=%s why=%s step=%s error=\"%s\" folder=%s left_out=%u",
			r->facts.call_sid, spool_why_word(r->recorder.why), what, error ? strerror(error) : "",
			r->reels->root, left_out);
}

void reel_stop(struct reel *r, enum spool_why why, const char *what, int error)
{
	recorder_stop(&r->recorder, why);
	tell_stop(r, what, error);
	r->flush_at_ms = 0;
}

/* --- the cycle -------------------------------------------------------------------------------------- */

static void begin_lines(struct reel *r)
{
	r->state = REEL_LINES;
	if (buf_len(&r->load.log))
		write_on(r, REEL_LOG, &r->load.log);
}

static void begin_audio(struct reel *r)
{
	r->state = REEL_AUDIO;
	for (int i = 0; i < RECORDER_TRACK_COUNT; i++)
		if (buf_len(&r->load.tracks[i]))
			write_on(r, i, &r->load.tracks[i]);
}

/* Nothing that was written before is under way any more: this comes behind it. */
static void begin_hush(struct reel *r)
{
	struct reel_file *f = &r->files[RECORDER_CALLER];

	r->state = REEL_HUSH;
	ring_file_write(r->reels->loop->ring, &f->file, f->fd, silence, r->recorder.hush_bytes, r->recorder.hush_at);
	r->recorder.hush_bytes = 0;
	reel_launched(r);
}

static void hush_landed(struct reel *r)
{
	struct reel_file *f = &r->files[RECORDER_CALLER];

	r->state = REEL_IDLE;
	if (f->res < 0 || (size_t)f->res < f->file.len)
		reel_stop(r, SPOOL_DISK_ERROR, "hush", f->res < 0 ? -f->res : 0);
}

static bool is_due(const struct reel *r, uint64_t now_ms)
{
	return r->recorder.hush_bytes || now_ms >= r->flush_at_ms || r->ended || recorder_is_heavy(&r->recorder);
}

/* false: there is nothing to do now. */
static bool begin_cycle(struct reel *r, uint64_t now_ms)
{
	if (!is_due(r, now_ms))
		return false;
	r->flush_at_ms = now_ms + REEL_FLUSH_MS;
	if (recorder_is_on(&r->recorder) && !room_has_any(r->reels->room))
		reel_stop(r, SPOOL_DISK_FULL, "room", 0);
	if (r->recorder.hush_bytes && r->files[RECORDER_CALLER].fd >= 0) {
		begin_hush(r);
		return true;
	}
	/* Lines that were not written yet come before anything else. */
	if (buf_len(&r->load.log)) {
		begin_lines(r);
	} else if (recorder_is_empty(&r->recorder)) {
		if (r->ended)
			r->state = REEL_CLOSING;
		return r->ended;
	} else {
		recorder_take(&r->recorder, &r->load);
		if (buf_len(&r->load.tracks[RECORDER_PLAYED]) && r->files[RECORDER_PLAYED].fd < 0) {
			r->state = REEL_PLAYED;
			reel_open_file(r, RECORDER_PLAYED);
		} else {
			begin_audio(r);
		}
	}
	return true;
}

static void audio_failed(struct reel *r, int error)
{
	/* The lines speak of what is not there. */
	recorder_load_release(&r->load);
	reel_stop(r, reel_why(error), "audio", error);
	r->state = REEL_IDLE;
}

static void played_opened(struct reel *r)
{
	struct reel_file *f = &r->files[RECORDER_PLAYED];

	if (f->res < 0)
		return audio_failed(r, -f->res);
	f->fd = f->res;
	begin_audio(r);
}

/* What was written is taken off; what remains is started again. 0, or -errno. */
static int take_written(struct reel *r, int index, struct buf *b)
{
	struct reel_file *f = &r->files[index];

	if (buf_len(b) == 0)
		return 0;
	if (f->res < 0 && f->res != -EINTR && f->res != -EAGAIN)
		return f->res;
	if (f->res == 0)
		return -ENOSPC;
	if (f->res > 0) {
		f->at += (uint64_t)f->res;
		count(r, METRIC_RECORDING_BYTES, (uint64_t)f->res);
		buf_consume(b, (size_t)f->res);
	}
	if (buf_len(b))
		write_on(r, index, b);
	return 0;
}

static void audio_landed(struct reel *r)
{
	int error = 0;

	for (int i = 0; i < RECORDER_TRACK_COUNT; i++) {
		int result = take_written(r, i, &r->load.tracks[i]);

		if (result < 0)
			error = -result;
		if (buf_len(&r->load.tracks[i]) == 0)
			buf_release(&r->load.tracks[i]);
	}
	if (r->flying_count)
		return;                 /* the failure, if there was one, comes again */
	if (error)
		audio_failed(r, error);
	else
		begin_lines(r);
}

static void lines_landed(struct reel *r, uint64_t now_ms)
{
	int error = take_written(r, REEL_LOG, &r->load.log);

	if (error < 0) {
		reel_stop(r, reel_why(-error), "log", -error);
		r->flush_at_ms = now_ms + REEL_RETRY_MS;
		if (r->ended)
			buf_release(&r->load.log);      /* it was the last try */
		if (r->ended)
			recorder_fini(&r->recorder);
	}
	if (r->flying_count)
		return;
	if (buf_len(&r->load.log) == 0)
		buf_release(&r->load.log);
	r->state = REEL_IDLE;
}

/* --- the end ---------------------------------------------------------------------------------------- */

/* true: all files are closed. */
static bool close_files(struct reel *r)
{
	for (int i = 0; i < REEL_FILE_COUNT; i++) {
		struct reel_file *f = &r->files[i];

		if (f->fd < 0)
			continue;
		ring_file_close(r->reels->loop->ring, &f->file, f->fd);
		reel_launched(r);
		f->fd = -1;
	}
	return r->flying_count == 0;
}

static void release(struct reel *r)
{
	struct reels *s = r->reels;

	recorder_fini(&r->recorder);
	recorder_load_release(&r->load);
	loop_forget(s->loop, &r->task);
	s->abandoned_count -= r->abandoned;
	s->used_count--;
	r->state = REEL_FREE;
	r->next_free = s->free_reels;
	s->free_reels = r;
	metrics_set(s->metrics, METRIC_RECORDINGS_OPEN, s->used_count);
}

/* --- the turn --------------------------------------------------------------------------------------- */

/* false: nothing more to do now, or an operation is under way. */
static bool take_next_step(struct reel *r, uint64_t now_ms)
{
	switch (r->state) {
	case REEL_FREE:
		return false;
	case REEL_ASKED:
	case REEL_USELESS:
		if (r->ended)
			r->state = REEL_CLOSING;
		return r->ended;
	case REEL_OPENING:
		reel_open_turn(r);
		return true;
	case REEL_IDLE:
		return begin_cycle(r, now_ms);
	case REEL_HUSH:
		hush_landed(r);
		return true;
	case REEL_PLAYED:
		played_opened(r);
		return true;
	case REEL_AUDIO:
		audio_landed(r);
		return true;
	case REEL_LINES:
		lines_landed(r, now_ms);
		return true;
	case REEL_CLOSING:
		if (close_files(r)) {
			report(r);
			r->state = REEL_REPORTING;
		}
		return true;
	case REEL_REPORTING:
		if (!r->order.busy)
			release(r);
		return false;
	}
	return false;
}

static void keep_time(struct reel *r, uint64_t now_ms)
{
	if (r->flying_count && now_ms >= r->since_ms + REEL_SLOW_MS && recorder_is_on(&r->recorder))
		reel_stop(r, SPOOL_DISK_SLOW, "wait", 0);
	if (r->flying_count && r->ended && !r->abandoned && now_ms >= r->ended_ms + REEL_CLOSE_MS) {
		r->abandoned = true;
		r->reels->abandoned_count++;
		if (r->recorder.why == SPOOL_WHOLE)
			r->recorder.why = SPOOL_DISK_SLOW;
		report(r);
		log_error("recording not closed, the disk does not answer call=%s", r->facts.call_sid);
	}
}

static uint64_t deadline_ms(const struct reel *r)
{
	if (r->flying_count && recorder_is_on(&r->recorder))
		return r->since_ms + REEL_SLOW_MS;
	if (r->flying_count)
		return r->ended && !r->abandoned ? r->ended_ms + REEL_CLOSE_MS : UINT64_MAX;
	return r->state == REEL_IDLE ? r->flush_at_ms : UINT64_MAX;
}

static void reel_turn(struct task *task, uint64_t now_ms)
{
	struct reel *r = container_of(task, struct reel, task);

	keep_time(r, now_ms);
	tell_stop(r, "pool", 0);
	while (r->flying_count == 0 && take_next_step(r, now_ms))
		continue;
	if (r->state == REEL_FREE)
		return;
	loop_deadline(r->reels->loop, &r->task, deadline_ms(r));
}

/* --- the call's side -------------------------------------------------------------------------------- */

static struct reel *take_slot(struct reels *s)
{
	struct reel *r = s->free_reels;

	if (r) {
		s->free_reels = r->next_free;
		return r;
	}
	if (s->fresh_count == s->slot_count)
		return NULL;
	r = &s->slots[s->fresh_count++];
	r->reels = s;
	return r;
}

struct reel *reel_take(struct reels *s, const struct desk_call *facts, int64_t wall_ms, uint64_t now_ms)
{
	struct reel *r = s->root[0] ? take_slot(s) : NULL;

	if (!r)
		return NULL;
	*r = (struct reel){ .reels = s, .state = REEL_ASKED, .part = 1, .wall_ms = wall_ms, .facts = *facts };
	task_init(&r->task, reel_turn);
	recorder_begin(&r->recorder, &s->pool, now_ms);
	for (int i = 0; i < REEL_FILE_COUNT; i++) {
		r->files[i] = (struct reel_file){ .reel = r, .fd = -1 };
		ring_op_init(&r->files[i].file.op, landed);
	}
	s->used_count++;
	metrics_set(s->metrics, METRIC_RECORDINGS_OPEN, s->used_count);
	return r;
}

void reel_decide(struct reel *r, bool is_wanted, bool needs_consent)
{
	check(r->state == REEL_ASKED);
	if (!is_wanted) {
		recorder_fini(&r->recorder);
		r->recorder.why = SPOOL_WHOLE;
		r->state = REEL_USELESS;
		return;
	}
	recorder_decide(&r->recorder, needs_consent);
	r->state = REEL_OPENING;
	loop_mark(r->reels->loop, &r->task);
}

void reel_heed(struct reel *r)
{
	bool works = r->flying_count == 0 && r->state == REEL_IDLE;

	if ((works && (recorder_is_heavy(&r->recorder) || r->recorder.hush_bytes)) || (!r->told && is_stopped(r)))
		loop_mark(r->reels->loop, &r->task);
}

void reel_end(struct reel *r, enum end_reason reason)
{
	if (r->state == REEL_ASKED)
		recorder_fini(&r->recorder);
	else
		recorder_end(&r->recorder, reason);
	r->ended = true;
	r->ended_ms = r->reels->loop->now_ms;
	loop_mark(r->reels->loop, &r->task);
}
