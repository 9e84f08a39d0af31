/*
 * forget - deletes what is stored of calls whose rows were deleted.
 *
 * Place:  media, above store; called when the worker cleans up.
 * Fails:  what cannot be deleted now is tried again with the next cleaning.
 */
#pragma once

#include "media/work.h"

void forget_calls(struct work *w);
