/*
 * receptionai-worker: what is done for calls that are over. As a daemon it is a finder and WORKER_JOBS processes that
 * take jobs; with --once or --call it is one process that does both and ends when nothing is due.
 */
#include "base/beat.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/crew.h"
#include "media/commands.h"
#include "media/finder.h"
#include "media/link.h"
#include "media/stop.h"
#include "media/store/store.h"

#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* Whatever a process does, it beats every second or so; but the finder may have to wait for answers of a store. */
enum { STALL_S = 300 };

static const char *const program = "receptionai-worker";

/* long name, letter, argument (no, a word, or an optional one), help */
#define OPTIONS(OPTION) \
	OPTION("once", 'o', no_argument, "", "do what is due, then exit; what waits a minute at most is waited for") \
	OPTION("call", 'c', required_argument, " SID", "the same, for one call only") \
	OPTION("retry", 'r', optional_argument, "[=SID]", "give jobs that were given up all their attempts anew") \
	OPTION("link", 'l', required_argument, " SID", "print URLs of a call's files that work in a browser") \
	OPTION("seconds", 's', required_argument, " N", "for how long they are to work; 600") \
	OPTION("prune", 'p', no_argument, "", "delete what merchants want kept no longer") \
	OPTION("dry-run", 'n', no_argument, "", "say what would be done, and do nothing") \
	OPTION("check-config", 'k', no_argument, "", "check and print the settings, then exit") \
	OPTION("help", 'h', no_argument, "", "this text") \
	OPTION("version", 'v', no_argument, "", "the version")

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: %s [--once | --call SID | --retry[=SID] | --link SID [--seconds N] |\n"
		"       [--prune] --dry-run | --prune | --check-config]\n"
		"Turns calls that are over into recordings, videos and links in the database.\n\n", program);
#define OPTION_LINE(name, letter, argument, shown, help) fprintf(out, "  --%-18s %s\n", name shown, help);
	OPTIONS(OPTION_LINE)
#undef OPTION_LINE
	fprintf(out,
		"\nExit status: 0 all is done; %d something was given up or waits for a setting; %d something is\n"
		"left for later; %d wrong usage; %d wrong settings.\n\n",
		COMMAND_DEAD, COMMAND_LATER, COMMAND_USAGE, EX_CONFIG);
	conf_help(out, 'K');
}

struct options {
	bool once, retry, prune, dry_run, check_config;
	const char *call_sid;           /* NULL: all */
	bool link;
	long link_s;
};

static void refuse(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s; see --help\n", program, what, why);
	exit(COMMAND_USAGE);
}

static void take_sid(struct options *o, const char *sid)
{
	if (!found_is_sid(sid))
		refuse(sid, "not a call's name, which is CA and letters, digits, - and _");
	o->call_sid = sid;
}

static long take_seconds(const char *text)
{
	char *end;
	const long seconds = strtol(text, &end, 10);

	if (end == text || *end || seconds < 1 || seconds > STORE_LINK_S_MAX)
		refuse(text, "not a number of seconds, of at most a week");
	return seconds;
}

static void take_option(struct options *o, int letter)
{
	switch (letter) {
	case 'o':
		o->once = true;
		break;
	case 'c':
		o->once = true;
		take_sid(o, optarg);
		break;
	case 'r':
		o->retry = true;
		if (optarg)
			take_sid(o, optarg);
		break;
	case 'l':
		o->link = true;
		take_sid(o, optarg);
		break;
	case 's':
		o->link_s = take_seconds(optarg);
		break;
	case 'p':
		o->prune = true;
		break;
	case 'n':
		o->dry_run = true;
		break;
	case 'k':
		o->check_config = true;
		break;
	case 'h':
		usage(stdout);
		exit(EX_OK);
	case 'v':
		printf("%s %s\n", program, PACKAGE_VERSION);
		exit(EX_OK);
	default:
		fprintf(stderr, "%s: see --help\n", program);
		exit(COMMAND_USAGE);
	}
}

static struct options parse_options(int argc, char **argv)
{
#define OPTION_ROW(name, letter, argument, shown, help) { name, argument, NULL, letter },
	static const struct option table[] = { OPTIONS(OPTION_ROW) { NULL, 0, NULL, 0 } };
#undef OPTION_ROW
	struct options options = { .link_s = LINK_S };

	for (int c; (c = getopt_long(argc, argv, "", table, NULL)) != -1;)
		take_option(&options, c);
	/* --retry SID, as people write it. */
	if (optind < argc && options.retry && !options.call_sid)
		take_sid(&options, argv[optind++]);
	if (optind < argc)
		refuse(argv[optind], "no such argument");
	/* What --prune would do is asked with both. */
	if (options.once + options.retry + options.link + options.check_config + (options.dry_run || options.prune) > 1)
		refuse("--once, --call, --retry, --link, --prune, --dry-run and --check-config",
			"only one of them at a time");
	return options;
}

/* --- the daemon ------------------------------------------------------------------------------------ */

static int find(struct work *w)
{
	static struct finder finder;

	finder_open(&finder, w);
	while (!stop_asked()) {
		beat(clock_mono_ms());
		finder_turn(&finder);
		(void)stop_wait(WORK_LOOK_MS, finder.open_count < FINDER_OPEN_MAX ? finder.watch_fd : -1);
	}
	finder_close(&finder);
	return EX_OK;
}

static int take_jobs(struct work *w)
{
	while (!stop_asked()) {
		beat(clock_mono_ms());
		if (work_one(w, SLICE("")) != WORK_DID)
			(void)stop_wait(WORK_LOOK_MS, -1);
	}
	return EX_OK;
}

/* The finder is the crew's first process. */
static int serve(void *context, unsigned index)
{
	static struct work work;
	int code;

	stop_catch();
	work_init(&work, context, DB_CREATE);
	log_info("worker ready role=%s version=%s", index ? "jobs" : "finder", PACKAGE_VERSION);
	code = index ? take_jobs(&work) : find(&work);
	work_fini(&work);
	return code;
}

/* A restart is how an operator says that the settings are right now. */
static int serve_all(struct conf *conf)
{
	static struct work work;

	work_init(&work, conf, DB_CREATE);
	if (!work_db(&work)) {
		work_fini(&work);
		return EX_UNAVAILABLE;
	}
	(void)work_db_fault(&work, "kinds-unpark", db_kinds_unpark(work.db));
	work_fini(&work);
	return crew_run("worker", 1 + (unsigned)conf_int(conf, WORKER_JOBS), STALL_S, serve, conf);
}

/* What root makes in a folder of the service's the service could not write to, nor delete. */
static bool is_intruder(const char *spool)
{
	struct stat folder;

	if (geteuid() != 0 || stat(spool, &folder) != 0 || folder.st_uid == 0)
		return false;
	const struct passwd *owner = getpwuid(folder.st_uid);

	fprintf(stderr, "%s: %s belongs to %s: run this as that user, not as root: sudo -u %s %s ...\n", program, spool,
		owner ? owner->pw_name : "another user", owner ? owner->pw_name : "USER", program);
	return true;
}

static int run(struct conf *conf, const struct options *o)
{
	const struct slice call_sid = o->call_sid ? slice_of(o->call_sid) : SLICE("");

	if (o->check_config)
		return command_check(conf);
	if (o->link)
		return command_link(conf, o->call_sid, o->link_s);
	if (o->prune)
		return command_prune(conf, o->dry_run);
	if (o->dry_run)
		return command_dry_run(conf, call_sid);
	if (o->retry)
		return command_retry(conf, call_sid);
	if (is_intruder(conf_text(conf, RECEPTIONAI_SPOOL)))
		return EX_NOPERM;
	return o->once ? command_once(conf, call_sid) : serve_all(conf);
}

static void open_log(const struct conf *conf)
{
	enum log_level level = LOG_INFO;

	check(log_level_parse(conf_text(conf, LOG_LEVEL), &level));
	log_open(program, level);
}

int main(int argc, char **argv)
{
	const struct options options = parse_options(argc, argv);
	char why[CONF_WHY_BYTES_MAX];
	struct conf conf;

	if (!conf_load(&conf, 'K', getenv("RECEPTIONAI_CONF"), why, sizeof why)) {
		fprintf(stderr, "%s: %s\n", program, why);
		return EX_CONFIG;
	}
	open_log(&conf);
	if (!conf_text(&conf, RECEPTIONAI_SPOOL)[0] && !options.prune) {
		fprintf(stderr, "%s: RECEPTIONAI_SPOOL is empty: nothing is recorded, so there is nothing to do\n",
			program);
		conf_close(&conf);
		return EX_CONFIG;
	}
	const int code = run(&conf, &options);

	conf_close(&conf);
	return code;
}
