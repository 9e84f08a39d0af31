/*
 * fake_store - conversations that a client wanted to be able to go on with: kept half an hour, played back on request.
 *
 * Place:    sim, pure; shared by all sessions of a server. Above receptionist and proto/grok.
 * Usage:    fake_store_open(store, id, now_ms);                         the client has opted in
 *           fake_store_add(store, id, &item, now_ms);                   something was said, called, answered
 *           conversation = fake_store_find(store, id, now_ms);          NULL: never kept, or too long ago
 * Lifetime: copies everything (heap) until FAKE_STORE_MS after the last addition, or fini.
 * Limits:   FAKE_STORE_ITEM_COUNT_MAX items a conversation, FAKE_STORE_COUNT_MAX conversations; the oldest go first.
 */
#pragma once

#include "proto/grok_event.h"
#include "sim/receptionist.h"

#include <stddef.h>
#include <stdint.h>

enum {
	FAKE_STORE_MS = 30 * 60 * 1000,
	FAKE_STORE_COUNT_MAX = 1024,
	FAKE_STORE_ITEM_COUNT_MAX = 256,
	FAKE_STORE_ID_BYTES = 40,
};

struct fake_conversation {
	struct fake_conversation *next;
	char id[FAKE_STORE_ID_BYTES];
	uint64_t last_ms;
	struct grok_item items[FAKE_STORE_ITEM_COUNT_MAX]; /* each in one block of its own: .id.data */
	size_t item_count;
	struct receptionist receptionist;
	uint64_t caller_ms, spoken_ms;          /* the meter runs on */
};

struct fake_store {
	struct fake_conversation *first;        /* the newest */
	size_t count;
};

void fake_store_fini(struct fake_store *store);
/* Finds or makes. */
struct fake_conversation *fake_store_open(struct fake_store *store, const char *id, uint64_t now_ms);
struct fake_conversation *fake_store_find(struct fake_store *store, const char *id, uint64_t now_ms);
/* Nothing happens if there is no such conversation. */
void fake_store_add(struct fake_store *store, const char *id, const struct grok_item *item, uint64_t now_ms);
