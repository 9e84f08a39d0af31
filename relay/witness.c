#include "relay/witness.h"

#include "proto/base64.h"

enum { STEP_CHARS = 3200, STEP_BYTES = STEP_CHARS / 4 * 3 };

void witness_hear_bytes(struct witness *w, enum testimony_kind kind, const uint8_t *audio, size_t len)
{
	if (!witness_wants(w, kind))
		return;
	while (len) {
		size_t step = len < STEP_BYTES ? len : STEP_BYTES;

		w->tell(w, kind, (struct slice){ (const char *)audio, step });
		audio += step;
		len -= step;
	}
}

void witness_hear(struct witness *w, enum testimony_kind kind, struct slice base64)
{
	uint8_t audio[STEP_BYTES];

	if (!witness_wants(w, kind))
		return;
	while (base64.len) {
		struct slice step = { base64.data, base64.len < STEP_CHARS ? base64.len : STEP_CHARS };
		ptrdiff_t decoded = base64_decode(audio, step);

		if (decoded < 0)
			return;
		w->tell(w, kind, (struct slice){ (const char *)audio, (size_t)decoded });
		base64.data += step.len;
		base64.len -= step.len;
	}
}
