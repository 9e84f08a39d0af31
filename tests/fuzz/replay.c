/* Runs a fuzz target over every file of its corpus, as TAP: each input that ever mattered is a regression test.
 * argv[0] .../fuzz_NAME reads $srcdir/tests/fuzz/corpus/NAME/. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const char *path, int number)
{
	FILE *file = fopen(path, "rb");
	static uint8_t bytes[8 << 20];

	if (!file) {
		printf("not ok %d - %s cannot be opened\n", number, path);
		return;
	}
	size_t len = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	/* An exact copy, so that a sanitizer sees a read past the end. */
	uint8_t *copy = malloc(len ? len : 1);
	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	printf("ok %d - %s\n", number, strrchr(path, '/') + 1);
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *name = strstr(argv[0], "fuzz_");
	struct dirent **entries;
	char folder[4096], path[8192];
	int number = 0;

	(void)argc;
	for (const char *n = name; n; n = strstr(n + 1, "fuzz_"))
		name = n;
	snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
		name ? name + strlen("fuzz_") : "");
	int count = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.') {
			snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
			replay(path, ++number);
		}
		free(entries[i]);
	}
	if (count > 0)
		free(entries);
	if (number == 0)
		printf("not ok %d - %s holds no corpus\n", ++number, folder);
	printf("1..%d\n", number);
	return 0;
}
