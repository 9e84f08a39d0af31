/*
 * byte_load - load for floor_proxy: holds both ends of many calls and checks every byte.
 *
 * Usage: byte_load [--calls N] [--seconds T] [--profile echo|real] --listen PORT --connect PORT
 * With the same port twice there is no proxy between: what the generator costs itself.
 * The phone's end connects to the proxy and sends 390 bytes every 20 ms, what a Twilio media message is as a WebSocket
 * frame. The model's end listens where the proxy connects to.
 *   echo   it answers each message at once with 427 bytes, what Grok's delta of 20 ms is
 *   real   it speaks two seconds in five, in deltas of 200 to 500 ms (about 2.3 to 5.5 KB), and hears the rest
 * A message tells its call, number, size and time of sending; the rest follows from call and number. One epoll loop
 * that spins: it wants a processor of its own. Paces calls as receptionai-sim-phone does (sim/pacing.h). JSON on
 * stdout.
 */
#include "base/check.h"
#include "base/clock.h"
#include "sim/histogram.h"
#include "sim/pacing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	UP_BYTES = 390,
	DOWN_BYTES = 427,
	DELTA_FRAME_BYTES = 210,        /* JSON and frame around a delta's base64 */
	MESSAGE_BYTES_MAX = 6144,
	STREAM_BYTES = 32 * 1024,
	PATTERN_BYTES = MESSAGE_BYTES_MAX + 256,
	SPEAK_MS = 2000,
	CYCLE_MS = 5000,
	DRAIN_MS = 1500,
	RAMP_MS = 1000,
};

struct head {
	uint32_t bytes;
	uint32_t call;
	uint32_t number;
	uint32_t reserved;
	uint64_t sent_ns;
};

/* One end of one call. */
struct end {
	int fd;
	bool is_model;
	uint32_t call;                  /* the model's end learns it from the first message */
	uint32_t sent_count, received_count;
	uint8_t in[STREAM_BYTES];
	uint8_t out[STREAM_BYTES];
	size_t in_bytes, out_bytes;
	/* real profile, model's end */
	uint64_t speak_at_ns;
	uint32_t spoken_ms;             /* in this cycle */
};

static struct {
	uint32_t call_count, seconds;
	bool is_real;
	struct end *phones;
	struct end *models;
	struct end **model_of;          /* by call */
	uint32_t model_count;
	int epoll, listener;
	struct pacing_plan plan;
	uint8_t pattern[PATTERN_BYTES];
	struct histogram way_us;        /* echo: there and back; real: one way; of the steady part */
	uint64_t corrupted, reordered, late, short_writes;
	uint64_t steady_us;             /* from here on all calls stand */
	uint64_t end_us;
} load;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- messages ------------------------------------------------------------------------------------- */

static const uint8_t *pattern_of(uint32_t call, uint32_t number)
{
	return load.pattern + ((call * 31 + number * 7) & 255);
}

static void flush(struct end *e)
{
	const ssize_t n = send(e->fd, e->out, e->out_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN)
		die("send");
	if (n <= 0)
		return;
	e->out_bytes -= (size_t)n;
	if (e->out_bytes) {
		memmove(e->out, e->out + n, e->out_bytes);
		load.short_writes++;
	}
}

static void say(struct end *e, uint32_t bytes, uint64_t sent_ns)
{
	const struct head head = { .bytes = bytes, .call = e->call, .number = e->sent_count, .sent_ns = sent_ns };

	check(bytes >= sizeof(head) && bytes <= MESSAGE_BYTES_MAX);
	if (e->out_bytes + bytes > sizeof(e->out)) {
		load.late++;            /* the proxy has not taken anything for long: the message is not sent */
		return;
	}
	memcpy(e->out + e->out_bytes, &head, sizeof(head));
	memcpy(e->out + e->out_bytes + sizeof(head), pattern_of(e->call, e->sent_count), bytes - sizeof(head));
	e->out_bytes += bytes;
	e->sent_count++;
	flush(e);
}

static void take(struct end *e, const struct head *head, const uint8_t *body)
{
	const uint64_t now_ns = clock_mono_ns();

	if (e->is_model && !load.model_of[head->call]) {
		e->call = head->call;
		load.model_of[e->call] = e;
		e->speak_at_ns = now_ns + e->call * 997ull % CYCLE_MS * 1000000;
	}
	if (head->call != e->call || memcmp(body, pattern_of(e->call, head->number), head->bytes - sizeof(*head)))
		load.corrupted++;
	else if (head->number != e->received_count)
		load.reordered++;
	e->received_count++;
	if ((load.is_real || !e->is_model) && head->sent_ns / 1000 >= load.steady_us)
		histogram_add(&load.way_us, (now_ns - head->sent_ns) / 1000);
	if (!load.is_real && e->is_model)
		say(e, DOWN_BYTES, head->sent_ns);
}

/* Whether a whole message was there. */
static bool take_next(struct end *e, size_t *at)
{
	struct head head;

	if (e->in_bytes - *at < sizeof(head))
		return false;
	memcpy(&head, e->in + *at, sizeof(head));
	if (head.bytes < sizeof(head) || head.bytes > MESSAGE_BYTES_MAX || head.call >= load.call_count) {
		fputs("byte_load: the stream is damaged\n", stderr);
		exit(1);
	}
	if (e->in_bytes - *at < head.bytes)
		return false;
	take(e, &head, e->in + *at + sizeof(head));
	*at += head.bytes;
	return true;
}

static void hear(struct end *e)
{
	size_t at = 0;
	const ssize_t n = recv(e->fd, e->in + e->in_bytes, sizeof(e->in) - e->in_bytes, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		fputs("byte_load: a connection ended\n", stderr);
		exit(1);
	}
	if (n < 0)
		return;
	e->in_bytes += (size_t)n;
	while (take_next(e, &at))
		;
	e->in_bytes -= at;
	memmove(e->in, e->in + at, e->in_bytes);
}

/* --- connections ---------------------------------------------------------------------------------- */

static struct sockaddr_in loopback(unsigned long port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void watch(struct end *e)
{
	const int one = 1;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = e };

	setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, e->fd, &event))
		die("epoll_ctl");
}

static void accept_models(void)
{
	for (;;) {
		const int fd = accept4(load.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		check(load.model_count < load.call_count);
		struct end *e = &load.models[load.model_count++];

		e->fd = fd;
		e->is_model = true;
		watch(e);
	}
}

static void connect_phone(uint32_t call, unsigned long port)
{
	const struct sockaddr_in address = loopback(port);
	struct end *e = &load.phones[call];

	e->call = call;
	e->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (e->fd < 0 || connect(e->fd, (const struct sockaddr *)&address, sizeof(address)))
		die("connect");
	watch(e);
}

static void open_listener(unsigned long port)
{
	const struct sockaddr_in address = loopback(port);
	const int one = 1;

	load.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(load.listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(load.listener, (const struct sockaddr *)&address, sizeof(address)) || listen(load.listener, 4096))
		die("listen");
}

/* --- time ----------------------------------------------------------------------------------------- */

static void send_due_frames(uint64_t now_us)
{
	for (uint32_t call = 0; call < load.call_count; call++) {
		struct end *e = &load.phones[call];
		const uint64_t start_us = pacing_call_start_us(&load.plan, call);
		const uint64_t due_us = pacing_frame_due_us(start_us, e->sent_count);

		if (now_us < due_us || due_us >= load.end_us)
			continue;
		if (now_us > due_us + 2000)
			load.late++;
		say(e, UP_BYTES, clock_mono_ns());
	}
}

/* The next delta of a model that speaks; its length depends on call and number alone. */
static void speak(struct end *e, uint64_t now_ns)
{
	const uint32_t delta_ms = 200 + (e->call * 131 + e->sent_count * 71) % 301;

	if (now_ns < e->speak_at_ns)
		return;
	say(e, DELTA_FRAME_BYTES + (delta_ms * 8 + 2) / 3 * 4, now_ns);
	e->spoken_ms += delta_ms;
	e->speak_at_ns += delta_ms * 1000000ull;
	if (e->spoken_ms >= SPEAK_MS) {
		e->speak_at_ns += (CYCLE_MS - SPEAK_MS) * 1000000ull;
		e->spoken_ms = 0;
	}
}

static void speak_all(uint64_t now_us)
{
	if (!load.is_real || now_us >= load.end_us)
		return;
	for (uint32_t i = 0; i < load.call_count; i++)
		if (load.model_of[i])
			speak(load.model_of[i], now_us * 1000);
}

static void hear_all(void)
{
	struct epoll_event events[256];
	const int count = epoll_wait(load.epoll, events, 256, 0);

	for (int i = 0; i < count; i++)
		hear(events[i].data.ptr);
}

static void flush_all(void)
{
	for (uint32_t i = 0; i < load.call_count; i++) {
		if (load.phones[i].out_bytes)
			flush(&load.phones[i]);
		if (load.model_of[i] && load.model_of[i]->out_bytes)
			flush(load.model_of[i]);
	}
}

static void run(void)
{
	uint64_t tick_us = 0;

	load.plan = (struct pacing_plan){ .call_count = load.call_count, .start_us = clock_mono_ns() / 1000 + 10000,
		.ramp_us = RAMP_MS * 1000 };
	load.steady_us = load.plan.start_us + RAMP_MS * 1000;
	load.end_us = load.plan.start_us + load.seconds * 1000000ull;
	for (uint64_t now_us = 0; now_us < load.end_us + DRAIN_MS * 1000;) {
		now_us = clock_mono_ns() / 1000;
		accept_models();
		hear_all();
		if (now_us / PACING_TICK_US == tick_us)
			continue;
		tick_us = now_us / PACING_TICK_US;
		send_due_frames(now_us);
		speak_all(now_us);
		flush_all();
	}
}

/* --- report --------------------------------------------------------------------------------------- */

static void report(void)
{
	uint64_t sent = 0, received = 0, frames = 0, messages = 0;

	for (uint32_t i = 0; i < load.call_count; i++) {
		frames += load.phones[i].sent_count;
		messages += load.phones[i].received_count;
		sent += load.phones[i].sent_count + load.models[i].sent_count;
		received += load.phones[i].received_count + load.models[i].received_count;
	}
	printf("{\"calls\":%u,\"seconds\":%u,\"profile\":\"%s\",\"frames_sent\":%llu,\"messages\":%llu,\"lost\":%llu,"
		"\"corrupted\":%llu,\"reordered\":%llu,\"late\":%llu,\"short_writes\":%llu,"
		"\"steady_rtt_us\":{\"p50\":%llu,\"p90\":%llu,\"p99\":%llu,\"p99_9\":%llu,\"max\":%llu}}\n",
		load.call_count, load.seconds, load.is_real ? "real" : "echo", (unsigned long long)frames,
		(unsigned long long)messages, (unsigned long long)(sent - received),
		(unsigned long long)load.corrupted, (unsigned long long)load.reordered, (unsigned long long)load.late,
		(unsigned long long)load.short_writes, (unsigned long long)histogram_at(&load.way_us, 50),
		(unsigned long long)histogram_at(&load.way_us, 90), (unsigned long long)histogram_at(&load.way_us, 99),
		(unsigned long long)histogram_at(&load.way_us, 99.9), (unsigned long long)load.way_us.most);
}

static void allocate(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	load.phones = calloc(load.call_count, sizeof(*load.phones));
	load.models = calloc(load.call_count, sizeof(*load.models));
	load.model_of = calloc(load.call_count, sizeof(struct end *));
	if (load.epoll < 0 || !load.phones || !load.models || !load.model_of)
		die("memory");
	for (size_t i = 0; i < PATTERN_BYTES; i++)
		load.pattern[i] = (uint8_t)((i * 2654435761u) >> 13);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "calls", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 't' },
		{ "profile", required_argument, NULL, 'p' },
		{ "listen", required_argument, NULL, 'l' },
		{ "connect", required_argument, NULL, 'c' },
		{ 0 },
	};
	unsigned long listen_port = 0, connect_port = 0;

	load.call_count = 50;
	load.seconds = 5;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		const unsigned long number = optarg ? strtoul(optarg, NULL, 10) : 0;

		if (c == 'n')
			load.call_count = (uint32_t)number;
		else if (c == 't')
			load.seconds = (uint32_t)number;
		else if (c == 'p')
			load.is_real = strcmp(optarg, "real") == 0;
		else if (c == 'l')
			listen_port = number;
		else if (c == 'c')
			connect_port = number;
		else
			return 2;
	}
	if (!listen_port || !connect_port || !load.call_count) {
		fputs("usage: byte_load [--calls N] [--seconds T] [--profile echo|real] --listen PORT --connect PORT\n",
			stderr);
		return 2;
	}
	allocate();
	open_listener(listen_port);
	for (uint32_t call = 0; call < load.call_count; call++) {
		connect_phone(call, connect_port);
		accept_models();
	}
	run();
	report();
	return load.corrupted || load.reordered ? 1 : 0;
}
