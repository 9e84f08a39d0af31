/* Any bytes: the reader stays within them, and what it keeps is text that a log may hold. */
#include "base/check.h"
#include "proto/s3_error.h"
#include "proto/utf8.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t bytes)
{
	size_t len = strnlen(text, bytes);

	check(len < bytes && utf8_is_valid(text, len));
	for (size_t i = 0; i < len; i++)
		check((unsigned char)text[i] >= ' ' && text[i] != 0x7F);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct s3_error error;
	char *bytes = malloc(size ? size : 1);

	check(bytes);
	if (size)
		memcpy(bytes, data, size);
	bool found = s3_error_read((struct slice){ bytes, size }, &error);

	check(!found || *error.code);
#define X(member, element, length) check_text(error.member, sizeof error.member);
	S3_ERROR_FIELDS(X)
#undef X
	free(bytes);
	return 0;
}
