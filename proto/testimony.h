/*
 * testimony - what is told of a call while it happens: the kinds, and their records on a socket or in a file.
 *
 * Place:    proto, above base only. The relay writes them; receptionai-ctl reads them.
 * Record:   8 bytes, then the data: kind, 0, the data's length (16 bits), ms on the call's clock (32 bits), both
 *           little-endian. Audio is mu-law at 8000 Hz; everything else is UTF-8 text.
 * Usage:    testimony_write(head, &t) gives the 8 bytes in front of t.data
 *           switch (testimony_read(bytes, &t)) and consume TESTIMONY_HEAD_BYTES + t.data.len of them
 * Fails:    TESTIMONY_BAD: an unknown kind or a reserved byte that is not 0; the stream cannot be read on.
 * Limits:   TESTIMONY_DATA_BYTES_MAX of data in a record.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

enum { TESTIMONY_HEAD_BYTES = 8, TESTIMONY_DATA_BYTES_MAX = 4096 };

/* X(kind, word, what its data is) */
#define TESTIMONY_KINDS(X) \
	X(TESTIMONY_CALLER_AUDIO, "caller-audio", "what the caller sent") \
	X(TESTIMONY_VOICE_AUDIO, "voice-audio", "what was sent to the caller") \
	X(TESTIMONY_CLEAR, "clear", "nothing: what the caller had not heard yet was thrown away") \
	X(TESTIMONY_MARK, "mark", "the name of a mark sent behind the audio") \
	X(TESTIMONY_MARK_BACK, "mark-back", "the name of a mark that came back") \
	X(TESTIMONY_KEY, "key", "nothing: the caller pressed a key") \
	X(TESTIMONY_MODEL, "model", "the type of an event of the model's") \
	X(TESTIMONY_CALLER_TURN, "caller", "words of the caller's") \
	X(TESTIMONY_VOICE_TURN, "receptionist", "words of the receptionist's") \
	X(TESTIMONY_LEFT_OUT, "left-out", "how many records were left out because the reader was slow") \
	X(TESTIMONY_END, "end", "the end reason")

enum testimony_kind {
#define X(kind, word, data) kind,
	TESTIMONY_KINDS(X)
#undef X
	TESTIMONY_KIND_COUNT
};

/* Sets of kinds, one bit each. */
#define TESTIMONY_BIT(kind) (1u << (kind))
#define TESTIMONY_AUDIO \
	(TESTIMONY_BIT(TESTIMONY_CALLER_AUDIO) | TESTIMONY_BIT(TESTIMONY_VOICE_AUDIO) | \
		TESTIMONY_BIT(TESTIMONY_CLEAR) | TESTIMONY_BIT(TESTIMONY_LEFT_OUT) | TESTIMONY_BIT(TESTIMONY_END))
#define TESTIMONY_EVENTS \
	(TESTIMONY_BIT(TESTIMONY_KIND_COUNT) - 1 - TESTIMONY_BIT(TESTIMONY_CALLER_AUDIO) - \
		TESTIMONY_BIT(TESTIMONY_VOICE_AUDIO) - TESTIMONY_BIT(TESTIMONY_MARK) - \
		TESTIMONY_BIT(TESTIMONY_MARK_BACK))

struct testimony {
	enum testimony_kind kind;
	uint32_t call_ms;
	struct slice data;
};

enum testimony_result { TESTIMONY_MORE, TESTIMONY_DONE, TESTIMONY_BAD };

const char *testimony_word(enum testimony_kind kind);
void testimony_write(uint8_t head[TESTIMONY_HEAD_BYTES], const struct testimony *t);
/* The data is lent from `bytes`. */
enum testimony_result testimony_read(struct slice bytes, struct testimony *out);
