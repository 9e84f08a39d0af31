#include "relay/names.h"

#include "base/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void keep_family(struct names *n, const struct addrinfo *found, bool first)
{
	for (const struct addrinfo *a = found; a && n->count < NAMES_ADDRESS_COUNT_MAX; a = a->ai_next)
		if ((a->ai_family == found->ai_family) == first)
			memcpy(&n->addresses[n->count++], a->ai_addr, a->ai_addrlen);
}

static void keep(struct names *n, const struct addrinfo *found)
{
	pthread_mutex_lock(&n->lock);
	n->count = 0;
	keep_family(n, found, true);
	n->first_count = n->count;
	keep_family(n, found, false);
	pthread_mutex_unlock(&n->lock);
}

static int look_up(struct names *n, int flags)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags }, *found;
	int error = getaddrinfo(n->host, n->port, &hints, &found);

	/* RFC 6761 section 6.3: localhost is this machine, even where no /etc/hosts says so. */
	if (error && !(flags & AI_NUMERICHOST) && strcasecmp(n->host, "localhost") == 0)
		error = getaddrinfo("127.0.0.1", n->port, &hints, &found);
	if (error == 0) {
		keep(n, found);
		freeaddrinfo(found);
	}
	return error;
}

/* false: it is time to stop. */
static bool rest(struct names *n, uint64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(ms / 1000);
	pthread_mutex_lock(&n->lock);
	while (!n->stop)
		if (pthread_cond_timedwait(&n->news, &n->lock, &until) == ETIMEDOUT)
			break;
	bool stop = n->stop;

	pthread_mutex_unlock(&n->lock);
	return !stop;
}

static void *names_thread(void *argument)
{
	struct names *n = argument;
	int error, error_before = 0;

	pthread_setname_np(pthread_self(), "names");
	do {
		error = look_up(n, AI_ADDRCONFIG | AI_NUMERICSERV);
		if (error && error != error_before)
			log_warn("name lookup failed host=%s why=\"%s\"", n->host, gai_strerror(error));
		if (!error && error_before)
			log_info("name lookup works again host=%s", n->host);
		error_before = error;
	} while (rest(n, error ? NAMES_RETRY_MS : NAMES_FRESH_MS));
	return NULL;
}

bool names_open(struct names *n, const char *host, const char *port, char *why, size_t why_bytes)
{
	pthread_condattr_t attributes;

	*n = (struct names){ 0 };
	snprintf(n->host, sizeof n->host, "%s", host);
	snprintf(n->port, sizeof n->port, "%s", port);
	pthread_mutex_init(&n->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&n->news, &attributes);
	pthread_condattr_destroy(&attributes);
	if (look_up(n, AI_NUMERICHOST | AI_NUMERICSERV) == 0)
		return true;
	int error = pthread_create(&n->thread, NULL, names_thread, n);

	n->running = error == 0;
	if (error)
		snprintf(why, why_bytes, "no thread for name lookups: %s", strerror(error));
	return n->running;
}

void names_close(struct names *n)
{
	if (!n->running)
		return;
	pthread_mutex_lock(&n->lock);
	n->stop = true;
	pthread_cond_signal(&n->news);
	pthread_mutex_unlock(&n->lock);
	pthread_join(n->thread, NULL);
	n->running = false;
}

bool names_pick(struct names *n, uint32_t turn, bool again, struct sockaddr_storage *out_address, socklen_t *out_len)
{
	bool found;

	pthread_mutex_lock(&n->lock);
	found = n->count > 0;
	if (found) {
		bool other = again && n->count > n->first_count;

		*out_address = other ? n->addresses[n->first_count + turn % (n->count - n->first_count)]
				     : n->addresses[turn % n->first_count];
		*out_len = out_address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
							      : sizeof(struct sockaddr_in);
	}
	pthread_mutex_unlock(&n->lock);
	return found;
}
