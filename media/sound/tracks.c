/* Opening reads every log and plans; reading fills blocks from the plans. */
#include "media/sound/tracks.h"

#include "base/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_BLOCK_BYTES = 64 * 1024, NUMBER_DIGITS_MAX = 6 };

static_assert(LOG_BLOCK_BYTES >= 2 * SPOOL_LINE_BYTES_MAX, "a line fits");

static const char *const file_names[TIMELINE_FILE_COUNT] = {
	[TIMELINE_CALLER_FILE] = SPOOL_CALLER_FILE,
	[TIMELINE_VOICE_FILE] = SPOOL_VOICE_FILE,
	[TIMELINE_PLAYED_FILE] = SPOOL_PLAYED_FILE,
};

/* --- one part ---------------------------------------------------------------------------------------- */

static int open_file(int folder, const char *name, int64_t *out_bytes)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat s;

	*out_bytes = 0;
	if (fd < 0)
		return -1;
	if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode)) {
		(void)close(fd);
		return -1;
	}
	*out_bytes = s.st_size;
	return fd;
}

static void take(struct tracks *t, struct tracks_part *part, const struct spool_event *e)
{
	enum spool_why why = spool_why_parse(slice_of(e->text));

	/* What was withdrawn stays so, whatever else happened. */
	if (e->word == SPOOL_RECORDING && t->stopped != SPOOL_WITHDRAWN)
		t->stopped = e->on == 0 ? why : SPOOL_WHOLE;
	timeline_take(&part->timeline, e);
}

static enum spool_result take_lines(struct tracks *t, struct tracks_part *part, struct spool_reader *r,
	struct slice *bytes)
{
	enum spool_result result;
	struct spool_event e;

	while ((result = spool_read(r, bytes, &e)) == SPOOL_EVENT)
		take(t, part, &e);
	return result;
}

/* The log to its end, or to where it cannot be read. false: not even its first line can. */
static bool read_log(struct tracks *t, struct tracks_part *part, int fd, struct spool_reader *r)
{
	static const size_t room = LOG_BLOCK_BYTES;
	char *block = malloc(room);
	enum spool_result result = SPOOL_MORE;
	size_t len = 0;
	ssize_t n;

	check(block);
	spool_reader_init(r);
	while (result == SPOOL_MORE && len < room && (n = read(fd, block + len, room - len)) > 0) {
		struct slice bytes = { block, len + (size_t)n };

		result = take_lines(t, part, r, &bytes);
		memmove(block, bytes.data, bytes.len);
		len = bytes.len;
	}
	free(block);
	return part->timeline.wall_ms >= 0;
}

static void close_part(struct tracks_part *part)
{
	for (int i = 0; i < TIMELINE_FILE_COUNT; i++)
		if (part->files[i] >= 0)
			(void)close(part->files[i]);
	timeline_fini(&part->timeline);
}

static void note_damage(struct tracks *t, const char *name, const struct spool_reader *r)
{
	if (r->why && !t->damage[0])
		(void)snprintf(t->damage, sizeof t->damage, "part %s: line %llu: %s", name,
			(unsigned long long)r->line_count, r->why);
}

/* Adds the part if it has a log. */
static void open_part(struct tracks *t, int folder, const char *name)
{
	int64_t bytes[TIMELINE_FILE_COUNT], log_bytes;
	struct tracks_part part;
	struct spool_reader r;
	int log = open_file(folder, SPOOL_LOG_FILE, &log_bytes);

	if (log < 0)
		return;
	for (int i = 0; i < TIMELINE_FILE_COUNT; i++)
		part.files[i] = open_file(folder, file_names[i], &bytes[i]);
	part.caller_next = part.voice_next = 0;
	part.from = 0;
	timeline_init(&part.timeline, bytes);
	bool is_there = read_log(t, &part, log, &r);

	(void)close(log);
	note_damage(t, name, &r);
	if (!is_there)
		return close_part(&part);
	timeline_settle(&part.timeline);
	t->ended = t->ended && part.timeline.ended;
	t->parts = realloc(t->parts, (t->part_count + 1) * sizeof *t->parts);
	check(t->parts);
	t->parts[t->part_count++] = part;
}

/* --- all of them ------------------------------------------------------------------------------------- */

static long number_of(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	if (digits == 0 || digits > NUMBER_DIGITS_MAX || name[digits] || name[0] == '0')
		return 0;
	return strtol(name, NULL, 10);
}

static int compare(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t list_parts(int folder, long numbers[TRACKS_PARTS_MAX])
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	size_t count = 0;

	while (dir && count < TRACKS_PARTS_MAX && (entry = readdir(dir)))
		if (number_of(entry->d_name) > 0)
			numbers[count++] = number_of(entry->d_name);
	if (dir)
		(void)closedir(dir);
	else if (again >= 0)
		(void)close(again);
	qsort(numbers, count, sizeof *numbers, compare);
	return count;
}

static void open_parts(struct tracks *t, int folder)
{
	long numbers[TRACKS_PARTS_MAX];
	size_t count = list_parts(folder, numbers);

	for (size_t i = 0; i < count; i++) {
		char name[NUMBER_DIGITS_MAX + 16];

		(void)snprintf(name, sizeof name, "%ld", numbers[i]);
		int part = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (part < 0)
			continue;
		open_part(t, part, name);
		(void)close(part);
	}
}

/* Where each part begins: by the wall clock, unless that ran backwards or makes a day of it. */
static void join(struct tracks *t)
{
	for (size_t i = 0; i < t->part_count; i++) {
		struct tracks_part *part = &t->parts[i];
		int64_t first_ms = t->parts[0].timeline.wall_ms, ms = part->timeline.wall_ms;
		int64_t from = t->samples, room;

		if (first_ms >= 0 && ms > first_ms && ms - first_ms < STREAM_MS_MAX &&
			(ms - first_ms) * ULAW_BYTES_PER_MS > from)
			from = (ms - first_ms) * ULAW_BYTES_PER_MS;
		room = PLAN_SAMPLES_MAX - from;
		part->from = from;
		if (part->timeline.samples > room)
			part->timeline.samples = room;
		t->samples = from + part->timeline.samples;
	}
}

bool tracks_open(struct tracks *t, const char *folder, char why[TRACKS_WHY_BYTES_MAX])
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*t = (struct tracks){ .ended = true };
	why[0] = '\0';
	if (fd < 0) {
		(void)snprintf(why, TRACKS_WHY_BYTES_MAX, "%s: %s", folder, strerror(errno));
		return false;
	}
	open_part(t, fd, ".");
	if (t->part_count == 0)
		open_parts(t, fd);
	(void)close(fd);
	if (t->part_count == 0) {
		(void)snprintf(why, TRACKS_WHY_BYTES_MAX, "%s",
			t->damage[0] ? t->damage : "there is no log of a recording");
		return false;
	}
	join(t);
	return true;
}

void tracks_close(struct tracks *t)
{
	for (size_t i = 0; i < t->part_count; i++)
		close_part(&t->parts[i]);
	free(t->parts);
	*t = (struct tracks){ 0 };
}

/* --- blocks ------------------------------------------------------------------------------------------ */

/* `bytes` of the file, as many as there are. */
static int read_at(int fd, uint8_t *out, int64_t at, int64_t bytes)
{
	while (bytes > 0) {
		ssize_t n = pread(fd, out, (size_t)bytes, at);

		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			out += n;
			at += n;
			bytes -= n;
		}
	}
	return 0;
}

/* Samples [from, to) of a plan's track into out, which holds silence. */
static int fill(const struct plan *plan, int fd, size_t *next, int64_t from, int64_t to, uint8_t *out)
{
	int error = 0;

	for (; *next < plan->count && error == 0; ++*next) {
		const struct placement *item = &plan->items[*next];
		int64_t begin = item->sample > from ? item->sample : from, end = item->sample + item->bytes;

		if (item->sample >= to)
			break;
		if (end > to)
			end = to;
		if (fd >= 0 && end > begin)
			error = read_at(fd, out + (begin - from), item->at + (begin - item->sample), end - begin);
		if (item->sample + item->bytes > to)
			break;
	}
	return error;
}

static int fill_part(struct tracks_part *part, int64_t at, int64_t to, uint8_t *caller, uint8_t *voice)
{
	int64_t begin = at > part->from ? at : part->from, end = part->from + part->timeline.samples;
	enum timeline_file file;
	const struct plan *voice_plan = timeline_voice(&part->timeline, &file);
	int error;

	if (end > to)
		end = to;
	if (end <= begin)
		return 0;
	error = fill(timeline_caller(&part->timeline), part->files[TIMELINE_CALLER_FILE], &part->caller_next,
		begin - part->from, end - part->from, caller + (begin - at));
	if (error)
		return error;
	return fill(voice_plan, part->files[file], &part->voice_next, begin - part->from, end - part->from,
		voice + (begin - at));
}

ssize_t tracks_read(struct tracks *t, uint8_t *caller, uint8_t *voice, size_t samples)
{
	int64_t left = t->samples - t->at;
	size_t count = left < (int64_t)samples ? (size_t)left : samples;

	memset(caller, ULAW_SILENCE, count);
	memset(voice, ULAW_SILENCE, count);
	for (size_t i = 0; i < t->part_count; i++) {
		int error = fill_part(&t->parts[i], t->at, t->at + (int64_t)count, caller, voice);

		if (error)
			return error;
	}
	t->at += (int64_t)count;
	return (ssize_t)count;
}
