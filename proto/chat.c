#include "proto/chat.h"

#include "proto/json_write.h"

enum { TICKS_PER_MICRO_DOLLAR = 10000 };

static void put_message(struct json_writer *w, const char *role, struct slice content)
{
	json_open(w, NULL, '{');
	json_put(w, "role", slice_of(role));
	json_put(w, "content", content);
	json_close(w, '}');
}

static void put_format(struct json_writer *w, const struct chat_request *request)
{
	json_open(w, "response_format", '{');
	json_put(w, "type", SLICE("json_schema"));
	json_open(w, "json_schema", '{');
	json_put(w, "name", request->schema_name);
	json_put_bool(w, "strict", true);
	json_put_raw(w, "schema", request->schema_json);
	json_close(w, '}');
	json_close(w, '}');
}

bool chat_request_write(struct buf *out, const struct chat_request *request)
{
	struct json_writer w;

	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put(&w, "model", request->model);
	json_open(&w, "messages", '[');
	put_message(&w, "system", request->system);
	put_message(&w, "user", request->user);
	json_close(&w, ']');
	json_put_int(&w, "max_completion_tokens", request->tokens_max);
	put_format(&w, request);
	json_close(&w, '}');
	return json_end(&w);
}

int64_t chat_micro_dollars(int64_t ticks)
{
	return ticks > 0 ? (ticks - 1) / TICKS_PER_MICRO_DOLLAR + 1 : 0;
}

static void read_usage(const struct json_object *root, struct chat_answer *out)
{
	int64_t ticks = 0;

	json_slice(json_field(root, "model"), &out->model);
	json_int(json_field(json_field(root, "usage"), "cost_in_usd_ticks"), &ticks);
	out->micro_dollars = chat_micro_dollars(ticks);
}

static enum chat_result broken(struct chat_answer *out, const char *why)
{
	out->why = why;
	return CHAT_BROKEN;
}

static enum chat_result read_choice(const struct json_object *choice, struct chat_answer *out)
{
	const struct json_object *message = json_field(choice, "message");
	struct slice finish = {0};

	if (!json_is_object(message) || !json_slice(json_field(choice, "finish_reason"), &finish))
		return broken(out, "the answer has no message or no finish_reason");
	if (json_slice(json_field(message, "refusal"), &out->refusal) && out->refusal.len) {
		out->why = "the model refused";
		return CHAT_REFUSED;
	}
	if (!slice_equal(finish, SLICE("stop"))) {
		out->why = "the answer is cut off";
		return CHAT_CUT;
	}
	if (!json_slice(json_field(message, "content"), &out->content))
		return broken(out, "the message has no content");
	return CHAT_ANSWER;
}

enum chat_result chat_answer_read(struct json_reader *reader, struct slice body, struct chat_answer *out)
{
	const struct json_object *root = json_read(reader, body.data, body.len);
	const struct json_object *choices = json_field(root, "choices");

	*out = (struct chat_answer){0};
	if (!root)
		return broken(out, reader->why);
	read_usage(root, out);
	if (json_array_count(choices) != 1)
		return broken(out, "the answer has not exactly one choice");
	return read_choice(json_array_item(choices, 0), out);
}
