/* What follows from each answer of S3. */
#include "media/store/s3_verdict.h"
#include "tests/unit/unit.h"

static char why[600];

static enum s3_verdict judge(long status, const char *code, const char *bucket_region, const char *region)
{
	struct s3_said said = { .status = status, .bucket_region = bucket_region, .region = region };

	snprintf(said.error.code, sizeof said.error.code, "%s", code);
	return s3_verdict(&said, why, sizeof why);
}

static void each_answer_has_its_consequence(void **state)
{
	static const struct { long status; const char *code; enum s3_verdict verdict; } cases[] = {
		{ 200, "", S3_DONE }, { 204, "", S3_DONE },
		{ 404, "", S3_MISSING }, { 404, "NoSuchKey", S3_MISSING }, { 404, "NoSuchBucket", S3_CONFIG },
		{ 408, "", S3_AGAIN }, { 429, "", S3_AGAIN }, { 500, "InternalError", S3_AGAIN }, { 502, "", S3_AGAIN },
		{ 503, "SlowDown", S3_AGAIN }, { 503, "", S3_AGAIN }, { 504, "", S3_AGAIN }, { 507, "", S3_AGAIN },
		{ 400, "RequestTimeout", S3_AGAIN }, { 400, "BadDigest", S3_AGAIN },
		{ 400, "XAmzContentSHA256Mismatch", S3_AGAIN }, { 409, "OperationAborted", S3_AGAIN },
		{ 403, "RequestTimeTooSkewed", S3_SKEWED },
		{ 403, "SignatureDoesNotMatch", S3_CONFIG }, { 403, "InvalidAccessKeyId", S3_CONFIG },
		{ 403, "AccessDenied", S3_CONFIG }, { 403, "", S3_CONFIG }, { 401, "", S3_CONFIG },
		{ 400, "ExpiredToken", S3_CONFIG }, { 400, "", S3_CONFIG }, { 405, "", S3_CONFIG },
		{ 400, "AuthorizationHeaderMalformed", S3_CONFIG }, { 301, "PermanentRedirect", S3_CONFIG },
		{ 307, "TemporaryRedirect", S3_CONFIG }, { 301, "", S3_CONFIG }, { 302, "", S3_CONFIG },
		{ 501, "NotImplemented", S3_CONFIG },
		{ 400, "EntityTooLarge", S3_NEVER }, { 413, "", S3_NEVER }, { 400, "KeyTooLongError", S3_NEVER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum s3_verdict verdict = judge(cases[i].status, cases[i].code, "", "us-east-1");

		if (verdict != cases[i].verdict)
			fail_msg("%ld %s: %s", cases[i].status, cases[i].code, s3_verdict_word(verdict));
		assert_true((verdict == S3_DONE) == (*why == '\0'));
	}
}

static void a_wrong_region_is_told_with_the_right_one(void **state)
{
	struct s3_said said = { .status = 400, .bucket_region = "", .region = "us-east-1",
		.error = { .code = "AuthorizationHeaderMalformed", .region = "eu-west-1" } };

	(void)state;
	assert_int_equal(judge(301, "PermanentRedirect", "eu-central-1", "us-east-1"), S3_CONFIG);
	assert_string_equal(why, "AWS_REGION=us-east-1 is wrong: the bucket is in eu-central-1");
	assert_int_equal(s3_verdict(&said, why, sizeof why), S3_CONFIG);
	assert_string_equal(why, "AWS_REGION=us-east-1 is wrong: the bucket is in eu-west-1");
	/* The region is right, and still the bucket is elsewhere. */
	said = (struct s3_said){ .status = 301, .bucket_region = "us-east-1", .region = "us-east-1",
		.error = { .code = "PermanentRedirect", .endpoint = "calls.s3.amazonaws.com" } };
	assert_int_equal(s3_verdict(&said, why, sizeof why), S3_CONFIG);
	assert_non_null(strstr(why, "AWS_ENDPOINT_URL_S3 should name calls.s3.amazonaws.com"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_has_its_consequence),
		cmocka_unit_test(a_wrong_region_is_told_with_the_right_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
