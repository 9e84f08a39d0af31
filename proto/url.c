#include "proto/url.h"

#include "base/check.h"

static const struct scheme {
	struct slice name;
	bool is_tls, is_socket;
} schemes[] = {
	{ { "http", 4 }, false, false },
	{ { "https", 5 }, true, false },
	{ { "ws", 2 }, false, true },
	{ { "wss", 3 }, true, true },
};

static struct slice part(const char *begin, const char *end)
{
	return (struct slice){ begin, (size_t)(end - begin) };
}

/* The first of the characters in `stops`, or the end. */
static const char *find(const char *at, const char *end, const char *stops)
{
	while (at < end && !strchr(stops, *at))
		at++;
	return at;
}

static bool is_printable(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c <= ' ' || c == 0x7f)
			return false;
	}
	return true;
}

static bool split_scheme(const char **at, const char *end, struct url *url)
{
	const char *colon = find(*at, end, ":/?#");

	if (end - colon < 3 || memcmp(colon, "://", 3) != 0)
		return false;
	url->scheme = part(*at, colon);
	*at = colon + 3;
	for (size_t i = 0; i < ARRAY_COUNT(schemes); i++) {
		if (slice_equal_nocase(url->scheme, schemes[i].name)) {
			url->is_tls = schemes[i].is_tls;
			url->is_socket = schemes[i].is_socket;
			return true;
		}
	}
	return false;
}

static bool is_port(struct slice text)
{
	unsigned long port = 0;

	if (text.len == 0 || text.len > 5)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		port = port * 10 + (unsigned long)(text.data[i] - '0');
	}
	return port >= 1 && port <= 65535;
}

static bool split_authority(const char *at, const char *end, struct url *url)
{
	for (const char *c = end; c > at; c--) {
		if (c[-1] == '@') {
			url->userinfo = part(at, c - 1);
			at = c;
			break;
		}
	}
	url->authority = part(at, end);
	bool bracketed = at < end && *at == '[';
	const char *host_end = find(at, end, bracketed ? "]" : ":");

	if (bracketed && host_end == end)
		return false;
	url->host = part(at + bracketed, host_end);
	at = host_end + bracketed;
	if (at < end && *at != ':')
		return false;
	url->port = at < end ? part(at + 1, end) : part(end, end);
	return url->host.len > 0 && (at == end || is_port(url->port));
}

bool url_split(struct slice text, struct url *out)
{
	struct url url = { 0 };
	const char *at = text.data, *end = text.data + text.len;

	if (text.len == 0 || !is_printable(text) || !split_scheme(&at, end, &url))
		return false;
	const char *authority_end = find(at, end, "/?#");
	const char *target_end = find(authority_end, end, "#");

	if (!split_authority(at, authority_end, &url))
		return false;
	url.target = part(authority_end, target_end);
	if (target_end < end)
		url.fragment = part(target_end + 1, end);
	*out = url;
	return true;
}

struct slice url_port(const struct url *url)
{
	if (url->port.len)
		return url->port;
	return url->is_tls ? SLICE("443") : SLICE("80");
}

static bool join(struct slice head, struct slice tail, const char *between, char *out, size_t out_bytes)
{
	size_t gap = strlen(between);

	if (head.len + gap + tail.len >= out_bytes)
		return false;
	memcpy(out, head.data, head.len);
	memcpy(out + head.len, between, gap);
	if (tail.len)
		memcpy(out + head.len + gap, tail.data, tail.len);
	out[head.len + gap + tail.len] = '\0';
	return true;
}

/* How much of the base stays in front of a relative reference. */
static struct slice kept_base(const struct url *base, struct slice reference)
{
	const char *begin = base->scheme.data, *path = base->target.data, *end = path + base->target.len;
	const char *query = find(path, end, "?");

	if (reference.len == 0)
		return part(begin, end);
	if (reference.len >= 2 && memcmp(reference.data, "//", 2) == 0)
		return part(begin, begin + base->scheme.len + 1);
	switch (reference.data[0]) {
	case '/':
		return part(begin, path);
	case '#':
		return part(begin, end);
	case '?':
		return part(begin, query);
	}
	while (query > path && query[-1] != '/')
		query--;
	return part(begin, query);
}

bool url_resolve(struct slice base, struct slice reference, char *out, size_t out_bytes)
{
	struct url url;

	if (url_split(reference, &url))
		return join(reference, (struct slice){ NULL, 0 }, "", out, out_bytes);
	if (!is_printable(reference) || !url_split(base, &url))
		return false;
	const char *stop = find(reference.data, reference.data + reference.len, ":/?#");

	if (stop < reference.data + reference.len && *stop == ':')
		return false;                   /* another scheme */
	struct slice kept = kept_base(&url, reference);
	bool wants_slash = url.target.len == 0 && reference.len && !strchr("/?#", reference.data[0]);

	return join(kept, reference, wants_slash ? "/" : "", out, out_bytes);
}
