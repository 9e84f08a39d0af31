#include "base/address.h"

#include "base/slice.h"

#include <netinet/in.h>

struct block4 {
	uint32_t address;
	unsigned bits;
};

#define IP4(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* Everything that is not globally reachable. */
static const struct block4 special4[] = {
	{IP4(0, 0, 0, 0), 8},	    /* this host on this network, RFC 791 */
	{IP4(10, 0, 0, 0), 8},	    /* private, RFC 1918 */
	{IP4(100, 64, 0, 0), 10},   /* shared, carriers' NAT, RFC 6598 */
	{IP4(127, 0, 0, 0), 8},	    /* loopback, RFC 1122 */
	{IP4(169, 254, 0, 0), 16},  /* link local, RFC 3927; clouds' metadata */
	{IP4(172, 16, 0, 0), 12},   /* private */
	{IP4(192, 0, 0, 0), 24},    /* IETF protocols, RFC 6890 */
	{IP4(192, 0, 2, 0), 24},    /* documentation, RFC 5737 */
	{IP4(192, 88, 99, 0), 24},  /* 6to4 relays, RFC 7526 */
	{IP4(192, 168, 0, 0), 16},  /* private */
	{IP4(198, 18, 0, 0), 15},   /* benchmarking, RFC 2544 */
	{IP4(198, 51, 100, 0), 24}, /* documentation */
	{IP4(203, 0, 113, 0), 24},  /* documentation */
	{IP4(224, 0, 0, 0), 4},	    /* multicast */
	{IP4(240, 0, 0, 0), 4},	    /* reserved, broadcast */
};

bool address_ip4_is_public(uint32_t ip)
{
	for (size_t i = 0; i < sizeof special4 / sizeof special4[0]; i++)
		if ((ip ^ special4[i].address) >> (32 - special4[i].bits) == 0)
			return false;
	return true;
}

static bool starts_with(const uint8_t ip[16], const char *prefix, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(ip, prefix, whole) != 0)
		return false;
	return rest == 0 || (ip[whole] ^ (uint8_t)prefix[whole]) >> (8 - rest) == 0;
}

static uint32_t ip4_at(const uint8_t *bytes)
{
	return IP4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

bool address_ip6_is_public(const uint8_t ip[16])
{
	/* Forms that carry an IPv4 address: RFC 4291 2.5.5, RFC 6052, RFC 3056. */
	if (starts_with(ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 96))
		return address_ip4_is_public(ip4_at(ip + 12));
	if (starts_with(ip, "\x00\x64\xff\x9b\0\0\0\0\0\0\0\0", 96))
		return address_ip4_is_public(ip4_at(ip + 12));
	if (starts_with(ip, "\x20\x02", 16))
		return address_ip4_is_public(ip4_at(ip + 2));
	/* Of the rest, 2000::/3 is all that was ever given out as global unicast. */
	if (!starts_with(ip, "\x20", 3))
		return false;
	return !starts_with(ip, "\x20\x01\x00", 23) &&	   /* IETF protocols, Teredo, RFC 2928 */
	       !starts_with(ip, "\x20\x01\x0d\xb8", 32) && /* documentation, RFC 3849 */
	       !starts_with(ip, "\x3f\xff\x00", 20);	   /* documentation, RFC 9637 */
}

bool address_is_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof in);
		return address_ip4_is_public(ntohl(in.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof in6);
		return address_ip6_is_public(in6.sin6_addr.s6_addr);
	}
	return false;
}
