/*
 * ledger - what was sent to the caller and what came back as played: the only place that has an
 * idea of what the caller has heard.
 *
 * Place:    relay, pure. Above base only; the bridge writes it and reads it.
 * Usage:    ledger_item(&l);                         the audio of another answer begins
 *           ledger_sent(&l, bytes);                  audio was written to Twilio
 *           ledger_mark(&l, name);                   a mark is written behind it
 *           ledger_mark_back(&l, name)               Twilio played everything in front of that mark
 *           ledger_clear(&l);                        Twilio was told to throw its buffer away
 * Rules:    a clear returns every pending mark at once without saying which were played (Media
 *           Streams, "clear message"), so a mark carries the generation in which it was sent, and each clear begins
 *           another generation. What is called heard is proven by a mark: up to one mark interval
 *           less than the truth, never more.
 * Fails:    a mark that we did not send, or of an older generation, changes nothing and is told
 *           apart.
 */
#pragma once

#include "base/limits.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct ledger {
	uint32_t generation;            /* counts from 1; one more with each clear */
	uint64_t sent_bytes;            /* in this generation */
	uint64_t marked_bytes;          /* in front of the last mark sent in this generation */
	uint64_t played_bytes;          /* in front of the last mark that came back in it */
	uint64_t item_start_bytes;      /* where the current answer's audio begins in this generation */
	uint64_t past_sent_bytes;       /* totals of the generations before this one */
	uint64_t past_played_bytes;
	uint32_t marks_out_count;       /* marks of this generation that have not come back */
};

enum ledger_mark { LEDGER_PLAYED, LEDGER_STALE, LEDGER_FOREIGN };

void ledger_init(struct ledger *l);
void ledger_item(struct ledger *l);
void ledger_sent(struct ledger *l, uint64_t bytes);
/* Counts a mark behind all that was sent so far and writes its name. */
void ledger_mark(struct ledger *l, char out_name[MARK_NAME_BYTES_MAX + 1]);
enum ledger_mark ledger_mark_back(struct ledger *l, struct slice name);
void ledger_clear(struct ledger *l);

/* Audio that no mark covers yet, in bytes. */
uint64_t ledger_unmarked_bytes(const struct ledger *l);
/* Audio that may still wait in Twilio's buffer, in bytes. */
uint64_t ledger_waiting_bytes(const struct ledger *l);
/* How much of the current answer was sent, and of that surely heard, in ms. */
uint64_t ledger_item_sent_ms(const struct ledger *l);
uint64_t ledger_item_heard_ms(const struct ledger *l);
/* Of the whole call, in ms. */
uint64_t ledger_sent_ms(const struct ledger *l);
uint64_t ledger_heard_ms(const struct ledger *l);
