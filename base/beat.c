#include "base/beat.h"

#include "base/check.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

static _Atomic uint64_t *beats;         /* NULL: no crew */
static unsigned own_index;
static bool is_member;

bool beat_open(void)
{
	if (beats)
		return true;
	void *memory = mmap(NULL, BEAT_COUNT_MAX * sizeof *beats, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		-1, 0);

	if (memory == MAP_FAILED)
		return false;
	beats = memory;
	return true;
}

void beat_join(unsigned index)
{
	check(beats && index < BEAT_COUNT_MAX);
	own_index = index;
	is_member = true;
}

void beat(uint64_t now_ms)
{
	if (is_member)
		atomic_store_explicit(&beats[own_index], now_ms, memory_order_relaxed);
}

void beat_begin(unsigned index, uint64_t now_ms)
{
	check(beats && index < BEAT_COUNT_MAX);
	atomic_store_explicit(&beats[index], now_ms, memory_order_relaxed);
}

uint64_t beat_last_ms(unsigned index)
{
	check(beats && index < BEAT_COUNT_MAX);
	return atomic_load_explicit(&beats[index], memory_order_relaxed);
}
