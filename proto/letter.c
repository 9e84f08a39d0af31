#include "proto/letter.h"

#include "proto/base64.h"

/* An encoded word holds at most so many bytes: "Subject: =?UTF-8?B?" … "?=" stays within a line of 76. */
enum { WORD_BYTES = 36, LINE_BYTES = 57, PLAIN_BYTES_MAX = 60 };

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool consists_of(struct slice text, const char *others)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_alnum(text.data[i]) && (!text.data[i] || !strchr(others, text.data[i])))
			return false;
	return text.len > 0;
}

bool letter_address_is_good(struct slice address)
{
	const char *at = address.len ? (const char *)memchr(address.data, '@', address.len) : NULL;

	if (!at || address.len > LETTER_ADDRESS_BYTES_MAX || !is_alnum(address.data[0]))
		return false;
	const struct slice local = { address.data, (size_t)(at - address.data) };
	const struct slice domain = { at + 1, address.len - local.len - 1 };

	return consists_of(local, ".!#$%&'*+/=?^_`{|}~-") && consists_of(domain, ".-") && is_alnum(domain.data[0]);
}

/* How many of the text's bytes go into the next encoded word: whole characters. */
static size_t word_bytes(struct slice text)
{
	size_t n = text.len < WORD_BYTES ? text.len : WORD_BYTES;

	while (n < text.len && n > WORD_BYTES - 4 && ((uint8_t)text.data[n] & 0xC0) == 0x80)
		n--;
	return n;
}

static bool append_words(struct buf *out, struct slice text)
{
	for (bool first = true; text.len; first = false) {
		const size_t n = word_bytes(text);

		if (!buf_append_string(out, first ? "=?UTF-8?B?" : "\n =?UTF-8?B?") ||
			!base64_append(out, text.data, n) || !buf_append_string(out, "?="))
			return false;
		text.data += n;
		text.len -= n;
	}
	return true;
}

static bool append_text(struct buf *out, struct slice text)
{
	if (text.len <= PLAIN_BYTES_MAX && consists_of(text, " +-,.:"))
		return text.data[0] != ' ' && text.data[text.len - 1] != ' ' ? buf_append(out, text.data, text.len) :
			append_words(out, text);
	return append_words(out, text);
}

/* A display name may be bare only as a row of atoms. */
static bool append_name(struct buf *out, struct slice name)
{
	if (name.len == 0)
		return true;
	return (consists_of(name, "-") && name.len <= PLAIN_BYTES_MAX ? buf_append(out, name.data, name.len) :
		append_words(out, name)) && buf_append_string(out, " ");
}

static bool append_people(struct buf *out, const struct letter *l)
{
	return buf_append_string(out, "From: ") && append_name(out, l->from_name) &&
		buf_printf(out, "<%.*s>\nTo: <%.*s>\nSubject: ", (int)l->from.len, l->from.data, (int)l->to.len,
			l->to.data) &&
		append_text(out, l->subject);
}

static bool append_date(struct buf *out, const struct zone_time *t)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
		"Nov", "Dec" };
	const int32_t east_min = t->offset.east_s / 60, size_min = east_min < 0 ? -east_min : east_min;

	return buf_printf(out, "\nDate: %s, %u %s %d %02u:%02u:%02u %c%02d%02d", days[t->weekday % 7], t->day,
		months[(t->month + 11) % 12], t->year, t->hour, t->minute, t->second, east_min < 0 ? '-' : '+',
		size_min / 60, size_min % 60);
}

static bool append_rest(struct buf *out, const struct letter *l)
{
	const char *domain = (const char *)memchr(l->from.data, '@', l->from.len);
	const int domain_len = (int)(l->from.data + l->from.len - domain);

	return buf_printf(out, "\nMessage-ID: <%.*s%.*s>\nX-ReceptionAI-Event: %.*s\nAuto-Submitted: auto-generated\n",
		(int)l->event_id.len, l->event_id.data, domain_len, domain, (int)l->event_id.len, l->event_id.data) &&
		buf_append_string(out, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
			"Content-Transfer-Encoding: base64\n\n");
}

static bool append_body(struct buf *out, struct slice text)
{
	while (text.len) {
		const size_t n = text.len < LINE_BYTES ? text.len : LINE_BYTES;

		if (!base64_append(out, text.data, n) || !buf_append_string(out, "\n"))
			return false;
		text.data += n;
		text.len -= n;
	}
	return true;
}

bool letter_write(struct buf *out, const struct letter *l)
{
	const size_t start = buf_len(out);

	if (!letter_address_is_good(l->from) || !letter_address_is_good(l->to) || !consists_of(l->event_id, "-_"))
		return false;
	if (append_people(out, l) && append_date(out, &l->date) && append_rest(out, l) && append_body(out, l->text))
		return true;
	buf_cut(out, start);
	return false;
}
