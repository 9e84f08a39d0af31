/*
 * made - the files that are made of a call, in SPOOL/CallSid/made: their names, and how they come to be.
 *
 * Place:    media, between the steps: what one writes the next one reads.
 * Usage:    char path[STEP_PATH_BYTES_MAX];
 *           struct made_file f;
 *           if (made_begin(&f, s->made, MADE_CALL_WAV)) write(f.fd, …);  then  made_end(&f) or made_drop(&f)
 * Whole:    a file is written as NAME.part, synced, renamed, and its folder synced: a file that is there is whole.
 * Fails:    false, with errno; made_drop() and whatever failed leave no .part behind, a crash does: made_sweep().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* name, file, content type */
#define MADE_FILES(MADE) \
	MADE(CALL_WAV, "call.wav", "audio/wav")                 /* stereo PCM16 8 kHz, left caller: the master */ \
	MADE(CALL_ULAW_WAV, "call-ulaw.wav", "audio/wav")       /* stereo mu-law, lossless */ \
	MADE(MIX_WAV, "mix.wav", "audio/wav")                   /* mono PCM16 8 kHz */ \
	MADE(VOICE16_WAV, "voice16.wav", "audio/wav")           /* the receptionist alone, PCM16 16 kHz, for fal */ \
	MADE(CALLER_ULAW, "caller.ulaw", "audio/basic")         /* the rebuilt tracks, equally long */ \
	MADE(VOICE_ULAW, "voice.ulaw", "audio/basic") \
	MADE(CAPTIONS_VTT, "captions.vtt", "text/vtt") \
	MADE(CAPTIONS_ASS, "captions.ass", "text/x-ass") \
	MADE(VIDEO_MP4, "video.mp4", "video/mp4") \
	MADE(MADE_JSON, "made.json", "application/json")

enum made {
#define MADE_ENUM(name, ...) MADE_##name,
	MADE_FILES(MADE_ENUM)
#undef MADE_ENUM
	MADE_COUNT
};

const char *made_name(enum made made);
const char *made_type(enum made made);
/* FOLDER/NAME; false: too long. */
bool made_path(char *out, size_t out_bytes, const char *folder, enum made made);
bool made_exists(const char *folder, enum made made);
/* Its length in bytes; -1: not there. */
int64_t made_bytes(const char *folder, enum made made);

struct made_file {
	int fd;
	int folder_fd;
	enum made made;
};

bool made_begin(struct made_file *f, const char *folder, enum made made);
bool made_end(struct made_file *f);
void made_drop(struct made_file *f);
/* For files that another program writes, like ffmpeg: FOLDER/NAME.part, then made_adopt() syncs and renames it. */
bool made_part_path(char *out, size_t out_bytes, const char *folder, enum made made);
bool made_adopt(const char *folder, enum made made);
/* Deletes what a crash left half done. */
void made_sweep(const char *folder);
