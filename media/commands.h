/*
 * commands - what receptionai-worker does when it is not a daemon: once through, retry, dry run, check.
 *
 * Place:  media, under main.
 * Result: the program's exit status.
 */
#pragma once

#include "base/conf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	COMMAND_DONE = 0,
	COMMAND_DEAD = 1,               /* something was given up, or waits for a setting; there is no such call */
	COMMAND_USAGE = 2,
	COMMAND_LATER = 75,             /* something is left for later: EX_TEMPFAIL */
};

/* Finds and does what is due, of all calls ("") or of one; waits for what is due within a minute. */
int command_once(const struct conf *conf, struct slice call_sid);
int command_retry(const struct conf *conf, struct slice call_sid);
/* Prints URLs of a call's files that work in a browser for so long. */
int command_link(const struct conf *conf, const char *call_sid, int64_t seconds);
/* Deletes what merchants want kept no longer, and what is stored of it; `dry`: says what that is. */
int command_prune(const struct conf *conf, bool dry);
int command_dry_run(const struct conf *conf, struct slice call_sid);
/* Prints the settings and tries what they name. */
int command_check(const struct conf *conf);
