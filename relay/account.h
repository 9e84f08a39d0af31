/*
 * account - what a stream has used, out of the provider's own words, and what that costs.
 *
 * Place:    relay, pure. Below bridge, which tells it each account of the provider; above nothing.
 * Usage:    account_init(&a, &prices); account_usage(&a, &event->usage) with each response.done that carries one;
 *           account_item(&a) for each conversation.item.create that is charged
 *           account_micro_dollars(&a, both_ms)             both_ms: sound sent to the provider and got from it
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
	bool is_billed;                 /* the provider tells billable seconds */
	int64_t billed_ms;              /* in sessions that are over */
	int64_t running_ms;             /* in this one */
	int64_t output_ms;              /* sound that the provider says it made */
	int64_t item_count;
	int64_t account_count;          /* that came */
};

void account_init(struct account *a, const struct account_prices *prices);
void account_usage(struct account *a, const struct grok_usage *usage);
void account_item(struct account *a);
int64_t account_micro_dollars(const struct account *a, int64_t both_ms);
