#include "sim/stream_fault.h"

#include "sim/phone_call.h"
#include "sim/stream_out.h"
#include "sim/wsconn.h"

#include <stdio.h>
#include <string.h>

#define MEDIA \
	"{\"event\":\"media\",\"sequenceNumber\":\"9\"," \
	"\"media\":{\"track\":\"inbound\",\"chunk\":\"9\",\"timestamp\":\"999\","

enum { ONCE_AT_FRAME = 50, HUGE_BYTES = 70 * 1024 };

/* A message that stream_out would never write. */
static void say_text(struct stream_out *o, const char *before_sid, const char *after_sid)
{
	char text[512];

	snprintf(text, sizeof text, "%s%s%s", before_sid, o->call->identity.stream_sid, after_sid);
	wsconn_send_text(o->conn, slice_of(text));
}

static void say_huge(struct stream_out *o)
{
	static char text[HUGE_BYTES];
	int len = snprintf(text, sizeof text, "{\"event\":\"media\",\"pad\":\"");

	memset(text + len, 'x', sizeof text - (size_t)len);
	memcpy(text + sizeof text - 2, "\"}", 2);
	wsconn_send_text(o->conn, (struct slice){ text, sizeof text });
}

void stream_fault_frame(struct stream_out *o, uint64_t frame_count)
{
	uint64_t faults = o->call->options->faults;

	if (frame_count != ONCE_AT_FRAME || !faults)
		return;
	if (phone_fault_on(faults, PHONE_FAULT_OTHER_STREAM))
		say_text(o, MEDIA "\"payload\":\"fw==\"},\"streamSid\":\"not-", "\"}");
	if (phone_fault_on(faults, PHONE_FAULT_BAD_BASE64))
		say_text(o, MEDIA "\"payload\":\"!!!!\"},\"streamSid\":\"", "\"}");
	if (phone_fault_on(faults, PHONE_FAULT_NOT_JSON))
		say_text(o, "{\"event\":\"media\",", "");
	if (phone_fault_on(faults, PHONE_FAULT_BINARY))
		wsconn_send_binary(o->conn, SLICE("\x01\x02\x03"));
	if (phone_fault_on(faults, PHONE_FAULT_UNKNOWN_EVENT))
		say_text(o, "{\"event\":\"weather\",\"sequenceNumber\":\"9\",\"streamSid\":\"", "\"}");
	if (phone_fault_on(faults, PHONE_FAULT_FOREIGN_MARK))
		say_text(o, "{\"event\":\"mark\",\"sequenceNumber\":\"9\",\"streamSid\":\"",
			"\",\"mark\":{\"name\":\"never\"}}");
	if (phone_fault_on(faults, PHONE_FAULT_HUGE_MESSAGE))
		say_huge(o);
}
