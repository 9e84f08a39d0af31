#include "tests/unit/unit.h"

#include "proto/signature.h"
#include "sim/identity.h"
#include "sim/webhook_rules.h"

static struct url split(const char *text)
{
	struct url url;

	assert_true(url_split(slice_of(text), &url));
	return url;
}

static void assert_signed(const char *text, const char *origin, const char *expected)
{
	struct url url = split(text);
	char out[200];

	assert_true(webhook_signed_url(&url, origin, out, sizeof out));
	assert_string_equal(out, expected);
}

static void what_is_signed_follows_twilios_rules(void **state)
{
	struct url url = split("https://mycompany.com/");
	char out[20];

	(void)state;
	assert_signed("https://mycompany.com/a?b='1#rc=2", NULL, "https://mycompany.com/a?b='1");
	assert_signed("https://mycompany.com:8443/a", NULL, "https://mycompany.com/a");
	assert_signed("http://mycompany.com:1234/a", NULL, "http://mycompany.com:1234/a");
	assert_signed("https://user:pass@MyCompany.com/a", NULL, "https://MyCompany.com/a");
	assert_signed("http://[::1]:80/a", NULL, "http://[::1]:80/a");
	assert_signed(
		"http://127.0.0.1:8081/a?b", "https://voice.example.com", "https://voice.example.com/a?b");
	assert_signed(
		"http://127.0.0.1:8081/a", "https://voice.example.com/", "https://voice.example.com/a");
	assert_false(webhook_signed_url(&url, NULL, out, sizeof out));
}

static void a_stream_is_signed_as_twiml_spells_it(void **state)
{
	char out[200];
	struct url url = split("wss://relay.example.com:443/media-stream/TOKEN");

	(void)state;
	assert_true(webhook_signed_stream_url(&url, out, sizeof out));
	assert_string_equal(out, "wss://relay.example.com:443/media-stream/TOKEN");
	url = split("wss://relay.example.com");
	assert_true(webhook_signed_stream_url(&url, out, sizeof out));
	assert_string_equal(out, "wss://relay.example.com/");
}

static void overrides_are_read_from_the_fragment_within_their_bounds(void **state)
{
	struct webhook_overrides o;
	struct url url = split("https://a.example/x");

	(void)state;
	webhook_overrides(&o, &url);
	assert_int_equal(o.connect_ms, 5000);
	assert_int_equal(o.read_ms, 15000);
	assert_int_equal(o.total_ms, 15000);
	assert_int_equal(o.retry_count, 1);
	assert_true(o.retry_connect);
	assert_false(o.retry_timeout || o.retry_4xx || o.retry_5xx);
	url = split("https://a.example/x#ct=50&rt=900&tt=99999&rc=3&rp=5xx,rt");
	webhook_overrides(&o, &url);
	assert_int_equal(o.connect_ms, 100);
	assert_int_equal(o.read_ms, 900);
	assert_int_equal(o.total_ms, 15000);
	assert_int_equal(o.retry_count, 3);
	assert_true(o.retry_5xx && o.retry_timeout);
	assert_false(o.retry_connect || o.retry_4xx);
	url = split("https://a.example/x#rp=all&rc=x&start=1");
	webhook_overrides(&o, &url);
	assert_true(o.retry_connect && o.retry_timeout && o.retry_4xx && o.retry_5xx);
	assert_int_equal(o.retry_count, 1);
}

static const struct identity identity = { .account_sid = "AC00000000000000000000000000000000",
	.call_sid = "CA00000000000000000000000000000001",
	.from = "+14155550123",
	.to = "+18005551212" };

static void the_request_is_the_captured_one_with_its_signature(void **state)
{
	static uint8_t bytes[8192];
	struct url url = split("https://voice.example.com/twilio/incoming#rc=2");
	char signature[SIGNATURE_BYTES + 1];
	struct form form;
	struct buf out;

	(void)state;
	form_init(&form);
	assert_true(identity_form(&identity, &form, "ringing"));
	signature_write(
		SLICE("https://voice.example.com/twilio/incoming"), &form, SLICE("12345"), signature);
	assert_string_equal(signature, "aUzbIJ7NtVdKDzMORzK3epyVYwQ=");
	struct webhook_request r = {
		.url = &url, .form = &form, .signature = signature, .idempotency_token = "uuid"
	};

	buf_init_fixed(&out, bytes, sizeof bytes);
	assert_true(webhook_write_request(&out, &r));
	assert_true(buf_append(&out, "", 1));
	static const char expected[] =
		"POST /twilio/incoming HTTP/1.1\r\nHost: voice.example.com\r\n"
		"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
		"I-Twilio-Idempotency-Token: uuid\r\nX-Twilio-Signature: aUzbIJ7NtVdKDzMORzK3epyVYwQ=\r\n"
		"Accept: */*\r\nX-Home-Region: us1\r\nUser-Agent: TwilioProxy/1.1\r\nContent-Length: "
		"506\r\n\r\n"
		"AccountSid=AC00000000000000000000000000000000&ApiVersion=2010-04-01&"
		"CallSid=CA00000000000000000000000000000001&CallStatus=ringing&Called=%2B18005551212&"
		"CalledCity=&"
		"CalledCountry=US&CalledState=CA&CalledZip=94105&Caller=%2B14155550123&CallerCity=SAN+"
		"FRANCISCO&"
		"CallerCountry=US&CallerState=CA&CallerZip=94105&Direction=inbound&From=%2B14155550123&"
		"FromCity=SAN+FRANCISCO&FromCountry=US&FromState=CA&FromZip=94105&"
		"StirVerstat=TN-Validation-Passed-A&To=%2B18005551212&ToCity=&ToCountry=US&ToState=CA&"
		"ToZip=94105";
	assert_string_equal((char *)bytes, expected);
}

static void a_get_carries_everything_in_its_url(void **state)
{
	static uint8_t bytes[4096];
	char full[512];
	struct form form;
	struct buf out;

	(void)state;
	form_init(&form);
	form_add(&form, SLICE("To"), SLICE("+1"));
	assert_true(webhook_url_with_query("http://a.example/x?y=1#rc=1", &form, full, sizeof full));
	assert_string_equal(full, "http://a.example/x?y=1&To=%2B1");
	assert_true(webhook_url_with_query("http://a.example", &form, full, sizeof full));
	assert_string_equal(full, "http://a.example?To=%2B1");
	struct url url = split(full);
	struct webhook_request r = { .url = &url, .is_get = true, .idempotency_token = "t" };

	buf_init_fixed(&out, bytes, sizeof bytes);
	assert_true(webhook_write_request(&out, &r));
	buf_append(&out, "", 1);
	assert_string_equal((char *)bytes,
		"GET /?To=%2B1 HTTP/1.1\r\nHost: a.example\r\nI-Twilio-Idempotency-Token: t\r\n"
		"Accept: */*\r\nX-Home-Region: us1\r\nUser-Agent: TwilioProxy/1.1\r\n\r\n");
	assert_false(webhook_url_with_query("http://a.example", &form, full, 20));
}

static void answers_are_judged_as_twilio_does(void **state)
{
	static const struct {
		int status;
		const char *type;
		size_t bytes;
		enum webhook_answer answer;
		int code;
	} cases[] = {
		{ 200, "text/xml", 50, WEBHOOK_TWIML, 0 },
		{ 200, "application/xml; charset=utf-8", 50, WEBHOOK_TWIML, 0 },
		{ 200, "Text/HTML", 50, WEBHOOK_TWIML, 0 },
		{ 200, "text/plain", 50, WEBHOOK_SPEAK, 0 },
		{ 200, "text/xmlish", 50, WEBHOOK_BAD, 12300 },
		{ 200, "application/json", 50, WEBHOOK_BAD, 12300 },
		{ 200, "", 50, WEBHOOK_BAD, 12300 },
		{ 200, "", 0, WEBHOOK_EMPTY, 0 },
		{ 204, "", 0, WEBHOOK_EMPTY, 0 },
		{ 200, "text/xml", TWIML_BYTES_MAX + 1, WEBHOOK_BAD, 11750 },
		{ 307, "", 0, WEBHOOK_REDIRECT, 0 },
		{ 401, "text/xml", 5, WEBHOOK_AUTHENTICATE, 0 },
		{ 403, "text/xml", 5, WEBHOOK_BAD, 11200 },
		{ 503, "text/xml", 5, WEBHOOK_BAD, 11200 },
		{ 304, "", 0, WEBHOOK_BAD, 11200 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int code = 0;

		assert_int_equal(webhook_judge(cases[i].status, cases[i].type, cases[i].bytes, &code),
			cases[i].answer);
		assert_int_equal(code, cases[i].code);
	}
}

static void identifiers_have_twilios_shape(void **state)
{
	static const uint8_t bytes[16] = { 0, 1, 2, 3, 4, 5, 0xff, 7, 0xff, 9, 10, 11, 12, 13, 14, 15 };
	char sid[IDENTITY_SID_BYTES + 1], uuid[IDENTITY_UUID_BYTES + 1];

	(void)state;
	identity_sid("MZ", bytes, sid);
	assert_string_equal(sid, "MZ000102030405ff07ff090a0b0c0d0e0f");
	identity_uuid(bytes, uuid);
	assert_string_equal(uuid, "00010203-0405-4f07-bf09-0a0b0c0d0e0f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_signed_follows_twilios_rules),
		cmocka_unit_test(a_stream_is_signed_as_twiml_spells_it),
		cmocka_unit_test(overrides_are_read_from_the_fragment_within_their_bounds),
		cmocka_unit_test(the_request_is_the_captured_one_with_its_signature),
		cmocka_unit_test(a_get_carries_everything_in_its_url),
		cmocka_unit_test(answers_are_judged_as_twilio_does),
		cmocka_unit_test(identifiers_have_twilios_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
