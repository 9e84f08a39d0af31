/*
 * part_file - a file that is there whole, or not at all: written as NAME.part, synced, renamed, its folder synced.
 *
 * Place:    media; below everything that makes files there.
 * Usage:    part_file_open(&f, folder_fd, "captions.vtt"); part_file_put(&f, text, len); …
 *           error = part_file_close(&f);                    the file has its name now, and keeps it over a power cut
 *           part_file_drop(&f);                             instead: nothing of it remains
 * Lifetime: borrows folder_fd until closed or dropped. Both are idempotent, and do nothing to a zeroed struct.
 * Fails:    0 or -errno; the first error is kept, so that only the last answer has to be looked at. A file that failed
 *           is dropped by part_file_close(). What a killed process leaves is a .part, which the next one overwrites.
 * Limits:   a name of PART_FILE_NAME_BYTES_MAX, without a folder.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { PART_FILE_NAME_BYTES_MAX = 64 };

struct part_file {
	FILE *file;                     /* NULL: closed */
	int folder_fd;
	int error;
	char name[PART_FILE_NAME_BYTES_MAX + 1];
};

int part_file_open(struct part_file *f, int folder_fd, const char *name);
void part_file_put(struct part_file *f, const void *data, size_t bytes);
/* Overwrites what stands at the head; what is put next goes to the end again. */
void part_file_put_head(struct part_file *f, const void *data, size_t bytes);
int part_file_close(struct part_file *f);
void part_file_drop(struct part_file *f);
