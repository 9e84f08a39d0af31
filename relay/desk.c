/* The desk takes what waits, at most DESK_BATCH_MAX orders, carries it out inside one commit, then tells whoever
 * asked. When nothing waits it moves the write-ahead log into the database once a minute. */
#include "relay/desk.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/allowance.h"
#include "relay/desk_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static const char *const kind_words[] = {
#define X(kind, word) [kind] = word,
	DESK_KINDS(X)
#undef X
};

const char *desk_kind_word(enum desk_kind kind)
{
	return kind_words[kind];
}

/* --- orders --------------------------------------------------------------------------------------- */

static void load_zone(struct desk *d, struct desk_page *page)
{
	uint32_t left_out;
	const char *why;

	if (!zone_load(&page->zone, page->merchant.time_zone, &why)
		&& log_limit_pass(&d->limit, clock_mono_ms(), 5, &left_out))
		log_warn("desk time zone taken for UTC merchant=%lld zone=%s why=\"%s\"",
			(long long)page->merchant.id, page->merchant.time_zone, why);
}

static void miss(struct desk *d, const struct desk_page *page, const char *what, enum db_result result)
{
	uint32_t left_out;

	if (result != DB_OK && log_limit_pass(&d->limit, clock_mono_ms(), 5, &left_out))
		log_warn("desk merchant known in part merchant=%lld missing=%s why=\"%s\"",
			(long long)page->merchant.id, what, db_why(d->db));
}

/* What a receptionist can do without: no caller is lost for the want of it. */
static void find_extras(struct desk *d, struct desk_order *o)
{
	struct desk_page *page = o->page;
	const int64_t id = page->merchant.id;

	page->caller = (struct merchant_caller){ 0 };
	miss(d, page, "hours", db_merchant_hours(d->db, id, &page->hours));
	miss(d, page, "faq", db_merchant_faq(d->db, id, &page->faq));
	miss(d, page, "staff", db_merchant_staff(d->db, id, &page->staff));
	miss(d, page, "caller", db_merchant_caller(d->db, id, slice_of(o->call->call_sid),
		slice_of(page->caller_number), o->at_ms, &page->caller));
}

static enum db_result find_merchant(struct desk *d, struct desk_order *o)
{
	struct desk_page *page = o->page;
	enum db_result result = o->call->merchant_id
		? db_merchant_by_id(d->db, o->call->merchant_id, &page->merchant)
		: db_merchant_by_number(d->db, slice_of(o->call->called_number), &page->merchant);

	if (result == DB_OK)
		result = db_merchant_keys(d->db, page->merchant.id, &page->keys);
	if (result == DB_OK)
		result = db_merchant_tools(d->db, page->merchant.id, &page->tools);
	if (result == DB_OK)
		find_extras(d, o);
	page->month = (struct merchant_month){ 0 };
	if (result == DB_OK && allowance_needs_month(&page->merchant))
		result = db_merchant_month(d->db, page->merchant.id, slice_of(o->call->call_sid), o->at_ms,
			&page->month);
	if (result == DB_OK)
		load_zone(d, page);
	return result;
}

/* The webhook has begun the call already; in development nobody has. */
static enum db_result begin_call(struct desk *d, const struct desk_order *o)
{
	struct call_record record;
	struct call_begin begin = {
		.call_sid = slice_of(o->call->call_sid),
		.merchant_id = o->call->merchant_id,
		.caller_number = slice_of(o->call->caller_number),
		.called_number = slice_of(o->call->called_number),
		.now_ms = o->started_ms ? o->started_ms : o->at_ms,
	};

	return db_call_begin(d->db, &begin, &record);
}

static enum db_result start_call(struct desk *d, struct desk_order *o)
{
	enum db_result result = begin_call(d, o);

	if (result == DB_OK)
		result = db_call_start(d->db, slice_of(o->call->call_sid), slice_of(o->call->stream_sid), o->at_ms,
			&o->call->before);
	o->call->before_ms = o->call->before.clock_ms;
	return result;
}

static enum db_result put_usage(struct desk *d, const struct desk_order *o)
{
	const struct call_start *before = &o->call->before;
	struct call_usage usage = o->usage;

	usage.call_sid = slice_of(o->call->call_sid);
	usage.resumed_count += before->resumed_count;
	usage.input_audio_ms += before->input_audio_ms;
	usage.output_audio_ms += before->output_audio_ms;
	usage.micro_dollars += before->micro_dollars;
	return db_call_usage(d->db, &usage);
}

static enum db_result end_call(struct desk *d, const struct desk_order *o)
{
	struct call_end end = {
		.call_sid = slice_of(o->call->call_sid),
		.reason = o->reason,
		.now_ms = o->at_ms,
		.heard_ms = o->heard_ms,
		.spoken_ms = o->spoken_ms,
		.started_ms = o->started_ms,
		.answered_ms = o->answered_ms,
	};

	enum db_result result = db_call_end(d->db, &end);

	/* It ended before it began: that is to be known as well. */
	if (result == DB_NONE && o->call->merchant_id && begin_call(d, o) == DB_OK)
		result = db_call_end(d->db, &end);
	if (result == DB_OK)
		result = put_usage(d, o);
	return result;
}

static enum db_result put_turn(struct desk *d, struct desk_order *o)
{
	struct turn turn = o->page->turn;

	turn.position += o->call->before.next_position;
	turn.start_ms += o->call->before.clock_ms;
	turn.end_ms += o->call->before.clock_ms;
	return db_turn_put(d->db, &turn);
}

static enum db_result put_tool_call(struct desk *d, struct desk_order *o)
{
	struct tool_call tool_call = o->page->tool_call;

	tool_call.call_sid = slice_of(o->call->call_sid);
	tool_call.started_ms += o->call->before.clock_ms;
	return db_tool_call_put(d->db, &tool_call);
}

enum db_result desk_carry_out(struct desk *d, struct desk_order *o)
{
	const struct slice call_sid = slice_of(o->call->call_sid);

	if (!d->db)
		return DB_BROKEN;
	switch (o->kind) {
	case DESK_MERCHANT:
		return find_merchant(d, o);
	case DESK_START:
		return start_call(d, o);
	case DESK_ANSWER:
		return db_call_answer(d->db, call_sid, o->at_ms);
	case DESK_TURN:
		return put_turn(d, o);
	case DESK_MESSAGE:
		o->page->message.call_sid = call_sid;
		return db_message_put(d->db, &o->page->message);
	case DESK_TOOL_CALL:
		return put_tool_call(d, o);
	case DESK_USAGE:
		return put_usage(d, o);
	case DESK_RECORDING:
		return db_call_recording_stopped(d->db, call_sid, slice_of(o->recording_stopped));
	case DESK_TRANSFER:
		return db_call_transfer(d->db, call_sid, o->page->transfer_number);
	case DESK_END:
		return end_call(d, o);
	case DESK_KIND_COUNT:
		break;
	}
	check(!"a desk order of no kind");
	return DB_BROKEN;
}

/* A row that is not there is news to the asker, not a failure. */
static bool has_failed(const struct desk_order *o)
{
	return o->result != DB_OK && o->result != DB_NONE;
}

static void report(struct desk *d, const struct desk_order *o, const char *why)
{
	uint32_t left_out;

	metrics_observe(d->metrics, METRIC_DESK_SECONDS, (double)(clock_mono_ms() - o->put_ms) / 1000);
	if (!has_failed(o))
		return;
	metrics_add(d->metrics, METRIC_DESK_FAILED, !o->is_kept);
	if (log_limit_pass(&d->limit, clock_mono_ms(), 5, &left_out))
		log_error("desk order %s kind=%s call=%s result=%s why=\"%s\" left_out=%u",
			o->is_kept ? "kept" : "failed", kind_words[o->kind], o->call->call_sid,
			db_result_word(o->result), why, left_out);
}

static void tell(struct desk *d, struct desk_order *o)
{
	if (o->task)
		loop_post(o->loop, &o->note);
	else if (o->page)
		desk_page_give(d, o->page);
}

/* Runs in the asker's loop. */
static void order_done(struct note *note)
{
	struct desk_order *o = container_of(note, struct desk_order, note);

	o->busy = false;
	loop_mark(o->loop, o->task);
}

/* --- the database --------------------------------------------------------------------------------- */

static void open_database(struct desk *d)
{
	char why[DB_WHY_BYTES_MAX];

	if (d->db || clock_mono_ms() < d->reopen_at_ms)
		return;
	if (db_open(&d->db, d->path, DB_CREATE, DESK_BUSY_MS, why, sizeof why) == DB_OK) {
		log_info("desk database open path=%s", d->path);
		return;
	}
	d->db = NULL;
	d->reopen_at_ms = clock_mono_ms() + DESK_REOPEN_MS;
	log_error("desk database unusable why=\"%s\"", why);
}

void desk_drop_broken(struct desk *d, enum db_result result)
{
	if (result != DB_BROKEN || !d->db)
		return;
	db_close(d->db);
	d->db = NULL;
	d->reopen_at_ms = clock_mono_ms() + DESK_REOPEN_MS;
}

static void checkpoint(struct desk *d, uint64_t now_ms)
{
	d->checkpoint_at_ms = now_ms + DESK_CHECKPOINT_MS;
	if (!d->db)
		return;
	enum db_result result = db_checkpoint(d->db);

	if (result != DB_OK && result != DB_BUSY)
		log_warn("desk checkpoint failed why=\"%s\"", db_why(d->db));
	desk_drop_broken(d, result);
}

/* --- the thread ----------------------------------------------------------------------------------- */

/* What is new waits behind what was refused before. */
static enum db_result begin(struct desk *d, const struct desk_order *first)
{
	const enum db_result late = desk_late_write(d, first);

	if (late != DB_OK)
		return late;
	return d->db ? db_batch_begin(d->db) : DB_BROKEN;
}

static void settle(struct desk *d, struct desk_order *o, enum db_result batch, const char *why)
{
	if (batch != DB_OK && o->result == DB_OK && o->kind != DESK_MERCHANT)
		o->result = batch;
	o->is_kept = desk_late_keep(d, o);
	if (o->kind == DESK_END)
		desk_late_part(d, o->call);
	report(d, o, why);
	tell(d, o);
}

static void carry_out_all(struct desk *d, struct desk_order *first)
{
	char whys[DB_WHY_BYTES_MAX] = "no database";
	enum db_result batch, worst = DB_OK;

	batch = begin(d, first);
	if (d->db && batch != DB_OK)
		snprintf(whys, sizeof whys, "%s", db_why(d->db));
	for (struct desk_order *o = first; o; o = o->next) {
		o->result = batch == DB_OK || o->kind == DESK_MERCHANT ? desk_carry_out(d, o) : batch;
		if (d->db && has_failed(o)) {
			snprintf(whys, sizeof whys, "%s", db_why(d->db));
			worst = o->result == DB_BROKEN ? DB_BROKEN : worst;
		}
	}
	if (batch == DB_OK) {
		batch = db_batch_end(d->db);
		if (batch != DB_OK)
			snprintf(whys, sizeof whys, "%s", db_why(d->db));
	}
	desk_drop_broken(d, batch == DB_BROKEN ? batch : worst);
	for (struct desk_order *o = first, *next; o; o = next) {
		next = o->next;
		settle(d, o, batch, whys);
	}
}

/* Waits for orders; NULL: it is time for something else. */
static struct desk_order *take_orders(struct desk *d)
{
	struct timespec until;
	struct desk_order *first, *o;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += 1;
	pthread_mutex_lock(&d->lock);
	while (!d->first && !d->stop)
		if (pthread_cond_timedwait(&d->news, &d->lock, &until) == ETIMEDOUT)
			break;
	first = o = d->first;
	for (uint32_t n = 1; o && o->next && n < DESK_BATCH_MAX; n++)
		o = o->next;
	if (o) {
		d->first = o->next;
		o->next = NULL;
	}
	if (!d->first)
		d->last = &d->first;
	for (o = first; o; o = o->next)
		d->waiting_count--;
	metrics_set(d->metrics, METRIC_DESK_QUEUE, d->waiting_count);
	metrics_set(d->metrics, METRIC_DATABASE_UP, d->db != NULL);
	pthread_mutex_unlock(&d->lock);
	return first;
}

static bool is_over(struct desk *d)
{
	pthread_mutex_lock(&d->lock);
	bool over = d->stop && !d->first;

	pthread_mutex_unlock(&d->lock);
	return over;
}

/* Nothing can be kept beyond the program's end: once more, while there is a database to wait for. */
static void write_last(struct desk *d)
{
	const uint64_t until_ms = clock_mono_ms() + DESK_LAST_MS;

	d->reopen_at_ms = 0;
	open_database(d);
	while (d->late.first && d->db && clock_mono_ms() < until_ms) {
		d->late.again_ms = 0;
		(void)desk_late_write(d, NULL);
	}
	desk_late_close(d);
}

static void *desk_thread(void *argument)
{
	struct desk *d = argument;

	pthread_setname_np(pthread_self(), "desk");
	open_database(d);
	metrics_set(d->metrics, METRIC_DATABASE_UP, d->db != NULL);
	d->checkpoint_at_ms = clock_mono_ms() + DESK_CHECKPOINT_MS;
	while (!is_over(d)) {
		struct desk_order *orders = take_orders(d);

		open_database(d);
		if (orders)
			carry_out_all(d, orders);
		else
			(void)desk_late_write(d, NULL);
		if (clock_mono_ms() >= d->checkpoint_at_ms)
			checkpoint(d, clock_mono_ms());
	}
	write_last(d);
	checkpoint(d, 0);
	db_close(d->db);
	d->db = NULL;
	return NULL;
}

bool desk_open(struct desk *d, const char *path, uint32_t page_count, struct roll *roll, struct metrics *metrics,
	char *why, size_t why_bytes)
{
	pthread_condattr_t attributes;

	*d = (struct desk){ .path = path, .roll = roll, .metrics = metrics, .page_count = page_count };
	d->last = &d->first;
	d->pages = mmap(NULL, page_count * sizeof *d->pages, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (d->pages == MAP_FAILED) {
		snprintf(why, why_bytes, "no memory for the desk: %s", strerror(errno));
		return false;
	}
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&d->news, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&d->lock, NULL);
	int error = pthread_create(&d->thread, NULL, desk_thread, d);

	d->running = error == 0;
	if (error)
		snprintf(why, why_bytes, "no thread for the desk: %s", strerror(error));
	return d->running;
}

void desk_close(struct desk *d)
{
	if (!d->running)
		return;
	pthread_mutex_lock(&d->lock);
	d->stop = true;
	pthread_cond_signal(&d->news);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	munmap(d->pages, d->page_count * sizeof *d->pages);
	d->running = false;
}

void desk_put(struct desk *d, struct desk_order *order)
{
	check(!order->busy && order->call);
	order->busy = true;
	order->next = NULL;
	order->put_ms = clock_mono_ms();
	order->note = (struct note){ .read = order_done };
	pthread_mutex_lock(&d->lock);
	*d->last = order;
	d->last = &order->next;
	d->waiting_count++;
	pthread_cond_signal(&d->news);
	pthread_mutex_unlock(&d->lock);
}

/* Pages that were never used are handed out last, so that their memory stays untouched. */
struct desk_page *desk_page_take(struct desk *d)
{
	pthread_mutex_lock(&d->lock);
	struct desk_page *page = d->free_pages;

	if (page)
		d->free_pages = page->next;
	else if (d->fresh_count < d->page_count)
		page = &d->pages[d->fresh_count++];
	pthread_mutex_unlock(&d->lock);
	if (page) {
		page->order = (struct desk_order){ .page = page };
		page->text_bytes = 0;
	}
	return page;
}

struct slice desk_page_keep(struct desk_page *page, struct slice text)
{
	const size_t room = sizeof page->text - page->text_bytes;
	char *to = page->text + page->text_bytes;

	if (text.len > room)
		text.len = room;
	if (text.len)
		memcpy(to, text.data, text.len);
	page->text_bytes += text.len;
	return (struct slice){ to, text.len };
}

void desk_page_give(struct desk *d, struct desk_page *page)
{
	pthread_mutex_lock(&d->lock);
	page->next = d->free_pages;
	d->free_pages = page;
	pthread_mutex_unlock(&d->lock);
}
