/*
 * fal_fate - what became of an order at fal.ai: looked at again and again, until its video is here or it is given up.
 *
 * Place:    media; above fal_books and fal_desk, below video_fal.
 * Usage:    if (s->job.ext.state != JOB_EXT_NONE) return fal_go_on(s, &desk);
 * Results:  as video_fal. No order goes out from here.
 */
#pragma once

#include "media/fal/fal_desk.h"

enum step_result fal_go_on(struct step *s, struct fal_desk *desk);
