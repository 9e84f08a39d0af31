/*
 * receptionai-sim-fal - plays fal.ai: queue, storage, key set, webhooks, platform API, on one port.
 *
 * One thread polls all sockets; what is due by the clock is looked after in between. A webhook has a child process.
 * SIGTERM and SIGINT end the program with 0, or 3 if a client did what fal.ai would not stand.
 */
#include "base/check.h"
#include "base/clock.h"
#include "sim/fal_house.h"
#include "sim/net.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_VIOLATIONS = 3, WAIT_MS_MAX = 60000 };

static const char program[] = "receptionai-sim-fal";
static volatile sig_atomic_t is_over;

enum choice { LISTEN = 1, KEY, USER, VIDEO, LEDGER, QUEUE_MS, WORK_MS, HOOK_VIA, HOOK_RETRY_MS, FAULT, FAULT_ORDERS,
	SHOW_HELP, SHOW_VERSION };

static const struct option options[] = {
	{ "listen", required_argument, NULL, LISTEN },
	{ "key", required_argument, NULL, KEY },
	{ "user", required_argument, NULL, USER },
	{ "video", required_argument, NULL, VIDEO },
	{ "ledger", required_argument, NULL, LEDGER },
	{ "queue-ms", required_argument, NULL, QUEUE_MS },
	{ "work-ms", required_argument, NULL, WORK_MS },
	{ "hook-via", required_argument, NULL, HOOK_VIA },
	{ "hook-retry-ms", required_argument, NULL, HOOK_RETRY_MS },
	{ "fault", required_argument, NULL, FAULT },
	{ "fault-orders", required_argument, NULL, FAULT_ORDERS },
	{ "help", no_argument, NULL, SHOW_HELP },
	{ "version", no_argument, NULL, SHOW_VERSION },
	{ 0 },
};

static void print_help(void)
{
	puts("usage: receptionai-sim-fal --video FILE [OPTION ...]\n\n"
	     "Plays fal.ai: takes orders, works on them for a while, and hands out FILE as the video. The first"
		" line on\n"
	     "stdout tells the origin to use for FAL_URL, FAL_REST_URL and (with /v1) FAL_API_URL.\n\n"
	     "  --listen HOST:PORT     where (127.0.0.1:0, a free port)\n"
	     "  --key KEY              the API key that clients must show (any)\n"
	     "  --user ID              the user id in webhooks (github|1001)\n"
	     "  --video FILE           the MP4 file that every order ends with\n"
	     "  --ledger FILE          append a line for everything that happens\n"
	     "  --queue-ms MS          time in the queue (100)\n"
	     "  --work-ms MS           time of work (200)\n"
	     "  --hook-via URL         deliver webhooks to host and port of URL, whatever theirs is\n"
	     "  --hook-retry-ms MS     first wait before a webhook is tried again (1000); up to eight times that\n"
	     "  --fault NAME[:ARG]     misbehave; may be given several times\n"
	     "  --fault-orders N       only the first N orders meet the faults (0: all)\n\nFaults:");
	fal_fault_help(stdout);
	puts("\nExit status: 0 ended by a signal; 1 it cannot start; 2 wrong usage; 3 a client broke a rule.");
}

static bool complain(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program, what, why);
	return false;
}

static bool read_ms(const char *text, uint64_t *out)
{
	char *end;
	const unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || value > 86400000)
		return complain(text, "a number from 0 to 86400000 is wanted");
	*out = value;
	return true;
}

static bool take_option(int option, const char *value, struct fal_plan *plan, const char **address)
{
	uint64_t number = 0;
	char why[200];

	switch (option) {
	case LISTEN:
		*address = value;
		return true;
	case KEY:
		plan->key = value;
		return true;
	case USER:
		plan->user = value;
		return true;
	case VIDEO:
		plan->video = value;
		return true;
	case LEDGER:
		plan->ledger = value;
		return true;
	case HOOK_VIA:
		plan->hook_via = value;
		return true;
	case QUEUE_MS:
		return read_ms(value, &plan->queue_ms);
	case WORK_MS:
		return read_ms(value, &plan->work_ms);
	case HOOK_RETRY_MS:
		return read_ms(value, &plan->hook_retry_ms);
	case FAULT_ORDERS:
		if (!read_ms(value, &number))
			return false;
		plan->fault_orders = (uint32_t)number;
		return true;
	case FAULT:
		return fal_fault_parse(&plan->faults, value, why, sizeof why) || complain("--fault", why);
	}
	return false;
}

/* -1: run; else the exit code. */
static int read_options(int argc, char **argv, struct fal_plan *plan, const char **address)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == SHOW_HELP || option == SHOW_VERSION) {
			if (option == SHOW_HELP)
				print_help();
			else
				puts(PACKAGE_STRING);
			return EXIT_SUCCESS;
		}
		if (!take_option(option, optarg, plan, address))
			return 2;
	}
	if (optind < argc) {
		complain(argv[optind], "no such option; see --help");
		return 2;
	}
	if (!*plan->video || access(plan->video, R_OK) != 0) {
		complain("--video", "a file that can be read is wanted");
		return 2;
	}
	return -1;
}

static int listen_at(const char *address, struct fal_plan *plan)
{
	char host[256], port[8];
	uint16_t bound = 0;

	if (!net_address_split(address, host, sizeof host, port, sizeof port)) {
		complain(address, "HOST:PORT is wanted");
		return -1;
	}
	const int fd = net_listen(host, port, &bound);

	if (fd < 0)
		complain(address, strerror(-fd));
	else
		snprintf(plan->origin, sizeof plan->origin, "http://%s:%u", *host ? host : "127.0.0.1", bound);
	return fd;
}

static void end(int number)
{
	(void)number;
	is_over = 1;
}

static void handle(void *context, const struct fal_request *request, struct fal_response *out)
{
	fal_house_handle(context, request, out);
}

static void run(struct fal_house *house, struct fal_http *http)
{
	struct pollfd polls[FAL_HTTP_CONNECTIONS_MAX + 1];

	while (!is_over) {
		uint64_t now_ms = clock_mono_ms(), due_ms = fal_house_due_ms(house), other_ms;
		const size_t count = fal_http_polls(http, polls, now_ms);

		other_ms = fal_http_due_ms(http);
		if (other_ms < due_ms)
			due_ms = other_ms;
		const uint64_t wait_ms = due_ms <= now_ms ? 0 : due_ms - now_ms;
		const int ready = poll(polls, count, (int)(wait_ms < WAIT_MS_MAX ? wait_ms : WAIT_MS_MAX));

		now_ms = clock_mono_ms();
		fal_house_tick(house, now_ms);
		if (ready > 0)
			fal_http_turn(http, polls, count, now_ms);
	}
}

int main(int argc, char **argv)
{
	struct fal_plan plan = { .key = "", .user = "github|1001", .hook_via = "", .video = "", .ledger = "",
		.queue_ms = 100, .work_ms = 200, .hook_retry_ms = 1000 };
	const char *address = "127.0.0.1:0";
	struct fal_house *house = calloc(1, sizeof *house);
	char why[300];
	const int code = read_options(argc, argv, &plan, &address);

	check(house);
	if (code >= 0) {
		free(house);
		return code;
	}
	const int fd = listen_at(address, &plan);

	if (fd < 0)
		return EXIT_FAILURE;
	if (!fal_house_open(house, &plan, why, sizeof why)) {
		complain("--ledger", why);
		return EXIT_FAILURE;
	}
	/* Nobody waits for the children. */
	(void)sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	(void)sigaction(SIGTERM, &(struct sigaction){ .sa_handler = end }, NULL);
	(void)sigaction(SIGINT, &(struct sigaction){ .sa_handler = end }, NULL);
	printf("listening on %s\n", plan.origin);
	fflush(stdout);
	struct fal_http *http = fal_http_open(fd, handle, house);

	run(house, http);
	const int violations = house->violation_count;

	fal_http_close(http);
	fal_house_close(house);
	free(house);
	(void)close(fd);
	return violations ? EXIT_VIOLATIONS : EXIT_SUCCESS;
}
