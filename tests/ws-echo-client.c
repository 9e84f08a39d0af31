/* ws-echo-client: connects, and sends every message back to the server until one side closes. By the relay's own
 * legs. */
#include "tests/ws_echo.h"

#include "base/check.h"
#include "proto/url.h"

#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
	struct ws_echo rig;
	struct leg leg;
	struct task task;
	struct leg_dial_plan plan;
	bool repeat;
	unsigned open_count;            /* connections that were open as a WebSocket */
} client = { .rig.program = "ws-echo-client" };

static const char usage[] =
	"usage: ws-echo-client --connect URL [--max-message BYTES] [--repeat] [--ca FILE]\n"
	"Connects to a WebSocket server and echoes its messages until the connection ends.\n"
	"  --max-message BYTES   longer messages are refused with 1009 (default 4194304)\n"
	"  --repeat              connects again after each end, until a connection is refused\n"
	"  --ca FILE             trusts this certificate authority for wss://\n"
	"Exit code 0 if there was a WebSocket connection, else 1.\n";

static void dial(void)
{
	leg_dial(&client.leg, &client.plan, &client.task);
	ws_echo_begin(&client.rig, &client.leg);
}

static void client_turn(struct task *task, uint64_t now_ms)
{
	(void)task;
	(void)now_ms;
	ws_echo_turn(&client.rig, &client.leg);
	if (!leg_is_free(&client.leg))
		return;
	client.open_count += client.leg.was_open;
	if (client.leg.was_open && client.repeat)
		dial();
	else
		loop_stop(&client.rig.loop);
}

static void resolve(const struct url *url, struct addrinfo **out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	char host[256], port[8];

	if (!slice_copy(url->host, host, sizeof host) || !slice_copy(url_port(url), port, sizeof port))
		ws_echo_die(&client.rig, "the URL's host is too long");
	int error = getaddrinfo(host, port, &hints, out);
	if (error)
		ws_echo_die(&client.rig, gai_strerror(error));
}

static void run(const char *text, const char *ca_file)
{
	char host[256], authority[280], target[HTTP_TARGET_BYTES_MAX + 1], why[512];
	struct addrinfo *address;
	struct url url;

	if (!url_split(slice_of(text), &url) || !url.is_socket || !slice_copy(url.host, host, sizeof host)
		|| !slice_copy(url.authority, authority, sizeof authority)
		|| !slice_copy(url.target.len ? url.target : SLICE("/"), target, sizeof target))
		ws_echo_die(&client.rig, "not a ws:// or wss:// URL");
	if (url.is_tls && !(client.rig.env.client = tls_client_open(ca_file, why, sizeof why)))
		ws_echo_die(&client.rig, why);
	resolve(&url, &address);
	client.plan = (struct leg_dial_plan){
		.address = address->ai_addr,
		.address_len = address->ai_addrlen,
		.tls_host = url.is_tls ? host : NULL,
		.host = authority,
		.target = target,
		.message_bytes_max = client.rig.message_bytes_max,
	};
	leg_init(&client.leg, &client.rig.env);
	task_init(&client.task, client_turn);
	dial();
	loop_run(&client.rig.loop);
	freeaddrinfo(address);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "connect", required_argument, NULL, 'c' },
		{ "max-message", required_argument, NULL, 'm' },
		{ "repeat", no_argument, NULL, 'r' },
		{ "ca", required_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *url = NULL, *ca_file = NULL;
	size_t message_bytes_max = GROK_MESSAGE_BYTES_MAX;

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'c':
			url = optarg;
			break;
		case 'm':
			message_bytes_max = ws_echo_parse_bytes(&client.rig, optarg);
			break;
		case 'r':
			client.repeat = true;
			break;
		case 'a':
			ca_file = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (!url || optind != argc) {
		fputs(usage, stderr);
		return 2;
	}
	ws_echo_open(&client.rig, "ws-echo-client", 1, message_bytes_max);
	run(url, ca_file);
	ws_echo_close(&client.rig);
	if (!client.open_count)
		ws_echo_die(&client.rig, client.leg.why[0] ? client.leg.why : "no connection");
	return 0;
}
