/*
 * assemble - the sound of a call: its spool becomes the files that people and programs can open.
 *
 * Place:    media; above tracks and sounds. The worker's step and receptionai-replay are this, no more.
 * Usage:    struct assembled made;
 *           result = assemble("SPOOL/CAxxx", "SPOOL/CAxxx/made", &watch, &made, why);
 * Makes:    call.wav, call-ulaw.wav, mix.wav, caller.ulaw, voice.ulaw, and made.json with the length and SHA-256 of
 *           each (media/made.h). The same spool gives the same bytes.
 * Fails:    a sentence in `why`; what was not finished is gone, what was there before is still there.
 */
#pragma once

#include "media/sound/tracks.h"

enum assemble_result {
	ASSEMBLE_DONE,
	ASSEMBLE_NOTHING,               /* no sound was kept of this call, or none may be */
	ASSEMBLE_BAD,                   /* the spool cannot be read, now or later */
	ASSEMBLE_DISK,                  /* a file could not be read or written: perhaps later */
	ASSEMBLE_STOPPED,               /* by the watch */
};

/* Asked now and then; false: stop. */
struct assemble_watch {
	bool (*alive)(void *owner, int64_t done_ms, int64_t total_ms);
	void *owner;
};

struct assembled {
	int64_t samples;                /* of each side */
	enum spool_why stopped;         /* as in struct tracks; also `ended` and `damage` */
	bool ended;
	char damage[TRACKS_WHY_BYTES_MAX];
};

enum assemble_result assemble(const char *spool, const char *folder, const struct assemble_watch *watch,
	struct assembled *out, char why[TRACKS_WHY_BYTES_MAX]);
