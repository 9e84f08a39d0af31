/*
 * write_all - all of the bytes go into a file, however few of them the kernel takes at a time.
 *
 * Place:  media; for files. Blocks.
 * Fails:  0 or -errno; some of the bytes may be written then.
 */
#pragma once

#include <stddef.h>

int write_all(int fd, const void *data, size_t bytes);
