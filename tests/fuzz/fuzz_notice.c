/* Any text: it is refused, or it is to the letter what we would write. */
#include "base/check.h"
#include "proto/notice.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	char again[NOTICE_BYTES_MAX], answer[NOTICE_ANSWER_BYTES_MAX];
	enum notice_state state;
	enum end_reason reason;
	bool is_here;
	struct notice notice;

	if (notice_read(text, &notice))
		check(slice_equal((struct slice){again, notice_write(&notice, again)}, text));
	if (notice_read_answer(text, &state))
		check(slice_equal(
			(struct slice){answer, notice_write_answer(state, answer)}, text));
	if (notice_read_whereabouts(text, &is_here))
		check(slice_equal((struct slice){answer, notice_write_whereabouts(is_here, answer)}, text));
	if (notice_read_end(text, &reason))
		check(slice_equal((struct slice){answer, notice_write_end(reason, answer)}, text));
	return 0;
}
