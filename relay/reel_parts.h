/*
 * reel_parts - what the files of a reel tell each other and nobody else.
 *
 * Place:    relay, inside reel: reel.c (slot, cycle, end), reel_open.c (folders and files).
 */
#pragma once

#include "relay/reel.h"

/* A turn of REEL_OPENING in which nothing is in flight. */
void reel_open_turn(struct reel *reel);
/* Starts opening one of the stream's files. */
void reel_open_file(struct reel *reel, int index);
/* Counts an operation that was started. */
void reel_launched(struct reel *reel);
/* The recorder is stopped, and everybody told. `error` may be 0. */
void reel_stop(struct reel *reel, enum spool_why why, const char *step, int error);
enum spool_why reel_why(int error);
