/* What S3 and its kin answer when they refuse, and what only looks like it. */
#include "proto/s3_error.h"
#include "tests/unit/unit.h"

static struct s3_error error;

static bool read_text(const char *text)
{
	return s3_error_read(slice_of(text), &error);
}

static void what_amazon_answers(void **state)
{
	(void)state;
	assert_true(read_text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<Error><Code>AuthorizationHeaderMalformed</Code>"
		"<Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting "
		"'eu-central-1'</Message><Region>eu-central-1</Region><RequestId>4B</RequestId>"
		"<HostId>x/y=</HostId></Error>"));
	assert_string_equal(error.code, "AuthorizationHeaderMalformed");
	assert_string_equal(error.region, "eu-central-1");
	assert_string_equal(error.request_id, "4B");
	assert_string_equal(error.server_time, "");
	assert_non_null(strstr(error.message, "'us-east-1' is wrong"));
}

static void what_swift_and_others_answer(void **state)
{
	(void)state;
	assert_true(read_text("<?xml version='1.0' encoding='UTF-8'?>\r\n"
		"<Error xmlns=\"http://s3/doc/>/\">\r\n  <Code >\nSlowDown</Code >"
		"<Message>a &lt;b&gt; &amp; &quot;c&quot;&#x21;&#33;&#8364; <![CDATA[<d>]]></Message>\r\n"
		"<!-- <Code>No</Code> --><Resource/></Error>\n"));
	assert_string_equal(error.code, "SlowDown");
	assert_string_equal(error.message, "a <b> & \"c\"!!? <d>");
	assert_true(read_text("<s3:Error><s3:Code>A</s3:Code></s3:Error>"));
	assert_string_equal(error.code, "A");
}

static void only_children_of_the_root_count_and_the_first_of_each(void **state)
{
	(void)state;
	assert_true(read_text("<Error><Detail><Code>Inner</Code></Detail><Code>Outer</Code>"
		"<Code>Second</Code></Error>"));
	assert_string_equal(error.code, "Outer");
}

static void what_is_none_is_refused(void **state)
{
	static const char *const texts[] = { "", "plain text", "<html><Code>x</Code></html>", "<Error/>",
		"<Error></Error>", "<Error><Message>x</Message></Error>", "<Error><Code>Cut</Code>",
		"<Error><Code>Cut</Co", "<Error><Code>Cu",
		"<Error><!-- <Code>x</Code></Error>", "</Error>", "<ListBucketResult><Error><Code>x</Code></Error>",
		"<!DOCTYPE Error [<!ENTITY a \"b\">]><Error><Code>&a;</Code></Error>" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(read_text(texts[i]));
}

static void long_text_is_cut_between_characters_and_loses_controls(void **state)
{
	char text[600] = "<Error><Code>x</Code><Message>\033\n";
	size_t len = strlen(text);

	(void)state;
	/* 200 bytes fit: 199 of these, and half an e with an accent. */
	memset(text + len, 'a', 199);
	text[len + 1] = '\n';
	snprintf(text + len + 199, sizeof text - len - 199, "\xC3\xA9zzz</Message></Error>");
	assert_true(read_text(text));
	assert_int_equal(strlen(error.message), 199);
	assert_memory_equal(error.message, "a aa", 4);
}

static void depth_is_bounded(void **state)
{
	char text[4096] = "";
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "<Error>");
	assert_false(read_text(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_amazon_answers),
		cmocka_unit_test(what_swift_and_others_answer),
		cmocka_unit_test(only_children_of_the_root_count_and_the_first_of_each),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(long_text_is_cut_between_characters_and_loses_controls),
		cmocka_unit_test(depth_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
