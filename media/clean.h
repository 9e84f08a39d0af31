/*
 * clean - what is no longer needed or no longer anybody's: leases of dead processes, old spools, old rows, calls that
 *         are too old for their merchants, forgotten calls.
 *
 * Place:  media, above work and found; called by the finder.
 * Redo:   everything may be done twice.
 */
#pragma once

#include "media/work.h"

/* For a few seconds what may take long: calls that are too old for their merchants, and what is stored of forgotten
 * ones. true: there is more to do. */
bool clean_old(struct work *w);
/* Jobs of processes that are gone are ready again at once. */
void clean_owners(struct work *w);
void clean_up(struct work *w);
