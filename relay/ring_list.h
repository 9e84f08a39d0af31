/*
 * ring_list - operations in a row, first come first served: those that wait to be armed again.
 *
 * Place:    inside a ring.
 * Lifetime: an op is in one list at most; op->starved says whether it is.
 */
#pragma once

#include "relay/ring_backend.h"

static inline void ring_list_append(struct ring_list *list, struct ring_op *op)
{
	op->starved = true;
	op->next_starved = NULL;
	if (list->first)
		list->last->next_starved = op;
	else
		list->first = op;
	list->last = op;
}

static inline struct ring_op *ring_list_take(struct ring_list *list)
{
	struct ring_op *op = list->first;

	if (op) {
		list->first = op->next_starved;
		op->starved = false;
	}
	return op;
}

/* Takes it out, wherever it stands. */
static inline void ring_list_remove(struct ring_list *list, struct ring_op *op)
{
	struct ring_op *before = NULL;

	for (struct ring_op *o = list->first; o != op; o = o->next_starved)
		before = o;
	if (before)
		before->next_starved = op->next_starved;
	else
		list->first = op->next_starved;
	if (list->last == op)
		list->last = before;
	op->starved = false;
}
