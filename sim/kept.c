/* A request's path names a file of the folder, or nothing. The password comes first. */
#include "sim/kept.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "proto/base64.h"
#include "proto/ulaw.h"
#include "sim/fal_http.h"
#include "sim/net.h"
#include "sim/wav.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ASKED_MAX = 256, WAIT_MS_MAX = 1000, PATH_BYTES = 4096, SAMPLES_AT_ONCE = 4096 };

/* --- keeping ------------------------------------------------------------------------------------------ */

static void put_samples(struct wav_writer *w, const uint8_t *ulaw, size_t bytes)
{
	uint8_t pcm[2 * SAMPLES_AT_ONCE];

	while (bytes) {
		const size_t n = bytes < SAMPLES_AT_ONCE ? bytes : SAMPLES_AT_ONCE;

		for (size_t i = 0; i < n; i++) {
			const uint16_t sample = (uint16_t)ulaw_decode(ulaw[i]);

			pcm[2 * i] = (uint8_t)sample;
			pcm[2 * i + 1] = (uint8_t)(sample >> 8);
		}
		wav_put(w, pcm, 2 * n);
		ulaw += n;
		bytes -= n;
	}
}

bool kept_write(const char *folder, const char *sid, const uint8_t *ulaw, size_t bytes)
{
	char path[PATH_BYTES], part[PATH_BYTES];
	struct wav_writer w;

	if ((size_t)snprintf(path, sizeof path, "%s/%s.wav", folder, sid) >= sizeof path ||
		(size_t)snprintf(part, sizeof part, "%s/%s.part", folder, sid) >= sizeof part ||
		wav_create(&w, part, WAV_PCM16, 8000, 1) != 0)
		return false;
	put_samples(&w, ulaw, bytes);
	return wav_finish(&w) == 0 && rename(part, path) == 0;
}

/* --- handing out -------------------------------------------------------------------------------------- */

struct counter {
	char sid[SID_BYTES_MAX + 1];
	uint32_t count;
};

struct house {
	const struct kept_options *options;
	char password[600];             /* as the Authorization header has it */
	struct counter asked[ASKED_MAX];
	size_t asked_count;
};

static volatile sig_atomic_t is_over;

static void refuse(struct fal_response *out, int status, int code, const char *message)
{
	const int len = asprintf(&out->body, "{\"code\":%d,\"message\":\"%s\",\"more_info\":"
		"\"https://www.twilio.com/docs/errors/%d\",\"status\":%d}", code, message, code, status);

	check(len > 0);
	out->status = status;
	out->body_len = (size_t)len;
	if (status == 401)
		snprintf(out->headers, sizeof out->headers, "WWW-Authenticate: Basic realm=\"Twilio API\"\r\n");
}

/* RE and 32 digits out of a path of ours; false: another path. */
static bool find_sid(const struct house *h, struct slice path, char out[SID_BYTES_MAX + 1])
{
	char front[256];
	const int len = snprintf(front, sizeof front, "/2010-04-01/Accounts/%s/Recordings/", h->options->account_sid);
	struct slice sid = path;

	if (path.len <= (size_t)len || memcmp(path.data, front, (size_t)len) != 0)
		return false;
	sid.data += len;
	sid.len -= (size_t)len;
	if (sid.len > 4 && memcmp(sid.data + sid.len - 4, ".wav", 4) == 0)
		sid.len -= 4;
	return slice_copy(sid, out, SID_BYTES_MAX + 1) && strspn(out, "0123456789abcdefRE") == sid.len;
}

/* Twilio needs a moment until a recording can be fetched. */
static bool is_ready(struct house *h, const char *sid)
{
	size_t i = 0;

	while (i < h->asked_count && strcmp(h->asked[i].sid, sid) != 0)
		i++;
	if (i == ASKED_MAX)
		return true;
	if (i == h->asked_count)
		snprintf(h->asked[h->asked_count++].sid, sizeof h->asked[0].sid, "%s", sid);
	return h->asked[i].count++ >= h->options->not_ready;
}

static bool read_file(const char *path, struct fal_response *out)
{
	FILE *file = fopen(path, "rb");
	long size = -1;

	if (file && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0) {
		rewind(file);
		out->body = malloc((size_t)size + 1);
		out->body_len = out->body ? fread(out->body, 1, (size_t)size, file) : 0;
	}
	if (file)
		fclose(file);
	return out->body && out->body_len == (size_t)size;
}

static void serve(struct house *h, const struct fal_request *request, struct fal_response *out)
{
	char sid[SID_BYTES_MAX + 1], path[PATH_BYTES];

	if (!slice_equal(fal_request_header(request, "Authorization"), slice_of(h->password)))
		return refuse(out, 401, 20003, "Authenticate");
	if (!find_sid(h, request->path, sid) ||
		(size_t)snprintf(path, sizeof path, "%s/%s.wav", h->options->folder, sid) >= sizeof path ||
		access(path, R_OK) != 0)
		return refuse(out, 404, 20404, "The requested resource was not found");
	if (slice_equal(request->method, SLICE("DELETE"))) {
		out->status = unlink(path) == 0 ? 204 : 500;
		return;
	}
	if (!slice_equal(request->method, SLICE("GET")))
		return refuse(out, 405, 20004, "Method not allowed");
	if (!is_ready(h, sid) || !read_file(path, out))
		return refuse(out, 404, 20404, "The requested resource was not found");
	out->status = 200;
	out->type = "audio/x-wav";
}

static void handle(void *context, const struct fal_request *request, struct fal_response *out)
{
	serve(context, request, out);
	printf("%.*s %.*s %d\n", (int)request->method.len, request->method.data, (int)request->path.len,
		request->path.data, out->status);
	fflush(stdout);
}

static void end(int number)
{
	(void)number;
	is_over = 1;
}

static void run(struct fal_http *http)
{
	struct pollfd polls[FAL_HTTP_CONNECTIONS_MAX + 1];

	while (!is_over) {
		const size_t count = fal_http_polls(http, polls, clock_mono_ms());

		if (poll(polls, count, WAIT_MS_MAX) > 0)
			fal_http_turn(http, polls, count, clock_mono_ms());
	}
}

static bool complain(const char *what, const char *why)
{
	fprintf(stderr, "receptionai-sim-phone: %s: %s\n", what, why);
	return false;
}

static bool open_house(struct house *h, const struct kept_options *o)
{
	char plain[300];
	const int len = snprintf(plain, sizeof plain, "%s:%s", o->account_sid, o->token);
	DIR *folder = opendir(o->folder);

	*h = (struct house){ .options = o };
	if (!folder)
		return complain(o->folder, strerror(errno));
	closedir(folder);
	if ((size_t)len >= sizeof plain)
		return complain("--token", "it is too long");
	memcpy(h->password, "Basic ", 6);
	h->password[6 + base64_encode(h->password + 6, plain, (size_t)len)] = '\0';
	return true;
}

int kept_serve(const struct kept_options *o)
{
	static struct house house;
	char host[256], port[8];
	uint16_t bound = 0;

	if (!open_house(&house, o))
		return 2;
	if (!net_address_split(o->listen, host, sizeof host, port, sizeof port)) {
		complain(o->listen, "HOST:PORT is wanted");
		return 2;
	}
	const int fd = net_listen(host, port, &bound);

	if (fd < 0) {
		complain(o->listen, strerror(-fd));
		return 2;
	}
	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	(void)sigaction(SIGTERM, &(struct sigaction){ .sa_handler = end }, NULL);
	(void)sigaction(SIGINT, &(struct sigaction){ .sa_handler = end }, NULL);
	printf("listening on http://%s:%u\n", host[0] ? host : "127.0.0.1", bound);
	fflush(stdout);
	struct fal_http *http = fal_http_open(fd, handle, &house);

	run(http);
	fal_http_close(http);
	close(fd);
	return 0;
}
