/* Expat calls open(), text(), close() in document order. Nodes live in one array; `path` is the
 * chain of those open now. An element that the table does not allow where it stands is noted and
 * skipped with all that is in it. */
#include "sim/twiml_read.h"

#include "base/check.h"

#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8 };

static const struct rule {
	const char *name;
	enum twiml_kind parent;
	const char *attributes;
} rules[TWIML_KIND_COUNT] = {
#define TWIML_RULE(kind, name, parent, attributes) [TWIML_##kind] = { name, TWIML_##parent, attributes },
	TWIML_ELEMENTS(TWIML_RULE)
#undef TWIML_RULE
};

struct reading {
	struct twiml_document *t;
	XML_Parser parser;
	int path[DEPTH_MAX]; /* nodes open now */
	int depth;
	int skipped_depth; /* open elements that are not in the tree */
	char text[2 * TWIML_BYTES_MAX]; /* of the innermost open node; nested text is kept by
					   position */
	size_t text_at[DEPTH_MAX]; /* where the text of each open node begins */
	size_t text_used;
};

__attribute__((format(printf, 3, 4))) static void note(
	struct twiml_document *t, int code, const char *format, ...)
{
	va_list args;

	if (t->note_count_all++ >= TWIML_READ_NOTE_COUNT_MAX)
		return;
	struct twiml_read_note *n = &t->notes[t->note_count++];

	n->code = code;
	va_start(args, format);
	vsnprintf(n->text, sizeof n->text, format, args);
	va_end(args);
}

static void refuse(struct reading *r, const char *why)
{
	if (!r->t->why[0])
		snprintf(r->t->why, sizeof r->t->why, "line %lu: %s",
			(unsigned long)XML_GetCurrentLineNumber(r->parser), why);
	XML_StopParser(r->parser, XML_FALSE);
}

static const char *keep(struct reading *r, const char *text, size_t len)
{
	struct twiml_document *t = r->t;

	if (t->bytes_used + len + 1 > sizeof t->bytes) {
		refuse(r, "the document is too large");
		return "";
	}
	char *copy = t->bytes + t->bytes_used;

	memcpy(copy, text, len);
	copy[len] = '\0';
	t->bytes_used += len + 1;
	return copy;
}

/* A Stream stands in Connect, Start or Stop; Gather holds verbs that talk. */
static bool may_stand_in(enum twiml_kind kind, enum twiml_kind parent)
{
	if (kind == TWIML_STREAM)
		return parent == TWIML_CONNECT || parent == TWIML_START || parent == TWIML_STOP;
	if (parent == TWIML_GATHER)
		return kind == TWIML_SAY || kind == TWIML_PLAY || kind == TWIML_PAUSE;
	return rules[kind].parent == parent;
}

static enum twiml_kind find_kind(const char *name, enum twiml_kind parent)
{
	for (int k = TWIML_NONE + 1; k < TWIML_KIND_COUNT; k++) {
		if (strcmp(rules[k].name, name) == 0 && may_stand_in((enum twiml_kind)k, parent))
			return (enum twiml_kind)k;
	}
	return TWIML_NONE;
}

static bool attribute_known(enum twiml_kind kind, const char *name)
{
	const char *at = rules[kind].attributes;
	size_t len = strlen(name);

	while ((at = strstr(at, name))) {
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
		at += len;
	}
	return false;
}

static void read_attributes(struct reading *r, struct twiml_read_node *node, const char **pairs)
{
	struct twiml_document *t = r->t;

	node->attribute_first = t->attribute_count;
	for (; pairs[0]; pairs += 2) {
		if (!attribute_known(node->kind, pairs[0])) {
			note(t, TWIML_SCHEMA, "<%s> has no attribute \"%.60s\"", node->name, pairs[0]);
			continue;
		}
		if (t->attribute_count == TWIML_READ_ATTRIBUTE_COUNT_MAX)
			return refuse(r, "too many attributes");
		struct twiml_read_attribute *a = &t->attributes[t->attribute_count++];

		a->name = keep(r, pairs[0], strlen(pairs[0]));
		a->value = keep(r, pairs[1], strlen(pairs[1]));
		node->attribute_count++;
	}
}

static void hang_under_parent(struct twiml_document *t, int index)
{
	int *link = &t->nodes[t->nodes[index].parent].first_child;

	while (*link >= 0)
		link = &t->nodes[*link].next;
	*link = index;
}

static void XMLCALL open_element(void *context, const char *name, const char **pairs)
{
	struct reading *r = context;
	struct twiml_document *t = r->t;
	int parent = r->depth ? r->path[r->depth - 1] : -1;

	if (t->why[0])
		return;
	if (r->skipped_depth) {
		r->skipped_depth++;
		return;
	}
	enum twiml_kind kind = find_kind(name, parent < 0 ? TWIML_NONE : t->nodes[parent].kind);

	if (kind == TWIML_NONE) {
		if (parent < 0)
			return refuse(r, "the root element is not <Response>");
		/* What a <Say> holds is SSML, not TwiML. */
		if (t->nodes[parent].kind != TWIML_SAY)
			note(t, TWIML_SCHEMA, "unknown <%.60s> in <%s>", name, t->nodes[parent].name);
		r->skipped_depth = 1;
		return;
	}
	if (t->node_count == TWIML_READ_NODE_COUNT_MAX || r->depth == DEPTH_MAX)
		return refuse(r, "too many elements");
	int index = t->node_count++;
	struct twiml_read_node *node = &t->nodes[index];

	*node = (struct twiml_read_node){ .kind = kind,
		.name = rules[kind].name,
		.text = "",
		.parent = parent,
		.first_child = -1,
		.next = -1 };
	read_attributes(r, node, pairs);
	if (parent >= 0)
		hang_under_parent(t, index);
	r->text_at[r->depth] = r->text_used;
	r->path[r->depth++] = index;
}

static bool in_say(const struct reading *r)
{
	return r->depth && r->t->nodes[r->path[r->depth - 1]].kind == TWIML_SAY;
}

static void XMLCALL take_text(void *context, const char *text, int len)
{
	struct reading *r = context;

	if (!r->depth || (r->skipped_depth && !in_say(r)))
		return;
	if (r->text_used + (size_t)len > sizeof r->text)
		return refuse(r, "the document is too large");
	memcpy(r->text + r->text_used, text, (size_t)len);
	r->text_used += (size_t)len;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void check_stream(struct twiml_document *t, const struct twiml_read_node *node)
{
	const char *url = twiml_read_attribute(t, node, "url"),
		   *track = twiml_read_attribute(t, node, "track");
	enum twiml_kind parent = t->nodes[node->parent].kind;

	if (parent == TWIML_STOP)
		return;
	if (!url)
		note(t, TWIML_SCHEMA, "<Stream> has no url");
	else if (strncmp(url, "wss://", 6) != 0)
		note(t, TWIML_STREAM_SCHEME, "the scheme of <Stream url> is not wss");
	if (url && strpbrk(url, "?#"))
		note(t, TWIML_STREAM_QUERY, "<Stream url> has a query or fragment, which is not sent");
	if (track && parent == TWIML_CONNECT && strcmp(track, "inbound_track") != 0)
		note(t, TWIML_STREAM_TRACK, "<Connect><Stream> knows only the track inbound_track");
}

static void check_parameter(struct twiml_document *t, const struct twiml_read_node *node)
{
	const char *name = twiml_read_attribute(t, node, "name"),
		   *value = twiml_read_attribute(t, node, "value");

	if (!name || !value)
		note(t, TWIML_SCHEMA, "<Parameter> needs name and value");
	else if (strlen(name) + strlen(value) >= 500)
		note(t, TWIML_SCHEMA, "<Parameter name=\"%.60s\"> is longer than 499 characters", name);
}

static void XMLCALL close_element(void *context, const char *name)
{
	struct reading *r = context;

	(void)name;
	/* Expat may still close what it opened when it was stopped. */
	if (r->t->why[0])
		return;
	if (r->skipped_depth) {
		r->skipped_depth--;
		return;
	}
	struct twiml_read_node *node = &r->t->nodes[r->path[--r->depth]];
	const char *text = r->text + r->text_at[r->depth], *end = r->text + r->text_used;

	while (text < end && is_space(*text))
		text++;
	while (end > text && is_space(end[-1]))
		end--;
	if (end > text)
		node->text = keep(r, text, (size_t)(end - text));
	r->text_used = r->text_at[r->depth];
	if (node->kind == TWIML_STREAM)
		check_stream(r->t, node);
	else if (node->kind == TWIML_PARAMETER)
		check_parameter(r->t, node);
}

static void XMLCALL refuse_doctype(
	void *context, const char *name, const char *sysid, const char *pubid, int internal)
{
	(void)name, (void)sysid, (void)pubid, (void)internal;
	refuse(context, "a document type is not TwiML");
}

bool twiml_read(struct twiml_document *t, const char *document, size_t len)
{
	struct reading *r = calloc(1, sizeof *r);

	check(r);
	t->node_count = t->attribute_count = t->note_count = t->note_count_all = 0;
	t->bytes_used = 0;
	t->why[0] = '\0';
	r->t = t;
	r->parser = XML_ParserCreate(NULL);
	check(r->parser);
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, open_element, close_element);
	XML_SetCharacterDataHandler(r->parser, take_text);
	XML_SetStartDoctypeDeclHandler(r->parser, refuse_doctype);
	bool good = false;

	if (len > TWIML_BYTES_MAX)
		snprintf(t->why, sizeof t->why, "the document is longer than %d bytes", TWIML_BYTES_MAX);
	else
		good = XML_Parse(r->parser, document, (int)len, XML_TRUE) == XML_STATUS_OK && !t->why[0];
	if (!good && !t->why[0])
		snprintf(t->why, sizeof t->why, "line %lu: %s",
			(unsigned long)XML_GetCurrentLineNumber(r->parser),
			XML_ErrorString(XML_GetErrorCode(r->parser)));
	XML_ParserFree(r->parser);
	free(r);
	return good;
}

const struct twiml_read_node *twiml_read_child(
	const struct twiml_document *t, const struct twiml_read_node *node)
{
	return node->first_child < 0 ? NULL : &t->nodes[node->first_child];
}

const struct twiml_read_node *twiml_read_first(const struct twiml_document *t)
{
	return t->node_count ? twiml_read_child(t, &t->nodes[0]) : NULL;
}

const struct twiml_read_node *twiml_read_next(
	const struct twiml_document *t, const struct twiml_read_node *node)
{
	return node->next < 0 ? NULL : &t->nodes[node->next];
}

const char *twiml_read_attribute(
	const struct twiml_document *t, const struct twiml_read_node *node, const char *name)
{
	for (int i = 0; i < node->attribute_count; i++) {
		const struct twiml_read_attribute *a = &t->attributes[node->attribute_first + i];

		if (strcmp(a->name, name) == 0)
			return a->value;
	}
	return NULL;
}

long twiml_read_number(const struct twiml_document *t, const struct twiml_read_node *node, const char *name,
	long otherwise)
{
	const char *text = twiml_read_attribute(t, node, name);
	char *end;

	if (!text || !*text)
		return otherwise;
	long value = strtol(text, &end, 10);

	return *end == '\0' && value >= 0 ? value : otherwise;
}
