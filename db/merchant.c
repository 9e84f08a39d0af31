#include "db/query.h"

#include "base/check.h"

static const char *const keypad_words[] = {
	[KEYPAD_TEXT] = "text",
	[KEYPAD_SECRET] = "secret",
	[KEYPAD_OFF] = "off",
};
static const char *const transfer_fallback_words[] = {
	[TRANSFER_FALLBACK_AI] = "ai",
	[TRANSFER_FALLBACK_VOICEMAIL] = "voicemail",
	[TRANSFER_FALLBACK_APOLOGY] = "apology",
};
static const char *const key_action_words[] = {
	[KEY_TRANSFER] = "transfer",
	[KEY_MESSAGE] = "message",
	[KEY_END] = "end",
};
static const char *const tool_kind_words[] = {
	[TOOL_HTTP] = "http",
	[TOOL_MCP] = "mcp",
	[TOOL_WEB_SEARCH] = "web_search",
	[TOOL_X_SEARCH] = "x_search",
};

static const char *const after_hours_words[] = {
	[AFTER_HOURS_AI] = "ai",
	[AFTER_HOURS_MESSAGE] = "message",
	[AFTER_HOURS_VOICEMAIL] = "voicemail",
	[AFTER_HOURS_FORWARD] = "forward",
	[AFTER_HOURS_CLOSED] = "closed",
};
static const char *const consent_words[] = {
	[CONSENT_NONE] = "none",
	[CONSENT_DISCLOSURE] = "disclosure",
};
static const char *const video_words[] = {
	[VIDEO_LOCAL] = "local",
	[VIDEO_FAL] = "fal",
};

static void read_media(struct query *q, struct merchant *m)
{
	m->recording_consent = (enum merchant_consent)query_word_column(
		q, consent_words, ARRAY_COUNT(consent_words));
	m->video = (enum merchant_video)query_word_column(q, video_words, ARRAY_COUNT(video_words));
	m->fal_micro_dollars_call_max = query_int_column(q);
	m->summary = query_int_column(q) != 0;
	query_text_column(q, m->notify_url, sizeof(m->notify_url));
	query_text_column(q, m->notify_secret, sizeof(m->notify_secret));
	query_text_column(q, m->notify_email, sizeof(m->notify_email));
	if (m->fal_micro_dollars_call_max < 0)
		m->fal_micro_dollars_call_max = MERCHANT_NO_LIMIT;
}

static void read_after_hours(struct query *q, struct merchant *m)
{
	m->after_hours = (enum after_hours)query_word_column(
		q, after_hours_words, ARRAY_COUNT(after_hours_words));
	query_text_column(q, m->after_hours_instructions, sizeof(m->after_hours_instructions));
	query_text_column(q, m->after_hours_number, sizeof(m->after_hours_number));
	query_text_column(q, m->after_hours_notice, sizeof(m->after_hours_notice));
	m->memory = query_int_column(q) != 0;
	m->memory_days = query_int_column(q);
	m->retention_days = query_int_column(q);
}

static void read_rules(struct query *q, struct merchant *m)
{
	query_text_column(q, m->farewell, sizeof(m->farewell));
	m->hold_off_ms = (uint32_t)query_int_column(q);
	m->protect_disclosure = query_int_column(q) != 0;
	m->protect_greeting = query_int_column(q) != 0;
	m->local_vad = query_int_column(q) != 0;
	m->vad_threshold = query_real_column(q);
	m->vad_silence_ms = (uint32_t)query_int_column(q);
	m->keypad =
		(enum merchant_keypad)query_word_column(q, keypad_words, ARRAY_COUNT(keypad_words));
	m->transfer_fallback = (enum transfer_fallback)query_word_column(
		q, transfer_fallback_words, ARRAY_COUNT(transfer_fallback_words));
	m->calls_max = query_int_column(q);
	m->minutes_month_max = query_int_column(q);
	m->micro_dollars_month_max = query_int_column(q);
	m->call_s_max = query_int_column(q);
	if (m->micro_dollars_month_max < 0)
		m->micro_dollars_month_max = MERCHANT_NO_LIMIT;
}

static enum db_result read_merchant(struct query *q, struct merchant *out_merchant)
{
	struct merchant m;
	enum db_result result = query_row(q);

	if (result == DB_OK) {
		m.id = query_int_column(q);
		m.active = query_int_column(q) != 0;
		m.recording = query_int_column(q) != 0;
		query_text_column(q, m.name, sizeof(m.name));
		query_text_column(q, m.phone_number, sizeof(m.phone_number));
		query_text_column(q, m.greeting, sizeof(m.greeting));
		query_text_column(q, m.disclosure, sizeof(m.disclosure));
		query_text_column(q, m.instructions, sizeof(m.instructions));
		query_text_column(q, m.voice, sizeof(m.voice));
		query_text_column(q, m.language, sizeof(m.language));
		query_text_column(q, m.time_zone, sizeof(m.time_zone));
		query_text_column(q, m.fallback_number, sizeof(m.fallback_number));
		query_text_column(q, m.transfer_number, sizeof(m.transfer_number));
		read_rules(q, &m);
		read_media(q, &m);
		read_after_hours(q, &m);
	}
	result = query_close(q, result);
	if (result == DB_OK)
		*out_merchant = m;
	return result;
}

enum db_result db_merchant_by_number(
	struct db *db, struct slice phone_number, struct merchant *out_merchant)
{
	struct query q = query_open(db, STATEMENT_MERCHANT_BY_NUMBER);

	query_text(&q, phone_number);
	return read_merchant(&q, out_merchant);
}

enum db_result db_merchant_by_id(struct db *db, int64_t id, struct merchant *out_merchant)
{
	struct query q = query_open(db, STATEMENT_MERCHANT_BY_ID);

	query_int(&q, id);
	return read_merchant(&q, out_merchant);
}

static void read_key(struct query *q, struct merchant_key *key)
{
	const struct slice digit = query_slice_column(q);

	key->digit = digit.len ? digit.data[0] : '0';
	key->action = (enum key_action)query_word_column(
		q, key_action_words, ARRAY_COUNT(key_action_words));
	query_text_column(q, key->number, sizeof(key->number));
}

enum db_result db_merchant_keys(struct db *db, int64_t merchant_id, struct merchant_keys *out_keys)
{
	struct query q = query_rows(db, STATEMENT_MERCHANT_KEYS, merchant_id);
	struct merchant_keys keys = {0};
	enum db_result result = query_row(&q);

	for (; result == DB_OK && keys.count < MERCHANT_KEYS_MAX; result = query_next_row(&q))
		read_key(&q, &keys.keys[keys.count++]);
	result = query_close_rows(&q, result, "keys");
	if (result == DB_OK)
		*out_keys = keys;
	return result;
}

/* Moves a text into the tools' own memory. */
static struct slice keep_text(struct query *q, struct merchant_tools *tools)
{
	const struct slice text = query_slice_column(q);
	char *to = tools->text + tools->text_bytes;

	if (text.len > sizeof(tools->text) - tools->text_bytes) {
		q->result = db_fail(q->db, DB_BROKEN,
			"a merchant's tools have more text than the schema allows");
		return SLICE("");
	}
	if (text.len)
		memcpy(to, text.data, text.len);
	tools->text_bytes += (uint32_t)text.len;
	return (struct slice){to, text.len};
}

static void read_tool(struct query *q, struct merchant_tools *tools, struct merchant_tool *tool)
{
	tool->kind =
		(enum tool_kind)query_word_column(q, tool_kind_words, ARRAY_COUNT(tool_kind_words));
	tool->name = keep_text(q, tools);
	tool->description = keep_text(q, tools);
	tool->parameters = keep_text(q, tools);
	tool->url = keep_text(q, tools);
	tool->secret = keep_text(q, tools);
	tool->options = keep_text(q, tools);
	tool->timeout_ms = (uint32_t)query_int_column(q);
	tool->retry = query_int_column(q) != 0;
	tool->allow_private = query_int_column(q) != 0;
	tool->digits = query_int_column(q) != 0;
}

/* Straight into the caller's memory: half of it is text. */
enum db_result db_merchant_tools(
	struct db *db, int64_t merchant_id, struct merchant_tools *out_tools)
{
	struct query q = query_rows(db, STATEMENT_MERCHANT_TOOLS, merchant_id);
	enum db_result result = query_row(&q);

	out_tools->count = out_tools->text_bytes = 0;
	for (; result == DB_OK && out_tools->count < MERCHANT_TOOLS_MAX;
		result = query_next_row(&q))
		read_tool(&q, out_tools, &out_tools->tools[out_tools->count++]);
	result = query_close_rows(&q, result, "tools");
	if (result != DB_OK)
		out_tools->count = 0;
	return result;
}

enum db_result db_merchant_month(struct db *db, int64_t merchant_id, struct slice but_call_sid,
	int64_t now_ms, struct merchant_month *out_month)
{
	struct query q = query_rows(db, STATEMENT_MERCHANT_MONTH, merchant_id);
	struct merchant_month month;

	query_text(&q, but_call_sid);
	query_int(&q, now_ms);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		month.call_count = query_int_column(&q);
		month.talked_ms = query_int_column(&q);
		month.micro_dollars = query_int_column(&q);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_month = month;
	return result;
}
