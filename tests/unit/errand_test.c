/* The thread of errands against a small service of our own, which answers by the path that is asked
 * for. */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "base/clock.h"
#include "proto/hook.h"
#include "relay/errand.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

static struct loop loop;
static struct errands errands;
static struct metrics metrics;
static unsigned turns;

/* --- the service
 * ---------------------------------------------------------------------------------- */

static struct {
	int listener;
	uint16_t port;
	pthread_t thread;
	pthread_mutex_t lock;
	unsigned count;	   /* requests that were read */
	unsigned failures; /* how many of the next ones are answered 503 */
	char head[8][2048], body[8][2048];
} service = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t content_length(const char *head)
{
	const char *at = strstr(head, "Content-Length: ");

	return at ? strtoul(at + 16, NULL, 10) : 0;
}

/* Keeps what was asked; returns how it is to be answered. */
static void keep_request(char *request, char *path, size_t path_bytes)
{
	char *body = strstr(request, "\r\n\r\n");

	check(body);
	check(slice_copy(
		slice_of(body + 4), service.body[service.count % 8], sizeof service.body[0]));
	body[2] = '\0';
	check(slice_copy(
		slice_of(request), service.head[service.count % 8], sizeof service.head[0]));
	snprintf(path, path_bytes, "%.*s", (int)strcspn(request + 6, " "), request + 6);
	service.count++;
}

static void say(int fd, const char *text)
{
	check(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static void answer(int fd, const char *path)
{
	static char huge[ERRAND_ANSWER_BYTES_MAX + 2];

	if (service.failures) {
		service.failures--;
		return say(
			fd, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	}
	if (strcmp(path, "ok") == 0)
		return say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: "
			       "close\r\n\r\n{\"table\":\"7\"}");
	if (strcmp(path, "no") == 0)
		return say(
			fd, "HTTP/1.1 400 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
	if (strcmp(path, "away") == 0)
		return say(fd, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: "
			       "0\r\nConnection: close\r\n\r\n");
	if (strcmp(path, "slow") == 0)
		return; /* the asker gives up */
	if (strcmp(path, "edge") == 0 || strcmp(path, "huge") == 0) {
		char head[128];
		size_t len = ERRAND_ANSWER_BYTES_MAX + (path[0] == 'h');

		memset(huge, 'x', len);
		huge[len] = '\0';
		snprintf(head, sizeof head,
			"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", len);
		say(fd, head);
		if (write(fd, huge, len) < 0)
			return;
	}
}

static void serve_one(int fd)
{
	static char request[32768];
	size_t have = 0;
	char path[64];

	for (;;) {
		ssize_t n = read(fd, request + have, sizeof request - 1 - have);

		if (n <= 0)
			return;
		have += (size_t)n;
		request[have] = '\0';
		char *end = strstr(request, "\r\n\r\n");

		if (end && have >= (size_t)(end + 4 - request) + content_length(request))
			break;
	}
	pthread_mutex_lock(&service.lock);
	keep_request(request, path, sizeof path);
	answer(fd, path);
	pthread_mutex_unlock(&service.lock);
	/* Until the asker has gone, so that nothing is reset under its eyes. */
	if (strcmp(path, "slow") != 0)
		shutdown(fd, SHUT_WR);
	while (read(fd, request, sizeof request) > 0)
		;
}

static void *serve(void *argument)
{
	int fd;

	(void)argument;
	while ((fd = accept(service.listener, NULL, NULL)) >= 0) {
		serve_one(fd);
		close(fd);
	}
	return NULL;
}

/* --- the bench
 * ------------------------------------------------------------------------------------ */

static void turn(struct task *task, uint64_t now_ms)
{
	(void)task;
	(void)now_ms;
	turns++;
}

static struct task task;

static int open_all(void **state)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct loop_plan plan = {
		.ring = {.socket_count_max = 8}, .task_count_max = 8, .batch_us_max = 200};
	socklen_t len = sizeof address;
	char why[256];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	service.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(bind(service.listener, (struct sockaddr *)&address, len) == 0 &&
		listen(service.listener, 16) == 0);
	check(getsockname(service.listener, (struct sockaddr *)&address, &len) == 0);
	service.port = ntohs(address.sin_port);
	check(pthread_create(&service.thread, NULL, serve, NULL) == 0);
	task_init(&task, turn);
	check(errands_open(&errands, 4, &metrics, why, sizeof why));
	return loop_open(&loop, &plan, why, sizeof why) ? 0 : -1;
}

static int close_all(void **state)
{
	(void)state;
	errands_close(&errands);
	loop_close(&loop);
	shutdown(service.listener, SHUT_RDWR);
	pthread_join(service.thread, NULL);
	close(service.listener);
	return 0;
}

static struct errand *make(const char *path)
{
	struct errand *e = errand_take(&errands);

	assert_non_null(e);
	snprintf(e->url, sizeof e->url, "http://127.0.0.1:%u/%s", service.port, path);
	snprintf(e->secret, sizeof e->secret, "whsec_test");
	snprintf(e->event_id, sizeof e->event_id, "evt_1");
	e->body_len = (size_t)snprintf(e->body, sizeof e->body, "{\"tool\":\"book\"}");
	e->timeout_ms = PATIENCE_MS;
	e->allow_private = true;
	e->loop = &loop;
	e->task = &task;
	pthread_mutex_lock(&service.lock);
	service.count = 0;
	pthread_mutex_unlock(&service.lock);
	return e;
}

static void run(struct errand *e)
{
	unsigned before = turns;
	uint64_t until_ms = clock_mono_ms() + 2 * PATIENCE_MS;

	errand_put(&errands, e);
	while (e->busy && clock_mono_ms() < until_ms)
		loop_turn(&loop, 100);
	assert_false(e->busy);
	assert_int_equal(turns, before + 1);
}

static const char *header(unsigned number, const char *name)
{
	static char value[256];
	const char *at = strstr(service.head[number], name);

	assert_non_null(at);
	at += strlen(name) + 2;
	snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
	return value;
}

/* --- tests
 * ---------------------------------------------------------------------------------------- */

static void an_answer_comes_back(void **state)
{
	struct errand *e = make("ok");
	char signature[HOOK_SIGNATURE_BYTES];

	(void)state;
	run(e);
	assert_int_equal(e->outcome, ERRAND_ANSWERED);
	assert_int_equal(e->status, 200);
	assert_memory_equal(e->answer, "{\"table\":\"7\"}", e->answer_len);
	assert_int_equal(e->attempt_count, 1);
	assert_memory_equal(service.head[0], "POST /ok HTTP/1.1\r\n", 19);
	assert_string_equal(service.body[0], "{\"tool\":\"book\"}");
	assert_string_equal(header(0, "Content-Type"), "application/json");
	assert_string_equal(header(0, "X-ReceptionAI-Event"), "evt_1");
	int64_t stamp = strtoll(header(0, "X-ReceptionAI-Timestamp"), NULL, 10);

	assert_in_range(stamp, clock_wall_ms() / 1000 - 60, clock_wall_ms() / 1000);
	hook_sign(SLICE("whsec_test"), stamp, slice_of(service.body[0]), signature);
	assert_string_equal(header(0, "X-ReceptionAI-Signature"), signature);
	errand_give(&errands, e);
}

static void without_a_secret_nothing_is_signed(void **state)
{
	struct errand *e = make("ok");

	(void)state;
	e->secret[0] = '\0';
	run(e);
	assert_null(strstr(service.head[0], "X-ReceptionAI-Signature"));
	errand_give(&errands, e);
}

static void a_refusal_is_an_answer_and_not_repeated(void **state)
{
	struct errand *e = make("no");

	(void)state;
	e->retry = true;
	run(e);
	assert_int_equal(e->outcome, ERRAND_ANSWERED);
	assert_int_equal(e->status, 400);
	assert_int_equal(service.count, 1);
	errand_give(&errands, e);
}

static void a_redirect_is_not_followed(void **state)
{
	struct errand *e = make("away");

	(void)state;
	run(e);
	assert_int_equal(e->status, 302);
	assert_int_equal(service.count, 1);
	errand_give(&errands, e);
}

static void a_failure_is_repeated_where_that_is_safe(void **state)
{
	struct errand *e = make("ok");

	(void)state;
	e->retry = true;
	service.failures = 2;
	run(e);
	assert_int_equal(e->outcome, ERRAND_ANSWERED);
	assert_int_equal(e->status, 200);
	assert_int_equal(e->attempt_count, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(header(i, "X-ReceptionAI-Event"), "evt_1");
	service.failures = 3;
	run(e);
	assert_int_equal(e->status, 503);
	assert_int_equal(service.failures, 0);
	errand_give(&errands, e);
}

static void a_failure_is_not_repeated_where_it_is_not(void **state)
{
	struct errand *e = make("ok");

	(void)state;
	service.failures = 1;
	run(e);
	assert_int_equal(e->status, 503);
	assert_int_equal(service.count, 1);
	errand_give(&errands, e);
}

static void who_does_not_answer_is_given_up_at_the_deadline(void **state)
{
	struct errand *e = make("slow");

	(void)state;
	e->retry = true;
	e->timeout_ms = 300;
	run(e);
	assert_int_equal(e->outcome, ERRAND_TIMEOUT);
	assert_int_equal(e->attempt_count, 1);
	errand_give(&errands, e);
}

static void an_answer_has_a_bound(void **state)
{
	struct errand *e = make("edge");

	(void)state;
	run(e);
	assert_int_equal(e->outcome, ERRAND_ANSWERED);
	assert_int_equal(e->answer_len, ERRAND_ANSWER_BYTES_MAX);
	errand_give(&errands, e);
	e = make("huge");
	run(e);
	assert_int_equal(e->outcome, ERRAND_HUGE);
	errand_give(&errands, e);
}

static void nobody_at_home_is_unreachable(void **state)
{
	struct errand *e = make("ok");

	(void)state;
	snprintf(e->url, sizeof e->url, "http://127.0.0.1:1/");
	run(e);
	assert_int_equal(e->outcome, ERRAND_UNREACHABLE);
	errand_give(&errands, e);
}

static void private_networks_are_refused_however_they_are_written(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost", "0x7f000001", "2130706433",
		"[::1]", "[::ffff:127.0.0.1]", "0", "10.0.0.1", "169.254.169.254", "[fe80::1]",
		"user:pass@127.0.0.1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(hosts); i++) {
		struct errand *e = make("ok");

		snprintf(e->url, sizeof e->url, "http://%s:%u/ok", hosts[i], service.port);
		e->allow_private = false;
		e->retry = true;
		run(e);
		if (e->outcome != ERRAND_PRIVATE)
			fail_msg("%s: %s", hosts[i], errand_outcome_word(e->outcome));
		assert_int_equal(e->attempt_count, 1);
		assert_int_equal(service.count, 0);
		errand_give(&errands, e);
	}
	assert_int_equal(metrics_get(&metrics, METRIC_ERRANDS_PRIVATE), ARRAY_COUNT(hosts));
}

static void no_connection_of_a_trusted_tool_is_lent_to_another(void **state)
{
	struct errand *trusted = make("ok"), *other;

	(void)state;
	run(trusted);
	assert_int_equal(trusted->status, 200);
	other = make("ok");
	other->allow_private = false;
	run(other);
	assert_int_equal(other->outcome, ERRAND_PRIVATE);
	errand_give(&errands, trusted);
	errand_give(&errands, other);
}

static void only_http_is_spoken(void **state)
{
	static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/",
		"gopher://127.0.0.1/x", "dict://h/", "http://", ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(urls); i++) {
		struct errand *e = make("ok");

		snprintf(e->url, sizeof e->url, "%s", urls[i]);
		run(e);
		if (e->outcome != ERRAND_BAD_URL)
			fail_msg("%s: %s", urls[i], errand_outcome_word(e->outcome));
		errand_give(&errands, e);
	}
}

static void an_errand_nobody_waits_for_comes_home_alone(void **state)
{
	struct errand *mine[4];
	unsigned before = turns;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		mine[i] = make("ok");
	assert_null(errand_take(&errands));
	errand_put(&errands, mine[0]);
	errand_abandon(&errands, mine[0]);
	for (unsigned i = 1; i < 4; i++)
		errand_abandon(&errands, mine[i]);
	struct errand *taken[4] = {NULL};
	uint64_t until_ms = clock_mono_ms() + PATIENCE_MS;

	for (unsigned i = 0; i < 4;) {
		loop_turn(&loop, 10);
		taken[i] = errand_take(&errands);
		i += taken[i] != NULL;
		assert_true(clock_mono_ms() < until_ms);
	}
	assert_int_equal(turns, before);
	for (unsigned i = 0; i < 4; i++)
		errand_give(&errands, taken[i]);
}

static void what_is_under_way_is_given_up_at_the_end(void **state)
{
	struct errand *e = make("slow");
	uint64_t before_ms = clock_mono_ms();

	(void)state;
	errand_put(&errands, e);
	loop_turn(&loop, 50);
	errands_close(&errands);
	assert_true(clock_mono_ms() - before_ms < PATIENCE_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_comes_back),
		cmocka_unit_test(without_a_secret_nothing_is_signed),
		cmocka_unit_test(a_refusal_is_an_answer_and_not_repeated),
		cmocka_unit_test(a_redirect_is_not_followed),
		cmocka_unit_test(a_failure_is_repeated_where_that_is_safe),
		cmocka_unit_test(a_failure_is_not_repeated_where_it_is_not),
		cmocka_unit_test(who_does_not_answer_is_given_up_at_the_deadline),
		cmocka_unit_test(an_answer_has_a_bound),
		cmocka_unit_test(nobody_at_home_is_unreachable),
		cmocka_unit_test(private_networks_are_refused_however_they_are_written),
		cmocka_unit_test(no_connection_of_a_trusted_tool_is_lent_to_another),
		cmocka_unit_test(only_http_is_spoken),
		cmocka_unit_test(an_errand_nobody_waits_for_comes_home_alone),
		cmocka_unit_test(what_is_under_way_is_given_up_at_the_end),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
