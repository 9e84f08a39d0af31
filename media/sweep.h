/*
 * sweep - ends calls that nobody will end any more: their rows say that a stream is running, and the relay, asked on
 * its socket, does not have them. It was killed, or its database refused the end.
 *
 * Place:    media, above work; the finder does it four times a minute.
 * Usage:    sweep_calls(&w);
 * Rules:    a row is asked about once its call has been live for WORKER_LOST_S. A relay that does not answer says
 *           nothing: then only age ends calls, a day later (media/clean). So it is without RELAY_SOCKET, and so it
 *           must be where several relays share a database: the one that answers does not know the others' calls.
 * Limits:   SWEEP_CALLS_MAX a time, oldest first; the relay is waited for SWEEP_ASK_MS each.
 */
#pragma once

#include "media/work.h"

enum { SWEEP_CALLS_MAX = 1000, SWEEP_ASK_MS = 1000 };

void sweep_calls(struct work *w);
