/*
 * metrics - what the relay counts, one table, and how it is told to Prometheus.
 *
 * Place:    relay, above base only. Pure memory: no I/O, no lock.
 * Usage:    metrics_add(m, METRIC_PHONE_FRAMES, 1);  metrics_set(m, METRIC_POOL_USED, bytes);
 *           metrics_observe(m, METRIC_TURN_SECONDS, ns / 1e9);  metrics_end(m, END_CALLER_HUNG_UP);
 *           metrics_write(&out, all, count)          the page: every thread's struct added up
 * Threads:  one struct a thread and only that thread writes it, with relaxed atomic stores; anybody
 *           may read. The page is therefore a snapshot of numbers that each are right, not of one
 *           instant.
 * Fails:    metrics_write() returns false if `out` has no room; nothing else can fail.
 */
#pragma once

#include "base/buf.h"
#include "base/end_reason.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* COUNTER(enum, name behind "receptionai_relay_", help): only grows; its name ends in _total. */
#define METRIC_COUNTERS(COUNTER) \
	COUNTER(SOCKETS_ACCEPTED, "sockets_accepted_total", "Sockets accepted on the media listener") \
	COUNTER(SOCKETS_REFUSED_FULL, "sockets_refused_full_total", "Upgrades refused because all calls are in use") \
	COUNTER(SOCKETS_REFUSED_PENDING, "sockets_refused_pending_total", \
		"Sockets closed because too many had not proved themselves yet") \
	COUNTER(SOCKETS_REFUSED_DRAINING, "sockets_refused_draining_total", "Upgrades refused while draining") \
	COUNTER(SOCKETS_REFUSED_AUTH, "sockets_refused_auth_total", \
		"Upgrades refused for want of a good token or signature") \
	COUNTER(SOCKETS_REFUSED_PROTOCOL, "sockets_refused_protocol_total", \
		"Sockets that never became a WebSocket: bad TLS, bad HTTP, too slow") \
	COUNTER(CALLS_STARTED, "calls_started_total", "Calls whose upgrade was accepted") \
	COUNTER(NOTICES, "notices_total", "Messages received on RELAY_SOCKET") \
	COUNTER(NOTICES_FULL, "notices_full_total", "Calls to come that the webhook was told there is no room for") \
	COUNTER(NOTICES_DRAINING, "notices_draining_total", "Calls to come that were not taken while draining") \
	COUNTER(NOTICES_BAD, "notices_bad_total", "Peers of RELAY_SOCKET that were hung up on: nonsense, or too slow") \
	COUNTER(WARM_ANNOUNCED, "warm_announced_total", "Sessions that were to be opened before their call") \
	COUNTER(WARM_REPEATED, "warm_repeated_total", "Announcements of a call that had been announced") \
	COUNTER(WARM_REFUSED_FULL, "warm_refused_full_total", \
		"Announcements without a session because RELAY_WARM_MAX were waiting") \
	COUNTER(WARM_CLAIMED, "warm_claimed_total", "Sessions whose call came") \
	COUNTER(WARM_EARLY, "warm_early_total", "Calls that came before their session could be opened") \
	COUNTER(WARM_EXPIRED, "warm_expired_total", "Sessions whose call did not come in time") \
	COUNTER(WARM_FORGOTTEN, "warm_forgotten_total", "Sessions whose caller hung up before the stream") \
	COUNTER(WARM_FAILED, "warm_failed_total", "Sessions that could not be opened, or broke before their call") \
	COUNTER(PHONE_FRAMES, "phone_frames_total", "Messages received from Twilio") \
	COUNTER(PHONE_AUDIO_BYTES, "phone_audio_bytes_total", "Caller audio received, mu-law bytes") \
	COUNTER(PHONE_OUTBOUND_FRAMES, "phone_outbound_frames_total", \
		"Frames of the outbound track that Twilio sent and that were not forwarded") \
	COUNTER(PHONE_UNKNOWN_EVENTS, "phone_unknown_events_total", "Twilio events of an unknown kind") \
	COUNTER(PHONE_BAD_MESSAGES, "phone_bad_messages_total", "Messages from Twilio that could not be read") \
	COUNTER(CALLER_FRAMES_FORWARDED, "caller_frames_forwarded_total", "Caller audio messages sent to Grok") \
	COUNTER(CALLER_FRAMES_DROPPED, "caller_frames_dropped_total", \
		"Caller audio messages dropped, oldest first, because Grok was not ready or too slow") \
	COUNTER(CALLER_DIGITS, "caller_digits_total", "Keypad digits received") \
	COUNTER(VOICE_MESSAGES, "voice_messages_total", "Audio messages sent to Twilio") \
	COUNTER(VOICE_AUDIO_BYTES, "voice_audio_bytes_total", "Audio sent to Twilio, mu-law bytes") \
	COUNTER(VOICE_DELTAS, "voice_deltas_total", "Audio deltas received from Grok") \
	COUNTER(VOICE_DELTAS_VERBATIM, "voice_deltas_verbatim_total", "Audio deltas copied without decoding") \
	COUNTER(VOICE_DELTAS_FENCED, "voice_deltas_fenced_total", "Late audio deltas of answers that were over") \
	COUNTER(VOICE_DELTAS_BAD, "voice_deltas_bad_total", "Audio deltas whose audio is not base64") \
	COUNTER(BARGE_INS, "barge_ins_total", "Times a caller spoke into an answer") \
	COUNTER(BARGE_INS_BY_EAR, "barge_ins_by_ear_total", \
		"Times a caller spoke into an answer and the relay heard it before Grok told") \
	COUNTER(CLEARS, "clears_total", "Clear messages sent to Twilio") \
	COUNTER(TRUNCATES, "truncates_total", "Truncate messages sent to Grok") \
	COUNTER(MARKS_SENT, "marks_sent_total", "Marks sent to Twilio") \
	COUNTER(MARKS_PLAYED, "marks_played_total", "Marks that came back as played") \
	COUNTER(MARKS_STALE, "marks_stale_total", "Marks that came back after a clear") \
	COUNTER(MARKS_FOREIGN, "marks_foreign_total", "Marks that came back and were never sent") \
	COUNTER(MODEL_FRAMES, "model_frames_total", "Messages received from Grok") \
	COUNTER(MODEL_UNKNOWN_EVENTS, "model_unknown_events_total", "Grok events of an unknown kind") \
	COUNTER(MODEL_BAD_MESSAGES, "model_bad_messages_total", "Messages from Grok that could not be read") \
	COUNTER(MODEL_ERRORS, "model_errors_total", "Error events received from Grok") \
	COUNTER(MODEL_DIALS, "model_dials_total", "Connections begun to Grok") \
	COUNTER(MODEL_RESUMED_TLS, "model_tls_resumed_total", "Connections to Grok that resumed a TLS session") \
	COUNTER(MODEL_UPDATES, "model_session_updates_total", "session.update messages sent") \
	COUNTER(TOOL_CALLS, "tool_calls_total", "Function calls that Grok made, each once") \
	COUNTER(TOOL_DUPLICATES, "tool_duplicates_total", "Events that showed a function call again") \
	COUNTER(TOOL_REFUSED, "tool_refused_total", "Function calls without an id, or too many at a time") \
	COUNTER(TOOL_FAILED, "tool_failed_total", "Function calls that were answered with an error") \
	COUNTER(TOOL_LATE, "tool_late_total", "Results of tools that came after their deadline or the call's end") \
	COUNTER(ERRANDS, "errands_total", "Requests to merchants' own services") \
	COUNTER(ERRANDS_FAILED, "errands_failed_total", "Requests to merchants' services that did not succeed") \
	COUNTER(ERRANDS_REPEATED, "errands_repeated_total", "Attempts after the first") \
	COUNTER(ERRANDS_PRIVATE, "errands_private_refused_total", \
		"Requests refused because the service's address is not public") \
	COUNTER(MODEL_LOST, "model_lost_total", "Connections to a model that were lost or given up in a call") \
	COUNTER(MODEL_BACK, "model_back_total", "Sessions that went on with a call whose connection was lost") \
	COUNTER(MODEL_MOVED, "model_moved_total", "Sessions left because of their age") \
	COUNTER(MODEL_FALLBACKS, "model_fallbacks_total", "Calls that the second provider was dialled for") \
	COUNTER(MODEL_SKIPPED, "model_skipped_total", "New calls that did not wait for a provider known to be dead") \
	COUNTER(MODEL_REPLAYED, "model_replayed_total", "Events that only repeated what was said before") \
	COUNTER(MODEL_LINEAR, "model_linear_total", "Sessions whose audio came as 24 kHz PCM and was transcoded") \
	COUNTER(MODEL_RETOLD, "model_retold_total", "Lines told to a model that had not heard the conversation") \
	COUNTER(COMFORT_MESSAGES, "comfort_messages_total", "Pieces of the tone sent while no voice was there") \
	COUNTER(PATIENCE_ENDS, "patience_ends_total", "Waits that ended without what was waited for") \
	COUNTER(FILLERS, "fillers_total", "Filler words said because an answer took long") \
	COUNTER(RETRIES, "answer_retries_total", "Answers that were asked for once more") \
	COUNTER(PROMPTS, "silence_prompts_total", "Times a silent caller was asked whether anybody is there") \
	COUNTER(LIMIT_WARNINGS, "limit_warnings_total", "Callers who were told that their call ends soon") \
	COUNTER(TURNS, "turns_total", "Utterances handed to the database") \
	COUNTER(DESK_REFUSED, "desk_refused_total", "Orders that the desk refused because its queue was full") \
	COUNTER(DESK_FAILED, "desk_failed_total", "Orders that the desk could not carry out") \
	COUNTER(DESK_LATE, "desk_late_total", "Calls whose sockets closed before their end was in the database") \
	COUNTER(RECORDINGS, "recordings_total", "Streams whose recording began") \
	COUNTER(RECORDINGS_STOPPED, "recordings_stopped_total", \
		"Recordings that the disk has ended before their stream; the call went on") \
	COUNTER(RECORDINGS_WITHDRAWN, "recordings_withdrawn_total", "Recordings that the caller did not want") \
	COUNTER(RECORDINGS_REFUSED, "recordings_refused_total", \
		"Streams that were not recorded for want of a slot or because of their call's name") \
	COUNTER(RECORDING_BYTES, "recording_bytes_total", "Bytes written to recordings") \
	COUNTER(PONGS, "pongs_total", "WebSocket pings that were answered") \
	COUNTER(PONGS_MISSED, "pongs_missed_total", "WebSocket pings that were not answered before the next one") \
	COUNTER(PHONE_PAUSES, "phone_pauses_total", "Times reading from Grok paused because Twilio was slow") \
	COUNTER(POOL_REFUSED, "pool_refusals_total", "Times that a pool was used up") \
	COUNTER(TLS_ALLOCATIONS, "tls_allocations_total", "Allocations that the TLS library has made") \
	COUNTER(LOOP_TURNS, "loop_turns_total", "Turns of the ring threads") \
	COUNTER(CERTIFICATE_RELOADS, "certificate_reloads_total", "Successful reloads of the TLS certificate") \
	COUNTER(CERTIFICATE_RELOADS_FAILED, "certificate_reloads_failed_total", \
		"Failed reloads of the TLS certificate")

/* GAUGE(enum, name, help): the value now, added up over the threads. */
#define METRIC_GAUGES(GAUGE) \
	GAUGE(CALLS, "calls", "Calls in progress") \
	GAUGE(WARM_WAITING, "warm_sessions", "Sessions that wait for their call") \
	GAUGE(SESSIONS, "grok_sessions", "Sessions that count against GROK_SESSIONS_MAX") \
	GAUGE(PENDING, "pending_sockets", "Sockets that have not proved themselves yet") \
	GAUGE(POOL_USED, "pool_used_bytes", "Bytes of pooled memory in use") \
	GAUGE(CALLS_MAX, "calls_max", "Calls that are allowed at a time") \
	GAUGE(DRAINING, "draining", "1 while the relay is ending and takes no new calls") \
	GAUGE(DATABASE_UP, "database_up", "1 while the database can be used") \
	GAUGE(DESK_QUEUE, "desk_queue_length", "Orders waiting for the desk") \
	GAUGE(DESK_KEPT, "desk_kept_orders", "Orders that the database has refused and that are tried again") \
	GAUGE(RECORDINGS_OPEN, "recordings_open", "Recordings under way, or being written behind their call") \
	GAUGE(RECORDING_FOLDER, "recording_folder_up", \
		"1 while RECEPTIONAI_SPOOL can be written to and has room, or nothing is to be recorded") \
	GAUGE(ERRANDS_RUNNING, "errands_running", "Requests to merchants' services under way") \
	GAUGE(TLS_HEAP, "tls_heap_bytes", "Memory that the TLS library holds")

/* HISTOGRAM(enum, name, help, bucket bounds in seconds...) */
#define METRIC_HISTOGRAMS(HISTOGRAM) \
	HISTOGRAM(TURN_SECONDS, "turn_duration_seconds", "Time that a turn of a ring thread works", \
		0.000016, 0.000032, 0.000064, 0.000128, 0.000256, 0.000512, 0.001024, 0.002048, \
		0.004096, 0.008192, 0.016384) \
	HISTOGRAM(MODEL_READY_SECONDS, "model_ready_seconds", "From the upgrade to session.updated", \
		0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5) \
	HISTOGRAM(MODEL_ANSWER_SECONDS, "model_answer_seconds", \
		"From speech_stopped to the first audio of the answer", \
		0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10) \
	HISTOGRAM(TOOL_SECONDS, "tool_duration_seconds", "From a function call to its result", \
		0.01, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10, 20) \
	HISTOGRAM(ERRAND_SECONDS, "errand_duration_seconds", "Requests to merchants' services, all attempts", \
		0.01, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10, 20) \
	HISTOGRAM(FIRST_AUDIO_SECONDS, "first_audio_seconds", "From Twilio's start to the first audio sent to it", \
		0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5) \
	HISTOGRAM(CALL_SECONDS, "call_duration_seconds", "From the upgrade to the end of a call", \
		1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600) \
	HISTOGRAM(DESK_SECONDS, "desk_order_seconds", "From an order to the desk until it is done", \
		0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)

enum metric {
#define METRIC_ENUM(name, ...) METRIC_##name,
	METRIC_COUNTERS(METRIC_ENUM)
	METRIC_GAUGES(METRIC_ENUM)
	METRIC_COUNT,
};

enum metric_histogram {
	METRIC_HISTOGRAMS(METRIC_ENUM)
	METRIC_HISTOGRAM_COUNT,
#undef METRIC_ENUM
};

enum { METRIC_BUCKET_COUNT_MAX = 12, METRICS_PAGE_BYTES_MAX = 64 * 1024 };

struct metrics_histogram {
	_Atomic uint64_t buckets[METRIC_BUCKET_COUNT_MAX + 1];  /* the last one: above all bounds */
	_Atomic uint64_t sum_us;
};

/* A zeroed struct is ready. */
struct metrics {
	_Atomic uint64_t values[METRIC_COUNT];
	_Atomic uint64_t ends[END_REASON_COUNT];
	struct metrics_histogram histograms[METRIC_HISTOGRAM_COUNT];
};

static inline void metrics_bump(_Atomic uint64_t *value, uint64_t n)
{
	atomic_store_explicit(value, atomic_load_explicit(value, memory_order_relaxed) + n, memory_order_relaxed);
}

static inline void metrics_add(struct metrics *m, enum metric metric, uint64_t n)
{
	metrics_bump(&m->values[metric], n);
}

static inline void metrics_set(struct metrics *m, enum metric metric, uint64_t value)
{
	atomic_store_explicit(&m->values[metric], value, memory_order_relaxed);
}

static inline uint64_t metrics_get(const struct metrics *m, enum metric metric)
{
	return atomic_load_explicit(&m->values[metric], memory_order_relaxed);
}

static inline void metrics_end(struct metrics *m, enum end_reason reason)
{
	metrics_bump(&m->ends[reason], 1);
}

void metrics_observe(struct metrics *m, enum metric_histogram histogram, double seconds);
/* Shows counts that somebody else keeps, one a bucket. */
void metrics_show(struct metrics *m, enum metric_histogram histogram, const uint64_t *counts, size_t count,
	uint64_t sum_us);
uint64_t metrics_sum(struct metrics *const *all, size_t count, enum metric metric);
/* The text exposition format, version 0.0.4. `version` is the program's, for the build_info line. */
bool metrics_write(struct buf *out, struct metrics *const *all, size_t count, const char *version);
