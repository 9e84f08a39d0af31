/* media/http against a server of a few lines that does one thing wrong at a time. */
#include "media/http.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEEN_BYTES = 256 * 1024 };

/* Serves `connection_count` connections, one answer each; what was asked is kept. */
struct server {
	int listener;
	uint16_t port;
	pthread_t thread;
	const char *const *answers;     /* one a connection, NULL: none, just close; ends with "" */
	bool waits;                     /* behind the answer: until the other side is gone */
	bool deaf;                      /* answers without having read */
	char seen[SEEN_BYTES];
	size_t seen_len;
	int connection_count;
	char url[64];
};

/* Reads until the head and as much body as Content-Length says are there. */
static void read_request(struct server *s, int fd)
{
	size_t begin = s->seen_len;
	char *end = NULL;

	for (;;) {
		ssize_t n = recv(fd, s->seen + s->seen_len, SEEN_BYTES - 1 - s->seen_len, 0);

		if (n <= 0)
			return;
		s->seen_len += (size_t)n;
		s->seen[s->seen_len] = '\0';
		if (!end)
			end = strstr(s->seen + begin, "\r\n\r\n");
		const char *length = strstr(s->seen + begin, "Content-Length: ");
		size_t body = length && end && length < end ? strtoul(length + 16, NULL, 10) : 0;

		if (end && s->seen_len >= (size_t)(end + 4 - s->seen) + body)
			return;
	}
}

static void *serve(void *context)
{
	struct server *s = context;
	char drain[64];

	for (const char *const *answer = s->answers; !*answer || **answer; answer++) {
		int fd = accept(s->listener, NULL, NULL);

		if (fd < 0)
			break;
		s->connection_count++;
		if (!s->deaf)
			read_request(s, fd);
		if (*answer)
			send(fd, *answer, strlen(*answer), MSG_NOSIGNAL);
		while (s->waits && recv(fd, drain, sizeof drain, 0) > 0)
			continue;
		close(fd);
	}
	return NULL;
}

static void begin(struct server *s, const char *const *answers)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;

	memset(s, 0, sizeof *s);
	s->answers = answers;
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(s->listener, 8), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &len), 0);
	s->port = ntohs(address.sin_port);
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u/x?secret=1", s->port);
}

static void run(struct server *s)
{
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void end(struct server *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
}

static struct server server;
static struct http_client *client;
static struct http_answer answer;

static enum http_outcome ask(const char *const *answers, struct http_request request)
{
	begin(&server, answers);
	run(&server);
	request.url = server.url;
	if (!request.method)
		request.method = "GET";
	enum http_outcome outcome = http_ask(client, &request, &answer);

	end(&server);
	return outcome;
}

static int set_up(void **state)
{
	(void)state;
	client = http_open();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	http_answer_fini(&answer);
	http_answer_fini(&answer);
	http_close(client);
	return 0;
}

static void an_answer_has_status_fields_and_body(void **state)
{
	const char *const answers[] = { "HTTP/1.1 503 No\r\nRetry-After:  7 \r\nX-Other: y\r\n"
		"DATE: Tue, 24 Nov 2026 10:00:00 GMT\r\nContent-Length: 5\r\n\r\nhello", "" };

	(void)state;
	assert_int_equal(ask(answers, (struct http_request){ 0 }), HTTP_ANSWERED);
	assert_int_equal(answer.status, 503);
	assert_string_equal(answer.body, "hello");
	assert_int_equal(answer.body_len, 5);
	assert_string_equal(http_field(&answer, HTTP_FIELD_RETRY_AFTER), "7");
	assert_int_equal(http_retry_after_ms(&answer, 0), 7000);
	assert_int_equal(http_date_ms(http_field(&answer, HTTP_FIELD_DATE)), 1795514400000);
	assert_string_equal(http_field(&answer, HTTP_FIELD_LOCATION), "");
	assert_null(strstr(server.seen, "Expect"));
}

static void retry_after_may_be_a_date_and_must_make_sense(void **state)
{
	(void)state;
	memset(&answer, 0, sizeof answer);
	char *field = answer.fields[HTTP_FIELD_RETRY_AFTER];

	snprintf(field, HTTP_VALUE_BYTES_MAX, "Tue, 24 Nov 2026 10:00:00 GMT");
	assert_int_equal(http_retry_after_ms(&answer, 1795514400000 - 9000), 9000);
	assert_int_equal(http_retry_after_ms(&answer, 1795514400000 + 9000), 0);
	for (size_t i = 0; i < 4; i++) {
		snprintf(field, HTTP_VALUE_BYTES_MAX, "%s",
			(const char *const[]){ "-4", "99999999999999999999", "soon", "" }[i]);
		assert_int_equal(http_retry_after_ms(&answer, 0), 0);
	}
}

static void a_redirect_is_an_answer(void **state)
{
	const char *const answers[] = { "HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "" };

	(void)state;
	assert_int_equal(ask(answers, (struct http_request){ 0 }), HTTP_ANSWERED);
	assert_int_equal(answer.status, 307);
	assert_string_equal(http_field(&answer, HTTP_FIELD_LOCATION), "http://127.0.0.1:1/");
	assert_int_equal(server.connection_count, 1);
}

static void nobody_there_is_not_sent(void **state)
{
	struct http_request request = { .method = "POST", .url = server.url, .body = "x", .body_len = 1 };

	(void)state;
	begin(&server, NULL);
	close(server.listener);
	assert_int_equal(http_ask(client, &request, &answer), HTTP_NOT_SENT);
	assert_false(answer.maybe_sent);
	assert_int_equal(answer.status, 0);
	assert_string_not_equal(answer.why, "");
	assert_null(strstr(answer.why, "secret"));
	http_answer_fini(&answer);
	request.url = "http://name.invalid/";
	request.plain_allowed = true;
	assert_int_equal(http_ask(client, &request, &answer), HTTP_NOT_SENT);
}

static void a_server_without_tls_is_not_sent_anything(void **state)
{
	const char *const answers[] = { "HTTP/1.1 200 OK\r\n\r\n", "" };
	struct http_request request = { .method = "POST", .url = server.url, .body = "x", .body_len = 1 };

	(void)state;
	begin(&server, answers);
	server.deaf = server.waits = true;
	run(&server);
	snprintf(server.url, sizeof server.url, "https://127.0.0.1:%u/", server.port);
	assert_int_equal(http_ask(client, &request, &answer), HTTP_NOT_SENT);
	assert_false(answer.maybe_sent);
	end(&server);
	assert_int_equal(server.connection_count, 1);
}

static void a_connection_that_closes_without_an_answer_is_unknown(void **state)
{
	const char *const answers[] = { NULL, "" };

	(void)state;
	assert_int_equal(ask(answers, (struct http_request){ .method = "POST", .body = "{}", .body_len = 2 }),
		HTTP_UNKNOWN);
	assert_true(answer.maybe_sent);
	assert_int_equal(server.connection_count, 1);
	assert_null(strstr(answer.why, "secret"));
}

static void half_an_answer_is_unknown(void **state)
{
	const char *const answers[] = { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", "" };

	(void)state;
	assert_int_equal(ask(answers, (struct http_request){ 0 }), HTTP_UNKNOWN);
	assert_int_equal(answer.status, 200);
}

static void a_longer_answer_than_allowed_is_unknown(void **state)
{
	const char *const answers[] = { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhellohello", "" };

	(void)state;
	assert_int_equal(ask(answers, (struct http_request){ .answer_bytes_max = 9 }), HTTP_UNKNOWN);
	assert_non_null(strstr(answer.why, "longer than 9"));
	http_answer_fini(&answer);
	assert_int_equal(ask(answers, (struct http_request){ .answer_bytes_max = 10 }), HTTP_ANSWERED);
}

static bool count_and_stop(void *user, uint64_t sent, uint64_t received)
{
	(void)sent, (void)received;
	return --*(int *)user > 0;
}

static void whoever_is_asked_can_stop_it(void **state)
{
	const char *const answers[] = { "HTTP/1.1 100 Continue\r\n\r\n", "" };
	int left = 2;

	(void)state;
	begin(&server, answers);
	server.waits = true;
	run(&server);
	struct http_request request = { .method = "GET", .url = server.url, .alive = count_and_stop, .user = &left };

	assert_int_equal(http_ask(client, &request, &answer), HTTP_STOPPED);
	assert_true(answer.maybe_sent);
	end(&server);
}

static void a_deadline_ends_a_silent_server(void **state)
{
	const char *const answers[] = { NULL, "" };

	(void)state;
	begin(&server, answers);
	server.waits = true;
	run(&server);
	struct http_request request = { .method = "GET", .url = server.url, .deadline_ms = 300 };

	assert_int_equal(http_ask(client, &request, &answer), HTTP_UNKNOWN);
	end(&server);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void a_file_goes_and_a_file_comes(void **state)
{
	const char *const answers[] = { "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer", "" };
	const char *const refused[] = { "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nlost", "" };
	const char *const empty[] = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "" };
	char in[] = "/tmp/http_test.XXXXXX", out[64];
	struct stat facts;

	(void)state;
	close(mkstemp(in));
	write_file(in, "what goes");
	snprintf(out, sizeof out, "%s.out", in);
	struct http_request request = { .method = "PUT", .body_path = in, .answer_path = out };

	assert_int_equal(ask(answers, request), HTTP_ANSWERED);
	assert_non_null(strstr(server.seen, "Content-Length: 9\r\n"));
	assert_non_null(strstr(server.seen, "\r\n\r\nwhat goes"));
	assert_int_equal(stat(out, &facts), 0);
	assert_int_equal(facts.st_size, 6);
	assert_string_equal(answer.body, "");
	http_answer_fini(&answer);
	unlink(out);
	assert_int_equal(ask(refused, request), HTTP_ANSWERED);
	assert_string_equal(answer.body, "lost");
	assert_int_not_equal(stat(out, &facts), 0);
	http_answer_fini(&answer);
	assert_int_equal(ask(empty, request), HTTP_ANSWERED);
	assert_int_equal(stat(out, &facts), 0);
	http_answer_fini(&answer);
	unlink(out);
	unlink(in);
	assert_int_equal(ask(answers, request), HTTP_NOT_SENT);
	assert_int_equal(server.connection_count, 0);
}

/* The first connection stays open for the client and dies while it is idle. */
static void a_connection_gone_stale_costs_a_second_try_but_not_of_what_is_asked_once(void **state)
{
	const char *const answers[] = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "" };
	struct http_request request = { .method = "PUT", .body_path = "/proc/self/status", .url = server.url };
	char in[] = "/tmp/http_test.XXXXXX";

	(void)state;
	close(mkstemp(in));
	write_file(in, "again from the beginning");
	request.body_path = in;
	begin(&server, answers);
	run(&server);
	for (int i = 0; i < 3; i++) {
		request.once = i == 2;
		assert_int_equal(http_ask(client, &request, &answer), HTTP_ANSWERED);
		http_answer_fini(&answer);
	}
	end(&server);
	unlink(in);
	assert_int_equal(server.connection_count, 3);
}

static void plain_http_is_for_this_host_and_public_only_is_not(void **state)
{
	const char *const answers[] = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "" };
	struct http_request request = { .method = "GET", .url = "http://192.0.2.1/" };

	(void)state;
	assert_int_equal(http_ask(client, &request, &answer), HTTP_NOT_SENT);
	assert_non_null(strstr(answer.why, "rotocol"));
	http_answer_fini(&answer);
	assert_int_equal(ask(answers, (struct http_request){ .public_only = true }), HTTP_NOT_SENT);
	assert_non_null(strstr(answer.why, "public"));
	assert_int_equal(server.connection_count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_answer_has_status_fields_and_body),
		TEST(retry_after_may_be_a_date_and_must_make_sense),
		TEST(a_redirect_is_an_answer),
		TEST(nobody_there_is_not_sent),
		TEST(a_server_without_tls_is_not_sent_anything),
		TEST(a_connection_that_closes_without_an_answer_is_unknown),
		TEST(half_an_answer_is_unknown),
		TEST(a_longer_answer_than_allowed_is_unknown),
		TEST(whoever_is_asked_can_stop_it),
		TEST(a_deadline_ends_a_silent_server),
		TEST(a_file_goes_and_a_file_comes),
		TEST(a_connection_gone_stale_costs_a_second_try_but_not_of_what_is_asked_once),
		TEST(plain_http_is_for_this_host_and_public_only_is_not),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
