/* receptionai-sim-phone: one spoken call, or (with --calls) the load generator. */
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

int main(int argc, char **argv)
{
	static struct phone_options options;
	int status = EXIT_USAGE;

	switch (phone_options_read(&options, argc, argv)) {
	case PHONE_OPTIONS_RUN:
		status = options.call_count ? load_run(&options) : run_call(&options);
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
