/*
 * call_parts - what the files of a call tell each other and nobody else.
 *
 * Place:    relay, inside call: call.c (slot, desk, turn), call_phone.c (Twilio's leg), call_model.c (Grok's leg),
 *           call_wait.c (a session before its call), call_money.c (limits).
 */
#pragma once

#include "relay/call.h"

/* Of the first words that wait for their call: half a minute of audio, as Grok writes it. */
enum { CALL_EARLY_BYTES_MAX = 512 * 1024 };

static inline void call_count(struct call *c, enum metric metric)
{
	metrics_add(c->env->metrics, metric, 1);
}

/* NULL: all are in use. */
struct call *call_take_slot(struct call_env *env);
/* The bridge begins, Grok is dialled, the merchant looked for. */
void call_open_session(struct call *call, uint64_t now_ms);
/* The merchant, once the desk has found him. */
void call_read_desk(struct call *call, uint64_t now_ms);
/* Once: as soon as it is known whose call it is. */
void call_ask_merchant(struct call *call);
/* Starts connecting to a provider; if none can be reached, now or later, the call ends. */
void call_dial(struct call *call, uint64_t now_ms);
/* Everything that a leg has for us goes into the bridge. */
void call_read_phone(struct call *call, uint64_t now_ms);
void call_read_model(struct call *call, uint64_t now_ms);
/* A lost model is replaced, one whose session is old is left: in every turn of a live call, behind reading. */
void call_keep_model(struct call *call, uint64_t now_ms);
/* When that has to be done though nothing happens. */
uint64_t call_model_deadline_ms(const struct call *call);

/* call_offer.c: what the merchant's clock shows. */
struct zone_time call_local_time(const struct call *call);

void call_put_order(struct call *call, struct desk_order *order, enum desk_kind kind);

/* call_money.c */
/* One of GROK_SESSIONS_MAX; false: none is left. */
bool call_take_session(struct call *call);
void call_give_session(struct call *call);
/* The merchant is known: a call that is over a limit ends here. */
void call_admit(struct call *call, const struct desk_page *page, uint64_t now_ms);
/* A provider is dialled: prices are his now. */
void call_heed_provider(struct call *call);
/* An account of the provider. */
void call_heed_usage(struct call *call, const struct grok_usage *usage, uint64_t now_ms);
struct call_usage call_usage_now(const struct call *call);
/* Warns, says goodbye, ends: in every turn of a live call. */
void call_keep_money(struct call *call, uint64_t now_ms);
uint64_t call_money_deadline_ms(const struct call *call);

/* A visitor who has proved himself: answered, and it is a call; or turned away because there is no room. */
void call_let_in(struct call *call, uint64_t now_ms);
void call_go_live(struct call *call, uint64_t now_ms);

/* A session waits for that visitor: he is on the way to it. false: none does. */
bool call_cross_begin(struct call *call, uint64_t now_ms);
/* true: he is there, and this slot is free. */
bool call_cross(struct call *call, uint64_t now_ms);
/* He left on the way. */
void call_cross_fail(struct call *call);
/* A turn of a session that waits. */
void call_wait(struct call *call, uint64_t now_ms);
