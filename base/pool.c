/* A class hands out blocks it has got back first, then fresh ones from its reserved range, so that memory
 * which was never needed is never touched. */
#include "base/pool.h"

#include "base/check.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static bool is_power_of_two(size_t n)
{
	return n && !(n & (n - 1));
}

int pool_open(struct pool *pool, const struct pool_plan *plan, size_t plan_count)
{
	check(plan_count <= POOL_CLASSES_MAX);
	memset(pool, 0, sizeof *pool);
	for (size_t i = 0; i < plan_count; i++) {
		struct pool_class *c = &pool->classes[i];

		check(is_power_of_two(plan[i].block_bytes) && plan[i].block_bytes >= 64);
		check(i == 0 || plan[i].block_bytes > plan[i - 1].block_bytes);
		c->block_bytes = plan[i].block_bytes;
		c->block_count = plan[i].block_count;
		pool->class_count++;
		if (!c->block_count)
			continue;
		void *m = mmap(NULL, c->block_bytes * c->block_count, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (m == MAP_FAILED) {
			int error = errno;
			pool_close(pool);
			return -error;
		}
		c->memory = m;
	}
	return 0;
}

void pool_close(struct pool *pool)
{
	for (size_t i = 0; i < pool->class_count; i++) {
		struct pool_class *c = &pool->classes[i];

		check(c->used_count == 0);
		if (c->memory)
			munmap(c->memory, c->block_bytes * c->block_count);
	}
	memset(pool, 0, sizeof *pool);
}

static void *class_take(struct pool_class *c)
{
	void *block = c->free_list;

	if (block)
		memcpy(&c->free_list, block, sizeof c->free_list);
	else if (c->fresh_count < c->block_count)
		block = c->memory + c->block_bytes * c->fresh_count++;
	else
		return NULL;
	if (++c->used_count > c->used_count_max)
		c->used_count_max = c->used_count;
	return block;
}

void *pool_take(struct pool *pool, size_t bytes, size_t *out_bytes)
{
	for (size_t i = 0; i < pool->class_count; i++) {
		struct pool_class *c = &pool->classes[i];

		if (c->block_bytes < bytes)
			continue;
		void *block = class_take(c);
		if (block) {
			*out_bytes = c->block_bytes;
			return block;
		}
		c->refused_count++;
	}
	return NULL;
}

void pool_give(struct pool *pool, void *block, size_t bytes)
{
	for (size_t i = 0; i < pool->class_count; i++) {
		struct pool_class *c = &pool->classes[i];

		if (c->block_bytes != bytes)
			continue;
		check((uint8_t *)block >= c->memory
			&& (uint8_t *)block < c->memory + c->block_bytes * c->block_count);
		check(c->used_count > 0);
		memcpy(block, &c->free_list, sizeof c->free_list);
		c->free_list = block;
		c->used_count--;
		return;
	}
	check(!"a block that this pool never lent");
}

size_t pool_used_bytes(const struct pool *pool)
{
	size_t bytes = 0;

	for (size_t i = 0; i < pool->class_count; i++)
		bytes += pool->classes[i].used_count * pool->classes[i].block_bytes;
	return bytes;
}
