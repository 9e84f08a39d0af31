/*
 * account - what a stream has used, out of the provider's own words, and what that costs.
 *
 * Place:    relay, pure. Below bridge, which tells it each account of the provider; above nothing.
 * Usage:    account_move(&a, &prices, 0, 0); account_usage(&a, &event->usage) with each response.done
 *           account_micro_dollars(&a, both_ms, item_count)
 *           account_move(&a, &prices_of_the_next, both_ms, item_count)     another provider goes on
 *           both_ms: sound sent and got; item_count: conversation items that are charged; both of all providers
 * Rules:    Grok's billable_audio_seconds runs through a conversation. When it falls, another session has begun and
 *           what was before is added. A provider that tells none is charged for the sound both ways.
 * Source:   docs.x.ai, Voice, pricing: audio by the minute sent or received, text by the conversation item.
 */
#pragma once

#include "proto/grok_event.h"

#include <stdbool.h>
#include <stdint.h>

struct account_prices {
	int64_t audio_minute;           /* micro-dollars: GROK_AUDIO_PRICE */
	int64_t item;                   /* GROK_TEXT_PRICE */
};

struct account {
	struct account_prices prices;
	int64_t before_micro_dollars;   /* of the providers before this one */
	int64_t before_ms, before_item_count;
	bool is_billed;                 /* the provider tells billable seconds */
	int64_t billed_ms;              /* in sessions that are over */
	int64_t running_ms;             /* in this one */
	int64_t output_ms;              /* sound that all providers say they made */
};

/* A zeroed account has no prices yet. */
void account_move(struct account *a, const struct account_prices *prices, int64_t both_ms, int64_t item_count);
void account_usage(struct account *a, const struct grok_usage *usage);
int64_t account_micro_dollars(const struct account *a, int64_t both_ms, int64_t item_count);
