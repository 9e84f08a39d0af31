/*
 * relay - what all ring threads share: settings that never change, the door, the desk, Grok's address, a few
 * counts.
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
#include "relay/foyer.h"
#include "relay/names.h"

#include <stdatomic.h>

enum {
	RELAY_THREADS_MAX = 64,
	RELAY_TARGET_BYTES_MAX = 1024,
	RELAY_PING_MS = 20000,          /* WebSocket pings on both legs */
	RELAY_COMMIT_MS = 2000,         /* that Twilio's socket waits for the end to be in the database */
	RELAY_ADMIT_MS = 250,           /* how often a ring thread looks at the atomics below */
};

/* Where Grok is and what it is told at the door. */
struct relay_grok {
	bool is_tls;
	char host[NAMES_HOST_BYTES_MAX];
	char authority[NAMES_HOST_BYTES_MAX + 8];
	char port[8];
	char target[RELAY_TARGET_BYTES_MAX];
	char headers[1200];             /* the API key: never logged */
};

struct relay {
	const struct conf *conf;
	struct door door;
	struct desk desk;
	struct names names;
	struct foyer foyer;
	struct relay_grok grok;
	const char *account_sid;        /* "": any */
	const char *voice;
	uint32_t calls_max, pending_max, thread_count;
	uint32_t handshake_ms, start_ms, idle_ms, call_ms_max, grok_connect_ms, grok_ready_ms;
	/* Across threads. */
	_Atomic uint32_t call_count;
	_Atomic uint32_t pending_count;
	_Atomic uint32_t dial_count;    /* spreads calls over Grok's addresses */
	_Atomic bool draining;          /* take no new calls */
	_Atomic bool stopping;          /* end those that are left */
	_Atomic uint32_t certificate;   /* one more: read it again */
};

/* Checks and fills in what follows from the settings; desk and names are main's to open. */
bool relay_open(struct relay *relay, const struct conf *conf, char *why, size_t why_bytes);
void relay_close(struct relay *relay);

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
