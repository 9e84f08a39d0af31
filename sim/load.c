/*
 * One loop: sleep in epoll until a socket is ready or the next tick that has calls is due; move the bytes of whoever is
 * ready; then run every tick that is due, each with all of its calls. All that depends on time happens on ticks.
 */
#include "sim/load.h"

#include "base/check.h"
#include "base/clock.h"
#include "sim/load_call.h"
#include "sim/load_report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	EVENT_COUNT = 512,
	LEAD_US = 50000,
	TICKS_AT_ONCE = 8,              /* when late: then the sockets get their turn */
};

struct tick {
	struct load_call **calls; /* owned */
	uint32_t call_count;
};

struct run {
	struct load load;
	struct load_call *calls;
	struct tick ticks[PACING_TICKS_PER_FRAME];
	int epoll_fd;
	uint64_t tick_number; /* of the next tick */
	uint64_t next_progress_us, sent_before, back_before;
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static uint64_t now_us(void)
{
	return clock_mono_ns() / 1000;
}

/* --- setting up --------------------------------------------------------------------------------------- */

static bool raise_file_limit(uint32_t call_count)
{
	struct rlimit limit;
	rlim_t wanted = call_count + 64;

	check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur >= wanted)
		return true;
	fprintf(stderr,
		"receptionai-sim-phone: %u calls need %llu open files, the limit is %llu (ulimit -n)\n",
		call_count, (unsigned long long)wanted, (unsigned long long)limit.rlim_max);
	return false;
}

static bool open_load(struct load *load, const struct phone_options *o)
{
	uint32_t n = o->call_count;
	struct pool_plan pools[] = { { 1024, 2 * n + 64 }, { 4096, 2 * n + 64 }, { 32768, 2 * n + 64 },
		{ 131072, n + 64 } };
	char why[256];

	load->options = o;
	load->frames_per_call = o->seconds * (1000 / 20);
	load->tls = net_tls_client(o->ca_file, !o->insecure, why, sizeof why);
	if (!load->tls) {
		fprintf(stderr, "receptionai-sim-phone: %s\n", why);
		return false;
	}
	check(pool_open(&load->pool, pools, ARRAY_COUNT(pools)) == 0);
	load->env_plain = (struct wsconn_env){ .pool = &load->pool,
		.random = &load->random,
		.message_bytes_max = LOAD_MESSAGE_BYTES_MAX,
		.out_bytes_max = LOAD_MESSAGE_BYTES_MAX };
	load->env_tls = load->env_plain;
	load->env_tls.tls = load->tls;
	load->webhook_env = (struct webhook_env){ .token = o->token,
		.signing = o->signing,
		.public_origin = o->public_origin,
		.local_origin = o->local_origin,
		.tls = load->tls,
		.random = &load->random };
	return true;
}

static void deal_out_calls(struct run *r)
{
	struct load *load = &r->load;
	uint32_t n = load->options->call_count;

	load->plan = (struct pacing_plan){ .call_count = n,
		.start_us = now_us() + LEAD_US,
		.ramp_us = load->options->ramp_ms * UINT64_C(1000) };
	r->calls = calloc(n, sizeof *r->calls);
	check(r->calls);
	for (uint32_t t = 0; t < PACING_TICKS_PER_FRAME; t++) {
		r->ticks[t].calls = calloc(n / PACING_TICKS_PER_FRAME + 1, sizeof *r->ticks[t].calls);
		check(r->ticks[t].calls);
	}
	for (uint32_t i = 0; i < n; i++) {
		struct tick *tick = &r->ticks[pacing_call_tick(&load->plan, i)];

		r->calls[i].load = load;
		r->calls[i].index = i;
		r->calls[i].watched_fd = -1;
		tick->calls[tick->call_count++] = &r->calls[i];
	}
}

/* --- watching ----------------------------------------------------------------------------------------- */

/* Tells epoll about changes. While a call is looking for its connection a new descriptor may have the old one's
 * number. */
static void watch(struct run *r, struct load_call *call)
{
	int fd = load_call_fd(call);
	bool settled = call->phase >= LOAD_SENDING;

	if (fd < 0) {
		if (call->watched_fd >= 0 && call->phase == LOAD_OVER && call->conn)
			epoll_ctl(r->epoll_fd, EPOLL_CTL_DEL, call->watched_fd, NULL);
		call->watched_fd = -1;
		return;
	}
	uint32_t interest = load_call_interest(call);

	if (settled && fd == call->watched_fd && interest == call->watched)
		return;
	struct epoll_event event = { .events = interest, .data.ptr = call };

	if (epoll_ctl(r->epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0)
		check(errno == ENOENT && epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0);
	call->watched_fd = fd;
	call->watched = interest;
}

static uint64_t tick_due_us(const struct run *r, uint64_t tick_number)
{
	return r->load.plan.start_us + tick_number * PACING_TICK_US;
}

/* Empty ticks (fewer calls than ticks) are no reason to wake up. */
static void skip_empty_ticks(struct run *r)
{
	while (r->ticks[r->tick_number % PACING_TICKS_PER_FRAME].call_count == 0)
		r->tick_number++;
}

static void wait(struct run *r)
{
	static struct epoll_event events[EVENT_COUNT];
	uint64_t now = now_us(), due = tick_due_us(r, r->tick_number), left = due > now ? due - now : 0;
	struct timespec timeout = { (time_t)(left / 1000000), (long)(left % 1000000 * 1000) };
	int count = epoll_pwait2(r->epoll_fd, events, EVENT_COUNT, &timeout, NULL);

	for (int i = 0; i < count; i++) {
		struct load_call *call = events[i].data.ptr;

		load_call_ready(call);
		watch(r, call);
	}
}

static void run_ticks(struct run *r)
{
	for (int n = 0; n < TICKS_AT_ONCE && tick_due_us(r, r->tick_number) <= now_us(); n++) {
		const struct tick *tick = &r->ticks[r->tick_number % PACING_TICKS_PER_FRAME];

		for (uint32_t i = 0; i < tick->call_count; i++) {
			load_call_tick(tick->calls[i], tick_due_us(r, r->tick_number));
			watch(r, tick->calls[i]);
		}
		r->tick_number++;
		skip_empty_ticks(r);
	}
}

static void show_progress(struct run *r)
{
	struct load *load = &r->load;
	uint64_t now = now_us();

	if (now < r->next_progress_us)
		return;
	if (r->next_progress_us && !load->options->quiet)
		fprintf(stderr,
			"%4llu s  %u calls  %llu sent/s  %llu back/s  rtt p99 %llu us  late p99 %llu us  "
			"%u failed\n",
			(unsigned long long)((now - load->plan.start_us) / 1000000), load->talking_count,
			(unsigned long long)(load->sent_count - r->sent_before),
			(unsigned long long)(load->back_count - r->back_before),
			(unsigned long long)histogram_at(&load->rtt_us, 99),
			(unsigned long long)histogram_at(&load->late_us, 99), load->failed_count);
	r->sent_before = load->sent_count;
	r->back_before = load->back_count;
	r->next_progress_us = now + 1000000;
}

static void close_run(struct run *r)
{
	for (uint32_t i = 0; r->calls && i < r->load.options->call_count; i++)
		load_call_end(&r->calls[i]);
	for (uint32_t t = 0; t < PACING_TICKS_PER_FRAME; t++)
		free(r->ticks[t].calls);
	free(r->calls);
	close(r->epoll_fd);
	net_tls_free(r->load.tls);
	pool_close(&r->load.pool);
}

int load_run(const struct phone_options *options)
{
	static struct run run;
	struct sigaction action = { .sa_handler = on_signal };
	struct load *load = &run.load;
	bool good;

	if (!raise_file_limit(options->call_count) || !open_load(load, options))
		return 2;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* The default slack of 50 us would be most of our lateness. */
	prctl(PR_SET_TIMERSLACK, 1000UL);
	run.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	check(run.epoll_fd >= 0);
	deal_out_calls(&run);
	skip_empty_ticks(&run);
	while (load->over_count < options->call_count && !stopped) {
		wait(&run);
		run_ticks(&run);
		show_progress(&run);
	}
	struct load_sum sum;

	load_sum(&sum, load, run.calls, now_us());
	good = load_report(&sum, load, stdout) && !stopped;
	close_run(&run);
	return good ? 0 : 1;
}
