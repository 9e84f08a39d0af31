/* receptionai-sim-phone: one spoken call; with --calls the load generator; with --serve what callers have left. */
#include "sim/kept.h"
#include "sim/load.h"
#include "sim/phone_call.h"
#include "sim/phone_options.h"
#include "sim/phone_report.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_WELL = 0, EXIT_NOT_WELL = 1, EXIT_USAGE = 2 };

static int run_call(const struct phone_options *options)
{
	static struct phone_call call;
	char why[256];

	if (!phone_call_open(&call, options, why, sizeof why)) {
		fprintf(stderr, "receptionai-sim-phone: %s\n", why);
		return EXIT_USAGE;
	}
	phone_call_run(&call);
	if (options->json)
		phone_report_json(&call, stdout);
	else
		phone_report_text(&call, stdout);
	int status = phone_call_succeeded(&call) ? EXIT_WELL : EXIT_NOT_WELL;

	phone_call_close(&call);
	return status;
}

static int serve(const struct phone_options *o)
{
	return kept_serve(&(struct kept_options){ .listen = o->serve,
		.folder = o->recordings_path,
		.account_sid = o->account_sid,
		.token = o->token,
		.not_ready = o->not_ready });
}

static int run(const struct phone_options *o)
{
	if (o->serve)
		return serve(o);
	return o->call_count ? load_run(o) : run_call(o);
}

int main(int argc, char **argv)
{
	static struct phone_options options;
	int status = EXIT_USAGE;

	switch (phone_options_read(&options, argc, argv)) {
	case PHONE_OPTIONS_RUN:
		status = run(&options);
		break;
	case PHONE_OPTIONS_SHOWN:
		status = EXIT_WELL;
		break;
	case PHONE_OPTIONS_WRONG:
		break;
	}
	phone_options_close(&options);
	return status;
}
