#include "media/remember.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/log.h"
#include "db/summary.h"
#include "media/plain.h"
#include "proto/caller_id.h"

#include <stdlib.h>

enum {
	TURN_BYTES_MAX = 300, /* of one turn: an endless story leaves room for its answer */
	TEXT_BYTES_MAX = SUMMARY_ROW_TEXT_BYTES_MAX + SUMMARY_ROW_WORD_BYTES_MAX + 64,
};

static bool is_wanted(const struct step *s)
{
	return s->merchant.memory && caller_id_read(slice_of(s->call.caller_number)).kind == CALLER_NUMBER;
}

static enum step_result judge(struct step *s, enum db_result result)
{
	if (result == DB_REFUSED)
		log_warn("memory refused call=%s why=\"%s\"", s->job.call_sid, db_why(s->db));
	if (result == DB_OK || result == DB_REFUSED)
		return STEP_DONE;
	return step_fail(s, STEP_AGAIN, "the caller cannot be remembered: %s", db_why(s->db));
}

static enum step_result keep(struct step *s, const struct buf *text, bool is_summary)
{
	char clean[CALLER_MEMORY_BYTES_MAX];
	const struct slice plain = plain_text(
		(struct slice){(const char *)buf_data(text), buf_len(text)}, clean, sizeof clean);

	if (plain.len == 0)
		return STEP_DONE;
	return judge(s, db_caller_remember(s->db, slice_of(s->job.call_sid), plain, is_summary));
}

/* "Caller: A table for two. Receptionist: For when?" */
static void add_turn(struct buf *text, const struct turn *turn)
{
	char clean[TURN_BYTES_MAX];
	const struct slice plain = plain_text(turn->text, clean, sizeof clean);

	if (plain.len && buf_room(text, plain.len + 32))
		check(buf_printf(text, "%s%s: %.*s", buf_len(text) ? " " : "",
			turn->role == TURN_CALLER ? "Caller" : "Receptionist", (int)plain.len, plain.data));
}

static enum db_result gather(struct step *s, struct buf *text)
{
	struct turn_memory *memory = malloc(sizeof *memory);
	struct turn turn;
	enum db_result result;

	check(memory);
	result = db_turns_last(
		s->db, slice_of(s->job.call_sid), TURN_BYTES_MAX, REMEMBER_BYTES_MAX, &turn.position);
	while (result == DB_OK) {
		result = db_turn_after(s->db, slice_of(s->job.call_sid), turn.position, memory, &turn);
		if (result == DB_OK)
			add_turn(text, &turn);
	}
	free(memory);
	return result == DB_NONE ? DB_OK : result;
}

enum step_result remember_words(struct step *s)
{
	char memory[REMEMBER_BYTES_MAX];
	struct buf text;

	if (!is_wanted(s))
		return STEP_DONE;
	buf_init_fixed(&text, memory, sizeof memory);
	const enum db_result result = gather(s, &text);

	return result == DB_OK ? keep(s, &text, false) : judge(s, result);
}

enum step_result remember_summary(struct step *s)
{
	char memory[TEXT_BYTES_MAX];
	struct buf text;

	if (!is_wanted(s))
		return STEP_DONE;
	struct summary_kept *kept = malloc(sizeof *kept);

	check(kept);
	buf_init_fixed(&text, memory, sizeof memory);
	const enum db_result result = db_summary_by_sid(s->db, slice_of(s->job.call_sid), kept);

	if (result == DB_OK && kept->caller_name[0])
		check(buf_printf(&text, "The caller gave the name %s. ", kept->caller_name));
	if (result == DB_OK)
		check(buf_append_string(&text, kept->text));
	free(kept);
	return result == DB_OK ? keep(s, &text, true) : result == DB_NONE ? STEP_DONE : judge(s, result);
}
