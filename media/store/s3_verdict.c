/* The code decides if there is one, else the status. */
#include "media/store/s3_verdict.h"

#include "base/check.h"

#include <stdio.h>

static const struct {
	const char *code;
	enum s3_verdict verdict;
} codes[] = {
	{ "NoSuchKey", S3_MISSING },
	{ "RequestTimeout", S3_AGAIN },
	{ "RequestTimeTooSkewed", S3_SKEWED },
	{ "SlowDown", S3_AGAIN },
	{ "InternalError", S3_AGAIN },
	{ "ServiceUnavailable", S3_AGAIN },
	{ "OperationAborted", S3_AGAIN },
	{ "ConditionalRequestConflict", S3_AGAIN },
	/* What arrived is not what was sent: the file is as it was. */
	{ "IncompleteBody", S3_AGAIN },
	{ "BadDigest", S3_AGAIN },
	{ "XAmzContentSHA256Mismatch", S3_AGAIN },
	{ "EntityTooLarge", S3_NEVER },
	{ "KeyTooLongError", S3_NEVER },
	{ "InvalidObjectState", S3_NEVER },
};

static const char *const region_codes[] = {
	"AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException",
	"AuthorizationQueryParametersError" };

const char *s3_verdict_word(enum s3_verdict verdict)
{
	static const char *const words[] = {
#define X(name, word) [S3_##name] = word,
		S3_VERDICTS(X)
#undef X
	};

	return words[verdict];
}

static bool is_about_region(const struct s3_said *said)
{
	for (size_t i = 0; i < ARRAY_COUNT(region_codes); i++)
		if (strcmp(said->error.code, region_codes[i]) == 0)
			return true;
	return (said->status >= 300 && said->status < 400) ||
		(said->status == 400 && *said->bucket_region && strcmp(said->bucket_region, said->region) != 0);
}

static enum s3_verdict say_region(const struct s3_said *said, char *why, size_t why_bytes)
{
	const char *right = *said->bucket_region ? said->bucket_region : said->error.region;

	if (*right && strcmp(right, said->region) != 0)
		snprintf(why, why_bytes, "AWS_REGION=%.64s is wrong: the bucket is in %.64s", said->region, right);
	else if (*said->error.endpoint)
		snprintf(why, why_bytes, "the bucket is elsewhere (%ld %.64s): AWS_ENDPOINT_URL_S3 should name %.256s",
			said->status, said->error.code, said->error.endpoint);
	else
		snprintf(why, why_bytes,
			"the bucket is not in AWS_REGION=%.64s, or not at AWS_ENDPOINT_URL_S3 (%ld %.64s%s%.200s)",
			said->region, said->status, said->error.code, *said->error.message ? ": " : "",
			said->error.message);
	return S3_CONFIG;
}

static enum s3_verdict by_status(long status, bool has_code)
{
	if (status == 404)
		return has_code ? S3_CONFIG : S3_MISSING;
	if (status == 408 || status == 425 || status == 429 || (status >= 500 && status != 501))
		return S3_AGAIN;
	if (status == 413 || status == 411 || status == 414)
		return S3_NEVER;
	return S3_CONFIG;
}

enum s3_verdict s3_verdict(const struct s3_said *said, char *why, size_t why_bytes)
{
	const char *code = said->error.code;

	if (said->status >= 200 && said->status < 300) {
		*why = '\0';
		return S3_DONE;
	}
	if (is_about_region(said))
		return say_region(said, why, why_bytes);
	snprintf(why, why_bytes, "S3 answered %ld%s%.64s%s%.200s", said->status, *code ? " " : "", code,
		*said->error.message ? ": " : "", said->error.message);
	for (size_t i = 0; i < ARRAY_COUNT(codes); i++)
		if (strcmp(code, codes[i].code) == 0)
			return codes[i].verdict;
	return by_status(said->status, *code);
}
