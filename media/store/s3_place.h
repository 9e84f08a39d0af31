/*
 * s3_place - where a bucket is: the host that is asked, and the path in front of a key.
 *
 * Place:    media, pure.
 * Usage:    if (s3_place_find(&place, &settings, why, sizeof why)) …   place.base + key is the object's URL
 * Auto:     virtual at Amazon's and Tigris' (younger buckets of both want it), if the bucket's name can be a host's
 *           label: with a dot in it no certificate would match. Else in the path, which everybody else understands.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum { S3_HOST_BYTES_MAX = 320, S3_PATH_BYTES_MAX = 512 };

enum s3_addressing { S3_AUTO, S3_PATH, S3_VIRTUAL };

struct s3_settings {
	const char *endpoint;           /* "": Amazon's */
	const char *region;
	const char *bucket;
	enum s3_addressing addressing;
};

struct s3_place {
	char host[S3_HOST_BYTES_MAX];   /* as the Host header says it: lower case, without the scheme's own port */
	char path[S3_PATH_BYTES_MAX];   /* in front of the key: "/" or "/bucket/", not encoded */
	char base[S3_HOST_BYTES_MAX + S3_PATH_BYTES_MAX + 16];  /* "https://HOST/PATH/" */
	bool is_virtual;
};

/* false, with a sentence: the endpoint is no URL, or the bucket's name cannot be one. */
bool s3_place_find(struct s3_place *place, const struct s3_settings *settings, char *why, size_t why_bytes);
