/* Preloaded into the webhook: writes each statement, as it is closed, behind the file that COUNT_FILE names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

int sqlite3_reset(sqlite3_stmt *statement)
{
	static int (*real)(sqlite3_stmt *);
	const char *path = getenv("COUNT_FILE");
	FILE *file = path ? fopen(path, "a") : NULL;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "sqlite3_reset");
	if (file) {
		fprintf(file, "%.60s\n", sqlite3_sql(statement));
		fclose(file);
	}
	return real(statement);
}
