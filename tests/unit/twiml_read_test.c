#include "tests/unit/unit.h"

#include "base/buf.h"
#include "proto/twiml.h"
#include "sim/twiml_read.h"

static struct twiml_document t;

static bool read_text(const char *document)
{
	return twiml_read(&t, document, strlen(document));
}

static void the_documents_that_a_webhook_emits_are_read(void **state)
{
	(void)state;
	assert_true(
		read_text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			  "<Response><Connect action=\"https://voice.example.com/twilio/after\">"
			  "<Stream url=\"wss://relay.example.com/media-stream/TOKEN\" "
			  "statusCallback=\"https://v.example.com/s?a=1&amp;b=2\">"
			  "<Parameter name=\"merchantId\" value=\"42\"/><Parameter name=\"name\" "
			  "value=\"Bella&apos;s &lt;3 &quot;x&quot;\"/>"
			  "</Stream></Connect><Say>We are  sorry &amp; closed.</Say><Hangup/></Response>"));
	assert_int_equal(t.note_count, 0);
	const struct twiml_read_node *connect = twiml_read_first(&t);

	assert_int_equal(connect->kind, TWIML_CONNECT);
	assert_string_equal(
		twiml_read_attribute(&t, connect, "action"), "https://voice.example.com/twilio/after");
	assert_null(twiml_read_attribute(&t, connect, "method"));
	const struct twiml_read_node *stream = twiml_read_child(&t, connect);

	assert_string_equal(
		twiml_read_attribute(&t, stream, "statusCallback"), "https://v.example.com/s?a=1&b=2");
	const struct twiml_read_node *second = twiml_read_next(&t, twiml_read_child(&t, stream));

	assert_string_equal(twiml_read_attribute(&t, second, "value"), "Bella's <3 \"x\"");
	assert_null(twiml_read_next(&t, second));
	const struct twiml_read_node *say = twiml_read_next(&t, connect);

	assert_string_equal(say->text, "We are  sorry & closed.");
	assert_int_equal(twiml_read_next(&t, say)->kind, TWIML_HANGUP);
	assert_null(twiml_read_next(&t, twiml_read_next(&t, say)));
}

static void every_other_verb_is_known(void **state)
{
	(void)state;
	assert_true(read_text("<Response><!-- all --><Play "
			      "loop=\"2\">https://x.example/a.mp3</Play><Pause length=\"3\"/>"
			      "<Gather numDigits=\"1\" action=\"/g\"><Say>Press one</Say></Gather>"
			      "<Dial timeout=\"20\" "
			      "answerOnBridge=\"true\"><Number>+14155550100</Number></"
			      "Dial><Dial>+14155550101</Dial>"
			      "<Record maxLength=\"60\" playBeep=\"true\"/><Redirect "
			      "method=\"POST\"> /next </Redirect>"
			      "<Reject reason=\"busy\"/></Response>"));
	assert_int_equal(t.note_count, 0);
	static const enum twiml_kind kinds[] = { TWIML_PLAY, TWIML_PAUSE, TWIML_GATHER, TWIML_DIAL,
		TWIML_DIAL, TWIML_RECORD, TWIML_REDIRECT, TWIML_REJECT };
	const struct twiml_read_node *node = twiml_read_first(&t);

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++, node = twiml_read_next(&t, node)) {
		assert_non_null(node);
		assert_int_equal(node->kind, kinds[i]);
		if (node->kind == TWIML_PAUSE)
			assert_int_equal(twiml_read_number(&t, node, "length", 1), 3);
		if (node->kind == TWIML_REDIRECT)
			assert_string_equal(node->text, "/next");
	}
	assert_null(node);
}

static void an_empty_response_has_no_verbs(void **state)
{
	(void)state;
	assert_true(read_text("<Response/>"));
	assert_null(twiml_read_first(&t));
}

static void unknown_verbs_and_attributes_are_noted_and_left_out(void **state)
{
	(void)state;
	assert_true(
		read_text("<Response><Dance><Say>no</Say></Dance><Say voise=\"x\" voice=\"alice\">yes</Say>"
			  "<Stream url=\"wss://a.example/\"/><say>case matters</say></Response>"));
	assert_int_equal(t.note_count, 4);
	for (int i = 0; i < t.note_count; i++)
		assert_int_equal(t.notes[i].code, TWIML_SCHEMA);
	assert_string_equal(t.notes[1].text, "<Say> has no attribute \"voise\"");
	const struct twiml_read_node *say = twiml_read_first(&t);

	assert_string_equal(say->text, "yes");
	assert_string_equal(twiml_read_attribute(&t, say, "voice"), "alice");
	assert_null(twiml_read_next(&t, say));
}

static void speech_markup_inside_say_is_spoken_without_a_note(void **state)
{
	(void)state;
	assert_true(read_text("<Response><Say>One <break strength=\"weak\"/><emphasis>two</emphasis> "
			      "three</Say></Response>"));
	assert_int_equal(t.note_count, 0);
	assert_string_equal(twiml_read_first(&t)->text, "One two three");
}

static int only_note(const char *stream)
{
	char document[1024];

	snprintf(document, sizeof document, "<Response><Connect>%s</Connect></Response>", stream);
	assert_true(read_text(document));
	assert_int_equal(t.note_count, 1);
	return t.notes[0].code;
}

static void a_stream_that_twilio_would_not_open_is_noted_with_its_code(void **state)
{
	char long_parameter[600];

	(void)state;
	assert_int_equal(only_note("<Stream/>"), TWIML_SCHEMA);
	assert_int_equal(only_note("<Stream url=\"ws://a.example/\"/>"), TWIML_STREAM_SCHEME);
	assert_int_equal(only_note("<Stream url=\"wss://a.example/?x=1\"/>"), TWIML_STREAM_QUERY);
	assert_int_equal(
		only_note("<Stream url=\"wss://a.example/\" track=\"both_tracks\"/>"), TWIML_STREAM_TRACK);
	assert_int_equal(only_note("<Stream url=\"wss://a.example/\"><Parameter name=\"a\"/></Stream>"),
		TWIML_SCHEMA);
	snprintf(long_parameter, sizeof long_parameter,
		"<Stream url=\"wss://a.example/\"><Parameter name=\"a\" "
		"value=\"%0499d\"/></Stream>",
		1);
	assert_int_equal(only_note(long_parameter), TWIML_SCHEMA);
}

static void ill_formed_documents_are_refused_with_the_line(void **state)
{
	static const char *const documents[] = { "", "hello", "<Response>",
		"<Response><Say>a & b</Say></Response>", "<response/>", "<Response/><Response/>",
		"<Response><Say a=\"1\" a=\"2\"/></Response>", "{\"a\":1}",
		"<Response><Say>\x01</Say></Response>", "<Response><Say>\xff\xfe</Say></Response>",
		"<!DOCTYPE Response [<!ENTITY x \"y\">]><Response><Say>&x;</Say></Response>" };

	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
		assert_false(read_text(documents[i]));
		assert_non_null(strstr(t.why, "line 1: "));
	}
	assert_false(read_text("<Response>\n<Say>\n</Response>"));
	assert_non_null(strstr(t.why, "line 3: "));
}

static void bounds_are_refused_not_overrun(void **state)
{
	static char document[TWIML_BYTES_MAX + 64];

	(void)state;
	memset(document, ' ', sizeof document);
	memcpy(document, "<Response/>", 11);
	assert_true(twiml_read(&t, document, TWIML_BYTES_MAX));
	assert_false(twiml_read(&t, document, TWIML_BYTES_MAX + 1));
	size_t len = (size_t)snprintf(document, sizeof document, "<Response>");

	for (int i = 0; i < TWIML_READ_NODE_COUNT_MAX; i++)
		len += (size_t)snprintf(document + len, sizeof document - len, "<Pause/>");
	len += (size_t)snprintf(document + len, sizeof document - len, "</Response>");
	assert_false(twiml_read(&t, document, len));
	assert_non_null(strstr(t.why, "too many elements"));
	len = (size_t)snprintf(document, sizeof document, "<Response>");
	for (int i = 0; i < 1000; i++)
		len += (size_t)snprintf(document + len, sizeof document - len, "<X/>");
	len += (size_t)snprintf(document + len, sizeof document - len, "</Response>");
	assert_true(twiml_read(&t, document, len));
	assert_int_equal(t.note_count, TWIML_READ_NOTE_COUNT_MAX);
	assert_int_equal(t.note_count_all, 1000);
}

static void what_the_webhook_writes_is_read_back(void **state)
{
	static const char *const texts[] = { "", "plain", "a & b < c > d \"e\" 'f'", "tab\there\nand \r there",
		"\xc3\xbc \xe2\x82\xac \xf0\x9f\x93\x9e", "]]>" };
	char bytes[4096];
	struct twiml w;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		buf_init_fixed(&out, bytes, sizeof bytes);
		twiml_begin(&w, &out);
		twiml_open(&w, "Connect");
		twiml_open(&w, "Stream");
		twiml_attribute(&w, "url", SLICE("wss://relay.example.com/x"));
		twiml_open(&w, "Parameter");
		twiml_attribute(&w, "name", SLICE("n"));
		twiml_attribute(&w, "value", slice_of(texts[i]));
		twiml_close(&w);
		twiml_close(&w);
		twiml_close(&w);
		twiml_element(&w, "Redirect", SLICE("/a?b=1&c=2"));
		assert_true(twiml_end(&w));
		assert_true(twiml_read(&t, (char *)buf_data(&out), buf_len(&out)));
		assert_int_equal(t.note_count, 0);
		const struct twiml_read_node *connect = twiml_read_first(&t);
		const struct twiml_read_node *parameter = twiml_read_child(&t, twiml_read_child(&t, connect));

		assert_string_equal(twiml_read_attribute(&t, parameter, "value"), texts[i]);
		assert_string_equal(twiml_read_next(&t, connect)->text, "/a?b=1&c=2");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_documents_that_a_webhook_emits_are_read),
		cmocka_unit_test(every_other_verb_is_known),
		cmocka_unit_test(an_empty_response_has_no_verbs),
		cmocka_unit_test(unknown_verbs_and_attributes_are_noted_and_left_out),
		cmocka_unit_test(speech_markup_inside_say_is_spoken_without_a_note),
		cmocka_unit_test(a_stream_that_twilio_would_not_open_is_noted_with_its_code),
		cmocka_unit_test(what_the_webhook_writes_is_read_back),
		cmocka_unit_test(ill_formed_documents_are_refused_with_the_line),
		cmocka_unit_test(bounds_are_refused_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
