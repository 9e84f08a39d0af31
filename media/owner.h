/*
 * owner - which process holds a lease, in a word that no later process has: BOOT:PIDSPACE:PID:STARTED.
 *
 * Place:  media, above base.
 * Fails:  owner_is_gone() is false whenever it cannot know, as for a process of another container.
 */
#pragma once

#include "db/jobs.h"

/* Of this process. */
bool owner_self(char out[JOB_OWNER_BYTES_MAX + 1]);
bool owner_is_gone(const char *owner);
