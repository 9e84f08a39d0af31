/* The cut law on any bytes: what comes out of the reader does not depend on how they were cut.
 * Input: a byte (bit 0: our role, bit 1: a small bound for messages, the rest: seed of the cuts), then the wire. */
#include "base/check.h"
#include "tests/ws_feed.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int slices[] = { 1, 2, 7, WS_FEED_RANDOM };
	struct ws_feed whole, cut;

	if (size == 0)
		return 0;
	enum ws_role role = data[0] & 1 ? WS_SERVER : WS_CLIENT;
	size_t message_bytes_max = data[0] & 2 ? 200 : 1 << 20;
	ws_feed(&whole, role, message_bytes_max, data + 1, size - 1, WS_FEED_WHOLE, 0);
	for (size_t i = 0; i < ARRAY_COUNT(slices); i++) {
		ws_feed(&cut, role, message_bytes_max, data + 1, size - 1, slices[i], data[0]);
		check(ws_feed_equal(&whole, &cut));
		ws_feed_free(&cut);
	}
	ws_feed_free(&whole);
	return 0;
}
