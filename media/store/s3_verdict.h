/*
 * s3_verdict - what to do about an answer of S3: the one place where its statuses and codes are sorted.
 *
 * Place:    media, pure.
 * Usage:    switch (s3_verdict(&answer, region, why, sizeof why)) …
 * Rules:    what may pass is tried again (408, 425, 429, 5xx but 501, RequestTimeout, a body that arrived broken); a
 *           clock that is off, after the clock was set right; what only the operator can mend is a matter of settings,
 *           and the sentence says which; what is wrong with this file alone is given up.
 */
#pragma once

#include "proto/s3_error.h"

#include <stddef.h>

#define S3_VERDICTS(X) \
	X(DONE, "done") \
	X(MISSING, "missing")           /* no such object */ \
	X(AGAIN, "again") \
	X(SKEWED, "skewed")             /* our clock: sign with the server's */ \
	X(CONFIG, "config") \
	X(NEVER, "never")

enum s3_verdict {
#define X(name, word) S3_##name,
	S3_VERDICTS(X)
#undef X
};

struct s3_said {
	long status;
	struct s3_error error;          /* zeroed: there was no document, as behind a HEAD */
	const char *bucket_region;      /* the header's; "": none */
	const char *region;             /* that we signed for */
};

const char *s3_verdict_word(enum s3_verdict verdict);
enum s3_verdict s3_verdict(const struct s3_said *said, char *why, size_t why_bytes);
