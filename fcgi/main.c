/*
 * receptionai-webhook: a FastCGI responder that a web server starts (its socket is fd 0) or reaches by --socket, and,
 * from the same binary, a plain CGI program. One process serves one request after the other; several share a socket,
 * started by a web server or by --processes.
 *
 * Signals are blocked except while a process waits for work, so a request is always finished. A request that stalls
 * (a peer that connects and stays silent) is cut off after REQUEST_S_MAX seconds.
 */
#include "base/beat.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crew.h"
#include "base/log.h"
#include "base/notify.h"
#include "fcgi/answer.h"
#include "fcgi/listen.h"
#include "fcgi/request.h"
#include "fcgi/webhook.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

enum { REQUEST_S_MAX = 10, BEAT_S = 10, STALL_S = 60, USAGE_CODE = 2 };

static const char *const program = "receptionai-webhook";
static volatile sig_atomic_t stopping;

/* Memory of the one request at a time. */
static FCGX_Request fcgi;
static struct request request;
static struct answer answer;

struct options {
	const char *socket;             /* NULL: fd 0 */
	mode_t socket_mode;
	unsigned process_count;
	bool check_config, check, asks;
};

struct work {
	struct webhook *webhook;
	int fd;
};

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

static void on_stall(int signal_number)
{
	(void)signal_number;
	/* Wakes libfcgi from whatever it reads or writes. */
	if (fcgi.ipcFd >= 0)
		shutdown(fcgi.ipcFd, SHUT_RDWR);
}

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: %s [--socket PATH|HOST:PORT] [--socket-mode OCTAL] [--processes N]\n"
		"       %s --check-config | --check [--ask]\n"
		"Answers Twilio's voice webhooks, as a FastCGI responder or a CGI program that a web server starts.\n\n"
		"  --socket ADDRESS     wait for web servers on this socket instead of fd 0; :PORT is loopback\n"
		"  --socket-mode OCTAL  permissions of the socket's path (default 0660)\n"
		"  --processes N        serve the socket with N processes, up to 64 (default 1)\n"
		"  --check-config       check and print the settings, then exit\n"
		"  --check              try out this set-up, say what to change, then exit\n"
		"  --ask                with --check: ask Twilio about the account and the merchants' numbers, too\n"
		"  --help, --version\n\n", program, program);
	conf_help(out, 'W');
}

static unsigned parse_number(const char *option, const char *text, int base, unsigned least, unsigned most)
{
	char *end;
	unsigned long number = strtoul(text, &end, base);

	if (!*text || *end || number < least || number > most) {
		fprintf(stderr,
			base == 8 ? "%s: --%s %s: must be octal, %o to %04o\n" : "%s: --%s %s: must be %u to %u\n",
			program, option, text, least, most);
		exit(USAGE_CODE);
	}
	return (unsigned)number;
}

static struct options parse_options(int argc, char **argv)
{
	static const struct option table[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "socket-mode", required_argument, NULL, 'm' },
		{ "processes", required_argument, NULL, 'p' },
		{ "check-config", no_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "ask", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .socket_mode = 0660, .process_count = 1 };

	for (int c; (c = getopt_long(argc, argv, "", table, NULL)) != -1;) {
		switch (c) {
		case 's':
			options.socket = optarg;
			break;
		case 'm':
			options.socket_mode = parse_number("socket-mode", optarg, 8, 0, 0777);
			break;
		case 'p':
			options.process_count = parse_number("processes", optarg, 10, 1, CREW_COUNT_MAX);
			break;
		case 'c':
			options.check_config = true;
			break;
		case 'k':
			options.check = true;
			break;
		case 'a':
			options.asks = true;
			break;
		case 'h':
			usage(stdout);
			exit(EX_OK);
		case 'v':
			printf("%s %s\n", program, PACKAGE_VERSION);
			exit(EX_OK);
		default:
			fprintf(stderr, "%s: see --help\n", program);
			exit(USAGE_CODE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: %s: no such argument; see --help\n", program, argv[optind]);
		exit(USAGE_CODE);
	}
	if (options.asks && !options.check) {
		fprintf(stderr, "%s: --ask goes with --check\n", program);
		exit(USAGE_CODE);
	}
	return options;
}

/* A request line is a CGI program's whole log; the web server keeps its stderr. */
static void open_log(const struct conf *conf)
{
	enum log_level level = LOG_INFO;

	check(log_level_parse(conf_text(conf, LOG_LEVEL), &level));
	log_open(program, level);
}

static void catch_signals(void)
{
	struct sigaction stop = { .sa_handler = on_stop }, stall = { .sa_handler = on_stall };
	sigset_t blocked;

	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGUSR1, &stop, NULL);  /* how FastCGI's specification asks for an orderly end */
	sigaction(SIGALRM, &stall, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
}

/* The only wait that may last, and the only place where a stop is heard. */
static bool wait_for_connection(int fd)
{
	struct pollfd listening = { .fd = fd, .events = POLLIN };
	const struct timespec a_while = { .tv_sec = BEAT_S };
	sigset_t none;

	sigemptyset(&none);
	while (!stopping) {
		int n = ppoll(&listening, 1, &a_while, &none);

		beat(clock_mono_ms());
		if (n > 0)
			return (listening.revents & (POLLERR | POLLNVAL)) == 0;
		if (n < 0 && errno != EINTR)
			return false;
	}
	return false;
}

static void serve_request(struct webhook *w)
{
	const struct source source = { fcgi.envp, fcgi.in };

	webhook_handle(w, &source, &request, &answer);
	if (!answer_send(&answer, fcgi.out, request.method == METHOD_HEAD))
		log_warn("webhook unheard status=%d: the web server went away", answer.status);
}

/* Accepts what is there, if another process was not faster. */
static void serve_connection(struct webhook *w)
{
	alarm(REQUEST_S_MAX);
	if (FCGX_Accept_r(&fcgi) == 0) {
		serve_request(w);
		/* A process that serves one request at a time must not be held by an idle connection. */
		fcgi.keepConnection = 0;
		FCGX_Finish_r(&fcgi);
	}
	alarm(0);
}

static int serve(void *context, unsigned index)
{
	const struct work *work = context;
	int fd = work->fd;
	int flags = fcntl(fd, F_GETFL);

	(void)index;
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || FCGX_Init() != 0
		|| FCGX_InitRequest(&fcgi, fd, 0) != 0) {
		log_error("webhook cannot listen on fd %d: %s", fd, strerror(errno));
		return EX_OSERR;
	}
	catch_signals();
	work->webhook->is_staying = true;
	/* Before the first caller, so that his number is known even if the database is gone by then. */
	(void)webhook_db(work->webhook);
	log_info("webhook ready version=%s", PACKAGE_VERSION);
	while (wait_for_connection(fd))
		serve_connection(work->webhook);
	if (!stopping)
		log_error("webhook lost its socket: %s", strerror(errno));
	log_info("webhook stopped");
	return stopping ? EX_OK : EX_OSERR;
}

static int serve_cgi(struct webhook *w)
{
	extern char **environ;
	const struct source source = { environ, NULL };

	alarm(REQUEST_S_MAX);
	webhook_handle(w, &source, &request, &answer);
	bool sent = answer_send(&answer, NULL, request.method == METHOD_HEAD);
	request_drain(&request, &source);
	return sent ? EX_OK : EX_IOERR;
}

static int serve_socket(struct webhook *w, int fd, unsigned process_count)
{
	struct work work = { w, fd };

	if (process_count > 1)
		return crew_run("webhook", process_count, STALL_S, serve, &work);
	notify_send("READY=1");
	return serve(&work, 0);
}

static int run(struct webhook *w, const struct options *options)
{
	char why[CONF_WHY_BYTES_MAX];

	if (options->socket) {
		int fd = listen_open(options->socket, options->socket_mode, why, sizeof why);

		if (fd >= 0)
			return serve_socket(w, fd, options->process_count);
		fprintf(stderr, "%s: %s\n", program, why);
		return EX_UNAVAILABLE;
	}
	if (!FCGX_IsCGI())
		return serve_socket(w, STDIN_FILENO, options->process_count);
	if (getenv("REQUEST_METHOD"))
		return serve_cgi(w);
	fprintf(stderr, "%s: started neither by a web server nor with --socket; see --help\n", program);
	return USAGE_CODE;
}

/* --check is a program of its own: beside this one where it was built, in its place where it is installed. */
static int try_out(bool asks)
{
	static char checker[] = "receptionai-webhook-check", ask[] = "--ask";
	char *arguments[] = { checker, asks ? ask : NULL, NULL };
	char beside[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", beside, sizeof beside - sizeof checker - 1);

	while (len > 0 && beside[len - 1] != '/')
		len--;
	if (len > 0) {
		memcpy(beside + len, checker, sizeof checker);
		execv(beside, arguments);
	}
	execv(PKG_LIBEXECDIR "/receptionai-webhook-check", arguments);
	fprintf(stderr, "%s: " PKG_LIBEXECDIR "/%s: %s\n", program, checker, strerror(errno));
	return EX_UNAVAILABLE;
}

int main(int argc, char **argv)
{
	struct options options = parse_options(argc, argv);
	char why[CONF_WHY_BYTES_MAX];
	struct conf conf;
	struct webhook w;
	int code = EX_OK;

	if (options.check)
		return try_out(options.asks);
	if (!conf_load(&conf, 'W', getenv("RECEPTIONAI_CONF"), why, sizeof why)) {
		fprintf(stderr, "%s: %s\n", program, why);
		return EX_CONFIG;
	}
	open_log(&conf);
	if (!webhook_open(&w, &conf, why, sizeof why)) {
		fprintf(stderr, "%s: %s\n", program, why);
		code = EX_CONFIG;
	} else if (options.check_config) {
		conf_print(&conf, stdout, 'W');
	} else {
		code = run(&w, &options);
	}
	webhook_close(&w);
	conf_close(&conf);
	return code;
}
