#include "media/told/mail.h"

#include "base/buf.h"
#include "media/child.h"
#include "proto/letter.h"

#include <stdlib.h>
#include <sysexits.h>

enum { LETTER_BYTES = 256 * 1024, LATE_MS = 60000 };

struct post {
	struct step *step;
	struct slice letter;
};

static size_t feed(void *owner, const uint8_t **out_bytes)
{
	struct post *p = owner;
	const size_t len = p->letter.len;

	*out_bytes = (const uint8_t *)p->letter.data;
	p->letter.len = 0;
	return len;
}

static bool is_alive(void *owner)
{
	struct post *p = owner;

	return step_alive(p->step);
}

static enum step_result judge(struct step *s, const struct child_report *report)
{
	switch (report->end) {
	case CHILD_DONE:
		return STEP_DONE;
	case CHILD_STOPPED:
		return STEP_STOPPED;
	case CHILD_FAILED:
		if (report->code >= EX_USAGE && report->code <= EX_NOHOST)
			return step_fail(s, STEP_NEVER,
				"SENDMAIL refuses the letter (exit code %d)", report->code);
		return step_fail(s, STEP_AGAIN, "SENDMAIL failed (exit code %d)", report->code);
	case CHILD_KILLED:
	case CHILD_LATE:
	case CHILD_MISSING:
	case CHILD_BROKEN:
		break;
	}
	return step_fail(s, STEP_AGAIN, "SENDMAIL: %.200s", report->why);
}

static enum step_result hand_over(struct step *s, struct slice letter)
{
	const char *const argv[] = {conf_text(s->conf, SENDMAIL), "-i", "-f",
		conf_text(s->conf, MAIL_FROM), s->merchant.notify_email, NULL};
	struct post post = {.step = s, .letter = letter};
	const struct child_order order = {
		.argv = argv,
		.late_ms = LATE_MS,
		.feed = feed,
		.alive = is_alive,
		.owner = &post,
	};
	struct child_report report;

	child_run(&order, &report);
	return judge(s, &report);
}

enum step_result mail_send(
	struct step *s, const char *event_id, const char *subject, struct slice text)
{
	const struct slice from = slice_of(conf_text(s->conf, MAIL_FROM));
	struct zone utc;
	struct buf out;

	if (!letter_address_is_good(from))
		return step_fail(s, STEP_NEVER,
			from.len ? "MAIL_FROM is not an address" : "MAIL_FROM is not set");
	zone_init_utc(&utc);
	const struct letter letter = {
		.from = from,
		.from_name = SLICE("ReceptionAI"),
		.to = slice_of(s->merchant.notify_email),
		.subject = slice_of(subject),
		.text = text,
		.event_id = slice_of(event_id),
		.date = zone_local(&utc, s->job.created_ms / 1000),
	};
	char *memory = malloc(LETTER_BYTES);

	if (!memory)
		return step_fail(s, STEP_AGAIN, "no memory for a letter");
	buf_init_fixed(&out, memory, LETTER_BYTES);
	const enum step_result result =
		letter_write(&out, &letter)
			? hand_over(s, (struct slice){memory, buf_len(&out)})
			: step_fail(s, STEP_NEVER,
				  "the letter cannot be written: too long, or no address");

	free(memory);
	return result;
}
