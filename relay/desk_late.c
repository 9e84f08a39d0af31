/* A list of copies, each with its call's facts and its words, in the order in which they were put. */
#include "relay/desk_parts.h"

#include "base/check.h"
#include "base/clock.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct desk_kept {
	struct desk_kept *next;
	struct desk_order order;
	struct desk_call call;
	struct desk_call *live;         /* of DESK_START: the call's own facts; NULL: it has ended since */
	struct roll_entry enrolled;     /* of DESK_END */
	unsigned tries;
	size_t bytes;
	struct desk_page page;          /* if the order has one: ends behind the last of its words */
};

/* --- what is kept --------------------------------------------------------------------------------- */

/* It may be written once whoever locks the database is done, or the disk has room again. */
static bool is_passing(enum db_result result)
{
	return result == DB_BUSY || result == DB_READONLY || result == DB_BROKEN;
}

static bool is_worth_keeping(const struct desk_order *o)
{
	switch (o->kind) {
	case DESK_START:
	case DESK_ANSWER:
	case DESK_TURN:
	case DESK_MESSAGE:
	case DESK_TOOL_CALL:
	case DESK_RECORDING:
	case DESK_TRANSFER:
	case DESK_END:
		return is_passing(o->result);
	case DESK_MERCHANT:             /* nobody waits that long for it */
	case DESK_USAGE:                /* the end tells it again */
	case DESK_KIND_COUNT:
		break;
	}
	return false;
}

static size_t bytes_of(const struct desk_order *o)
{
	return o->page ? offsetof(struct desk_kept, page.text) + o->page->text_bytes : offsetof(struct desk_kept, page);
}

static void move(struct slice *words, const struct desk_page *from, struct desk_page *to)
{
	if (words->len)
		words->data = to->text + (words->data - from->text);
}

static void copy_page(const struct desk_order *o, struct desk_page *to)
{
	memcpy(to, o->page, offsetof(struct desk_page, text) + o->page->text_bytes);
	if (o->kind == DESK_TURN) {
		move(&to->turn.text, o->page, to);
		move(&to->turn.language, o->page, to);
	} else if (o->kind == DESK_MESSAGE) {
		move(&to->message.source_id, o->page, to);
		move(&to->message.caller_name, o->page, to);
		move(&to->message.callback_number, o->page, to);
		move(&to->message.text, o->page, to);
	} else if (o->kind == DESK_TOOL_CALL) {
		move(&to->tool_call.tool_call_id, o->page, to);
		move(&to->tool_call.name, o->page, to);
		move(&to->tool_call.status, o->page, to);
	} else {
		check(o->kind == DESK_TRANSFER);
		move(&to->transfer_number, o->page, to);
	}
}

static void copy(const struct desk_order *o, struct desk_kept *k)
{
	k->next = NULL;
	k->order = *o;
	k->order.call = &k->call;
	k->order.loop = NULL;
	k->order.task = NULL;
	k->call = *o->call;
	k->live = o->kind == DESK_START ? o->call : NULL;
	k->enrolled = (struct roll_entry){ .at = NULL };
	k->tries = 0;
	if (!o->page)
		return;
	copy_page(o, &k->page);
	k->order.page = &k->page;
	if (o->kind == DESK_TURN)
		k->page.turn.call_sid = slice_of(k->call.call_sid);
}

bool desk_late_keep(struct desk *d, const struct desk_order *o)
{
	struct desk_late *late = &d->late;
	const size_t bytes = bytes_of(o), bytes_max = o->page ? DESK_LATE_WORDS_BYTES_MAX : DESK_LATE_BYTES_MAX;
	struct desk_kept *k
		= is_worth_keeping(o) && late->bytes + bytes <= bytes_max ? malloc(bytes) : NULL;

	if (!k)
		return false;
	copy(o, k);
	k->bytes = bytes;
	if (!late->first) {
		late->last = &late->first;
		late->again_ms = clock_mono_ms() + DESK_RETRY_MS;
	}
	*late->last = k;
	late->last = &k->next;
	late->bytes += bytes;
	late->count++;
	if (o->kind == DESK_END && d->roll)
		roll_enter(d->roll, &k->enrolled, k->call.call_sid);
	metrics_set(d->metrics, METRIC_DESK_KEPT, late->count);
	return true;
}

void desk_late_part(struct desk *d, const struct desk_call *call)
{
	for (struct desk_kept *k = d->late.first; k; k = k->next)
		if (k->live == call)
			k->live = NULL;
}

static void forget(struct desk *d, struct desk_kept **at)
{
	struct desk_kept *k = *at;
	struct desk_late *late = &d->late;

	*at = k->next;
	if (!k->next)
		late->last = at;
	late->bytes -= k->bytes;
	late->count--;
	if (d->roll)
		roll_leave(d->roll, &k->enrolled);
	free(k);
	metrics_set(d->metrics, METRIC_DESK_KEPT, late->count);
}

/* --- once more ------------------------------------------------------------------------------------ */

/* What the streams before had come to is known only now; turns that wait are counted from there. */
static void share_start(struct desk_kept *start)
{
	const struct call_start *before = &start->call.before;

	if (!before->next_position && !before->clock_ms && !before->input_audio_ms && !before->resumed_count)
		return;
	if (start->live)
		start->live->before = *before;
	for (struct desk_kept *k = start->next; k; k = k->next)
		if (strcmp(k->call.call_sid, start->call.call_sid) == 0 &&
			strcmp(k->call.stream_sid, start->call.stream_sid) == 0)
			k->call.before = *before;
}

static void give_up(struct desk *d, const struct desk_kept *k)
{
	uint32_t left_out;

	metrics_add(d->metrics, METRIC_DESK_FAILED, 1);
	if (log_limit_pass(&d->limit, clock_mono_ms(), 5, &left_out))
		log_error("desk order given up kind=%s call=%s result=%s left_out=%u", desk_kind_word(k->order.kind),
			k->call.call_sid, db_result_word(k->order.result), left_out);
}

/* What the database took, or will never take, is over. */
static enum db_result settle(struct desk *d, uint32_t count)
{
	struct desk_kept **at = &d->late.first;
	enum db_result worst = DB_OK;

	for (; count > 0; count--) {
		const enum db_result result = (*at)->order.result;

		if (is_passing(result) && ++(*at)->tries < DESK_LATE_TRIES_MAX) {
			worst = worst == DB_BROKEN ? worst : result;
			at = &(*at)->next;
			continue;
		}
		if (result != DB_OK && result != DB_NONE)
			give_up(d, *at);
		forget(d, at);
	}
	return worst;
}

static enum db_result write_some(struct desk *d)
{
	enum db_result result = db_batch_begin(d->db);
	uint32_t count = 0;

	if (result == DB_OK) {
		for (struct desk_kept *k = d->late.first; k && count < DESK_LATE_BATCH_MAX; k = k->next, count++) {
			k->order.result = desk_carry_out(d, &k->order);
			if (k->order.kind == DESK_START && k->order.result == DB_OK)
				share_start(k);
		}
		result = db_batch_end(d->db);
	}
	if (result == DB_OK)
		result = settle(d, count);
	desk_drop_broken(d, result);
	return result;
}

static bool has_end(const struct desk_order *o)
{
	while (o && o->kind != DESK_END)
		o = o->next;
	return o != NULL;
}

enum db_result desk_late_write(struct desk *d, const struct desk_order *news)
{
	struct desk_late *late = &d->late;
	const uint32_t count = late->count;
	enum db_result result = d->db ? DB_OK : DB_BROKEN;

	if (!late->first)
		return DB_OK;
	if (!has_end(news) && clock_mono_ms() < late->again_ms)
		return DB_BUSY;
	while (result == DB_OK && late->first)
		result = write_some(d);
	if (result != DB_OK)
		late->again_ms = clock_mono_ms() + DESK_RETRY_MS;
	if (late->count < count)
		log_info("desk has caught up orders=%u left=%u", count - late->count, late->count);
	return result;
}

void desk_late_close(struct desk *d)
{
	struct desk_late *late = &d->late;

	if (late->first)
		log_error("desk leaves orders unwritten orders=%u", late->count);
	while (late->first) {
		give_up(d, late->first);
		forget(d, &late->first);
	}
}
