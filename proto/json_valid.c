/* One pass over the text, no recursion: `inside` remembers with a bit a level whether it is an object. A value is
 * followed by closing brackets, then by a comma and the next value, or by the end. Any deviation sets `why`. */
#include "proto/json.h"

#include "base/limits.h"
#include "proto/utf8.h"

#include <string.h>

struct gate {
	const char *at, *end;
	const char *why;                /* set once, at the first deviation */
	uint32_t inside;                /* bit 0: the innermost level is an object */
	int depth;
};

static_assert(JSON_DEPTH_MAX <= 32, "a bit for each level");

static bool refuse(struct gate *g, const char *why)
{
	if (!g->why)
		g->why = why;
	return false;
}

static void skip_space(struct gate *g)
{
	while (g->at < g->end && (*g->at == ' ' || *g->at == '\t' || *g->at == '\n' || *g->at == '\r'))
		g->at++;
}

static bool take(struct gate *g, char c)
{
	if (g->at == g->end || *g->at != c)
		return false;
	g->at++;
	return true;
}

static bool take_digits(struct gate *g)
{
	const char *start = g->at;

	while (g->at < g->end && *g->at >= '0' && *g->at <= '9')
		g->at++;
	return g->at > start;
}

static bool take_word(struct gate *g, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(g->end - g->at) < len || memcmp(g->at, word, len) != 0)
		return refuse(g, "an unknown word");
	g->at += len;
	return true;
}

static bool take_number(struct gate *g)
{
	take(g, '-');
	if (!take(g, '0') && !take_digits(g))
		return refuse(g, "not a JSON value");
	if (take(g, '.') && !take_digits(g))
		return refuse(g, "a number without its fraction");
	if (take(g, 'e') || take(g, 'E')) {
		if (!take(g, '+'))
			take(g, '-');
		if (!take_digits(g))
			return refuse(g, "a number without its exponent");
	}
	return true;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* What follows a backslash. */
static bool take_escape(struct gate *g, bool *has_nul)
{
	if (g->at == g->end || !memchr("\"\\/bfnrtu", *g->at, 9))
		return refuse(g, "an unknown escape");
	if (*g->at++ != 'u')
		return true;
	if (g->end - g->at < 4)
		return refuse(g, "a cut escape");
	for (int i = 0; i < 4; i++)
		if (!is_hex(g->at[i]))
			return refuse(g, "an escape that is not hexadecimal");
	if (memcmp(g->at, "0000", 4) == 0)
		*has_nul = true;
	g->at += 4;
	return true;
}

static bool take_string(struct gate *g, bool *has_nul)
{
	if (!take(g, '"'))
		return refuse(g, "a string was expected");
	while (g->at < g->end) {
		char c = *g->at++;
		if (c == '"')
			return true;
		if ((unsigned char)c < 0x20)
			return refuse(g, "a control character in a string");
		if (c == '\\' && !take_escape(g, has_nul))
			return false;
	}
	return refuse(g, "a string without end");
}

/* json-c cuts a key at a NUL: {"event\u0000x":…} would read as "event". */
static bool take_key(struct gate *g)
{
	bool has_nul = false;

	skip_space(g);
	if (!take_string(g, &has_nul))
		return false;
	if (has_nul)
		return refuse(g, "a NUL in a key");
	skip_space(g);
	return take(g, ':') || refuse(g, "a key without a value");
}

static bool enter(struct gate *g, bool object)
{
	if (g->depth == JSON_DEPTH_MAX)
		return refuse(g, "too many levels");
	g->at++;
	g->depth++;
	g->inside = g->inside << 1 | object;
	return true;
}

static bool take_scalar(struct gate *g)
{
	bool has_nul;

	switch (*g->at) {
	case '"':
		return take_string(g, &has_nul);
	case 't':
		return take_word(g, "true");
	case 'f':
		return take_word(g, "false");
	case 'n':
		return take_word(g, "null");
	default:
		return take_number(g);
	}
}

/* After a value: leaves the levels that end here. True when another value follows. */
static bool leave(struct gate *g)
{
	for (; g->depth > 0; g->depth--, g->inside >>= 1) {
		skip_space(g);
		if (take(g, ','))
			return g->inside & 1 ? take_key(g) : true;
		if (!take(g, g->inside & 1 ? '}' : ']'))
			return refuse(g, "a comma or a bracket was expected");
	}
	return false;
}

/* One value up to where its first scalar ends or it proves empty. False: refused. */
static bool take_value(struct gate *g)
{
	for (;;) {
		skip_space(g);
		if (g->at == g->end)
			return refuse(g, "the text ends too early");
		if (*g->at != '{' && *g->at != '[')
			return take_scalar(g);
		bool object = *g->at == '{';
		if (!enter(g, object))
			return false;
		skip_space(g);
		if (g->at < g->end && *g->at == (object ? '}' : ']'))
			return true;
		if (object && !take_key(g))
			return false;
	}
}

bool json_valid(const char *text, size_t len, const char **out_why)
{
	struct gate g = { .at = text, .end = text + len };

	if (!utf8_is_valid(text, len)) {
		*out_why = "not UTF-8";
		return false;
	}
	while (take_value(&g) && leave(&g))
		;
	if (!g.why) {
		skip_space(&g);
		if (g.at < g.end)
			refuse(&g, "something stands behind the value");
	}
	if (g.why)
		*out_why = g.why;
	return !g.why;
}
