/*
 * check - our own bugs stop the program, always: compiled in at every optimisation level.
 *
 * Place:  below everything.
 * Usage:  check(len <= cap);   for facts that only a bug of ours can break.
 *         Never for what a peer sent or the kernel answered: those are results, not bugs.
 * Fails:  prints file, line, function and the expression to stderr, then abort(3).
 */
#pragma once

#define check(expression) \
	((expression) ? (void)0 : check_failed(#expression, __FILE__, __LINE__, __func__))

/* The struct that embeds `member`, from the member's address. */
#define container_of(pointer, type, member) \
	((type *)(void *)((char *)(pointer) - __builtin_offsetof(type, member)))

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Noreturn void check_failed(const char *expression, const char *file, int line, const char *function);
