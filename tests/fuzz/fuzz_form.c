/* Any bytes: decoding stays within them, and what was decoded survives being written and read again; a signature
 * over it passes its own check and no other. */
#include "base/buf.h"
#include "base/check.h"
#include "proto/form.h"
#include "proto/signature.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read_again(const struct form *form)
{
	static char text[4 * FORM_BODY_BYTES_MAX];
	static struct form again;
	struct buf out;

	buf_init_fixed(&out, text, sizeof text);
	check(form_write(form, &out));
	form_init(&again);
	if (buf_len(&out) > FORM_BODY_BYTES_MAX)
		return;
	check(form_read(&again, text, buf_len(&out)) == FORM_OK);
	check(again.field_count == form->field_count);
	for (size_t i = 0; i < form->field_count; i++) {
		check(slice_equal(form->fields[i].name, again.fields[i].name));
		check(slice_equal(form->fields[i].value, again.fields[i].value));
	}
}

static void sign_and_check(const struct form *form, struct slice raw)
{
	static char url[FORM_BODY_BYTES_MAX + 64];
	struct slice signed_url;
	char signature[SIGNATURE_BYTES + 1];
	struct buf out;

	buf_init_fixed(&out, url, sizeof url);
	check(buf_append_string(&out, "https://u:p@h:1/p?") && buf_append(&out, raw.data, raw.len));
	signed_url = (struct slice){ url, buf_len(&out) };
	/* What no request line can hold makes no URL; a fragment is not a part of what is signed. */
	bool is_plain = signed_url.len <= SIGNATURE_URL_BYTES_MAX;
	for (size_t i = 0; i < raw.len; i++)
		is_plain &= (unsigned char)raw.data[i] > ' ' && raw.data[i] != 0x7F && raw.data[i] != '#';
	signature_write(signed_url, form, SLICE("k"), signature);
	check(signature_check("k", slice_of(signature), signed_url, form) == is_plain);
	check(!signature_check("j", slice_of(signature), signed_url, form));
	/* Fields with neither name nor value add nothing to what is signed. */
	size_t field_bytes = 0;
	for (size_t i = 0; i < form->field_count; i++)
		field_bytes += form->fields[i].name.len + form->fields[i].value.len;
	check(signature_check_stream("k", slice_of(signature), signed_url) == (is_plain && field_bytes == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct form form;
	char *bytes = malloc(size + 1);

	check(bytes);
	if (size)
		memcpy(bytes, data, size);
	form_init(&form);
	enum form_result result = form_read(&form, bytes, size);
	check((result == FORM_TOO_LONG) == (size > FORM_BODY_BYTES_MAX));
	check(form.field_count <= FORM_FIELD_COUNT_MAX);
	for (size_t i = 0; i < form.field_count; i++) {
		struct slice value = form.fields[i].value;

		check(value.data >= bytes && value.data + value.len <= bytes + size);
	}
	write_and_read_again(&form);
	if (size && size <= FORM_BODY_BYTES_MAX)
		sign_and_check(&form, (struct slice){ (const char *)data, size });
	free(bytes);
	return 0;
}
