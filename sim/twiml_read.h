/*
 * twiml_read - a TwiML document as the tree of its verbs, judged as Twilio judges it.
 *
 * Place:    sim, pure. Over expat and base.
 * Usage:    if (!twiml_read(&t, body, len)) fail(12100, t.why);
 *           for (v = twiml_read_first(&t); v; v = twiml_read_next(&t, v)) switch (v->kind) …
 *           url = twiml_read_attribute(&t, stream, "url");
 * Lifetime: everything read points into the struct and lives as long as it.
 * Fails:    false: ill-formed XML, another root than <Response>, a DOCTYPE, or a bound exceeded (12100).
 *           What Twilio only warns about is in `notes`: code and sentence. An unknown verb is left out.
 * Limits:   as in the enum below; TWIML_BYTES_MAX bytes.
 * Source:   Twilio's TwiML reference (verbs, attributes), error codes 12100, 12200, 31920, 31922, 31941.
 */
#pragma once

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	TWIML_READ_NODE_COUNT_MAX = 256,
	TWIML_READ_ATTRIBUTE_COUNT_MAX = 512,
	TWIML_READ_NOTE_COUNT_MAX = 16,
	TWIML_READ_NOTE_BYTES_MAX = 160,
};

/* Twilio's codes. */
enum {
	TWIML_ILL_FORMED = 12100,
	TWIML_SCHEMA = 12200,
	TWIML_STREAM_QUERY = 31920,
	TWIML_STREAM_SCHEME = 31922,
	TWIML_STREAM_TRACK = 31941,
};

/* ELEMENT(kind, name, parent, attributes): the attributes stand between spaces. */
#define TWIML_ELEMENTS(ELEMENT) \
	ELEMENT(RESPONSE, "Response", NONE, " ") \
	ELEMENT(SAY, "Say", RESPONSE, " voice language loop ") \
	ELEMENT(PLAY, "Play", RESPONSE, " loop digits ") \
	ELEMENT(PAUSE, "Pause", RESPONSE, " length ") \
	ELEMENT(GATHER, "Gather", RESPONSE, " input action method timeout speechTimeout maxSpeechTime " \
		"profanityFilter finishOnKey numDigits partialResultCallback partialResultCallbackMethod " \
		"language hints bargeIn debug actionOnEmptyResult dtmfDetection speechModel enhanced ") \
	ELEMENT(CONNECT, "Connect", RESPONSE, " action method ") \
	ELEMENT(START, "Start", RESPONSE, " action method ") \
	ELEMENT(STOP, "Stop", RESPONSE, " ") \
	ELEMENT(STREAM, "Stream", CONNECT, " name connectorName url track statusCallback " \
		"statusCallbackMethod audioFormat sampleRate ") \
	ELEMENT(PARAMETER, "Parameter", STREAM, " name value ") \
	ELEMENT(DIAL, "Dial", RESPONSE, " action method timeout hangupOnStar timeLimit callerId record trim " \
		"recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent " \
		"answerOnBridge ringTone recordingTrack sequential referUrl referMethod events ") \
	ELEMENT(NUMBER, "Number", DIAL, " sendDigits url method statusCallbackEvent statusCallback " \
		"statusCallbackMethod byoc machineDetection ") \
	ELEMENT(CLIENT, "Client", DIAL, " url method statusCallbackEvent statusCallback statusCallbackMethod ") \
	ELEMENT(SIP, "Sip", DIAL, " username password url method statusCallbackEvent statusCallback " \
		"statusCallbackMethod ") \
	ELEMENT(RECORD, "Record", RESPONSE, " action method timeout finishOnKey maxLength playBeep trim " \
		"recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent " \
		"transcribe transcribeCallback ") \
	ELEMENT(REDIRECT, "Redirect", RESPONSE, " method ") \
	ELEMENT(REJECT, "Reject", RESPONSE, " reason ") \
	ELEMENT(HANGUP, "Hangup", RESPONSE, " ")

enum twiml_kind {
	TWIML_NONE,
#define TWIML_ENUM(kind, ...) TWIML_##kind,
	TWIML_ELEMENTS(TWIML_ENUM)
#undef TWIML_ENUM
	TWIML_KIND_COUNT
};

struct twiml_read_node {
	enum twiml_kind kind;
	const char *name;
	const char *text;               /* character data directly inside, white space at the ends removed */
	int parent, first_child, next;  /* indices of nodes; -1: none */
	int attribute_first, attribute_count;
};

struct twiml_read_attribute {
	const char *name, *value;
};

struct twiml_read_note {
	int code;
	char text[TWIML_READ_NOTE_BYTES_MAX];
};

struct twiml_document {
	struct twiml_read_node nodes[TWIML_READ_NODE_COUNT_MAX];
	int node_count;
	struct twiml_read_attribute attributes[TWIML_READ_ATTRIBUTE_COUNT_MAX];
	int attribute_count;
	struct twiml_read_note notes[TWIML_READ_NOTE_COUNT_MAX];
	int note_count;                 /* those kept */
	int note_count_all;
	char why[TWIML_READ_NOTE_BYTES_MAX]; /* of a false result */
	char bytes[2 * TWIML_BYTES_MAX];
	size_t bytes_used;
};

bool twiml_read(struct twiml_document *t, const char *document, size_t len);

const struct twiml_read_node *twiml_read_first(const struct twiml_document *t);
const struct twiml_read_node *twiml_read_next(const struct twiml_document *t,
	const struct twiml_read_node *node);
const struct twiml_read_node *twiml_read_child(const struct twiml_document *t,
	const struct twiml_read_node *node);
/* NULL: not given. */
const char *twiml_read_attribute(const struct twiml_document *t, const struct twiml_read_node *node,
	const char *name);
/* The attribute as a number of seconds or times; `otherwise` if it is not given or none. */
long twiml_read_number(const struct twiml_document *t, const struct twiml_read_node *node,
	const char *name, long otherwise);
