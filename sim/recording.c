/*
 * recording - the file is read whole, then taken apart line by line: what is behind a line's number is the message.
 */
#include "sim/recording.h"

#include "base/check.h"
#include "proto/scan.h"
#include "proto/twilio.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(char *why, size_t why_bytes, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool refuse(char *why, size_t why_bytes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, why_bytes, format, args);
	va_end(args);
	return false;
}

static bool read_file(const char *path, char **out, size_t *out_len)
{
	FILE *file = fopen(path, "rbe");
	char *memory = NULL;
	size_t room = 0, len = 0, n = 1;

	if (!file)
		return false;
	while (n > 0 && len < RECORDING_BYTES_MAX) {
		if (room - len < 65536) {
			room = 2 * room + 65536;
			memory = realloc(memory, room);
			check(memory);
		}
		n = fread(memory + len, 1, room - len, file);
		len += n;
	}
	if (len >= RECORDING_BYTES_MAX)
		errno = EFBIG;
	if (len >= RECORDING_BYTES_MAX || ferror(file)) {
		free(memory);
		memory = NULL;
	}
	fclose(file);
	*out = memory;
	*out_len = len;
	return memory != NULL;
}

static bool add_frame(struct recording *r, uint64_t ms, struct slice text)
{
	if ((r->frame_count & (r->frame_count - 1)) == 0) {
		size_t room = r->frame_count ? 2 * r->frame_count : 1;

		r->frames = realloc(r->frames, room * sizeof *r->frames);
		check(r->frames);
	}
	r->frames[r->frame_count++] = (struct recorded_frame){ ms, text };
	return r->frame_count <= RECORDING_FRAMES_MAX;
}

/* What is wrong with a line; NULL: nothing. */
static const char *take_line(struct recording *r, struct slice line)
{
	const char *blank = memchr(line.data, ' ', line.len);
	size_t digits = blank ? (size_t)(blank - line.data) : 0;
	struct slice text = blank ? (struct slice){ blank + 1, line.len - digits - 1 } : (struct slice){ 0 };
	int64_t ms;

	if (line.len == 0 || line.data[0] == '#')
		return NULL;
	if (!blank || text.len == 0 || !scan_digits(line.data, digits, &ms) || ms > RECORDING_MS_MAX)
		return "milliseconds, a blank and a message are wanted";
	if (text.len > TWILIO_MESSAGE_BYTES_MAX)
		return "the message is too long";
	if (r->frame_count && (uint64_t)ms < r->frames[r->frame_count - 1].ms)
		return "it was sent before the line above it";
	return add_frame(r, (uint64_t)ms, text) ? NULL : "there are too many messages";
}

static void read_names(struct recording *r)
{
	struct twilio_reader reader = { 0 };
	struct twilio_event event;

	for (size_t i = 0; i < r->frame_count && !r->call_sid[0]; i++) {
		struct slice text = r->frames[i].text;

		if (twilio_read(&reader, FROM_TWILIO, text.data, text.len, &event) != TWILIO_EVENT)
			continue;
		if (event.kind != TWILIO_START)
			continue;
		slice_copy(event.call_sid, r->call_sid, sizeof r->call_sid);
		slice_copy(event.stream_sid, r->stream_sid, sizeof r->stream_sid);
	}
	twilio_reader_fini(&reader);
}

bool recording_read(struct recording *out, const char *path, char *why, size_t why_bytes)
{
	struct recording r = { 0 };
	size_t len = 0, line_number = 0;
	const char *reason = NULL;

	if (!read_file(path, &r.memory, &len))
		return refuse(why, why_bytes, "%s: %s", path, strerror(errno));
	for (size_t at = 0, line_len; at < len && !reason; at += line_len + 1) {
		const char *end = memchr(r.memory + at, '\n', len - at);

		line_len = end ? (size_t)(end - r.memory) - at : len - at;
		line_number++;
		reason = take_line(&r, (struct slice){ r.memory + at, line_len });
	}
	if (!reason && r.frame_count == 0)
		reason = "no message is in it";
	if (reason) {
		recording_release(&r);
		return refuse(why, why_bytes, "%s:%zu: %s", path, line_number, reason);
	}
	read_names(&r);
	*out = r;
	return true;
}

void recording_release(struct recording *r)
{
	free(r->memory);
	free(r->frames);
	*r = (struct recording){ 0 };
}

int recording_begin(struct recording_writer *w, const char *path)
{
	*w = (struct recording_writer){ .file = fopen(path, "wbe") };
	return w->file ? 0 : -errno;
}

void recording_put(struct recording_writer *w, uint64_t ms, struct slice text)
{
	if (!w->file || w->error)
		return;
	fprintf(w->file, "%llu ", (unsigned long long)ms);
	for (size_t i = 0; i < text.len; i++)
		fputc(text.data[i] == '\n' ? ' ' : text.data[i], w->file);
	if (fputc('\n', w->file) == EOF || ferror(w->file))
		w->error = -(errno ? errno : EIO);
}

int recording_end(struct recording_writer *w)
{
	if (w->file && fclose(w->file) != 0 && !w->error)
		w->error = -errno;
	w->file = NULL;
	return w->error;
}
