/*
 * prune - deletes what merchants want kept no longer (merchants.retention_days and memory_days), a few rows a commit.
 *
 * Place:  media, above work; called by clean, and by receptionai-worker --prune.
 * Redo:   everything may be done twice, and by several workers at a time.
 * Fails:  what cannot be deleted now is tried again with the next cleaning.
 */
#pragma once

#include "media/work.h"

/* Until that time by the monotonic clock. true: there is more to do. */
bool prune_turn(struct work *w, uint64_t until_ms);
/* Says on stdout what there is to delete, of each merchant. */
enum db_result prune_show(struct work *w);
/* All of it, telling how far it came. DB_BUSY and the like: something is left. */
enum db_result prune_all(struct work *w);
