#include "relay/model_out.h"

#include "proto/ws_write.h"

void model_out_init(struct model_out *m, struct buf *out, struct random *random, struct pool *pool)
{
	*m = (struct model_out){ .out = out, .random = random, .pool = pool, .dialect = &grok_xai };
}

bool model_out_audio(struct model_out *m, struct slice base64)
{
	struct ws_writer w;
	const size_t around = sizeof GROK_APPEND_PREFIX - 1 + sizeof GROK_APPEND_SUFFIX - 1;

	if (m->gone)
		return true;
	if (!ws_write_begin(&w, m->out, WS_CLIENT, WS_OPCODE_TEXT, around + base64.len, random_u32(m->random)))
		return false;
	ws_write_part(&w, GROK_APPEND_PREFIX, sizeof GROK_APPEND_PREFIX - 1);
	ws_write_part(&w, base64.data, base64.len);
	ws_write_part(&w, GROK_APPEND_SUFFIX, sizeof GROK_APPEND_SUFFIX - 1);
	ws_write_end(&w);
	return true;
}

/* The message is put together in `text`, then framed; `text` gives its block back. */
static bool put_frame(struct model_out *m, struct buf *text, bool written)
{
	bool sent = m->gone || (written && ws_write(m->out, WS_CLIENT, WS_OPCODE_TEXT, buf_data(text), buf_len(text),
				       random_u32(m->random)));

	buf_release(text);
	return sent;
}

static void count_item(struct model_out *m)
{
	m->item_count += !m->gone;
}

#define SEND(m, write, ...) \
	do { \
		struct buf text; \
		buf_init_pool(&text, (m)->pool, MODEL_TEXT_BYTES_MAX); \
		return put_frame((m), &text, write(&text, __VA_ARGS__)); \
	} while (0)

bool model_out_session(struct model_out *m, const struct grok_session *session)
{
	SEND(m, grok_write_session_update, m->dialect, session);
}

bool model_out_say(struct model_out *m, struct slice words, bool interruptible)
{
	count_item(m);
	SEND(m, grok_write_say, m->dialect, words, interruptible, SLICE("say"));
}

bool model_out_respond(struct model_out *m, struct slice source)
{
	SEND(m, grok_write_response_create, (struct slice){ 0 }, source);
}

bool model_out_tell(struct model_out *m, struct slice line)
{
	count_item(m);
	SEND(m, grok_write_text_item, SLICE("user"), line);
}

bool model_out_function_output(struct model_out *m, struct slice call_id, struct slice output)
{
	SEND(m, grok_write_function_output, call_id, output);
}

static bool write_result(struct buf *out, struct slice tool, struct slice output)
{
	char text[MODEL_RESULT_BYTES_MAX];
	struct buf line;

	buf_init_fixed(&line, text, sizeof text);
	return buf_printf(&line, "(The result of %.*s: ", (int)tool.len, tool.data) &&
	       buf_append(&line, output.data, output.len) && buf_append_string(&line, ")") &&
	       grok_write_text_item(out, SLICE("user"), (struct slice){ text, buf_len(&line) });
}

bool model_out_tell_result(struct model_out *m, struct slice tool, struct slice output)
{
	count_item(m);
	SEND(m, write_result, tool, output);
}

bool model_out_line(struct model_out *m, struct slice role, struct slice line)
{
	count_item(m);
	SEND(m, grok_write_text_item, role, line);
}

bool model_out_truncate(struct model_out *m, struct slice item_id, uint64_t heard_ms)
{
	SEND(m, grok_write_truncate, item_id, (int64_t)heard_ms);
}
