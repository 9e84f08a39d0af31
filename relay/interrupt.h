/*
 * interrupt - when the caller's voice stops the receptionist's: at once, after a confirm window, on
 * the word of our own ears, or not before certain words were heard.
 *
 * Place:    relay, pure: no clock, no audio. Above base only; bridge_interrupt.c feeds it and does
 *           what it decides.
 * Usage:    interrupt_init(&i, &plan);
 *           interrupt_speech(&i, true, now_ms)      speech_started; false: speech_stopped
 *           interrupt_answered(&i)                  Grok answers: the caller's turn is over
 *           if (interrupt_now(&i, &view)) …         stop the receptionist; ask after each of these, with
 *                                                   each frame of the caller, and at interrupt_deadline_ms()
 * Rules:    nothing outstanding: nothing to interrupt. hold_off_ms 0: at speech_started. Otherwise
 *           playback goes on for so long; speech_stopped before its end was a cough. Grok says
 *           stopped only after its silence_ms, so at the end of the window the line itself is asked,
 *           if we listen to it: when it has fallen quiet, what Grok says next is waited for.
 *           While protected words are being heard it waits for their end, and happens then if the
 *           caller is still speaking.
 *           Grok's speech_started may be missing: a voice on the line for INTERRUPT_VOICE_MS, and
 *           lasting for INTERRUPT_LATE_MS without it, counts as much. Its late word changes nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	INTERRUPT_VOICE_MS = 160,
	INTERRUPT_LATE_MS = 480,        /* from the first sound, on our own ears alone */
	INTERRUPT_QUIET_MS = 100,       /* the line has fallen quiet */
	INTERRUPT_SLACK_MS = 250,       /* behind its silence_ms, until Grok's speech_stopped is here */
};

struct interrupt_plan {
	uint32_t hold_off_ms;
	uint32_t silence_ms;            /* Grok's own, of session.update */
	bool listens;                   /* the view's line_… are told */
};

/* How things stand. */
struct interrupt_view {
	uint64_t now_ms;
	bool outstanding;               /* something is being generated, or is not proven to be heard */
	bool sounding;                  /* as far as is known, the caller hears something now */
	bool is_protected;              /* so that nobody may cut it off */
	bool line_lives;                /* it tells of now */
	uint32_t line_voice_ms, line_lasts_ms, line_quiet_ms;   /* energy.h */
};

struct interrupt {
	struct interrupt_plan plan;
	bool caller_speaks;             /* as Grok sees it */
	bool wanted;                    /* as soon as it may be */
	bool doubtful;                  /* the window is over, and the next frames decide */
	bool by_ear;                    /* the last one came of our own ears, in the voice still on the line */
	uint64_t voice_at_ms;           /* when the voice on the line was first heard; UINT64_MAX: there is none */
	uint64_t confirm_at_ms;         /* the end of the confirm window; UINT64_MAX: none is open */
};

void interrupt_init(struct interrupt *i, const struct interrupt_plan *plan);
void interrupt_speech(struct interrupt *i, bool speaks, uint64_t now_ms);
void interrupt_answered(struct interrupt *i);
/* Whether the receptionist is to be stopped now; true once for each interruption. */
bool interrupt_now(struct interrupt *i, const struct interrupt_view *view);
/* When the next one may be due though nothing happens; UINT64_MAX: never. */
uint64_t interrupt_deadline_ms(const struct interrupt *i);
