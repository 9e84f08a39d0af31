#include "tests/unit/unit.h"

#include "base/conf.h"

#include <unistd.h>

static char path[] = "/tmp/conf_test.XXXXXX";
static char why[CONF_WHY_BYTES_MAX];

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(path, "/tmp/conf_test.XXXXXX");
	int fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	unsetenv("RELAY_MAX_CALLS");
	unsetenv("XAI_API_KEY");
	unsetenv("XAI_API_KEY_FILE");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static void the_environment_wins_over_the_file_and_the_file_over_the_default(void **state)
{
	struct conf conf;

	(void)state;
	write_file("# relay\n\n RELAY_MAX_CALLS = 7\nGROK_VOICE=\"leo\"\n");
	assert_true(conf_load(&conf, 'R', path, why, sizeof why));
	assert_int_equal(conf_int(&conf, RELAY_MAX_CALLS), 7);
	assert_string_equal(conf_text(&conf, GROK_VOICE), "leo");
	assert_string_equal(conf_text(&conf, RELAY_AUTH), "token");
	conf_close(&conf);
	setenv("RELAY_MAX_CALLS", "8", 1);
	assert_true(conf_load(&conf, 'R', path, why, sizeof why));
	assert_int_equal(conf_int(&conf, RELAY_MAX_CALLS), 8);
	conf_close(&conf);
}

static void a_wrong_value_is_refused_with_place_name_value_and_what_is_allowed(void **state)
{
	struct conf conf;

	(void)state;
	write_file("RELAY_MAX_CALLS=0\n");
	assert_false(conf_load(&conf, 'R', path, why, sizeof why));
	assert_non_null(strstr(why, ":1: RELAY_MAX_CALLS=0: must be a whole number from 1 to 4096"));
	write_file("\nRELAY_AUTH=maybe\n");
	assert_false(conf_load(&conf, 'R', path, why, sizeof why));
	assert_non_null(strstr(why, ":2: RELAY_AUTH=maybe: must be one of token|signature|off"));
	write_file("RELAY_MAX_CALLSS=1\n");
	assert_false(conf_load(&conf, 'R', path, why, sizeof why));
	assert_non_null(strstr(why, "RELAY_MAX_CALLSS: no such setting"));
	write_file("RELAY_TLS_CERT=/nonexistent\n");
	assert_false(conf_load(&conf, 'R', path, why, sizeof why));
	assert_non_null(strstr(why, "RELAY_TLS_CERT=/nonexistent: No such file"));
}

static void a_setting_of_another_program_is_passed_over(void **state)
{
	struct conf conf;

	(void)state;
	write_file("RELAY_MAX_CALLS=0\n");
	assert_true(conf_load(&conf, 'W', path, why, sizeof why));
	conf_close(&conf);
}

static void a_secret_comes_from_its_file_without_its_newline_and_is_never_printed(void **state)
{
	struct conf conf;
	char *text;
	size_t len;

	(void)state;
	write_file("sesame\n");
	setenv("XAI_API_KEY_FILE", path, 1);
	assert_true(conf_load(&conf, 'R', "/dev/null", why, sizeof why));
	assert_string_equal(conf_text(&conf, XAI_API_KEY), "sesame");
	FILE *out = open_memstream(&text, &len);
	conf_print(&conf, out, 'R');
	fclose(out);
	assert_null(strstr(text, "sesame"));
	assert_non_null(strstr(text, "XAI_API_KEY=(set)"));
	free(text);
	conf_close(&conf);
}

static void a_credential_wins_over_the_file_but_not_over_the_environment(void **state)
{
	char folder[] = "/tmp/receptionai-conf-test.XXXXXX", credential[96];
	struct conf conf;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(credential, sizeof credential, "%s/receptionai.XAI_API_KEY", folder);
	FILE *file = fopen(credential, "w");
	assert_non_null(file);
	fputs("sesame\n", file);
	fclose(file);
	write_file("XAI_API_KEY=from the file\nFALLBACK_API_KEY=stays\n");
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_true(conf_load(&conf, 'R', path, why, sizeof why));
	assert_string_equal(conf_text(&conf, XAI_API_KEY), "sesame");
	assert_string_equal(conf_text(&conf, FALLBACK_API_KEY), "stays");
	conf_close(&conf);
	setenv("XAI_API_KEY", "from outside", 1);
	assert_true(conf_load(&conf, 'R', path, why, sizeof why));
	assert_string_equal(conf_text(&conf, XAI_API_KEY), "from outside");
	conf_close(&conf);
	unsetenv("XAI_API_KEY");
	setenv("CREDENTIALS_DIRECTORY", "/nonexistent", 1);
	assert_true(conf_load(&conf, 'R', path, why, sizeof why));
	assert_string_equal(conf_text(&conf, XAI_API_KEY), "from the file");
	conf_close(&conf);
	unsetenv("CREDENTIALS_DIRECTORY");
	unlink(credential);
	rmdir(folder);
}

static void a_file_that_was_named_must_exist(void **state)
{
	struct conf conf;

	(void)state;
	assert_false(conf_load(&conf, 'R', "/nonexistent/conf", why, sizeof why));
	assert_non_null(strstr(why, "/nonexistent/conf: No such file"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_environment_wins_over_the_file_and_the_file_over_the_default),
		TEST(a_wrong_value_is_refused_with_place_name_value_and_what_is_allowed),
		TEST(a_setting_of_another_program_is_passed_over),
		TEST(a_secret_comes_from_its_file_without_its_newline_and_is_never_printed),
		TEST(a_credential_wins_over_the_file_but_not_over_the_environment),
		TEST(a_file_that_was_named_must_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
