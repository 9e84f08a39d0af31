/* Whatever a webhook answers is read or refused, and what was read hangs together. */
#include "base/check.h"
#include "sim/twiml_read.h"

#include <stdint.h>

#include <string.h>

static void walk(const struct twiml_document *t, const struct twiml_read_node *node, int depth)
{
	check(depth < 10);
	for (; node; node = twiml_read_next(t, node)) {
		check(node >= t->nodes && node < t->nodes + t->node_count);
		check(node->kind > TWIML_RESPONSE && node->kind < TWIML_KIND_COUNT);
		check(strlen(node->text) < sizeof t->bytes);
		twiml_read_number(t, node, "length", 1);
		walk(t, twiml_read_child(t, node), depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct twiml_document t;

	if (twiml_read(&t, (const char *)data, size))
		walk(&t, twiml_read_first(&t), 0);
	else
		check(t.why[0]);
	check(t.note_count <= TWIML_READ_NOTE_COUNT_MAX && t.bytes_used <= sizeof t.bytes);
	return 0;
}
