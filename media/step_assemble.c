/* What is done first for a call: its sound. */
#include "media/sound/assemble.h"
#include "media/step.h"

#include "base/log.h"

#define BROKEN_OFF "broken-off"         /* nobody ended the recording: the relay was killed */

static bool alive(void *owner, int64_t done_ms, int64_t total_ms)
{
	step_progress(owner, done_ms, total_ms);
	return step_alive(owner);
}

static void note_media(struct step *s, const struct assembled *made)
{
	const char *stopped = spool_why_word(made->stopped);

	s->media.recording_ms = made->samples / ULAW_BYTES_PER_MS;
	if (made->stopped == SPOOL_WHOLE && !made->ended)
		stopped = BROKEN_OFF;
	(void)slice_copy(slice_of(stopped), s->media.recording_stopped, sizeof s->media.recording_stopped);
}

enum step_result step_assemble(struct step *s)
{
	const struct assemble_watch watch = { alive, s };
	struct assembled made;
	char why[TRACKS_WHY_BYTES_MAX];

	switch (assemble(s->folder, s->made, &watch, &made, why)) {
	case ASSEMBLE_DONE:
		note_media(s, &made);
		if (made.damage[0])
			log_warn("spool damaged call=%s: %s", s->job.call_sid, made.damage);
		return STEP_DONE;
	case ASSEMBLE_NOTHING:
		return step_fail(s, STEP_NOTHING, "%s", why);
	case ASSEMBLE_BAD:
		return step_fail(s, STEP_NEVER, "%s", why);
	case ASSEMBLE_DISK:
		return step_fail(s, STEP_AGAIN, "%s", why);
	case ASSEMBLE_STOPPED:
		return STEP_STOPPED;
	}
	return STEP_NEVER;
}
