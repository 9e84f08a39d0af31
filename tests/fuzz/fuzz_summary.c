/* Any body that a chat endpoint may send: read, and if it is a summary, one that keeps its bounds. */
#include "base/check.h"
#include "media/told/summary.h"
#include "proto/chat.h"
#include "proto/utf8.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct summary *s)
{
	char memory[16 * 1024];
	struct buf items;

	check(s->text[0] && s->intent < SUMMARY_INTENT_COUNT && s->item_count <= SUMMARY_ITEMS_MAX);
	check(utf8_is_valid(s->text, strlen(s->text)) && !strpbrk(s->text, "\r\n"));
	check(utf8_is_valid(s->caller_name, strlen(s->caller_name)) && !strpbrk(s->caller_name, "\r\n"));
	buf_init_fixed(&items, memory, sizeof memory);
	check(summary_items_write(&items, s));
	const char *why;

	check(json_valid((const char *)buf_data(&items), buf_len(&items), &why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_reader body = { 0 }, content = { 0 };
	const struct slice text = { (const char *)data, size };
	struct chat_answer answer;
	struct summary summary;
	const char *why = NULL;

	if (chat_answer_read(&body, text, &answer) != CHAT_ANSWER)
		check(answer.why);
	else if (summary_read(&content, answer.content, &summary, &why))
		look(&summary);
	/* And the bytes as the model's own words. */
	if (summary_read(&content, text, &summary, &why))
		look(&summary);
	else
		check(why);
	json_reader_fini(&body);
	json_reader_fini(&content);
	return 0;
}
