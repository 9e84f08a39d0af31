/* Scanner and json-c say the same about every text, and what was read can be written and says the same again. The
 * first byte chooses the direction. */
#include "base/check.h"
#include "proto/grok.h"
#include "tests/message_equal.h"

static struct grok_reader quick = { .slow = false }, slow = { .slow = true };
static char memory[1 << 20];

/* Writers choose order and defaults, so only a second writing must be the same as the first. */
static void write_again(enum grok_direction from, const struct grok_dialect *dialect, const struct grok_event *event)
{
	static struct grok_event again;
	static char first[sizeof memory];
	struct buf out;

	buf_init_fixed(&out, memory, sizeof memory);
	if (event->kind == GROK_UNKNOWN || !grok_write(&out, dialect, event))
		return;
	size_t len = buf_len(&out);
	memcpy(first, memory, len);
	if (grok_read(&slow, from, first, len, &again) != GROK_EVENT) {
		/* A depth or JSON text of the peer's that ends up one level deeper than it came. */
		check(slow.why == NULL || strcmp(slow.why, "too many levels") == 0);
		return;
	}
	check(again.kind == event->kind);
	buf_clear(&out);
	check(grok_write(&out, dialect, &again));
	check(buf_len(&out) == len || event->kind == GROK_SESSION_UPDATED);
	check(event->kind == GROK_SESSION_UPDATED || memcmp(first, memory, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct grok_event events[2];

	if (size == 0)
		return 0;
	enum grok_direction from = data[0] == '>' ? TO_GROK : FROM_GROK;
	const char *text = (const char *)data + 1;
	enum grok_result result = grok_read(&quick, from, text, size - 1, &events[0]);
	check(result == grok_read(&slow, from, text, size - 1, &events[1]));
	check(result == GROK_BAD || grok_event_equal(&events[0], &events[1]));
	if (result == GROK_EVENT) {
		write_again(from, &grok_xai, &events[0]);
		write_again(from, &grok_openai, &events[0]);
	}
	json_reader_rest(&quick.json);
	json_reader_rest(&slow.json);
	return 0;
}
