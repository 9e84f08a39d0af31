/*
 * One poll(2) loop over the listener and its few peers. A peer sends one message and is answered at once; who has sent
 * nothing in time is hung up on.
 */
#include "relay/herald.h"

#include "base/check.h"
#include "base/clock.h"
#include "relay/call_parts.h"
#include "relay/listen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HERALD_MODE = 0660, HERALD_SHOW_MS = 250 };

struct peer {
	int fd;                         /* -1: free */
	uint64_t deadline_ms;
};

struct station {
	struct herald *herald;
	struct peer peers[HERALD_PEERS_MAX];
	struct log_limit limit;
};

static void hang_up(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

/* --- what is said ----------------------------------------------------------------------------------- */

static bool has_provider(const struct relay *relay)
{
	uint64_t now_ms = clock_mono_ms();

	for (int i = 0; i < PROVIDER_COUNT; i++)
		if (relay->providers[i].is_there && !breaker_bars(&relay->breakers[i], now_ms))
			return true;
	return false;
}

static enum notice_state state_now(struct relay *relay)
{
	if (atomic_load_explicit(&relay->draining, memory_order_relaxed))
		return NOTICE_DRAINING;
	if (atomic_load_explicit(&relay->call_count, memory_order_relaxed) >= relay->calls_max)
		return NOTICE_FULL;
	if (relay->sessions_max && !relay->providers[PROVIDER_FALLBACK].is_there &&
		atomic_load_explicit(&relay->session_count, memory_order_relaxed) >= relay->sessions_max)
		return NOTICE_FULL;
	return has_provider(relay) ? NOTICE_UP : NOTICE_UNABLE;
}

/* A call that was promised a session is welcome however full it has become. */
static enum notice_state hear(struct herald *h, const struct notice *notice, struct foyer_guest **out_guest)
{
	struct foyer *foyer = &h->relay->foyer;
	enum notice_state state = state_now(h->relay);

	*out_guest = NULL;
	if (notice->kind != NOTICE_EXPECT)
		return state;
	if (state != NOTICE_UP)
		return foyer_knows(foyer, slice_of(notice->call_sid)) ? NOTICE_UP : state;
	if (foyer_announce(foyer, notice, clock_mono_ms(), out_guest) != FOYER_NEW)
		*out_guest = NULL;
	return state;
}

static bool answer(struct peer *p, enum notice_state state)
{
	char text[NOTICE_ANSWER_BYTES_MAX];
	size_t len = notice_write_answer(state, text);

	return send(p->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

static void have_opened(struct herald *h, struct foyer_guest *guest)
{
	struct call_env *env = h->envs[h->env_next++ % h->env_count];

	call_expect(env, guest);
}

static void answer_find(struct herald *h, struct peer *p, const struct notice *notice)
{
	char text[NOTICE_ANSWER_BYTES_MAX];
	const bool is_here = roll_has(&h->relay->roll, slice_of(notice->call_sid));
	size_t len = notice_write_whereabouts(is_here, text);

	(void)send(p->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Whom the webhook sends elsewhere never comes to the door, where such callers are counted too. */
static void count_refusal(struct herald *h, enum notice_state state)
{
	if (state == NOTICE_FULL)
		metrics_add(h->metrics, METRIC_NOTICES_FULL, 1);
	else if (state == NOTICE_DRAINING)
		metrics_add(h->metrics, METRIC_NOTICES_DRAINING, 1);
}

static void answer_end(struct herald *h, struct peer *p, const struct notice *notice)
{
	char text[NOTICE_ANSWER_BYTES_MAX];
	const enum end_reason reason = roll_end_of(&h->relay->roll, slice_of(notice->call_sid), clock_mono_ms());
	size_t len = notice_write_end(reason, text);

	(void)send(p->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void serve_notice(struct herald *h, struct peer *p, const struct notice *notice)
{
	if (notice->kind == NOTICE_FIND)
		return answer_find(h, p, notice);
	if (notice->kind == NOTICE_END)
		return answer_end(h, p, notice);
	struct foyer_guest *guest;
	enum notice_state state = hear(h, notice, &guest);
	bool was_heard = answer(p, state);

	if (notice->kind == NOTICE_FORGET) {
		guest = foyer_forget(&h->relay->foyer, slice_of(notice->call_sid));
		if (guest)
			call_forget(guest);
	} else if (guest && was_heard) {
		have_opened(h, guest);
	} else if (guest) {
		/* Whoever asked did not wait. */
		foyer_forget(&h->relay->foyer, slice_of(notice->call_sid));
		foyer_seat(&h->relay->foyer, guest, NULL);
	}
	if (notice->kind != NOTICE_EXPECT)
		return;
	count_refusal(h, state);
	log_debug("notice call=%s merchant=%lld state=%s session=%s", notice->call_sid,
		(long long)notice->merchant_id, notice_state_word(state), guest ? "new" : "none");
}

/* --- peers ------------------------------------------------------------------------------------------ */

static void refuse(struct station *s, struct peer *p, const char *why)
{
	uint32_t left_out;

	metrics_add(s->herald->metrics, METRIC_NOTICES_BAD, 1);
	if (log_limit_pass(&s->limit, clock_mono_ms(), 5, &left_out))
		log_warn("notice refused why=\"%s\" left_out=%u", why, left_out);
	hang_up(p);
}

static void serve_peer(struct station *s, struct peer *p)
{
	char text[NOTICE_BYTES_MAX + 1];
	struct notice notice;
	ssize_t n = recv(p->fd, text, sizeof text, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		return hang_up(p);
	metrics_add(s->herald->metrics, METRIC_NOTICES, 1);
	if (!notice_read((struct slice){ text, (size_t)n }, &notice))
		return refuse(s, p, "no notice of this version");
	serve_notice(s->herald, p, &notice);
	hang_up(p);
}

static void accept_peer(struct station *s)
{
	for (size_t i = 0; i < HERALD_PEERS_MAX; i++) {
		struct peer *p = &s->peers[i];

		if (p->fd >= 0)
			continue;
		p->fd = accept4(s->herald->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (p->fd < 0)
			return;
		p->deadline_ms = clock_mono_ms() + HERALD_DEADLINE_MS;
		/* It has usually spoken before it was accepted. */
		serve_peer(s, p);
	}
}

/* --- the thread ------------------------------------------------------------------------------------- */

static void show(struct herald *h)
{
	struct foyer_counters c = foyer_count(&h->relay->foyer);

	metrics_set(h->metrics, METRIC_WARM_ANNOUNCED, c.announced);
	metrics_set(h->metrics, METRIC_WARM_REPEATED, c.repeated);
	metrics_set(h->metrics, METRIC_WARM_REFUSED_FULL, c.refused_full);
	metrics_set(h->metrics, METRIC_WARM_CLAIMED, c.claimed);
	metrics_set(h->metrics, METRIC_WARM_EARLY, c.early);
	metrics_set(h->metrics, METRIC_WARM_EXPIRED, c.expired);
	metrics_set(h->metrics, METRIC_WARM_FORGOTTEN, c.forgotten);
	metrics_set(h->metrics, METRIC_WARM_FAILED, c.failed);
}

/* Fills the poll set: stop, listener (only while there is room for a peer), peers. */
static void prepare(struct station *s, struct pollfd *fds, uint64_t now_ms)
{
	bool room = false;

	for (size_t i = 0; i < HERALD_PEERS_MAX; i++) {
		struct peer *p = &s->peers[i];

		if (p->fd >= 0 && p->deadline_ms <= now_ms)
			refuse(s, p, "silent");
		room = room || p->fd < 0;
		fds[2 + i] = (struct pollfd){ .fd = p->fd, .events = POLLIN };
	}
	fds[0] = (struct pollfd){ .fd = s->herald->stop_fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = room ? s->herald->listen_fd : -1, .events = POLLIN };
}

static void *herald_thread(void *argument)
{
	struct pollfd fds[2 + HERALD_PEERS_MAX];
	struct station s = { .herald = argument };

	pthread_setname_np(pthread_self(), "herald");
	for (size_t i = 0; i < HERALD_PEERS_MAX; i++)
		s.peers[i].fd = -1;
	do {
		prepare(&s, fds, clock_mono_ms());
		if (poll(fds, ARRAY_COUNT(fds), HERALD_SHOW_MS) <= 0)
			fds[0].revents = fds[1].revents = 0;
		for (size_t i = 0; i < HERALD_PEERS_MAX; i++)
			if (s.peers[i].fd >= 0)
				serve_peer(&s, &s.peers[i]);
		if (fds[1].revents)
			accept_peer(&s);
		show(s.herald);
	} while (!fds[0].revents);
	for (size_t i = 0; i < HERALD_PEERS_MAX; i++)
		hang_up(&s.peers[i]);
	return NULL;
}

bool herald_open(struct herald *h, const char *path, struct relay *relay, struct call_env *const *envs,
	uint32_t env_count, struct metrics *metrics, char *why, size_t why_bytes)
{
	check(env_count > 0);
	*h = (struct herald){ .relay = relay, .envs = envs, .env_count = env_count, .metrics = metrics, .path = path,
		.stop_fd = -1 };
	h->listen_fd = listen_open_path(path, SOCK_SEQPACKET, HERALD_MODE, why, why_bytes);
	if (h->listen_fd < 0)
		return false;
	h->stop_fd = eventfd(0, EFD_CLOEXEC);
	h->running = h->stop_fd >= 0 && pthread_create(&h->thread, NULL, herald_thread, h) == 0;
	if (h->running)
		return true;
	snprintf(why, why_bytes, "the herald's thread does not start");
	close(h->listen_fd);
	if (h->stop_fd >= 0)
		close(h->stop_fd);
	return false;
}

void herald_close(struct herald *h)
{
	if (!h->running)
		return;
	eventfd_write(h->stop_fd, 1);
	pthread_join(h->thread, NULL);
	unlink(h->path);
	close(h->listen_fd);
	close(h->stop_fd);
	h->running = false;
}
