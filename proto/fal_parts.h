/*
 * fal_parts - what fal's files share.
 *
 * Place:    proto, fal*.c only.
 */
#pragma once

#include "base/slice.h"
#include "proto/fal.h"
#include "proto/json.h"

/* A member that is a string, copied. false: there is none, or it does not fit. */
bool fal_take(const struct json_object *object, const char *key, char *out, size_t out_bytes);
/* The error that an answer holds, in either shape. */
void fal_error_of(const struct json_object *root, int status, struct slice type, struct fal_error *out);
/* The video's URL in a model's output. */
bool fal_video_of(const struct json_object *output, char out_url[FAL_URL_BYTES_MAX + 1]);
