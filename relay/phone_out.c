#include "relay/phone_out.h"

#include "base/check.h"
#include "proto/base64.h"
#include "proto/ws_write.h"

enum {
	SHORT_MESSAGE_BYTES_MAX = 128 + 6 * (SID_BYTES_MAX + MARK_NAME_BYTES_MAX),
	/* A whole number of base64 groups and of 20 ms frames. */
	ENCODE_STEP_BYTES = 3 * ULAW_FRAME_BYTES,
};

void phone_out_init(struct phone_out *p, struct buf *out, struct witness *witness)
{
	*p = (struct phone_out){ .out = out, .witness = witness };
}

bool phone_out_start(struct phone_out *p, struct slice stream_sid)
{
	if (stream_sid.len == 0 || !slice_copy(stream_sid, p->stream_sid, sizeof p->stream_sid))
		return false;
	p->prefix_len = twilio_media_prefix(p->prefix, stream_sid);
	return p->prefix_len > 0;
}

static bool media_begin(struct phone_out *p, struct ws_writer *w, size_t base64_len)
{
	check(p->prefix_len > 0);
	if (!ws_write_begin(w, p->out, WS_SERVER, WS_OPCODE_TEXT,
		    p->prefix_len + base64_len + sizeof TWILIO_MEDIA_SUFFIX - 1, 0))
		return false;
	ws_write_part(w, p->prefix, p->prefix_len);
	return true;
}

static void media_end(struct ws_writer *w)
{
	ws_write_part(w, TWILIO_MEDIA_SUFFIX, sizeof TWILIO_MEDIA_SUFFIX - 1);
	ws_write_end(w);
}

bool phone_out_base64(struct phone_out *p, struct slice base64)
{
	struct ws_writer w;

	if (!media_begin(p, &w, base64.len))
		return false;
	ws_write_part(&w, base64.data, base64.len);
	media_end(&w);
	witness_hear(p->witness, TESTIMONY_VOICE_AUDIO, base64);
	recorder_voice(p->recorder, base64);
	return true;
}

bool phone_out_audio(struct phone_out *p, const uint8_t *audio, size_t len)
{
	char text[ENCODE_STEP_BYTES / 3 * 4];
	struct ws_writer w;

	if (!media_begin(p, &w, base64_encoded_len(len)))
		return false;
	witness_hear_bytes(p->witness, TESTIMONY_VOICE_AUDIO, audio, len);
	recorder_voice_bytes(p->recorder, audio, len);
	while (len) {
		size_t step = len < ENCODE_STEP_BYTES ? len : ENCODE_STEP_BYTES;

		ws_write_part(&w, text, base64_encode(text, audio, step));
		audio += step;
		len -= step;
	}
	media_end(&w);
	return true;
}

bool phone_out_mark(struct phone_out *p, const char *name)
{
	uint8_t memory[SHORT_MESSAGE_BYTES_MAX];
	struct buf text;

	buf_init_fixed(&text, memory, sizeof memory);
	check(twilio_write_mark(&text, slice_of(p->stream_sid), slice_of(name)));
	witness_tell(p->witness, TESTIMONY_MARK, slice_of(name));
	recorder_mark(p->recorder, slice_of(name));
	return ws_write(p->out, WS_SERVER, WS_OPCODE_TEXT, buf_data(&text), buf_len(&text), 0);
}

bool phone_out_clear(struct phone_out *p)
{
	uint8_t memory[SHORT_MESSAGE_BYTES_MAX];
	struct buf text;

	buf_init_fixed(&text, memory, sizeof memory);
	check(twilio_write_clear(&text, slice_of(p->stream_sid)));
	witness_tell(p->witness, TESTIMONY_CLEAR, (struct slice){ 0 });
	recorder_clear(p->recorder);
	return ws_write(p->out, WS_SERVER, WS_OPCODE_TEXT, buf_data(&text), buf_len(&text), 0);
}
