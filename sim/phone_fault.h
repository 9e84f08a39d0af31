/*
 * phone_fault - the ways in which the simulated Twilio and its caller misbehave on request: one table gives names and
 * help.
 *
 * Place:    sim, pure. phone_options reads the names; those that are a setting are set there, the stream asks for the
 *           others by phone_fault_on().
 * Usage:    phone_fault_parse(&set, "segments")
 * Fails:    phone_fault_parse() returns false: no such fault.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* PHONE_FAULT(enum, name, what happens) */
#define PHONE_FAULTS(PHONE_FAULT) \
	/* the webhook's request */ \
	PHONE_FAULT(WRONG_TOKEN, "wrong-token", "requests and the stream are signed with another token") \
	PHONE_FAULT(NO_SIGNATURE, "no-signature", "nothing is signed") \
	PHONE_FAULT(GARBLED_SIGNATURE, "garbled-signature", "signatures are no base64") \
	PHONE_FAULT(GET, "get", "the webhook is asked by GET") \
	PHONE_FAULT(RETRY, "retry", "the webhook is asked twice, as after a lost answer") \
	PHONE_FAULT(NO_FROM, "no-from", "From and Caller are empty") \
	PHONE_FAULT(ANONYMOUS, "anonymous", "the caller's number is withheld") \
	PHONE_FAULT(UNKNOWN_FIELDS, "unknown-fields", "requests have fields that nobody knows") \
	PHONE_FAULT(DOUBLE_FIELDS, "double-fields", "a field is there twice, with two values") \
	PHONE_FAULT(UTF8_FIELDS, "utf8-fields", "names of places are written in other scripts") \
	PHONE_FAULT(LONG_FIELD, "long-field", "a CallToken of 20 KB") \
	/* how bytes travel */ \
	PHONE_FAULT(SEGMENTS, "segments", "the stream's bytes come in segments of 1 to 7") \
	PHONE_FAULT(FRAGMENTS, "fragments", "messages come in WebSocket frames of 11 bytes") \
	PHONE_FAULT(BURSTS, "bursts", "audio comes 300 ms at a time, in one segment") \
	PHONE_FAULT(PINGS, "pings", "a ping before every message, also between its fragments") \
	/* what the stream says */ \
	PHONE_FAULT(SEED, "seed", "the older documents' message shapes, with both tracks") \
	PHONE_FAULT(GAPS, "gaps", "every tenth frame of audio is lost") \
	PHONE_FAULT(DOUBLED_AUDIO, "doubled-audio", "every tenth frame of audio comes twice") \
	PHONE_FAULT(NO_START, "no-start", "connected, then silence: no start message") \
	PHONE_FAULT(START_TWICE, "start-twice", "the start message comes twice") \
	PHONE_FAULT(MEDIA_FIRST, "media-first", "audio before the start message") \
	PHONE_FAULT(OTHER_CALL, "other-call", "the start message is of another call") \
	PHONE_FAULT(OTHER_STREAM, "other-stream", "after a second, audio of another stream") \
	PHONE_FAULT(BAD_BASE64, "bad-base64", "after a second, audio that is no base64") \
	PHONE_FAULT(NOT_JSON, "not-json", "after a second, a message that is no JSON") \
	PHONE_FAULT(BINARY, "binary", "after a second, a binary message") \
	PHONE_FAULT(UNKNOWN_EVENT, "unknown-event", "after a second, an event of an unknown kind") \
	PHONE_FAULT(FOREIGN_MARK, "foreign-mark", "after a second, a mark that was never sent comes back") \
	PHONE_FAULT(HUGE_MESSAGE, "huge-message", "after a second, a message of 70 KB") \
	/* how it ends */ \
	PHONE_FAULT(CLOSE, "close", "the caller's end: the stream closes without a stop message") \
	PHONE_FAULT(RESET, "reset", "the caller's end: the connection is reset") \
	PHONE_FAULT(VANISH, "vanish", "the caller's end: Twilio falls silent, answers pings, keeps the socket") \
	PHONE_FAULT(HALF_OPEN, "half-open", "the caller's end: nothing is read or sent any more, the socket stays")

enum phone_fault {
#define PHONE_FAULT_ENUM(name, word, help) PHONE_FAULT_##name,
	PHONE_FAULTS(PHONE_FAULT_ENUM)
#undef PHONE_FAULT_ENUM
	PHONE_FAULT_COUNT
};

static inline bool phone_fault_on(uint64_t set, enum phone_fault fault)
{
	return set & (UINT64_C(1) << fault);
}

bool phone_fault_parse(uint64_t *set, const char *name);
/* A line each, for --help. */
void phone_fault_print(FILE *out);
