/*
 * fake_audio - from the formats of a session to the 8 kHz μ-law that mouth and ear work with, and back.
 *
 * Place:    sim, pure; above ulaw, fake_settings, proto/base64.
 * Limits:   PCM is interpolated linearly on the way out and picked sample by sample on the way in: good enough for a
 *           simulator, not for music. Other codings pass as they are.
 */
#pragma once

#include "base/buf.h"
#include "sim/fake_settings.h"

#include <stddef.h>
#include <stdint.h>

/* Appends base64 of the μ-law bytes, converted to the format. false: no room. */
bool fake_audio_write(struct buf *out, struct fake_format format, const uint8_t *ulaw, size_t bytes);
/* Converts in place what a client sent; the number of μ-law bytes. */
size_t fake_audio_read(struct fake_format format, uint8_t *data, size_t bytes);
