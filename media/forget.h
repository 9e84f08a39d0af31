/*
 * forget - deletes what is stored of calls whose rows were deleted.
 *
 * Place:  media, above store; called by clean, and by receptionai-worker --prune.
 * Fails:  what cannot be deleted now is tried again with the next cleaning.
 */
#pragma once

#include "media/work.h"

/* Until that time by the monotonic clock, FORGET_ALL: however long it takes. true: there is more to do. */
bool forget_calls(struct work *w, uint64_t until_ms);

#define FORGET_ALL UINT64_MAX
