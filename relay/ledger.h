/*
 * ledger - what was sent to the caller, item by item, and how much of it the caller has heard: the only place that has
 * an idea of that.
 *
 * Place:    relay, pure. Above playhead and base only; voice writes it, the bridge reads it.
 * Usage:    ledger_time(&l, now_ms);                 first, whenever something happens: all below means that moment
 *           ledger_item(&l, id);                     the audio of another item begins
 *           ledger_sent(&l, bytes);                  audio was written to Twilio
 *           ledger_whole(&l);                        Grok has all items whole: nothing is added to them
 *           if (ledger_wants_mark(&l)) ledger_mark(&l, name);        a mark is written behind it
 *           ledger_mark_back(&l, name)               Twilio sent that mark back
 *           ledger_frame(&l, timestamp_ms)           a frame of the caller's, with Twilio's clock
 *           for (i = 0; i < l.item_count; i++) ledger_item_heard_ms(&l, &l.items[i]) …
 *           ledger_clear(&l);                        Twilio was told to throw its buffer away
 * Rules:    a clear returns every pending mark at once without saying which were played (Media Streams, "clear
 *           message"), so a mark carries the generation in which it was sent, and each clear begins another generation.
 *           What is called played is proven by a mark; what is called heard is the playhead's answer (see there):
 *           between played and sent, and right for a clear that leaves now.
 * Fails:    a mark that we did not send, or of an older generation, changes nothing and is told apart.
 * Limits:   LEDGER_ITEMS_MAX items of a generation; when more are sent without a pause, the oldest are forgotten.
 */
#pragma once

#include "relay/playhead.h"
#include "relay/voice_id.h"

enum {
	LEDGER_ITEMS_MAX = 16,
	/* Marks: soon after audio begins, to see when it is played; then now and then. */
	LEDGER_MARK_FIRST_MS = 200,
	LEDGER_MARK_MS = 2000,
	LEDGER_DOUBT_MS = 500,          /* a mark that is overdue by this much is lost */
};

struct ledger_item {
	struct voice_id id;
	bool whole;
	bool gone;                      /* Grok has cancelled and forgotten it */
	uint64_t from_bytes, to_bytes;  /* in this generation */
};

struct ledger {
	uint64_t now_ms;
	uint32_t generation;            /* counts from 1; one more with each clear */
	struct playhead playhead;       /* of this generation */
	uint64_t marked_bytes;          /* in front of the last mark sent in this generation */
	uint64_t past_sent_bytes;       /* totals of the generations before this one */
	uint64_t past_heard_bytes;
	uint32_t marks_out_count;       /* marks of this generation that have not come back */
	size_t item_count;
	struct ledger_item items[LEDGER_ITEMS_MAX];     /* oldest first; not all that was heard is kept */
};

enum ledger_mark { LEDGER_PLAYED, LEDGER_STALE, LEDGER_FOREIGN };

void ledger_init(struct ledger *l);
void ledger_time(struct ledger *l, uint64_t now_ms);
void ledger_item(struct ledger *l, struct slice id);
void ledger_sent(struct ledger *l, uint64_t bytes);
void ledger_whole(struct ledger *l);
/* Grok has cancelled what it was adding to. */
void ledger_gone(struct ledger *l);
/* Whoever speaks from now on knows none of it. */
void ledger_all_gone(struct ledger *l);
bool ledger_wants_mark(const struct ledger *l);
/* Counts a mark behind all that was sent so far and writes its name. */
void ledger_mark(struct ledger *l, char out_name[MARK_NAME_BYTES_MAX + 1]);
enum ledger_mark ledger_mark_back(struct ledger *l, struct slice name);
void ledger_frame(struct ledger *l, int64_t timestamp_ms);
void ledger_clear(struct ledger *l);
/* Twilio has said its last word: what it had played by then is less than what a clear would find. */
void ledger_hung_up(struct ledger *l);

/* The item whose audio was sent last in this generation; NULL: none. */
const struct ledger_item *ledger_last(const struct ledger *l);
/* How much of an item was sent, and of that heard by now, in ms. */
uint64_t ledger_item_sent_ms(const struct ledger_item *item);
uint64_t ledger_item_heard_ms(const struct ledger *l, const struct ledger_item *item);
/* Audio that no mark covers yet, in bytes. */
uint64_t ledger_unmarked_bytes(const struct ledger *l);
/* Audio that no mark has proven to be played: it may still wait in Twilio's buffer. */
uint64_t ledger_waiting_bytes(const struct ledger *l);
/* Audio that the caller has yet to hear, as far as is known. */
uint64_t ledger_unheard_ms(const struct ledger *l);
/* Whether the caller may still be hearing something: until a mark has proven that all was played, or, should that
 * be lost, for LEDGER_DOUBT_MS longer than it can take. */
bool ledger_is_playing(const struct ledger *l);
/* Grok has that item whole, and nothing of it is left to be heard, in the same sense. */
bool ledger_item_is_played(const struct ledger *l, const struct ledger_item *item);
/* Of the whole call. */
uint64_t ledger_sent_ms(const struct ledger *l);
uint64_t ledger_heard_ms(const struct ledger *l);
