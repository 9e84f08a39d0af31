/*
 * load_call - one call of the load generator: webhook or token, stream, numbered frames out, every byte back checked.
 *
 * Place:    sim; below load, which owns the clock, epoll and all calls.
 * Usage:    load_call_tick(call, due_us) every 20 ms on the call's own tick; load_call_ready(call) when its
 *           descriptor is; after both: load watches load_call_fd() for load_call_interest().
 * Lifetime: a zeroed call with its index and load set is ready; load_call_end() frees what is left.
 * Limits:   marks waiting for their audio: LOAD_MARK_COUNT_MAX, more are answered at once.
 *           Nothing on the media path allocates or parses with json-c (twilio's scanner reads what a relay sends).
 */
#pragma once

#include "sim/histogram.h"
#include "sim/identity.h"
#include "sim/pacing.h"
#include "sim/pattern.h"
#include "sim/phone_options.h"
#include "sim/twiml_read.h"
#include "sim/verdict.h"
#include "sim/webhook.h"
#include "sim/wsconn.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	LOAD_SENT_WINDOW = 256,         /* frames whose sending time is remembered: 5 s */
	LOAD_MARK_COUNT_MAX = 16,
	LOAD_FRAME_DELAY_US = 140000,   /* from the start message to the first frame */
	LOAD_SETTLE_US = 1000000,       /* from the last call's start to what counts as steady */
	LOAD_ANSWER_MS = 10000,         /* webhook, dialling */
	LOAD_DRAIN_MS = 10000,          /* for the last frames to come back */
	LOAD_CLOSE_MS = 10000,
	LOAD_MESSAGE_BYTES_MAX = 64 * 1024,
};

enum load_phase { LOAD_WAITING, LOAD_ASKING, LOAD_DIALLING, LOAD_SENDING, LOAD_DRAINING, LOAD_CLOSING, LOAD_OVER };

/* What all calls share and add to. */
struct load {
	const struct phone_options *options;
	struct pacing_plan plan;
	struct pool pool;
	struct random random;
	struct net_tls *tls;
	struct wsconn_env env_plain, env_tls;
	struct webhook_env webhook_env;
	struct twiml_document document;
	struct verdict verdict;
	uint32_t frames_per_call;
	uint32_t talking_count;         /* calls in LOAD_SENDING */
	uint64_t steady_from_us;        /* the last of them has settled */
	uint32_t started_count, ok_count, failed_count, over_count;
	uint64_t sent_count, back_count, corrupted_count, padding_count, ragged_count;
	uint64_t messages, marks, marks_at_once, clears, audio_bytes;
	struct histogram rtt_us, steady_rtt_us, late_us, webhook_us, upgrade_us;
};

struct load_mark {
	uint64_t due_us;
	char name[MARK_NAME_BYTES_MAX + 1];
};

struct load_call {
	struct load *load;
	uint32_t index;
	enum load_phase phase;
	struct identity identity;
	struct webhook *webhook;        /* while asking */
	struct wsconn *conn;
	struct twilio_reader reader;
	char *start_text;               /* from the TwiML (or command line) until it is sent */
	size_t start_len;
	uint64_t begun_us, first_frame_us, deadline_us;
	uint64_t play_end_us;           /* when what came so far will have been played */
	struct load_mark marks[LOAD_MARK_COUNT_MAX];
	uint32_t mark_head, mark_count;
	int64_t sequence;
	uint32_t frame_count;
	struct tally tally;
	uint64_t sent_us[LOAD_SENT_WINDOW];
	bool sent_steady[LOAD_SENT_WINDOW];
	bool succeeded;
	uint32_t watched;               /* load's: what epoll knows */
	int watched_fd;                 /* load's: -1 none */
};

/* Time of the call's tick: whatever is due on it happens. */
void load_call_tick(struct load_call *call, uint64_t due_us);
/* Its descriptor is ready. */
void load_call_ready(struct load_call *call);
/* -1: none at present. */
int load_call_fd(const struct load_call *call);
uint32_t load_call_interest(const struct load_call *call);
void load_call_end(struct load_call *call);
