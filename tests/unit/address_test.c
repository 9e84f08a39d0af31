#include "tests/unit/unit.h"

#include "base/check.h"
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static bool is_public(const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return address_is_public((struct sockaddr *)&in);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return address_is_public((struct sockaddr *)&in6);
}

static void each(const char *const *list, size_t count, bool expected)
{
	for (size_t i = 0; i < count; i++)
		if (is_public(list[i]) != expected)
			fail_msg("%s: %s", list[i], expected ? "is public" : "is not public");
}

static void addresses_of_the_internet_are_public(void **state)
{
	static const char *const list[] = {
		"1.1.1.1",
		"8.8.8.8",
		"9.255.255.255",
		"11.0.0.0",
		"100.63.255.255",
		"100.128.0.0",
		"126.255.255.255",
		"128.0.0.0",
		"169.253.255.255",
		"169.255.0.0",
		"172.15.255.255",
		"172.32.0.0",
		"192.0.1.0",
		"192.167.255.255",
		"192.169.0.0",
		"198.17.255.255",
		"198.20.0.0",
		"203.0.114.0",
		"223.255.255.255",
		"2606:4700:4700::1111",
		"2a00:1450:4001::1",
		"2001:200::1",
		"2001:4860:4860::8888",
		"3ffe::1",
		"::ffff:8.8.8.8",
		"64:ff9b::8.8.8.8",
		"2002:0808:0808::1",
	};

	(void)state;
	each(list, ARRAY_COUNT(list), true);
}

static void every_other_address_is_not(void **state)
{
	static const char *const list[] = {
		"0.0.0.0",
		"0.1.2.3",
		"10.0.0.1",
		"10.255.255.255",
		"100.64.0.1",
		"100.127.255.255",
		"127.0.0.1",
		"127.255.255.255",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.0.0.1",
		"192.0.2.1",
		"192.88.99.1",
		"192.168.0.1",
		"192.168.255.255",
		"198.18.0.1",
		"198.19.255.255",
		"198.51.100.7",
		"203.0.113.7",
		"224.0.0.1",
		"239.255.255.255",
		"240.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"::2",
		"::127.0.0.1",
		"::8.8.8.8",
		"::ffff:127.0.0.1",
		"::ffff:10.0.0.1",
		"::ffff:169.254.169.254",
		"64:ff9b::10.0.0.1",
		"64:ff9b::127.0.0.1",
		"64:ff9b:1::8.8.8.8",
		"2002:7f00:0001::1",
		"2002:0a00:0001::1",
		"2001::1",
		"2001:0:ffff::1",
		"2001:db8::1",
		"3fff::1",
		"fc00::1",
		"fd12:3456::1",
		"fd00:ec2::254",
		"fe80::1",
		"febf::1",
		"fec0::1",
		"ff02::1",
		"100::1",
		"4000::1",
		"5f00::1",
	};

	(void)state;
	each(list, ARRAY_COUNT(list), false);
}

static void another_family_is_not_public(void **state)
{
	struct sockaddr address = {.sa_family = AF_UNIX};

	(void)state;
	assert_false(address_is_public(&address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_the_internet_are_public),
		cmocka_unit_test(every_other_address_is_not),
		cmocka_unit_test(another_family_is_not_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
