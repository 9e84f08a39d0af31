/* A row of lines in the order of their positions, each a head and its text. */
#include "relay/history.h"

#include "base/check.h"

#include <string.h>

struct head {
	int32_t position;
	uint16_t text_bytes;
	uint8_t role;
};

static_assert(sizeof(struct head) + HISTORY_LINE_BYTES_MAX <= HISTORY_BYTES_MAX, "any line fits");

void history_init(struct history *h, struct pool *pool)
{
	buf_init_pool(&h->lines, pool, HISTORY_BYTES_MAX);
}

void history_release(struct history *h)
{
	buf_release(&h->lines);
}

bool history_next(const struct history *h, size_t *at, struct history_line *out)
{
	struct head head;

	if (*at >= buf_len(&h->lines))
		return false;
	memcpy(&head, buf_data(&h->lines) + *at, sizeof head);
	*out = (struct history_line){
		.role = (enum turn_role)head.role,
		.position = head.position,
		.text = {(const char *)buf_data(&h->lines) + *at + sizeof head, head.text_bytes},
	};
	*at += sizeof head + head.text_bytes;
	check(*at <= buf_len(&h->lines));
	return true;
}

/* Takes the lines from the one told before under this position on out of the row. */
static void take_out(struct history *h, int32_t position)
{
	struct history_line line;
	size_t from = 0, at = 0;

	while (history_next(h, &at, &line)) {
		if (line.position == position) {
			size_t rest = buf_len(&h->lines) - at;

			memmove(buf_data(&h->lines) + from, buf_data(&h->lines) + at, rest);
			return buf_cut(&h->lines, from + rest);
		}
		from = at;
	}
}

/* Where a line of this position belongs: the end of one is seldom told before its successor begins.
 */
static size_t place(const struct history *h, int32_t position)
{
	struct history_line line;
	size_t from = 0, at = 0;

	while (history_next(h, &at, &line)) {
		if (line.position > position)
			return from;
		from = at;
	}
	return from;
}

/* Whole characters, the last ones: what was said at the end matters more. */
static struct slice last_part(struct slice text)
{
	if (text.len <= HISTORY_LINE_BYTES_MAX)
		return text;
	text.data += text.len - HISTORY_LINE_BYTES_MAX;
	text.len = HISTORY_LINE_BYTES_MAX;
	while (text.len && ((uint8_t)text.data[0] & 0xC0) == 0x80) {
		text.data++;
		text.len--;
	}
	return text;
}

void history_put(struct history *h, const struct turn *turn)
{
	struct slice text = last_part(turn->text);
	struct head head = {.position = turn->position,
		.text_bytes = (uint16_t)text.len,
		.role = (uint8_t)turn->role};
	size_t bytes = sizeof head + text.len;
	struct history_line oldest;

	take_out(h, turn->position);
	while (buf_len(&h->lines) + bytes > HISTORY_BYTES_MAX) {
		size_t at = 0;

		check(history_next(h, &at, &oldest));
		buf_consume(&h->lines, at);
	}
	if (!buf_room(&h->lines, bytes))
		return;
	size_t at = place(h, turn->position), rest = buf_len(&h->lines) - at;
	uint8_t *line = buf_data(&h->lines) + at;

	buf_commit(&h->lines, bytes);
	memmove(line + bytes, line, rest);
	memcpy(line, &head, sizeof head);
	if (text.len)
		memcpy(line + sizeof head, text.data, text.len);
}
