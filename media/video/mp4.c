/* Boxes are walked by their sizes; a box that would reach beyond the one around it is a fault, so that nothing is read
 * outside. Of each track only its kind, its size on the screen and the end of its last chunk are looked at. */
#include "media/video/mp4.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct box {
	char kind[4];
	const uint8_t *data;            /* behind its head */
	size_t len;
};

struct scan {
	struct mp4 *mp4;
	uint64_t file_bytes;
	bool has_moov, has_data, moov_was_first;
	char *why;
	size_t why_bytes;
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const uint8_t *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static bool fault(struct scan *scan, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fault(struct scan *scan, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(scan->why, scan->why_bytes, format, list);
	va_end(list);
	return false;
}

/* Takes the box at the head of the bytes off. false: there is none that lies inside. */
static bool next_box(const uint8_t **bytes, size_t *len, struct box *out)
{
	uint64_t size, head = 8;

	if (*len < 8)
		return false;
	size = be32(*bytes);
	if (size == 1) {
		if (*len < 16)
			return false;
		size = be64(*bytes + 8);
		head = 16;
	} else if (size == 0) {
		size = *len;
	}
	if (size < head || size > *len)
		return false;
	memcpy(out->kind, *bytes + 4, 4);
	out->data = *bytes + head;
	out->len = (size_t)(size - head);
	*bytes += size;
	*len -= (size_t)size;
	return true;
}

static bool is_kind(const struct box *box, const char *kind)
{
	return memcmp(box->kind, kind, 4) == 0;
}

/* The first box of that kind in `outer`. */
static bool find(const struct box *outer, const char *kind, struct box *out)
{
	const uint8_t *bytes = outer->data;
	size_t len = outer->len;

	while (next_box(&bytes, &len, out)) {
		if (is_kind(out, kind))
			return true;
	}
	return false;
}

static bool read_length(struct scan *scan, const struct box *moov)
{
	struct box head;
	uint64_t ticks, per_s;

	if (!find(moov, "mvhd", &head) || head.len < 32)
		return fault(scan, "the file has no mvhd");
	per_s = head.data[0] == 1 ? be32(head.data + 20) : be32(head.data + 12);
	ticks = head.data[0] == 1 ? be64(head.data + 24) : be32(head.data + 16);
	if (!per_s || ticks > INT64_MAX / 1000)
		return fault(scan, "the file's length is not a number");
	scan->mp4->length_ms = (int64_t)(ticks * 1000 / per_s);
	return true;
}

/* The last of its chunks begins inside the file: what was cut off at the end is found by it. */
static bool check_chunks(struct scan *scan, const struct box *table)
{
	struct box chunks;
	bool is_wide = !find(table, "stco", &chunks);
	size_t unit = is_wide ? 8 : 4;
	uint32_t count;
	uint64_t last;

	if ((is_wide && !find(table, "co64", &chunks)) || chunks.len < 8)
		return fault(scan, "a track has no chunks");
	count = be32(chunks.data + 4);
	if (!count || count > (chunks.len - 8) / unit)
		return fault(scan, "a track is empty");
	chunks.data += 8 + (size_t)(count - 1) * unit;
	last = is_wide ? be64(chunks.data) : be32(chunks.data);
	if (last >= scan->file_bytes)
		return fault(scan, "a track reaches beyond the end of the file");
	return true;
}

static bool read_track(struct scan *scan, const struct box *track)
{
	struct box head, media, handler, info, table;

	if (!find(track, "tkhd", &head) || head.len < 84 || !find(track, "mdia", &media) ||
		!find(&media, "hdlr", &handler) || handler.len < 12 || !find(&media, "minf", &info) ||
		!find(&info, "stbl", &table))
		return fault(scan, "a track is not whole");
	if (memcmp(handler.data + 8, "vide", 4) == 0) {
		scan->mp4->picture_count++;
		scan->mp4->width = be32(head.data + head.len - 8) >> 16;
		scan->mp4->height = be32(head.data + head.len - 4) >> 16;
	} else if (memcmp(handler.data + 8, "soun", 4) == 0) {
		scan->mp4->sound_count++;
	}
	return check_chunks(scan, &table);
}

static bool read_moov(struct scan *scan, const struct box *moov)
{
	const uint8_t *bytes = moov->data;
	size_t len = moov->len;
	struct box box;

	scan->has_moov = true;
	scan->moov_was_first = !scan->has_data;
	while (next_box(&bytes, &len, &box)) {
		if (is_kind(&box, "trak") && !read_track(scan, &box))
			return false;
	}
	if (len)
		return fault(scan, "moov is not whole");
	return read_length(scan, moov);
}

bool mp4_check(const uint8_t *bytes, size_t len, struct mp4 *out, char *why, size_t why_bytes)
{
	struct mp4 mp4 = { 0 };
	struct scan scan = { .mp4 = &mp4, .file_bytes = len, .why = why, .why_bytes = why_bytes };
	struct box box;

	if (len < 12 || memcmp(bytes + 4, "ftyp", 4) != 0)
		return fault(&scan, "the file is no MP4");
	while (next_box(&bytes, &len, &box)) {
		if (is_kind(&box, "moov") && !scan.has_moov && !read_moov(&scan, &box))
			return false;
		scan.has_data |= is_kind(&box, "mdat");
	}
	if (len)
		return fault(&scan, "the file ends in the middle");
	if (!scan.has_moov || !scan.has_data)
		return fault(&scan, "the file has no %s", scan.has_moov ? "mdat" : "moov");
	if (mp4.picture_count != 1 || !mp4.sound_count)
		return fault(&scan, "the file has %u pictures and %u sounds", mp4.picture_count, mp4.sound_count);
	mp4.starts_fast = scan.moov_was_first;
	*out = mp4;
	return true;
}

bool mp4_check_file(const char *path, struct mp4 *out, char *why, size_t why_bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *bytes = MAP_FAILED;
	bool is_well = false;

	if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size == 0)
		snprintf(why, why_bytes, "the file is empty");
	else if (fd >= 0 && (bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) != MAP_FAILED)
		is_well = mp4_check(bytes, (size_t)status.st_size, out, why, why_bytes);
	else
		snprintf(why, why_bytes, "the file cannot be read: %s", strerror(errno));
	if (bytes != MAP_FAILED)
		munmap(bytes, (size_t)status.st_size);
	if (fd >= 0)
		close(fd);
	return is_well;
}
