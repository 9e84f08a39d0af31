/* A small MP4 is built box by box, then spoilt in every way. */
#include "tests/unit/unit.h"

#include "media/video/mp4.h"

enum { FILE_BYTES_MAX = 4096 };

static uint8_t file[FILE_BYTES_MAX];
static size_t len;
static char why[200];
static struct mp4 mp4;

static void put32(uint32_t number)
{
	for (int i = 0; i < 4; i++)
		file[len++] = (uint8_t)(number >> (24 - 8 * i));
}

static size_t begin(const char *kind)
{
	put32(0);
	memcpy(file + len, kind, 4);
	len += 4;
	return len - 8;
}

static void end(size_t at)
{
	size_t now = len;

	len = at;
	put32((uint32_t)(now - at));
	len = now;
}

static void zeros(size_t count)
{
	memset(file + len, 0, count);
	len += count;
}

static void put_track(const char *kind, uint32_t chunk_at)
{
	size_t track = begin("trak"), box = begin("tkhd"), media, info, table;

	zeros(76);
	put32(kind[0] == 'v' ? 1280u << 16 : 0);
	put32(kind[0] == 'v' ? 720u << 16 : 0);
	end(box);
	media = begin("mdia");
	box = begin("hdlr");
	zeros(8);
	memcpy(file + len, kind, 4);
	len += 4;
	zeros(12);
	end(box);
	info = begin("minf");
	table = begin("stbl");
	box = begin("stco");
	put32(0);
	put32(1);
	put32(chunk_at);
	end(box);
	end(table);
	end(info);
	end(media);
	end(track);
}

static void build(const char *const kinds[], uint32_t chunk_at, uint32_t ticks)
{
	size_t box;

	len = 0;
	box = begin("ftyp");
	memcpy(file + len, "isom", 4);
	len += 4;
	end(box);
	box = begin("moov");
	{
		size_t head = begin("mvhd");

		zeros(12);
		put32(1000);
		put32(ticks);
		zeros(80);
		end(head);
	}
	for (size_t i = 0; kinds[i]; i++)
		put_track(kinds[i], chunk_at);
	end(box);
	box = begin("mdat");
	zeros(64);
	end(box);
}

static const char *const both[] = { "vide", "soun", NULL };

static bool check_now(void)
{
	mp4 = (struct mp4){ .length_ms = -1 };
	why[0] = '\0';
	return mp4_check(file, len, &mp4, why, sizeof why);
}

static void a_whole_file_is_described(void **state)
{
	(void)state;
	build(both, 300, 12345);
	assert_true(check_now());
	assert_int_equal(mp4.length_ms, 12345);
	assert_int_equal(mp4.width, 1280);
	assert_int_equal(mp4.height, 720);
	assert_int_equal(mp4.sound_count, 1);
	assert_true(mp4.starts_fast);
}

static void a_file_that_was_cut_anywhere_is_refused(void **state)
{
	size_t whole;

	(void)state;
	build(both, 300, 1000);
	whole = len;
	for (len = 0; len < whole; len++) {
		assert_false(check_now());
		assert_true(why[0] && mp4.length_ms == -1);
	}
}

static void what_is_missing_is_named(void **state)
{
	static const char *const silent[] = { "vide", NULL };
	static const char *const twice[] = { "vide", "vide", "soun", NULL };

	(void)state;
	build(silent, 300, 1000);
	assert_false(check_now());
	assert_string_equal(why, "the file has 1 pictures and 0 sounds");
	build(twice, 300, 1000);
	assert_false(check_now());
	build(both, 60000, 1000);
	assert_false(check_now());
	assert_string_equal(why, "a track reaches beyond the end of the file");
	build(both, 300, 1000);
	memcpy(file + 4, "RIFF", 4);
	assert_false(check_now());
	assert_string_equal(why, "the file is no MP4");
	assert_false(mp4_check_file("/nonexistent", &mp4, why, sizeof why));
	assert_string_equal(why, "the file cannot be read: No such file or directory");
	assert_false(mp4_check_file("/dev/null", &mp4, why, sizeof why));
}

/* Whatever a byte says, nothing is read outside: the memory ends where the file does. */
static void no_byte_leads_outside(void **state)
{
	static const uint8_t values[] = { 0, 1, 2, 0x7F, 0x80, 0xFF };
	size_t whole;

	(void)state;
	build(both, 300, 1000);
	whole = len;
	for (size_t at = 0; at < whole; at++) {
		for (size_t i = 0; i < sizeof values; i++) {
			uint8_t *copy = malloc(whole);

			assert_non_null(copy);
			memcpy(copy, file, whole);
			copy[at] = values[i];
			mp4_check(copy, whole, &mp4, why, sizeof why);
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_file_is_described),
		cmocka_unit_test(a_file_that_was_cut_anywhere_is_refused),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(no_byte_leads_outside),
	};

	return cmocka_run_group_tests_name("mp4", tests, NULL, NULL);
}
