/*
 * notify - tells systemd how the service is, without libsystemd: one datagram to $NOTIFY_SOCKET.
 *
 * Place:    base, beside crew. Does nothing where there is no systemd.
 * Usage:    notify_send("READY=1\nSTATUS=taking calls");  every notify_watchdog_ms(): notify_send("WATCHDOG=1");
 * Fails:    silently: a service must not die of its supervisor.
 * Source:   sd_notify(3), sd_watchdog_enabled(3).
 */
#pragma once

#include <stdint.h>

void notify_send(const char *state);
/* Half of the interval that systemd asks for; 0: it does not ask. */
uint64_t notify_watchdog_ms(void);
