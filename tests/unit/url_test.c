#include "tests/unit/unit.h"

#include "proto/url.h"

static void assert_slice(struct slice got, const char *expected)
{
	assert_int_equal(got.len, strlen(expected));
	assert_memory_equal(got.data, expected, got.len);
}

static void a_url_comes_apart_as_it_was_written(void **state)
{
	struct url url;

	(void)state;
	assert_true(url_split(
		slice_of("https://user:p@ss@Voice.example.com:8443/a%20b?x=1&y='#rc=2&tt=900"), &url));
	assert_slice(url.scheme, "https");
	assert_slice(url.userinfo, "user:p@ss");
	assert_slice(url.host, "Voice.example.com");
	assert_slice(url.authority, "Voice.example.com:8443");
	assert_slice(url.port, "8443");
	assert_slice(url.target, "/a%20b?x=1&y='");
	assert_slice(url.fragment, "rc=2&tt=900");
	assert_true(url.is_tls);
	assert_false(url.is_socket);
}

static void what_is_left_out_is_empty_and_ports_follow_the_scheme(void **state)
{
	static const struct {
		const char *text, *port;
		bool is_tls, is_socket;
	} cases[] = { { "http://a", "80", false, false }, { "HTTPS://a", "443", true, false },
		{ "ws://a", "80", false, true }, { "wss://a", "443", true, true },
		{ "wss://a:1", "1", true, true } };
	struct url url;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(url_split(slice_of(cases[i].text), &url));
		assert_slice(url_port(&url), cases[i].port);
		assert_slice(url.target, "");
		assert_null(url.userinfo.data);
		assert_null(url.fragment.data);
		assert_int_equal(url.is_tls, cases[i].is_tls);
		assert_int_equal(url.is_socket, cases[i].is_socket);
	}
	assert_true(url_split(slice_of("http://a?b=c"), &url));
	assert_slice(url.target, "?b=c");
}

static void addresses_in_brackets_are_hosts(void **state)
{
	struct url url;

	(void)state;
	assert_true(url_split(slice_of("ws://[::1]:8080/x"), &url));
	assert_slice(url.host, "::1");
	assert_slice(url.authority, "[::1]:8080");
	assert_slice(url.port, "8080");
	assert_true(url_split(slice_of("ws://[::1]"), &url));
	assert_slice(url.host, "::1");
}

static void what_is_no_url_is_refused(void **state)
{
	static const char *const texts[] = { "", "a", "/a", "ftp://a/", "http:/a", "http://", "http:///a",
		"http://a:/", "http://a:0/", "http://a:65536/", "http://a:8x/", "http://a b/",
		"http://a/\r\n", "http://[::1/", "http://[]/", "http://[::1]x/", "http://user@/", "://a" };
	struct url url = { .scheme = { "untouched", 9 } };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(url_split(slice_of(texts[i]), &url));
	assert_slice(url.scheme, "untouched");
}

static void references_mean_what_rfc_3986_says(void **state)
{
	static const struct {
		const char *base, *reference, *expected;
	} cases[] = {
		{ "http://a/b/c/d?q#f", "http://x/y", "http://x/y" },
		{ "http://a/b/c/d?q#f", "//x/y", "http://x/y" },
		{ "http://a/b/c/d?q#f", "/y", "http://a/y" },
		{ "http://a/b/c/d?q#f", "y", "http://a/b/c/y" },
		{ "http://a/b/c/d?q/r", "y?z=1", "http://a/b/c/y?z=1" },
		{ "http://a/b/c/d?q", "?y", "http://a/b/c/d?y" },
		{ "http://a/b/c/d?q#f", "", "http://a/b/c/d?q" },
		{ "http://a/b/c/d?q#f", "#s", "http://a/b/c/d?q#s" },
		{ "http://a", "y", "http://a/y" },
		{ "https://u:p@a:444", "/y", "https://u:p@a:444/y" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(url_resolve(
			slice_of(cases[i].base), slice_of(cases[i].reference), out, sizeof out));
		assert_string_equal(out, cases[i].expected);
	}
	assert_false(url_resolve(slice_of("nowhere"), slice_of("/y"), out, sizeof out));
	assert_false(url_resolve(slice_of("http://a/"), slice_of("tel:+1"), out, sizeof out));
	assert_false(url_resolve(slice_of("http://a/"), slice_of("a b"), out, sizeof out));
	assert_false(url_resolve(slice_of("http://a/"), slice_of("12"), out, 11));
	assert_true(url_resolve(slice_of("http://a/"), slice_of("12"), out, 12));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_comes_apart_as_it_was_written),
		cmocka_unit_test(what_is_left_out_is_empty_and_ports_follow_the_scheme),
		cmocka_unit_test(addresses_in_brackets_are_hosts),
		cmocka_unit_test(what_is_no_url_is_refused),
		cmocka_unit_test(references_mean_what_rfc_3986_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
