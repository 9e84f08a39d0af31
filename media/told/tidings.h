/*
 * tidings - what a merchant is told of a call: as JSON for his service, as the text of a letter for himself.
 *
 * Place:    media, pure: facts go in, texts come out. step_notify gathers and sends them.
 * Usage:    tidings_json(&out, &t); tidings_subject(&t, memory, sizeof memory); tidings_text(&out, &t)
 * Lifetime: all that it points to is borrowed.
 * Rules:    times are the merchant's (RFC 3339 with the offset). What was said by people or made by models is data in
 *           the JSON; in the letter it is made plain (media/plain.h) and stands behind words of ours.
 * Fails:    false and nothing appended: no room.
 */
#pragma once

#include "base/buf.h"
#include "base/zone.h"
#include "db/report.h"
#include "db/summary.h"

enum { TIDINGS_MESSAGES_MAX = 8, TIDINGS_SUBJECT_BYTES = 256, TIDINGS_EVENT_BYTES = 40,
	TIDINGS_LINK_BYTES_MAX = 8191 };

/* What the media came to. */
#define TIDINGS_MEDIA(X) \
	X(COMPLETE, "complete")                 /* all URLs are there */ \
	X(NONE, "none")                         /* nothing was recorded */ \
	X(FAILED, "failed")                     /* something could not be made, and will not be */ \
	X(LATE, "late")                         /* not there yet: nobody waited longer */

enum tidings_media {
#define X(name, word) TIDINGS_##name,
	TIDINGS_MEDIA(X)
#undef X
};

struct tidings_message {
	enum message_kind kind;
	char caller_name[MESSAGE_NAME_BYTES_MAX + 1];
	char callback_number[PHONE_BYTES_MAX + 1];
	char text[MESSAGE_TEXT_BYTES_MAX + 1];
	char recording_url[TIDINGS_LINK_BYTES_MAX + 1]; /* of a voicemail; signed where the store wants that */
	int64_t recording_ms;           /* -1: not known */
	bool urgent;
};

struct tidings {
	const char *event_id;
	const struct call_record *call;
	const struct merchant *merchant;
	const struct zone *zone;                /* the merchant's */
	const struct call_report *report;
	enum tidings_media media;
	const struct summary_kept *summary;     /* NULL: none */
	const struct tidings_message *messages;
	unsigned message_count, message_left_out_count;
	/* Links that work as they are, for links_until_ms; "": there is none. */
	const char *recording_link, *video_link, *captions_link;
	int64_t links_until_ms;                 /* 0: they do not end */
};

bool tidings_json(struct buf *out, const struct tidings *t);
bool tidings_text(struct buf *out, const struct tidings *t);
/* One line, with a final NUL; cut where it does not fit. */
void tidings_subject(const struct tidings *t, char *out, size_t out_bytes);
