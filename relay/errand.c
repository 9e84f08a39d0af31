/*
 * The thread takes what was put, lets libcurl work on all of it at once, and tells each asker's
 * loop. A failed attempt that may be repeated rests and is begun again; the deadline is the
 * errand's, not the attempt's.
 */
#include "relay/errand.h"

#include "base/address.h"
#include "base/check.h"
#include "base/clock.h"
#include "proto/hook.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CONNECT_MS_MAX = 4000, WAIT_MS_MAX = 1000, HEADER_BYTES = 256 };

const char *errand_outcome_word(enum errand_outcome outcome)
{
	static const char *const words[] = {
#define X(name, word) [name] = word,
		ERRAND_OUTCOMES(X)
#undef X
	};

	return words[outcome];
}

/* --- one attempt
 * ---------------------------------------------------------------------------------- */

static size_t take_answer(char *data, size_t one, size_t len, void *context)
{
	struct errand *e = context;

	(void)one;
	if (len > sizeof e->answer - e->answer_len) {
		e->too_long = true;
		return 0;
	}
	memcpy(e->answer + e->answer_len, data, len);
	e->answer_len += len;
	return len;
}

/* The address is looked at here, when it is known and nothing has been sent to it yet. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct errand *e = context;

	(void)purpose;
	if (!e->allow_private && !address_is_public(&address->addr)) {
		e->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
	char line[HEADER_BYTES];

	snprintf(line, sizeof line, "%s: %s", name, value);
	struct curl_slist *longer = curl_slist_append(list, line);

	check(longer);
	return longer;
}

static struct curl_slist *make_headers(const struct errand *e)
{
	struct curl_slist *list = NULL;
	char stamp[32], signature[HOOK_SIGNATURE_BYTES];
	int64_t now_s = clock_wall_ms() / 1000;

	snprintf(stamp, sizeof stamp, "%lld", (long long)now_s);
	list = add_header(list, "Content-Type", "application/json");
	list = add_header(list, "Accept", "application/json");
	list = curl_slist_append(list, "Expect:"); /* no 100-continue */
	list = add_header(list, "X-ReceptionAI-Event", e->event_id);
	list = add_header(list, "X-ReceptionAI-Timestamp", stamp);
	if (e->secret[0]) {
		hook_sign(slice_of(e->secret), now_s, (struct slice){e->body, e->body_len}, signature);
		list = add_header(list, "X-ReceptionAI-Signature", signature);
	}
	return list;
}

static void set_request(struct errand *e, CURL *easy)
{
	e->headers = make_headers(e);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, e);
	curl_easy_setopt(easy, CURLOPT_URL, e->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, e->headers);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, e->body);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)e->body_len);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "receptionai/" PACKAGE_VERSION);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, e);
}

static void set_safety(struct errand *e, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, e);
	/* A connection into a private network is never kept: another merchant's tool could be given
	 * it. */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, e->allow_private ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, e->allow_private ? 1L : 0L);
}

static void begin_attempt(struct errands *all, struct errand *e, uint64_t now_ms)
{
	uint64_t left_ms = e->by_ms > now_ms ? e->by_ms - now_ms : 1;
	CURL *easy = e->easy = curl_easy_init();

	check(easy);
	e->again_at_ms = 0;
	e->attempt_count++;
	e->answer_len = 0;
	e->status = 0;
	e->refused = e->too_long = false;
	set_request(e, easy);
	set_safety(e, easy);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(left_ms < CONNECT_MS_MAX ? left_ms : CONNECT_MS_MAX));
	check(curl_multi_add_handle(all->multi, easy) == CURLM_OK);
}

static void end_attempt(struct errands *all, struct errand *e)
{
	curl_multi_remove_handle(all->multi, e->easy);
	curl_easy_cleanup(e->easy);
	curl_slist_free_all(e->headers);
	e->easy = e->headers = NULL;
}

static enum errand_outcome outcome_of(const struct errand *e, CURLcode code)
{
	if (code == CURLE_OK)
		return ERRAND_ANSWERED;
	if (e->too_long)
		return ERRAND_HUGE;
	if (e->refused)
		return ERRAND_PRIVATE;
	if (code == CURLE_OPERATION_TIMEDOUT && clock_mono_ms() + 10 >= e->by_ms)
		return ERRAND_TIMEOUT;
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
		return ERRAND_BAD_URL;
	return ERRAND_UNREACHABLE;
}

/* --- one errand
 * ----------------------------------------------------------------------------------- */

/* Runs in the asker's loop. */
static void errand_done(struct note *note)
{
	struct errand *e = container_of(note, struct errand, note);

	e->busy = false;
	if (e->task)
		loop_mark(e->loop, e->task);
	else
		errand_give(e->errands, e);
}

static void unlink_running(struct errands *all, struct errand *e)
{
	struct errand **at = &all->running;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	all->running_count--;
}

static void finish(
	struct errands *all, struct errand *e, enum errand_outcome outcome, uint64_t now_ms)
{
	e->outcome = outcome;
	unlink_running(all, e);
	if (outcome != ERRAND_ANSWERED || e->status < 200 || e->status > 299)
		metrics_add(all->metrics, METRIC_ERRANDS_FAILED, 1);
	if (outcome == ERRAND_PRIVATE)
		metrics_add(all->metrics, METRIC_ERRANDS_PRIVATE, 1);
	metrics_observe(all->metrics, METRIC_ERRAND_SECONDS,
		(double)(now_ms + e->timeout_ms - e->by_ms) / 1000);
	metrics_set(all->metrics, METRIC_ERRANDS_RUNNING, all->running_count);
	loop_post(e->loop, &e->note);
}

static bool may_repeat(const struct errand *e)
{
	if (!e->retry || e->attempt_count >= ERRAND_ATTEMPTS_MAX)
		return false;
	return e->outcome == ERRAND_UNREACHABLE ||
	       (e->outcome == ERRAND_ANSWERED && (e->status == 429 || e->status >= 500));
}

static void attempt_over(struct errands *all, struct errand *e, CURLcode code, uint64_t now_ms)
{
	uint64_t rest_ms = (uint64_t)ERRAND_REST_MS << (e->attempt_count - 1);

	curl_easy_getinfo(e->easy, CURLINFO_RESPONSE_CODE, &e->status);
	e->outcome = outcome_of(e, code);
	end_attempt(all, e);
	if (may_repeat(e) && now_ms + rest_ms < e->by_ms) {
		metrics_add(all->metrics, METRIC_ERRANDS_REPEATED, 1);
		e->again_at_ms = now_ms + rest_ms;
		return;
	}
	finish(all, e, e->outcome, now_ms);
}

static void begin(struct errands *all, struct errand *e, uint64_t now_ms)
{
	e->next = all->running;
	all->running = e;
	all->running_count++;
	e->attempt_count = 0;
	e->by_ms = now_ms + e->timeout_ms;
	metrics_add(all->metrics, METRIC_ERRANDS, 1);
	metrics_set(all->metrics, METRIC_ERRANDS_RUNNING, all->running_count);
	begin_attempt(all, e, now_ms);
}

/* --- the thread
 * ----------------------------------------------------------------------------------- */

static bool take_put(struct errands *all, uint64_t now_ms)
{
	pthread_mutex_lock(&all->lock);
	struct errand *first = all->put_first;
	bool stop = all->stop;

	all->put_first = NULL;
	all->put_last = &all->put_first;
	pthread_mutex_unlock(&all->lock);
	for (struct errand *next; first; first = next) {
		next = first->next;
		begin(all, first, now_ms);
	}
	return !stop;
}

static void read_done(struct errands *all, uint64_t now_ms)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(all->multi, &left))) {
		struct errand *e;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&e);
		attempt_over(all, e, code, now_ms);
	}
}

/* Begins again what has rested; how long the thread may sleep. */
static int wake_resting(struct errands *all, uint64_t now_ms)
{
	uint64_t wait_ms = WAIT_MS_MAX;

	for (struct errand *e = all->running; e; e = e->next) {
		if (e->again_at_ms == 0)
			continue;
		if (now_ms >= e->again_at_ms)
			begin_attempt(all, e, now_ms);
		else if (e->again_at_ms - now_ms < wait_ms)
			wait_ms = e->again_at_ms - now_ms;
	}
	return (int)wait_ms;
}

static void *errands_thread(void *argument)
{
	struct errands *all = argument;
	int running;

	pthread_setname_np(pthread_self(), "errands");
	while (take_put(all, clock_mono_ms())) {
		curl_multi_perform(all->multi, &running);
		read_done(all, clock_mono_ms());
		curl_multi_poll(all->multi, NULL, 0, wake_resting(all, clock_mono_ms()), NULL);
	}
	for (struct errand *e = all->running; e; e = e->next)
		if (e->easy)
			end_attempt(all, e);
	return NULL;
}

bool errands_open(struct errands *all, uint32_t errand_count, struct metrics *metrics, char *why,
	size_t why_bytes)
{
	*all = (struct errands){.metrics = metrics, .errand_count = errand_count};
	all->put_last = &all->put_first;
	all->all = mmap(NULL, errand_count * sizeof *all->all, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (all->all == MAP_FAILED) {
		snprintf(why, why_bytes, "no memory for errands: %s", strerror(errno));
		return false;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
		!(all->multi = curl_multi_init())) {
		snprintf(why, why_bytes, "libcurl does not start");
		return false;
	}
	pthread_mutex_init(&all->lock, NULL);
	int error = pthread_create(&all->thread, NULL, errands_thread, all);

	all->is_open = error == 0;
	if (error)
		snprintf(why, why_bytes, "no thread for errands: %s", strerror(error));
	return all->is_open;
}

void errands_close(struct errands *all)
{
	if (!all->is_open)
		return;
	pthread_mutex_lock(&all->lock);
	all->stop = true;
	pthread_mutex_unlock(&all->lock);
	curl_multi_wakeup(all->multi);
	pthread_join(all->thread, NULL);
	curl_multi_cleanup(all->multi);
	curl_global_cleanup();
	munmap(all->all, all->errand_count * sizeof *all->all);
	all->is_open = false;
}

/* --- the askers' side
 * ----------------------------------------------------------------------------- */

struct errand *errand_take(struct errands *all)
{
	pthread_mutex_lock(&all->lock);
	struct errand *e = all->free;

	if (e)
		all->free = e->next;
	else if (all->fresh_count < all->errand_count)
		e = &all->all[all->fresh_count++];
	pthread_mutex_unlock(&all->lock);
	if (e) {
		e->errands = all;
		e->url[0] = e->secret[0] = e->event_id[0] = '\0';
		e->body_len = e->answer_len = 0;
		e->attempt_count = 0;
		e->busy = e->retry = e->allow_private = false;
		e->note = (struct note){.read = errand_done};
	}
	return e;
}

void errand_give(struct errands *all, struct errand *e)
{
	check(!e->busy);
	explicit_bzero(e->secret, sizeof e->secret);
	explicit_bzero(e->body, e->body_len);
	pthread_mutex_lock(&all->lock);
	e->next = all->free;
	all->free = e;
	pthread_mutex_unlock(&all->lock);
}

void errand_put(struct errands *all, struct errand *e)
{
	check(!e->busy && e->loop && e->task && e->body_len <= sizeof e->body);
	e->busy = true;
	e->next = NULL;
	pthread_mutex_lock(&all->lock);
	*all->put_last = e;
	all->put_last = &e->next;
	pthread_mutex_unlock(&all->lock);
	curl_multi_wakeup(all->multi);
}

void errand_abandon(struct errands *all, struct errand *e)
{
	if (e->busy)
		e->task = NULL;
	else
		errand_give(all, e);
}
