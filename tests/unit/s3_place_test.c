/* Where a bucket is, by endpoint, region, name and addressing. */
#include "media/store/s3_place.h"
#include "tests/unit/unit.h"

static struct s3_place place;
static char why[300];

static bool find(const char *endpoint, const char *bucket, enum s3_addressing addressing)
{
	struct s3_settings settings = { .endpoint = endpoint, .region = "eu-central-1", .bucket = bucket,
		.addressing = addressing };

	memset(&place, 0, sizeof place);
	return s3_place_find(&place, &settings, why, sizeof why);
}

static void each_service_gets_the_addressing_it_wants(void **state)
{
	static const struct {
		const char *endpoint, *bucket;
		enum s3_addressing addressing;
		const char *base;
	} cases[] = {
		{ "", "calls", S3_AUTO, "https://calls.s3.eu-central-1.amazonaws.com/" },
		{ "", "calls", S3_PATH, "https://s3.eu-central-1.amazonaws.com/calls/" },
		/* A dot would leave the certificate's wildcard. */
		{ "", "calls.example", S3_AUTO, "https://s3.eu-central-1.amazonaws.com/calls.example/" },
		{ "", "calls.example", S3_VIRTUAL, "https://calls.example.s3.eu-central-1.amazonaws.com/" },
		{ "https://fly.storage.tigris.dev", "calls", S3_AUTO, "https://calls.fly.storage.tigris.dev/" },
		{ "https://t3.storage.dev/", "calls", S3_AUTO, "https://calls.t3.storage.dev/" },
		{ "https://a.r2.cloudflarestorage.com", "calls", S3_AUTO, "https://a.r2.cloudflarestorage.com/calls/" },
		{ "http://127.0.0.1:9000", "calls", S3_AUTO, "http://127.0.0.1:9000/calls/" },
		{ "http://[::1]:9000/", "calls", S3_AUTO, "http://[::1]:9000/calls/" },
		/* The scheme's own port is not in Host. */
		{ "https://S3.Example.COM:443", "calls", S3_PATH, "https://s3.example.com/calls/" },
		{ "http://s3.example.com:80", "calls", S3_PATH, "http://s3.example.com/calls/" },
		{ "http://s3.example.com:443", "calls", S3_VIRTUAL, "http://calls.s3.example.com:443/" },
		{ "https://host/storage/s3//", "calls", S3_AUTO, "https://host/storage/s3/calls/" },
		{ "https://notamazonaws.com", "calls", S3_AUTO, "https://notamazonaws.com/calls/" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(find(cases[i].endpoint, cases[i].bucket, cases[i].addressing));
		assert_string_equal(place.base, cases[i].base);
	}
}

static void host_and_path_are_what_is_signed(void **state)
{
	(void)state;
	assert_true(find("https://host:8443/s3", "calls", S3_PATH));
	assert_string_equal(place.host, "host:8443");
	assert_string_equal(place.path, "/s3/calls/");
	assert_false(place.is_virtual);
	assert_true(find("", "calls", S3_AUTO));
	assert_string_equal(place.host, "calls.s3.eu-central-1.amazonaws.com");
	assert_string_equal(place.path, "/");
	assert_true(place.is_virtual);
}

static void what_is_no_endpoint_or_bucket_is_refused_with_its_name(void **state)
{
	static const char *const endpoints[] = { "host", "ftp://host", "wss://host", "https://", "https://u:p@host",
		"https://host/?x", "https://host/#x", "https://host/a%20b", "https://a b" };
	static const char *const buckets[] = { "ab", "-calls", ".calls", "a/b", "a b", "calls\n", "../x",
		"0123456789012345678901234567890123456789012345678901234567890123" };

	(void)state;
	for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
		assert_false(find(endpoints[i], "calls", S3_AUTO));
		assert_non_null(strstr(why, "AWS_ENDPOINT_URL_S3"));
	}
	for (size_t i = 0; i < sizeof buckets / sizeof buckets[0]; i++) {
		assert_false(find("", buckets[i], S3_AUTO));
		assert_non_null(strstr(why, "BUCKET_NAME"));
	}
}

static void a_region_is_a_label_and_auto_is_not_amazons(void **state)
{
	static const char *const wrong[] = { "", "eu west", "eu/west", "EU", "eu.west", "auto" };
	struct s3_settings settings = { .endpoint = "", .bucket = "calls" };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		settings.region = wrong[i];
		assert_false(s3_place_find(&place, &settings, why, sizeof why));
		assert_non_null(strstr(why, "AWS_REGION"));
	}
	settings.endpoint = "https://fly.storage.tigris.dev";
	assert_true(s3_place_find(&place, &settings, why, sizeof why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_service_gets_the_addressing_it_wants),
		cmocka_unit_test(host_and_path_are_what_is_signed),
		cmocka_unit_test(a_region_is_a_label_and_auto_is_not_amazons),
		cmocka_unit_test(what_is_no_endpoint_or_bucket_is_refused_with_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
