/* The signature of what we send to merchants' services. */
#include "tests/unit/unit.h"

#include "proto/hook.h"

/* printf '%s' '1730000000.{"tool":"book"}' | openssl dgst -sha256 -hmac whsec_test */
static const char *const vector = "v1=525abbb974803ffe53de315c6723c56df1675feed31572fc92d2edefde0e7d39";

static void the_signature_is_what_openssl_says(void **state)
{
	char signature[HOOK_SIGNATURE_BYTES];

	(void)state;
	hook_sign(SLICE("whsec_test"), 1730000000, SLICE("{\"tool\":\"book\"}"), signature);
	assert_string_equal(signature, vector);
}

static void what_was_signed_verifies_and_nothing_else(void **state)
{
	const struct slice secret = SLICE("whsec_test"), body = SLICE("{\"tool\":\"book\"}");
	char other[HOOK_SIGNATURE_BYTES];

	(void)state;
	assert_true(hook_verify(secret, 1730000000, body, slice_of(vector)));
	assert_false(hook_verify(secret, 1730000001, body, slice_of(vector)));
	assert_false(hook_verify(SLICE("whsec_tesT"), 1730000000, body, slice_of(vector)));
	assert_false(hook_verify(secret, 1730000000, SLICE("{\"tool\":\"booK\"}"), slice_of(vector)));
	assert_false(hook_verify(secret, 1730000000, body, SLICE("")));
	for (size_t i = 0; i + 1 < sizeof other; i++) {
		memcpy(other, vector, sizeof other);
		other[i] ^= 1;
		assert_false(hook_verify(secret, 1730000000, body, slice_of(other)));
		assert_false(hook_verify(secret, 1730000000, body, (struct slice){ vector, i }));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_signature_is_what_openssl_says),
		cmocka_unit_test(what_was_signed_verifies_and_nothing_else),
	};

	return cmocka_run_group_tests_name("hook", tests, NULL, NULL);
}
