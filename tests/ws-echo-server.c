/* ws-echo-server: sends every message back to whoever sent it, by the relay's own legs. */
#include "tests/ws_echo.h"

#include "base/check.h"
#include "relay/listener.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEG_COUNT = 64 };

struct client {
	struct leg leg;
	struct task task;
};

static struct ws_echo rig = { .program = "ws-echo-server" };
static struct listener listener;
static struct task door;
static struct client clients[LEG_COUNT];

static const char usage[] =
	"usage: ws-echo-server --listen HOST:PORT [--max-message BYTES] [--cert FILE --key FILE]\n"
	"Echoes WebSocket messages until SIGTERM or SIGINT. Port 0 takes a free one; the URL is printed on stdout.\n"
	"  --max-message BYTES   longer messages are refused with 1009 (default 4194304)\n"
	"  --cert FILE --key FILE   serves wss:// with this certificate\n";

static void client_turn(struct task *task, uint64_t now_ms)
{
	(void)now_ms;
	ws_echo_turn(&rig, &container_of(task, struct client, task)->leg);
}

static struct client *free_client(void)
{
	for (size_t i = 0; i < LEG_COUNT; i++) {
		if (leg_is_free(&clients[i].leg))
			return &clients[i];
	}
	return NULL;
}

static void door_turn(struct task *task, uint64_t now_ms)
{
	int fd;

	(void)task;
	(void)now_ms;
	while ((fd = listener_next(&listener)) >= 0) {
		struct client *client = free_client();

		if (!client)
			close(fd);
		else if (leg_serve(&client->leg, fd, &client->task, rig.message_bytes_max))
			ws_echo_begin(&rig, &client->leg);
	}
}

static void stop(int signal)
{
	(void)signal;
	loop_stop(&rig.loop);
}

static bool all_have_ended(void)
{
	for (size_t i = 0; i < LEG_COUNT; i++) {
		if (!leg_is_free(&clients[i].leg))
			return false;
	}
	return listener_is_stopped(&listener);
}

/* Everybody is told that we go away, then what lingers is cut off by the legs themselves. */
static void shut_down(void)
{
	listener_stop(&listener);
	for (size_t i = 0; i < LEG_COUNT; i++) {
		if (!leg_is_free(&clients[i].leg))
			leg_close(&clients[i].leg, WS_CLOSE_GOING_AWAY, NULL);
	}
	while (!all_have_ended())
		loop_turn(&rig.loop, 100);
	ws_echo_close(&rig);
}

static void serve(const char *address, const char *cert, const char *key)
{
	char why[512];

	if (cert && !(rig.env.server = tls_server_open(cert, key, why, sizeof why)))
		ws_echo_die(&rig, why);
	for (size_t i = 0; i < LEG_COUNT; i++) {
		leg_init(&clients[i].leg, &rig.env);
		task_init(&clients[i].task, client_turn);
	}
	task_init(&door, door_turn);
	if (!listener_open(&listener, &rig.loop, address, &door, why, sizeof why))
		ws_echo_die(&rig, why);
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	const char *colon = strrchr(address, ':');
	printf("%s://%.*s:%u/\n", cert ? "wss" : "ws", (int)(colon - address), address, listener.port);
	fflush(stdout);
	loop_run(&rig.loop);
	shut_down();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "max-message", required_argument, NULL, 'm' },
		{ "cert", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *address = NULL, *cert = NULL, *key = NULL;
	size_t message_bytes_max = GROK_MESSAGE_BYTES_MAX;

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'l':
			address = optarg;
			break;
		case 'm':
			message_bytes_max = ws_echo_parse_bytes(&rig, optarg);
			break;
		case 'c':
			cert = optarg;
			break;
		case 'k':
			key = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (!address || optind != argc || !cert != !key) {
		fputs(usage, stderr);
		return 2;
	}
	ws_echo_open(&rig, "ws-echo-server", LEG_COUNT, message_bytes_max);
	serve(address, cert, key);
	return 0;
}
