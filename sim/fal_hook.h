/*
 * fal_hook - tells a webhook what became of an order, as long and as often as fal.ai would.
 *
 * Place:    sim; above fal_sign and fal_reach. One child process a webhook: nobody waits for it; it ends with us.
 * Usage:    fal_hook_deliver(house, order);
 * Rules:    2xx is an acknowledgement, 3xx the end; anything else is tried again, each time signed anew,
 *           FAL_HOOK_TRIES in all.
 */
#pragma once

#include "sim/fal_house.h"

enum { FAL_HOOK_TRIES = 31, FAL_HOOK_WAIT_MS = 15000 };

void fal_hook_deliver(struct fal_house *house, const struct fal_order_made *order);
