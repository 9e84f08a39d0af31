#include "tests/unit/unit.h"

#include "base/buf.h"
#include "proto/twiml.h"

#include <expat.h>

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static char memory[4096];
static struct buf out;
static struct twiml t;

static void begin(void)
{
	buf_init_fixed(&out, memory, sizeof memory);
	twiml_begin(&t, &out);
}

static void assert_document(const char *inner)
{
	char wanted[4096];

	assert_true(twiml_end(&t));
	snprintf(wanted, sizeof wanted, DECLARATION "%s\n", inner);
	assert_true(buf_append(&out, "", 1));
	assert_string_equal((char *)buf_data(&out), wanted);
	XML_Parser parser = XML_ParserCreate(NULL);
	assert_int_equal(XML_Parse(parser, wanted, (int)strlen(wanted), 1), XML_STATUS_OK);
	XML_ParserFree(parser);
}

static void assert_text_becomes(struct slice text, const char *wanted)
{
	char inner[2048];

	begin();
	twiml_element(&t, "Say", text);
	snprintf(inner, sizeof inner, "<Response><Say>%s</Say></Response>", wanted);
	assert_document(inner);
}

static void assert_attribute_becomes(struct slice value, const char *wanted)
{
	char inner[2048];

	begin();
	twiml_open(&t, "Stream");
	twiml_attribute(&t, "name", value);
	twiml_close(&t);
	snprintf(inner, sizeof inner, "<Response><Stream name=\"%s\"/></Response>", wanted);
	assert_document(inner);
}

static void elements_nest_and_empty_ones_close_themselves(void **state)
{
	(void)state;
	begin();
	twiml_open(&t, "Connect");
	twiml_attribute(&t, "action", SLICE("https://voice.example.com/after"));
	twiml_open(&t, "Stream");
	twiml_attribute(&t, "url", SLICE("wss://relay.example.com/x"));
	twiml_attribute(&t, "name", SLICE("n"));
	twiml_close(&t);
	twiml_close(&t);
	twiml_element(&t, "Say", SLICE("Bye"));
	twiml_element(&t, "Hangup", SLICE(""));
	assert_document("<Response><Connect action=\"https://voice.example.com/after\">"
		"<Stream url=\"wss://relay.example.com/x\" name=\"n\"/></Connect><Say>Bye</Say><Hangup/></Response>");
}

static void an_empty_document_is_one_element(void **state)
{
	(void)state;
	begin();
	assert_document("<Response/>");
}

static void text_escapes_markup_and_keeps_quotes_and_white_space(void **state)
{
	(void)state;
	assert_text_becomes(SLICE("a & b < c > d \"e\" 'f' ]]> \t\n"),
		"a &amp; b &lt; c &gt; d \"e\" 'f' ]]&gt; \t\n");
	assert_text_becomes(SLICE("a\r\nb"), "a&#xD;\nb");
}

static void attributes_escape_quotes_and_white_space_too(void **state)
{
	(void)state;
	assert_attribute_becomes(SLICE("<&\">'\t\n\r"), "&lt;&amp;&quot;&gt;'&#x9;&#xA;&#xD;");
}

static void control_characters_and_noncharacters_are_dropped(void **state)
{
	char controls[32];

	(void)state;
	for (int i = 0; i < 32; i++)
		controls[i] = (char)i;
	assert_attribute_becomes((struct slice){ controls, 32 }, "&#x9;&#xA;&#xD;");
	assert_text_becomes((struct slice){ controls, 32 }, "\t\n&#xD;");
	assert_text_becomes(SLICE("a\xEF\xBF\xBE\xEF\xBF\xBF" "b\xEF\xBF\xBD\x7F"), "ab\xEF\xBF\xBD\x7F");
}

static void malformed_utf8_becomes_replacement_characters(void **state)
{
#define R "\xEF\xBF\xBD"
	(void)state;
	assert_text_becomes(SLICE("\x80"), R);
	assert_text_becomes(SLICE("\xC3"), R);
	assert_text_becomes(SLICE("\xC0\xAF"), R R);
	assert_text_becomes(SLICE("\xE0\x80\xAF"), R R R);
	assert_text_becomes(SLICE("\xED\xA0\x80"), R R R);
	assert_text_becomes(SLICE("\xF4\x90\x80\x80"), R R R R);
	assert_text_becomes(SLICE("\xF0\x9F\x98" "x"), R "x");
	assert_text_becomes(SLICE("\xE2\x82<"), R "&lt;");
	assert_text_becomes(SLICE("\xFF\xFE" "a"), R R "a");
	assert_text_becomes(SLICE("\xF0\x9F\x98\x80 \xC3\xB1 \xE2\x82\xAC"), "\xF0\x9F\x98\x80 \xC3\xB1 \xE2\x82\xAC");
}

static void what_does_not_fit_fails_at_the_end(void **state)
{
	(void)state;
	for (size_t room = 0; room < 80; room++) {
		buf_init_fixed(&out, memory, room);
		twiml_begin(&t, &out);
		twiml_element(&t, "Say", SLICE("a text of some length & more, twice, & more"));
		assert_false(twiml_end(&t));
		assert_true(buf_len(&out) <= room);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_nest_and_empty_ones_close_themselves),
		cmocka_unit_test(an_empty_document_is_one_element),
		cmocka_unit_test(text_escapes_markup_and_keeps_quotes_and_white_space),
		cmocka_unit_test(attributes_escape_quotes_and_white_space_too),
		cmocka_unit_test(control_characters_and_noncharacters_are_dropped),
		cmocka_unit_test(malformed_utf8_becomes_replacement_characters),
		cmocka_unit_test(what_does_not_fit_fails_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
