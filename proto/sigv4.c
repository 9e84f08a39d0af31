/* Canonical request -> its hash in the string to sign -> a key made of date, region and service -> the signature. All
 * texts are written into one fixed buffer each; who does not fit is refused before anything is appended for good. */
#include "proto/sigv4.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/digest.h"

#include <stdlib.h>

enum { SCOPE_BYTES_MAX = 256, SECRET_BYTES_MAX = 1024 };

static const int64_t second_last = 253402300799;        /* 9999-12-31T23:59:59Z */

void sigv4_hex(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

/* The civil calendar of a day since 1970, by counting eras of 400 years that begin on 1 March. */
bool sigv4_time(int64_t time_s, char out[SIGV4_TIME_BYTES])
{
	if (time_s < 0 || time_s > second_last)
		return false;
	int64_t day = time_s / 86400 + 719468, second = time_s % 86400;
	int64_t era = day / 146097, of_era = day % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153, date = of_year - (153 * month + 2) / 5 + 1;
	struct buf text;

	month += month < 10 ? 3 : -9;
	year += era * 400 + (month <= 2);
	buf_init_fixed(&text, out, SIGV4_TIME_BYTES);
	return buf_printf(&text, "%04d%02d%02dT%02d%02d%02dZ", (int)year, (int)month, (int)date,
		(int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60)) && buf_append(&text, "", 1);
}

static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
		c == '_' || c == '~';
}

bool sigv4_encode(struct slice raw, bool is_path, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t before = buf_len(out);

	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.data[i];
		char code[3] = { '%', digits[c >> 4], digits[c & 15] };
		bool stays = is_unreserved(raw.data[i]) || (is_path && c == '/');

		if (!(stays ? buf_append(out, raw.data + i, 1) : buf_append(out, code, sizeof code))) {
			buf_cut(out, before);
			return false;
		}
	}
	return true;
}

static int compare_slices(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.data, b.data, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_fields(const void *a, const void *b)
{
	const struct sigv4_field *x = a, *y = b;
	int order = compare_slices(x->name, y->name);

	return order ? order : compare_slices(x->value, y->value);
}

/* --- query --- */

static bool encode_into(struct slice raw, struct buf *memory, struct slice *out)
{
	const char *begin = (const char *)buf_tail(memory);
	size_t before = buf_len(memory);

	if (!sigv4_encode(raw, false, memory))
		return false;
	*out = (struct slice){ begin, buf_len(memory) - before };
	return true;
}

/* Sorted as encoded: '%' comes before what it may stand for. */
static bool write_query(const struct sigv4_field *query, size_t count, struct buf *out)
{
	char bytes[SIGV4_TEXT_BYTES_MAX];
	struct sigv4_field fields[SIGV4_FIELD_COUNT_MAX];
	struct buf memory;
	bool fits = true;

	if (count > SIGV4_FIELD_COUNT_MAX)
		return false;
	buf_init_fixed(&memory, bytes, sizeof bytes);
	for (size_t i = 0; i < count; i++)
		if (!encode_into(query[i].name, &memory, &fields[i].name) ||
			!encode_into(query[i].value, &memory, &fields[i].value))
			return false;
	qsort(fields, count, sizeof fields[0], compare_fields);
	for (size_t i = 0; i < count && fits; i++)
		fits = buf_append(out, "&", i > 0) && buf_append(out, fields[i].name.data, fields[i].name.len) &&
			buf_append(out, "=", 1) && buf_append(out, fields[i].value.data, fields[i].value.len);
	return fits;
}

/* --- headers --- */

static bool is_token(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!is_unreserved(name.data[i]) && !memchr("!#$%&'*+^`|", name.data[i], 11))
			return false;
	return name.len > 0;
}

static bool is_field_value(struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];

		if ((c < ' ' && c != '\t') || c == 0x7F)
			return false;
	}
	return true;
}

static bool lower_into(struct slice name, struct buf *memory, struct slice *out)
{
	const char *begin = (const char *)buf_tail(memory);

	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!buf_append(memory, &c, 1))
			return false;
	}
	*out = (struct slice){ begin, name.len };
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool write_value(struct slice value, struct buf *out)
{
	bool fits = true, begun = false, blank = false;

	for (size_t i = 0; i < value.len && fits; i++) {
		if (is_blank(value.data[i])) {
			blank = begun;
			continue;
		}
		fits = (!blank || buf_append(out, " ", 1)) && buf_append(out, value.data + i, 1);
		begun = true;
		blank = false;
	}
	return fits;
}

/* Headers in their order, names in lower case in `memory`. */
static bool sort_headers(const struct sigv4_request *request, struct buf *memory, struct sigv4_field *out)
{
	bool has_host = false;

	if (request->header_count > SIGV4_FIELD_COUNT_MAX)
		return false;
	for (size_t i = 0; i < request->header_count; i++) {
		if (!is_token(request->headers[i].name) || !is_field_value(request->headers[i].value) ||
			!lower_into(request->headers[i].name, memory, &out[i].name))
			return false;
		out[i].value = request->headers[i].value;
		has_host |= slice_equal(out[i].name, SLICE("host"));
	}
	qsort(out, request->header_count, sizeof out[0], compare_fields);
	for (size_t i = 1; i < request->header_count; i++)
		if (slice_equal(out[i - 1].name, out[i].name))
			return false;
	return has_host;
}

static bool write_names(const struct sigv4_field *headers, size_t count, struct buf *out)
{
	bool fits = true;

	for (size_t i = 0; i < count && fits; i++)
		fits = buf_append(out, ";", i > 0) && buf_append(out, headers[i].name.data, headers[i].name.len);
	return fits;
}

static bool write_headers(const struct sigv4_field *headers, size_t count, struct buf *out)
{
	bool fits = true;

	for (size_t i = 0; i < count && fits; i++)
		fits = buf_append(out, headers[i].name.data, headers[i].name.len) && buf_append(out, ":", 1) &&
			write_value(headers[i].value, out) && buf_append(out, "\n", 1);
	return fits;
}

/* --- the canonical request and what is made of it --- */

static bool names_of(const struct sigv4_request *request, struct buf *out)
{
	char bytes[SIGV4_TEXT_BYTES_MAX];
	struct sigv4_field headers[SIGV4_FIELD_COUNT_MAX];
	struct buf memory;

	buf_init_fixed(&memory, bytes, sizeof bytes);
	return sort_headers(request, &memory, headers) && write_names(headers, request->header_count, out);
}

bool sigv4_canonical(const struct sigv4_request *request, struct buf *out)
{
	char bytes[SIGV4_TEXT_BYTES_MAX];
	struct sigv4_field headers[SIGV4_FIELD_COUNT_MAX];
	struct buf memory;
	size_t before = buf_len(out), count = request->header_count;

	buf_init_fixed(&memory, bytes, sizeof bytes);
	if (!request->path.len || request->path.data[0] != '/' || !is_token(request->method))
		return false;
	if (sort_headers(request, &memory, headers) &&
		buf_append(out, request->method.data, request->method.len) && buf_append(out, "\n", 1) &&
		sigv4_encode(request->path, true, out) && buf_append(out, "\n", 1) &&
		write_query(request->query, request->query_count, out) && buf_append(out, "\n", 1) &&
		write_headers(headers, count, out) && buf_append(out, "\n", 1) &&
		write_names(headers, count, out) && buf_append(out, "\n", 1) &&
		buf_append(out, request->payload_hash.data, request->payload_hash.len))
		return true;
	buf_cut(out, before);
	return false;
}

static bool write_scope(const struct sigv4_key *key, const char *time, struct buf *out)
{
	return buf_append(out, time, 8) && buf_append(out, "/", 1) &&
		buf_append(out, key->region.data, key->region.len) && buf_append(out, "/", 1) &&
		buf_append(out, key->service.data, key->service.len) && buf_append_string(out, "/aws4_request");
}

static void derive_key(const struct sigv4_key *key, const char *time, uint8_t out[SHA256_BYTES])
{
	uint8_t day[SHA256_BYTES], region[SHA256_BYTES], service[SHA256_BYTES];
	char first[SECRET_BYTES_MAX + 4] = "AWS4";

	memcpy(first + 4, key->secret.data, key->secret.len);
	digest_hmac_sha256(first, 4 + key->secret.len, &(struct digest_piece){ time, 8 }, 1, day);
	digest_hmac_sha256(day, sizeof day, &(struct digest_piece){ key->region.data, key->region.len }, 1, region);
	digest_hmac_sha256(region, sizeof region, &(struct digest_piece){ key->service.data, key->service.len }, 1,
		service);
	digest_hmac_sha256(service, sizeof service, &(struct digest_piece){ "aws4_request", 12 }, 1, out);
	explicit_bzero(first, sizeof first);
	explicit_bzero(day, sizeof day);
	explicit_bzero(region, sizeof region);
	explicit_bzero(service, sizeof service);
}

/* Signs the canonical request. */
static bool sign(const struct sigv4_key *key, const char *time, const struct buf *canonical, char out[SIGV4_HEX_BYTES])
{
	uint8_t hash[SHA256_BYTES], signing_key[SHA256_BYTES];
	char hash_hex[SIGV4_HEX_BYTES], bytes[SCOPE_BYTES_MAX + 128];
	struct buf text;

	if (key->secret.len == 0 || key->secret.len > SECRET_BYTES_MAX)
		return false;
	digest_sha256(&(struct digest_piece){ buf_data(canonical), buf_len(canonical) }, 1, hash);
	sigv4_hex(hash, sizeof hash, hash_hex);
	buf_init_fixed(&text, bytes, sizeof bytes);
	if (!buf_printf(&text, "AWS4-HMAC-SHA256\n%s\n", time) || !write_scope(key, time, &text) ||
		!buf_printf(&text, "\n%s", hash_hex))
		return false;
	derive_key(key, time, signing_key);
	digest_hmac_sha256(signing_key, sizeof signing_key,
		&(struct digest_piece){ buf_data(&text), buf_len(&text) }, 1, hash);
	sigv4_hex(hash, sizeof hash, out);
	explicit_bzero(signing_key, sizeof signing_key);
	return true;
}

static bool sign_request(const struct sigv4_key *key, const char *time, const struct sigv4_request *request,
	char out[SIGV4_HEX_BYTES])
{
	char bytes[SIGV4_TEXT_BYTES_MAX];
	struct buf canonical;

	buf_init_fixed(&canonical, bytes, sizeof bytes);
	return sigv4_canonical(request, &canonical) && sign(key, time, &canonical, out);
}

bool sigv4_authorize(const struct sigv4_key *key, int64_t time_s, const struct sigv4_request *request,
	struct buf *out)
{
	char time[SIGV4_TIME_BYTES], signature[SIGV4_HEX_BYTES];
	size_t before = buf_len(out);

	if (!sigv4_time(time_s, time) || !sign_request(key, time, request, signature))
		return false;
	if (buf_append_string(out, "AWS4-HMAC-SHA256 Credential=") &&
		buf_append(out, key->access_key.data, key->access_key.len) && buf_append(out, "/", 1) &&
		write_scope(key, time, out) && buf_append_string(out, ", SignedHeaders=") && names_of(request, out) &&
		buf_append_string(out, ", Signature=") && buf_append_string(out, signature))
		return true;
	buf_cut(out, before);
	return false;
}

/* The fields that a signed query needs, behind those that the caller gave. `memory` holds what is made for them. */
static bool list_query(const struct sigv4_key *key, const char *time, int64_t expires_s,
	const struct sigv4_request *request, struct buf *memory, struct sigv4_field *out, size_t *out_count)
{
	size_t count = request->query_count, begin = buf_len(memory);
	const char *text = (const char *)buf_tail(memory);

	if (count + 6 + (key->session_token.len > 0) > SIGV4_FIELD_COUNT_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		out[i] = request->query[i];
	if (!buf_append(memory, key->access_key.data, key->access_key.len) || !buf_append(memory, "/", 1) ||
		!write_scope(key, time, memory))
		return false;
	size_t scope_end = buf_len(memory);

	if (!buf_printf(memory, "%lld", (long long)expires_s))
		return false;
	size_t expires_end = buf_len(memory);

	if (!names_of(request, memory))
		return false;
	out[count++] = (struct sigv4_field){ SLICE("X-Amz-Algorithm"), SLICE("AWS4-HMAC-SHA256") };
	out[count++] = (struct sigv4_field){ SLICE("X-Amz-Credential"), { text, scope_end - begin } };
	out[count++] = (struct sigv4_field){ SLICE("X-Amz-Date"), slice_of(time) };
	out[count++] = (struct sigv4_field){ SLICE("X-Amz-Expires"),
		{ text + (scope_end - begin), expires_end - scope_end } };
	out[count++] = (struct sigv4_field){ SLICE("X-Amz-SignedHeaders"),
		{ text + (expires_end - begin), buf_len(memory) - expires_end } };
	if (key->session_token.len)
		out[count++] = (struct sigv4_field){ SLICE("X-Amz-Security-Token"), key->session_token };
	*out_count = count;
	return true;
}

bool sigv4_presign(const struct sigv4_key *key, int64_t time_s, int64_t expires_s,
	const struct sigv4_request *request, struct buf *out_query)
{
	char time[SIGV4_TIME_BYTES], signature[SIGV4_HEX_BYTES], bytes[2 * SCOPE_BYTES_MAX + 1024];
	struct sigv4_field query[SIGV4_FIELD_COUNT_MAX];
	struct sigv4_request signed_request = *request;
	struct buf memory;
	size_t before = buf_len(out_query);

	buf_init_fixed(&memory, bytes, sizeof bytes);
	if (expires_s < 1 || !sigv4_time(time_s, time) ||
		!list_query(key, time, expires_s, request, &memory, query, &signed_request.query_count))
		return false;
	signed_request.query = query;
	signed_request.payload_hash = SLICE("UNSIGNED-PAYLOAD");
	if (sign_request(key, time, &signed_request, signature) &&
		write_query(query, signed_request.query_count, out_query) &&
		buf_append_string(out_query, "&X-Amz-Signature=") && buf_append_string(out_query, signature))
		return true;
	buf_cut(out_query, before);
	return false;
}
