/*
 * step - one thing that is done for a call that is over: the contract between the worker and those who do it.
 *
 * Place:    media. The worker claims a job, fills a struct step, runs the step of the job's kind, and writes its
 *           result into the database; a step never writes into jobs itself, except db_job_ext_put(s->db, &s->job, …).
 * Usage:    enum step_result step_video(struct step *s)
 *           {
 *                   while (rendering) {
 *                           step_progress(s, done_ms, total_ms);
 *                           if (!step_alive(s))
 *                                   return STEP_STOPPED;
 *                   }
 *                   return STEP_DONE;
 *           }
 *           A new step is a row in STEPS and a file media/step_WORD.c.
 * Redo:     a step may be run again after any crash, at any instant, from the start: the same bytes come out. What it
 *           makes is written as *.part, synced, renamed (media/made.h).
 * Lifetime: all of it is borrowed for the run.
 */
#pragma once

#include "base/conf.h"
#include "db/jobs.h"

enum { STEP_PATH_BYTES_MAX = 4096 + SID_BYTES_MAX + 64 };

enum step_result {
	STEP_DONE,                      /* what follows is made ready */
	STEP_AGAIN,                     /* failed, may work later: after retry_after_ms, or by the back-off */
	STEP_WAIT,                      /* waits for something outside; looked at again after retry_after_ms */
	STEP_NEVER,                     /* failed, and would fail again: given up */
	STEP_NOTHING,                   /* there is nothing to do for this call: cancelled, and what needs it as well */
	STEP_CONFIG,                    /* a setting is wrong, for every call: all of this kind wait */
	STEP_STOPPED,                   /* step_alive() said so: nothing more is written */
};

struct step_host;

struct step {
	struct db *db;
	const struct conf *conf;
	struct job job;
	struct call_record call;
	struct merchant merchant;
	char folder[STEP_PATH_BYTES_MAX];       /* SPOOL/CallSid */
	char made[STEP_PATH_BYTES_MAX];         /* SPOOL/CallSid/made, exists */
	/* Answers. */
	char why[JOB_WHY_BYTES_MAX + 1];        /* a sentence, unless STEP_DONE; no secret, no speech, no number */
	int64_t retry_after_ms;                 /* 0: by the back-off */
	struct call_media media;                /* goes into the call's row with STEP_DONE */
	struct step_host *host;
};

/* Writes s->why and hands the result on: return step_fail(s, STEP_AGAIN, "the disk is full: %s", …). */
enum step_result step_fail(struct step *s, enum step_result result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Call it at least every second or so: renews the lease. false: the lease is lost or the worker has to stop: end what
 * was begun (children too) and return STEP_STOPPED within seconds. */
bool step_alive(struct step *s);
/* For people at a terminal. `total` 0: not known. */
void step_progress(struct step *s, int64_t done, int64_t total);

/* kind, function, kinds that are made ready when it is done, … when it is dead or there was nothing to do.
 * The way: assemble, then summary and video beside each other, upload after the video (also without one: then the
 * recording alone), notify last. A voicemail comes from Twilio, beside all of it. */
#define AFTER(kind) (1u << JOB_##kind)
#define STEPS(STEP) \
	STEP(ASSEMBLE, step_assemble, AFTER(SUMMARY) | AFTER(VIDEO), AFTER(SUMMARY)) \
	STEP(SUMMARY, step_summary, AFTER(NOTIFY), AFTER(NOTIFY)) \
	STEP(VIDEO, step_video, AFTER(UPLOAD), AFTER(UPLOAD)) \
	STEP(UPLOAD, step_upload, AFTER(NOTIFY), AFTER(NOTIFY)) \
	STEP(NOTIFY, step_notify, 0, 0) \
	STEP(VOICEMAIL, step_voicemail, AFTER(NOTIFY), AFTER(NOTIFY))

#define STEP_DECLARE(kind, function, ...) enum step_result function(struct step *s);
STEPS(STEP_DECLARE)
#undef STEP_DECLARE
