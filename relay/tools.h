/*
 * tools - the functions that Grok calls during one telephone call: which are known, which run, when their outputs
 * may be told, and when an answer to them is asked for.
 *
 * Place:    relay, pure: no I/O, no clock, no JSON. Above base and proto's shapes; below bridge, which does what
 *           tools_next() wants. What a tool does is somebody else's (relay/call_tools.h).
 * Usage:    tools_call(&t, &seen, now_ms) whenever an event shows a function call (each is shown three times);
 *           tools_response(), tools_response_done() as these things happen;
 *           while ((act = tools_next(&t, &view, &call)) != TOOLS_REST)
 *                   START: run it, say tools_allow(); its result comes by tools_result(), at once or later
 *                   OUTPUT: send call->output, then tools_told()
 *                   RESPOND: ask for one response        FILLER: say something to bridge the wait
 * Rules:    a call runs once, whoever repeats its id. Its output is told behind the end of the response that made
 *           it: earlier ones are refused. One response is asked for when every call of that response is answered,
 *           everything said before was heard, nothing is being said and the caller is silent. It is not asked for
 *           when a response that began behind the outputs answers them anyway: the caller took the word. One that
 *           began before them knows nothing of them: then it is asked for in the next silence.
 *           A call that an interrupted response still makes is not carried out.
 * Deadline: each call has one; then its output is an error, and what comes later is dropped (TOOLS_LATE).
 * Lifetime: arguments and output are pooled bufs of the call: until tools_told() or tools_fini().
 * Limits:   TOOLS_CALLS_MAX unanswered calls, more are refused and counted; TOOLS_KNOWN_MAX ids are remembered.
 * Source:   docs.x.ai, Voice: tool calls; what was seen on the wire of it.
 */
#pragma once

#include "base/buf.h"
#include "relay/voice.h"

enum {
	TOOLS_CALLS_MAX = 8,
	TOOLS_KNOWN_MAX = 32,
	TOOL_NAME_BYTES_MAX = 64,
	TOOL_ARGUMENTS_BYTES_MAX = 8 * 1024,
	TOOL_OUTPUT_BYTES_MAX = 24 * 1024,
	TOOLS_DEADLINE_MS = 10000,      /* unless tools_allow() says otherwise */
	TOOLS_PARENT_MS = 5000,         /* an answered call's response that has not ended by then never will */
	TOOLS_HEARD_MS = 30000,         /* longest wait for silence before an answer is asked for */
	TOOLS_FILLER_MS = 1500,
	TOOLS_LOOK_MS = 100,            /* how often a silence that is waited for is looked for */
};

/* X(status, word for log and database, what the model is told; NULL: the tool's own output) */
#define TOOL_STATUSES(X) \
	X(TOOL_NEW, "new", NULL) \
	X(TOOL_RUNNING, "running", NULL) \
	X(TOOL_OK, "ok", NULL) \
	X(TOOL_FAILED, "failed", NULL) \
	X(TOOL_TIMEOUT, "timeout", "it took too long and was given up; whether it was carried out is not known") \
	X(TOOL_UNKNOWN, "unknown", "there is no tool of this name") \
	X(TOOL_MALFORMED, "malformed", "the arguments are not a JSON object, or too long") \
	X(TOOL_INTERRUPTED, "interrupted", "the caller interrupted, so it was not carried out") \
	X(TOOL_NO_ROOM, "no-room", "too much is going on; try again later")

enum tool_status {
#define X(status, word, told) status,
	TOOL_STATUSES(X)
#undef X
	TOOL_STATUS_COUNT
};

struct tool_use {
	bool used;
	bool parent_over;               /* the response that made it has ended */
	bool spoken;                    /* the response that made it has been heard to say something */
	bool quiet;                     /* nobody is to be told: the call is being left */
	bool orphan;                    /* the connection that it came over is lost */
	enum tool_status status;
	uint32_t serial;                /* names this call for its result; never 0 */
	uint64_t seen_ms, due_ms, answered_ms;
	struct voice_id id, response;
	size_t name_len;
	char name[TOOL_NAME_BYTES_MAX];
	struct buf arguments, output;
};

/* A function call as one of Grok's events shows it. */
struct tool_seen {
	struct slice response_id, call_id, name, arguments;
	bool interrupted;               /* the caller spoke into its response */
	bool spoken;
};

enum tools_seen { TOOLS_ACCEPTED, TOOLS_DUPLICATE, TOOLS_REFUSED };
enum tools_taken { TOOLS_TAKEN, TOOLS_LATE };
enum tools_act { TOOLS_REST, TOOLS_START, TOOLS_OUTPUT, TOOLS_RESPOND, TOOLS_FILLER };

/* What else goes on in the call. */
struct tools_view {
	uint64_t now_ms;
	bool free;                      /* nothing is being said, the caller is silent and no answer is due */
	bool playing;                   /* the caller has not heard everything yet */
};

struct tools {
	uint32_t serial_next;
	uint32_t used_count;            /* of calls: mostly none, and then nothing else is looked at */
	struct tool_use calls[TOOLS_CALLS_MAX];
	size_t known_next;
	struct voice_id known[TOOLS_KNOWN_MAX];
	bool owed;                      /* outputs were told, an answer to them has not begun */
	uint64_t owed_ms;
	bool fill_due;                  /* a filler may still be said for what runs */
};

void tools_init(struct tools *t, struct pool *pool);
/* Gives pooled memory back. Idempotent; a zeroed struct may be fini'd. */
void tools_fini(struct tools *t);

enum tools_seen tools_call(struct tools *t, const struct tool_seen *seen, uint64_t now_ms);
/* A response begins. `verbatim`: it only says words that were given to Grok, and answers nothing. */
void tools_response(struct tools *t, struct slice response_id, bool verbatim);
void tools_response_done(struct tools *t, struct slice response_id);
/* Audio of a response came. */
void tools_voice(struct tools *t, struct slice response_id);
/* Something runs, or is owed to the caller: it is not on the caller to speak. */
bool tools_busy(const struct tools *t);
static inline bool tools_idle(const struct tools *t)
{
	return t->used_count == 0 && !t->owed;
}
enum tools_act tools_next(struct tools *t, const struct tools_view *view, struct tool_use **out_call);
/* When tools_next() may want something though nothing happens; UINT64_MAX: never. */
uint64_t tools_deadline_ms(const struct tools *t, uint64_t now_ms);

/* NULL: no such call, any more. */
struct tool_use *tools_find(struct tools *t, uint32_t serial);
/* A started call's time counts from now. */
void tools_allow(struct tool_use *call, uint32_t ms, uint64_t now_ms);
/* `output` is JSON for the model; empty: what the status says. */
enum tools_taken tools_result(struct tools *t, uint32_t serial, enum tool_status status, struct slice output,
	uint64_t now_ms);
/* The call's output was sent; its slot is free. */
void tools_told(struct tools *t, struct tool_use *call, uint64_t now_ms);
/* The call needs no output and has no deadline: the telephone call is being left; or is not after all. */
void tools_quiet(struct tools *t, uint32_t serial);
void tools_loud(struct tools *t, uint32_t serial);
/* The connection to Grok is lost, and with it every response. */
void tools_lost(struct tools *t);

/* Who carries calls out: the relay's call, or a test. */
struct tool_sink {
	/* Its result comes by bridge_tool_result(), at once or later. */
	void (*start)(struct tool_sink *sink, struct tool_use *use, uint64_t now_ms);
	/* It was told to Grok, or never will be: the call is over. For the record. */
	void (*over)(struct tool_sink *sink, const struct tool_use *use, uint64_t now_ms);
};

const char *tool_status_word(enum tool_status status);
static inline struct slice tool_name(const struct tool_use *call)
{
	return (struct slice){ call->name, call->name_len };
}
