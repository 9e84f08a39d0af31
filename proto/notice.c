/* A reader takes line after line off the text, each with the name that must come next, and must end
 * at its end. */
#include "proto/notice.h"

#include "base/buf.h"
#include "base/check.h"

#include <stdlib.h>

#define HEAD "receptionai 1 "
#define ENDED "ended "
#define UNTOLD "untold"

static const char *const kind_words[] = {
#define X(kind, word) [kind] = word,
	NOTICE_KINDS(X)
#undef X
};

static const char *const state_words[] = {
#define X(state, word) [state] = word,
	NOTICE_STATES(X)
#undef X
};

static const char *const place_words[] = { "gone", "here" };

const char *notice_state_word(enum notice_state state)
{
	return state_words[state];
}

/* --- what may stand in a field
 * --------------------------------------------------------------------- */

bool notice_is_call_sid(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			    c == '-' || c == '_'))
			return false;
	}
	return text.len > 0 && text.len <= SID_BYTES_MAX;
}

static bool is_number(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < ' ' || text.data[i] > '~')
			return false;
	return text.len <= PHONE_BYTES_MAX;
}

struct slice notice_tidy(struct slice given, char out[PHONE_BYTES_MAX + 1])
{
	size_t len = given.len < PHONE_BYTES_MAX ? given.len : PHONE_BYTES_MAX;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)given.data[i];

		out[i] = (char)(c >= ' ' && c < 0x7F ? c : '?');
	}
	out[len] = '\0';
	return (struct slice){ out, len };
}

/* A row's id as SQLite counts them: 1 and up, without sign or leading zeros. */
static bool read_id(struct slice text, int64_t *out_id)
{
	char digits[20];

	if (text.len == 0 || text.data[0] == '0' || !slice_copy(text, digits, sizeof digits) ||
		strspn(digits, "0123456789") != text.len)
		return false;
	long long id = strtoll(digits, NULL, 10);

	*out_id = id;
	return id > 0 && id < INT64_MAX;
}

/* --- lines
 * ----------------------------------------------------------------------------------------- */

/* Takes "NAMEvalue\n" off the text. */
static bool take_line(struct slice *text, struct slice name, struct slice *out_value)
{
	const char *end = text->len ? memchr(text->data, '\n', text->len) : NULL;
	size_t len = end ? (size_t)(end - text->data) : 0;

	if (!end || len < name.len || memcmp(text->data, name.data, name.len) != 0)
		return false;
	*out_value = (struct slice){text->data + name.len, len - name.len};
	text->data += len + 1;
	text->len -= len + 1;
	return true;
}

static bool take_word(struct slice *text, const char *const *words, int count, int *out_at)
{
	struct slice word;

	if (!take_line(text, SLICE(HEAD), &word))
		return false;
	for (int i = 0; i < count; i++) {
		if (slice_equal(word, slice_of(words[i]))) {
			*out_at = i;
			return true;
		}
	}
	return false;
}

static bool take_call(struct slice *text, struct notice *n)
{
	struct slice value;

	return take_line(text, SLICE("call="), &value) && notice_is_call_sid(value) &&
	       slice_copy(value, n->call_sid, sizeof n->call_sid);
}

static bool take_parties(struct slice *text, struct notice *n)
{
	struct slice merchant, caller, called;

	return take_line(text, SLICE("merchant="), &merchant) &&
	       read_id(merchant, &n->merchant_id) && take_line(text, SLICE("caller="), &caller) &&
	       is_number(caller) && slice_copy(caller, n->caller_number, sizeof n->caller_number) &&
	       take_line(text, SLICE("called="), &called) && is_number(called) &&
	       slice_copy(called, n->called_number, sizeof n->called_number);
}

bool notice_read(struct slice text, struct notice *out_notice)
{
	struct notice n = {0};
	int kind;

	if (text.len > NOTICE_BYTES_MAX || !take_word(&text, kind_words, NOTICE_KIND_COUNT, &kind))
		return false;
	n.kind = (enum notice_kind)kind;
	if (n.kind != NOTICE_ASK && !take_call(&text, &n))
		return false;
	if (n.kind == NOTICE_EXPECT && !take_parties(&text, &n))
		return false;
	if (text.len)
		return false;
	*out_notice = n;
	return true;
}

bool notice_read_answer(struct slice text, enum notice_state *out_state)
{
	int state;

	if (text.len > NOTICE_ANSWER_BYTES_MAX ||
		!take_word(&text, state_words, NOTICE_STATE_COUNT, &state) || text.len)
		return false;
	*out_state = (enum notice_state)state;
	return true;
}

bool notice_read_whereabouts(struct slice text, bool *out_is_here)
{
	int place;

	if (text.len > NOTICE_ANSWER_BYTES_MAX || !take_word(&text, place_words, 2, &place) || text.len)
		return false;
	*out_is_here = place != 0;
	return true;
}

bool notice_read_end(struct slice text, enum end_reason *out_reason)
{
	struct slice word;

	if (text.len > NOTICE_ANSWER_BYTES_MAX || !take_line(&text, SLICE(HEAD), &word) || text.len)
		return false;
	if (slice_equal(word, SLICE(UNTOLD))) {
		*out_reason = END_NONE;
		return true;
	}
	if (word.len < strlen(ENDED) || memcmp(word.data, ENDED, strlen(ENDED)) != 0)
		return false;
	const enum end_reason reason
		= end_reason_parse((struct slice){ word.data + strlen(ENDED), word.len - strlen(ENDED) });

	if (reason != END_NONE)
		*out_reason = reason;
	return reason != END_NONE;
}

/* --- writing
 * --------------------------------------------------------------------------------------- */

size_t notice_write(const struct notice *n, char out[NOTICE_BYTES_MAX])
{
	struct buf text;

	buf_init_fixed(&text, out, NOTICE_BYTES_MAX);
	check(buf_printf(&text, HEAD "%s\n", kind_words[n->kind]));
	if (n->kind != NOTICE_ASK) {
		check(notice_is_call_sid(slice_of(n->call_sid)));
		check(buf_printf(&text, "call=%s\n", n->call_sid));
	}
	if (n->kind == NOTICE_EXPECT) {
		check(n->merchant_id > 0 && is_number(slice_of(n->caller_number)) &&
			is_number(slice_of(n->called_number)));
		check(buf_printf(&text, "merchant=%lld\ncaller=%s\ncalled=%s\n", (long long)n->merchant_id,
			n->caller_number, n->called_number));
	}
	return buf_len(&text);
}

size_t notice_write_answer(enum notice_state state, char out[NOTICE_ANSWER_BYTES_MAX])
{
	struct buf text;

	buf_init_fixed(&text, out, NOTICE_ANSWER_BYTES_MAX);
	check(buf_printf(&text, HEAD "%s\n", state_words[state]));
	return buf_len(&text);
}

size_t notice_write_whereabouts(bool is_here, char out[NOTICE_ANSWER_BYTES_MAX])
{
	struct buf text;

	buf_init_fixed(&text, out, NOTICE_ANSWER_BYTES_MAX);
	check(buf_printf(&text, HEAD "%s\n", place_words[is_here]));
	return buf_len(&text);
}

size_t notice_write_end(enum end_reason reason, char out[NOTICE_ANSWER_BYTES_MAX])
{
	struct buf text;

	buf_init_fixed(&text, out, NOTICE_ANSWER_BYTES_MAX);
	if (reason == END_NONE)
		check(buf_printf(&text, HEAD UNTOLD "\n"));
	else
		check(buf_printf(&text, HEAD ENDED "%s\n", end_reason_word(reason)));
	return buf_len(&text);
}
