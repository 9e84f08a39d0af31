/* Any log, over files of any size: plans stay within the files, in order, without overlaps, and within a day; what is
 * drawn from a part of the log never fails. */
#include "base/check.h"
#include "media/sound/timeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_plan(const struct plan *p, int64_t samples)
{
	int64_t end = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct placement *item = &p->items[i];

		check(item->bytes > 0 && item->sample >= end);
		check(item->at >= 0 && item->bytes <= p->file_bytes - item->at);
		end = item->sample + item->bytes;
	}
	check(end <= samples && samples <= PLAN_SAMPLES_MAX);
}

static int64_t take(const int64_t bytes[TIMELINE_FILE_COUNT], struct slice log)
{
	struct spool_reader reader;
	enum timeline_file file;
	struct spool_event e;
	struct timeline t;
	int64_t samples;

	timeline_init(&t, bytes);
	spool_reader_init(&reader);
	while (spool_read(&reader, &log, &e) == SPOOL_EVENT)
		timeline_take(&t, &e);
	timeline_settle(&t);
	check_plan(timeline_caller(&t), t.samples);
	check_plan(timeline_voice(&t, &file), t.samples);
	samples = t.samples;
	timeline_fini(&t);
	return samples;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t bytes[TIMELINE_FILE_COUNT];

	if (size < TIMELINE_FILE_COUNT)
		return 0;
	/* Small files, large ones, none. */
	for (int i = 0; i < TIMELINE_FILE_COUNT; i++)
		bytes[i] = data[i] < 128 ? INT64_C(160) << (data[i] % 40) : data[i] - 128;
	struct slice log = { (const char *)data + TIMELINE_FILE_COUNT, size - TIMELINE_FILE_COUNT };

	(void)take(bytes, log);
	log.len /= 2;
	(void)take(bytes, log);
	return 0;
}
