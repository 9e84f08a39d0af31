/*
 * desk - the one thread that may wait for the database: it carries out the calls' orders, in the order they
 * were put.
 *
 * Place:    relay, above db and loop's notes; below call. Owns the relay's only SQLite connection and the
 *           checkpoints.
 * Usage:    order = { .kind = DESK_END, .call = &facts, .loop = loop, .task = &task, ... }; desk_put(&desk, &order);
 *           in the task's turn, once !order.busy: order.result
 *           a turn or a merchant needs a page: page = desk_page_take(&desk); ... desk_page_give(&desk, page);
 * Order:    first put, first done: a call's end is committed behind its last words. What waits is committed
 *           together.
 * Lifetime: an order and the facts it points to are the desk's while order.busy. With nobody to tell (task
 *           NULL) the desk gives the order's page back itself; the facts must then live until a later order
 *           of the call is done.
 * Fails:    order.result, and *why* in the log. Without a database orders fail with DB_BROKEN at once, and it is
 *           opened again every DESK_REOPEN_MS.
 * Late:     what is to be written, and a locked or broken database refused, is kept as a copy, told as order.is_kept,
 *           and tried again before anything newer, every DESK_RETRY_MS and with every call's end, until it is
 *           written; it keeps its own time and reason. Nobody waits for it. Not kept: a merchant, which is asked
 *           for now, and usage, which the end tells again. What the database refuses alone, DESK_LATE_TRIES_MAX
 *           times, is given up; desk_close() tries for DESK_LAST_MS while there is a database.
 * Limits:   orders are embedded in calls and pages: what waits is bounded by what exists. No page left: NULL,
 *           to be counted by who asked. What is kept is bounded by DESK_LATE_BYTES_MAX, of which the last quarter
 *           is not for words: beyond that an order has failed, logged and counted.
 */
#pragma once

#include "base/log.h"
#include "base/zone.h"
#include "db/db.h"
#include "relay/loop.h"
#include "relay/metrics.h"
#include "relay/roll.h"

#include <pthread.h>

enum { DESK_BATCH_MAX = 64, DESK_BUSY_MS = 1000, DESK_REOPEN_MS = 1000, DESK_CHECKPOINT_MS = 60000 };
enum {
	DESK_RETRY_MS = 2000,
	DESK_LAST_MS = 3000,
	DESK_LATE_BYTES_MAX = 32 << 20, /* some 30,000 orders */
	DESK_LATE_WORDS_BYTES_MAX = DESK_LATE_BYTES_MAX / 4 * 3,
	DESK_LATE_BATCH_MAX = 256,
	DESK_LATE_TRIES_MAX = 5,
};

/* X(kind, word for the log) */
#define DESK_KINDS(X) \
	X(DESK_MERCHANT, "merchant")    /* by call->merchant_id or, if that is 0, by call->called_number, into page; \
					   with what is known of page->caller_number */ \
	X(DESK_START, "start")          /* the media stream began: the call's row, begun if the webhook had not */ \
	X(DESK_ANSWER, "answer")        /* the receptionist is ready */ \
	X(DESK_TURN, "turn")            /* page->turn was said */ \
	X(DESK_MESSAGE, "message")      /* page->message was taken */ \
	X(DESK_TOOL_CALL, "tool-call")  /* page->tool_call is how it stands */ \
	X(DESK_USAGE, "usage")          /* order->usage is what this stream has used by now */ \
	X(DESK_RECORDING, "recording")  /* order->recording_stopped: why less than the whole call is kept */ \
	X(DESK_TRANSFER, "transfer")    /* to page->transfer_number; before DESK_END with END_TRANSFERRED */ \
	X(DESK_END, "end")

enum desk_kind {
#define X(kind, word) kind,
	DESK_KINDS(X)
#undef X
	DESK_KIND_COUNT
};

/* What the database knows a call by. Written by the call before its first order, read by the desk. */
struct desk_call {
	int64_t merchant_id;
	char call_sid[SID_BYTES_MAX + 1];
	char stream_sid[SID_BYTES_MAX + 1];
	char caller_number[PHONE_BYTES_MAX + 1];
	char called_number[PHONE_BYTES_MAX + 1];
	/* The desk's, zero at first: what the streams before this one had come to. It adds this to turns, tool calls
	 * and usage, which the call counts from its own stream's start. */
	struct call_start before;
	int64_t before_ms;              /* DESK_START's answer: how long they had lasted; 0 if that is not known */
};

struct desk_page;

struct desk_order {
	enum desk_kind kind;
	bool busy;                      /* written by the loop's thread only */
	enum db_result result;
	bool is_kept;                   /* not written, but it will be: see Late */
	struct desk_call *call;
	struct desk_page *page;
	struct loop *loop;              /* whose task is marked when it is done; NULL: nobody's */
	struct task *task;
	int64_t at_ms;                  /* wall clock: when it happened */
	enum end_reason reason;         /* DESK_END, with what follows */
	int64_t heard_ms, spoken_ms;
	int64_t started_ms, answered_ms; /* again: when it happened the row may have been locked. 0: it did not */
	struct call_usage usage;        /* DESK_USAGE, DESK_END; its call_sid need not be set, here and on the page */
	const char *recording_stopped;  /* DESK_RECORDING: a static word */
	uint64_t put_ms;
	struct note note;
	struct desk_order *next;
};

struct desk_page {
	struct desk_order order;        /* for a turn, message, tool call, transfer: put this one */
	struct desk_page *next;
	union {
		struct {                                        /* DESK_MERCHANT */
			struct merchant merchant;
			struct merchant_keys keys;
			struct merchant_hours hours;
			struct merchant_month month;            /* without this call; 0 where no limit asks for it */
			struct zone zone;                       /* of its time_zone; UTC when that has no file */
			struct merchant_tools tools;
			struct merchant_faq faq;
			struct merchant_staff staff;
			/* Asked with: who calls, as far as it is known; the call's row knows better. */
			char caller_number[PHONE_BYTES_MAX + 1];
			struct merchant_caller caller;
		};
		struct {
			union {                                 /* their texts: desk_page_keep() */
				struct turn turn;
				struct message message;
				struct tool_call tool_call;
				struct slice transfer_number;
			};
			size_t text_bytes;
			char text[TRANSCRIPT_BYTES_MAX + MERCHANT_WORD_BYTES_MAX];
		};
	};
};

struct desk_kept;

struct desk_late {
	struct desk_kept *first, **last;
	uint32_t count;
	size_t bytes;
	uint64_t again_ms;
};

struct desk {
	const char *path;
	struct roll *roll;
	struct metrics *metrics;        /* this thread's */
	struct db *db;                  /* NULL: not open */
	struct desk_late late;
	uint64_t reopen_at_ms;
	uint64_t checkpoint_at_ms;
	struct log_limit limit;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	bool running, stop;
	struct desk_order *first;
	struct desk_order **last;
	uint32_t waiting_count;
	struct desk_page *pages;
	struct desk_page *free_pages;
	uint32_t page_count;
	uint32_t fresh_count;           /* pages that were ever taken */
};

/* Tries to open the database too, but does not insist: the log says why not. false: no memory or no thread. `roll`
 * has the names of calls whose ends are kept; it may be NULL. */
bool desk_open(struct desk *desk, const char *path, uint32_t page_count, struct roll *roll, struct metrics *metrics,
	char *why, size_t why_bytes);
/* Carries out what was put, then ends. Idempotent; a zeroed struct may be closed. */
void desk_close(struct desk *desk);
void desk_put(struct desk *desk, struct desk_order *order);
struct desk_page *desk_page_take(struct desk *desk);
/* Copies a text onto a page that holds no merchant; what does not fit is cut off. */
struct slice desk_page_keep(struct desk_page *page, struct slice text);
void desk_page_give(struct desk *desk, struct desk_page *page);
