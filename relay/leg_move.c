/*
 * A leg whose owner decides on its request goes to another leg, perhaps of another thread: reading is paused, what was
 * in flight lands, the descriptor and the TLS session are taken out, and the other leg goes on as if it had read the
 * request itself.
 */
#include "base/check.h"
#include "base/slice.h"
#include "relay/leg_parts.h"

#include <fcntl.h>

bool leg_is_still(const struct leg *leg)
{
	return leg->state == LEG_DECIDING && leg->paused && leg_has_landed(leg) && leg_out_bytes(leg) == 0;
}

bool leg_pack(struct leg *leg, struct leg_parcel *out)
{
	check(leg->magic == LEG_MAGIC && leg_is_still(leg));
	leg_settle(leg);
	if (buf_len(leg_bytes(leg)) > leg->head_bytes || leg->eof)
		return false;
	/* The ring closes its own; the connection lives on in the other. */
	int fd = fcntl(leg->socket.fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return false;
	*out = (struct leg_parcel){ .fd = fd, .is_tls = leg->is_tls, .message_bytes_max = leg->message_bytes_max };
	bool fits = slice_copy(slice_of(leg->key), out->key, sizeof out->key);

	check(fits);
	tls_move(&out->tls, &leg->tls, NULL);
	leg->end_reported = true;
	leg_move(leg, LEG_JOINING);
	leg_finish(leg);
	return true;
}

void leg_unpack(struct leg *leg, struct leg_parcel *parcel, struct task *owner)
{
	struct leg_env *env = leg->env;

	check(leg->magic == LEG_MAGIC && leg->state == LEG_FREE && parcel->fd >= 0);
	leg_init(leg, env);
	leg->role = WS_SERVER;
	leg->owner = owner;
	leg->message_bytes_max = parcel->message_bytes_max;
	leg->is_tls = parcel->is_tls;
	bool fits = slice_copy(slice_of(parcel->key), leg->key, sizeof leg->key);

	check(fits);
	if (leg->is_tls)
		tls_move(&leg->tls, &parcel->tls, &env->pool);
	leg_set_out(leg);
	ring_socket_open(env->loop->ring, &leg->socket, parcel->fd);
	parcel->fd = -1;
	leg_move(leg, LEG_DECIDING);
}
