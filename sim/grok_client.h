/*
 * grok_client - one connection of a client to the simulated Grok: its socket, its handshake, its session.
 *
 * Place:    sim; above wsconn, fake_grok and speech_desk. The server polls it and tells it the time.
 * Usage:    c = grok_client_take(house, listen_fd, id);
 *           socket ready: grok_client_turn(c, now_ms);         time come: grok_client_tick(c, now_ms);
 *           the desk answered: grok_client_answer(c, &answer, now_ms);
 *           false from any of these: it is over, grok_client_free(c)
 * Rules:    One write a wake-up, whatever was queued.
 */
#pragma once

#include "sim/fake_grok.h"
#include "sim/fake_store.h"
#include "sim/grok_options.h"
#include "sim/speech_desk.h"
#include "sim/wsconn.h"

#include <stdbool.h>
#include <stdint.h>

/* What all connections share; borrowed. */
struct grok_house {
	const struct grok_options *options;
	struct fake_plan good_plan;     /* the options' plan without its faults */
	struct wsconn_env env;
	struct speech_desk *desk;       /* NULL when nobody listens or speaks */
	uint64_t request_count;
	struct fake_store store;        /* conversations to be gone on with */
	uint64_t append_count, fault_count, violation_count;    /* of sessions that are over */
};

struct grok_client;

/* NULL: nobody was waiting. */
struct grok_client *grok_client_take(struct grok_house *house, int listen_fd, uint64_t id, uint64_t now_ms);
void grok_client_free(struct grok_client *c);
bool grok_client_turn(struct grok_client *c, uint64_t now_ms);
bool grok_client_tick(struct grok_client *c, uint64_t now_ms);
bool grok_client_answer(struct grok_client *c, struct desk_answer *answer, uint64_t now_ms);
uint64_t grok_client_id(const struct grok_client *c);
uint64_t grok_client_due_ms(const struct grok_client *c);
int grok_client_fd(const struct grok_client *c);
uint32_t grok_client_interest(const struct grok_client *c);
