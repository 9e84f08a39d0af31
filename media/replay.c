/* receptionai-replay: the sound of a recorded call, made anew from its spool. */
#include "base/check.h"
#include "media/sound/assemble.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
	"usage: receptionai-replay [--out DIR] SPOOLDIR\n"
	"\n"
	"Makes the sound of a recorded call anew from its spool, byte for byte as the worker made it:\n"
	"call.wav (the caller left, the receptionist right, as they were heard), call-ulaw.wav, mix.wav,\n"
	"caller.ulaw, voice.ulaw and made.json with their lengths and SHA-256.\n"
	"\n"
	"  SPOOLDIR     a call's folder in RECEPTIONAI_SPOOL, or one numbered folder in it\n"
	"  --out DIR    where to, instead of SPOOLDIR/made; it is made if need be\n"
	"  --help       this text\n"
	"  --version    the version\n"
	"\n"
	"Exit code: 0 done, 1 it could not be done (stderr says why), 2 wrong usage, 3 there is no sound.\n";

enum { PATH_BYTES_MAX = 4096, PROGRESS_STEP_MS = 60 * 1000 };

enum exit_code { DONE, FAILED, MISUSED, NOTHING };

static int complain(enum exit_code code, const char *what, const char *why)
{
	fprintf(stderr, "receptionai-replay: %s: %s%s\n", what, why, code == MISUSED ? "; see --help" : "");
	return code;
}

/* A line that is written over, for who waits at a terminal. */
static bool show(void *owner, int64_t done_ms, int64_t total_ms)
{
	int64_t *shown_ms = owner;

	if (isatty(STDERR_FILENO) && done_ms - *shown_ms >= PROGRESS_STEP_MS) {
		fprintf(stderr, "\r%lld of %lld minutes ", (long long)(done_ms / 60000), (long long)(total_ms / 60000));
		*shown_ms = done_ms;
	}
	return true;
}

static int replay(const char *spool, const char *out)
{
	int64_t shown_ms = 0;
	const struct assemble_watch watch = { show, &shown_ms };
	char why[TRACKS_WHY_BYTES_MAX];
	struct assembled made;
	enum assemble_result result;

	if (mkdir(out, 0750) != 0 && errno != EEXIST)
		return complain(FAILED, out, strerror(errno));
	result = assemble(spool, out, &watch, &made, why);
	if (shown_ms)
		fputc('\n', stderr);
	if (result == ASSEMBLE_NOTHING)
		return complain(NOTHING, spool, why);
	if (result != ASSEMBLE_DONE)
		return complain(FAILED, spool, why);
	if (made.damage[0])
		complain(DONE, spool, made.damage);
	if (!made.ended)
		complain(DONE, spool, "the log has no end: what there is was taken");
	if (made.stopped != SPOOL_WHOLE)
		complain(DONE, spool, spool_why_sentence(made.stopped));
	printf("%s  %lld.%03lld s\n", out, (long long)(made.samples / 8000), (long long)(made.samples / 8 % 1000));
	return fflush(stdout) == 0 ? DONE : FAILED;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "out", required_argument, NULL, 'o' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' }, { 0 },
	};
	char made[PATH_BYTES_MAX];
	const char *out = NULL;

	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'h')
			return fputs(usage, stdout) < 0;
		if (c == 'V')
			return puts(PACKAGE_STRING) < 0;
		if (c != 'o')
			return complain(MISUSED, argv[optind - 1], "no such option, or a value is missing");
		out = optarg;
	}
	if (optind + 1 != argc)
		return complain(MISUSED, "usage", optind < argc ? "one folder at a time" : "which folder?");
	int len = snprintf(made, sizeof made, "%s/made", argv[optind]);

	if (len < 0 || (size_t)len >= sizeof made)
		return complain(FAILED, argv[optind], strerror(ENAMETOOLONG));
	return replay(argv[optind], out ? out : made);
}
