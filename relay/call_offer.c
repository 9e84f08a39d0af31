/*
 * What a receptionist can do in this call at this hour: the tools that Grok is told of, whom a caller can be connected
 * with, what keys do.
 */
#include "relay/call_tools.h"

#include "base/clock.h"
#include "relay/briefing.h"
#include "relay/call_parts.h"
#include "relay/call_record.h"
#include "relay/directory.h"
#include "relay/tool_list.h"

struct zone_time call_local_time(const struct call *c)
{
	return zone_local(&c->merchant->zone, clock_wall_ms() / 1000);
}

static struct slice write_list(
	struct call *c, struct buf *out, struct tool_list_plan *plan, bool server_tools)
{
	plan->server_tools = server_tools;
	buf_init_pool(out, &c->env->legs->pool, TOOL_LIST_BYTES_MAX);
	if (!tool_list_write(out, plan))
		log_error("call without tools: no room for their list call=%s", c->facts.call_sid);
	return (struct slice){(char *)buf_data(out), buf_len(out)};
}

/* Whom transfer_call can name. Empty: nobody is there, or it takes no name. */
static struct slice write_directory(struct call *c, struct buf *out, const struct zone_time *local)
{
	const struct desk_page *page = c->merchant;
	const uint32_t count = directory_count_on_duty(&page->staff, local);

	buf_init_pool(out, &c->env->legs->pool, TOOL_LIST_BYTES_MAX);
	if (count && !directory_write_parameters(out, &page->staff, local,
			     count > 1 && page->merchant.transfer_number[0] == '\0'))
		log_error("call without the staff's names: no room call=%s", c->facts.call_sid);
	return (struct slice){(char *)buf_data(out), buf_len(out)};
}

/* A key that leads to a person leads nowhere while only messages are taken. */
static void close_menu(struct merchant_keys *keys)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < keys->count; i++)
		if (keys->keys[i].action != KEY_TRANSFER)
			keys->keys[count++] = keys->keys[i];
	keys->count = count;
}

static void offer_lists(struct call *c, struct bridge_merchant *merchant)
{
	const struct desk_page *page = c->merchant;
	const struct zone_time local = call_local_time(c);
	struct buf directory;
	struct tool_list_plan plan = {
		.transfer_parameters = write_directory(c, &directory, &local),
		.has_hours = page->hours.count || page->hours.day_count,
		.is_recorded = call_record_is_wanted(c, &page->merchant),
		.has_farewell = page->merchant.farewell[0],
		.only_messages = c->tools.only_messages,
		.tools = &page->tools,
	};

	plan.can_transfer = page->merchant.transfer_number[0] || plan.transfer_parameters.len;
	merchant->tools_json = write_list(c, &c->tools.list, &plan, true);
	merchant->functions_json = write_list(c, &c->tools.functions, &plan, false);
	buf_release(&directory);
}

void call_tools_offer(struct call *c, struct bridge_merchant *merchant)
{
	struct desk_page *page = c->merchant;

	c->tools.only_messages = briefing_only_messages(
		&page->merchant, &page->hours, &page->caller, &page->zone, clock_wall_ms() / 1000);
	offer_lists(c, merchant);
	merchant->farewell = slice_of(page->merchant.farewell);
	if (c->tools.only_messages)
		close_menu(&page->keys);
	else
		merchant->transfer_number = slice_of(page->merchant.transfer_number);
	merchant->keypad = page->merchant.keypad;
	merchant->menu = &page->keys;
}
