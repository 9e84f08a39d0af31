/*
 * call_watch - who watches a call: what the bridge tells of it goes to their taps, with the call's clock.
 *
 * Place:    relay, inside call; above tap and witness.
 * Usage:    call_watch_init(c) once per call; call_watch_add(c, tap); call_watch_tell(c, kind, data);
 *           call_watch_look(c) once a turn lets those go whose reader has gone; call_watch_end(c) closes the taps
 * Cost:     without taps, one comparison for each thing told.
 */
#pragma once

#include "relay/call.h"

void call_watch_init(struct call *call);
/* The tap is the call's until it closes it. */
void call_watch_add(struct call *call, struct tap *tap);
void call_watch_tell(struct call *call, enum testimony_kind kind, struct slice data);
void call_watch_look(struct call *call);
void call_watch_end(struct call *call);
