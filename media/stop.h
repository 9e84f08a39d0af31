/*
 * stop - SIGTERM and SIGINT: heard at once, obeyed between two pieces of work.
 *
 * Place:  media; one a process.
 * Usage:  stop_catch();  while (!stop_asked()) { … stop_wait(1000); }
 */
#pragma once

#include <stdbool.h>

void stop_catch(void);
bool stop_asked(void);
/* Waits so long, or until a stop is asked for, or until `fd` (-1: none) can be read. true: it can be read. */
bool stop_wait(int ms, int fd);
