/*
 * fake_command - what the simulated Grok does with each event of a client, the errors included.
 *
 * Place:    sim, pure; a part of fake_grok (it works on that struct), above fake_turn and fake_reply.
 * Source:   the wordings of the errors are xAI's, as recorded.
 */
#pragma once

#include "sim/fake_grok.h"

void fake_command(struct fake_grok *g, const struct grok_event *event);
/* Audio as it came, in the session's input format. */
void fake_command_audio(struct fake_grok *g, uint8_t *data, size_t bytes);
