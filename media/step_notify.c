/*
 * Looks whether all is there, gathers it, tells it on each channel that the merchant has and that
 * was not told yet. One channel that fails does not keep the other from working: what was sent is
 * written down at once, and an attempt that follows leaves it alone.
 *
 * A worker that dies between sending and writing down sends again: the same event, the same
 * Message-ID.
 */
#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "media/told/hook_post.h"
#include "media/told/mail.h"
#include "media/told/moment.h"
#include "media/step.h"
#include "media/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BODY_BYTES = 512 * 1024, TEXT_BYTES = 192 * 1024 };

/* All that one notification is made of. */
struct notice_work {
	struct tidings tidings;
	struct call_report report;
	struct summary_kept summary;
	struct zone zone;
	struct tidings_message messages[TIDINGS_MESSAGES_MAX];
	char event_id[TIDINGS_EVENT_BYTES];
	char links[3][STORE_LINK_BYTES_MAX];
	char body[BODY_BYTES];
};

/* --- gathering
 * --------------------------------------------------------------------------------------- */

/* The same for every attempt, whoever makes it. */
static void name_event(struct slice call_sid, char out[TIDINGS_EVENT_BYTES])
{
	const struct digest_piece piece = {call_sid.data, call_sid.len};
	uint8_t hash[SHA256_BYTES];
	int len = snprintf(out, TIDINGS_EVENT_BYTES, "evt_");

	digest_sha256(&piece, 1, hash);
	for (size_t i = 0; i < 16; i++)
		len += snprintf(out + len, TIDINGS_EVENT_BYTES - (size_t)len, "%02x", hash[i]);
}

static bool take_message(void *context, const struct message *message)
{
	struct notice_work *w = context;
	struct tidings *t = &w->tidings;

	if (t->message_count == TIDINGS_MESSAGES_MAX) {
		t->message_left_out_count++;
		return true;
	}
	struct tidings_message *m = &w->messages[t->message_count++];

	m->kind = message->kind;
	m->urgent = message->urgent;
	m->recording_ms = message->recording_ms;
	slice_copy(message->caller_name, m->caller_name, sizeof m->caller_name);
	slice_copy(message->callback_number, m->callback_number, sizeof m->callback_number);
	slice_copy(message->text, m->text, sizeof m->text);
	slice_copy(message->recording_url, m->recording_url, sizeof m->recording_url);
	return true;
}

/* What cannot be linked is told as it stands in the database. */
static void make_link(struct step *s, struct notice_work *w, struct store *store, const char *url, char *out,
	size_t out_bytes)
{
	const int64_t seconds = conf_int(s->conf, NOTIFY_LINK_S);
	char why[STORE_WHY_BYTES_MAX];

	if (!store || !store_link(store, url, seconds, out, out_bytes, why, sizeof why))
		(void)snprintf(out, out_bytes, "%s", url);
	else if (strcmp(out, url) != 0)
		w->tidings.links_until_ms = clock_wall_ms() + seconds * 1000;
}

/* Those of the call, and those of its voicemails. */
static void make_links(struct step *s, struct notice_work *w)
{
	const struct call_media *media = &w->report.media;
	const char *const urls[3] = {media->recording_url, media->video_url, media->captions_url};
	char why[STORE_WHY_BYTES_MAX], url[MESSAGE_URL_BYTES_MAX + 1];
	struct store memory, *store = store_open(&memory, s->conf, why, sizeof why) ? &memory : NULL;

	for (size_t i = 0; i < 3; i++)
		if (urls[i][0])
			make_link(s, w, store, urls[i], w->links[i], sizeof w->links[i]);
	for (unsigned i = 0; i < w->tidings.message_count; i++) {
		struct tidings_message *m = &w->messages[i];

		memcpy(url, m->recording_url, sizeof url);
		if (url[0])
			make_link(s, w, store, url, m->recording_url, sizeof m->recording_url);
	}
	if (store)
		store_close(store);
}

static enum db_result gather(struct step *s, struct notice_work *w, enum tidings_media media)
{
	const struct slice sid = slice_of(s->job.call_sid);
	const char *why;
	enum db_result result;

	name_event(sid, w->event_id);
	if (!zone_load(&w->zone, s->merchant.time_zone, &why))
		zone_init_utc(&w->zone);
	w->tidings = (struct tidings){
		.event_id = w->event_id,
		.call = &s->call,
		.merchant = &s->merchant,
		.zone = &w->zone,
		.report = &w->report,
		.media = media,
		.messages = w->messages,
		.recording_link = w->links[0],
		.video_link = w->links[1],
		.captions_link = w->links[2],
	};
	result = db_summary_by_sid(s->db, sid, &w->summary);
	if (result == DB_OK)
		w->tidings.summary = &w->summary;
	else if (result != DB_NONE)
		return result;
	result = db_messages_each(s->db, sid, take_message, w);
	if (result == DB_OK)
		make_links(s, w);
	return result;
}

/* --- telling
 * ----------------------------------------------------------------------------------------- */

static enum step_result tell_hook(struct step *s, struct notice_work *w)
{
	struct buf body;

	buf_init_fixed(&body, w->body, sizeof w->body);
	if (!tidings_json(&body, &w->tidings))
		return step_fail(s, STEP_NEVER, "the notification is too long");
	return hook_post(s, w->event_id, (struct slice){w->body, buf_len(&body)});
}

static enum step_result tell_mail(struct step *s, struct notice_work *w)
{
	char subject[TIDINGS_SUBJECT_BYTES];
	struct buf text;

	buf_init_fixed(&text, w->body, TEXT_BYTES);
	if (!tidings_text(&text, &w->tidings))
		return step_fail(s, STEP_NEVER, "the letter is too long");
	tidings_subject(&w->tidings, subject, sizeof subject);
	return mail_send(s, w->event_id, subject, (struct slice){w->body, buf_len(&text)});
}

static enum step_result write_down(
	struct step *s, struct notice_work *w, enum notice_channel channel, enum step_result result)
{
	const struct notice_record notice = {
		.call_sid = slice_of(s->job.call_sid),
		.channel = channel,
		.state = result == STEP_DONE	? NOTICE_SENT
			 : result == STEP_AGAIN ? NOTICE_PENDING
						: NOTICE_FAILED,
		.event_id = slice_of(w->event_id),
		.error = result == STEP_DONE ? SLICE("") : slice_of(s->why),
		.now_ms = clock_wall_ms(),
	};

	if (result == STEP_STOPPED)
		return result;
	if (result == STEP_DONE)
		log_info("notice sent call=%s channel=%s event=%s", s->job.call_sid,
			notice_channel_word(channel), w->event_id);
	if (db_notice_put(s->db, &notice) == DB_OK)
		return result;
	return step_fail(s, STEP_AGAIN, "the notice cannot be written down: %s", db_why(s->db));
}

/* What was told, or was given up earlier by the same row of attempts, is left alone. */
static enum step_result tell(struct step *s, struct notice_work *w, enum notice_channel channel)
{
	enum notice_state state;
	const enum db_result known =
		db_notice_state(s->db, slice_of(s->job.call_sid), channel, &state);

	if (known == DB_OK && state == NOTICE_SENT)
		return STEP_DONE;
	if (known == DB_OK && state == NOTICE_FAILED && s->job.attempt > 1)
		return step_fail(
			s, STEP_NEVER, "the %s failed for good", notice_channel_word(channel));
	if (known != DB_OK && known != DB_NONE)
		return step_fail(s, STEP_AGAIN, "the notices cannot be read: %s", db_why(s->db));
	if (!step_alive(s))
		return STEP_STOPPED;
	return write_down(
		s, w, channel, channel == NOTICE_WEBHOOK ? tell_hook(s, w) : tell_mail(s, w));
}

/* The channel that may still work decides, then the one that does not. */
static enum step_result tell_all(struct step *s, struct notice_work *w)
{
	static const enum step_result order[] = {STEP_STOPPED, STEP_AGAIN, STEP_NEVER};
	const char *const channels[NOTICE_CHANNEL_COUNT] = {
		[NOTICE_WEBHOOK] = s->merchant.notify_url,
		[NOTICE_MAIL] = s->merchant.notify_email,
	};
	enum step_result results[NOTICE_CHANNEL_COUNT];
	char whys[NOTICE_CHANNEL_COUNT][JOB_WHY_BYTES_MAX + 1];

	for (int i = 0; i < NOTICE_CHANNEL_COUNT; i++) {
		s->why[0] = '\0';
		results[i] = channels[i][0] ? tell(s, w, (enum notice_channel)i) : STEP_DONE;
		memcpy(whys[i], s->why, sizeof whys[i]);
	}
	for (size_t o = 0; o < ARRAY_COUNT(order); o++)
		for (int i = 0; i < NOTICE_CHANNEL_COUNT; i++)
			if (results[i] == order[o]) {
				memcpy(s->why, whys[i], sizeof s->why);
				return results[i];
			}
	return STEP_DONE;
}

/* --- the step
 * ---------------------------------------------------------------------------------------- */

static bool has_spool(const struct step *s)
{
	char path[STEP_PATH_BYTES_MAX + 4];

	(void)snprintf(path, sizeof path, "%s/1", s->folder);
	return access(path, F_OK) == 0;
}

/* Who is handed to a tone speaks after his row has ended, sometimes long after. */
static bool may_leave_voicemail(const struct step *s)
{
	const struct call_record *c = &s->call;

	return c->handled == HANDLED_OPEN && (s->merchant.transfer_fallback == TRANSFER_FALLBACK_VOICEMAIL ||
		s->merchant.after_hours == AFTER_HOURS_VOICEMAIL || c->end_reason == END_AFTER_HOURS ||
		c->end_reason == END_REJECTED);
}

static enum step_result notify(struct step *s, struct notice_work *w)
{
	const struct moment moment = {
		.call = &s->call,
		.report = &w->report,
		.takes_voicemail = may_leave_voicemail(s),
		.has_spool = has_spool(s),
		.wait_s = conf_int(s->conf, NOTIFY_WAIT_S),
	};
	enum db_result result = db_report_by_sid(s->db, slice_of(s->job.call_sid), &w->report);

	if (result == DB_OK) {
		s->retry_after_ms = moment_wait_ms(&moment, clock_wall_ms());
		if (s->retry_after_ms > 0)
			return step_fail(s, STEP_WAIT, "more of the call is still to come");
		result = gather(s, w, moment_media(&moment));
	}
	if (result != DB_OK)
		return step_fail(s, STEP_AGAIN, "the call cannot be read: %s", db_why(s->db));
	return tell_all(s, w);
}

enum step_result step_notify(struct step *s)
{
	if (!s->merchant.notify_url[0] && !s->merchant.notify_email[0])
		return step_fail(s, STEP_NOTHING, "the merchant wants no notifications");
	/* A voicemail can be fetched before its call is over. */
	if (s->call.status != CALL_ENDED) {
		s->retry_after_ms = MOMENT_LOOK_MS;
		return step_fail(s, STEP_WAIT, "the call is not over");
	}
	struct notice_work *w = calloc(1, sizeof *w);

	if (!w)
		return step_fail(s, STEP_AGAIN, "no memory for a notification");
	const enum step_result result = notify(s, w);

	explicit_bzero(w, sizeof *w);
	free(w);
	return result;
}
