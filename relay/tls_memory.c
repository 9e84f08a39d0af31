/*
 * wolfSSL allocates: that cannot be helped, but it is counted.
 *
 * Its largest block, the session, is 37 KB, of which 36 hold two certificate chains, mostly empty. So large blocks
 * begin on a page, and after the handshake pages that hold nothing but zeros go back to the system: they read as
 * zeros all the same.
 */
#include "relay/tls_parts.h"

#include "base/check.h"
#include "relay/count.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <wolfssl/wolfcrypt/memory.h>

enum { PAGE_BYTES = 4096, LARGE_BYTES = 16384, LINES = 127 };

/* A thread counts on a line of its own, so that ring threads do not wait for each other with every record; only
 * threads beyond the last line share it. A block may be freed by another thread: only the sum means something. */
struct line {
	uint64_t allocations, bytes;
	uint64_t pad[6];
};

static struct line lines[LINES + 1];
static uint32_t line_count;
static _Thread_local struct line *mine;

static void count(uint64_t allocations, uint64_t bytes)
{
	if (!mine) {
		uint32_t n = __atomic_fetch_add(&line_count, 1, __ATOMIC_RELAXED);

		mine = &lines[n < LINES ? n : LINES];
	}
	if (mine == &lines[LINES]) {
		__atomic_fetch_add(&mine->allocations, allocations, __ATOMIC_RELAXED);
		__atomic_fetch_add(&mine->bytes, bytes, __ATOMIC_RELAXED);
	} else {
		count_add(&mine->allocations, allocations);
		count_add(&mine->bytes, bytes);
	}
}

void tls_memory_count(struct tls_counters *counters)
{
	counters->allocations = counters->allocated_bytes = 0;
	for (size_t i = 0; i <= LINES; i++) {
		counters->allocations += count_read(&lines[i].allocations);
		counters->allocated_bytes += count_read(&lines[i].bytes);
	}
}

static void *take(size_t bytes)
{
	void *block = NULL;

	if (bytes < LARGE_BYTES)
		block = malloc(bytes);
	else if (posix_memalign(&block, PAGE_BYTES, bytes) != 0)
		return NULL;
	if (block)
		count(1, malloc_usable_size(block));
	return block;
}

static void give(void *block)
{
	if (block)
		count(0, -(uint64_t)malloc_usable_size(block));
	free(block);
}

static void *resize(void *block, size_t bytes)
{
	uint64_t before = block ? malloc_usable_size(block) : 0;
	void *after = realloc(block, bytes);

	if (after)
		count(1, malloc_usable_size(after) - before);
	return after;
}

static bool is_zero(const uint8_t *page)
{
	return page[0] == 0 && memcmp(page, page + 1, PAGE_BYTES - 1) == 0;
}

void tls_memory_rest(void *block)
{
	uint8_t *page = block;
	size_t bytes = block ? malloc_usable_size(block) : 0;

	if ((uintptr_t)block % PAGE_BYTES)
		return;
	for (; bytes >= PAGE_BYTES; bytes -= PAGE_BYTES, page += PAGE_BYTES) {
		if (is_zero(page))
			madvise(page, PAGE_BYTES, MADV_DONTNEED);
	}
}

void tls_memory_start(void)
{
	int r = wolfSSL_SetAllocators(take, give, resize);

	check(r == 0);
}
