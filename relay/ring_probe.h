/*
 * ring_probe - whether a ring really receives: flags alone prove nothing.
 *
 * Place:  above ring's contract; asked by ring_open(), whatever stands behind it.
 * Proves: two messages through one repeating receive into lent buffers, then its end.
 */
#pragma once

#include "relay/ring.h"

/* 0, or -errno. */
int ring_probe(struct ring *ring);
