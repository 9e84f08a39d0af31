/*
 * machine - who answered a call of ours, and what he or it gets. Pure.
 *
 * Place:    fcgi, used by the handler of outgoing.
 * Usage:    switch (machine_decide(form_value(&form, "AnsweredBy"), outgoing.machine)) { … }
 * Source:   twilio.com/docs/voice/answering-machine-detection: human, machine_start, machine_end_beep,
 *           machine_end_silence, machine_end_other, fax, unknown; nothing when nobody listened for it.
 */
#pragma once

#include "base/slice.h"
#include "db/outgoing.h"

enum answerer {
	ANSWERER_PERSON,                /* or nobody knows: better to talk to a machine than to hang up on a person */
	ANSWERER_LEAVE_MESSAGE,         /* a machine that records now */
	ANSWERER_HANG_UP,               /* a machine, or a fax */
};

enum answerer machine_decide(struct slice answered_by, enum outgoing_machine machine);
