#include "relay/diagnosis.h"

#include "base/check.h"
#include "base/clock.h"
#include "doctor/account.h"
#include "doctor/database.h"
#include "doctor/host.h"
#include "doctor/reach.h"
#include "doctor/relay_url.h"
#include "proto/url.h"
#include "relay/listen.h"
#include "relay/reel.h"
#include "relay/ring.h"
#include "relay/tls.h"
#include "relay/tls_look.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WHY_BYTES = 1024, URL_BYTES = 1200, FILES_SPARE = 64 };

static struct ask_answer answer;

/* --- what the machine gives ------------------------------------------------------------------------- */

static void check_ring(struct findings *f, const struct relay *r)
{
	const char *word = conf_text(r->conf, RELAY_IO), *forbidden = host_uring_forbidden();
	const struct ring_plan plan = { .io = RING_IO_URING, .socket_count_max = 2 * r->calls_max };
	char why[WHY_BYTES];
	struct ring *ring = ring_io_parse(word) == RING_IO_EPOLL ? NULL : ring_open(&plan, why, sizeof why);

	if (ring)
		finding(f, FINDING_OK, "io_uring", "works here");
	else if (ring_io_parse(word) == RING_IO_EPOLL)
		finding(f, FINDING_OK, "RELAY_IO", "is epoll, which costs about a third more than io_uring");
	else
		finding(f, ring_io_parse(word) == RING_IO_URING ? FINDING_FAIL : FINDING_WARN, "io_uring", "%s: "
			"%s", why, forbidden ? forbidden : "a container's seccomp profile or SystemCallFilter= may "
			"forbid it: allow @aio there, or set RELAY_IO=epoll, which costs about a third more");
	ring_close(ring);
}

static void check_host(struct findings *f, const struct relay *r)
{
	const char *spool = conf_text(r->conf, RECEPTIONAI_SPOOL);
	uint64_t each = spool[0] ? 2 + REEL_FILE_COUNT : 2;

	host_check_user(f);
	host_check_clock(f);
	database_check(f, conf_text(r->conf, RECEPTIONAI_DB));
	if (spool[0])
		host_check_folder(f, "RECEPTIONAI_SPOOL", spool, (uint64_t)conf_int(r->conf, SPOOL_FREE_MB) << 20);
	else
		finding(f, FINDING_OK, "RECEPTIONAI_SPOOL", "is empty: nothing is recorded");
	host_check_files(f, each * r->calls_max + r->pending_max + FILES_SPARE, "RELAY_MAX_CALLS");
	host_check_locked(f);
	check_ring(f, r);
}

/* --- how Twilio comes in ---------------------------------------------------------------------------- */

static void judge_file(struct findings *f, const char *host, const struct tls_look *look)
{
	struct ask_cert cert = { .subject = "RELAY_TLS_CERT", .from_ms = look->from_ms, .until_ms = look->until_ms };

	if (!look->is_for_host)
		finding(f, FINDING_FAIL, "RELAY_TLS_CERT", "is not for %s, the host of RELAY_URL: get one for that "
			"name, or correct RELAY_URL", host);
	if (look->from_ms > clock_wall_ms())
		finding(f, FINDING_FAIL, "RELAY_TLS_CERT", "its time has not begun, or the clock of this host is "
			"wrong");
	reach_judge_days(f, "RELAY_TLS_CERT", host[0] ? host : "this relay", &cert, 1, clock_wall_ms());
}

static void check_certificate(struct findings *f, const struct relay *r)
{
	const char *cert = conf_text(r->conf, RELAY_TLS_CERT), *key = conf_text(r->conf, RELAY_TLS_KEY);
	char why[WHY_BYTES], host[ASK_NAME_BYTES] = "";
	struct tls_look look;
	struct url url;

	if ((cert[0] == '\0') != (key[0] == '\0'))
		return finding(f, FINDING_FAIL, "RELAY_TLS_CERT", "and RELAY_TLS_KEY belong together: one of them "
			"is empty");
	if (cert[0] == '\0')
		return finding(f, FINDING_OK, "RELAY_TLS_CERT", "is empty: a web server in front ends TLS");
	struct tls_context *context = tls_server_open(cert, key, why, sizeof why);

	tls_context_close(context);
	if (!context)
		return finding(f, FINDING_FAIL, "RELAY_TLS_CERT", "%s", why);
	if (url_split(slice_of(conf_text(r->conf, RELAY_URL)), &url))
		slice_copy(url.host, host, sizeof host);
	if (tls_look(cert, host, &look))
		judge_file(f, host, &look);
}

/* The admin page of a relay that runs: its address may be a wildcard, which is asked on loopback. */
static bool ask_admin(const char *address, const char *page)
{
	char host[LISTEN_HOST_BYTES_MAX], url[URL_BYTES];
	uint16_t port;

	if (!address[0] || !listen_split(address, host, &port) || port == 0)
		return false;
	bool is_any = !host[0] || !strcmp(host, "*") || !strcmp(host, "0.0.0.0") || !strcmp(host, "::");

	snprintf(url, sizeof url, strchr(host, ':') && !is_any ? "http://[%s]:%u%s" : "http://%s:%u%s",
		is_any ? "127.0.0.1" : host, port, page);
	const struct ask ask = { .url = url };

	return ask_for(&ask, &answer) == ASK_ANSWERED;
}

static void judge_running(struct findings *f, const char *address, const char *admin)
{
	size_t len;

	if (!ask_admin(admin, "/healthz") || strcmp(answer.body, "ok\n") != 0)
		return finding(f, FINDING_WARN, "RELAY_LISTEN", "%s is taken, and no relay answers on "
			"RELAY_ADMIN_LISTEN (%s): if it is not the relay that has it (ss -ltnp shows who), choose "
			"another port", address, admin[0] ? admin : "none");
	if (!ask_admin(admin, "/readyz"))
		return;
	len = strcspn(answer.body, "\n");
	if (answer.status == 200)
		finding(f, FINDING_OK, "RELAY_LISTEN", "a relay runs on %s and takes calls", address);
	else
		finding(f, FINDING_WARN, "RELAY_LISTEN", "a relay runs on %s and takes no calls: %.*s", address,
			(int)len, answer.body);
}

static void check_listen(struct findings *f, const struct relay *r)
{
	const char *address = conf_text(r->conf, RELAY_LISTEN), *admin = conf_text(r->conf, RELAY_ADMIN_LISTEN);
	char why[WHY_BYTES];
	uint16_t port;
	int fd = listen_open(address, false, &port, why, sizeof why);

	if (fd >= 0) {
		close(fd);
		finding(f, FINDING_OK, "RELAY_LISTEN", "%s is free: no relay runs there now", address);
	} else if (strstr(why, "in use")) {
		judge_running(f, address, admin);
	} else {
		finding(f, FINDING_FAIL, "RELAY_LISTEN", "%s", why);
	}
}

/* What the relay makes anew when it starts: its folder must let it. */
static void check_path(struct findings *f, const char *setting, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[URL_BYTES];
	struct stat about;

	if (!path[0])
		return;
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + (slash == path) : 1, slash ? path : ".");
	if (access(folder, W_OK | X_OK) < 0)
		finding(f, FINDING_FAIL, setting, "%s: %s: make the folder, and give it to the service's user", folder,
			strerror(errno));
	else if (stat(path, &about) == 0 && !S_ISSOCK(about.st_mode))
		finding(f, FINDING_FAIL, setting, "%s is there and is no socket: choose another path", path);
}

static void check_inside(struct findings *f, const struct conf *conf)
{
	const char *admin = conf_text(conf, RELAY_ADMIN_LISTEN);
	char host[LISTEN_HOST_BYTES_MAX];
	uint16_t port;

	if (admin[0] && !listen_split(admin, host, &port))
		finding(f, FINDING_FAIL, "RELAY_ADMIN_LISTEN", "%s: not HOST:PORT", admin);
	check_path(f, "RELAY_SOCKET", conf_text(conf, RELAY_SOCKET));
	check_path(f, "RELAY_CONTROL", conf_text(conf, RELAY_CONTROL));
}

static void check_door(struct findings *f, const struct relay *r)
{
	const char *url = conf_text(r->conf, RELAY_URL);

	if (r->door.auth == DOOR_OPEN)
		finding(f, FINDING_WARN, "RELAY_AUTH", "is off: whoever finds the relay makes calls at your cost; "
			"set it to token");
	check_certificate(f, r);
	check_listen(f, r);
	check_inside(f, r->conf);
	if (url[0])
		relay_url_check(f, url, NULL);
	else
		finding(f, FINDING_WARN, "RELAY_URL", "is empty: whether Twilio can reach the relay is not looked "
			"at");
}

/* --- who speaks ------------------------------------------------------------------------------------- */

/* Any answer will do: it proves name, way and certificate. */
static void check_way(struct findings *f, const char *setting, const struct provider *p, const char *ca_file)
{
	char url[URL_BYTES];
	const struct ask ask = { .url = url, .ca_file = ca_file };
	int len = snprintf(url, sizeof url, "%s://%s/", p->is_tls ? "https" : "http", p->authority);

	check(len > 0 && (size_t)len < sizeof url);
	if (!p->is_tls)
		finding(f, FINDING_WARN, setting, "ws: carries speech in the clear: only for development");
	reach(f, setting, &ask, &answer);
}

static void check_voices(struct findings *f, const struct relay *r, bool asks)
{
	const struct conf *conf = r->conf;
	const char *ca_file = conf_text(conf, GROK_CA_FILE);
	const struct account_voice voices[PROVIDER_COUNT] = {
		[PROVIDER_GROK] = { "XAI_API_KEY", conf_text(conf, GROK_URL), conf_text(conf, XAI_API_KEY), "api-key",
		ca_file },
		[PROVIDER_FALLBACK] = { "FALLBACK_API_KEY", conf_text(conf, FALLBACK_URL), conf_text(conf,
			FALLBACK_API_KEY),
			"models", ca_file },
	};
	static const char *const urls[PROVIDER_COUNT] = {
		[PROVIDER_GROK] = "GROK_URL",
		[PROVIDER_FALLBACK] = "FALLBACK_URL",
	};

	for (size_t i = 0; i < PROVIDER_COUNT; i++) {
		if (!r->providers[i].is_there)
			continue;
		check_way(f, urls[i], &r->providers[i], ca_file);
		if (asks || !voices[i].key[0])
			account_check_voice(f, &voices[i]);
	}
	if (!asks)
		finding(f, FINDING_OK, "keys", "were not tried: --check --ask does, by a request that costs "
			"nothing");
}

int relay_diagnose(const struct relay *relay, bool asks)
{
	struct findings f = { .out = stdout };
	char why[WHY_BYTES];

	ask_open();
	if (!tls_start(why, sizeof why))
		finding(&f, FINDING_FAIL, "tls", "%s", why);
	check_host(&f, relay);
	check_door(&f, relay);
	check_voices(&f, relay, asks);
	ask_close();
	return findings_sum(&f);
}
