/*
 * beat - signs of life: each process of a crew says now and then that it is not stuck, its parent reads them.
 *
 * Place:    base, below crew. Whoever may work long beats; where there is no crew, that does nothing.
 * Usage:    parent: beat_open();                       before the first fork(2)
 *           child:  beat_join(index);  … beat(now_ms);
 *           parent: beat_last_ms(index)
 * Lifetime: the memory is shared with all children and stays until the process ends.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BEAT_COUNT_MAX = 64 };

/* false: no memory. */
bool beat_open(void);
void beat_join(unsigned index);
void beat(uint64_t now_ms);
/* The parent's own word for a child that begins. */
void beat_begin(unsigned index, uint64_t now_ms);
uint64_t beat_last_ms(unsigned index);
