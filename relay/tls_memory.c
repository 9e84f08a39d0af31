/* wolfSSL allocates: that cannot be helped, but it is counted. */
#include "relay/tls_parts.h"

#include "base/check.h"
#include "relay/count.h"

#include <malloc.h>
#include <stdlib.h>
#include <wolfssl/wolfcrypt/memory.h>

static uint64_t allocations, allocated_bytes;

static void count(uint64_t *counter, uint64_t n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

void tls_memory_count(struct tls_counters *counters)
{
	counters->allocations = count_read(&allocations);
	counters->allocated_bytes = count_read(&allocated_bytes);
}

static void *take(size_t bytes)
{
	void *block = malloc(bytes);

	if (block) {
		count(&allocations, 1);
		count(&allocated_bytes, malloc_usable_size(block));
	}
	return block;
}

static void give(void *block)
{
	if (block)
		count(&allocated_bytes, -(uint64_t)malloc_usable_size(block));
	free(block);
}

static void *resize(void *block, size_t bytes)
{
	uint64_t before = block ? malloc_usable_size(block) : 0;
	void *after = realloc(block, bytes);

	if (after) {
		count(&allocations, 1);
		count(&allocated_bytes, malloc_usable_size(after) - before);
	}
	return after;
}

void tls_memory_start(void)
{
	int r = wolfSSL_SetAllocators(take, give, resize);

	check(r == 0);
}
