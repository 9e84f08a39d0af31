/* Scanner and json-c say the same about every text: a conversation, one message a line, is read with and without
 * the scanner. The first byte chooses the direction. */
#include "base/check.h"
#include "proto/twilio.h"
#include "tests/message_equal.h"

#include <stdlib.h>

static void read_both(struct twilio_reader readers[2], enum twilio_direction from, const char *text, size_t len)
{
	static struct twilio_event events[2];
	enum twilio_result quick = twilio_read(&readers[0], from, text, len, &events[0]);

	check(quick == twilio_read(&readers[1], from, text, len, &events[1]));
	check(quick == TWILIO_BAD || twilio_event_equal(&events[0], &events[1]));
	if (quick == TWILIO_BAD)
		check(readers[0].why && readers[1].why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct twilio_reader readers[2] = { { .slow = false }, { .slow = true } };

	if (size == 0)
		return 0;
	enum twilio_direction from = data[0] == '>' ? TO_TWILIO : FROM_TWILIO;
	for (const char *at = (const char *)data + 1, *end = (const char *)data + size; at < end;) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		size_t len = line_end ? (size_t)(line_end - at) : (size_t)(end - at);
		/* An exact copy, so that a sanitizer sees a read past the end. */
		char *line = malloc(len ? len : 1);
		check(line);
		memcpy(line, at, len);
		read_both(readers, from, line, len);
		free(line);
		at += len + 1;
	}
	twilio_reader_fini(&readers[0]);
	twilio_reader_fini(&readers[1]);
	return 0;
}
