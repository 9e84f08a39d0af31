/*
 * fal_note - what a job keeps of its order at fal.ai besides the id: since when, where to ask. JSON in job.ext.urls.
 *
 * Place:    media, pure; below video_fal.
 * Usage:    fal_note_write(&note, ext.urls, sizeof ext.urls); fal_note_read(slice_of(ext.urls), created_ms, &note);
 * Mirror:   what is written is read back.
 * Fails:    never: what does not fit or cannot be read is empty, and then the webhook's word is waited for.
 */
#pragma once

#include "base/slice.h"
#include "db/jobs.h"
#include "proto/fal.h"

struct fal_note {
	int64_t since_ms;               /* when the order went out */
	char input_url[CALL_URL_BYTES_MAX + 1];         /* in our store, to be deleted at the end; "": none */
	char status_url[FAL_URL_BYTES_MAX + 1];         /* "": not known, nor is the next */
	char response_url[FAL_URL_BYTES_MAX + 1];
	char cancel_url[FAL_URL_BYTES_MAX + 1];
};

void fal_note_order(struct fal_note *note, const struct fal_order *order);
void fal_note_write(const struct fal_note *note, char *out, size_t out_bytes);
/* `since_ms` is for a note that has none. */
void fal_note_read(struct slice text, int64_t since_ms, struct fal_note *out);
