/* Any bytes as attribute and text: the document is well-formed, and expat reads back exactly what is left of them once
 * characters that XML cannot hold are gone. */
#include "base/buf.h"
#include "base/check.h"
#include "proto/twiml.h"

#include <expat.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_BYTES_MAX = 4096 };

static char attribute[4 * INPUT_BYTES_MAX];
static struct buf text;
static char text_memory[4 * INPUT_BYTES_MAX];

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	(void)user;
	if (strcmp(name, "Say") != 0)
		return;
	check(strcmp(attributes[0], "voice") == 0);
	check(slice_copy(slice_of(attributes[1]), attribute, sizeof attribute));
}

static void on_text(void *user, const XML_Char *data, int len)
{
	(void)user;
	check(buf_append(&text, data, (size_t)len));
}

static void parse(const struct buf *document)
{
	XML_Parser parser = XML_ParserCreate(NULL);

	check(parser);
	XML_SetStartElementHandler(parser, on_start);
	XML_SetCharacterDataHandler(parser, on_text);
	buf_init_fixed(&text, text_memory, sizeof text_memory);
	check(XML_Parse(parser, (const char *)buf_data(document), (int)buf_len(document), 1) == XML_STATUS_OK);
	XML_ParserFree(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char memory[16 * INPUT_BYTES_MAX];
	struct slice input = { (const char *)data, size };
	struct buf out;
	struct twiml t;

	if (size > INPUT_BYTES_MAX)
		return 0;
	buf_init_fixed(&out, memory, sizeof memory);
	twiml_begin(&t, &out);
	twiml_open(&t, "Say");
	twiml_attribute(&t, "voice", input);
	twiml_text(&t, input);
	twiml_close(&t);
	check(twiml_end(&t));
	parse(&out);
	/* Both ways out of the document give the same text, and it grew only by replacement characters. */
	size_t text_len = buf_len(&text);
	check(slice_equal(slice_of(attribute), (struct slice){ text_memory, text_len }));
	check(text_len <= 3 * size);
	/* A short buffer never gets a document that calls itself whole. */
	buf_init_fixed(&out, memory, size % 32);
	twiml_begin(&t, &out);
	twiml_element(&t, "Say", input);
	check(!twiml_end(&t));
	return 0;
}
