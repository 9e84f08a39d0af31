/*
 * fal_input - what an order at fal.ai is made of: picture and voice, each under a URL that a model can read.
 *
 * Place:    media; above fal_desk, store and voice16, below video_fal.
 * Usage:    switch (fal_input_make(s, &desk, &model, &note, &input)) { … }     note.input_url is to be kept
 *           fal_input_drop(s, note.input_url);                                 when fal.ai has read it
 * Where:    the voice goes into our bucket, under a link that ends with the order, where there is one; else, like a
 *           picture that is a file, into fal.ai's storage, for a day.
 * Redo:     costs nothing and may be done again.
 * Fails:    as the desk; desk->why.
 */
#pragma once

#include "base/buf.h"
#include "media/fal/fal_desk.h"
#include "media/fal/fal_note.h"

enum fal_said fal_input_make(struct step *s, struct fal_desk *desk, const struct fal_model *model,
	struct fal_note *note, struct buf *out);
void fal_input_drop(struct step *s, const char *input_url);
