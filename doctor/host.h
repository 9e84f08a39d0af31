/*
 * host - what the machine gives a program: the clock, room on its disks, files and memory that may be locked.
 *
 * Place:    doctor, above finding.
 * Usage:    host_check_clock(&f); host_check_folder(&f, "RECEPTIONAI_SPOOL", path, 256 << 20);
 * Limits:   looks with the rights of whoever runs it: run as the service's user, or the rights are not its own.
 */
#pragma once

#include "doctor/finding.h"

#include <stdbool.h>
#include <stdint.h>

/* Tells whose rights the findings hold for. */
void host_check_user(struct findings *f);
/* Whether the kernel's clock is kept right by somebody. */
void host_check_clock(struct findings *f);
/* A folder that must be writable, on a local disk, with so much room. false: it is of no use. */
bool host_check_folder(struct findings *f, const char *setting, const char *path, uint64_t free_bytes_min);
/* Whether a file system is one of another host's, where locks and mmap are not to be relied upon. */
bool host_is_remote(const char *path);
/* Descriptors: `wanted` for everything that the settings allow at a time, `each` for one call more. */
void host_check_files(struct findings *f, uint64_t wanted, const char *setting);
/* Memory that may be locked: io_uring needs some on kernels before 5.12. */
void host_check_locked(struct findings *f);
/* io_uring by the kernel's own switch; whether it works is the ring's to say. NULL: nothing is known against it. */
const char *host_uring_forbidden(void);
