/* Vectors: Twilio's documentation and the test suites of its libraries, recomputed with Python's hmac; the ones with
 * example.com hosts are our own, made the same way. Token "12345" unless said. */
#include "tests/unit/unit.h"

#include "proto/form.h"
#include "proto/signature.h"

#define P "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
#define P_LATER "CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212"
#define REST "mycompany.com/myapp.php?foo=1&bar=2"
#define HTTPS "https://" REST
#define V1 "RSOYDt4T1cUTdK1PDd93/VVr8B8="
#define V2 "kvajT1Ptam85bY51eRf/AJRuM3w="
#define V4 "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="
#define V11 "TfZzewPq8wqrGlMfyAud8+/IvJ0="

static const struct vector {
	const char *name, *url, *form, *token, *signature;
} vectors[] = {
	{ "V1", HTTPS, P, "12345", V1 },
	{ "V2", "https://mycompany.com:443/myapp.php?foo=1&bar=2", P, "12345", V2 },
	{ "V3", "http://mycompany.com:80/myapp.php?foo=1&bar=2", P, "12345", "0ZXoZLH/DfblKGATFgpif+LLRf4=" },
	{ "V4", "http://mycompany.com:1234/myapp.php?foo=1&bar=2", P, "12345", V4 },
	{ "V5", "https://mycompany.com:1234/myapp.php?foo=1&bar=2", P, "12345", "CYn1h0gLBdNxDGkKJg6hYohgeD8=" },
	{ "V6", "https://user:pass@" REST, P, "12345", "CukzLTc1tT5dXEDIHm/tKBanW10=" },
	{ "V7", "https://user:pass@mycompany.com:443/myapp.php?foo=1&bar=2", P, "12345",
		"ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=" },
	{ "V8", "https://MyCompany.com/myapp.php?foo=1&bar=2", P, "12345", "g9IN/x4Cft2g517EjYvEvM/W7LU=" },
	{ "V9", "https://mycompany.com/myapp.php", P, "12345", "1xaxFBvyzXYvWplzNOSs28HWO94=" },
	{ "V10", HTTPS, NULL, "12345", "zYQTYrRWXE7LtzbG4PfP7/bkkGo=" },
	{ "V11", HTTPS "&Body=It%27s+amazing", P, "12345", V11 },
	{ "V12", HTTPS "&Body=It's+amazing", P, "12345", "dsq4Ehbj6cs+KdTkpF5sSSplOWw=" },
	{ "V13", HTTPS, "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", "12345",
		"IK+Dwps556ElfBT0I3Rgjkr1wJU=" },
	{ "V14", HTTPS, "MessagingBinding.Address=%2B1325xxxxxxx&MessagingBinding.Address=%2B1415xxxxxxx", "12345",
		"83O6e2vORAoJHUNzJjDWN1jz+BA=" },
	{ "V14, other order", HTTPS,
		"MessagingBinding.Address=%2B1415xxxxxxx&MessagingBinding.Address=%2B1325xxxxxxx", "12345",
		"83O6e2vORAoJHUNzJjDWN1jz+BA=" },
	{ "V15", HTTPS, P "&ReasonConferenceEnded=test&Reason=Participant", "12345",
		"vOEb5UThFn24KEfnOFLQY2AE5FY=" },
	{ "V16", HTTPS,
		"Message=Hello+%26+goodbye%21+%40%23%24%25%5E*%28%29&From=%2B1+%28415%29+867-5309&"
		"Special=unicode%3A+%C3%B1%C3%A1%C3%A9%C3%AD%C3%B3%C3%BA", "12345", "dCPiR4WtQ6QFN6pJh81CtlCcWLQ=" },
	{ "V17", HTTPS, "callSid=lowercase&CallSid=uppercase&CALLSID=allcaps", "12345",
		"jDK7WKT8wiNrwggd4ceTv4e1MJ4=" },
	{ "V18", HTTPS, "Digits=&CallSid=CA1234567890ABCDE&EmptyParam=", "12345",
		"9HHp/OqQMEwdrVebHDdA/+tqjX8=" },
	{ "V19", "https://example.com/myapp.php?foo=1&bar=2", P_LATER, "12345", "L/OH5YylLD5NRKLltdqwSvS0BnU=" },
	{ "V20", "wss://relay.example.com/media-stream", NULL, "12345", "5ELISYynex884jHcftX4dg6DQ4g=" },
	{ "V21", "wss://relay.example.com/media-stream/", NULL, "12345", "UU6UhA9PPo6AaGFf1fQG+8S9PCU=" },
	{ "V22", "wss://relay.example.com:443/media-stream", NULL, "12345", "EcmPcqTgZ6TovY3LPcumoRk/fb4=" },
	{ "V23", "https://relay.example.com/media-stream", NULL, "12345", "Bu7Wn/mTAAxyWt3soHvPxrE+poY=" },
	{ "V24", "wss://relay.example.com/", NULL, "12345", "nfUSUv437cT9wWBA1B753op5vXU=" },
	{ "V25", "https://api.acme.com/twilio/voice",
		"CallSid=CA1&From=%2B5511987654321&StirVerstat=TN-Validation-Passed-A", "token",
		"A8xudRcvIv+pFEwk/mgVzWhDutw=" },
	{ "V26", "https://voice.example.com/twilio/incoming",
		"AccountSid=AC00000000000000000000000000000000&ApiVersion=2010-04-01&"
		"CallSid=CA00000000000000000000000000000001&CallStatus=ringing&Called=%2B18005551212&CalledCity=&"
		"CalledCountry=US&CalledState=CA&CalledZip=94105&Caller=%2B14155550123&CallerCity=SAN+FRANCISCO&"
		"CallerCountry=US&CallerState=CA&CallerZip=94105&Direction=inbound&From=%2B14155550123&"
		"FromCity=SAN+FRANCISCO&FromCountry=US&FromState=CA&FromZip=94105&"
		"StirVerstat=TN-Validation-Passed-A&To=%2B18005551212&ToCity=&ToCountry=US&ToState=CA&ToZip=94105",
		"12345", "aUzbIJ7NtVdKDzMORzK3epyVYwQ=" },
};

enum { V20 = 20 };                      /* its place in the table */

static char bytes[4096];
static struct form form;

/* NULL stays NULL: no form at all. */
static const struct form *form_of(const char *text)
{
	if (!text)
		return NULL;
	memcpy(bytes, text, strlen(text));
	form_init(&form);
	assert_int_equal(form_read(&form, bytes, strlen(text)), FORM_OK);
	return &form;
}

static bool passes(const char *tokens, const char *signature, const char *url, const char *form_text)
{
	return signature_check(tokens, slice_of(signature), slice_of(url), form_of(form_text));
}

static bool stream_passes(const char *signature, const char *url)
{
	return signature_check_stream("12345", slice_of(signature), slice_of(url));
}

static void every_vector_is_written_to_the_letter_and_passes_its_own_check(void **state)
{
	char out[SIGNATURE_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		const struct vector *v = &vectors[i];

		signature_write(slice_of(v->url), form_of(v->form), slice_of(v->token), out);
		if (strcmp(out, v->signature) != 0)
			print_message("# %s\n", v->name);
		assert_string_equal(out, v->signature);
		assert_true(passes(v->token, v->signature, v->url, v->form));
	}
}

static void ports_may_be_added_or_dropped(void **state)
{
	(void)state;
	assert_true(passes("12345", V1, "https://mycompany.com:1234/myapp.php?foo=1&bar=2", P));
	assert_true(passes("12345", V2, HTTPS, P));
	assert_true(passes("12345", V4, "http://mycompany.com:1234/myapp.php?foo=1&bar=2", P));
	assert_true(passes("12345", "0ZXoZLH/DfblKGATFgpif+LLRf4=", "http://" REST, P));
	assert_false(passes("12345", V4, "http://" REST, P));
	assert_false(passes("12345", V2, "https://mycompany.com:444/myapp.php?foo=1&bar=2", P));
}

static void a_user_in_the_url_may_be_dropped(void **state)
{
	(void)state;
	assert_true(passes("12345", V1, "https://user:pass@" REST, P));
	assert_true(passes("12345", "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=", "https://user:pass@" REST, P));
	assert_true(passes("12345", V2, "https://user:pass@" REST, P));
	assert_false(passes("12345", "CukzLTc1tT5dXEDIHm/tKBanW10=", HTTPS, P));
}

static void a_query_may_be_normalised(void **state)
{
	char out[SIGNATURE_BYTES + 1];

	(void)state;
	assert_true(passes("12345", V11, HTTPS "&Body=It's+amazing", P));
	/* What Node's querystring makes of it, signed with the standard port. */
	signature_write(SLICE("https://mycompany.com:443/a?Body=It's%20amazing&x=&y=%C3%B1%2B"), NULL,
		SLICE("12345"), out);
	assert_true(passes("12345", out, "https://mycompany.com/a?Body=It%27s+amazing&x&y=%c3%b1%2B", NULL));
	assert_false(passes("12345", out, "https://mycompany.com/a?Body=It%27s+amazing&x&y=%c3%b1+", NULL));
}

static void a_fragment_is_never_signed(void **state)
{
	(void)state;
	assert_true(passes("12345", V1, HTTPS "#rc=2&rp=all", P));
}

static void ipv6_hosts_keep_their_colons(void **state)
{
	char out[SIGNATURE_BYTES + 1];

	(void)state;
	signature_write(SLICE("https://[2001:db8::1]/x"), NULL, SLICE("12345"), out);
	assert_true(passes("12345", out, "https://[2001:db8::1]:8443/x", NULL));
	signature_write(SLICE("https://[2001:db8::1]:443/x"), NULL, SLICE("12345"), out);
	assert_true(passes("12345", out, "https://[2001:db8::1]/x", NULL));
}

static void anything_altered_fails(void **state)
{
	static const char *const urls[] = {
		"https://mycompany.com/myapp.php?foo=1&bar=3", "https://mycompany.com/myapp.php?bar=2&foo=1",
		"https://mycompany.com/myapp.php/?foo=1&bar=2", "https://mycompany.co/myapp.php?foo=1&bar=2",
		"https://MyCompany.com/myapp.php?foo=1&bar=2", "http://mycompany.com/myapp.php?foo=1&bar=2",
		"https://mycompany.com/myapp.php", "mycompany.com/myapp.php?foo=1&bar=2", "", "://", "https://",
	};
	static const char *const forms[] = { NULL, "", P "&x=", P "&=", P_LATER,
		"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309" };

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
		assert_false(passes("12345", V1, urls[i], P));
	/* "&=" adds an empty name and value, and so nothing to the signed string. */
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		assert_int_equal(passes("12345", V1, HTTPS, forms[i]), i == 3);
	assert_false(passes("12345", "95+Bu0JVPi0r/SsESZCVf0dWAjw=", HTTPS,
		P "&ReasonConferenceEnded=test&Reason=Participant"));
}

static void every_changed_character_of_a_signature_fails(void **state)
{
	char signature[] = V1;

	(void)state;
	for (size_t i = 0; i < SIGNATURE_BYTES; i++) {
		signature[i] ^= 1;
		assert_false(passes("12345", signature, HTTPS, P));
		signature[i] ^= 1;
	}
	assert_true(passes("12345", signature, HTTPS, P));
}

static void missing_short_and_long_signatures_fail(void **state)
{
	struct slice url = SLICE(HTTPS);

	(void)state;
	assert_false(signature_check("12345", (struct slice){ NULL, 0 }, url, form_of(P)));
	for (size_t len = 0; len < SIGNATURE_BYTES; len++) {
		/* An exact copy, so that a sanitizer sees a read past its end. */
		char *cut = malloc(len + 1);
		assert_non_null(cut);
		memcpy(cut, V1, len);
		assert_false(signature_check("12345", (struct slice){ cut, len }, url, form_of(P)));
		free(cut);
	}
	assert_false(passes("12345", V1 "=", HTTPS, P));
	assert_false(passes("12345", V1 " ", HTTPS, P));
}

static void any_token_of_the_list_counts_and_an_empty_list_never_does(void **state)
{
	char empty_key[] = "XXXXXXXXXXXXXXXXXXXXXXXXXXX=";

	(void)state;
	assert_true(passes("new,12345", V1, HTTPS, P));
	assert_true(passes(" 12345 , old ", V1, HTTPS, P));
	assert_false(passes("1234", V1, HTTPS, P));
	assert_false(passes("12345,", empty_key, HTTPS, P));
	assert_false(passes("", V1, HTTPS, P));
	assert_false(passes(",, ,", V1, HTTPS, P));
}

static void too_long_urls_fail(void **state)
{
	static char url[SIGNATURE_URL_BYTES_MAX + 2];
	char out[SIGNATURE_BYTES + 1];

	(void)state;
	memset(url, 'a', sizeof url - 1);
	memcpy(url, "https://h/", 10);
	signature_write(slice_of(url), NULL, SLICE("12345"), out);
	assert_false(passes("12345", out, url, NULL));
	url[SIGNATURE_URL_BYTES_MAX] = '\0';
	signature_write(slice_of(url), NULL, SLICE("12345"), out);
	assert_true(passes("12345", out, url, NULL));
	assert_true(stream_passes(out, url));
}

static bool body_passes(const char *signature, const char *url, const char *body)
{
	return signature_check_body("12345", slice_of(signature), slice_of(url), slice_of(body));
}

static void json_bodies_are_bound_by_their_hash_in_the_query(void **state)
{
	static const char body[] = "{\"property\": \"value\", \"boolean\": true}";
#define HASH "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
#define EMPTY "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

	(void)state;
	assert_true(body_passes("a9nBmqA0ju/hNViExpshrM61xv4=", HTTPS "&" HASH, body));
	assert_true(body_passes("y77kIzt2vzLz71DgmJGsen2scGs=", "https://mycompany.com/myapp.php?" HASH, body));
	assert_true(body_passes("Ldidvp12m26NI7eqEvxnEpkd9Hc=", HTTPS "&" EMPTY, "{}"));
	assert_true(body_passes("Ldidvp12m26NI7eqEvxnEpkd9Hc=",
		"https://mycompany.com:443/myapp.php?foo=1&bar=2&" EMPTY, "{}"));
	assert_false(body_passes("Ldidvp12m26NI7eqEvxnEpkd9Hc=", HTTPS "&" EMPTY, "{} "));
	assert_false(body_passes("a9nBmqA0ju/hNViExpshrM61xv4=", HTTPS "&" EMPTY, "{}"));
	assert_false(body_passes("zYQTYrRWXE7LtzbG4PfP7/bkkGo=", HTTPS, "{}"));
	assert_false(body_passes("zYQTYrRWXE7LtzbG4PfP7/bkkGo=", HTTPS "&bodySHA256=", "{}"));
}

static void a_stream_handshake_tries_slash_port_and_scheme(void **state)
{
	static const char url[] = "wss://relay.example.com/media-stream";

	(void)state;
	for (size_t i = V20; i < V20 + 4; i++)
		assert_true(stream_passes(vectors[i].signature, url));
	assert_true(stream_passes(vectors[V20].signature, "wss://relay.example.com/media-stream/"));
	assert_true(stream_passes(vectors[V20].signature, "wss://relay.example.com:8443/media-stream"));
	assert_true(stream_passes("nfUSUv437cT9wWBA1B753op5vXU=", "wss://relay.example.com"));
	assert_false(stream_passes("nfUSUv437cT9wWBA1B753op5vXU=", url));
	assert_false(stream_passes(vectors[V20].signature, "wss://relay.example.com/media-stream//"));
	assert_false(stream_passes(vectors[V20].signature, "wss://relay.example.com/media-streams"));
	assert_false(stream_passes("", url));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_is_written_to_the_letter_and_passes_its_own_check),
		cmocka_unit_test(ports_may_be_added_or_dropped),
		cmocka_unit_test(a_user_in_the_url_may_be_dropped),
		cmocka_unit_test(a_query_may_be_normalised),
		cmocka_unit_test(a_fragment_is_never_signed),
		cmocka_unit_test(ipv6_hosts_keep_their_colons),
		cmocka_unit_test(anything_altered_fails),
		cmocka_unit_test(every_changed_character_of_a_signature_fails),
		cmocka_unit_test(missing_short_and_long_signatures_fail),
		cmocka_unit_test(any_token_of_the_list_counts_and_an_empty_list_never_does),
		cmocka_unit_test(too_long_urls_fail),
		cmocka_unit_test(json_bodies_are_bound_by_their_hash_in_the_query),
		cmocka_unit_test(a_stream_handshake_tries_slash_port_and_scheme),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
