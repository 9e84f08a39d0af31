/*
 * relay_ask - one question to the relay on this host: how are you, and a call will come; or how a call ended.
 *
 * Place:    fcgi, above proto's notice. Used by the handlers.
 * Usage:    if (!relay_takes(relay_ask(path, &notice, ms_max))) tell the caller something else;
 *           reason = relay_ask_end(path, call_sid, ms_max);
 * Fails:    RELAY_ABSENT, END_NONE: nobody there, no answer within ms_max, or none that could be read.
 * Limits:   waits ms_max at most, all together. No path: RELAY_UNKNOWN, END_NONE at once.
 */
#pragma once

#include "proto/notice.h"

enum relay_state {
	RELAY_UNKNOWN,
	RELAY_ABSENT,
	RELAY_UP,
	RELAY_FULL,
	RELAY_DRAINING,
	RELAY_UNABLE
};

enum relay_state relay_ask(const char *path, const struct notice *notice, uint32_t ms_max);
/* How the last stream of that call ended; END_NONE: it has not, or the relay does not know. */
enum end_reason relay_ask_end(const char *path, const char *call_sid, uint32_t ms_max);
/* Whether a stream to it makes sense. What is not known is hoped for. */
bool relay_takes(enum relay_state state);
const char *relay_state_word(enum relay_state state);
