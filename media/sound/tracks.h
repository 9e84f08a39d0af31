/*
 * tracks - both sides of a whole call as two streams of mu-law, equally long: from the spool, as it was heard.
 *
 * Place:    media; above timeline, the only reader of spool folders' audio. Does I/O.
 * Usage:    if (!tracks_open(&t, "SPOOL/CAxxx", why)) …
 *           while ((n = tracks_read(&t, caller, voice, sizeof caller)) > 0) use(caller, voice, n);
 *           tracks_close(&t);
 * Folder:   a call's, with a numbered folder for each stream (receptionai-spool(5)); or one of those alone.
 * Rules:    streams are joined on the wall clock, silence (0xFF) between them and wherever nothing is known. The same
 *           files give the same bytes, whatever the size of the blocks. Sample 0 is the beginning of the first stream.
 *           A log that ends early counts as far as it goes, a folder without a log not at all.
 * Lifetime: holds the files open and their plans in memory until tracks_close(); a zeroed struct may be closed.
 * Fails:    a sentence in `why`; tracks_read() 0 at the end, -errno if a disk does not give what it has.
 * Limits:   TRACKS_PARTS_MAX streams, a day in sum. Memory grows with holes and turns, not with sound.
 */
#pragma once

#include "media/sound/timeline.h"

#include <sys/types.h>

enum { TRACKS_PARTS_MAX = 256, TRACKS_WHY_BYTES_MAX = 512 };

struct tracks_part {
	struct timeline timeline;
	int files[TIMELINE_FILE_COUNT]; /* -1: not there */
	int64_t from;                   /* the sample of the call at which it begins */
	size_t caller_next, voice_next; /* the first items of the plans that were not read to their end */
};

struct tracks {
	struct tracks_part *parts;
	size_t part_count;
	int64_t samples;                /* of each side */
	int64_t at;                     /* the next one to be read */
	enum spool_why stopped;         /* why the end of a stream is missing; SPOOL_WHOLE: it is there */
	bool ended;                     /* each log has its last line */
	char damage[TRACKS_WHY_BYTES_MAX];      /* "", or what of a log could not be read */
};

bool tracks_open(struct tracks *t, const char *folder, char why[TRACKS_WHY_BYTES_MAX]);
void tracks_close(struct tracks *t);
/* The next `samples` at most of each side; how many. */
ssize_t tracks_read(struct tracks *t, uint8_t *caller, uint8_t *voice, size_t samples);
