/*
 * fal_books - what a step writes down about its order at fal.ai, and how its run ends.
 *
 * Place:    media; below fal_fate and video_fal, above db's jobs and fal.
 * Fails:    false: the lease was lost, or the database cannot be written; then nothing may be asked for that costs
 *           money.
 */
#pragma once

#include "media/fal/fal_desk.h"
#include "media/fal/fal_note.h"

enum {
	FAL_KEYS_FRESH_MS = 12 * 3600 * 1000,
	FAL_KEYS_WANTED_MS = 60 * 1000, /* when a webhook is all that there is to hope for */
};

/* The nonce is made here, anew for each order. */
bool fal_put_intent(struct step *s, const struct fal_note *note, int64_t cost_micro_dollars);
bool fal_put(struct step *s, enum job_ext_state state, const char *id, const struct fal_note *note,
	int64_t cost_micro_dollars);
/* The order was certainly not taken. */
bool fal_put_nothing(struct step *s);
/* The keys with which the webhook tells fal.ai from others; without them there is still the looking. */
void fal_fetch_keys(struct step *s, struct fal_desk *desk, int64_t fresh_ms);

/* STEP_NOTHING: fal.ai does not make it. Whoever pays shall find out why. */
enum step_result fal_not_made(struct step *s, const char *why);
enum step_result fal_lost_lease(struct step *s);
/* STEP_WAIT until the next look, which is the later the longer it takes. */
enum step_result fal_wait(struct step *s, const struct fal_note *note, const char *what);
bool fal_is_too_late(const struct step *s, const struct fal_note *note);
