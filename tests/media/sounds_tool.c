/* Makes the files of sound of two raw tracks: sounds_tool CALLER VOICE FOLDER. For tests and benchmarks. */
#include "base/check.h"
#include "media/sound/sounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sounds sounds;

static FILE *open_track(const char *path)
{
	FILE *file = fopen(path, "rb");

	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

int main(int argc, char **argv)
{
	static uint8_t caller[SOUNDS_BLOCK], voice[SOUNDS_BLOCK];
	FILE *caller_file, *voice_file;
	size_t n;
	int error;

	if (argc != 4) {
		fputs("usage: sounds_tool CALLER VOICE FOLDER\n", stderr);
		return 2;
	}
	caller_file = open_track(argv[1]);
	voice_file = open_track(argv[2]);
	sounds_begin(&sounds, argv[3]);
	while ((n = fread(caller, 1, sizeof caller, caller_file)) > 0) {
		check(fread(voice, 1, n, voice_file) == n);
		sounds_put(&sounds, caller, voice, n);
	}
	error = sounds_end(&sounds);
	if (error)
		fprintf(stderr, "%s: %s\n", argv[3], strerror(-error));
	fclose(caller_file);
	fclose(voice_file);
	return error ? 1 : 0;
}
