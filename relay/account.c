#include "relay/account.h"

/* A number of seconds that a peer told: none of its nonsense becomes ours. */
static int64_t to_ms(double seconds)
{
	return seconds >= 0 && seconds < 1e6 ? (int64_t)(seconds * 1000 + 0.5) : 0;
}

void account_init(struct account *a, const struct account_prices *prices)
{
	*a = (struct account){ .prices = *prices };
}

void account_usage(struct account *a, const struct grok_usage *usage)
{
	const int64_t running_ms = to_ms(usage->billable_audio_seconds);

	a->output_ms += to_ms(usage->output_audio_seconds);
	if (usage->billable_audio_seconds < 0)
		return;                 /* not told */
	a->account_count++;
	a->is_billed |= running_ms > 0;
	if (running_ms < a->running_ms)
		a->billed_ms += a->running_ms;
	a->running_ms = running_ms;
}

void account_item(struct account *a)
{
	a->item_count++;
}

int64_t account_micro_dollars(const struct account *a, int64_t both_ms)
{
	const int64_t audio_ms = a->is_billed ? a->billed_ms + a->running_ms : both_ms;

	return audio_ms * a->prices.audio_minute / 60000 + a->item_count * a->prices.item;
}
