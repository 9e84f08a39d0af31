/* Any text: it is refused unless it is, to the letter, a token that we wrote. And input taken as a token's content
 * comes back from writing and checking. */
#include "base/check.h"
#include "proto/token.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_any_text(const struct token_keys *keys, struct slice text)
{
	char again[TOKEN_BYTES_MAX + 1];
	struct token token;
	enum token_result result = token_check(keys, text, 0, &token);

	if (result != TOKEN_OK && result != TOKEN_EXPIRED)
		return;
	if (strlen(token.call_sid) == 0)
		return;
	/* Only the corpus holds such a text; then it has the one spelling. */
	token_write(keys, &token, again);
	check(slice_equal(slice_of(again), text));
}

static void write_and_check(const struct token_keys *keys, const uint8_t *data, size_t size)
{
	char text[TOKEN_BYTES_MAX + 1];
	struct token token = { 0 }, out;

	if (size < 17)
		return;
	memcpy(&token.expires_ms, data, 8);
	memcpy(&token.merchant_id, data + 8, 8);
	memcpy(token.nonce, data, 8);
	for (size_t i = 16; i < size && i - 16 < SID_BYTES_MAX; i++)
		token.call_sid[i - 16] = (char)(data[i] ? data[i] : 1);
	token_write(keys, &token, text);
	check(token_check(keys, slice_of(text), token.expires_ms, &out) == TOKEN_OK);
	check(out.expires_ms == token.expires_ms && out.merchant_id == token.merchant_id);
	check(memcmp(out.nonce, token.nonce, TOKEN_NONCE_BYTES) == 0);
	check(strcmp(out.call_sid, token.call_sid) == 0);
	text[size % strlen(text)] ^= 1;
	check(token_check(keys, slice_of(text), token.expires_ms, &out) != TOKEN_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct token_keys keys;

	token_keys_derive(&keys, "", "12345,old");
	check_any_text(&keys, (struct slice){ (const char *)data, size });
	write_and_check(&keys, data, size);
	return 0;
}
