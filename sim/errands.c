#include "sim/errands.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct errand *errands_take(struct errands *e)
{
	if (!e->all) {
		e->all = calloc(ERRAND_COUNT_MAX, sizeof *e->all);
		check(e->all);
	}
	for (size_t i = 0; i < ERRAND_COUNT_MAX; i++) {
		struct errand *errand = &e->all[i];

		if (errand->busy)
			continue;
		form_init(&errand->webhook.form);
		errand->webhook.wants_twiml = false;
		errand->text_count = 0;
		return errand;
	}
	e->failed_count++;
	snprintf(e->why, sizeof e->why, "too many status callbacks at a time");
	return NULL;
}

void errand_add(struct errand *errand, const char *name, const char *format, ...)
{
	char *text = errand->texts[errand->text_count++];
	va_list args;

	check(errand->text_count <= ERRAND_TEXT_COUNT_MAX);
	va_start(args, format);
	vsnprintf(text, ERRAND_TEXT_BYTES_MAX, format, args);
	va_end(args);
	check(form_add(&errand->webhook.form, slice_of(name), slice_of(text)));
}

void errand_send(
	struct errand *errand, const struct webhook_env *env, const char *url, bool is_get, uint64_t now_ms)
{
	errand->busy = true;
	webhook_begin(&errand->webhook, env, url, is_get, now_ms);
}

size_t errands_poll(const struct errands *e, struct pollfd *fds, uint64_t *deadline_ms)
{
	size_t count = 0;

	for (size_t i = 0; e->all && i < ERRAND_COUNT_MAX; i++) {
		const struct webhook *w = &e->all[i].webhook;

		if (!e->all[i].busy)
			continue;
		fds[count++] = (struct pollfd){ .fd = webhook_fd(w), .events = (short)webhook_interest(w) };
		if (webhook_deadline_ms(w) < *deadline_ms)
			*deadline_ms = webhook_deadline_ms(w);
	}
	return count;
}

void errands_turn(struct errands *e, uint64_t now_ms)
{
	for (size_t i = 0; e->all && i < ERRAND_COUNT_MAX; i++) {
		struct errand *errand = &e->all[i];

		if (!errand->busy || !webhook_turn(&errand->webhook, now_ms))
			continue;
		e->done_count++;
		if (errand->webhook.code) {
			e->failed_count++;
			snprintf(e->why, sizeof e->why, "%s", errand->webhook.why);
		}
		webhook_end(&errand->webhook);
		errand->busy = false;
	}
}

void errands_finish(struct errands *e)
{
	for (;;) {
		struct pollfd fds[ERRAND_COUNT_MAX];
		uint64_t now = clock_mono_ms(), deadline = UINT64_MAX;

		errands_turn(e, now);
		size_t count = errands_poll(e, fds, &deadline);

		if (count == 0)
			return;
		poll(fds, count, deadline > now ? (int)(deadline - now) : 0);
	}
}

void errands_free(struct errands *e)
{
	for (size_t i = 0; e->all && i < ERRAND_COUNT_MAX; i++)
		webhook_end(&e->all[i].webhook);
	free(e->all);
	*e = (struct errands){ 0 };
}
