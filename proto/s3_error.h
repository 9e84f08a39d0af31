/*
 * s3_error - the XML document with which S3 and its kin refuse: code, message, and what helps to mend it.
 *
 * Place:    proto, pure.
 * Usage:    struct s3_error error;
 *           if (s3_error_read((struct slice){ body, len }, &error)) puts(error.code);
 * Reads:    the text of the first <Code>, <Message>, <Region>, <ServerTime> … directly in the root <Error>: tags
 *           with or without attributes and prefix, the five named entities and numeric ones, CDATA. Comments,
 *           declarations and other elements with all that is in them are passed over. A DTD is refused.
 * Fails:    false: not such a document, or it is cut; what was read until there stays. Text that is longer than its
 *           field is cut, at a character's border; control characters become blanks; blanks at the ends go.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>

/* member, element, bytes */
#define S3_ERROR_FIELDS(X) \
	X(code, "Code", 64) \
	X(message, "Message", 200) \
	X(region, "Region", 64) \
	X(endpoint, "Endpoint", 256) \
	X(server_time, "ServerTime", 40) \
	X(request_id, "RequestId", 64)

struct s3_error {
#define X(member, element, bytes) char member[(bytes) + 1];
	S3_ERROR_FIELDS(X)
#undef X
};

bool s3_error_read(struct slice xml, struct s3_error *out);
