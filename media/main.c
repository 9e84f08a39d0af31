/* receptionai-worker: the post-call pipeline. Not there yet: it says so, does nothing and fails, so that nobody
 * believes a recording was processed. */
#include <stdio.h>
#include <string.h>

static const char help[] =
	"usage: receptionai-worker [--help | --version]\n"
	"\n"
	"Will turn finished calls into WAV files, a video and uploads. This version holds no\n"
	"worker yet: the program only says so and exits with 1. Calls and transcripts are\n"
	"complete in the database without it.\n";

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(help, stdout) < 0;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts(PACKAGE_STRING) < 0;
	if (argc > 1) {
		fprintf(stderr, "receptionai-worker: %s: no such option; see --help\n", argv[1]);
		return 2;
	}
	fputs("receptionai-worker: not part of this version yet; nothing was processed (see --help)\n", stderr);
	return 1;
}
