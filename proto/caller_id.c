/* A number that is withheld comes as a word, as a SIP address that says so, or as the word typed on a keypad behind
 * a +, by carriers whose networks know digits only. The word is the one thing that has to be listed. */
#include "proto/caller_id.h"

#include "base/check.h"
#include "proto/notice.h"

static const char *const withheld_words[] = {
	"anonymous", "restricted", "unavailable", "unknown", "private", "withheld", "blocked",
};

/* 2 has the letters a to c … */
static const char keys_of_letters[] = "22233344455566677778889999";

static_assert(sizeof keys_of_letters - 1 == 26, "a key for each letter");

static bool begins_with(struct slice text, struct slice start)
{
	return text.len >= start.len && strncasecmp(text.data, start.data, start.len) == 0;
}

static struct slice after(struct slice text, size_t len)
{
	return (struct slice){ text.data + len, text.len - len };
}

/* RESTRICTED is +7378742833. */
static bool is_typed(struct slice digits, const char *word)
{
	if (digits.len && digits.data[0] == '+')
		digits = after(digits, 1);
	if (digits.len != strlen(word))
		return false;
	for (size_t i = 0; i < digits.len; i++)
		if (digits.data[i] != keys_of_letters[word[i] - 'a'])
			return false;
	return true;
}

/* sip:anonymous@anonymous.invalid is "anonymous". */
static struct slice user_of(struct slice from)
{
	const size_t scheme = begins_with(from, SLICE("sips:")) ? 5 : begins_with(from, SLICE("sip:")) ? 4 : 0;
	struct slice user = after(from, scheme);
	const char *at = scheme && user.len ? memchr(user.data, '@', user.len) : NULL;

	if (at)
		user.len = (size_t)(at - user.data);
	return user;
}

static bool is_withheld(struct slice from)
{
	const struct slice user = user_of(from);

	for (size_t i = 0; i < ARRAY_COUNT(withheld_words); i++)
		if (slice_equal_nocase(user, slice_of(withheld_words[i])) || is_typed(user, withheld_words[i]))
			return true;
	return user.len == 0;
}

static bool is_e164(struct slice text)
{
	char digits[PHONE_BYTES_MAX + 1];

	if (text.len < 8 || text.len > 16 || text.data[0] != '+' || text.data[1] == '0')
		return false;
	return slice_copy(after(text, 1), digits, sizeof digits) && strspn(digits, "0123456789") == text.len - 1;
}

static enum caller_kind kind_of(struct slice from)
{
	if (is_withheld(from))
		return CALLER_ANONYMOUS;
	if (is_e164(from))
		return CALLER_NUMBER;
	if (begins_with(from, SLICE("client:")) || begins_with(from, SLICE("sip:"))
		|| begins_with(from, SLICE("sips:")))
		return CALLER_ADDRESS;
	return CALLER_ODD;
}

static struct slice trim(struct slice text)
{
	for (; text.len && text.data[0] == ' '; text.len--)
		text.data++;
	while (text.len && text.data[text.len - 1] == ' ')
		text.len--;
	return text;
}

struct caller_id caller_id_read(struct slice from)
{
	struct caller_id caller;
	char tidy[PHONE_BYTES_MAX + 1];
	struct slice text = trim(notice_tidy(trim(from), tidy));

	caller.kind = kind_of(text);
	if (caller.kind == CALLER_ANONYMOUS)
		text = SLICE("anonymous");
	(void)slice_copy(text, caller.text, sizeof caller.text);
	return caller;
}

/* --- how far the network vouches -------------------------------------------------------------------- */

enum attestation attestation_read(struct slice verstat)
{
	static const struct {
		struct slice start;
		enum attestation attestation;
	} values[] = {
		{ { "TN-Validation-Failed", 20 }, ATTESTATION_FAILED },
		{ { "TN-Validation-Passed-A", 22 }, ATTESTATION_PASSED_A },
		{ { "TN-Validation-Passed-B", 22 }, ATTESTATION_PASSED_B },
		{ { "TN-Validation-Passed-C", 22 }, ATTESTATION_PASSED_C },
	};

	if (!verstat.len)
		return ATTESTATION_ABSENT;
	/* Behind it may come more: the level of a failed one, -Diverted, -Passthrough. */
	for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
		const struct slice start = values[i].start;

		if (begins_with(verstat, start) && (verstat.len == start.len || verstat.data[start.len] == '-'))
			return values[i].attestation;
	}
	return ATTESTATION_NONE;
}

const char *attestation_word(enum attestation attestation)
{
	static const char *const words[] = {
#define X(attestation, word) [attestation] = word,
		ATTESTATIONS(X)
#undef X
	};

	return words[attestation];
}

bool attestation_is_passed(enum attestation attestation)
{
	return attestation == ATTESTATION_PASSED_A || attestation == ATTESTATION_PASSED_B
		|| attestation == ATTESTATION_PASSED_C;
}
