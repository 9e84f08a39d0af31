#include "relay/account.h"

/* A number of seconds that a peer told: none of its nonsense becomes ours. */
static int64_t to_ms(double seconds)
{
	return seconds >= 0 && seconds < 1e6 ? (int64_t)(seconds * 1000 + 0.5) : 0;
}

void account_move(struct account *a, const struct account_prices *prices, int64_t both_ms, int64_t item_count)
{
	const int64_t before = account_micro_dollars(a, both_ms, item_count), output_ms = a->output_ms;

	*a = (struct account){
		.prices = *prices,
		.before_micro_dollars = before,
		.before_ms = both_ms,
		.before_item_count = item_count,
		.output_ms = output_ms,
	};
}

void account_usage(struct account *a, const struct grok_usage *usage)
{
	const int64_t running_ms = to_ms(usage->billable_audio_seconds);

	a->output_ms += to_ms(usage->output_audio_seconds);
	if (usage->billable_audio_seconds < 0)
		return;                 /* not told */
	a->is_billed |= running_ms > 0;
	if (running_ms < a->running_ms)
		a->billed_ms += a->running_ms;
	a->running_ms = running_ms;
}

int64_t account_micro_dollars(const struct account *a, int64_t both_ms, int64_t item_count)
{
	const int64_t audio_ms = a->is_billed ? a->billed_ms + a->running_ms : both_ms - a->before_ms;

	return a->before_micro_dollars + audio_ms * a->prices.audio_minute / 60000
		+ (item_count - a->before_item_count) * a->prices.item;
}
