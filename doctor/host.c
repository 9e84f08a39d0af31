#include "doctor/host.h"

#include "base/check.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Documentation/admin-guide/sysctl/kernel.rst, since Linux 6.6. */
#define SWITCH "io_uring_disabled"
#define GROUP "io_uring_group"

enum { LOCKED_BYTES_LEAST = 8 << 20 };

void host_check_user(struct findings *f)
{
	const struct passwd *user = getpwuid(geteuid());

	if (geteuid() == 0)
		finding(f, FINDING_WARN, "user", "looks with root's rights, which the service has not: run it as "
			"the service's user (runuser -u receptionai -- …) to see its rights");
	else
		finding(f, FINDING_OK, "user", "looks with the rights of %s", user ? user->pw_name : "a user "
			"without a name");
}

void host_check_clock(struct findings *f)
{
	struct timex state = { .modes = 0 };
	int code = adjtimex(&state);

	if (code < 0)
		finding(f, FINDING_WARN, "clock", "the kernel does not tell whether the clock is kept right (%s)",
			strerror(errno));
	else if (code == TIME_ERROR || state.status & STA_UNSYNC)
		finding(f, FINDING_WARN, "clock", "nobody on this host keeps the clock right, as far as the kernel "
			"knows: enable systemd-timesyncd or chrony, or be sure that the machine under it does");
	else
		finding(f, FINDING_OK, "clock", "is kept right on this host");
}

bool host_is_remote(const char *path)
{
	/* FUSE is asked about rather than refused: it may be anything. */
	static const long remote[] = { NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, V9FS_MAGIC,
		AFS_SUPER_MAGIC, CEPH_SUPER_MAGIC, CODA_SUPER_MAGIC };
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(remote); i++)
		if ((uint32_t)fs.f_type == (uint32_t)remote[i])
			return true;
	return false;
}

bool host_check_folder(struct findings *f, const char *setting, const char *path, uint64_t free_bytes_min)
{
	struct statvfs disk;

	if (access(path, W_OK | X_OK) < 0) {
		finding(f, FINDING_FAIL, setting, "%s: %s: make the folder, and give it to the service's user",
			path, strerror(errno));
		return false;
	}
	if (statvfs(path, &disk) < 0) {
		finding(f, FINDING_FAIL, setting, "%s: %s", path, strerror(errno));
		return false;
	}
	uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;

	if (host_is_remote(path))
		finding(f, FINDING_WARN, setting, "%s is on another host's disk: what is slow or gone there stops "
			"recordings; use a local disk", path);
	if (free_bytes < free_bytes_min)
		finding(f, FINDING_FAIL, setting, "%s has %" PRIu64 " MB left, less than the %" PRIu64 " MB that "
			"must stay free: make room", path, free_bytes >> 20, free_bytes_min >> 20);
	else
		finding(f, FINDING_OK, setting, "%s can be written to and has %" PRIu64 " MB left", path,
			free_bytes >> 20);
	return free_bytes >= free_bytes_min;
}

void host_check_files(struct findings *f, uint64_t wanted, const char *setting)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted)
		finding(f, FINDING_WARN, "nofile", "%" PRIu64 " files at a time are allowed, %s asks for "
			"%" PRIu64 ": set LimitNOFILE=%" PRIu64 " in the unit (ulimit -Hn in a shell), or lower "
			"%s", (uint64_t)limit.rlim_max, setting, wanted, wanted, setting);
	else
		finding(f, FINDING_OK, "nofile", "enough files for %s (%" PRIu64 ")", setting, wanted);
}

/* Since 5.12 the kernel counts what a ring pins to the memory of its control group instead. */
static bool kernel_counts_locked(void)
{
	struct utsname name;
	char *dot;

	if (uname(&name) < 0)
		return true;
	unsigned long major = strtoul(name.release, &dot, 10), minor = *dot ? strtoul(dot + 1, NULL, 10) : 0;

	return major < 5 || (major == 5 && minor < 12);
}

void host_check_locked(struct findings *f)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		return;
	if (kernel_counts_locked() && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < LOCKED_BYTES_LEAST)
		finding(f, FINDING_WARN, "memlock", "%" PRIu64 " KB may be locked, and this kernel counts "
			"io_uring's memory against it: set LimitMEMLOCK=infinity in the unit (ulimit -l in a "
			"shell)", (uint64_t)limit.rlim_cur >> 10);
	else
		finding(f, FINDING_OK, "memlock", "enough for io_uring");
}

const char *host_uring_forbidden(void)
{
	FILE *file = fopen("/proc/sys/kernel/" SWITCH, "re");
	char word[8] = "0";

	if (!file)
		return NULL;
	if (!fgets(word, sizeof word, file))
		word[0] = '0';
	fclose(file);
	if (word[0] == '2')
		return "kernel." SWITCH " is 2: nobody may use it; set it to 0 with sysctl";
	if (word[0] == '1')
		return "kernel." SWITCH " is 1: only a group may use it; set it to 0, or kernel." GROUP " to the "
			"service's group, with sysctl";
	return NULL;
}
