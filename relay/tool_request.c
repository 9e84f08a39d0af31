#include "relay/tool_request.h"

#include "proto/json.h"
#include "proto/json_write.h"

#include <stdio.h>

bool tool_request_write(struct buf *out, const struct tool_request *request)
{
	struct json_writer w;

	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put(&w, "event_id", request->event_id);
	json_put(&w, "call_sid", request->call_sid);
	json_put_int(&w, "merchant_id", request->merchant_id);
	json_put(&w, "tool", request->tool);
	json_put_raw(&w, "arguments",
		request->arguments_json.len ? request->arguments_json : SLICE("{}"));
	json_put_optional(&w, "digits", request->digits);
	json_close(&w, '}');
	return json_end(&w);
}

static void put_data(struct json_writer *w, struct slice answer)
{
	const char *why;

	if (answer.len == 0)
		return;
	if (json_valid(answer.data, answer.len, &why))
		json_put_raw(w, "data", answer);
	else
		json_put(w, "data", answer);
}

bool tool_answer_write(struct buf *out, long status, struct slice answer)
{
	bool ok = status >= 200 && status <= 299;
	struct json_writer w;
	char why[64];

	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put_bool(&w, "ok", ok);
	if (!ok) {
		snprintf(why, sizeof why, "the service refused it (%ld)", status);
		json_put(&w, "error", slice_of(why));
	}
	put_data(&w, answer);
	json_close(&w, '}');
	return json_end(&w);
}

bool tool_error_write(struct buf *out, struct slice why)
{
	struct json_writer w;

	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put_bool(&w, "ok", false);
	json_put(&w, "error", why);
	json_close(&w, '}');
	return json_end(&w);
}
