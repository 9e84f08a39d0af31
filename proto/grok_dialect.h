/*
 * grok_dialect - in what the services that speak this protocol differ: one row of flags each.
 *
 * Place:    below grok's writers; for whoever talks with such a service (the relay) or plays one (the simulator).
 *           There is one reader for all: it knows every name and every place. Only writing needs to be told.
 * Usage:    const struct grok_dialect *d = grok_dialect_of(SLICE("openai")); if (d->resumption) …
 * Lifetime: static.
 * Source:   docs.x.ai, Voice; platform.openai.com, Realtime (GA).
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct grok_dialect {
	const char *name;
	bool nested_session;                    /* session.type, and voice and turn detection under session.audio */
	bool force_message;                     /* exact words on request; else they are asked for in instructions */
	bool server_truncate;                   /* conversation.item.truncate is known */
	bool truncate_tells_text;               /* and answered with the words that are left */
	bool resumption;                        /* a conversation can be gone on with: conversation_id in the URL */
	bool create_response_honoured;          /* "create_response":false keeps the server from answering by itself */
	bool create_supersedes;                 /* an overlapping response.create ends the old one; else: an error */
	bool cumulative_transcripts;            /* the caller's words come as snapshots; else as pieces to be joined */
	bool usage_toplevel;                    /* beside the response; else within it */
	bool pings;                             /* an event "ping" every ten seconds: its absence is a sign */
	bool server_tools;                      /* web_search and x_search are run by the server */
	uint32_t session_s_max;
	const char *transcription_model;
	const char *voice;                      /* where the one asked for is not known */
	const char *voices;                     /* all there are; NULL: the service knows more than we do */
};

extern const struct grok_dialect grok_xai, grok_openai;

/* "xai" or "openai"; NULL for any other name. */
const struct grok_dialect *grok_dialect_of(struct slice name);
/* The voice as the service knows it. */
struct slice grok_dialect_voice(const struct grok_dialect *dialect, struct slice wanted);
