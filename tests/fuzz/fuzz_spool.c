/* Any bytes, whole and in small pieces: the same events; and an event that was read can be written and read back. */
#include "base/check.h"
#include "proto/spool.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read_back(const struct spool_event *e)
{
	struct spool_event begin, again;
	char text[2 * SPOOL_LINE_BYTES_MAX];
	struct slice bytes = { text, 0 };
	struct spool_reader r;

	spool_event_init(&begin, SPOOL_BEGIN, 0);
	begin.version = begin.part = begin.wall_ms = 1;
	begin.call[0] = 'C';
	if (e->word != SPOOL_BEGIN)
		bytes.len = spool_write(&begin, text);
	bytes.len += spool_write(e, text + bytes.len);
	spool_reader_init(&r);
	if (e->word != SPOOL_BEGIN)
		check(spool_read(&r, &bytes, &again) == SPOOL_EVENT);
	check(spool_read(&r, &bytes, &again) == SPOOL_EVENT && memcmp(e, &again, sizeof again) == 0);
}

/* A sum over all events and how it ended; the bytes arrive in pieces. */
static uint64_t read_in_pieces(const uint8_t *data, size_t size, size_t piece)
{
	struct slice held = { (const char *)data, 0 };
	struct spool_reader r;
	struct spool_event e;
	uint64_t sum = 0;

	spool_reader_init(&r);
	for (size_t given = 0; given < size;) {
		size_t more = size - given < piece ? size - given : piece;

		given += more;
		held.len += more;
		while (spool_read(&r, &held, &e) == SPOOL_EVENT) {
			for (size_t i = 0; i < sizeof e; i++)
				sum = sum * 31 + ((const uint8_t *)&e)[i];
			if (piece == size)
				write_and_read_back(&e);
		}
	}
	return sum * 31 + r.line_count * 2 + (r.why != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = read_in_pieces(data, size, size);

	check(size == 0 || (whole == read_in_pieces(data, size, 1) && whole == read_in_pieces(data, size, 7)));
	return 0;
}
