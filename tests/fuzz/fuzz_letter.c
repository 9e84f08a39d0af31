/* Any bytes as name, subject, text and address of a letter: still one letter with its ten headers and no others. */
#include "base/check.h"
#include "proto/letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice part(const uint8_t *data, size_t size, size_t which)
{
	const size_t third = size / 3;

	return (struct slice){ (const char *)data + which * third, which == 2 ? size - 2 * third : third };
}

static void look(const char *letter)
{
	size_t headers = 0;

	for (; *letter != '\n'; letter = strchr(letter, '\n') + 1) {
		const size_t len = strcspn(letter, "\n");

		check(len > 0 && len <= 300);
		headers += *letter != ' ';
	}
	check(headers == 10);
	check(letter[strspn(letter, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n")] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char memory[256 * 1024];
	static struct zone zone;
	struct letter letter = {
		.from = SLICE("reception@host.example"), .to = SLICE("anna@bellas.example"), .event_id = SLICE("evt_1"),
	};
	struct buf out;

	if (size > 16 * 1024)
		return 0;
	zone_init_utc(&zone);
	letter.date = zone_local(&zone, (int64_t)size * 100000000);
	letter.from_name = part(data, size, 0);
	letter.subject = part(data, size, 1);
	letter.text = part(data, size, 2);
	if (letter_address_is_good(letter.subject))
		letter.to = letter.subject;
	buf_init_fixed(&out, memory, sizeof memory - 1);
	check(letter_write(&out, &letter));
	memory[buf_len(&out)] = '\0';
	check(strlen(memory) == buf_len(&out));
	look(memory);
	return 0;
}
