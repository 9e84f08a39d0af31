/*
 * fal_models - the file that says what models of fal.ai cost, how long their videos may be, and what they are given.
 *
 * Place:    media; pure but for fal_models_load(). The file that comes with us is deploy/fal-models.conf, which also
 *           describes the format.
 * Usage:    if (!fal_models_load(path, "fal-ai/flashtalk", &model, why, sizeof why)) say why
 *           cost = fal_model_cost(&model, length_ms);
 *           fal_model_input(&model, image_url, audio_url, &out);
 * Fails:    false with a sentence that names the line; the whole file has to be right, whichever model is asked for.
 * Limits:   FAL_MODELS_BYTES_MAX of file.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	FAL_MODELS_BYTES_MAX = 64 * 1024,
	FAL_MODEL_ID_BYTES_MAX = 200,
	FAL_MODEL_INPUT_BYTES_MAX = 2000,
	FAL_MODEL_WHY_BYTES_MAX = 300,
};

struct fal_model {
	char id[FAL_MODEL_ID_BYTES_MAX + 1];
	int64_t micro_dollars;          /* a second */
	int64_t charged_s_min;          /* at least so many are charged */
	int64_t s_min, s_max;           /* of a video that it makes */
	char input[FAL_MODEL_INPUT_BYTES_MAX + 1];      /* JSON with "$image" and "$audio" where the URLs go */
};

bool fal_models_load(const char *path, const char *id, struct fal_model *out, char *why, size_t why_bytes);
bool fal_models_read(struct slice text, const char *id, struct fal_model *out, char *why, size_t why_bytes);
/* Millionths of a dollar, every second that was begun. */
int64_t fal_model_cost(const struct fal_model *model, int64_t length_ms);
/* What is posted. false: `out` is full. */
bool fal_model_input(const struct fal_model *model, struct slice image_url, struct slice audio_url, struct buf *out);
/* "0.02", "17": millionths of a dollar; at most six digits behind the point, below ten thousand dollars. */
bool fal_dollars_read(struct slice text, int64_t *out_micro_dollars);
