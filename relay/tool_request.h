/*
 * tool_request - what a merchant's service is asked, and what the model is told of its answer.
 *
 * Place:    relay, pure. Above proto's JSON; below call_tools, which sends and receives by errand.h.
 * Usage:    tool_request_write(&body, &request); … tool_answer_write(&out, status, answer)
 * Request:  an object with event_id, call_sid, merchant_id, tool, arguments (an object) and, for tools that may
 *           have them, digits: what the caller entered in secret.
 * Answer:   {"ok":true,"data":…} for a status of 200 to 299, else {"ok":false,"error":…,"data":…}. An answer
 *           that is JSON goes as it is, any other as a string: it is data, whatever it says.
 * Fails:    false and nothing appended when there is no room.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

struct tool_request {
	struct slice event_id, call_sid, tool;
	int64_t merchant_id;
	struct slice arguments_json;
	struct slice digits;            /* data NULL: not for this tool */
};

bool tool_request_write(struct buf *out, const struct tool_request *request);
bool tool_answer_write(struct buf *out, long status, struct slice answer);
/* {"ok":false,"error":why} */
bool tool_error_write(struct buf *out, struct slice why);
