/* One signed string = URL, then name and value of every field in order. Checking walks the spellings of the URL that
 * Twilio may have signed and, for each, the tokens that count now; nothing is kept between requests. */
#include "proto/signature.h"

#include "proto/base64.h"
#include "proto/form.h"
#include "proto/url.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/digest.h"

#include <stdlib.h>

enum { BODY_HASH_HEX_BYTES = 2 * SHA256_BYTES };

/* A URL in the parts that its spellings vary; put together they are the URL. */
struct spelling {
	struct slice scheme;            /* with "://" */
	struct slice user;              /* with "@", or empty */
	struct slice host;
	struct slice port;              /* with ":", or empty */
	struct slice path;
	struct slice query;             /* with "?", or empty */
};

static int compare_slices(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.data, b.data, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_fields(const void *a, const void *b)
{
	const struct form_field *x = a, *y = b;
	int order = compare_slices(x->name, y->name);

	return order ? order : compare_slices(x->value, y->value);
}

void signature_write(struct slice url, const struct form *form, struct slice token,
	char out[SIGNATURE_BYTES + 1])
{
	struct form_field fields[FORM_FIELD_COUNT_MAX];
	struct digest_piece pieces[1 + 2 * FORM_FIELD_COUNT_MAX];
	size_t field_count = form ? form->field_count : 0, piece_count = 0;
	uint8_t raw[SHA1_BYTES];

	check(token.len > 0);
	check(field_count <= FORM_FIELD_COUNT_MAX);
	for (size_t i = 0; i < field_count; i++)
		fields[i] = form->fields[i];
	qsort(fields, field_count, sizeof fields[0], compare_fields);
	pieces[piece_count++] = (struct digest_piece){ url.data, url.len };
	for (size_t i = 0; i < field_count; i++) {
		if (i > 0 && compare_fields(&fields[i - 1], &fields[i]) == 0)
			continue;
		pieces[piece_count++] = (struct digest_piece){ fields[i].name.data, fields[i].name.len };
		pieces[piece_count++] = (struct digest_piece){ fields[i].value.data, fields[i].value.len };
	}
	digest_hmac_sha1(token.data, token.len, pieces, piece_count, raw);
	out[base64_encode(out, raw, sizeof raw)] = '\0';
}

static struct slice cut(struct slice *rest, size_t len)
{
	struct slice head = { rest->data, len };

	rest->data += len;
	rest->len -= len;
	return head;
}

static size_t span_until(struct slice text, const char *stops)
{
	size_t n = 0;

	while (n < text.len && (!text.data[n] || !strchr(stops, text.data[n])))
		n++;
	return n;
}

static bool split(struct slice text, struct spelling *out)
{
	struct url url;

	if (!url_split(text, &url))
		return false;
	struct slice none = { url.authority.data, 0 };
	out->scheme = (struct slice){ url.scheme.data, url.scheme.len + 3 };
	out->user = url.userinfo.data ? (struct slice){ url.userinfo.data, url.userinfo.len + 1 } : none;
	out->port = url.port.len ? (struct slice){ url.port.data - 1, url.port.len + 1 } : none;
	out->host = (struct slice){ url.authority.data, url.authority.len - out->port.len };
	out->query = url.target;
	out->path = cut(&out->query, span_until(url.target, "?"));
	return true;
}

/* What a check compares with, and whether any spelling has agreed so far. */
struct trial {
	const char *tokens;
	struct slice signature;
	const struct form *form;
	bool matched;
};

static void try_spelling(struct trial *trial, struct spelling url)
{
	char text[SIGNATURE_URL_BYTES_MAX], wanted[SIGNATURE_BYTES + 1];
	const struct slice parts[] = { url.scheme, url.user, url.host, url.port, url.path, url.query };
	struct slice tokens = slice_of(trial->tokens), token;
	struct buf joined;

	buf_init_fixed(&joined, text, sizeof text);
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		if (!buf_append(&joined, parts[i].data, parts[i].len))
			return;
	while (!trial->matched && slice_next_word(&tokens, ',', &token)) {
		signature_write((struct slice){ text, buf_len(&joined) }, trial->form, token, wanted);
		trial->matched = digest_equal(wanted, trial->signature.data, SIGNATURE_BYTES);
	}
}

static void try_ports(struct trial *trial, struct spelling url, const struct slice *ports, size_t port_count)
{
	struct slice given = url.port;

	try_spelling(trial, url);
	for (size_t i = 0; i < port_count && !trial->matched; i++) {
		url.port = ports[i];
		if (!slice_equal(given, url.port))
			try_spelling(trial, url);
	}
}

/* With and without user and port, as Twilio's documents and libraries have it. */
static void try_authorities(struct trial *trial, struct spelling url)
{
	bool is_https = slice_equal_nocase(url.scheme, SLICE("https://"));
	const struct slice ports[] = { SLICE(""), is_https ? SLICE(":443") : SLICE(":80") };
	size_t port_count = url.port.len ? 1 : 2;

	try_ports(trial, url, ports, port_count);
	if (url.user.len && !trial->matched) {
		url.user = SLICE("");
		try_ports(trial, url, ports, port_count);
	}
}

static bool append_percent(struct buf *out, unsigned char c)
{
	return buf_printf(out, "%%%02X", c);
}

/* The query as a browser's URL class spells it (WHATWG, special-query percent-encode set). */
static bool normalise_query(struct slice query, struct buf *out)
{
	bool ok = true;

	for (size_t i = 0; i < query.len && ok; i++) {
		unsigned char c = (unsigned char)query.data[i];
		bool is_special = c <= ' ' || c >= 0x7F || c == '"' || c == '<' || c == '>' || c == '\'';

		ok = is_special ? append_percent(out, c) : buf_append(out, &c, 1);
	}
	return ok;
}

static bool append_component(struct buf *out, struct slice text)
{
	bool ok = true;

	for (size_t i = 0; i < text.len && ok; i++) {
		unsigned char c = (unsigned char)text.data[i];
		bool is_bare = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
			|| (c && strchr("-_.!~*'()", c));

		ok = is_bare ? buf_append(out, &c, 1) : append_percent(out, c);
	}
	return ok;
}

/* The query decoded and encoded again as Node's querystring does. */
static bool recode_query(struct slice query, struct buf *out)
{
	static const struct slice separators[] = { { "?", 1 }, { "&", 1 } };
	char copy[SIGNATURE_URL_BYTES_MAX];
	struct form form;
	bool ok = query.len > 1 && query.len <= sizeof copy;

	if (!ok)
		return false;
	memcpy(copy, query.data + 1, query.len - 1);
	form_init(&form);
	ok = form_read(&form, copy, query.len - 1) == FORM_OK;
	for (size_t i = 0; i < form.field_count && ok; i++) {
		struct slice separator = separators[i > 0];

		ok = buf_append(out, separator.data, separator.len)
			&& append_component(out, form.fields[i].name) && buf_append_string(out, "=")
			&& append_component(out, form.fields[i].value);
	}
	return ok;
}

static void try_respelled_query(struct trial *trial, struct spelling url,
	bool (*respell)(struct slice query, struct buf *out))
{
	char text[SIGNATURE_URL_BYTES_MAX];
	struct buf query;

	buf_init_fixed(&query, text, sizeof text);
	if (trial->matched || !respell(url.query, &query))
		return;
	struct slice respelled = { text, buf_len(&query) };
	if (slice_equal(respelled, url.query))
		return;
	url.query = respelled;
	try_authorities(trial, url);
}

static bool may_match(struct slice signature, struct slice url, struct spelling *out)
{
	return signature.len == SIGNATURE_BYTES && url.len <= SIGNATURE_URL_BYTES_MAX
		&& split(url, out);
}

bool signature_check(const char *tokens, struct slice signature, struct slice url,
	const struct form *form)
{
	struct trial trial = { tokens, signature, form, false };
	struct spelling parts;

	if (!may_match(signature, url, &parts))
		return false;
	try_authorities(&trial, parts);
	try_respelled_query(&trial, parts, normalise_query);
	try_respelled_query(&trial, parts, recode_query);
	return trial.matched;
}

/* The value of bodySHA256 in the URL's query, as it stands there. */
static struct slice stated_body_hash(struct slice url)
{
	struct slice name = SLICE("bodySHA256="), query, piece;
	struct spelling parts;

	if (!split(url, &parts) || !parts.query.len)
		return SLICE("");
	query = parts.query;
	cut(&query, 1);
	while (slice_next_word(&query, '&', &piece))
		if (piece.len > name.len && memcmp(piece.data, name.data, name.len) == 0)
			return (struct slice){ piece.data + name.len, piece.len - name.len };
	return SLICE("");
}

bool signature_check_body(const char *tokens, struct slice signature, struct slice url,
	struct slice body)
{
	struct digest_piece piece = { body.data, body.len };
	struct slice stated = stated_body_hash(url);
	char hex[BODY_HASH_HEX_BYTES + 1];
	uint8_t raw[SHA256_BYTES];
	struct buf text;

	if (stated.len != BODY_HASH_HEX_BYTES || !signature_check(tokens, signature, url, NULL))
		return false;
	digest_sha256(&piece, 1, raw);
	buf_init_fixed(&text, hex, sizeof hex);
	for (size_t i = 0; i < sizeof raw; i++)
		check(buf_printf(&text, "%02x", raw[i]));
	return digest_equal(hex, stated.data, BODY_HASH_HEX_BYTES);
}

static void try_slashes(struct trial *trial, struct spelling url)
{
	static const struct slice ports[] = { { ":443", 4 }, { "", 0 }, { ":80", 3 } };
	char path[SIGNATURE_URL_BYTES_MAX + 1];

	try_ports(trial, url, ports, ARRAY_COUNT(ports));
	if (trial->matched)
		return;
	if (url.path.len && url.path.data[url.path.len - 1] == '/') {
		url.path.len--;
	} else {
		memcpy(path, url.path.data, url.path.len);
		path[url.path.len] = '/';
		url.path = (struct slice){ path, url.path.len + 1 };
	}
	try_ports(trial, url, ports, ARRAY_COUNT(ports));
}

bool signature_check_stream(const char *tokens, struct slice signature, struct slice url)
{
	struct trial trial = { tokens, signature, NULL, false };
	struct spelling parts;

	if (!may_match(signature, url, &parts))
		return false;
	try_slashes(&trial, parts);
	if (!trial.matched) {
		parts.scheme = SLICE("https://");
		try_slashes(&trial, parts);
	}
	return trial.matched;
}
