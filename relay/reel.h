/*
 * reel - one recording on its way to the disk: the folder, the files, and its recorder's loads, written by the ring.
 *
 * Place:    relay, above ring, recorder and desk; below call. A slot of its own, because it outlives its call: what was
 *           gathered is written behind the end, and nobody waits for it.
 * Usage:    reel = reel_take(&reels, &facts, wall_ms, now_ms);     NULL: there is none left, or nothing is recorded
 *           bridge tells &reel->recorder; reel_decide(reel, wanted, needs_consent) once the merchant is known;
 *           reel_heed(reel) when the recorder was told something; reel_end(reel, reason) once: then it is not the
 *           call's any more, and frees itself.
 * Cycle:    every REEL_FLUSH_MS, or sooner with much audio: the recorder's load is taken, its audio written, and when
 *           that has landed, its log. So a log never speaks of audio that is not there, whenever the process is killed.
 * Lock:     flock(LOCK_EX) on the log from before its first byte to the end, also against a crash.
 * Fails:    a full, failing or slow disk stops the recorder with a reason, for the log of the call and the program, the
 *           database and the metrics. A kernel that never answers keeps the slot, not the call; after REEL_CLOSE_MS
 *           behind the end the relay does not wait for it any more.
 * Limits:   reel_count reels and their pool a ring thread; memory is used by those that record.
 */
#pragma once

#include "relay/desk.h"
#include "relay/recorder.h"
#include "relay/room.h"

enum {
	REEL_FLUSH_MS = 1000,
	REEL_SLOW_MS = 5000,            /* that one step may take at the disk */
	REEL_RETRY_MS = 5000,           /* for the log's last lines, when the disk was full */
	REEL_CLOSE_MS = 10000,
	REEL_ROOT_BYTES_MAX = 1000,
	REEL_PARTS_MAX = 1000,
	REEL_FILE_COUNT = RECORDER_TRACK_COUNT + 1,
	REEL_LOG = RECORDER_TRACK_COUNT,        /* the index of the log behind the tracks */
	REEL_PATH_BYTES_MAX = REEL_ROOT_BYTES_MAX + SID_BYTES_MAX + 32,
};

enum reel_state {
	REEL_FREE,
	REEL_ASKED,                     /* nothing is on the disk, nothing will be until it is wanted */
	REEL_OPENING,
	REEL_IDLE,
	REEL_HUSH,                      /* what turned out to be a secret is silenced */
	REEL_PLAYED,                    /* the file of the outbound track is being opened */
	REEL_AUDIO,
	REEL_LINES,
	REEL_USELESS,                   /* there is no log to write to: waits for its end */
	REEL_CLOSING,
	REEL_REPORTING,
};

struct reel;

struct reel_file {
	struct reel *reel;
	struct ring_file file;
	int fd;                         /* -1: not open */
	int res;                        /* of what landed last */
	uint64_t at;                    /* bytes in it */
};

struct reel {
	struct task task;
	struct reels *reels;
	struct reel *next_free;
	enum reel_state state;
	struct recorder recorder;
	struct recorder_load load;      /* being written */
	struct reel_file files[REEL_FILE_COUNT];
	unsigned flying_count;          /* operations */
	uint64_t since_ms;              /* when they were started */
	uint64_t flush_at_ms, ended_ms;
	bool ended, told, reported, abandoned;
	unsigned step;                  /* of opening */
	bool step_asked;
	uint32_t part;
	int64_t wall_ms;
	struct desk_call facts;
	struct desk_order order;
	char path[REEL_PATH_BYTES_MAX];
};

/* Those of one ring thread. */
struct reels {
	struct loop *loop;
	struct desk *desk;              /* NULL: nobody is told */
	struct metrics *metrics;
	const char *root;               /* "": nothing is recorded */
	const struct room *room;        /* NULL: there always is */
	struct pool pool;
	struct reel *slots, *free_reels;
	uint32_t slot_count, fresh_count, used_count, abandoned_count;
	struct log_limit limit;
};

/* Everything zero but what is given; false: no memory. */
bool reels_open(struct reels *reels, struct loop *loop, struct desk *desk, struct metrics *metrics, const char *root,
	uint32_t count);
/* No reel may be in use. */
void reels_close(struct reels *reels);
/* Nothing is left to be written, or the disk does not take it. */
static inline bool reels_are_quiet(const struct reels *reels)
{
	return reels->used_count == reels->abandoned_count;
}

struct reel *reel_take(struct reels *reels, const struct desk_call *facts, int64_t wall_ms, uint64_t now_ms);
/* The merchant is known. Not wanted: what was gathered is forgotten. Nothing is told before the next turn: by then
 * its call has a row in the database. */
void reel_decide(struct reel *reel, bool is_wanted, bool needs_consent);
static inline bool reel_is_decided(const struct reel *reel)
{
	return reel->state != REEL_ASKED;
}
/* Looks whether the recorder has something that should not wait. */
void reel_heed(struct reel *reel);
void reel_end(struct reel *reel, enum end_reason reason);
