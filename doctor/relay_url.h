/*
 * relay_url - RELAY_URL: whether the WebSocket that Twilio will open comes to a relay.
 *
 * Place:    doctor, above reach.
 * Usage:    relay_url_check(&f, "wss://voice.example.com/media-stream", NULL)
 * How:      a plain request gets 426 from a relay, as from every WebSocket server. Then two wishes to upgrade that no
 *           relay grants, one with a version of the protocol that does not exist, one with a key that is none: 426 and
 *           400, before anything else is looked at: no token is used up, no call begins. Other answers to these show a
 *           proxy that does not pass the upgrade on.
 */
#pragma once

#include "doctor/finding.h"

/* `ca_file` NULL or "": the system's roots. */
void relay_url_check(struct findings *f, const char *relay_url, const char *ca_file);
