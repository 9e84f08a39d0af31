/*
 * ws_mask - the masking of WebSocket payload, a vector at a time. Masking and unmasking are the same.
 *
 * Place:    proto, below ws and ws_write. Pure.
 * Usage:    ws_mask(data, len, key, 0);                 in place
 *           ws_mask_copy(to, from, len, key, offset);   while copying; the ranges do not overlap
 * Limits:   `key` is the four key bytes as they lie in memory (memcpy them out of the frame, whatever the byte order).
 *           `offset` is where `data` begins within the payload: only its two lowest bits matter.
 * Source:   RFC 6455 section 5.3.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

void ws_mask(uint8_t *data, size_t len, uint32_t key, size_t offset);
void ws_mask_copy(uint8_t *to, const void *from, size_t len, uint32_t key, size_t offset);
