/*
 * bridge - one conversation: what Twilio and Grok say goes in, what they are to be told goes out.
 * The only place that decides what a caller hears.
 *
 * Place:    relay, pure: no sockets, no clock (now_ms is told), no threads. Above voice, caller,
 *           transcript; below call.
 * Usage:    bridge_init(&b, &plan, now_ms);
 *           bridge_merchant(&b, &merchant, now_ms) and bridge_model_open(&b, now_ms), in either order
 *           bridge_phone(&b, &twilio_event, now_ms), bridge_model(&b, &grok_event, now_ms), bridge_tick(&b, now_ms)
 *           if (b.reason != END_NONE) the call is over; want a tick at bridge_deadline_ms(&b)
 *           bridge_end(&b, reason, why, now_ms) from outside; bridge_fini(&b)
 * States:   setting up (Twilio's start, the merchant and Grok's session.updated come in any order),
 *           talking, over. The first words, once all are ready, are the receptionist's.
 * Barge-in: speech_started -> clear, fence, truncate; never response.cancel (the server interrupts
 *           by itself).
 * Lifetime: borrows the plan's parts until fini, and the merchant's texts until
 *           bridge_needs_merchant() is false.
 * Fails:    `reason` and `why` are set once; everything after that is passed over.
 * Source:   docs.x.ai, Voice; twilio.com/docs/voice/media-streams; what was seen on the wire of
 *           both.
 */
#pragma once

#include "base/end_reason.h"
#include "proto/grok_event.h"
#include "relay/caller.h"
#include "relay/comfort.h"
#include "relay/energy.h"
#include "relay/history.h"
#include "relay/interrupt.h"
#include "relay/keypad.h"
#include "relay/leave.h"
#include "relay/patience.h"
#include "relay/phrases.h"
#include "relay/quality.h"
#include "relay/say.h"
#include "relay/tools.h"
#include "relay/transcript.h"
#include "relay/upstream.h"
#include "relay/voice.h"

enum {
	BRIDGE_ASK_MS = 1000,           /* session.update goes out at Grok's first event, or after this */
	BRIDGE_LINE_MS = 100,           /* a line from which nothing comes for so long tells nothing of now */
	BRIDGE_SILENCE_MS = 600,        /* after which Grok takes the caller's turn for over, by default */
	BRIDGE_BAD_MESSAGES_MAX = 16,   /* unreadable messages of Grok after which the call ends */
};

struct bridge_plan {
	struct buf *phone_buf, *model_buf;      /* outgoing, of the two legs */
	struct random *random;
	struct pool *pool;
	struct metrics *metrics;
	struct turn_sink *turns;
	struct tool_sink *tools;                /* NULL: every tool is unknown */
	struct witness *witness;                /* NULL: none */
	bool is_ahead;                          /* of its call: words that are given verbatim are asked for at once */
	struct patience_bounds patience;
	bool recovers;                          /* a lost connection is replaced: see bridge_lost() */
};

/* How interruptions are handled. What is 0 is left as it is by default. */
struct bridge_manners {
	double vad_threshold;
	uint32_t vad_silence_ms, hold_off_ms;
	bool protect_disclosure, protect_greeting;
	bool local_vad;
};

/* What the receptionist is to be. Any but voice may be empty. */
struct bridge_merchant {
	struct slice instructions, greeting, voice, language;
	struct slice disclosure;                /* said first */
	bool needs_consent;                     /* nothing may be kept of a stream in which it was not heard */
	struct slice farewell;                  /* said before hanging up, word by word */
	struct slice tools_json;                /* for session.update; tool_list.h */
	struct slice functions_json;            /* the same where web_search and x_search are not known */
	struct slice transfer_number;           /* of a person; empty: there is none */
	enum merchant_keypad keypad;
	const struct merchant_keys *menu;       /* NULL: none */
	struct bridge_manners manners;
};

/* An item that was cut off while Grok still generated it. */
struct bridge_cut {
	struct voice_id response, item;         /* response.len 0: none */
	uint64_t heard_ms;
};

struct bridge {
	/* The end. */
	enum end_reason reason;
	const char *why;                        /* a static sentence */
	/* How far it is set up. */
	bool phone_started, model_open, model_spoke, merchant_known, ready, greeted;
	bool is_ahead;                          /* as in the plan */
	bool was_heard;                         /* audio was sent to the phone */
	unsigned asked_count;                   /* session.update sent */
	uint64_t born_ms, open_ms, start_ms;
	uint64_t ask_at_ms;                     /* UINT64_MAX: not waited for */
	const char *misfit;                     /* why a session.updated was not what was asked for */
	enum upstream_loss misfit_loss;
	struct bridge_merchant merchant;
	/* The parts. */
	struct metrics *metrics;
	struct phone_out phone;
	struct model_out model;
	struct ledger ledger;
	struct voice voice;
	struct caller caller;
	struct transcript transcript;
	struct say say;
	struct keypad keypad;                   /* keypad_is_secret(): nobody may record the keys' tones */
	struct tools tools;
	struct tool_sink *tool_sink;
	struct leave leave;
	uint32_t leave_serial;                  /* of the function call that leaves; 0: none */
	char transfer_to[PHONE_BYTES_MAX + 1];  /* END_TRANSFERRED: to whom */
	char opening[OPENING_BYTES_MAX + 1];    /* the first words of a call that we placed; "": the greeting */
	bool nobody_answered;                   /* the caller comes back from a transfer */
	struct interrupt interrupt;
	struct energy energy;
	uint64_t line_ms;                       /* when it heard something last */
	struct voice_id guard;                  /* the last item that nobody may cut off */
	struct voice_id notice;                 /* the disclosure, as said last */
	bool notice_is_whole;
	struct bridge_cut cut;
	uint64_t speech_stopped_ms;             /* 0: not waiting for an answer */
	uint64_t caller_quiet_at_ms;            /* then: the caller's last sound */
	unsigned bad_message_count;
	struct quality quality;
	/* What is waited for, and the connection to the model. */
	struct patience patience;
	uint64_t quiet_at_ms;                   /* when what was sent will be heard */
	bool caller_speaks;
	bool parting, part_heard;               /* the goodbye to a silent caller was asked for, begins to be heard */
	bool filled;                            /* filler words were asked for since the last answer */
	bool fill_due;                          /* filler words were asked for, their response has not begun */
	struct voice_id filler, stalled;        /* their response, and the one that they cover */
	bool recovers;
	bool loss_due;                          /* the call is to know of `loss` */
	enum upstream_loss loss;
	const char *loss_why;                   /* a static sentence */
	bool away;                              /* in the midst of the talk nobody is there to speak */
	bool knows;                             /* the new session brings the conversation with it */
	bool comforted;                         /* the caller has heard the tone */
	uint64_t comfort_at_ms;
	uint32_t back_count;                    /* sessions that went on with it */
	struct comfort comfort;
	struct history history;
	struct turn_sink sink;                  /* in between: every turn goes to the history, too */
	struct turn_sink *turns;
};

void bridge_init(struct bridge *b, const struct bridge_plan *plan, uint64_t now_ms);
/* Gives pooled memory back. Idempotent; a zeroed struct may be fini'd. */
void bridge_fini(struct bridge *b);

void bridge_merchant(struct bridge *b, const struct bridge_merchant *merchant, uint64_t now_ms);
/* Asked for the first words before Twilio's start: Grok's messages must wait until bridge_phone() was told of that. */
bool bridge_is_early(const struct bridge *b);
bool bridge_needs_merchant(const struct bridge *b);
void bridge_model_open(struct bridge *b, uint64_t now_ms);
void bridge_phone(struct bridge *b, const struct twilio_event *event, uint64_t now_ms);
void bridge_model(struct bridge *b, const struct grok_event *event, uint64_t now_ms);
/* A message of Grok's that could not be read. */
void bridge_model_bad(struct bridge *b, uint64_t now_ms);
void bridge_tick(struct bridge *b, uint64_t now_ms);
uint64_t bridge_deadline_ms(const struct bridge *b);
/*
 * These words exactly, as soon as Grok can say them; say.h tells which flags there are. false: too
 * many wait already.
 */
bool bridge_say(struct bridge *b, struct slice words, unsigned flags, uint64_t now_ms);
/* From the tool sink: see tools_result(). Too late is counted. */
void bridge_tool_result(struct bridge *b, uint32_t serial, enum tool_status status, struct slice output,
	uint64_t now_ms);
/*
 * The call ends with that reason once the caller has heard the last words: what Grok says in the answer under way,
 * or the merchant's farewell, or ours. A transfer is to `number`; `serial` is the tool's that asked for it, or 0.
 */
void bridge_leave(struct bridge *b, enum end_reason reason, struct slice number, uint32_t serial, uint64_t now_ms);
/*
 * The connection to the model: loss_due says that the bridge wants another; bridge_model_lost() that it is gone, and
 * with which dialect the next one will speak; then bridge_model_open() again. The caller hears a tone meanwhile.
 */
/* The connection is of no use any more; without `recovers` that is the end. */
void bridge_lose(struct bridge *b, enum upstream_loss loss, const char *why, uint64_t now_ms);
void bridge_model_lost(struct bridge *b, const struct grok_dialect *next, uint64_t now_ms);
/* The session that begins is the same conversation: it need not be told what was said. */
void bridge_model_knows(struct bridge *b);
/* Nobody speaks, and nobody is expected to: a good moment to move. */
bool bridge_is_quiet(const struct bridge *b);
/* The first reason counts. */
void bridge_end(struct bridge *b, enum end_reason reason, const char *why, uint64_t now_ms);

/* Twilio's start came, Grok is ready, and the receptionist was asked to speak. */
bool bridge_is_talking(const struct bridge *b);
/* For the record of the call: audio that the caller sent and that was sent to the caller. */
uint64_t bridge_caller_ms(const struct bridge *b);
uint64_t bridge_voice_ms(const struct bridge *b);
