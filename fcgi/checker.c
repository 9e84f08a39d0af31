/*
 * receptionai-webhook-check: what receptionai-webhook --check becomes. A program of its own, for it takes thirty
 * libraries (of libcurl) that a webhook started anew for each request would load for nothing.
 */
#include "base/conf.h"
#include "base/log.h"
#include "fcgi/diagnosis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char usage[] = "usage: receptionai-webhook-check [--ask | --help | --version]\n"
	"What receptionai-webhook --check runs: see receptionai-webhook(8).\n";

static bool is_given(int argc, char **argv, const char *option)
{
	return argc == 2 && strcmp(argv[1], option) == 0;
}

int main(int argc, char **argv)
{
	const bool asks = is_given(argc, argv, "--ask");
	char why[CONF_WHY_BYTES_MAX];
	struct conf conf;
	struct webhook w;

	if (is_given(argc, argv, "--help"))
		return fputs(usage, stdout) < 0;
	if (is_given(argc, argv, "--version"))
		return printf("receptionai-webhook-check %s\n", PACKAGE_VERSION) < 0;
	if (argc > 1 + asks) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	log_open("receptionai-webhook", LOG_ERROR);
	if (!conf_load(&conf, 'W', getenv("RECEPTIONAI_CONF"), why, sizeof why)) {
		fprintf(stderr, "receptionai-webhook: %s\n", why);
		return EX_CONFIG;
	}
	const bool ok = webhook_open(&w, &conf, why, sizeof why);
	int code = ok ? webhook_diagnose(&w, asks) : EX_CONFIG;

	if (!ok)
		fprintf(stderr, "receptionai-webhook: %s\n", why);
	webhook_close(&w);
	conf_close(&conf);
	return code;
}
