/*
 * end_reason - why a call ended: one table for the relay's decision, the log word, the metric's label and the
 * value in the database.
 *
 * Place:   base. The relay decides on one reason a call; db/ stores its word; the webhook reads it back.
 * Usage:   log_info("call ended call=%s reason=%s", sid, end_reason_word(END_CALLER_HUNG_UP));
 * Rules:   END(NAME, ok|fault, word, sentence). A fault is what an operator should look at, and what the
 *          caller gets an apology for. The table end_reasons in db/schema.sql holds the same rows (a test
 *          compares them): a new reason is a row here, a row there, and a migration.
 */
#pragma once

#include "base/slice.h"

#define END_REASONS(END) \
	END(CALLER_HUNG_UP, ok, "caller-hung-up", "The caller hung up.") \
	END(RECEPTIONIST_HUNG_UP, ok, "receptionist-hung-up", "The receptionist said goodbye and hung up.") \
	END(TRANSFERRED, ok, "transferred", "The caller was handed over to a person.") \
	END(CALLER_SILENT, ok, "caller-silent", "The caller said nothing for too long.") \
	END(CALL_TOO_LONG, ok, "call-too-long", "The call reached the longest time allowed.") \
	END(OVER_LIMIT, ok, "over-limit", "A limit of the merchant or of the service was reached.") \
	END(OPERATOR_HUNG_UP, ok, "operator-hung-up", "The operator ended the call.") \
	END(MACHINE_ANSWERED, ok, "machine-answered", "A machine answered the call that was placed.") \
	END(REJECTED, ok, "rejected", "The call was refused before it was answered.") \
	END(AFTER_HOURS, ok, "after-hours", "The business was closed, and the caller got what after_hours says.") \
	END(TWILIO_CLOSED, fault, "twilio-closed", "Twilio closed the media stream without a stop message.") \
	END(PHONE_IDLE, fault, "phone-idle", "Twilio sent nothing for too long.") \
	END(PHONE_PROTOCOL, fault, "phone-protocol", "Twilio's side of the media stream broke the protocol.") \
	END(PHONE_RESET, fault, "phone-reset", "The connection to Twilio broke.") \
	END(START_TIMEOUT, fault, "start-timeout", "The media stream opened, but its start message did not come.") \
	END(START_MISMATCH, fault, "start-mismatch", "The start message named another call than the stream's token.") \
	END(MERCHANT_UNKNOWN, fault, "merchant-unknown", "The call's merchant does not exist or is paused.") \
	END(GROK_UNREACHABLE, fault, "grok-unreachable", "Grok could not be reached in time.") \
	END(GROK_REFUSED, fault, "grok-refused", "Grok refused the connection or the session.") \
	END(GROK_CLOSED, fault, "grok-closed", "Grok closed the connection during the call.") \
	END(GROK_STALLED, fault, "grok-stalled", "Grok stopped answering.") \
	END(GROK_PROTOCOL, fault, "grok-protocol", "Grok's side broke the protocol.") \
	END(GROK_WRONG_AUDIO, fault, "grok-wrong-audio", "Grok's audio was not the telephone audio asked for.") \
	END(OVERFLOW, fault, "overflow", "A peer took its data too slowly and the bound was reached.") \
	END(POOL_EXHAUSTED, fault, "pool-exhausted", "The relay's memory pools were used up.") \
	END(SHUTDOWN, fault, "shutdown", "The relay shut down before the call was over.") \
	END(DATABASE, fault, "database", "The database could not be used.") \
	END(NO_STREAM, fault, "no-stream", "The call ended before its media stream began.") \
	END(UNREPORTED, fault, "unreported", "Twilio reported the end of the call and the relay never did.")

enum end_reason {
	END_NONE,                       /* not ended */
#define END_ENUM(name, ...) END_##name,
	END_REASONS(END_ENUM)
#undef END_ENUM
	END_REASON_COUNT
};

/* "caller-hung-up"; "" for END_NONE. */
const char *end_reason_word(enum end_reason reason);
const char *end_reason_sentence(enum end_reason reason);
bool end_reason_is_fault(enum end_reason reason);
/* END_NONE if it is no word of the table. */
enum end_reason end_reason_parse(struct slice word);
