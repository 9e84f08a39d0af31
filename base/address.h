/*
 * address - which network addresses belong to the public internet.
 *
 * Place:    base, pure.
 * Usage:    if (!address_is_public((struct sockaddr *)&address)) refuse();
 * Rules:    whatever the special-purpose registries call anything else is not public: this host, private use,
 *           shared (carrier NAT), loopback, link local (cloud metadata is there), documentation, benchmarking,
 *           multicast, reserved; ULA and site local; and each IPv6 form that carries an IPv4 address is judged
 *           by that address: mapped, compatible, NAT64, 6to4; Teredo is refused.
 * Source:   IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

bool address_is_public(const struct sockaddr *address);
bool address_ip4_is_public(uint32_t host_order);
bool address_ip6_is_public(const uint8_t bytes[16]);
