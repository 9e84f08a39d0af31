#include "fcgi/machine.h"

#include <string.h>

static bool begins_with(struct slice text, const char *start)
{
	size_t len = strlen(start);

	return text.len >= len && memcmp(text.data, start, len) == 0;
}

enum answerer machine_decide(struct slice answered_by, enum outgoing_machine machine)
{
	if (slice_equal(answered_by, SLICE("fax")))
		return ANSWERER_HANG_UP;
	if (!begins_with(answered_by, "machine_") || machine == MACHINE_TALK)
		return ANSWERER_PERSON;
	/* Before the tone nothing is recorded. */
	return machine == MACHINE_MESSAGE && begins_with(answered_by, "machine_end_") ? ANSWERER_LEAVE_MESSAGE
										      : ANSWERER_HANG_UP;
}
