/*
 * grok_kind - the names of the realtime events of xAI and OpenAI, in one table, with the aliases of older versions.
 *
 * Place:  below grok. A kind is what the code switches over; its name is what stands on the wire.
 * Usage:  grok_kind_of(FROM_GROK, SLICE("response.audio.delta"))  gives GROK_AUDIO_DELTA
 */
#pragma once

#include "base/slice.h"

/* X(kind, type) - from the client to the server */
#define GROK_CLIENT_KINDS(X) \
	X(SESSION_UPDATE, "session.update") \
	X(AUDIO_APPEND, "input_audio_buffer.append") \
	X(AUDIO_COMMIT, "input_audio_buffer.commit") \
	X(AUDIO_CLEAR, "input_audio_buffer.clear") \
	X(ITEM_CREATE, "conversation.item.create") \
	X(ITEM_DELETE, "conversation.item.delete") \
	X(ITEM_TRUNCATE, "conversation.item.truncate") \
	X(RESPONSE_CREATE, "response.create") \
	X(RESPONSE_CANCEL, "response.cancel")

/* from the server to the client */
#define GROK_SERVER_KINDS(X) \
	X(SESSION_CREATED, "session.created") \
	X(SESSION_UPDATED, "session.updated") \
	X(CONVERSATION_CREATED, "conversation.created") \
	X(PING, "ping") \
	X(SPEECH_STARTED, "input_audio_buffer.speech_started") \
	X(SPEECH_STOPPED, "input_audio_buffer.speech_stopped") \
	X(AUDIO_COMMITTED, "input_audio_buffer.committed") \
	X(AUDIO_CLEARED, "input_audio_buffer.cleared") \
	X(AUDIO_TIMEOUT, "input_audio_buffer.timeout_triggered") \
	X(AUDIO_DTMF, "input_audio_buffer.dtmf_event_received") \
	X(CALLER_TEXT_UPDATED, "conversation.item.input_audio_transcription.updated") \
	X(CALLER_TEXT_COMPLETED, "conversation.item.input_audio_transcription.completed") \
	X(CALLER_TEXT_DELTA, "conversation.item.input_audio_transcription.delta") \
	X(CALLER_TEXT_FAILED, "conversation.item.input_audio_transcription.failed") \
	X(ITEM_ADDED, "conversation.item.added") \
	X(ITEM_DONE, "conversation.item.done") \
	X(ITEM_TRUNCATED, "conversation.item.truncated") \
	X(ITEM_DELETED, "conversation.item.deleted") \
	X(RESPONSE_CREATED, "response.created") \
	X(RESPONSE_DONE, "response.done") \
	X(OUTPUT_ITEM_ADDED, "response.output_item.added") \
	X(OUTPUT_ITEM_DONE, "response.output_item.done") \
	X(PART_ADDED, "response.content_part.added") \
	X(PART_DONE, "response.content_part.done") \
	X(AUDIO_DELTA, "response.output_audio.delta") \
	X(AUDIO_DONE, "response.output_audio.done") \
	X(TRANSCRIPT_DELTA, "response.output_audio_transcript.delta") \
	X(TRANSCRIPT_DONE, "response.output_audio_transcript.done") \
	X(TEXT_DELTA, "response.output_text.delta") \
	X(TEXT_DONE, "response.output_text.done") \
	X(ARGUMENTS_DELTA, "response.function_call_arguments.delta") \
	X(ARGUMENTS_DONE, "response.function_call_arguments.done") \
	X(RATE_LIMITS, "rate_limits.updated") \
	X(MCP_LIST_IN_PROGRESS, "mcp_list_tools.in_progress") \
	X(MCP_LIST_COMPLETED, "mcp_list_tools.completed") \
	X(MCP_LIST_FAILED, "mcp_list_tools.failed") \
	X(MCP_ARGUMENTS_DELTA, "response.mcp_call_arguments.delta") \
	X(MCP_ARGUMENTS_DONE, "response.mcp_call_arguments.done") \
	X(MCP_CALL_IN_PROGRESS, "response.mcp_call.in_progress") \
	X(MCP_CALL_COMPLETED, "response.mcp_call.completed") \
	X(MCP_CALL_FAILED, "response.mcp_call.failed") \
	X(ERROR, "error")

/* other names of the same, as older versions of the service and its relatives send them */
#define GROK_ALIASES(X) \
	X(AUDIO_DELTA, "response.audio.delta") \
	X(AUDIO_DONE, "response.audio.done") \
	X(TRANSCRIPT_DELTA, "response.audio_transcript.delta") \
	X(TRANSCRIPT_DONE, "response.audio_transcript.done") \
	X(TEXT_DELTA, "response.text.delta") \
	X(TEXT_DONE, "response.text.done") \
	X(ITEM_ADDED, "conversation.item.created")

enum grok_kind {
	GROK_UNKNOWN,                           /* of another type: to be counted, never fatal */
#define X(name, type) GROK_##name,
	GROK_CLIENT_KINDS(X)
	GROK_SERVER_KINDS(X)
#undef X
	GROK_KIND_COUNT
};

enum grok_direction { FROM_GROK, TO_GROK };

/* GROK_UNKNOWN for a type that this direction does not have. */
enum grok_kind grok_kind_of(enum grok_direction from, struct slice type);
/* The type on the wire; "unknown" for GROK_UNKNOWN. */
const char *grok_kind_name(enum grok_kind kind);
