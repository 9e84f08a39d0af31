/*
 * A tool starts: the built-in ones act at once, but a message is only taken when the database has
 * it; a merchant's own is an errand. What takes time is a job, which each turn looks at.
 */
#include "relay/call_tools.h"

#include "base/check.h"
#include "base/clock.h"
#include "relay/call_parts.h"
#include "relay/call_record.h"
#include "relay/directory.h"
#include "relay/tool_arguments.h"
#include "relay/tool_hours.h"
#include "relay/tool_list.h"
#include "relay/tool_request.h"

#include <stdio.h>

#define RECORDING_STOPPED "{\"ok\":true,\"recording\":\"stopped; what was recorded is deleted after the call\"}"

#define NOBODY_THERE "there is nobody to connect the caller with; offer to take a message"

enum { OUTPUT_BYTES = 4096, NAMES_BYTES = 1500, SLACK_MS = 1000, EVENT_RANDOM_BYTES = 16 };

/* --- what comes of a call of a tool
 * --------------------------------------------------------------- */

static void answer(struct call *c, uint32_t serial, enum tool_status status, struct slice output)
{
	bridge_tool_result(&c->bridge, serial, status, output, c->env->legs->loop->now_ms);
}

static void refuse(struct call *c, uint32_t serial, enum tool_status status, const char *why)
{
	char text[OUTPUT_BYTES];
	struct buf out;

	buf_init_fixed(&out, text, sizeof text);
	check(tool_error_write(&out, slice_of(why)));
	answer(c, serial, status, (struct slice){text, buf_len(&out)});
}

static struct tool_job *free_job(struct call_tools *t)
{
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		if (t->jobs[i].serial == 0)
			return &t->jobs[i];
	return NULL;
}

/* --- built-in tools
 * ------------------------------------------------------------------------------- */

static void end_call(struct call *c, const struct tool_use *use, uint64_t now_ms)
{
	bridge_leave(&c->bridge, END_RECEPTIONIST_HUNG_UP, (struct slice){0}, use->serial, now_ms);
}

static void refuse_transfer(struct call *c, uint32_t serial, const char *why, const struct zone_time *local)
{
	char names[NAMES_BYTES], text[NAMES_BYTES + 200];

	directory_names(&c->merchant->staff, local, names, sizeof names);
	if (names[0] == '\0')
		return refuse(c, serial, TOOL_FAILED, NOBODY_THERE);
	snprintf(text, sizeof text, "%s; there now: %s", why, names);
	refuse(c, serial, TOOL_FAILED, text);
}

/* Whose hours are over since the call began is not rung. */
static void transfer_call(struct call *c, const struct tool_use *use, struct slice who, uint64_t now_ms)
{
	const struct zone_time local = call_local_time(c);
	const struct slice usual = slice_of(c->merchant->merchant.transfer_number);
	const struct merchant_person *person = NULL;
	enum directory_choice choice = directory_choose(&c->merchant->staff, &local, who, &person);

	if (c->tools.only_messages)
		return refuse(c, use->serial, TOOL_FAILED, NOBODY_THERE);
	if (usual.len && (who.len == 0 || c->merchant->staff.count == 0))
		return bridge_leave(&c->bridge, END_TRANSFERRED, usual, use->serial, now_ms);
	switch (choice) {
	case DIRECTORY_FOUND:
		return bridge_leave(&c->bridge, END_TRANSFERRED, slice_of(person->number), use->serial, now_ms);
	case DIRECTORY_ANYBODY:
		return refuse_transfer(c, use->serial, "ask whom the caller wants to speak to", &local);
	case DIRECTORY_UNKNOWN:
		return refuse_transfer(c, use->serial, "nobody is called so", &local);
	case DIRECTORY_AWAY:
		return refuse_transfer(c, use->serial, "that person is not there now", &local);
	}
}

static void business_hours(struct call *c, const struct tool_use *use)
{
	const struct zone_time local = call_local_time(c);
	char text[TOOL_HOURS_BYTES_MAX];
	struct buf out;

	buf_init_fixed(&out, text, sizeof text);
	check(tool_hours_write(&out, &c->merchant->hours, &local));
	answer(c, use->serial, c->merchant->hours.count || c->merchant->hours.day_count ? TOOL_OK : TOOL_FAILED,
		(struct slice){text, buf_len(&out)});
}

static const char *message_fault(struct slice text, struct slice name, struct slice number)
{
	if (text.len == 0)
		return "the argument message is missing: ask the caller what to write down";
	if (text.len > MESSAGE_TEXT_BYTES_MAX)
		return "the message is too long: write down what matters";
	if (name.len > MESSAGE_NAME_BYTES_MAX || number.len > PHONE_BYTES_MAX)
		return "caller_name or callback_number is too long";
	return NULL;
}

static void put_message(struct call *c, struct desk_page *page)
{
	page->order.kind = DESK_MESSAGE;
	page->order.call = &c->facts;
	page->order.loop = c->env->legs->loop;
	page->order.task = &c->task;
	page->order.at_ms = clock_wall_ms();
	desk_put(&c->env->relay->desk, &page->order);
}

static void take_message(
	struct call *c, const struct tool_use *use, const struct json_object *arguments)
{
	struct slice text = tool_argument(arguments, "message"),
		     name = tool_argument(arguments, "caller_name");
	struct slice number = tool_argument(arguments, "callback_number");
	const char *why = message_fault(text, name, number);
	struct tool_job *job = free_job(&c->tools);
	bool urgent = false;

	if (why)
		return refuse(c, use->serial, TOOL_MALFORMED, why);
	struct desk_page *page = job ? desk_page_take(&c->env->relay->desk) : NULL;

	if (!page)
		return answer(c, use->serial, TOOL_NO_ROOM, (struct slice){0});
	if (number.len == 0)
		number = slice_of(c->facts.caller_number);
	json_truth(json_field(arguments, "urgent"), &urgent);
	page->message = (struct message){
		.kind = MESSAGE_SPOKEN,
		.urgent = urgent,
		.recording_ms = -1,
		.now_ms = clock_wall_ms(),
	};
	page->message.source_id = desk_page_keep(page, voice_id_slice(&use->id));
	page->message.caller_name = desk_page_keep(page, name);
	page->message.callback_number = desk_page_keep(page, number);
	page->message.text = desk_page_keep(page, text);
	*job = (struct tool_job){.serial = use->serial, .page = page};
	put_message(c, page);
}

/* What waits for a lock is as good as written; a database that is broken may never come back. */
static bool is_written_down(const struct desk_order *o)
{
	return o->result == DB_OK || (o->result == DB_BUSY && o->is_kept);
}

static void message_done(struct call *c, uint32_t serial, const struct desk_order *order)
{
	if (is_written_down(order))
		answer(c, serial, TOOL_OK,
			SLICE("{\"ok\":true,\"message\":\"it is written down\"}"));
	else
		refuse(c, serial, TOOL_FAILED,
			"the message could not be stored; tell the caller to call again");
}

/* --- a merchant's own
 * ----------------------------------------------------------------------------- */

static void write_event_id(struct call *c, char out[ERRAND_EVENT_BYTES_MAX + 1])
{
	uint8_t bytes[EVENT_RANDOM_BYTES];
	int at = snprintf(out, ERRAND_EVENT_BYTES_MAX + 1, "evt_");

	random_fill(&c->env->legs->loop->random, bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		at += snprintf(out + at, ERRAND_EVENT_BYTES_MAX + 1 - (size_t)at, "%02x", bytes[i]);
}

static bool write_errand(struct call *c, const struct merchant_tool *tool,
	const struct tool_use *use, struct errand *e)
{
	struct tool_request request = {
		.call_sid = slice_of(c->facts.call_sid),
		.merchant_id = c->facts.merchant_id,
		.tool = tool->name,
		.arguments_json = {(char *)buf_data(&use->arguments), buf_len(&use->arguments)},
	};
	struct buf body;

	write_event_id(c, e->event_id);
	request.event_id = slice_of(e->event_id);
	if (tool->digits && keypad_secret(&c->bridge.keypad).len)
		request.digits = keypad_secret(&c->bridge.keypad);
	buf_init_fixed(&body, e->body, sizeof e->body);
	if (!slice_copy(tool->url, e->url, sizeof e->url) ||
		!slice_copy(tool->secret, e->secret, sizeof e->secret) ||
		!tool_request_write(&body, &request))
		return false;
	e->body_len = buf_len(&body);
	e->timeout_ms = tool->timeout_ms;
	e->retry = tool->retry;
	e->allow_private = tool->allow_private;
	e->loop = c->env->legs->loop;
	e->task = &c->task;
	return true;
}

static void run_errand(
	struct call *c, const struct merchant_tool *tool, struct tool_use *use, uint64_t now_ms)
{
	struct errands *errands = &c->env->relay->errands;
	struct tool_job *job = free_job(&c->tools);
	struct errand *e = job ? errand_take(errands) : NULL;

	if (!e)
		return answer(c, use->serial, TOOL_NO_ROOM, (struct slice){0});
	if (!write_errand(c, tool, use, e)) {
		errand_give(errands, e);
		return answer(c, use->serial, TOOL_MALFORMED, (struct slice){0});
	}
	tools_allow(use, tool->timeout_ms + SLACK_MS, now_ms);
	*job = (struct tool_job){.serial = use->serial, .errand = e};
	errand_put(errands, e);
}

static void errand_back(struct call *c, uint32_t serial, const struct errand *e)
{
	static const char *const told[] = {
		[ERRAND_ANSWERED] = "",
		[ERRAND_TIMEOUT] = "the service did not answer in time: it may or may not have done it",
		[ERRAND_UNREACHABLE] = "the service cannot be reached at the moment",
		[ERRAND_PRIVATE] = "the service is not set up correctly",
		[ERRAND_HUGE] = "the service's answer was too long",
		[ERRAND_BAD_URL] = "the service is not set up correctly",
		[ERRAND_STOPPED] = "the service cannot be reached at the moment",
	};
	char text[TOOL_OUTPUT_BYTES_MAX];
	struct buf out;

	if (e->outcome != ERRAND_ANSWERED || e->status < 200 || e->status > 299)
		log_warn("tool errand failed call=%s outcome=%s status=%ld attempts=%u",
			c->facts.call_sid, errand_outcome_word(e->outcome), e->status,
			e->attempt_count);
	if (e->outcome != ERRAND_ANSWERED)
		return refuse(c, serial, e->outcome == ERRAND_TIMEOUT ? TOOL_TIMEOUT : TOOL_FAILED,
			told[e->outcome]);
	buf_init_fixed(&out, text, sizeof text);
	if (!tool_answer_write(&out, e->status, (struct slice){e->answer, e->answer_len}))
		return refuse(c, serial, TOOL_FAILED, told[ERRAND_HUGE]);
	answer(c, serial, e->status >= 200 && e->status <= 299 ? TOOL_OK : TOOL_FAILED,
		(struct slice){text, buf_len(&out)});
}

/* --- the bridge's sink
 * ---------------------------------------------------------------------------- */

static void run(
	struct call *c, struct tool_use *use, const struct json_object *arguments, uint64_t now_ms)
{
	char why[TOOL_ARGUMENTS_WHY_BYTES];
	const struct merchant_tool *tool;

	switch (tool_built_in(tool_name(use))) {
	case TOOL_END_CALL:
		return end_call(c, use, now_ms);
	case TOOL_TRANSFER_CALL:
		return transfer_call(c, use, tool_argument(arguments, "who"), now_ms);
	case TOOL_TAKE_MESSAGE:
		return take_message(c, use, arguments);
	case TOOL_BUSINESS_HOURS:
		return business_hours(c, use);
	case TOOL_STOP_RECORDING:
		call_record_withdraw(c);
		return answer(c, use->serial, TOOL_OK, SLICE(RECORDING_STOPPED));
	case TOOL_BUILT_IN_COUNT:
		break;
	}
	tool = tool_list_find(&c->merchant->tools, tool_name(use));
	if (!tool || c->tools.only_messages)
		return answer(c, use->serial, TOOL_UNKNOWN, (struct slice){0});
	if (!tool_arguments_fit(arguments, tool->parameters, why, sizeof why))
		return refuse(c, use->serial, TOOL_MALFORMED, why);
	run_errand(c, tool, use, now_ms);
}

static void start(struct tool_sink *sink, struct tool_use *use, uint64_t now_ms)
{
	struct call *c = container_of(sink, struct call, tools.sink);
	struct json_reader reader = {0};
	const struct json_object *arguments = tool_arguments_read(&reader,
		(struct slice){(char *)buf_data(&use->arguments), buf_len(&use->arguments)});

	if (arguments)
		run(c, use, arguments, now_ms);
	else
		answer(c, use->serial, TOOL_MALFORMED, (struct slice){0});
	json_reader_fini(&reader);
}

/* For the record; nobody waits for it. */
static void over(struct tool_sink *sink, const struct tool_use *use, uint64_t now_ms)
{
	struct call *c = container_of(sink, struct call, tools.sink);
	struct desk_page *page = c->facts.call_sid[0] ? desk_page_take(&c->env->relay->desk) : NULL;
	uint64_t until_ms = use->answered_ms ? use->answered_ms : now_ms;

	log_info("tool over call=%s name=%s status=%s ms=%llu", c->facts.call_sid,
		log_name(use->name, use->name_len).text, tool_status_word(use->status),
		(unsigned long long)(until_ms - use->seen_ms));
	if (!page)
		return;
	page->tool_call = (struct tool_call){
		.started_ms = use->seen_ms > c->bridge.start_ms
				      ? (int64_t)(use->seen_ms - c->bridge.start_ms)
				      : 0,
		.took_ms = (int64_t)(until_ms - use->seen_ms),
	};
	page->tool_call.tool_call_id = desk_page_keep(page, voice_id_slice(&use->id));
	page->tool_call.name = desk_page_keep(page, tool_name(use));
	page->tool_call.status = desk_page_keep(page, slice_of(tool_status_word(use->status)));
	page->order.kind = DESK_TOOL_CALL;
	page->order.call = &c->facts;
	desk_put(&c->env->relay->desk, &page->order);
}

/* --- the call's side
 * ------------------------------------------------------------------------------ */

void call_tools_init(struct call_tools *t)
{
	*t = (struct call_tools){.sink = {.start = start, .over = over}};
}

void call_tools_turn(struct call *c, uint64_t now_ms)
{
	(void)now_ms;
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++) {
		struct tool_job *job = &c->tools.jobs[i], done = *job;

		if (job->serial == 0 || (job->errand && job->errand->busy) ||
			(job->page && job->page->order.busy))
			continue;
		*job = (struct tool_job){0};
		if (done.page) {
			message_done(c, done.serial, &done.page->order);
			desk_page_give(&c->env->relay->desk, done.page);
		} else {
			errand_back(c, done.serial, done.errand);
			errand_give(&c->env->relay->errands, done.errand);
		}
	}
}

void call_tools_transfer(struct call *c)
{
	struct desk_page *page = desk_page_take(&c->env->relay->desk);

	log_info("call transferred call=%s to=%s", c->facts.call_sid,
		log_phone(c->bridge.transfer_to).text);
	if (!page)
		return call_count(c, METRIC_DESK_REFUSED);
	page->transfer_number = desk_page_keep(page, slice_of(c->bridge.transfer_to));
	page->order.kind = DESK_TRANSFER;
	page->order.call = &c->facts;
	desk_put(&c->env->relay->desk, &page->order);
}

bool call_tools_busy(const struct call *c)
{
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++)
		if (c->tools.jobs[i].page && c->tools.jobs[i].page->order.busy)
			return true;
	return false;
}

/* Also after an end that nobody was told of: a message that is on its way is still written. */
void call_tools_end(struct call *c)
{
	for (size_t i = 0; i < TOOLS_CALLS_MAX; i++) {
		struct tool_job *job = &c->tools.jobs[i];

		if (job->errand) {
			call_count(c, METRIC_TOOL_LATE);
			errand_abandon(&c->env->relay->errands, job->errand);
		}
		if (job->page && job->page->order.busy)
			continue;
		if (job->page)
			desk_page_give(&c->env->relay->desk, job->page);
		*job = (struct tool_job){0};
	}
	buf_release(&c->tools.list);
	buf_release(&c->tools.functions);
}
