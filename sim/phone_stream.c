/*
 * The happy path: dial, 101, connected, start; then turn by turn: what came is heard or noted, what is due is sent: a
 * frame every 20 ms, a mark when its audio was played; the script says when the caller speaks and when he has done.
 * The end is the caller's (stop, close) or the server's (its close, or worse).
 */
#include "sim/phone_stream.h"

#include "base/check.h"
#include "base/clock.h"
#include "sim/caller.h"
#include "sim/ear.h"
#include "sim/pacing.h"
#include "sim/playback.h"
#include "sim/stream_callback.h"
#include "sim/stream_dial.h"
#include "sim/stream_in.h"
#include "sim/stream_out.h"
#include "sim/stream_replay.h"
#include "sim/wsconn.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	HANDSHAKE_MS = 5000,
	CLOSE_MS = 2000,
	VANISHED_MS = 20000, /* how long a vanished caller's socket stays */
	HEARD_BYTES_MAX = 64 * 1024,
	BURST_FRAMES = 15,
	LATE_MS = 5, /* a frame later than this is counted */
	CATCH_UP_US = HEARD_BYTES_MAX / ULAW_BYTES_PER_MS * 1000 / 2,
};

enum phase { PHASE_DIALLING, PHASE_TALKING, PHASE_LEAVING, PHASE_OVER };

struct stream {
	struct phone_call *call;
	const struct stream_plan *plan;
	struct wsconn_env env;
	struct wsconn *conn;
	struct stream_out out;
	struct stream_in in;
	struct stream_replay replay;
	struct playback playback;
	struct ear ear;
	struct caller caller;
	struct buf heard;
	enum phase phase;
	enum stream_end end;
	uint64_t deadline_ms; /* DIALLING, LEAVING */
	uint64_t start_us, first_frame_us, frames_sent, last_turn_us;
	bool was_voice;
	uint64_t voice_at_ms;           /* on the story's clock: when it began */
	uint8_t heard_bytes[HEARD_BYTES_MAX];
};

static uint64_t now_us(void)
{
	return clock_mono_ns() / 1000;
}

static void tell(const struct stream *s, const char *who, const char *what)
{
	timeline_tell(&s->call->timeline, clock_mono_ms(), who, "%s", what);
}

/* --- the beginning ------------------------------------------------------------------------------------ */

static bool dial(struct stream *s)
{
	struct phone_call *call = s->call;
	struct stream_dial how;
	char why[NET_WHY_BYTES];

	if (!stream_dial_init(&how, s->plan->url, call->options, call->webhook_env.token)) {
		call_violation(call, VERDICT_31922, "%.100s", s->plan->url);
		return false;
	}
	s->env = (struct wsconn_env){ .pool = &call->pool,
		.random = &call->random,
		.tls = how.is_tls ? call->tls : NULL,
		.message_bytes_max = STREAM_IN_BYTES_MAX,
		.out_bytes_max = STREAM_IN_BYTES_MAX,
		.segment_bytes_max = phone_fault_on(call->options->faults, PHONE_FAULT_SEGMENTS) ? 7 : 0 };
	s->conn = wsconn_dial(&s->env, &how.dial, why, sizeof why);
	if (!s->conn)
		call_violation(call, VERDICT_31901, "%s", why);
	return s->conn != NULL;
}

static void begin_talking(struct stream *s)
{
	struct phone_call *call = s->call;
	uint32_t spread = PACING_FIRST_FRAME_MS_MOST - PACING_FIRST_FRAME_MS_LEAST;

	s->phase = PHASE_TALKING;
	s->start_us = now_us();
	s->first_frame_us =
		s->start_us +
		(PACING_FIRST_FRAME_MS_LEAST + random_u32(&call->random) % (spread + 1)) * UINT64_C(1000);
	call->facts.upgrade_ms = (int64_t)call_now_ms(call);
	tell(s, "stream", "101, connected");
	stream_out_open(&s->out, s->conn, call);
	stream_replay_init(&s->replay, &call->recording);
	if (!stream_replay_is_on(&s->replay))
		stream_out_begin(&s->out, s->plan);
	stream_in_begin(&s->in, call, &s->playback);
	call->facts.start_ms = (int64_t)call_now_ms(call);
	playback_init(&s->playback, s->start_us);
	ear_init(&s->ear, call->script.patience_ms);
	stream_callback_send(s->call, s->plan, "stream-started", NULL);
}

/* --- what the server sends ---------------------------------------------------------------------------- */

/* The end of a connection in Twilio's words. */
static void judge_close(struct stream *s, const struct wsconn_event *event)
{
	struct phone_call *call = s->call;
	int why_len = event->data.len < 150 ? (int)event->data.len : 150;
	const char *why = event->data.data;

	if (s->phase == PHASE_LEAVING)
		return;
	call->facts.close_code = event->code;
	if (s->phase == PHASE_DIALLING)
		call_violation(
			call, wsconn_status(s->conn) ? VERDICT_31920 : VERDICT_31901, "%.*s", why_len, why);
	else if (event->clean)
		call_violation(call, VERDICT_31921, "close %d %.*s", event->code, why_len, why);
	else
		call_violation(
			call, event->code == 1006 ? VERDICT_31903 : VERDICT_31924, "%.*s", why_len, why);
	/* 1000 and 1001 are ends in order; anything else is the server's trouble. */
	s->end = event->clean && (event->code == 1000 || event->code == 1001) ? STREAM_SERVER_CLOSED
									      : STREAM_FAILED;
}

static void take_events(struct stream *s)
{
	struct wsconn_event event;

	while (s->phase != PHASE_OVER && wsconn_next(s->conn, &event)) {
		switch (event.kind) {
		case WSCONN_OPEN:
			begin_talking(s);
			break;
		case WSCONN_TEXT:
			stream_in_text(&s->in, event.data);
			break;
		case WSCONN_BINARY:
			s->call->facts.messages++;
			call_violation(
				s->call, VERDICT_31950, "a binary frame of %zu bytes", event.data.len);
			break;
		case WSCONN_CLOSED:
			judge_close(s, &event);
			s->phase = PHASE_OVER;
			break;
		case WSCONN_PONG:
		case WSCONN_REQUEST:
			break;
		}
	}
}

/* --- what is due -------------------------------------------------------------------------------------- */

static void note_utterance(struct stream *s)
{
	story_put(&s->call->story, STORY_RECEPTIONIST, s->voice_at_ms,
		s->ear.last_voice_ms - s->ear.utterance_began_ms, "");
}

static void note_voice(struct stream *s)
{
	struct call_facts *facts = &s->call->facts;
	bool is_voice = ear_hears_voice(&s->ear);

	if (is_voice && facts->first_voice_ms < 0)
		facts->first_voice_ms = (int64_t)call_now_ms(s->call);
	if (is_voice && !s->was_voice) {
		tell(s, "receptionist", "speaks");
		s->voice_at_ms = call_story_ms(s->call);
	}
	if (!is_voice && s->was_voice)
		note_utterance(s);
	if (!is_voice && s->was_voice)
		timeline_tell(&s->call->timeline, clock_mono_ms(), "receptionist", "has spoken for %.1f s",
			(double)(s->ear.last_voice_ms - s->ear.utterance_began_ms) / 1000);
	s->was_voice = is_voice;
}

static void hear(struct stream *s, uint64_t now)
{
	const char *mark;

	/* After a long stop of the whole program the clock is caught up turn by turn. */
	uint64_t until = s->start_us + s->playback.heard_bytes * 1000 / ULAW_BYTES_PER_MS + CATCH_UP_US;

	buf_clear(&s->heard);
	check(playback_run(&s->playback, now < until ? now : until, &s->heard));
	ear_hear(&s->ear, buf_data(&s->heard), buf_len(&s->heard));
	track_heard(&s->call->track, buf_data(&s->heard), buf_len(&s->heard));
	stream_out_heard(&s->out, buf_data(&s->heard), buf_len(&s->heard));
	note_voice(s);
	while ((mark = playback_take_mark(&s->playback))) {
		if (!stream_replay_is_on(&s->replay))
			stream_out_mark(&s->out, mark);
		s->call->facts.marks_returned++;
	}
}

static void send_frames(struct stream *s, uint64_t now)
{
	struct call_facts *facts = &s->call->facts;
	uint64_t due_count = pacing_frames_due(s->first_frame_us, now);
	uint8_t frame[ULAW_FRAME_BYTES];

	if (phone_fault_on(s->call->options->faults, PHONE_FAULT_BURSTS))
		due_count -= due_count % BURST_FRAMES;
	while (s->frames_sent < due_count) {
		uint64_t late_ms = (now - pacing_frame_due_us(s->first_frame_us, s->frames_sent)) / 1000;

		if (late_ms >= LATE_MS)
			facts->frames_late++;
		if (late_ms > facts->late_ms_most)
			facts->late_ms_most = late_ms;
		caller_next_frame(&s->caller, frame);
		track_said(&s->call->track, frame, sizeof frame);
		stream_out_frame(&s->out, frame, (now - s->start_us) / 1000);
		s->frames_sent++;
		facts->frames_sent++;
	}
}

static void leave(struct stream *s, enum call_end why)
{
	enum phone_hangup how = s->call->options->hangup;

	s->call->end = why;
	s->end = STREAM_CALLER_LEFT;
	s->phase = PHASE_LEAVING;
	bool stays = how == PHONE_HANGUP_VANISH || how == PHONE_HANGUP_FREEZE;

	s->deadline_ms = clock_mono_ms() + (stays ? VANISHED_MS : CLOSE_MS);
	timeline_tell(&s->call->timeline, clock_mono_ms(), "caller", "hangs up (%s)", call_end_word(why));
	if (how == PHONE_HANGUP_STOP && !stream_replay_is_on(&s->replay))
		stream_out_stop(&s->out);
	if (how == PHONE_HANGUP_STOP || how == PHONE_HANGUP_CLOSE)
		wsconn_close(s->conn, 1000, NULL);
	if (how == PHONE_HANGUP_RESET) {
		wsconn_free_reset(s->conn);
		s->conn = NULL;
		s->phase = PHASE_OVER;
	}
}

static void act(struct stream *s, size_t index)
{
	struct phone_call *call = s->call;
	const struct script_line *line = &call->script.lines[index];
	uint64_t now = clock_mono_ms();

	switch (line->kind) {
	case SCRIPT_SAY:
		timeline_tell(&call->timeline, now, "caller", "\"%s\"", line->text);
		break;
	case SCRIPT_INTERRUPT:
		timeline_tell(&call->timeline, now, "caller", "interrupts: \"%s\"", line->text);
		break;
	case SCRIPT_WAV:
		timeline_tell(&call->timeline, now, "caller", "plays %s", line->text);
		break;
	case SCRIPT_DTMF:
		timeline_tell(&call->timeline, now, "caller", "presses %s", line->text);
		return caller_press(&s->caller, line->text);
	case SCRIPT_PAUSE:
		return caller_pause(&s->caller, line->ms);
	}
	call->facts.lines_spoken++;
	story_put(&call->story, STORY_CALLER, call_story_ms(call), call->lines[index].bytes / ULAW_BYTES_PER_MS,
		line->text);
	caller_speak(&s->caller, call->lines[index].ulaw, call->lines[index].bytes);
}

static void follow_script(struct stream *s, uint64_t now)
{
	const struct phone_options *o = s->call->options;
	char digit;
	size_t line;

	while (caller_take_digit(&s->caller, &digit))
		stream_out_digit(&s->out, digit);
	if (call_is_interrupted())
		return leave(s, CALL_END_INTERRUPTED);
	if (o->hangup_after_ms && now_us() - s->start_us >= o->hangup_after_ms * UINT64_C(1000))
		return leave(s, CALL_END_TIME);
	if (stream_replay_is_on(&s->replay)) {
		if (stream_replay_turn(&s->replay, &s->out, (now - s->start_us) / 1000))
			leave(s, CALL_END_REPLAYED);
		return;
	}
	send_frames(s, now);
	switch (script_turn(&s->call->script, &s->ear, caller_is_busy(&s->caller), &line)) {
	case SCRIPT_WAIT:
		return;
	case SCRIPT_ACT:
		return act(s, line);
	case SCRIPT_DONE:
		if (!o->stay && !o->hangup_after_ms)
			leave(s, CALL_END_SCRIPT);
	}
}

/* --- the loop ----------------------------------------------------------------------------------------- */

static uint64_t next_wake_us(const struct stream *s)
{
	if (s->phase != PHASE_TALKING)
		return s->deadline_ms * 1000;
	uint64_t frame = pacing_frame_due_us(s->first_frame_us, s->frames_sent),
		 mark = playback_due_us(&s->playback);

	uint64_t ear = s->last_turn_us + PACING_FRAME_US;

	if (stream_replay_is_on(&s->replay))
		frame = s->start_us + stream_replay_due_ms(&s->replay) * 1000;
	frame = frame < mark ? frame : mark;
	return frame < ear ? frame : ear;
}

/* Half open: neither reads nor writes, until its time is over. */
static bool is_frozen(const struct stream *s)
{
	return s->phase == PHASE_LEAVING && s->call->options->hangup == PHONE_HANGUP_FREEZE;
}

static void wait(struct stream *s)
{
	struct pollfd fds[1 + ERRAND_COUNT_MAX] = { { .fd = wsconn_fd(s->conn),
		.events = (short)wsconn_interest(s->conn) } };
	uint64_t deadline_ms = UINT64_MAX, now = now_us(), wake;
	size_t count = 1 + errands_poll(&s->call->errands, fds + 1, &deadline_ms);

	if (is_frozen(s))
		fds[0].fd = -1;
	wake = next_wake_us(s);
	if (deadline_ms < wake / 1000)
		wake = deadline_ms * 1000;
	uint64_t left_us = wake > now ? wake - now : 0;
	struct timespec timeout = { (time_t)(left_us / 1000000), (long)(left_us % 1000000 * 1000) };

	ppoll(fds, count, &timeout, NULL);
}

static void turn(struct stream *s)
{
	if (is_frozen(s)) {
		if (clock_mono_ms() >= s->deadline_ms || call_is_interrupted())
			s->phase = PHASE_OVER;
		return errands_turn(&s->call->errands, clock_mono_ms());
	}
	wsconn_read(s->conn);
	take_events(s);
	if (s->phase == PHASE_TALKING) {
		uint64_t now = now_us();

		s->last_turn_us = now;
		hear(s, now);
		follow_script(s, now);
	} else if (s->phase != PHASE_OVER && clock_mono_ms() >= s->deadline_ms) {
		if (s->phase == PHASE_DIALLING)
			call_violation(s->call, VERDICT_31901, "no 101 within %d ms", HANDSHAKE_MS);
		s->phase = PHASE_OVER;
	}
	if (s->conn)
		wsconn_flush(s->conn);
	errands_turn(&s->call->errands, clock_mono_ms());
}

static void sum_up(struct stream *s)
{
	struct call_facts *facts = &s->call->facts;

	if (s->was_voice)
		note_utterance(s);
	facts->stream_end_ms = (int64_t)call_now_ms(s->call);
	facts->heard_bytes += s->playback.heard_bytes;
	facts->played_bytes += s->playback.played_bytes;
	facts->voiced_ms += s->ear.voiced_ms;
	facts->utterances += s->ear.utterance_count;
	facts->underruns += s->playback.underrun_count;
	facts->underrun_ms += s->playback.underrun_bytes / ULAW_BYTES_PER_MS;
	facts->unanswered = s->call->script.unanswered_count;
	track_level(&s->call->track);
}

enum stream_end phone_stream_run(struct phone_call *call, const struct stream_plan *plan)
{
	struct stream *s = calloc(1, sizeof *s);
	uint8_t random_bytes[16];

	check(s);
	s->call = call;
	s->plan = plan;
	s->end = STREAM_FAILED;
	s->deadline_ms = clock_mono_ms() + HANDSHAKE_MS;
	buf_init_fixed(&s->heard, s->heard_bytes, sizeof s->heard_bytes);
	random_fill(&call->random, random_bytes, sizeof random_bytes);
	identity_sid("MZ", random_bytes, call->identity.stream_sid);
	if (call->recording.stream_sid[0])
		memcpy(call->identity.stream_sid, call->recording.stream_sid, sizeof call->identity.stream_sid);
	call->facts.streams++;
	script_begin_stream(&call->script);
	/* A stream token at its end is nobody's to read. */
	timeline_tell(&call->timeline, clock_mono_ms(), "stream", "%.60s%s", plan->url,
		strlen(plan->url) > 60 ? "..." : "");
	if (dial(s)) {
		wsconn_flush(s->conn);
		while (s->phase != PHASE_OVER) {
			wait(s);
			turn(s);
		}
	}
	if (s->start_us)
		sum_up(s);
	if (s->end == STREAM_FAILED)
		stream_callback_send(s->call, s->plan, "stream-error", "31900");
	else
		stream_callback_send(s->call, s->plan, "stream-stopped", NULL);
	enum stream_end end = s->end;

	wsconn_free(s->conn);
	stream_in_fini(&s->in);
	playback_fini(&s->playback);
	free(s);
	return end;
}
