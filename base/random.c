#include "base/random.h"

#include "base/check.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static void refill(struct random *random)
{
	size_t got = 0;

	while (got < sizeof random->bytes) {
		ssize_t n = getrandom(random->bytes + got, sizeof random->bytes - got, 0);

		check(n > 0 || errno == EINTR);
		if (n > 0)
			got += (size_t)n;
	}
	random->left_bytes = sizeof random->bytes;
}

void random_fill(struct random *random, void *out, size_t len)
{
	uint8_t *to = out;

	while (len) {
		if (!random->left_bytes)
			refill(random);
		size_t n = len < random->left_bytes ? len : random->left_bytes;
		uint8_t *from = random->bytes + sizeof random->bytes - random->left_bytes;

		memcpy(to, from, n);
		memset(from, 0, n);
		random->left_bytes -= n;
		to += n;
		len -= n;
	}
}

uint32_t random_u32(struct random *random)
{
	uint32_t value;

	random_fill(random, &value, sizeof value);
	return value;
}
