/*
 * leg_parts - what the files of a leg share among themselves; nobody else includes it.
 *
 *   leg.c         states, life, join, facts            leg_in.c      received bytes up to messages
 *   leg_server.c  the upgrade as a server              leg_flush.c   written bytes down to sends, the polite end
 *   leg_dial.c    connecting, the upgrade as a client
 *   leg_move.c    from one thread to another
 */
#pragma once

#include "relay/leg.h"

enum { LEG_MAGIC = 0x6c656721 };

/* What a step of leg_next() came to. */
enum leg_step { LEG_STEP_WAIT, LEG_STEP_ON, LEG_STEP_EVENT };

/* leg.c */
void leg_move(struct leg *leg, enum leg_state to);
/* It gets a flush in this turn. */
void leg_touch(struct leg *leg);
/* Records the first fault; leg_next() will report it. */
void leg_fail(struct leg *leg, enum leg_fault fault, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void leg_connected(struct leg *leg);
/* No operation of its is the kernel's. */
bool leg_has_landed(const struct leg *leg);
void leg_join(struct leg *leg);
/* In LEG_JOINING: frees the slot if all operations have landed. */
void leg_finish(struct leg *leg);
void leg_set_out(struct leg *leg);

/* leg_in.c */
void leg_recv_done(struct ring_op *op, const struct ring_result *result);
/* The unread bytes at hand; more by leg_pull(), false: there are none now. */
struct buf *leg_bytes(struct leg *leg);
bool leg_pull(struct leg *leg);
/* Nothing stays lent after a turn: what is unread is kept. */
void leg_settle(struct leg *leg);
/* Gives all lent buffers back unread. */
void leg_drop_lent(struct leg *leg);
/* In LEG_CLOSING: drops what comes, watching for the peer's close frame. */
void leg_drain(struct leg *leg);

/* leg_server.c, leg_dial.c */
enum leg_step leg_read_request(struct leg *leg, struct leg_event *out);
enum leg_step leg_read_response(struct leg *leg, struct leg_event *out);
enum leg_step leg_read_connect(struct leg *leg);
void leg_connect_done(struct ring_op *op, const struct ring_result *result);

/* leg_flush.c */
void leg_send_done(struct ring_op *op, const struct ring_result *result);
void leg_flush_turn(struct task *task, uint64_t now_ms);
/* Begins the polite end: sends what is written, then waits for the peer's end, but not for long. */
void leg_linger(struct leg *leg);
