/* What is signed: request id, user id, timestamp and the body's SHA-256 in lower-case hexadecimal, a line each. */
#include "proto/fal.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/digest.h"
#include "proto/base64.h"
#include "proto/fal_parts.h"

#include <stdlib.h>
#include <string.h>

enum { TIMESTAMP_DIGITS_MAX = 12, KEY_TEXT_BYTES = 43 };

const char *fal_hook_sentence(enum fal_hook_result result)
{
	static const char *const sentences[] = {
#define X(result, sentence) [result] = sentence,
		FAL_HOOK_RESULTS(X)
#undef X
	};

	return sentences[result];
}

/* --- keys --- */

/* base64url without padding (RFC 7515 section 2), of exactly 32 bytes. */
static bool read_key(struct slice text, uint8_t out[ED25519_KEY_BYTES])
{
	char plain[KEY_TEXT_BYTES + 1];
	uint8_t bytes[33];

	if (text.len != KEY_TEXT_BYTES)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '+' || c == '/')
			return false;
		plain[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	plain[KEY_TEXT_BYTES] = '=';
	if (base64_decode(bytes, (struct slice){ plain, sizeof plain }) != ED25519_KEY_BYTES)
		return false;
	memcpy(out, bytes, ED25519_KEY_BYTES);
	return true;
}

static bool is_word(const struct json_object *object, const char *key, struct slice wanted)
{
	struct slice text;

	return json_slice(json_field(object, key), &text) && slice_equal(text, wanted);
}

bool fal_read_keys(struct slice body, struct fal_keys *out, const char **out_why)
{
	struct json_reader reader = { 0 };
	const struct json_object *keys = json_field(json_read(&reader, body.data, body.len), "keys");
	struct slice text;

	out->count = 0;
	for (size_t i = 0; i < json_array_count(keys) && out->count < FAL_KEY_COUNT_MAX; i++) {
		const struct json_object *key = json_array_item(keys, i);

		if (is_word(key, "kty", SLICE("OKP")) && is_word(key, "crv", SLICE("Ed25519")) &&
		    json_slice(json_field(key, "x"), &text) && read_key(text, out->keys[out->count]))
			out->count++;
	}
	json_reader_fini(&reader);
	*out_why = "the key set holds no Ed25519 key";
	return out->count > 0;
}

/* --- the signature --- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_signature(struct slice hex, uint8_t out[ED25519_SIGNATURE_BYTES])
{
	if (hex.len != 2 * ED25519_SIGNATURE_BYTES)
		return false;
	for (size_t i = 0; i < ED25519_SIGNATURE_BYTES; i++) {
		int high = hex_digit(hex.data[2 * i]), low = hex_digit(hex.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool read_timestamp(struct slice text, int64_t *out)
{
	char digits[TIMESTAMP_DIGITS_MAX + 1];

	if (!text.len || !slice_copy(text, digits, sizeof digits) || strspn(digits, "0123456789") != text.len)
		return false;
	*out = strtoll(digits, NULL, 10);
	return true;
}

/* A header cannot hold a line end; if one did, two messages would read the same. */
static bool is_id(struct slice text)
{
	return text.len > 0 && text.len <= FAL_ID_BYTES_MAX && !memchr(text.data, '\n', text.len) &&
		!memchr(text.data, '\0', text.len);
}

static void write_message(const struct fal_hook *hook, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	const struct slice lines[] = { hook->request_id, hook->user_id, hook->timestamp };
	struct digest_piece piece = { hook->body.data, hook->body.len };
	uint8_t sum[SHA256_BYTES];
	bool fits = true;

	for (size_t i = 0; i < ARRAY_COUNT(lines); i++)
		fits = fits && buf_append(out, lines[i].data, lines[i].len) && buf_append_string(out, "\n");
	digest_sha256(&piece, 1, sum);
	for (size_t i = 0; i < SHA256_BYTES; i++)
		fits = fits && buf_append(out, (char[]){ digits[sum[i] >> 4], digits[sum[i] & 15] }, 2);
	check(fits);
}

enum fal_hook_result fal_hook_verify(const struct fal_hook *hook, const struct fal_keys *keys, int64_t now_s)
{
	char message[2 * FAL_ID_BYTES_MAX + TIMESTAMP_DIGITS_MAX + 2 * SHA256_BYTES + 8];
	uint8_t signature[ED25519_SIGNATURE_BYTES];
	struct buf signed_text;
	int64_t sent_s;

	if (!is_id(hook->request_id) || !is_id(hook->user_id) ||
	    !read_timestamp(hook->timestamp, &sent_s) || !read_signature(hook->signature, signature))
		return FAL_HOOK_INCOMPLETE;
	if (sent_s < now_s - FAL_CLOCK_S_MAX || sent_s > now_s + FAL_CLOCK_S_MAX)
		return FAL_HOOK_STALE;
	buf_init_fixed(&signed_text, message, sizeof message);
	write_message(hook, &signed_text);
	for (size_t i = 0; i < keys->count; i++)
		if (ed25519_verify(keys->keys[i], message, buf_len(&signed_text), signature))
			return FAL_HOOK_GENUINE;
	return FAL_HOOK_FORGED;
}

/* --- what it tells --- */

/* "Invalid status code: 422" */
static int status_in(const struct json_object *root)
{
	struct slice text = { 0 };
	int status = 0;

	json_slice(json_field(root, "error"), &text);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] >= '1' && text.data[i] <= '5' && strspn(text.data + i, "0123456789") == 3) {
			status = (int)strtol(text.data + i, NULL, 10);
			break;
		}
	return status;
}

bool fal_read_outcome(struct slice body, struct fal_outcome *out, const char **out_why)
{
	struct json_reader reader = { 0 };
	const struct json_object *root = json_read(&reader, body.data, body.len);
	const struct json_object *payload = json_field(root, "payload");
	bool is_ok = is_word(root, "status", SLICE("OK")), is_error = is_word(root, "status", SLICE("ERROR"));
	bool has_id = fal_take(root, "request_id", out->request_id, sizeof out->request_id);
	struct slice none = { 0 };

	out->failed = is_error;
	out->video_url[0] = '\0';
	if (is_ok && !fal_video_of(payload, out->video_url))
		out->video_url[0] = '\0';
	fal_error_of(is_error ? (payload ? payload : root) : NULL, is_error ? status_in(root) : 0, none, &out->error);
	json_reader_fini(&reader);
	*out_why = "no request_id, or a status that is neither OK nor ERROR";
	return has_id && (is_ok || is_error);
}
