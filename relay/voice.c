/*
 * The usual delta: its response is the current one, its audio is 8 bytes a millisecond. If it is
 * whole frames and nothing is carried, pieces of its base64 are copied; else it is decoded, shifted
 * by what is carried, and encoded.
 */
#include "relay/voice.h"

#include "base/check.h"
#include "proto/base64.h"

#include <string.h>

enum {
	PIECE_BYTES = VOICE_PIECE_MS * ULAW_BYTES_PER_MS,
	PIECE_CHARS = PIECE_BYTES / 3 * 4,
};

static_assert(PIECE_BYTES % 3 == 0 && PIECE_BYTES % ULAW_FRAME_BYTES == 0,
	"a piece is whole base64 groups and whole frames");

void voice_init(struct voice *v, struct phone_out *phone, struct ledger *ledger, struct metrics *metrics)
{
	*v = (struct voice){ .phone = phone, .ledger = ledger, .metrics = metrics };
}

static bool is_past(const struct voice *v, struct slice id)
{
	for (size_t i = 0; i < VOICE_PAST_MAX; i++)
		if (v->past[i].len && voice_id_is(&v->past[i], id))
			return true;
	return false;
}

bool voice_is_fenced(const struct voice *v, struct slice response_id)
{
	return is_past(v, response_id);
}

/* The current response is over, for whatever reason. */
static void retire(struct voice *v)
{
	if (v->response.len) {
		v->past[v->past_next] = v->response;
		v->past_next = (v->past_next + 1) % VOICE_PAST_MAX;
	}
	v->response.len = 0;
	v->checked = v->heard = false;
}

void voice_fence(struct voice *v)
{
	v->carry_bytes = 0;
	v->down = (struct transcode_down){ 0 };
	retire(v);
}

static enum voice_result mark(struct voice *v)
{
	char name[MARK_NAME_BYTES_MAX + 1];

	if (ledger_unmarked_bytes(v->ledger) == 0)
		return VOICE_OK;
	ledger_mark(v->ledger, name);
	if (!phone_out_mark(v->phone, name))
		return VOICE_FULL;
	metrics_add(v->metrics, METRIC_MARKS_SENT, 1);
	return VOICE_OK;
}

static enum voice_result sent(struct voice *v, size_t audio_bytes)
{
	check(audio_bytes % ULAW_FRAME_BYTES == 0);
	ledger_sent(v->ledger, audio_bytes);
	metrics_add(v->metrics, METRIC_VOICE_MESSAGES, 1);
	metrics_add(v->metrics, METRIC_VOICE_AUDIO_BYTES, audio_bytes);
	return ledger_wants_mark(v->ledger) ? mark(v) : VOICE_OK;
}

enum voice_result voice_tail(struct voice *v)
{
	if (v->carry_bytes) {
		memset(v->carry + v->carry_bytes, ULAW_SILENCE, ULAW_FRAME_BYTES - v->carry_bytes);
		if (!phone_out_audio(v->phone, v->carry, ULAW_FRAME_BYTES))
			return VOICE_FULL;
		v->carry_bytes = 0;
		if (sent(v, ULAW_FRAME_BYTES) == VOICE_FULL)
			return VOICE_FULL;
	}
	return mark(v);
}

#define SOUND_ITEM SLICE("receptionai:sound")

bool voice_is_sound(const struct ledger_item *item)
{
	return voice_id_is(&item->id, SOUND_ITEM);
}

enum voice_result voice_sound(struct voice *v, const uint8_t *audio, size_t len)
{
	const struct ledger_item *last = ledger_last(v->ledger);

	check(len % ULAW_FRAME_BYTES == 0 && v->carry_bytes == 0);
	if (!last || !voice_is_sound(last))
		ledger_item(v->ledger, SOUND_ITEM);
	return phone_out_audio(v->phone, audio, len) ? sent(v, len) : VOICE_FULL;
}

enum voice_result voice_response(struct voice *v, struct slice response_id)
{
	enum voice_result result;

	if (response_id.len == 0 || voice_id_is(&v->response, response_id) || is_past(v, response_id))
		return VOICE_OK;
	result = voice_tail(v);
	ledger_whole(v->ledger);
	retire(v);
	voice_id_set(&v->response, response_id);
	return result;
}

enum voice_result voice_recall(struct voice *v, struct slice response_id)
{
	for (size_t i = 0; i < VOICE_PAST_MAX; i++) {
		if (v->past[i].len && voice_id_is(&v->past[i], response_id)) {
			v->past[i].len = 0;
			return voice_response(v, response_id);
		}
	}
	return VOICE_OK;
}

enum voice_result voice_response_done(struct voice *v, struct slice response_id)
{
	enum voice_result result;

	if (v->response.len == 0 || !voice_id_is(&v->response, response_id))
		return VOICE_FENCED;
	result = voice_tail(v);
	ledger_whole(v->ledger);
	retire(v);
	return result;
}

static enum voice_result copy_pieces(struct voice *v, struct slice text)
{
	while (text.len) {
		size_t chars = text.len < PIECE_CHARS ? text.len : PIECE_CHARS;
		struct slice piece = { text.data, chars };

		if (!phone_out_base64(v->phone, piece) || sent(v, base64_decoded_len(piece)) == VOICE_FULL)
			return VOICE_FULL;
		text.data += chars;
		text.len -= chars;
	}
	return VOICE_OK;
}

/* As mu-law, to `out`: how many bytes; -1: it is no base64. */
static ptrdiff_t decode(struct voice *v, struct slice piece, uint8_t *out)
{
	uint8_t pcm[PIECE_BYTES];

	if (!v->linear)
		return base64_decode(out, piece);
	ptrdiff_t bytes = base64_decode(pcm, piece);

	return bytes < 0 ? bytes : (ptrdiff_t)transcode_down(&v->down, pcm, (size_t)bytes, out);
}

/* Sends the whole frames of carry and text, keeps the rest as carry. */
static enum voice_result shift_pieces(struct voice *v, struct slice text)
{
	uint8_t audio[ULAW_FRAME_BYTES + PIECE_BYTES];

	while (text.len) {
		struct slice piece = { text.data, text.len < PIECE_CHARS ? text.len : PIECE_CHARS };

		memcpy(audio, v->carry, v->carry_bytes);
		ptrdiff_t decoded = decode(v, piece, audio + v->carry_bytes);

		if (decoded < 0)
			return VOICE_BAD;
		size_t have = v->carry_bytes + (size_t)decoded, whole = have - have % ULAW_FRAME_BYTES;

		v->carry_bytes = have - whole;
		memcpy(v->carry, audio + whole, v->carry_bytes);
		if (whole && (!phone_out_audio(v->phone, audio, whole) || sent(v, whole) == VOICE_FULL))
			return VOICE_FULL;
		text.data += piece.len;
		text.len -= piece.len;
	}
	return VOICE_OK;
}

/* Durations are rounded: a quarter more or less is the same rate; other formats are at 16, 32 or 96. */
static bool has_rate(const struct grok_event *delta, uint64_t bytes_per_ms)
{
	uint64_t four = 4 * base64_decoded_len(delta->delta) / (uint64_t)delta->audio_duration_ms;

	return four >= 3 * bytes_per_ms && four <= 5 * bytes_per_ms;
}

/* What comes is believed, not what was agreed on. */
static bool check_rate(struct voice *v, const struct grok_event *delta)
{
	bool linear = has_rate(delta, TRANSCODE_PCM_BYTES_PER_MS);

	if (!linear && !has_rate(delta, ULAW_BYTES_PER_MS))
		return false;
	if (linear && !v->linear)
		metrics_add(v->metrics, METRIC_MODEL_LINEAR, 1);
	v->linear = linear;
	return v->checked = true;
}

static enum voice_result admit(struct voice *v, const struct grok_event *delta)
{
	if (is_past(v, delta->response_id) || (delta->response_id.len == 0 && v->response.len == 0))
		return VOICE_FENCED;
	if (delta->response_id.len && !voice_id_is(&v->response, delta->response_id)) {
		/* Nobody announced it: it is a response all the same. */
		if (voice_response(v, delta->response_id) == VOICE_FULL)
			return VOICE_FULL;
	}
	if (!v->checked && delta->audio_duration_ms > 0 && delta->delta.len && !check_rate(v, delta))
		return VOICE_WRONG_AUDIO;
	return VOICE_OK;
}

enum voice_result voice_delta(struct voice *v, const struct grok_event *delta, bool *out_first, bool *out_item_first)
{
	enum voice_result result = admit(v, delta);

	*out_first = *out_item_first = false;
	if (result != VOICE_OK || delta->delta.len == 0)
		return result;
	*out_first = !v->heard;
	*out_item_first = !v->heard || !voice_id_is(&v->item, delta->item_id);
	if (*out_item_first) {
		result = voice_tail(v);
		if (result != VOICE_OK)
			return result;
		ledger_item(v->ledger, delta->item_id);
		voice_id_set(&v->item, delta->item_id);
	}
	v->heard = true;
	if (v->linear || v->carry_bytes || base64_decoded_len(delta->delta) % ULAW_FRAME_BYTES)
		return shift_pieces(v, delta->delta);
	metrics_add(v->metrics, METRIC_VOICE_DELTAS_VERBATIM, 1);
	return copy_pieces(v, delta->delta);
}
