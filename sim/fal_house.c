/* The key comes first, but for what is public: files, the key set. Then the path chooses the room. */
#include "sim/fal_house.h"

#include "base/check.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

bool fal_house_open(struct fal_house *house, const struct fal_plan *plan, char *why, size_t why_bytes)
{
	uint8_t seeds[3][FAL_SIGN_SEED_BYTES];

	*house = (struct fal_house){ .plan = plan, .ledger_fd = -1 };
	check(getrandom(seeds, sizeof seeds, 0) == sizeof seeds);
	house->sign = fal_sign_open(seeds[0]);
	house->old_sign = fal_sign_open(seeds[1]);
	house->stranger = fal_sign_open(seeds[2]);
	if (*plan->ledger)
		house->ledger_fd = open(plan->ledger, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (*plan->ledger && house->ledger_fd < 0) {
		snprintf(why, why_bytes, "%s: %s", plan->ledger, strerror(errno));
		return false;
	}
	return true;
}

void fal_house_close(struct fal_house *house)
{
	for (size_t i = 0; i < house->file_count; i++)
		free(house->files[i].bytes);
	fal_sign_close(house->sign);
	fal_sign_close(house->old_sign);
	fal_sign_close(house->stranger);
	if (house->ledger_fd >= 0)
		(void)close(house->ledger_fd);
}

void fal_note_line(struct fal_house *house, const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	int len = vsnprintf(line, sizeof line - 1, format, arguments);
	va_end(arguments);
	if (len < 0 || house->ledger_fd < 0)
		return;
	if ((size_t)len > sizeof line - 2)
		len = (int)sizeof line - 2;
	line[len++] = '\n';
	check(write(house->ledger_fd, line, (size_t)len) == len);
}

void fal_violation(struct fal_house *house, const char *what)
{
	house->violation_count++;
	fal_note_line(house, "violation what=\"%s\"", what);
}

void fal_random_hex(char *out, size_t out_bytes)
{
	uint8_t bytes[32];

	check(out_bytes / 2 <= sizeof bytes && getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
	for (size_t i = 0; i < (out_bytes - 1) / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* --- answers --- */

void fal_answer(struct fal_response *out, int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	const int len = vasprintf(&out->body, format, arguments);

	va_end(arguments);
	check(len >= 0);
	out->body_len = (size_t)len;
	out->status = status;
}

size_t fal_write_failure(const struct fal_failure *failure, char *out, size_t out_bytes)
{
	const int len = failure->shape == 'd' ?
		snprintf(out, out_bytes, "{\"detail\":[{\"loc\":[\"body\",\"audio_url\"],\"msg\":\"It went wrong.\","
			"\"type\":\"%s\",\"url\":\"https://docs.fal.ai/errors#%s\",\"ctx\":{},\"input\":\"x\"}]}",
			failure->type, failure->type) :
		snprintf(out, out_bytes, "{\"detail\":\"It went wrong.\",\"error_type\":\"%s\"}", failure->type);

	check(len > 0 && (size_t)len < out_bytes);
	return (size_t)len;
}

void fal_answer_failure(struct fal_response *out, const struct fal_failure *failure)
{
	char body[512];

	fal_write_failure(failure, body, sizeof body);
	fal_answer(out, failure->status, "%s", body);
	snprintf(out->headers, sizeof out->headers, "X-Fal-Error-Type: %s\r\n", failure->type);
}

bool fal_is_faulty(const struct fal_house *house, const struct fal_order_made *order, enum fal_fault fault)
{
	return order->is_faulty && fal_fault_on(&house->plan->faults, fault);
}

/* --- the key set --- */

static void answer_keys(struct fal_house *house, struct fal_response *out)
{
	const struct fal_faults *faults = &house->plan->faults;
	const int32_t count = house->key_set_count++;
	char x[44], old_x[44];

	fal_note_line(house, "keys");
	fal_sign_public(house->sign, x);
	fal_sign_public(house->old_sign, old_x);
	if (fal_fault_on(faults, FAL_FAULT_KEYS_500) && count < fal_fault_value(faults, FAL_FAULT_KEYS_500))
		fal_answer(out, 500, "{}");
	else if (fal_fault_on(faults, FAL_FAULT_KEYS_OLD) && count < fal_fault_value(faults, FAL_FAULT_KEYS_OLD))
		fal_answer(out, 200, "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"sig\",\"x\":\"%"
			"s\"}]}", old_x);
	else
		fal_answer(out, 200, "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"sig\",\"x\":\"%s\"},"
			"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"sig\",\"x\":\"%s\"}]}", old_x, x);
}

/* --- routes --- */

static bool begins_with(struct slice text, const char *start)
{
	const size_t len = strlen(start);

	return text.len >= len && memcmp(text.data, start, len) == 0;
}

static bool ends_with(struct slice text, const char *end)
{
	const size_t len = strlen(end);

	return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

static bool has_key(const struct fal_house *house, const struct fal_request *request)
{
	const struct slice given = fal_request_header(request, "Authorization");
	struct slice wanted = slice_of(house->plan->key);

	if (!begins_with(given, "Key ") || given.len < 5)
		return false;
	return wanted.len == 0 || slice_equal((struct slice){ given.data + 4, given.len - 4 }, wanted);
}

static bool is_method(const struct fal_request *request, const char *method)
{
	return slice_equal(request->method, slice_of(method));
}

/* What is open to everybody; who shows the key there gives it away. */
static bool handle_public(struct fal_house *house, const struct fal_request *request, struct fal_response *out)
{
	const bool is_file = begins_with(request->path, "/files/") || begins_with(request->path, "/up/") ||
		begins_with(request->path, "/videos/");

	if (is_file && fal_request_header(request, "Authorization").len)
		fal_violation(house, "the key was sent to where files are");
	if (begins_with(request->path, "/up/") && is_method(request, "PUT"))
		fal_put_file(house, request, out);
	else if (begins_with(request->path, "/files/") && is_method(request, "GET"))
		fal_get_file(house, request, out);
	else if (begins_with(request->path, "/videos/") && is_method(request, "GET"))
		fal_get_video(house, request, out);
	else if (slice_equal(request->path, SLICE("/.well-known/jwks.json")) && is_method(request, "GET"))
		answer_keys(house, out);
	else
		return false;
	return true;
}

void fal_house_handle(struct fal_house *house, const struct fal_request *request, struct fal_response *out)
{
	house->now_ms = clock_mono_ms();
	if (handle_public(house, request, out))
		return;
	if (!has_key(house, request)) {
		fal_note_line(house, "refused status=401 path=%.*s", (int)request->path.len, request->path.data);
		return fal_answer(out, 401, "{\"detail\":\"No user found for Key ID and Secret\"}");
	}
	if (is_method(request, "POST") && slice_equal(request->path, SLICE("/storage/upload/initiate")))
		return fal_initiate(house, request, out);
	if (is_method(request, "DELETE") && begins_with(request->path, "/v1/models/requests/") &&
		ends_with(request->path, "/payloads"))
		return fal_forget(house, request, out);
	if (fal_ask(house, request, out))
		return;
	if (is_method(request, "POST"))
		return fal_submit(house, request, out);
	fal_violation(house, "a path that was never told to anybody");
	fal_answer(out, 404, "{\"detail\":\"Not Found\"}");
}
