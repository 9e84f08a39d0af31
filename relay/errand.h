/*
 * errand - requests to merchants' own services: one thread, libcurl, signed, bounded, never to a private network.
 *
 * Place:    relay, above base, proto's url, and loop's notes; below call. The relay's only room of libcurl.
 * Usage:    errand = errand_take(&errands); fill in what is asked for; errand_put(&errands, errand);
 *           in the task's turn, once !errand->busy: errand->outcome, errand->answer; errand_give(&errands, errand)
 *           The asker goes away: errand_abandon(&errands, errand): dropped and counted when it comes back.
 * Request:  POST of errand->body as application/json, with X-ReceptionAI-Event (the same in every attempt),
 *           X-ReceptionAI-Timestamp (seconds) and X-ReceptionAI-Signature (proto/hook.h) under the tool's secret;
 *           without a secret there is no signature.
 * Deadline: timeout_ms for everything, attempts included. Another attempt is made only if `retry`, and only when
 *           the connection failed, or the answer was 429 or 5xx.
 * Safety:   http and https only; redirects are answers, not followed; no proxy of the environment, no netrc, no
 *           cookies. The address that a name has is looked at when it is connected to: unless allow_private, only
 *           public ones (base/address.h).
 * Lifetime: an errand is the thread's while busy. `task` may only be used by the loop that it is told to.
 * Fails:    errand->outcome. errand_take() gives NULL when all are in use.
 * Limits:   as below; a longer answer is ERRAND_HUGE and the connection is cut.
 */
#pragma once

#include "relay/loop.h"
#include "relay/metrics.h"

enum {
	ERRAND_URL_BYTES_MAX = 2048,
	ERRAND_SECRET_BYTES_MAX = 256,
	ERRAND_EVENT_BYTES_MAX = 40,
	ERRAND_BODY_BYTES_MAX = 12 * 1024,
	ERRAND_ANSWER_BYTES_MAX = 16 * 1024,
	ERRAND_ATTEMPTS_MAX = 3,
	ERRAND_REST_MS = 200,           /* before the second attempt, twice that before the third */
};

/* X(outcome, word for the log) */
#define ERRAND_OUTCOMES(X) \
	X(ERRAND_ANSWERED, "answered")          /* with status: 2xx or not */ \
	X(ERRAND_TIMEOUT, "timeout") \
	X(ERRAND_UNREACHABLE, "unreachable")    /* no address, no connection, or it broke */ \
	X(ERRAND_PRIVATE, "private-address") \
	X(ERRAND_HUGE, "answer-too-long") \
	X(ERRAND_BAD_URL, "bad-url") \
	X(ERRAND_STOPPED, "stopped")

enum errand_outcome {
#define X(outcome, word) outcome,
	ERRAND_OUTCOMES(X)
#undef X
};

struct errand {
	/* What is asked for. */
	char url[ERRAND_URL_BYTES_MAX + 1];
	char secret[ERRAND_SECRET_BYTES_MAX + 1];
	char event_id[ERRAND_EVENT_BYTES_MAX + 1];
	uint32_t timeout_ms;
	bool retry, allow_private;
	size_t body_len;
	char body[ERRAND_BODY_BYTES_MAX];
	/* Who is told: a task of that loop's thread. `tag` is the asker's. */
	struct loop *loop;
	struct task *task;
	uint32_t tag;
	bool busy;                      /* written by the loop's thread only */
	/* What came of it. */
	enum errand_outcome outcome;
	long status;
	unsigned attempt_count;
	size_t answer_len;
	char answer[ERRAND_ANSWER_BYTES_MAX];
	/* The thread's. */
	uint64_t by_ms, again_at_ms;
	bool refused, too_long;
	void *easy, *headers;
	struct errands *errands;
	struct note note;
	struct errand *next;
};

struct errands {
	struct metrics *metrics;        /* the thread's */
	struct errand *all;
	uint32_t errand_count, fresh_count;
	struct errand *free;
	struct errand *put_first, **put_last;
	struct errand *running;         /* the thread's */
	uint32_t running_count;
	void *multi;
	pthread_t thread;
	pthread_mutex_t lock;
	bool is_open, stop;
};

/* false: no memory, no libcurl or no thread. */
bool errands_open(struct errands *errands, uint32_t errand_count, struct metrics *metrics, char *why,
	size_t why_bytes);
/* Gives up what is under way, tells nobody. Idempotent; a zeroed struct may be closed. */
void errands_close(struct errands *errands);

struct errand *errand_take(struct errands *errands);
void errand_give(struct errands *errands, struct errand *errand);
void errand_put(struct errands *errands, struct errand *errand);
/* By the loop's thread: nobody waits for it any more. */
void errand_abandon(struct errands *errands, struct errand *errand);

const char *errand_outcome_word(enum errand_outcome outcome);
