/*
 * video - a call's video as it is made here: our picture, the words on it, both voices; by ffmpeg.
 *
 * Place:    media; the backend that needs nobody. The other one is video_fal; step_video chooses.
 * Usage:    enum step_result r = video_local(s);
 * Reads:    made/mix.wav, caller.ulaw, voice.ulaw, captions.ass. Writes made/video.mp4, whole or not at all.
 * Results:  STEP_DONE; STEP_CONFIG (no ffmpeg, or one that lacks what is needed, no font); STEP_AGAIN (the disk is
 *           full, ffmpeg was killed or was too slow); STEP_NEVER (no sound at all); STEP_STOPPED. s->why says which.
 * Cost:     memory does not grow with the call; about a tenth of the call's length on one core.
 */
#pragma once

#include "media/step.h"

/* Whether FFMPEG and VIDEO_FONT can make videos on this host: tried, in a folder of its own below TMPDIR. false: with a
 * sentence. */
bool video_is_well_set(const struct conf *conf, char *why, size_t why_bytes);

enum step_result video_local(struct step *s);
/* For a picture that somebody else made: takes the picture of made/`file` and the call's real sound (mix.wav), makes
 * made/video.mp4 of them. Results as above; STEP_NEVER: `file` is no video. */
enum step_result video_with_sound(struct step *s, const char *file);
