/* render DATABASE CALLSID MADE [FILE]: the video step alone, without a worker around it; with FILE, which lies in MADE,
 * the call's sound is put under its picture instead. Prints the result, why and how long it took; the exit code is the
 * result. What the step asks the worker, it is told here: SIGTERM stops it. */
#include "media/step.h"

#include "base/check.h"
#include "base/clock.h"
#include "media/video/video.h"
#include "media/fal/video_fal.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = number;
}

enum step_result step_fail(struct step *s, enum step_result result, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(s->why, sizeof s->why, format, list);
	va_end(list);
	return result;
}

bool step_alive(struct step *s)
{
	(void)s;
	return !stopped;
}

void step_progress(struct step *s, int64_t done, int64_t total)
{
	(void)s;
	fprintf(stderr, "%lld of %lld ms\n", (long long)done, (long long)total);
}

enum step_result video_fal(struct step *s)
{
	return step_fail(s, STEP_NOTHING, "too dear");
}

int main(int argc, char **argv)
{
	static const char *const words[] = { "done", "again", "wait", "never", "nothing", "config", "stopped" };
	struct step *s = calloc(1, sizeof *s);
	struct conf conf;
	char why[CONF_WHY_BYTES_MAX];
	uint64_t began_ms = clock_mono_ms();
	enum step_result result;

	signal(SIGTERM, stop);
	if (argc < 4 || argc > 5 || !s || !conf_load(&conf, 'K', getenv("RECEPTIONAI_CONF"), why, sizeof why))
		return 99;
	if (db_open(&s->db, argv[1], DB_READ, 5000, why, sizeof why) != DB_OK) {
		fprintf(stderr, "%s\n", why);
		return 98;
	}
	s->conf = &conf;
	snprintf(s->job.call_sid, sizeof s->job.call_sid, "%s", argv[2]);
	snprintf(s->made, sizeof s->made, "%s", argv[3]);
	if (db_call_by_sid(s->db, slice_of(argv[2]), &s->call) != DB_OK ||
		db_merchant_by_id(s->db, s->call.merchant_id, &s->merchant) != DB_OK) {
		fprintf(stderr, "%s\n", db_why(s->db));
		return 97;
	}
	result = argc == 5 ? video_with_sound(s, argv[4]) : step_video(s);
	check(result < ARRAY_COUNT(words));
	printf("%s ms=%llu why=%s\n", words[result], (unsigned long long)(clock_mono_ms() - began_ms), s->why);
	db_close(s->db);
	conf_close(&conf);
	free(s);
	return (int)result;
}
