/*
 * stream_fault - what a stream says when it is told to misbehave.
 *
 * Place:    sim; beside stream_out, which says what is right.
 * Usage:    stream_fault_frame(o, count)       before the count-th frame of audio
 */
#pragma once

#include <stdint.h>

struct stream_out;

/* The message that comes once, after a second of audio. */
void stream_fault_frame(struct stream_out *o, uint64_t frame_count);
