#include "fcgi/next.h"

#include "base/clock.h"
#include "base/limits.h"
#include "fcgi/answer.h"
#include "fcgi/voice.h"
#include "fcgi/webhook.h"

#include <ctype.h>

bool next_is_call_sid(struct slice sid)
{
	for (size_t i = 0; i < sid.len; i++)
		if (!isalnum((unsigned char)sid.data[i]) && sid.data[i] != '-' && sid.data[i] != '_')
			return false;
	return sid.len > 0 && sid.len <= SID_BYTES_MAX;
}

void next_stream(struct webhook *w, struct answer *a, const struct call_record *call, struct slice resume)
{
	struct token token = {
		.expires_ms = clock_wall_ms() + 1000 * conf_int(w->conf, STREAM_TOKEN_TTL_S),
		.merchant_id = call->merchant_id,
	};
	char text[TOKEN_BYTES_MAX + 1];

	random_fill(&w->random, token.nonce, sizeof token.nonce);
	memcpy(token.call_sid, call->call_sid, sizeof token.call_sid);
	token_write(&w->keys, &token, text);
	voice_connect(a,
		&(struct voice_stream){
			.public_origin = w->public_origin,
			.relay_url = w->relay_url,
			.token = slice_of(text),
			.merchant_id = call->merchant_id,
			.caller_phone = slice_of(call->caller_number),
			.called_number = slice_of(call->called_number),
			.resume = resume,
		});
}

static bool is_telephone_number(const char *text)
{
	return *text == '+' && strspn(text + 1, "0123456789") == strlen(text + 1) && strlen(text) >= 8
		&& strlen(text) <= 16;
}

/* The person sees who calls; a caller who hides, or whom we have called, is shown as the merchant's number. */
static struct slice caller_id(const struct call_record *call, const struct merchant *m)
{
	const bool is_caller = !call->is_outbound && is_telephone_number(call->caller_number);

	return slice_of(is_caller ? call->caller_number : m->phone_number);
}

void next_answer(struct webhook *w, struct answer *a, enum after after, const struct call_record *call,
	const struct merchant *m)
{
	switch (after) {
	case AFTER_HANG_UP:
		voice_hang_up(a);
		break;
	case AFTER_DIAL:
		voice_dial(a, w->public_origin, slice_of(m->fallback_number), SLICE(""));
		break;
	case AFTER_TRANSFER:
		voice_dial(a, w->public_origin, slice_of(call->transfer_number), caller_id(call, m));
		break;
	case AFTER_RESUME:
		next_stream(w, a, call, SLICE("no-answer"));
		break;
	case AFTER_VOICEMAIL:
		voice_voicemail(a, w->public_origin);
		break;
	case AFTER_APOLOGISE:
		voice_say(a, VOICE_APOLOGY);
		break;
	}
}

void next_person(struct webhook *w, struct answer *a, const struct merchant *m)
{
	next_answer(w, a, *m->fallback_number ? AFTER_DIAL : AFTER_APOLOGISE, NULL, m);
}
