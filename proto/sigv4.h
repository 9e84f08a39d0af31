/*
 * sigv4 - AWS Signature Version 4 for S3: what is signed, in its one canonical spelling, and the signature.
 *
 * Place:    proto, pure: the time is an argument. The worker's store writes it; tests/media/s3_stub.py checks it.
 * Usage:    struct sigv4_request request = { .method = SLICE("PUT"), .path = slice_of("/a b.mp4"),
 *               .headers = headers, .header_count = 3, .payload_hash = slice_of(hash) };
 *           sigv4_authorize(&key, now_s, &request, &out)            the value of the Authorization header
 *           sigv4_presign(&key, now_s, 600, &request, &out)         the query of a URL that is good for ten minutes
 * Given:    path, names and values as they are, not encoded: the caller puts the same bytes into his request line with
 *           sigv4_encode(). All headers that are to be signed, `host` among them and, to authorize, x-amz-date and
 *           x-amz-content-sha256; what is listed must be sent, once, as it stands here.
 * Fails:    false, and `out` is as it was: no room, no host, a name twice, a name or value that no header can hold,
 *           a time before 1970 or after 9999, a path without its slash.
 * Limits:   SIGV4_FIELD_COUNT_MAX headers, as many query fields, SIGV4_TEXT_BYTES_MAX of canonical text.
 * Rules:    S3's: a path is encoded once and never normalised; names are sorted by name alone; values lose blanks at
 *           their ends and all but one of those within.
 * Source:   docs.aws.amazon.com/AmazonS3/latest/API: sig-v4-header-based-auth, sigv4-query-string-auth.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum { SIGV4_FIELD_COUNT_MAX = 16, SIGV4_TEXT_BYTES_MAX = 24 * 1024, SIGV4_TIME_BYTES = 17, SIGV4_HEX_BYTES = 65 };

struct sigv4_key {
	struct slice access_key, secret;
	struct slice session_token;     /* empty: none. To authorize, list it as x-amz-security-token, too */
	struct slice region, service;
};

struct sigv4_field {
	struct slice name, value;
};

struct sigv4_request {
	struct slice method;
	struct slice path;
	const struct sigv4_field *query;
	size_t query_count;
	const struct sigv4_field *headers;
	size_t header_count;
	struct slice payload_hash;      /* of the body: SHA-256 in hex; or UNSIGNED-PAYLOAD */
};

/* "20130524T000000Z"; false: no such time. */
bool sigv4_time(int64_t time_s, char out[SIGV4_TIME_BYTES]);
/* A-Z a-z 0-9 - . _ ~ stay, in a path / as well; any other byte becomes %XX. */
bool sigv4_encode(struct slice raw, bool is_path, struct buf *out);
/* The canonical request: what is hashed and signed. */
bool sigv4_canonical(const struct sigv4_request *request, struct buf *out);
bool sigv4_authorize(const struct sigv4_key *key, int64_t time_s, const struct sigv4_request *request,
	struct buf *out);
/* `request->query` may hold more fields, like response-content-disposition; its payload hash does not count. */
bool sigv4_presign(const struct sigv4_key *key, int64_t time_s, int64_t expires_s,
	const struct sigv4_request *request, struct buf *out_query);
/* Bytes in lower-case hexadecimal, with a final NUL. */
void sigv4_hex(const uint8_t *bytes, size_t len, char *out);
