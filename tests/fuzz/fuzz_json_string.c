/* Any bytes become a string that reads back, the same if they were UTF-8. And any text that the gate takes for a
 * message json-c takes, too. */
#include "base/check.h"
#include "base/limits.h"
#include "proto/json.h"
#include "proto/json_write.h"
#include "proto/utf8.h"

#include <string.h>

static struct json_reader reader;
static char memory[1 << 20];

static void write_and_read(struct slice text)
{
	struct buf out;
	struct slice back = { 0 };

	buf_init_fixed(&out, memory, sizeof memory);
	check(buf_append(&out, "[", 1) && json_write_string(&out, text) && buf_append(&out, "]", 1));
	const struct json_object *root = json_read(&reader, memory, buf_len(&out));
	check(root);
	check(json_slice(json_array_item(root, 0), &back));
	check(utf8_is_valid(back.data, back.len));
	check(slice_equal(back, text) == utf8_is_valid(text.data, text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *why = NULL;
	size_t space = 0;

	if (size > sizeof memory / 8)
		return 0;
	write_and_read((struct slice){ text, size });
	bool valid = json_valid(text, size, &why);
	check(valid == !why);
	while (space < size && strchr(" \t\r\n", text[space]) && text[space])
		space++;
	bool message = valid && (text[space] == '{' || text[space] == '[');
	check(message == (json_read(&reader, text, size) != NULL));
	json_reader_rest(&reader);
	return 0;
}
