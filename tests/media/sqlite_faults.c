/*
 * Preloaded into a program: every SQLite file of it is written to a disk that fails now and then. SQLITE_FAULTS is how
 * many writes and syncs of 10000 fail; each failure is, in turn, a full disk, an I/O error after half of the bytes, or
 * a sync that fails. SQLITE_FAULTS_COUNT names a file to which each failure adds a byte.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The database and its log have methods of their own. */
struct methods {
	sqlite3_io_methods faulty;      /* first: what a file points to */
	const sqlite3_io_methods *real;
};

static sqlite3_vfs faulty, *real;
static struct methods known[4];
static int per_10000;
static unsigned chance, failures;

static int fails(void)
{
	const char *count = getenv("SQLITE_FAULTS_COUNT");

	/* After fork(2) each process goes its own way. */
	static pid_t mine;

	if (mine != getpid()) {
		struct timespec now;

		mine = getpid();
		clock_gettime(CLOCK_REALTIME, &now);
		chance = (unsigned)mine * 2654435761u ^ (unsigned)now.tv_nsec;
	}
	chance = chance * 1103515245u + 12345u;
	if ((chance >> 8) % 10000 >= (unsigned)per_10000)
		return 0;
	failures++;
	if (count) {
		int fd = open(count, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

		if (fd >= 0 && write(fd, ".", 1) != 1)
			failures--;
		if (fd >= 0)
			close(fd);
	}
	return 1;
}

static const sqlite3_io_methods *real_of(sqlite3_file *file)
{
	return ((const struct methods *)(const void *)file->pMethods)->real;
}

static int faulty_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	if (!fails())
		return real_of(file)->xWrite(file, data, len, at);
	if (failures % 2)
		return SQLITE_FULL;
	(void)real_of(file)->xWrite(file, data, len / 2, at);
	return SQLITE_IOERR_WRITE;
}

static int faulty_sync(sqlite3_file *file, int flags)
{
	return fails() ? SQLITE_IOERR_FSYNC : real_of(file)->xSync(file, flags);
}

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	int code = real->xOpen(real, name, file, flags, out_flags);

	(void)vfs;
	for (size_t i = 0; code == SQLITE_OK && file->pMethods && i < sizeof known / sizeof known[0]; i++) {
		if (known[i].real && known[i].real != file->pMethods)
			continue;
		known[i].real = file->pMethods;
		known[i].faulty = *file->pMethods;
		known[i].faulty.xWrite = faulty_write;
		known[i].faulty.xSync = faulty_sync;
		file->pMethods = &known[i].faulty;
		break;
	}
	return code;
}

__attribute__((constructor)) static void begin(void)
{
	const char *rate = getenv("SQLITE_FAULTS");

	per_10000 = rate ? (int)strtol(rate, NULL, 10) : 0;
	real = sqlite3_vfs_find(NULL);
	if (!real || per_10000 <= 0)
		return;
	faulty = *real;
	faulty.zName = "faulty";
	faulty.xOpen = faulty_open;
	sqlite3_vfs_register(&faulty, 1);
}
