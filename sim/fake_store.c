/* fake_store - a list, newest first; an item's texts are copied into one block. */
#include "sim/fake_store.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(member) offsetof(struct grok_item, member)

static const size_t texts[] = { TEXT(id), TEXT(type), TEXT(role), TEXT(status), TEXT(call_id), TEXT(name),
	TEXT(arguments), TEXT(output), TEXT(content_type), TEXT(text) };

static struct slice *text_of(struct grok_item *item, size_t i)
{
	return (struct slice *)((char *)item + texts[i]);
}

static void free_conversation(struct fake_conversation *c)
{
	for (size_t i = 0; i < c->item_count; i++)
		free((void *)(uintptr_t)c->items[i].id.data);
	free(c);
}

void fake_store_fini(struct fake_store *store)
{
	while (store->first) {
		struct fake_conversation *c = store->first;

		store->first = c->next;
		free_conversation(c);
	}
	store->count = 0;
}

/* What is too old, and what is too much. */
static void clean(struct fake_store *store, uint64_t now_ms)
{
	struct fake_conversation **at = &store->first;
	size_t kept = 0;

	while (*at) {
		struct fake_conversation *c = *at;

		if (kept < FAKE_STORE_COUNT_MAX && c->last_ms + FAKE_STORE_MS > now_ms) {
			kept++;
			at = &c->next;
		} else {
			*at = c->next;
			free_conversation(c);
		}
	}
	store->count = kept;
}

struct fake_conversation *fake_store_find(struct fake_store *store, const char *id, uint64_t now_ms)
{
	if (!store || !id[0])
		return NULL;
	clean(store, now_ms);
	for (struct fake_conversation *c = store->first; c; c = c->next)
		if (strcmp(c->id, id) == 0)
			return c;
	return NULL;
}

struct fake_conversation *fake_store_open(struct fake_store *store, const char *id, uint64_t now_ms)
{
	struct fake_conversation *c = fake_store_find(store, id, now_ms);

	if (!store || c)
		return c;
	c = calloc(1, sizeof *c);
	check(c);
	snprintf(c->id, sizeof c->id, "%s", id);
	c->last_ms = now_ms;
	c->next = store->first;
	store->first = c;
	store->count++;
	return c;
}

static void copy_item(struct grok_item *out, const struct grok_item *item)
{
	size_t bytes = 1;
	char *at;

	*out = *item;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		bytes += text_of(out, i)->len;
	at = malloc(bytes);
	check(at);
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		struct slice *text = text_of(out, i);

		if (!text->data && i > 0)
			continue;
		if (text->len)
			memcpy(at, text->data, text->len);
		text->data = at;
		at += text->len;
	}
}

void fake_store_add(struct fake_store *store, const char *id, const struct grok_item *item, uint64_t now_ms)
{
	struct fake_conversation *c = fake_store_find(store, id, now_ms);

	if (!c)
		return;
	c->last_ms = now_ms;
	if (c->item_count < FAKE_STORE_ITEM_COUNT_MAX)
		copy_item(&c->items[c->item_count++], item);
}
