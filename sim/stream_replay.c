#include "sim/stream_replay.h"

void stream_replay_init(struct stream_replay *r, const struct recording *recording)
{
	*r = (struct stream_replay){ .recording = recording };
}

bool stream_replay_is_on(const struct stream_replay *r)
{
	return r->recording->frame_count > 0;
}

bool stream_replay_turn(struct stream_replay *r, struct stream_out *out, uint64_t ms)
{
	for (; stream_replay_due_ms(r) <= ms; r->next++)
		stream_out_text(out, r->recording->frames[r->next].text);
	return r->next == r->recording->frame_count;
}

uint64_t stream_replay_due_ms(const struct stream_replay *r)
{
	return r->next < r->recording->frame_count ? r->recording->frames[r->next].ms : UINT64_MAX;
}
