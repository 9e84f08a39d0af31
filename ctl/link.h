/*
 * link - the connection to the relay's control socket: one command, one answer, then a stream.
 *
 * Place:    ctl, above base only.
 * Usage:    if (!link_open(&l, path, why, sizeof why) || !link_ask(&l, line, why, sizeof why)) say why;
 *           while ((n = link_read(&l, bytes, room)) > 0) ...; link_close(&l)
 * Fails:    false with a sentence: no socket there, not allowed, or what the relay said against it. link_read(): 0 at
 *           the end, -1 when the connection broke.
 * Limits:   LINK_ANSWER_MS for the answer; the stream has no deadline, a call may be quiet.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { LINK_ANSWER_MS = 10000, LINK_LINE_BYTES_MAX = 2048 };

struct link {
	int fd;
};

bool link_open(struct link *l, const char *path, char *why, size_t why_bytes);
/* `line` ends with a newline. */
bool link_ask(struct link *l, const char *line, char *why, size_t why_bytes);
ssize_t link_read(struct link *l, void *out, size_t room);
void link_close(struct link *l);
