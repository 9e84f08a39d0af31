/* Lends the webhook's protocol code to other languages: a command a line, an answer a line. Arguments are
 * in hex; "." is empty, "-" is none.
 *
 *   sign URL FORM TOKEN          the signature
 *   check TOKENS SIGNATURE URL FORM
 *   body TOKENS SIGNATURE URL BODY
 *   stream TOKENS SIGNATURE URL  1 or 0
 *   twiml TEXT                   a document with TEXT in an attribute and as text, in hex
 */
#include "base/buf.h"
#include "base/check.h"
#include "proto/form.h"
#include "proto/signature.h"
#include "proto/twiml.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARGUMENT_COUNT_MAX = 4, LINE_BYTES_MAX = 4 * FORM_BODY_BYTES_MAX };

/* Decoded where it lies, with a final NUL; data is NULL for "-". */
static struct slice unhex(char *text)
{
	char pair[3] = { 0 };
	size_t len = strcmp(text, ".") == 0 ? 0 : strlen(text) / 2;

	if (strcmp(text, "-") == 0)
		return (struct slice){ NULL, 0 };
	for (size_t i = 0; i < len; i++) {
		memcpy(pair, text + 2 * i, 2);
		text[i] = (char)strtoul(pair, NULL, 16);
	}
	text[len] = '\0';
	return (struct slice){ text, len };
}

static const struct form *form_of(struct slice text)
{
	static struct form form;

	if (!text.data)
		return NULL;
	form_init(&form);
	check(form_read(&form, (char *)(uintptr_t)text.data, text.len) == FORM_OK);
	return &form;
}

static void print_twiml(struct slice text)
{
	static char memory[LINE_BYTES_MAX];
	struct buf out;
	struct twiml t;

	buf_init_fixed(&out, memory, sizeof memory);
	twiml_begin(&t, &out);
	twiml_open(&t, "Say");
	twiml_attribute(&t, "voice", text);
	twiml_text(&t, text);
	twiml_close(&t);
	check(twiml_end(&t));
	for (size_t i = 0; i < buf_len(&out); i++)
		printf("%02x", buf_data(&out)[i]);
	putchar('\n');
}

static void run(const char *command, const struct slice *a)
{
	char signature[SIGNATURE_BYTES + 1];

	if (strcmp(command, "sign") == 0) {
		signature_write(a[0], form_of(a[1]), a[2], signature);
		puts(signature);
	} else if (strcmp(command, "check") == 0) {
		printf("%d\n", signature_check(a[0].data, a[1], a[2], form_of(a[3])));
	} else if (strcmp(command, "body") == 0) {
		printf("%d\n", signature_check_body(a[0].data, a[1], a[2], a[3]));
	} else if (strcmp(command, "stream") == 0) {
		printf("%d\n", signature_check_stream(a[0].data, a[1], a[2]));
	} else {
		check(strcmp(command, "twiml") == 0);
		print_twiml(a[0]);
	}
}

int main(void)
{
	static char line[LINE_BYTES_MAX];

	while (fgets(line, sizeof line, stdin)) {
		struct slice arguments[ARGUMENT_COUNT_MAX] = { 0 };
		char *save, *command = strtok_r(line, " \n", &save), *word;
		size_t count = 0;

		while ((word = strtok_r(NULL, " \n", &save))) {
			check(count < ARGUMENT_COUNT_MAX);
			arguments[count++] = unhex(word);
		}
		check(command);
		run(command, arguments);
	}
	return 0;
}
