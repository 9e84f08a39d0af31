/* Signatures are made by OpenSSL and checked by wolfCrypt. */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "base/digest.h"
#include "proto/base64.h"
#include "proto/fal.h"

#include <openssl/evp.h>

#define QUEUE "https://queue.fal.run"

static const char *why;

/* --- where the key may go --- */

static bool may_have_key(const char *url, const char *ours)
{
	return fal_may_have_key(slice_of(url), slice_of(ours));
}

static void the_key_goes_to_fal_alone(void **state)
{
	(void)state;
	assert_true(may_have_key("https://queue.fal.run/fal-ai/x/requests/1/status", QUEUE));
	assert_true(may_have_key("https://queue.falrun.com/x", QUEUE));
	assert_true(may_have_key("https://rest.fal.ai/x", QUEUE));
	assert_true(may_have_key("https://QUEUE.FAL.RUN:443/x", QUEUE));
	assert_false(may_have_key("http://queue.fal.run/x", QUEUE));
	assert_false(may_have_key("https://queue.fal.run:8443/x", QUEUE));
	assert_false(may_have_key("https://queue.fal.run@evil.example/x", QUEUE));
	assert_false(may_have_key("https://evil@queue.fal.run/x", QUEUE));
	assert_false(may_have_key("https://queue.fal.run.evil.example/x", QUEUE));
	assert_false(may_have_key("https://evilfal.run/x", QUEUE));
	assert_false(may_have_key("https://.fal.run", QUEUE));
	assert_false(may_have_key("https://evil.example/?x=.fal.run", QUEUE));
	assert_false(may_have_key("https://evil.example\\.fal.run/", QUEUE));
	assert_false(may_have_key("https://evil.example#.fal.run", QUEUE));
	assert_false(may_have_key("wss://queue.fal.run/x", QUEUE));
	assert_false(may_have_key("file:///etc/passwd", QUEUE));
	assert_false(may_have_key("", QUEUE));
}

static void a_configured_origin_is_trusted_by_scheme_host_and_port(void **state)
{
	(void)state;
	assert_true(may_have_key("http://127.0.0.1:7001/a", "http://127.0.0.1:7001"));
	assert_false(may_have_key("http://127.0.0.1:7002/a", "http://127.0.0.1:7001"));
	assert_false(may_have_key("https://127.0.0.1:7001/a", "http://127.0.0.1:7001"));
	assert_false(may_have_key("http://127.0.0.2:7001/a", "http://127.0.0.1:7001"));
}

static void files_come_by_https_or_from_the_configured_host(void **state)
{
	(void)state;
	assert_true(fal_may_have_file(SLICE("https://v3.fal.media/files/a.mp4"), SLICE(QUEUE)));
	assert_false(fal_may_have_file(SLICE("http://v3.fal.media/files/a.mp4"), SLICE(QUEUE)));
	assert_false(fal_may_have_file(SLICE("file:///etc/passwd"), SLICE(QUEUE)));
	assert_true(fal_may_have_file(SLICE("http://127.0.0.1:9/a.mp4"), SLICE("http://127.0.0.1:7001")));
	assert_false(fal_may_have_file(SLICE("http://10.0.0.1:9/a.mp4"), SLICE("http://127.0.0.1:7001")));
}

/* --- answers --- */

static bool read_order(const char *body, struct fal_order *out)
{
	return fal_read_order(slice_of(body), SLICE(QUEUE), out, &why);
}

static void an_order_keeps_the_urls_that_were_returned(void **state)
{
	struct fal_order order;

	(void)state;
	assert_true(read_order("{\"status\":\"IN_QUEUE\",\"request_id\":\"r-1\",\"queue_position\":3,"
		"\"response_url\":\"" QUEUE "/a/requests/r-1\",\"status_url\":\"" QUEUE "/a/requests/r-1/status\","
		"\"cancel_url\":\"" QUEUE "/a/requests/r-1/cancel\"}", &order));
	assert_string_equal(order.request_id, "r-1");
	assert_string_equal(order.status_url, QUEUE "/a/requests/r-1/status");
	assert_string_equal(order.response_url, QUEUE "/a/requests/r-1");
	assert_string_equal(order.cancel_url, QUEUE "/a/requests/r-1/cancel");
	assert_int_equal(order.queue_position, 3);
}

static void an_order_stands_though_its_urls_lead_elsewhere(void **state)
{
	struct fal_order order;

	(void)state;
	assert_true(read_order("{\"request_id\":\"r-1\",\"response_url\":\"" QUEUE "/a\","
		"\"status_url\":\"https://evil.example/status\",\"cancel_url\":\"" QUEUE "/c\"}", &order));
	assert_string_equal(order.request_id, "r-1");
	assert_string_equal(order.status_url, "");
	assert_string_equal(order.response_url, "");
	assert_string_equal(order.cancel_url, "");
}

static void what_holds_no_request_id_is_no_order(void **state)
{
	static const char *const bodies[] = { "", "null", "[]", "{}", "{\"request_id\":7}", "{\"request_id\":\"\"}",
		"{\"request_id\":\"a\\u0000b\"}", "<html>", "{\"request_id\":\"r\"" };
	struct fal_order order;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bodies); i++)
		assert_false(read_order(bodies[i], &order));
}

static bool read_status(const char *body, struct fal_status *out)
{
	return fal_read_status(slice_of(body), out, &why);
}

static void completed_does_not_mean_success(void **state)
{
	struct fal_status status;

	(void)state;
	assert_true(read_status("{\"status\":\"IN_QUEUE\",\"queue_position\":0}", &status));
	assert_int_equal(status.state, FAL_IN_QUEUE);
	assert_int_equal(status.queue_position, 0);
	assert_true(read_status("{\"status\":\"IN_PROGRESS\",\"logs\":[]}", &status));
	assert_int_equal(status.state, FAL_IN_PROGRESS);
	assert_true(read_status("{\"status\":\"COMPLETED\",\"metrics\":{\"inference_time\":3.1}}", &status));
	assert_false(status.failed);
	assert_true(read_status("{\"status\":\"COMPLETED\",\"error\":null,\"error_type\":null}", &status));
	assert_false(status.failed);
	assert_true(read_status("{\"status\":\"COMPLETED\",\"error\":\"no runner\","
		"\"error_type\":\"runner_scheduling_failure\"}", &status));
	assert_true(status.failed);
	assert_int_equal(status.error.blame, FAL_BLAME_SERVICE);
	assert_string_equal(status.error.type, "runner_scheduling_failure");
	assert_string_equal(status.error.sentence, "runner_scheduling_failure: no runner");
	assert_false(read_status("{\"status\":\"NOT_FOUND\"}", &status));
	assert_false(read_status("{}", &status));
}

static void a_result_names_its_video(void **state)
{
	char url[FAL_URL_BYTES_MAX + 1];

	(void)state;
	assert_true(fal_read_video(SLICE("{\"video\":{\"url\":\"https://v3.fal.media/a.mp4\",\"file_size\":9}}"),
		url, &why));
	assert_string_equal(url, "https://v3.fal.media/a.mp4");
	assert_false(fal_read_video(SLICE("{\"video\":\"https://v3.fal.media/a.mp4\"}"), url, &why));
	assert_false(fal_read_video(SLICE("{\"video\":{}}"), url, &why));
}

static void errors_of_every_shape_find_who_is_to_blame(void **state)
{
	static const struct {
		int status;
		const char *header, *body;
		enum fal_blame blame;
		const char *type, *sentence;
	} cases[] = {
		{ 422, "", "{\"detail\":[{\"loc\":[\"body\",\"audio_url\"],\"msg\":\"too long\","
			"\"type\":\"audio_duration_too_long\",\"ctx\":{\"max\":60},\"input\":\"u\"}]}",
			FAL_BLAME_ORDER, "audio_duration_too_long",
				"422 audio_duration_too_long at audio_url: too long" },
		{ 500, "", "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"later\",\"type\":\"downstream_"
			"service_error\"}]}",
			FAL_BLAME_SERVICE, "downstream_service_error",
				"500 downstream_service_error at body: later" },
		{ 422, "", "{\"detail\":[{\"loc\":[],\"msg\":\"m\",\"type\":\"of tomorrow\"}]}",
			FAL_BLAME_ORDER, "of tomorrow", "422 of tomorrow: m" },
		{ 504, "", "{\"detail\":\"Request timed out\",\"error_type\":\"request_timeout\"}",
			FAL_BLAME_SERVICE, "request_timeout", "504 request_timeout: Request timed out" },
		{ 400, "", "{\"detail\":\"no\",\"error_type\":\"bad_request\"}", FAL_BLAME_ORDER, "bad_request",
			"400 bad_request: no" },
		{ 503, "runner_disconnected", "gone", FAL_BLAME_SERVICE, "runner_disconnected",
			"503 runner_disconnected" },
		{ 401, "", "{\"detail\":\"No user found for Key ID and Secret\"}", FAL_BLAME_ACCOUNT, "",
			"401: No user found for Key ID and Secret" },
		{ 403, "", "{\"detail\":\"User is locked. Reason: Exhausted balance.\"}", FAL_BLAME_ACCOUNT, "",
			"403: User is locked. Reason: Exhausted balance." },
		{ 404, "", "{\"status\":\"NOT_FOUND\"}", FAL_BLAME_ACCOUNT, "", "404" },
		{ 429, "", "", FAL_BLAME_SERVICE, "", "429" },
		{ 502, "", "<html>nginx\n</html>", FAL_BLAME_SERVICE, "", "502" },
		{ 422, "", "{\"detail\":\"\\u001b[31mred\\n\"}", FAL_BLAME_ORDER, "", "422: ?[31mred?" },
		{ 0, "", "{\"error\":\"who knows\"}", FAL_BLAME_SERVICE, "", "who knows" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fal_error error;

		fal_read_error(cases[i].status, slice_of(cases[i].header), slice_of(cases[i].body), &error);
		assert_int_equal(error.blame, cases[i].blame);
		assert_string_equal(error.type, cases[i].type);
		assert_string_equal(error.sentence, cases[i].sentence);
	}
}

static void a_long_error_is_cut(void **state)
{
	char body[8192];
	struct fal_error error;

	(void)state;
	snprintf(body, sizeof body, "{\"detail\":\"%04000d\",\"error_type\":\"%0200d\"}", 1, 2);
	fal_read_error(500, SLICE(""), slice_of(body), &error);
	assert_string_equal(error.type, "");
	assert_true(strlen(error.sentence) < 160);
}

static void an_upload_has_two_urls(void **state)
{
	struct fal_upload upload;

	(void)state;
	assert_true(fal_read_upload(SLICE("{\"upload_url\":\"https://s/x?sig=1\",\"file_url\":\"https://v3/x\"}"),
		&upload, &why));
	assert_string_equal(upload.upload_url, "https://s/x?sig=1");
	assert_string_equal(upload.file_url, "https://v3/x");
	assert_false(fal_read_upload(SLICE("{\"upload_url\":\"https://s/x\"}"), &upload, &why));
}

/* --- the webhook --- */

static const char body[] = "{\"request_id\":\"r-1\",\"gateway_request_id\":\"r-1\",\"status\":\"OK\","
	"\"payload\":{\"video\":{\"url\":\"https://v3.fal.media/a.mp4\"}}}";

static EVP_PKEY *key_new(uint8_t seed_byte)
{
	uint8_t seed[32];

	memset(seed, seed_byte, sizeof seed);
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
}

static void sign(EVP_PKEY *key, const char *message, char out_hex[129])
{
	uint8_t signature[64];
	size_t len = sizeof signature;
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	assert_int_equal(EVP_DigestSignInit(md, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(md, signature, &len, (const uint8_t *)message, strlen(message)), 1);
	EVP_MD_CTX_free(md);
	for (size_t i = 0; i < sizeof signature; i++)
		snprintf(out_hex + 2 * i, 3, "%02x", signature[i]);
}

static void sign_hook(EVP_PKEY *key, const char *sent_s, char out_hex[129])
{
	uint8_t sum[32];
	char message[512];
	int len = snprintf(message, sizeof message, "r-1\nuser-7\n%s\n", sent_s);

	assert_int_equal(EVP_Digest(body, strlen(body), sum, NULL, EVP_sha256(), NULL), 1);
	for (size_t i = 0; i < sizeof sum; i++)
		len += snprintf(message + len, sizeof message - (size_t)len, "%02x", sum[i]);
	sign(key, message, out_hex);
}

static void write_jwk(EVP_PKEY *key, char out[80])
{
	uint8_t raw[32];
	size_t len = sizeof raw, text_len;

	assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &len), 1);
	text_len = base64_encode(out, raw, len);
	for (size_t i = 0; i < text_len; i++)
		out[i] = out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i];
	out[text_len - 1] = '\0';
}

static struct fal_keys keys_of(EVP_PKEY *a, EVP_PKEY *b)
{
	char first[80], second[80], text[600];
	struct fal_keys keys;

	write_jwk(a, first);
	write_jwk(b, second);
	snprintf(text, sizeof text, "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"x\"},"
		"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"%s\"},"
		"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":"
			"\"%s\"}]}",
		first, first, second);
	assert_true(fal_read_keys(slice_of(text), &keys, &why));
	assert_int_equal(keys.count, 2);
	return keys;
}

static void only_what_fal_signed_is_genuine(void **state)
{
	EVP_PKEY *other = key_new(1), *fal = key_new(2), *stranger = key_new(3);
	struct fal_keys keys = keys_of(other, fal);
	char hex[129], forged[129], changed_body[sizeof body];

	(void)state;
	sign_hook(fal, "1700000000", hex);
	sign_hook(stranger, "1700000000", forged);
	const struct fal_hook good = { SLICE("r-1"), SLICE("user-7"), SLICE("1700000000"), slice_of(hex),
		slice_of(body) };
	struct fal_hook hook = good;

	assert_int_equal(fal_hook_verify(&hook, &keys, 1700000000), FAL_HOOK_GENUINE);
	assert_int_equal(fal_hook_verify(&hook, &keys, 1700000300), FAL_HOOK_GENUINE);
	assert_int_equal(fal_hook_verify(&hook, &keys, 1700000301), FAL_HOOK_STALE);
	assert_int_equal(fal_hook_verify(&hook, &keys, 1699999699), FAL_HOOK_STALE);
	hook.user_id = SLICE("user-8");
	assert_int_equal(fal_hook_verify(&hook, &keys, 1700000000), FAL_HOOK_FORGED);
	hook = good;
	hook.request_id = SLICE("r-2");
	assert_int_equal(fal_hook_verify(&hook, &keys, 1700000000), FAL_HOOK_FORGED);
	hook = good;
	hook.timestamp = SLICE("1700000001");
	assert_int_equal(fal_hook_verify(&hook, &keys, 1700000000), FAL_HOOK_FORGED);
	hook = good;
	hook.signature = slice_of(forged);
	assert_int_equal(fal_hook_verify(&hook, &keys, 1700000000), FAL_HOOK_FORGED);
	hook = good;
	memcpy(changed_body, body, sizeof body);
	for (size_t i = 0; i < strlen(body); i++) {
		changed_body[i] ^= 1;
		hook.body = slice_of(changed_body);
		assert_int_equal(fal_hook_verify(&hook, &keys, 1700000000), FAL_HOOK_FORGED);
		changed_body[i] ^= 1;
	}
	EVP_PKEY_free(other);
	EVP_PKEY_free(fal);
	EVP_PKEY_free(stranger);
}

static void headers_that_are_missing_or_malformed_are_told_apart(void **state)
{
	EVP_PKEY *fal = key_new(2);
	struct fal_keys keys = keys_of(fal, fal);
	char hex[129];

	(void)state;
	sign_hook(fal, "1700000000", hex);
	const struct fal_hook good = { SLICE("r-1"), SLICE("user-7"), SLICE("1700000000"), slice_of(hex),
		slice_of(body) };
	struct fal_hook hooks[7];

	for (size_t i = 0; i < ARRAY_COUNT(hooks); i++)
		hooks[i] = good;
	hooks[0].request_id = SLICE("");
	hooks[1].user_id = SLICE("");
	hooks[2].timestamp = SLICE("");
	hooks[3].timestamp = SLICE("17e8");
	hooks[4].signature.len--;
	hooks[5].signature = SLICE("");
	hooks[6].user_id = SLICE("a\nb");
	for (size_t i = 0; i < ARRAY_COUNT(hooks); i++)
		assert_int_equal(fal_hook_verify(&hooks[i], &keys, 1700000000), FAL_HOOK_INCOMPLETE);
	hex[5] = 'g';
	assert_int_equal(fal_hook_verify(&good, &keys, 1700000000), FAL_HOOK_INCOMPLETE);
	EVP_PKEY_free(fal);
}

static void a_key_set_without_a_fit_key_is_refused(void **state)
{
	static const char *const sets[] = { "", "{}", "{\"keys\":[]}", "{\"keys\":7}",
		"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}]}",
		"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}]}",
		("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
			"\"x\":\"+++++++++++++++++++++++++++++++++++++++++++\"}]}") };
	struct fal_keys keys;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(sets); i++)
		assert_false(fal_read_keys(slice_of(sets[i]), &keys, &why));
}

static void a_webhook_tells_result_or_error(void **state)
{
	struct fal_outcome outcome;

	(void)state;
	assert_true(fal_read_outcome(slice_of(body), &outcome, &why));
	assert_false(outcome.failed);
	assert_string_equal(outcome.request_id, "r-1");
	assert_string_equal(outcome.video_url, "https://v3.fal.media/a.mp4");
	assert_true(fal_read_outcome(SLICE("{\"request_id\":\"r-1\",\"status\":\"OK\",\"payload\":null,"
		"\"payload_error\":\"not serialisable\"}"), &outcome, &why));
	assert_false(outcome.failed);
	assert_string_equal(outcome.video_url, "");
	assert_true(fal_read_outcome(SLICE("{\"request_id\":\"r-1\",\"status\":\"ERROR\",\"error\":\""
		"Invalid status code: 422\","
		"\"payload\":{\"detail\":[{\"loc\":[\"body\",\"image_url\"],\"msg\":\"no face\",\"type\":"
			"\"face_detection_error\"}]}}"),
		&outcome, &why));
	assert_true(outcome.failed);
	assert_int_equal(outcome.error.blame, FAL_BLAME_ORDER);
	assert_string_equal(outcome.error.sentence, "422 face_detection_error at image_url: no face");
	assert_true(fal_read_outcome(SLICE("{\"request_id\":\"r-1\",\"status\":\"ERROR\",\"error\":\""
		"Invalid status code: 500\"}"),
		&outcome, &why));
	assert_int_equal(outcome.error.blame, FAL_BLAME_SERVICE);
	assert_string_equal(outcome.error.sentence, "500: Invalid status code: 500");
	assert_false(fal_read_outcome(SLICE("{\"status\":\"OK\"}"), &outcome, &why));
	assert_false(fal_read_outcome(SLICE("{\"request_id\":\"r\",\"status\":\"MAYBE\"}"), &outcome, &why));
}

/* RFC 8032 section 7.1, tests 2 and 3. */
static void the_vectors_of_rfc_8032_verify(void **state)
{
	static const struct {
		const char *key, *message, *signature;
	} vectors[] = {
		{ "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
			"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
		{ "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "\xaf\x82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
			"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(vectors); i++) {
		uint8_t key[32], signature[64];

		for (size_t k = 0; k < 32; k++)
			key[k] = (uint8_t)strtoul((char[]){ vectors[i].key[2 * k], vectors[i].key[2 * k + 1], 0 },
				NULL, 16);
		for (size_t k = 0; k < 64; k++)
			signature[k] = (uint8_t)strtoul(
				(char[]){ vectors[i].signature[2 * k], vectors[i].signature[2 * k + 1], 0 }, NULL,
					16);
		size_t len = strlen(vectors[i].message);

		assert_true(ed25519_verify(key, vectors[i].message, len, signature));
		signature[0] ^= 1;
		assert_false(ed25519_verify(key, vectors[i].message, len, signature));
		signature[0] ^= 1;
		assert_false(ed25519_verify(key, vectors[i].message, len - 1, signature));
		memset(key, 0xFF, sizeof key);
		assert_false(ed25519_verify(key, vectors[i].message, len, signature));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_goes_to_fal_alone),
		cmocka_unit_test(a_configured_origin_is_trusted_by_scheme_host_and_port),
		cmocka_unit_test(files_come_by_https_or_from_the_configured_host),
		cmocka_unit_test(an_order_keeps_the_urls_that_were_returned),
		cmocka_unit_test(an_order_stands_though_its_urls_lead_elsewhere),
		cmocka_unit_test(what_holds_no_request_id_is_no_order),
		cmocka_unit_test(completed_does_not_mean_success),
		cmocka_unit_test(a_result_names_its_video),
		cmocka_unit_test(errors_of_every_shape_find_who_is_to_blame),
		cmocka_unit_test(a_long_error_is_cut),
		cmocka_unit_test(an_upload_has_two_urls),
		cmocka_unit_test(only_what_fal_signed_is_genuine),
		cmocka_unit_test(headers_that_are_missing_or_malformed_are_told_apart),
		cmocka_unit_test(a_key_set_without_a_fit_key_is_refused),
		cmocka_unit_test(a_webhook_tells_result_or_error),
		cmocka_unit_test(the_vectors_of_rfc_8032_verify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
