/*
 * errands - webhook requests that run beside the call: status callbacks. Nobody waits for them until the end.
 *
 * Place:    sim; above webhook. Driven by the loop of whoever owns it.
 * Usage:    errands_begin(&e, &env, url, is_get, now_ms) after filling errands_form(&e, …)
 *           n = errands_poll(&e, fds, &deadline_ms); poll(); errands_turn(&e, now_ms);
 *           errands_finish(&e);      waits for all of them (each has its own deadline)
 * Fails:    a failure is counted in `failed_count`, the last one in words in `why`; one errand too many likewise.
 * Limits:   ERRAND_COUNT_MAX at a time.
 */
#pragma once

#include "sim/webhook.h"

#include <poll.h>

enum { ERRAND_COUNT_MAX = 8, ERRAND_TEXT_BYTES_MAX = 320, ERRAND_TEXT_COUNT_MAX = 12 };

struct errand {
	struct webhook webhook;
	char texts[ERRAND_TEXT_COUNT_MAX][ERRAND_TEXT_BYTES_MAX];  /* values that belong to this request only */
	size_t text_count;
	bool busy;
};

struct errands {
	struct errand *all;             /* owned, made on first use */
	uint32_t done_count, failed_count;
	char why[256];
};

/* A free errand whose form is empty, NULL if all are under way. */
struct errand *errands_take(struct errands *e);
/* Adds a field whose value is copied. */
void errand_add(struct errand *errand, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
void errand_send(struct errand *errand, const struct webhook_env *env, const char *url, bool is_get, uint64_t now_ms);

/* Fills in at most ERRAND_COUNT_MAX entries; lowers *deadline_ms. */
size_t errands_poll(const struct errands *e, struct pollfd *fds, uint64_t *deadline_ms);
void errands_turn(struct errands *e, uint64_t now_ms);
void errands_finish(struct errands *e);
void errands_free(struct errands *e);
