/* Any answer to anything that we ask: no crash, and what comes out is text within its bounds that may be used. */
#include "base/check.h"
#include "proto/fal.h"

#include <stdint.h>

#define OURS SLICE("https://queue.fal.run")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const struct fal_error *error)
{
	check(strlen(error->type) <= FAL_TYPE_BYTES_MAX);
	for (const char *c = error->sentence; *c; c++)
		check(*c >= ' ' && *c <= '~');
}

static void check_order(struct slice body)
{
	struct fal_order order;
	const char *why;

	if (!fal_read_order(body, OURS, &order, &why))
		return;
	check(order.request_id[0]);
	check(!order.status_url[0] || fal_may_have_key(slice_of(order.status_url), OURS));
	check(!order.cancel_url[0] || fal_may_have_key(slice_of(order.cancel_url), OURS));
	check(!order.status_url[0] == !order.response_url[0]);
}

static void check_hook(struct slice body)
{
	struct fal_hook hook = { SLICE("r"), SLICE("u"), SLICE("1700000000"), body, body };
	struct fal_keys keys;
	const char *why;

	if (!fal_read_keys(body, &keys, &why))
		keys = (struct fal_keys){ .count = 1 };
	check(fal_hook_verify(&hook, &keys, 1700000000) != FAL_HOOK_GENUINE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = { (const char *)data, size };
	char url[FAL_URL_BYTES_MAX + 1];
	struct fal_outcome outcome;
	struct fal_upload upload;
	struct fal_status status;
	struct fal_error error;
	const char *why;

	check_order(body);
	check_hook(body);
	if (fal_read_status(body, &status, &why))
		check_error(&status.error);
	if (fal_read_outcome(body, &outcome, &why))
		check_error(&outcome.error);
	if (fal_read_video(body, url, &why))
		check(url[0]);
	if (fal_read_upload(body, &upload, &why))
		check(upload.upload_url[0] && upload.file_url[0]);
	fal_read_error(size ? 100 + data[0] * 2 : 0, body, body, &error);
	check_error(&error);
	if (fal_may_have_key(body, OURS))
		check(size > 12 && strncasecmp((const char *)data, "https://", 8) == 0);
	return 0;
}
