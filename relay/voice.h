/*
 * voice - the receptionist's audio on its way from Grok's deltas to Twilio: whose turn it is to be
 * heard, whole 20 ms frames, marks.
 *
 * Place:    relay, pure. Above ledger and phone_out; below bridge.
 * Usage:    voice_response(&v, id) at response.created; voice_delta(&v, event) for audio;
 *           voice_tail(&v) when an answer's audio is complete; voice_response_done(&v, id);
 *           voice_fence(&v) when the caller speaks into it.
 * Rules:    only one response is heard at a time: the newest. One that was interrupted, superseded
 *           or is done is fenced: its late audio is dropped. Audio goes out in multiples of
 *           ULAW_FRAME_BYTES; what remains of a delta goes with the next, the last of an answer is
 *           filled up with silence. A delta that needs neither is copied as it is. A mark follows
 *           whenever the ledger wants one, and the end of each answer.
 * Wrong:    audio of 48 bytes a millisecond is 24 kHz PCM, whatever was asked for: it is transcoded from then on.
 * Fails:    voice_result; nothing of a delta with any other audio than 8 bytes a millisecond is ever sent.
 * Limits:   the last VOICE_PAST_MAX fenced responses are known by name; ids are compared to
 *           GROK_ID_BYTES_MAX.
 */
#pragma once

#include "proto/grok_event.h"
#include "relay/ledger.h"
#include "relay/metrics.h"
#include "relay/phone_out.h"
#include "relay/transcode.h"

enum { VOICE_PAST_MAX = 8, VOICE_PIECE_MS = 300 };

enum voice_result {
	VOICE_OK,
	VOICE_FENCED,                   /* dropped: of an answer that is over */
	VOICE_BAD,                      /* dropped: no base64 */
	VOICE_WRONG_AUDIO,              /* not what a telephone plays */
	VOICE_FULL,                     /* no room towards Twilio */
};

struct voice {
	struct phone_out *phone;        /* borrowed, as the next two */
	struct ledger *ledger;
	struct metrics *metrics;
	struct voice_id response;       /* who may be heard; none between answers */
	struct voice_id past[VOICE_PAST_MAX];
	size_t past_next;
	bool checked;                   /* the response's audio was seen to be a telephone's */
	bool heard;                     /* audio of the response was sent */
	struct voice_id item;           /* whose audio was sent last; stays when its response is over */
	bool linear;                    /* it comes as 24 kHz PCM: made to mu-law here */
	struct transcode_down down;
	size_t carry_bytes;
	uint8_t carry[ULAW_FRAME_BYTES];
};

void voice_init(struct voice *v, struct phone_out *phone, struct ledger *ledger, struct metrics *metrics);

/* Whether it was silenced: interrupted, superseded or done. */
bool voice_is_fenced(const struct voice *v, struct slice response_id);
/* Another response begins; the one before it is fenced. */
enum voice_result voice_response(struct voice *v, struct slice response_id);
/* *out_first: it is the first audio of its response. *out_item_first: of its item. */
enum voice_result voice_delta(struct voice *v, const struct grok_event *delta, bool *out_first, bool *out_item_first);
/* Sends what is carried, filled up with silence, and a mark. */
enum voice_result voice_tail(struct voice *v);
/* Sound that no answer made, in whole frames: an item of its own, which Grok does not know. */
enum voice_result voice_sound(struct voice *v, const uint8_t *audio, size_t len);
bool voice_is_sound(const struct ledger_item *item);
/* Nothing more will come of it. */
enum voice_result voice_response_done(struct voice *v, struct slice response_id);
/* A fenced response may be heard after all, instead of the one under way. */
enum voice_result voice_recall(struct voice *v, struct slice response_id);
/* The response under way, if any, is fenced and what is carried forgotten. */
void voice_fence(struct voice *v);
