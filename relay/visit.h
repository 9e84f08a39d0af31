/*
 * visit - an operator's wish that another thread carries to a ring thread: find a call there and do something to it.
 *
 * Place:    relay, above call; below control, which goes from ring thread to ring thread until the call is found.
 * Usage:    v = { .kind = VISIT_SAY, .call_sid = ..., .text = ..., .done_fd = fd };
 *           visit_pay(&v, env); wait for done_fd; once visit_is_done(&v): v.result
 * Lifetime: the visit and what it points to are the ring thread's until visit_is_done().
 * Fails:    VISIT_ELSEWHERE: the call is not of this thread. VISIT_NOT_NOW: it is, but cannot do that; `why` says so.
 * Limits:   as long as that thread's turn; a thread that hangs keeps the visit.
 */
#pragma once

#include "relay/call.h"
#include "relay/tap.h"

enum visit_kind {
	VISIT_LIST,                     /* a line of each call into `out` */
	VISIT_TAP,                      /* `tap` is told of it from now on */
	VISIT_SAY,                      /* `text` is spoken to the caller */
	VISIT_HANG_UP,
	VISIT_TRANSFER,                 /* to the number `text` */
};

enum visit_result { VISIT_ELSEWHERE, VISIT_DONE, VISIT_NOT_NOW };

enum { VISIT_LINE_BYTES_MAX = 320 };

struct visit {
	enum visit_kind kind;
	char call_sid[SID_BYTES_MAX + 1];
	struct slice text;
	struct tap *tap;
	struct buf *out;
	int done_fd;                    /* an eventfd that is written when it is done */
	enum visit_result result;
	const char *why;                /* a static sentence */
	struct call_env *env;
	_Atomic bool done;
	struct note note;
};

void visit_pay(struct visit *v, struct call_env *env);
static inline bool visit_is_done(const struct visit *v)
{
	return atomic_load_explicit(&v->done, memory_order_acquire);
}
