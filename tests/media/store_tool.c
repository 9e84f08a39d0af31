/*
 * The store alone, with the worker's settings, for tests.
 *   store_tool describe | put FILE KEY TYPE [ALIVE_COUNT] | link URL SECONDS | delete URL
 * Prints the result's word and, behind it, URL or sentence. Exit status 0: as the word says; 2: settings.
 */
#include "base/conf.h"
#include "base/log.h"
#include "media/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = { [STORE_OK] = "ok", [STORE_AGAIN] = "again", [STORE_CONFIG] = "config",
	[STORE_NEVER] = "never", [STORE_STOPPED] = "stopped" };

static bool count_down(void *user, uint64_t sent, uint64_t all)
{
	(void)sent, (void)all;
	return --*(long *)user > 0;
}

static int put(struct store *store, int argc, char **argv)
{
	long left = argc > 5 ? strtol(argv[5], NULL, 10) : 1000000;
	char hash[65];
	struct store_answer answer;
	struct store_file file = { .path = argv[2], .key = argv[3], .type = argv[4], .sha256_hex = hash,
		.watch = { count_down, &left } };

	if (!store_hash(argv[2], hash))
		memset(hash, '0', 64), hash[64] = '\0';
	enum store_result result = store_put(store, &file, &answer);

	printf("%s %s%s\n", words[result], result == STORE_OK ? answer.url : answer.why,
		answer.was_there ? " there" : "");
	if (answer.retry_after_ms)
		printf("retry_after_ms %llu\n", (unsigned long long)answer.retry_after_ms);
	return 0;
}

static int link_or_delete(struct store *store, int argc, char **argv)
{
	static char link[STORE_LINK_BYTES_MAX];
	char why[STORE_WHY_BYTES_MAX] = "";
	struct store_answer answer;

	if (argc > 3) {
		bool made = store_link(store, argv[2], strtol(argv[3], NULL, 10), link, sizeof link, why, sizeof why);

		return puts(made ? link : why) < 0;
	}
	printf("%s ", words[store_delete(store, argv[2], &answer)]);
	puts(answer.why);
	return 0;
}

int main(int argc, char **argv)
{
	struct conf conf = { 0 };
	struct store store;
	char why[CONF_WHY_BYTES_MAX];

	log_open("store_tool", LOG_INFO);
	if (argc < 2 || !conf_load(&conf, 'K', NULL, why, sizeof why) || !store_open(&store, &conf, why, sizeof why)) {
		printf("settings %s\n", argc < 2 ? "usage" : why);
		conf_close(&conf);
		return 2;
	}
	int status = 0;

	if (strcmp(argv[1], "describe") == 0)
		store_describe(&store, why, sizeof why), puts(why);
	else if (strcmp(argv[1], "put") == 0 && argc >= 5)
		status = put(&store, argc, argv);
	else
		status = link_or_delete(&store, argc, argv);
	store_close(&store);
	conf_close(&conf);
	return status;
}
