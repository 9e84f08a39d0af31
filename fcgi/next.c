#include "fcgi/next.h"

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/answer.h"
#include "fcgi/relay_ask.h"
#include "fcgi/voice.h"
#include "fcgi/webhook.h"

/* Whether the relay takes the call. If so it has begun to prepare for it; one that returns begins differently. */
static bool relay_is_ready(struct webhook *w, const struct call_record *call, bool is_new)
{
	struct notice notice = { .kind = is_new && call->merchant_id > 0 ? NOTICE_EXPECT : NOTICE_ASK,
		.merchant_id = call->merchant_id };

	memcpy(notice.call_sid, call->call_sid, sizeof notice.call_sid);
	notice_tidy(slice_of(call->caller_number), notice.caller_number);
	notice_tidy(slice_of(call->called_number), notice.called_number);
	enum relay_state state = relay_ask(conf_text(w->conf, RELAY_SOCKET), &notice,
		(uint32_t)conf_int(w->conf, RELAY_SOCKET_MS));

	if (!relay_takes(state))
		log_warn("call diverted call=%s relay=%s", call->call_sid, relay_state_word(state));
	return relay_takes(state);
}

static void connect_stream(struct webhook *w, struct answer *a, const struct call_record *call, struct slice opening,
	struct slice resume)
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
			.opening = opening,
			.resume = resume,
		});
}

bool next_outgoing(struct webhook *w, struct answer *a, const struct call_record *call, struct slice opening)
{
	if (!relay_is_ready(w, call, false))
		return false;
	connect_stream(w, a, call, opening, SLICE(""));
	return true;
}

void next_stream(struct webhook *w, struct answer *a, const struct call_record *call, const struct merchant *m,
	struct slice resume)
{
	if (relay_is_ready(w, call, resume.len == 0))
		return connect_stream(w, a, call, SLICE(""), resume);
	/* Who returns has been tried to be put through: nobody is rung for him again. */
	if (resume.len)
		return voice_voicemail(a, w->public_origin);
	next_person(w, a, m);
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
		next_stream(w, a, call, m, SLICE("no-answer"));
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
