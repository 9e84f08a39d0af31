#include "proto/testimony.h"

#include "base/check.h"

const char *testimony_word(enum testimony_kind kind)
{
	static const char *const words[] = {
#define X(kind, word, data) [kind] = word,
		TESTIMONY_KINDS(X)
#undef X
	};

	check(kind < TESTIMONY_KIND_COUNT);
	return words[kind];
}

void testimony_write(uint8_t head[TESTIMONY_HEAD_BYTES], const struct testimony *t)
{
	check(t->kind < TESTIMONY_KIND_COUNT && t->data.len <= TESTIMONY_DATA_BYTES_MAX);
	head[0] = (uint8_t)t->kind;
	head[1] = 0;
	head[2] = (uint8_t)t->data.len;
	head[3] = (uint8_t)(t->data.len >> 8);
	for (int i = 0; i < 4; i++)
		head[4 + i] = (uint8_t)(t->call_ms >> (8 * i));
}

enum testimony_result testimony_read(struct slice bytes, struct testimony *out)
{
	const uint8_t *head = (const uint8_t *)bytes.data;

	if (bytes.len < TESTIMONY_HEAD_BYTES)
		return TESTIMONY_MORE;
	size_t len = head[2] | (size_t)head[3] << 8;

	if (head[0] >= TESTIMONY_KIND_COUNT || head[1] != 0 || len > TESTIMONY_DATA_BYTES_MAX)
		return TESTIMONY_BAD;
	if (bytes.len < TESTIMONY_HEAD_BYTES + len)
		return TESTIMONY_MORE;
	out->kind = (enum testimony_kind)head[0];
	out->call_ms = 0;
	for (int i = 0; i < 4; i++)
		out->call_ms |= (uint32_t)head[4 + i] << (8 * i);
	out->data = (struct slice){ bytes.data + TESTIMONY_HEAD_BYTES, len };
	return TESTIMONY_DONE;
}
