/*
 * receptionai-relay: settings are checked, the shared parts opened, one lane a processor started; then this thread
 * waits for signals. SIGTERM lets calls finish, a second one ends them; SIGHUP reads the certificate again.
 */
#include "base/check.h"
#include "base/clock.h"
#include "base/notify.h"
#include "relay/admin.h"
#include "relay/control.h"
#include "relay/diagnosis.h"
#include "relay/herald.h"
#include "relay/inherit.h"
#include "relay/lane.h"
#include "relay/listen.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { WHY_BYTES = 1024, BEAT_MS_MAX = 10000, SPARE_DESCRIPTORS = 64, DESK_PAGES_SPARE = 256,
	ERRANDS_SPARE = 64 };

static const char usage[] =
	"usage: receptionai-relay [--check-config | --check [--ask] | --help | --version]\n"
	"\n"
	"Carries telephone calls between Twilio Media Streams and xAI's realtime voice.\n"
	"\n"
	"  --check-config   read and check the settings, print them, and exit\n"
	"  --check          try out this set-up, say what to change, and exit\n"
	"  --ask            with --check: try the API keys, too, by a request that costs nothing\n"
	"  --help           this text\n"
	"  --version        the version\n"
	"\n"
	"Signals: SIGTERM and SIGINT take no new calls, let the others finish within RELAY_DRAIN_S and exit;\n"
	"a second one ends the calls at once. SIGHUP reads RELAY_TLS_CERT and RELAY_TLS_KEY again.\n"
	"\n"
	"Settings, from the environment or from the file that RECEPTIONAI_CONF names:\n\n";

struct program {
	struct conf conf;
	struct relay relay;
	struct metrics metrics, desk_metrics, herald_metrics, errand_metrics, room_metrics;
	struct call_env *envs[RELAY_THREADS_MAX];
	struct lane *lanes;
	uint32_t lane_count;
	struct metrics *all[RELAY_THREADS_MAX + 5];
	struct admin admin;
	struct control control;
	struct herald herald;
	struct inherit inherit;
	uint64_t drain_by_ms;           /* 0: not draining */
	uint64_t watchdog_ms;           /* 0: nobody asks */
	uint64_t watchdog_at_ms;
};

static int fail(const char *why)
{
	log_error("relay failed why=\"%s\"", why);
	return 1;
}

/* Descriptors of each call, one each that waits at the door, and some for everything else. */
static void fit_descriptors(struct relay *relay)
{
	struct rlimit limit;
	/* Two sockets a call and, if it is recorded, four files. */
	uint64_t call_count = conf_text(relay->conf, RECEPTIONAI_SPOOL)[0] ? 2 + REEL_FILE_COUNT : 2;
	uint64_t want = call_count * relay->calls_max + relay->pending_max + SPARE_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= want)
		return;
	uint64_t left = limit.rlim_cur > relay->pending_max + SPARE_DESCRIPTORS ?
		limit.rlim_cur - relay->pending_max - SPARE_DESCRIPTORS : call_count;

	log_warn("relay calls limited by descriptors RELAY_MAX_CALLS=%u possible=%" PRIu64 " ulimit_n=%" PRIu64,
		relay->calls_max, left / call_count, (uint64_t)limit.rlim_cur);
	relay->calls_max = (uint32_t)(left / call_count);
}

/* The lanes share the port, and would share it with another relay too: so it is first asked for alone. */
static bool port_is_free(const char *address, char *why, size_t why_bytes)
{
	uint16_t port;
	int fd = listen_open(address, false, &port, why, why_bytes);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* A descriptor that every lane owns, of a socket that systemd opened. */
static bool open_inherited_lane(struct program *p, uint32_t i, char *why, size_t why_bytes)
{
	int fd = inherit_socket(&p->inherit, i);

	if (fd < 0)
		snprintf(why, why_bytes, "no descriptor for an inherited socket: %s", strerror(errno));
	return fd >= 0 && lane_open(&p->lanes[i], &p->relay, NULL, fd, why, why_bytes);
}

static void add_lane(struct program *p, uint32_t i)
{
	p->envs[i] = &p->lanes[i].calls;
	p->all[p->lane_count++] = &p->lanes[i].metrics;
}

static bool open_inherited_lanes(struct program *p, char *why, size_t why_bytes)
{
	for (uint32_t i = 0; i < p->relay.thread_count; i++) {
		if (!open_inherited_lane(p, i, why, why_bytes))
			return false;
		add_lane(p, i);
	}
	return true;
}

static bool open_own_lanes(struct program *p, char *why, size_t why_bytes)
{
	static char address[LISTEN_HOST_BYTES_MAX + 16];
	const char *wanted = conf_text(&p->conf, RELAY_LISTEN);
	const char *colon = strrchr(wanted, ':');

	if (!port_is_free(wanted, why, why_bytes))
		return false;
	snprintf(address, sizeof address, "%s", wanted);
	for (uint32_t i = 0; i < p->relay.thread_count; i++) {
		if (!lane_open(&p->lanes[i], &p->relay, address, -1, why, why_bytes))
			return false;
		add_lane(p, i);
		/* Port 0 took a free one: the others share it. */
		if (i == 0 && colon)
			snprintf(address, sizeof address, "%.*s:%u", (int)(colon - wanted), wanted,
				p->lanes[0].port);
	}
	return true;
}

static bool open_lanes(struct program *p, char *why, size_t why_bytes)
{
	p->lanes = calloc(p->relay.thread_count, sizeof *p->lanes);
	check(p->lanes);
	return p->inherit.count ? open_inherited_lanes(p, why, why_bytes) : open_own_lanes(p, why, why_bytes);
}

static bool open_names(struct relay *r, char *why, size_t why_bytes)
{
	for (int i = 0; i < PROVIDER_COUNT; i++) {
		struct provider *provider = &r->providers[i];

		if (provider->is_there &&
			!names_open(&provider->names, provider->host, provider->port, why, why_bytes))
			return false;
	}
	return true;
}

static bool open_foyer(struct program *p, char *why, size_t why_bytes)
{
	const struct conf *conf = &p->conf;

	if (foyer_open(&p->relay.foyer, (uint32_t)conf_int(conf, RELAY_WARM_MAX),
		    (uint32_t)conf_int(conf, RELAY_WARM_MS)))
		return true;
	snprintf(why, why_bytes, "no memory for sessions that wait");
	return false;
}

static bool open_ratings(struct program *p, char *why, size_t why_bytes)
{
	if (ratings_open(&p->relay.ratings, (uint32_t)conf_int(&p->conf, METRICS_MERCHANTS)))
		return true;
	snprintf(why, why_bytes, "no memory for the quality of calls");
	return false;
}

static bool open_herald(struct program *p, char *why, size_t why_bytes)
{
	const char *path = conf_text(&p->conf, RELAY_SOCKET);

	return path[0] == '\0' ||
		herald_open(&p->herald, path, &p->relay, p->envs, p->lane_count, &p->herald_metrics, why, why_bytes);
}

static bool open_all(struct program *p, char *why, size_t why_bytes)
{
	const char *admin = conf_text(&p->conf, RELAY_ADMIN_LISTEN);
	const char *control = conf_text(&p->conf, RELAY_CONTROL);
	struct relay *r = &p->relay;

	if (!open_names(r, why, why_bytes) ||
		!desk_open(&r->desk, conf_text(&p->conf, RECEPTIONAI_DB), 2 * r->calls_max + DESK_PAGES_SPARE,
			&r->roll, &p->desk_metrics, why, why_bytes) ||
		!errands_open(&r->errands, r->calls_max + ERRANDS_SPARE, &p->errand_metrics, why, why_bytes) ||
		!open_foyer(p, why, why_bytes) || !open_ratings(p, why, why_bytes))
		return false;
	room_open(&r->room, conf_text(&p->conf, RECEPTIONAI_SPOOL), (uint64_t)conf_int(&p->conf, SPOOL_FREE_MB) << 20,
		&p->room_metrics);
	if (!open_lanes(p, why, why_bytes) ||
		!open_herald(p, why, why_bytes))
		return false;
	p->all[p->lane_count] = &p->metrics;
	p->all[p->lane_count + 1] = &p->desk_metrics;
	p->all[p->lane_count + 2] = &p->herald_metrics;
	p->all[p->lane_count + 3] = &p->errand_metrics;
	p->all[p->lane_count + 4] = &p->room_metrics;
	metrics_set(&p->metrics, METRIC_CALLS_MAX, r->calls_max);
	if (control[0] && !control_open(&p->control, control, p->envs, p->lane_count, r->calls_max, why, why_bytes))
		return false;
	return admin[0] == '\0' || admin_open(&p->admin, admin, p->all, p->lane_count + 5, &r->ratings, why, why_bytes);
}

/* --- signals -------------------------------------------------------------------------------------- */

static void terminate(struct program *p, uint64_t now_ms)
{
	uint64_t drain_ms = (uint64_t)conf_int(&p->conf, RELAY_DRAIN_S) * 1000;

	if (p->drain_by_ms) {
		log_warn("relay stopping why=\"second signal\"");
		p->drain_by_ms = now_ms;
	} else {
		log_info("relay draining calls=%u at_most_s=%" PRIu64,
			atomic_load(&p->relay.call_count), drain_ms / 1000);
		p->drain_by_ms = now_ms + drain_ms;
		notify_send("STOPPING=1\nSTATUS=letting calls finish");
	}
	metrics_set(&p->metrics, METRIC_DRAINING, 1);
	atomic_store(&p->relay.draining, true);
}

/* A context for each lane, or none: files that change while they are read leave no lane with another certificate. */
static bool open_certificates(const struct program *p, struct tls_context **out, char *why, size_t why_bytes)
{
	for (uint32_t i = 0; i < p->lane_count; i++) {
		out[i] = tls_server_open(conf_text(&p->conf, RELAY_TLS_CERT), conf_text(&p->conf, RELAY_TLS_KEY), why,
			why_bytes);
		if (out[i])
			continue;
		while (i > 0)
			tls_context_close(out[--i]);
		return false;
	}
	return true;
}

static void reload_certificate(struct program *p)
{
	char why[TLS_WHY_BYTES_MAX];
	struct tls_context *fresh[RELAY_THREADS_MAX];
	const char *cert = conf_text(&p->conf, RELAY_TLS_CERT);

	if (cert[0] == '\0')
		return log_info("relay has no certificate to reload");
	if (!open_certificates(p, fresh, why, sizeof why)) {
		metrics_add(&p->metrics, METRIC_CERTIFICATE_RELOADS_FAILED, 1);
		return log_error("relay certificate not reloaded, the old one stays why=\"%s\"", why);
	}
	for (uint32_t i = 0; i < p->lane_count; i++)
		tls_context_close(atomic_exchange(&p->lanes[i].fresh_tls, fresh[i]));
	metrics_add(&p->metrics, METRIC_CERTIFICATE_RELOADS, 1);
	log_info("relay certificate reloaded file=%s", cert);
}

static bool lanes_are_alive(const struct program *p, uint64_t now_ms)
{
	for (uint32_t i = 0; i < p->lane_count; i++) {
		uint64_t beat_ms = atomic_load_explicit(&p->lanes[i].beat_ms, memory_order_relaxed);

		if (beat_ms && beat_ms + BEAT_MS_MAX < now_ms)
			return false;
	}
	return true;
}

static bool lanes_are_over(const struct program *p)
{
	for (uint32_t i = 0; i < p->lane_count; i++)
		if (!atomic_load_explicit(&p->lanes[i].is_over, memory_order_relaxed))
			return false;
	return true;
}

static void look_around(struct program *p, uint64_t now_ms)
{
	struct tls_counters tls = tls_counters();

	metrics_set(&p->metrics, METRIC_TLS_HEAP, tls.allocated_bytes);
	metrics_set(&p->metrics, METRIC_TLS_ALLOCATIONS, tls.allocations);
	if (p->watchdog_ms && now_ms >= p->watchdog_at_ms && lanes_are_alive(p, now_ms)) {
		p->watchdog_at_ms = now_ms + p->watchdog_ms;
		notify_send("WATCHDOG=1");
	}
	if (p->drain_by_ms && now_ms >= p->drain_by_ms && !atomic_load(&p->relay.stopping)) {
		log_warn("relay stopping calls=%u", atomic_load(&p->relay.call_count));
		atomic_store(&p->relay.stopping, true);
	}
}

static void wait_for_the_end(struct program *p, const sigset_t *signals)
{
	while (!lanes_are_over(p)) {
		uint64_t wait_ms = p->drain_by_ms ? 50 : 1000;

		if (p->watchdog_ms && p->watchdog_ms < wait_ms)
			wait_ms = p->watchdog_ms;
		struct timespec wait = { (time_t)(wait_ms / 1000), (long)(wait_ms % 1000) * 1000000 };
		int signal = sigtimedwait(signals, NULL, &wait);

		if (signal == SIGTERM || signal == SIGINT)
			terminate(p, clock_mono_ms());
		else if (signal == SIGHUP)
			reload_certificate(p);
		look_around(p, clock_mono_ms());
	}
}

/* --- the program ---------------------------------------------------------------------------------- */

/* HOST:PORT, with the port that was taken where the setting leaves that open. */
static void name_place(const struct program *p, char *text, size_t text_bytes)
{
	const char *listen = conf_text(&p->conf, RELAY_LISTEN), *colon = strrchr(listen, ':');

	if (p->inherit.count)
		snprintf(text, text_bytes, "%s inherited=%u", p->inherit.address, p->inherit.count);
	else
		snprintf(text, text_bytes, "%.*s:%u", (int)(colon - listen), listen, p->lanes[0].port);
}

static void say_started(const struct program *p)
{
	const struct conf *conf = &p->conf;
	char place[LISTEN_HOST_BYTES_MAX + 16];
	const char *admin = conf_text(conf, RELAY_ADMIN_LISTEN), *admin_colon = strrchr(admin, ':');
	const struct provider *grok = &p->relay.providers[PROVIDER_GROK];
	const struct provider *fallback = &p->relay.providers[PROVIDER_FALLBACK];

	if (p->relay.door.auth == DOOR_OPEN)
		log_warn("relay IS OPEN TO ANYBODY: RELAY_AUTH=off is for development; every visitor is a paid call");
	if (admin_colon)
		log_info("admin listening address=%.*s:%u", (int)(admin_colon - admin), admin, p->admin.port);
	name_place(p, place, sizeof place);
	log_info("relay listening address=%s threads=%u calls_max=%u auth=%s tls=%s grok=%s://%s fallback=%s "
		 "version=%s",
		place, p->lane_count, p->relay.calls_max,
		conf_text(conf, RELAY_AUTH), conf_text(conf, RELAY_TLS_CERT)[0] ? "on" : "off",
		grok->is_tls ? "wss" : "ws", grok->authority, fallback->is_there ? fallback->authority : "none",
		PACKAGE_VERSION);
	notify_send("READY=1\nSTATUS=taking calls");
}

static int run(struct program *p)
{
	static char why[WHY_BYTES];
	sigset_t signals;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);       /* a recording that grew too large is an error of its write */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	fit_descriptors(&p->relay);
	p->watchdog_ms = notify_watchdog_ms();
	if (!inherit_open(&p->inherit, why, sizeof why) || !tls_start(why, sizeof why) || !open_all(p, why, sizeof why))
		return fail(why);       /* the process ends, and whatever had been opened with it */
	say_started(p);
	wait_for_the_end(p, &signals);
	control_close(&p->control);
	herald_close(&p->herald);
	errands_close(&p->relay.errands);
	desk_close(&p->relay.desk);
	for (uint32_t i = 0; i < p->lane_count; i++)
		lane_join(&p->lanes[i]);
	admin_close(&p->admin);
	foyer_close(&p->relay.foyer);
	ratings_close(&p->relay.ratings);
	for (int i = 0; i < PROVIDER_COUNT; i++)
		names_close(&p->relay.providers[i].names);
	room_close(&p->relay.room);
	relay_close(&p->relay);
	tls_thread_end();
	free(p->lanes);
	conf_close(&p->conf);
	log_info("relay ended");
	return 0;
}

static bool certificate_fits(const struct conf *conf, char *why, size_t why_bytes)
{
	const char *cert = conf_text(conf, RELAY_TLS_CERT), *key = conf_text(conf, RELAY_TLS_KEY);

	if ((cert[0] == '\0') != (key[0] == '\0')) {
		snprintf(why, why_bytes, "RELAY_TLS_CERT and RELAY_TLS_KEY belong together: one of them is empty");
		return false;
	}
	if (cert[0] == '\0')
		return true;
	if (!tls_start(why, why_bytes))
		return false;
	struct tls_context *context = tls_server_open(cert, key, why, why_bytes);

	tls_context_close(context);
	return context != NULL;
}

static int check_config(struct program *p)
{
	static char why[WHY_BYTES];

	if (!certificate_fits(&p->conf, why, sizeof why)) {
		fprintf(stderr, "receptionai-relay: %s\n", why);
		return 1;
	}
	conf_print(&p->conf, stdout, 'R');
	conf_close(&p->conf);
	return 0;
}

static int try_out(struct program *p, bool asks)
{
	log_open("receptionai-relay", LOG_ERROR);       /* the findings say it all */
	return relay_diagnose(&p->relay, asks);
}

static int read_settings(struct program *p)
{
	static char why[WHY_BYTES];
	enum log_level level;

	if (!conf_load(&p->conf, 'R', getenv("RECEPTIONAI_CONF"), why, sizeof why) ||
		!relay_open(&p->relay, &p->conf, why, sizeof why)) {
		fprintf(stderr, "receptionai-relay: %s\n", why);
		return 1;
	}
	check(log_level_parse(conf_text(&p->conf, LOG_LEVEL), &level));
	log_open("receptionai-relay", level);
	return 0;
}

int main(int argc, char **argv)
{
	static struct program program;
	const char *option = argc > 1 ? argv[1] : "";

	bool checks = strcmp(option, "--check") == 0, asks = checks && argc == 3 && strcmp(argv[2], "--ask") == 0;

	if (argc > 2 + asks || (argc == 2 && !checks && strcmp(option, "--help") && strcmp(option, "--version") &&
			      strcmp(option, "--check-config"))) {
		fprintf(stderr, "receptionai-relay: %s: no such option; see --help\n", argv[argc - 1]);
		return 2;
	}
	if (strcmp(option, "--help") == 0) {
		fputs(usage, stdout);
		conf_help(stdout, 'R');
		return ferror(stdout) != 0;
	}
	if (strcmp(option, "--version") == 0)
		return puts(PACKAGE_STRING) < 0;
	if (read_settings(&program))
		return 1;
	if (checks)
		return try_out(&program, asks);
	return argc > 1 ? check_config(&program) : run(&program);
}
