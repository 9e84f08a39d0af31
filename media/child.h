/*
 * child - one run of another program: fed, watched, bounded, and gone with us.
 *
 * Place:    media; what ffmpeg is run with. Knows base.
 * Usage:    const char *argv[] = { "ffmpeg", "-i", "mix.wav", "video.mp4.part", NULL };
 *           struct child_order order = { .argv = argv, .folder = made, .late_ms = 60000, … };
 *           struct child_report report;
 *           child_run(&order, &report);
 * Rules:    no shell; a process group of its own, all of which is killed when the run is over for whatever reason, and
 *           which dies with us, or with the thread that runs it (PR_SET_PDEATHSIG); every descriptor but 0, 1 and 2 is
 *           closed; of our environment only what child.c lists is passed on (no key, no secret); it is nice(10) and
 *           bounded by rlimits.
 * Lifetime: the order is borrowed for the run; the report is the caller's.
 * Fails:    report->end says how it went and report->why is a sentence for a person, with the end of its stderr.
 * Waits:    until the program has ended, at most late_ms. alive() is asked about every 250 ms.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHILD_TAIL_BYTES_MAX = 600,     /* the end of its stderr */
	CHILD_SAID_BYTES_MAX = 4000,    /* the beginning of its stdout */
	CHILD_WHY_BYTES_MAX = 1000,
};

enum child_end {
	CHILD_DONE,                     /* exit code 0 */
	CHILD_FAILED,                   /* another exit code */
	CHILD_KILLED,                   /* by a signal that was not ours */
	CHILD_LATE,                     /* killed by us: late_ms are over */
	CHILD_STOPPED,                  /* killed by us: alive() said so */
	CHILD_MISSING,                  /* there is no such program, or it may not be run */
	CHILD_BROKEN,                   /* no process, pipe or memory could be had */
};

struct child_order {
	const char *const *argv;        /* argv[0] is a path, or a name that is looked for in PATH */
	const char *folder;             /* its working folder; NULL: ours */
	uint32_t late_ms;
	uint64_t file_bytes_max;        /* of any file that it writes; 0: no bound; so the next two */
	uint64_t memory_bytes_max;      /* of its address space */
	uint32_t cpu_s_max;
	/* The next bytes for its stdin, good until the next call; 0: that was all. NULL: stdin is empty. */
	size_t (*feed)(void *owner, const uint8_t **out_bytes);
	/* false: it is stopped. NULL: it runs on. */
	bool (*alive)(void *owner);
	void *owner;
};

struct child_report {
	enum child_end end;
	int code;                       /* the exit code or the signal */
	char said[CHILD_SAID_BYTES_MAX + 1];
	char tail[CHILD_TAIL_BYTES_MAX + 1];
	char why[CHILD_WHY_BYTES_MAX + 1];
};

void child_run(const struct child_order *order, struct child_report *out_report);
