/* Any bytes as From: known for one thing, printable, bounded, read again as the same. Any as StirVerstat: a word. */
#include "base/check.h"
#include "proto/caller_id.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice text = { (const char *)data, size };
	const struct caller_id once = caller_id_read(text);
	const struct caller_id twice = caller_id_read(slice_of(once.text));

	check(once.kind == twice.kind && strcmp(once.text, twice.text) == 0);
	check(strlen(once.text) <= PHONE_BYTES_MAX && once.text[0]);
	for (const char *c = once.text; *c; c++)
		check(*c >= ' ' && *c <= '~');
	check((once.kind == CALLER_ANONYMOUS) == (strcmp(once.text, "anonymous") == 0));
	if (once.kind == CALLER_NUMBER)
		check(once.text[0] == '+' && strspn(once.text + 1, "0123456789") == strlen(once.text) - 1);
	check(attestation_read(text) < ATTESTATION_COUNT);
	check((attestation_read(text) == ATTESTATION_ABSENT) == (size == 0));
	return 0;
}
