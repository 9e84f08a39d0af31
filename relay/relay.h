/*
 * relay - what all ring threads share: settings that never change, the door, the desk, the providers, a few counts.
 *
 * Place:    relay, below call and lane; main fills it in before any thread starts.
 * Usage:    relay_open(&relay, &conf, why, sizeof why);
 * Lifetime: one for the program; borrows the conf.
 * Threads:  everything but the atomics is read only after relay_open().
 */
#pragma once

#include "base/conf.h"
#include "relay/desk.h"
#include "relay/door.h"
#include "relay/errand.h"
#include "relay/foyer.h"
#include "relay/patience.h"
#include "relay/provider.h"
#include "relay/ratings.h"
#include "relay/roll.h"
#include "relay/room.h"

#include <stdatomic.h>

enum {
	RELAY_THREADS_MAX = 64,
	RELAY_PING_MS = 10000,          /* WebSocket pings on both legs, at least */
	RELAY_COMMIT_MS = 2000,         /* that Twilio's socket waits for the end to be in the database */
	RELAY_ADMIT_MS = 250,           /* how often a ring thread looks at the atomics below */
};

struct relay {
	const struct conf *conf;
	struct door door;
	struct desk desk;
	struct errands errands;
	struct foyer foyer;
	struct roll roll;
	struct room room;
	struct provider providers[PROVIDER_COUNT];
	struct breaker breakers[PROVIDER_COUNT];
	const char *account_sid;        /* "": any */
	const char *voice;
	uint32_t calls_max, pending_max, thread_count;
	uint32_t sessions_max;          /* at Grok; 0: any number */
	uint32_t handshake_ms, start_ms, idle_ms, call_ms_max, grok_connect_ms;
	struct patience_bounds patience;
	/* Across threads. */
	struct ratings ratings;
	_Atomic uint32_t call_count;
	_Atomic uint32_t pending_count;
	_Atomic uint32_t session_count; /* counted only if sessions_max is not 0 */
	_Atomic uint32_t dial_count;    /* spreads calls over Grok's addresses */
	_Atomic bool draining;          /* take no new calls */
	_Atomic bool stopping;          /* end those that are left */
};

/* Checks and fills in what follows from the settings; desk and names are main's to open. */
bool relay_open(struct relay *relay, const struct conf *conf, char *why, size_t why_bytes);
void relay_close(struct relay *relay);
/* Whether any provider is spoken to over TLS. */
bool relay_dials_tls(const struct relay *relay);

/* Takes one of `most`: false if none is left. */
static inline bool relay_take(_Atomic uint32_t *count, uint32_t most)
{
	if (atomic_fetch_add_explicit(count, 1, memory_order_relaxed) < most)
		return true;
	atomic_fetch_sub_explicit(count, 1, memory_order_relaxed);
	return false;
}

static inline void relay_give(_Atomic uint32_t *count)
{
	atomic_fetch_sub_explicit(count, 1, memory_order_relaxed);
}
