/*
 * moment - when a merchant is told of a call: once, as soon as nothing more will come, or when he has waited enough.
 *
 * Place:    media, pure; what step_notify decides by.
 * Usage:    int64_t wait_ms = moment_wait_ms(&m, now_ms);        0: now
 *           enum tidings_media media = moment_media(&m);         what the call's media came to
 * Rules:    nothing more will come of the media when the call is complete, or when no job that makes them is left, be
 *           they done, given up or cancelled; a spool that has no job yet is about to get one. Of the call itself,
 *           when Twilio has told its end, or after a while without that word: a voicemail is recorded after the
 *           receptionist is gone. Of the summary, and of a voicemail, when its job is over. After wait_s none of it is
 *           waited for.
 */
#pragma once

#include "media/told/tidings.h"

enum {
	MOMENT_SETTLE_MS = 10000,               /* Twilio's word is waited for after the end … */
	MOMENT_VOICEMAIL_MS = 300000,           /* … and if a voicemail may come */
	MOMENT_LOOK_MS = 3000,                  /* looked at again, in the first minute … */
	MOMENT_LOOK_LATER_MS = 15000,           /* … and after it */
	/* Jobs of media wake who waits for them. Parked ones do not, and a worker that runs once must not wait for
	 * those. */
	MOMENT_MEDIA_MS = 120000,
};

struct moment {
	const struct call_record *call;
	const struct call_report *report;
	bool takes_voicemail;
	bool has_spool;                 /* sound of the call lies in the spool */
	int64_t wait_s;
};

int64_t moment_wait_ms(const struct moment *m, int64_t now_ms);
enum tidings_media moment_media(const struct moment *m);
