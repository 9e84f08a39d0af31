/*
 * fault - the ways in which the simulated Grok misbehaves on request: one table gives names, help and defaults.
 *
 * Place:    sim, pure. The session asks fault_on(); --help prints the table.
 * Usage:    fault_parse(&faults, "stall-before-audio:9000", why, sizeof why)
 *           if (fault_on(&faults, FAULT_STALL)) wait fault_value(&faults, FAULT_STALL) ms
 * Fails:    fault_parse() returns false with a sentence.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* FAULT(enum, name, default of ARG, what happens). A default of -1: the fault takes no ARG. */
#define FAULTS(FAULT) \
	FAULT(REFUSE_401, "refuse-401", -1, "answer the upgrade with 401 Unauthorized") \
	FAULT(REFUSE_403, "refuse-403", -1, "answer the upgrade with 403 Forbidden") \
	FAULT(REFUSE_404, "refuse-404", -1, "answer the upgrade with 404 Not Found") \
	FAULT(REFUSE_429, "refuse-429", -1, "answer the upgrade with 429 Too Many Requests") \
	FAULT(REFUSE_503, "refuse-503", -1, "answer the upgrade with 503 Service Unavailable") \
	FAULT(REFUSE_500, "refuse-500", -1, "answer the upgrade with 500 Internal Server Error") \
	FAULT(LATE_UPGRADE, "late-upgrade", 3000, "answer the upgrade after ARG ms") \
	FAULT(CUT_UPGRADE, "cut-upgrade", -1, "reset the connection when the upgrade is asked for") \
	FAULT(HANG_UPGRADE, "hang-upgrade", -1, "accept the connection, never answer the upgrade") \
	FAULT(NO_SESSION_CREATED, "legacy-no-session-created", -1, "begin with conversation.created, as once") \
	FAULT(NO_PING, "no-ping", -1, "never send the ping event") \
	FAULT(NEVER_READY, "never-ready", -1, "never send session.updated") \
	FAULT(LATE_READY, "late-ready", 4000, "send session.updated after ARG ms") \
	FAULT(SECOND_READY, "ready-on-second-update", -1, "do not answer the first session.update") \
	FAULT(ERROR_ON_UPDATE, "error-on-update", -1, "answer session.update with an error") \
	FAULT(WRONG_FORMAT, "wrong-format", -1, "session.updated shows 24 kHz PCM, and so it is") \
	FAULT(PCM24K, "pcm24k", -1, "speak 24 kHz PCM although mu-law was asked for") \
	FAULT(STALL, "stall-before-audio", 9000, "think for ARG ms before the first audio of an answer") \
	FAULT(SLOW, "slow-generation", 1, "generate audio at ARG times real time instead of 5 to 20") \
	FAULT(HUGE_DELTA, "huge-delta", -1, "send a response's audio as one delta") \
	FAULT(FRAGMENTED, "fragmented", 100, "send text in WebSocket frames of at most ARG bytes") \
	FAULT(MALFORMED_BASE64, "malformed-base64", -1, "break the base64 of every third delta") \
	FAULT(BROKEN_JSON, "broken-json", -1, "send a message that is no JSON before the first audio") \
	FAULT(UNKNOWN_EVENT, "unknown-event", -1, "send an event of an unknown type before the first audio") \
	FAULT(BINARY_FRAME, "binary-frame", -1, "send a binary message nobody asked for before the first audio") \
	FAULT(DROP_MID_DELTA, "close-mid-delta-1006", -1, "reset the connection in the middle of a response") \
	FAULT(CLOSE_1011, "close-1011", -1, "close with 1011 in the middle of a response") \
	FAULT(CLOSE_1000, "close-1000", -1, "close with 1000 after the first response") \
	FAULT(MAX_DURATION, "max-duration", 10000, "after ARG ms send error max_duration and close") \
	FAULT(TIMEOUT, "timeout", 10000, "after ARG ms send error timeout and close") \
	FAULT(SILENT, "silent", 5000, "after ARG ms send nothing any more, keep the connection (half open)") \
	FAULT(STARTED_TWICE, "speech-started-twice", -1, "send speech_started twice for each turn") \
	FAULT(BATCHED_SPEECH, "batched-speech", -1, "send speech_started only together with speech_stopped") \
	FAULT(NO_SPEECH_STARTED, "no-speech-started", -1, "never send speech_started") \
	FAULT(LATE_DELTAS, "late-deltas", 3, "after an interruption send ARG more deltas of the old response") \
	FAULT(NO_DONE, "no-done", -1, "an interrupted response never gets its response.done") \
	FAULT(DONE_LOST, "done-lost", -1, "no response gets its response.done") \
	FAULT(CREATED_FIRST, "created-before-committed", -1, "send response.created before committed") \
	FAULT(STALE_TRANSCRIPT, "stale-transcript", -1, "after the completed transcript send a shorter one") \
	FAULT(DROP_CREATE, "drop-create", -1, "ignore a response.create that brings no new input") \
	FAULT(ERROR_ON_CREATE, "error-on-create", -1, "answer an overlapping response.create with an error") \
	FAULT(TRUNCATE_ERROR, "truncate-error", -1, "answer every truncate with Item not found") \
	FAULT(TRUNCATE_IGNORE, "truncate-ignore", -1, "never answer a truncate") \
	FAULT(CUT_TRUNCATE_IGNORE, "truncate-unfinished-ignore", -1, "never answer a truncate of an unfinished item") \
	FAULT(CUT_TRUNCATE_ACK, "truncate-unfinished-ack", -1, "confirm a truncate of an unfinished item") \
	FAULT(ERROR_STORM, "error-storm", 20, "send ARG harmless errors once the session is ready") \
	FAULT(REWORDED, "reworded-transcript", -1, "complete a transcript twice, with other words the first time") \
	FAULT(OLD_NAMES, "old-names", -1, "use the names that older services had for events") \
	FAULT(CALL_TWICE, "call-twice", -1, "announce each function call a second time") \
	FAULT(CALL_BROKEN, "call-broken-arguments", -1, "cut the arguments of function calls short") \
	FAULT(CALL_UNKNOWN, "call-unknown", -1, "call a function that was not offered instead of the right one") \
	FAULT(FORGET, "resume-forgotten", -1, "know nothing of the conversation that a client wants to go on with") \
	FAULT(MCP_FAILED, "mcp-failed", -1, "the tools of an MCP server can not be listed")

enum fault {
#define FAULT_ENUM(id, name, value, help) FAULT_##id,
	FAULTS(FAULT_ENUM)
#undef FAULT_ENUM
	FAULT_COUNT
};

enum { FAULT_LIST_BYTES_MAX = 2048 };

struct faults {
	uint64_t mask;
	int32_t values[FAULT_COUNT];
};

/* "NAME" or "NAME:ARG". */
bool fault_parse(struct faults *faults, const char *text, char *why, size_t why_bytes);
const char *fault_name(enum fault fault);
/* Their names with commas between them; "none". */
void fault_list(const struct faults *faults, char *out, size_t out_bytes);
void fault_help(FILE *out);

static inline bool fault_on(const struct faults *faults, enum fault fault)
{
	return faults->mask >> fault & 1;
}

static inline int32_t fault_value(const struct faults *faults, enum fault fault)
{
	return faults->values[fault];
}

static_assert((int)FAULT_COUNT <= 64, "a fault is a bit of the mask");
