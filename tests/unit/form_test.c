#include "tests/unit/unit.h"

#include "base/buf.h"
#include "proto/form.h"

static char bytes[FORM_BODY_BYTES_MAX + 64];
static struct form form;

static enum form_result read_text(const char *text)
{
	size_t len = strlen(text);

	memcpy(bytes, text, len);
	form_init(&form);
	return form_read(&form, bytes, len);
}

static void assert_field(size_t i, const char *name, const char *value)
{
	assert_true(i < form.field_count);
	assert_true(slice_equal(form.fields[i].name, slice_of(name)));
	assert_true(slice_equal(form.fields[i].value, slice_of(value)));
}

static void names_and_values_are_decoded(void **state)
{
	(void)state;
	assert_int_equal(read_text("From=%2B14155550123&FromCity=SAN+FRANCISCO&x%5by%5D=a%3Db%26c=d"), FORM_OK);
	assert_int_equal(form.field_count, 3);
	assert_field(0, "From", "+14155550123");
	assert_field(1, "FromCity", "SAN FRANCISCO");
	assert_field(2, "x[y]", "a=b&c=d");
}

static void empty_values_missing_equals_signs_and_empty_pieces_are_kept_apart(void **state)
{
	(void)state;
	assert_int_equal(read_text("&&a=&b&=c&"), FORM_OK);
	assert_int_equal(form.field_count, 3);
	assert_field(0, "a", "");
	assert_field(1, "b", "");
	assert_field(2, "", "c");
	assert_non_null(form_value(&form, "b").data);
	assert_null(form_value(&form, "none").data);
}

static void duplicates_keep_their_order_and_the_first_one_is_the_value(void **state)
{
	(void)state;
	assert_int_equal(read_text("Digits=2&To=x&Digits=1&Digits=2"), FORM_OK);
	assert_int_equal(form.field_count, 4);
	assert_field(2, "Digits", "1");
	assert_true(slice_equal(form_value(&form, "Digits"), SLICE("2")));
	assert_null(form_value(&form, "digits").data);
}

static void a_broken_percent_encoding_is_refused(void **state)
{
	static const char *const broken[] = { "a=%", "a=%4", "a=%4&b=1", "a=%zz", "%G0=1", "a=%0", "a=b%%20",
		"a=1&b=%-1" };

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		assert_int_equal(read_text(broken[i]), FORM_BROKEN);
}

static void any_byte_may_be_a_value(void **state)
{
	(void)state;
	assert_int_equal(read_text("a=%00%ff\xfe%C3%B1"), FORM_OK);
	assert_true(slice_equal(form_value(&form, "a"), SLICE("\0\xff\xfe\xc3\xb1")));
}

static void too_many_fields_and_too_long_bodies_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORM_FIELD_COUNT_MAX; i++)
		memcpy(bytes + 2 * i, "a&", 2);
	form_init(&form);
	assert_int_equal(form_read(&form, bytes, 2 * FORM_FIELD_COUNT_MAX), FORM_OK);
	assert_int_equal(form.field_count, FORM_FIELD_COUNT_MAX);
	assert_int_equal(form_read(&form, bytes, 1), FORM_TOO_MANY);
	memset(bytes, 'a', sizeof bytes);
	form_init(&form);
	assert_int_equal(form_read(&form, bytes, FORM_BODY_BYTES_MAX), FORM_OK);
	assert_int_equal(form_read(&form, bytes, FORM_BODY_BYTES_MAX + 1), FORM_TOO_LONG);
}

static void a_query_and_a_body_may_fill_one_form(void **state)
{
	char query[] = "a=1", body[] = "b=2";

	(void)state;
	form_init(&form);
	assert_int_equal(form_read(&form, query, 3), FORM_OK);
	assert_int_equal(form_read(&form, body, 3), FORM_OK);
	assert_field(0, "a", "1");
	assert_field(1, "b", "2");
}

static void what_is_written_is_read_back(void **state)
{
	static char every_byte[256], text[4096];
	static struct form written;
	struct buf out;

	(void)state;
	for (int i = 0; i < 256; i++)
		every_byte[i] = (char)i;
	form_init(&written);
	assert_true(form_add(&written, SLICE("a b"), (struct slice){ every_byte, 256 }));
	assert_true(form_add(&written, SLICE("empty"), SLICE("")));
	assert_true(form_add(&written, SLICE("a b"), SLICE("again")));
	buf_init_fixed(&out, text, sizeof text);
	assert_true(form_write(&written, &out));
	form_init(&form);
	assert_int_equal(form_read(&form, text, buf_len(&out)), FORM_OK);
	assert_int_equal(form.field_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(slice_equal(form.fields[i].name, written.fields[i].name));
		assert_true(slice_equal(form.fields[i].value, written.fields[i].value));
	}
}

static void writing_is_spelled_as_browsers_do_and_is_all_or_nothing(void **state)
{
	static struct form written;
	char text[64];
	struct buf out;

	(void)state;
	form_init(&written);
	assert_true(form_add(&written, SLICE("From"), SLICE("+1 (415)")));
	assert_true(form_add(&written, SLICE("X"), SLICE("~*-._")));
	buf_init_fixed(&out, text, 16);
	assert_false(form_write(&written, &out));
	assert_int_equal(buf_len(&out), 0);
	buf_init_fixed(&out, text, sizeof text);
	assert_true(form_write(&written, &out));
	assert_true(slice_equal((struct slice){ text, buf_len(&out) }, SLICE("From=%2B1+%28415%29&X=%7E*-._")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_values_are_decoded),
		cmocka_unit_test(empty_values_missing_equals_signs_and_empty_pieces_are_kept_apart),
		cmocka_unit_test(duplicates_keep_their_order_and_the_first_one_is_the_value),
		cmocka_unit_test(a_broken_percent_encoding_is_refused),
		cmocka_unit_test(any_byte_may_be_a_value),
		cmocka_unit_test(too_many_fields_and_too_long_bodies_are_refused),
		cmocka_unit_test(a_query_and_a_body_may_fill_one_form),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(writing_is_spelled_as_browsers_do_and_is_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
