#include "sim/dialled.h"

#include "base/check.h"

#include <string.h>

static const struct {
	const char *word, *status;
} outcomes[] = {
#define X(outcome, word, status) [outcome] = { word, status },
	DIALLED_OUTCOMES(X)
#undef X
};

static const char *const hello = "Hello, who is there?";

void dialled_init(struct dialled *d)
{
	*d = (struct dialled){ .others = { .outcome = DIALLED_ANSWERED, .words = hello } };
}

static bool read_outcome(struct slice word, enum dialled_outcome *out)
{
	for (size_t i = 0; i < ARRAY_COUNT(outcomes); i++) {
		if (slice_equal(word, slice_of(outcomes[i].word))) {
			*out = (enum dialled_outcome)i;
			return true;
		}
	}
	return false;
}

/* "busy", "answered", "answered:Hello." */
static bool read_person(struct dialled_person *p, const char *text)
{
	const char *colon = strchr(text, ':');
	const struct slice word = { text, colon ? (size_t)(colon - text) : strlen(text) };

	if (!read_outcome(word, &p->outcome) || (colon && !dialled_answers(p)))
		return false;
	p->words = !dialled_answers(p) ? "" : colon ? colon + 1 : hello;
	return true;
}

bool dialled_read(struct dialled *d, const char *text)
{
	const char *equal = strchr(text, '=');
	struct dialled_person p = { .number = { text, equal ? (size_t)(equal - text) : 0 } };

	if (!p.number.len || d->count == DIALLED_MAX || !read_person(&p, equal + 1))
		return false;
	d->people[d->count++] = p;
	return true;
}

bool dialled_read_others(struct dialled *d, const char *word)
{
	return read_person(&d->others, word);
}

const struct dialled_person *dialled_find(const struct dialled *d, const char *number)
{
	for (size_t i = d->count; i > 0; i--)
		if (slice_equal(d->people[i - 1].number, slice_of(number)))
			return &d->people[i - 1];
	return &d->others;
}

const char *dialled_status(enum dialled_outcome outcome)
{
	return outcomes[outcome].status;
}
