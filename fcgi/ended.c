/* What was streamed, dialled or recorded is over: what does the caller hear now, and what is kept of it? */
#include "base/clock.h"
#include "base/log.h"
#include "fcgi/answer.h"
#include "fcgi/handlers.h"
#include "fcgi/known.h"
#include "fcgi/next.h"
#include "fcgi/request.h"
#include "fcgi/webhook.h"

#include <stdlib.h>

void handle_after(struct webhook *w, const struct request *r, struct answer *a)
{
	struct known k;

	known_init(&k, PLAN_AFTER, r);
	known_call(w, &k);
	next_carry_out(w, a, &k);
}

/* Twilio tells whole seconds; -1: not told. */
static int64_t recording_ms(const struct form *form)
{
	struct slice text = form_value(form, "RecordingDuration");
	char digits[8];

	if (!text.len || !slice_copy(text, digits, sizeof digits) || strspn(digits, "0123456789") != text.len)
		return -1;
	return 1000 * strtoll(digits, NULL, 10);
}

/* RE…; where Twilio does not name it, the URL ends with it. */
static struct slice recording_sid(const struct form *form)
{
	const struct slice sid = form_value(form, "RecordingSid"), url = form_value(form, "RecordingUrl");
	size_t at = url.len;

	if (sid.len)
		return sid;
	while (at > 0 && url.data[at - 1] != '/')
		at--;
	return (struct slice){ url.data + at, url.len - at };
}

static enum db_result keep_voicemail(struct webhook *w, const struct form *form, int64_t duration_ms)
{
	const struct message message = {
		.call_sid = form_value(form, "CallSid"),
		.kind = MESSAGE_VOICEMAIL,
		.source_id = recording_sid(form),
		.recording_url = form_value(form, "RecordingUrl"),
		.recording_ms = duration_ms,
		.now_ms = clock_wall_ms(),
	};

	if (!webhook_may_write(w))
		return w->is_locked ? DB_BUSY : DB_BROKEN;
	const enum db_result result = db_message_put(w->db, &message);

	return result == DB_OK ? DB_OK : webhook_db_fault(w, "message", result);
}

/* Asked twice for each recording: when the caller has spoken, and when it can be fetched. */
void handle_voicemail(struct webhook *w, const struct request *r, struct answer *a)
{
	const struct form *form = &r->form;
	const bool is_callback = form_value(form, "RecordingStatus").len > 0;
	const int64_t duration_ms = recording_ms(form);
	const bool counts = form_value(form, "RecordingUrl").len > 0 && plan_recording_counts(duration_ms);
	enum db_result result = DB_NONE;
	struct known k;

	known_init(&k, PLAN_RECORDED, r);
	known_call(w, &k);
	if (counts) {
		result = keep_voicemail(w, form, duration_ms);
		k.facts.recording = result == DB_OK ? PLAN_RECORDING_KEPT : PLAN_RECORDING_LOST;
	}
	log_info("call voicemail call=%s ms=%lld counts=%d recorded=%s",
		log_name(k.call_sid.data, k.call_sid.len).text, (long long)duration_ms, counts, db_result_word(result));
	if (!is_callback)
		return next_carry_out(w, a, &k);
	a->status = 204;
	if (counts)
		next_note(w, &k);
}
