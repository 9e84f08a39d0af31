/*
 * video_fal - a call's video as fal.ai makes it: the receptionist's face speaking, with the real sound under it.
 *
 * Place:    media; below step_video, which makes the video here when this answers STEP_NOTHING. Above fal_desk (the
 *           requests), fal_models (prices) and proto/fal (answers).
 * Usage:    enum step_result r = video_fal(s);
 *           if (r == STEP_NOTHING) { log why; make it here }  else return r;
 * Results:  STEP_DONE: made/video.mp4 is there. STEP_NOTHING: this call's video is not fal.ai's to make, or it could
 *           not: s->why says why ("" when the merchant did not ask for it). STEP_WAIT, STEP_AGAIN, STEP_STOPPED as
 *           ever.
 * Paying:   an intent is committed before the order goes out. An order goes out once: when it is not known whether
 *           fal.ai took it, it is never sent again; after FAL_WAIT_S without a word the video is made here. Only an
 *           order that certainly was not delivered, or was refused with "later" (429, 503), is sent again, as a new
 *           one.
 * Budget:   price × seconds is worked out before; above FAL_MAX_DOLLARS_CALL or the merchant's fal_dollars_call_max
 *           nothing is ordered.
 * Privacy:  off unless the merchant asks for it. Of the sound fal.ai gets the receptionist's voice alone, never the
 *           caller's; what it keeps is bounded by headers, and deleted once the video is here.
 */
#pragma once

#include "media/step.h"

enum step_result video_fal(struct step *s);
/* For --check-config: whether what belongs to fal.ai is well set, or not set at all; else a sentence. */
bool video_fal_is_well_set(const struct conf *conf, char *why, size_t why_bytes);
