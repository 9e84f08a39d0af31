#include "relay/lane.h"

#include "base/check.h"
#include "base/clock.h"
#include "relay/call_end.h"
#include "relay/count.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- sockets come --------------------------------------------------------------------------------- */

static void accept_turn(struct task *task, uint64_t now_ms)
{
	struct lane *lane = container_of(task, struct lane, accept);
	struct relay *relay = lane->relay;
	int fd;

	while ((fd = listener_next(&lane->listener)) >= 0) {
		metrics_add(&lane->metrics, METRIC_SOCKETS_ACCEPTED, 1);
		if (!relay_take(&relay->pending_count, relay->pending_max)) {
			metrics_add(&lane->metrics, METRIC_SOCKETS_REFUSED_PENDING, 1);
			close(fd);
		} else if (!call_begin(&lane->calls, fd, now_ms)) {
			metrics_add(&lane->metrics, METRIC_SOCKETS_REFUSED_PENDING, 1);
			relay_give(&relay->pending_count);
		}
	}
}

/* --- housekeeping --------------------------------------------------------------------------------- */

static void show(struct lane *lane)
{
	struct metrics *m = &lane->metrics;
	struct call_env *calls = &lane->calls;
	uint64_t live = 0, waiting = 0, sessions = 0, refused = 0;

	for (struct call *c = calls->used_calls; c; c = c->next) {
		live += c->live_ms != 0;
		waiting += c->phase == PHASE_WAITING;
		sessions += c->has_session;
	}
	for (size_t i = 0; i < lane->legs.pool.class_count; i++)
		refused += lane->legs.pool.classes[i].refused_count;
	metrics_set(m, METRIC_CALLS, live);
	metrics_set(m, METRIC_PENDING, calls->used_count - live - waiting);
	metrics_set(m, METRIC_WARM_WAITING, waiting);
	metrics_set(m, METRIC_SESSIONS, sessions);
	metrics_set(m, METRIC_POOL_USED, pool_used_bytes(&lane->legs.pool));
	metrics_set(m, METRIC_POOL_REFUSED, refused);
	metrics_set(m, METRIC_LOOP_TURNS, lane->loop.counters.turns);
	metrics_show(m, METRIC_TURN_SECONDS, lane->loop.counters.buckets, LOOP_TURN_BUCKETS,
		lane->loop.counters.busy_ns / 1000);
}

static void take_certificate(struct lane *lane)
{
	struct tls_context *fresh = atomic_exchange(&lane->fresh_tls, NULL);

	if (!fresh)
		return;
	tls_context_close(lane->server_tls);
	lane->legs.server = lane->server_tls = fresh;
}

static void stop_calls(struct lane *lane, uint64_t now_ms)
{
	struct call *next;

	if (lane->stop_by_ms)
		return;
	lane->stop_by_ms = now_ms + LANE_STOP_MS;
	for (struct call *c = lane->calls.used_calls; c; c = next) {
		next = c->next;
		call_stop(c);
	}
}

/* A call whose session waits was promised a place: it still comes in while the relay drains. */
static bool may_stop_listening(struct lane *lane)
{
	struct relay *relay = lane->relay;
	/* Nobody refuses connections for a socket that lives on: we do, as long as we are there anyway. */
	bool has_to_refuse = lane->inherited_fd >= 0 && lane->calls.used_count > 0;

	return atomic_load_explicit(&relay->stopping, memory_order_relaxed) ||
		(atomic_load_explicit(&relay->draining, memory_order_relaxed) && !has_to_refuse &&
			foyer_waiting_count(&relay->foyer) == 0);
}

static void house_turn(struct task *task, uint64_t now_ms)
{
	struct lane *lane = container_of(task, struct lane, house);
	struct relay *relay = lane->relay;

	atomic_store_explicit(&lane->beat_ms, now_ms, memory_order_relaxed);
	show(lane);
	take_certificate(lane);
	if (lane->listening && may_stop_listening(lane)) {
		lane->listening = false;
		listener_stop(&lane->listener);
	}
	if (atomic_load_explicit(&relay->stopping, memory_order_relaxed))
		stop_calls(lane, now_ms);
	bool quiet = !lane->listening && listener_is_stopped(&lane->listener) && lane->calls.used_count == 0 &&
		reels_are_quiet(&lane->reels);

	lane->is_over = quiet || (lane->stop_by_ms && now_ms >= lane->stop_by_ms);
	loop_deadline(&lane->loop, &lane->house, now_ms + RELAY_ADMIT_MS);
}

/* --- the thread ----------------------------------------------------------------------------------- */

static bool open_tls(struct lane *lane)
{
	const struct conf *conf = lane->relay->conf;
	const char *cert = conf_text(conf, RELAY_TLS_CERT);

	if (cert[0]) {
		lane->server_tls = tls_server_open(cert, conf_text(conf, RELAY_TLS_KEY), lane->why, lane->why_bytes);
		if (!lane->server_tls)
			return false;
	}
	if (relay_dials_tls(lane->relay)) {
		lane->client_tls = tls_client_open(conf_text(conf, GROK_CA_FILE), lane->why, lane->why_bytes);
		if (!lane->client_tls)
			return false;
	}
	lane->legs.server = lane->server_tls;
	lane->legs.client = lane->client_tls;
	return true;
}

static bool open_listener(struct lane *lane)
{
	if (lane->inherited_fd < 0)
		return listener_open(&lane->listener, &lane->loop, lane->address, &lane->accept, lane->why,
			lane->why_bytes);
	listener_share(&lane->listener, &lane->loop, lane->inherited_fd, 0, &lane->accept);
	return true;
}

static bool open_slots(struct lane *lane, uint32_t count)
{
	struct call_env *calls = &lane->calls;
	void *memory = mmap(NULL, count * sizeof *calls->slots, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		snprintf(lane->why, lane->why_bytes, "no memory for %u calls: %s", count, strerror(errno));
		return false;
	}
	*calls = (struct call_env){
		.relay = lane->relay,
		.legs = &lane->legs,
		.metrics = &lane->metrics,
		.reels = &lane->reels,
		.slots = memory,
		.slot_count = count,
	};
	return true;
}

/* The kernel may hand any share of the calls to this thread: it has room for all; what is not used costs nothing. */
static bool open_parts(struct lane *lane)
{
	struct relay *relay = lane->relay;
	uint32_t slots = relay->calls_max + relay->pending_max;
	struct loop_plan plan = {
		.ring = { .io = ring_io_parse(conf_text(relay->conf, RELAY_IO)),
			.socket_count_max = slots + relay->calls_max + 1 },
		.task_count_max = 3 * slots + relay->calls_max + 8,
		.batch_us_max = (uint32_t)conf_int(relay->conf, RELAY_BATCH_US),
	};

	if (!loop_open(&lane->loop, &plan, lane->why, lane->why_bytes))
		return false;
	if (leg_env_open(&lane->legs, &lane->loop, slots + relay->calls_max) < 0) {
		snprintf(lane->why, lane->why_bytes, "no memory for connections");
		return false;
	}
	if (!reels_open(&lane->reels, &lane->loop, &relay->desk, &lane->metrics,
		conf_text(relay->conf, RECEPTIONAI_SPOOL), relay->calls_max)) {
		snprintf(lane->why, lane->why_bytes, "no memory for recordings");
		return false;
	}
	lane->reels.room = &relay->room;
	task_init(&lane->accept, accept_turn);
	task_init(&lane->house, house_turn);
	if (!open_tls(lane) || !open_slots(lane, slots) || !open_listener(lane))
		return false;
	lane->listening = true;
	lane->port = lane->listener.port;
	return true;
}

static void say_opened(struct lane *lane, bool opened)
{
	pthread_mutex_lock(&lane->lock);
	lane->open_state = opened ? 1 : -1;
	pthread_cond_signal(&lane->news);
	pthread_mutex_unlock(&lane->lock);
}

static void close_parts(struct lane *lane)
{
	if (lane->calls.used_count || lane->reels.used_count || lane->listening ||
		!listener_is_stopped(&lane->listener))
		return;                     /* the kernel may still write: the process ends with it */
	tls_context_close(atomic_exchange(&lane->fresh_tls, NULL));
	tls_context_close(lane->server_tls);
	tls_context_close(lane->client_tls);
	reels_close(&lane->reels);
	leg_env_close(&lane->legs);
	munmap(lane->calls.slots, lane->calls.slot_count * sizeof *lane->calls.slots);
	loop_close(&lane->loop);
	tls_thread_end();
}

static void *lane_thread(void *argument)
{
	struct lane *lane = argument;

	pthread_setname_np(pthread_self(), "ring");
	bool opened = open_parts(lane);

	say_opened(lane, opened);
	if (!opened)
		return NULL;
	loop_mark(&lane->loop, &lane->house);
	while (!lane->is_over)
		loop_turn(&lane->loop, UINT64_MAX);
	pthread_mutex_lock(&lane->lock);
	while (!lane->may_close)
		pthread_cond_wait(&lane->news, &lane->lock);
	pthread_mutex_unlock(&lane->lock);
	close_parts(lane);
	return NULL;
}

bool lane_open(struct lane *lane, struct relay *relay, const char *address, int inherited_fd, char *why,
	size_t why_bytes)
{
	*lane = (struct lane){ .relay = relay, .address = address, .inherited_fd = inherited_fd, .why = why,
		.why_bytes = why_bytes };
	pthread_mutex_init(&lane->lock, NULL);
	pthread_cond_init(&lane->news, NULL);
	int error = pthread_create(&lane->thread, NULL, lane_thread, lane);

	if (error) {
		snprintf(why, why_bytes, "no thread: %s", strerror(error));
		return false;
	}
	pthread_mutex_lock(&lane->lock);
	while (lane->open_state == 0)
		pthread_cond_wait(&lane->news, &lane->lock);
	pthread_mutex_unlock(&lane->lock);
	if (lane->open_state < 0)
		pthread_join(lane->thread, NULL);
	return lane->open_state > 0;
}

void lane_join(struct lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	lane->may_close = true;
	pthread_cond_signal(&lane->news);
	pthread_mutex_unlock(&lane->lock);
	pthread_join(lane->thread, NULL);
}
