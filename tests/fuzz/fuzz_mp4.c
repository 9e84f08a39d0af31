/* Any bytes as an MP4: nothing is read outside, an answer is complete, and a refusal has a sentence. */
#include "base/check.h"
#include "media/video/mp4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mp4 mp4 = { .length_ms = -1 };
	char why[200] = "";

	if (mp4_check(data, size, &mp4, why, sizeof why))
		check(mp4.length_ms >= 0 && mp4.picture_count == 1 && mp4.sound_count >= 1 && !why[0]);
	else
		check(mp4.length_ms == -1 && why[0]);
	return 0;
}
