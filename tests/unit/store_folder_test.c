/* The folder: whole files or none, again without work, and what the world refuses. */
#include "media/store/store.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY "calls/7/2026/11/24/CA1/video-0123.mp4"

static char root[64], media[96], source[96], hash[65];
static struct conf conf;
static struct store store;
static struct store_answer answer;

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void set(enum setting setting, const char *value)
{
	char why[CONF_WHY_BYTES_MAX];

	assert_true(conf_set(&conf, setting, value, why, sizeof why));
}

static void reopen(void)
{
	char why[STORE_WHY_BYTES_MAX];

	store_close(&store);
	assert_true(store_open(&store, &conf, why, sizeof why));
}

static int set_up(void **state)
{
	char why[CONF_WHY_BYTES_MAX];

	(void)state;
	snprintf(root, sizeof root, "/tmp/store_test.XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(media, sizeof media, "%s/media", root);
	snprintf(source, sizeof source, "%s/video.mp4", root);
	assert_int_equal(mkdir(media, 02750), 0);
	write_file(source, "a video");
	assert_true(store_hash(source, hash));
	assert_true(conf_load(&conf, 'K', "/dev/null", why, sizeof why));
	set(SETTING_BUCKET_NAME, "");
	set(SETTING_MEDIA_DIR, media);
	set(SETTING_MEDIA_URL, "https://voice.example.com/media/");
	reopen();
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	store_close(&store);
	conf_close(&conf);
	snprintf(command, sizeof command, "rm -rf %s", root);
	return system(command);
}

static enum store_result put(void)
{
	struct store_file file = { .path = source, .key = KEY, .type = "video/mp4", .sha256_hex = hash };

	return store_put(&store, &file, &answer);
}

static bool exists(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", media, name);
	return access(path, F_OK) == 0;
}

static void a_file_is_copied_once_and_has_a_url(void **state)
{
	char path[256], text[16] = "";
	struct stat facts;

	(void)state;
	assert_string_equal(hash, "3dbe53a2de431feaea25139a6ea5eb705629d3fb419181298046d78d55acb055");
	assert_int_equal(put(), STORE_OK);
	assert_false(answer.was_there);
	assert_string_equal(answer.url, "https://voice.example.com/media/" KEY);
	snprintf(path, sizeof path, "%s/" KEY, media);
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_non_null(fgets(text, sizeof text, file));
	fclose(file);
	assert_string_equal(text, "a video");
	assert_int_equal(stat(path, &facts), 0);
	assert_int_equal(facts.st_mode & 0007, 0);
	assert_false(exists(KEY ".part"));
	assert_int_equal(put(), STORE_OK);
	assert_true(answer.was_there);
}

static void what_a_crash_left_is_written_anew(void **state)
{
	char path[256];

	(void)state;
	assert_int_equal(put(), STORE_OK);
	snprintf(path, sizeof path, "%s/" KEY, media);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof path, "%s/" KEY ".part", media);
	write_file(path, "half of something longer than the video");
	assert_int_equal(put(), STORE_OK);
	assert_false(answer.was_there);
	assert_false(exists(KEY ".part"));
	snprintf(path, sizeof path, "%s/" KEY, media);
	assert_true(store_hash(path, path));
	assert_string_equal(path, hash);
}

static void somebody_else_who_writes_it_is_waited_for(void **state)
{
	char path[256];

	(void)state;
	assert_int_equal(put(), STORE_OK);
	snprintf(path, sizeof path, "%s/" KEY, media);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof path, "%s/" KEY ".part", media);
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(put(), STORE_AGAIN);
	assert_true(exists(KEY ".part"));
	close(fd);
	assert_int_equal(put(), STORE_OK);
}

static void a_missing_folder_is_not_made(void **state)
{
	(void)state;
	assert_int_equal(rmdir(media), 0);
	assert_int_equal(put(), STORE_CONFIG);
	assert_non_null(strstr(answer.why, "MEDIA_DIR"));
	assert_false(exists(""));
}

static void a_missing_file_is_given_up(void **state)
{
	(void)state;
	assert_false(store_hash("/tmp/none/of/it", hash));
	assert_false(store_hash("/tmp", hash));
	unlink(source);
	assert_int_equal(put(), STORE_NEVER);
}

static bool stop(void *user, uint64_t sent, uint64_t all)
{
	(void)user, (void)sent, (void)all;
	return false;
}

static void whoever_is_stopped_leaves_nothing(void **state)
{
	struct store_file file = { .path = source, .key = KEY, .type = "video/mp4", .sha256_hex = hash,
		.watch = { stop, NULL } };

	(void)state;
	assert_int_equal(store_put(&store, &file, &answer), STORE_STOPPED);
	assert_false(exists(KEY));
	assert_false(exists(KEY ".part"));
}

static void a_link_is_the_url_and_other_urls_are_refused(void **state)
{
	static const char *const others[] = { "https://voice.example.com/media/../etc/passwd",
		"https://voice.example.com/media/calls/.secret", "https://voice.example.com/media/", "https://x/" KEY,
		"https://voice.example.com/media/calls/a%2e", "https://voice.example.com/media//calls" };
	char link[STORE_LINK_BYTES_MAX], why[STORE_WHY_BYTES_MAX];

	(void)state;
	assert_true(store_link(&store, "https://voice.example.com/media/" KEY, 600, link, sizeof link, why,
		sizeof why));
	assert_string_equal(link, "https://voice.example.com/media/" KEY);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_false(store_link(&store, others[i], 600, link, sizeof link, why, sizeof why));
		assert_int_equal(store_delete(&store, others[i], &answer), STORE_NEVER);
	}
}

static void deleting_takes_empty_folders_along(void **state)
{
	char url[STORE_URL_BYTES_MAX + 1];

	(void)state;
	assert_int_equal(put(), STORE_OK);
	snprintf(url, sizeof url, "%s", answer.url);
	assert_int_equal(store_delete(&store, url, &answer), STORE_OK);
	assert_false(exists("calls"));
	assert_true(exists(""));
	assert_int_equal(store_delete(&store, url, &answer), STORE_OK);
}

static void the_url_comes_from_the_settings(void **state)
{
	(void)state;
	set(SETTING_MEDIA_URL, "");
	set(SETTING_PUBLIC_URL, "https://voice.example.com/");
	reopen();
	assert_int_equal(put(), STORE_OK);
	assert_string_equal(answer.url, "https://voice.example.com/media/" KEY);
	set(SETTING_PUBLIC_URL, "");
	reopen();
	assert_int_equal(put(), STORE_OK);
	assert_memory_equal(answer.url, "file:///tmp/store_test.", 23);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_copied_once_and_has_a_url),
		TEST(what_a_crash_left_is_written_anew),
		TEST(somebody_else_who_writes_it_is_waited_for),
		TEST(a_missing_folder_is_not_made),
		TEST(a_missing_file_is_given_up),
		TEST(whoever_is_stopped_leaves_nothing),
		TEST(a_link_is_the_url_and_other_urls_are_refused),
		TEST(deleting_takes_empty_folders_along),
		TEST(the_url_comes_from_the_settings),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
