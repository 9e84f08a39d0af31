/*
 * next - carries out what is planned for a caller: asks the relay, writes the TwiML, tells the call's row.
 *
 * Place:    fcgi, above known, plan and voice; below the handlers.
 * Usage:    known_init(&k, …); … next_carry_out(w, a, &k);
 * Fails:    never.
 * Limits:   the relay has RELAY_SOCKET_MS to answer; the row is told in one transaction, which waits for others
 *           DB_BUSY_MS at most, and not at all if this request has waited already.
 */
#pragma once

struct answer;
struct known;
struct webhook;

void next_carry_out(struct webhook *w, struct answer *a, struct known *k);
/* Tells the call's row alone: nobody listens. */
void next_note(struct webhook *w, struct known *k);
