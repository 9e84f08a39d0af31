/*
 * kit - a bridge on the bench: JSON in, and what it says to either side as one readable line a message.
 *
 * Usage:  struct kit *k = kit_open(); kit_twilio(k, "{\"event\":…}"); kit_grok(k, "{\"type\":…}"); kit_pass(k, 20);
 *         assert_string_equal(kit_said(k), "phone clear\nmodel truncate a1 at 200\n");
 *         kit_close(k);
 * Lines:  phone media BYTES, phone mark NAME, phone clear; model update, model append BYTES,
 *         model say [protected] "…", model respond SOURCE, model output CALL JSON, model tell "…",
 *         model truncate ITEM at MS;
 *         turn POSITION caller|receptionist [cut] [final] "…". Audio is also kept as bytes, in order. Everything
 *         that comes out is read by the readers of the other role, which refuse what Twilio or Grok would refuse.
 */
#pragma once

#include "relay/bridge.h"

#include "proto/base64.h"
#include "proto/ws.h"

enum { KIT_AUDIO_BYTES_MAX = 1 << 20, KIT_SAID_BYTES_MAX = 256 * 1024 };

struct kit {
	struct bridge bridge;
	struct pool pool;
	struct buf phone_buf, model_buf;
	struct metrics metrics;
	struct random random;
	struct turn_sink sink;
	struct twilio_reader twilio_in, twilio_out;
	struct grok_reader grok_in, grok_out;
	struct ws phone_ws, model_ws;
	uint64_t now_ms;
	/* Of the merchant, besides the greeting; to be set before kit_merchant(). */
	const char *disclosure;
	bool needs_consent;
	struct bridge_manners manners;
	struct tool_sink *tools;                /* set before kit_talk() */
	struct slice farewell, transfer_number;
	enum merchant_keypad keypad;
	const struct merchant_keys *menu;
	double vad_threshold;                   /* of the last session.update, as the next */
	int64_t vad_silence_ms;
	unsigned turn_count, final_count;
	size_t heard_bytes, forwarded_bytes;    /* what the caller would hear; what Grok was sent */
	size_t media_bytes_last;
	unsigned clear_count;
	uint8_t heard[KIT_AUDIO_BYTES_MAX], forwarded[KIT_AUDIO_BYTES_MAX];
	char marks[64][MARK_NAME_BYTES_MAX + 1];        /* sent, not returned */
	unsigned mark_count;
	/* For tests that look at every message themselves: nothing is written down, marks are not kept. */
	void (*watch_phone)(struct kit *k, const struct twilio_event *event);
	void (*watch_model)(struct kit *k, const struct grok_event *event);
	void (*watch_turn)(struct kit *k, const struct turn *turn);
	void *watcher;
	bool phone_is_stuck;                    /* what is said to Twilio stays in phone_buf */
	size_t said_len, taken_len;
	char said[KIT_SAID_BYTES_MAX];
};

struct kit *kit_open(void);
void kit_close(struct kit *k);
void kit_twilio(struct kit *k, const char *json);
void kit_grok(struct kit *k, const char *json);
/* Time passes; the bridge gets its tick. */
void kit_pass(struct kit *k, uint64_t ms);
/* Reads what the bridge has written; the functions above do. */
void kit_read(struct kit *k);
/* The lines since the last call. */
const char *kit_said(struct kit *k);

/* Longer phrases. */
void kit_merchant(struct kit *k, const char *greeting);
void kit_start(struct kit *k);
void kit_caller(struct kit *k, uint8_t byte, size_t bytes);
/* Grok's leg opens, it speaks, is asked, and echoes what was asked for. */
void kit_ready(struct kit *k);
/* All of these, and what was said forgotten. */
void kit_talk(struct kit *k, const char *greeting);
void kit_response(struct kit *k, const char *response);
void kit_delta(struct kit *k, const char *response, const char *item, uint8_t byte, size_t bytes);
void kit_words(struct kit *k, const char *response, const char *item, const char *words);
void kit_done(struct kit *k, const char *response);
/* Twilio returns the first `count` marks that are out. */
void kit_marks_back(struct kit *k, unsigned count);
