/*
 * handlers - one function a route: a request that is authentic goes in, an answer comes out.
 *
 * Place:    fcgi, below the table of routes in webhook.c.
 * Fails:    never: what the database cannot do becomes TwiML that a caller can live with, and a log line.
 * Laws:     idempotent on CallSid. The TwiML handlers always answer 200.
 */
#pragma once

struct webhook;
struct request;
struct answer;

typedef void handler(struct webhook *w, const struct request *r, struct answer *a);

/* A call comes in: connect it to the relay. */
handler handle_incoming;
/* Somebody whom we called has answered. */
handler handle_outgoing;
/* <Connect> or <Dial> ended: what now? */
handler handle_after;
/* <Record> ended, or its recording can be fetched. */
handler handle_voicemail;
/* The call's state changed. */
handler handle_status;
/* The stream began, ended or failed. */
handler handle_stream_status;
/* fal.ai has made a video, or could not. Proves who asks by itself. */
handler handle_fal;
/* Whether calls can be taken. */
handler handle_health;
