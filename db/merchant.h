/*
 * merchant - what the database knows of a merchant: columns, keys, opening hours and special days, tools,
 * questions and answers, staff, this month's use; and of a caller: what people noted, what was said last time.
 *
 * Place:    db, plain data; filled by the functions of db/db.h.
 * Lifetime: copies, the caller's; but what points into its own `text` must not be copied.
 * Limits:   below; the schema refuses more.
 */
#pragma once

#include "base/limits.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	MERCHANT_NAME_BYTES_MAX = 200,
	MERCHANT_SENTENCE_BYTES_MAX = 2000, /* greeting, disclosure, farewell */
	MERCHANT_INSTRUCTIONS_BYTES_MAX = 16000,
	MERCHANT_WORD_BYTES_MAX = 64, /* voice, language, time zone */
	MERCHANT_URL_BYTES_MAX = 1000,
	MERCHANT_SECRET_BYTES_MAX = 200,
	MERCHANT_EMAIL_BYTES_MAX = 254,
	MERCHANT_KEYS_MAX = 12,
	MERCHANT_HOURS_MAX = 28,
	MERCHANT_DAYS_MAX = 1000,
	MERCHANT_DAY_NOTES_BYTES_MAX = 6000, /* all notes together; further ones are left out */
	MERCHANT_FAQ_MAX = 100,
	MERCHANT_FAQ_BYTES_MAX = 24000, /* all questions and answers together */
	MERCHANT_STAFF_MAX = 50,
	MERCHANT_STAFF_HOURS_MAX = 28, /* of one of them */
	MERCHANT_STAFF_NAME_BYTES_MAX = 100,
	MERCHANT_STAFF_ROLE_BYTES_MAX = 200,
	CALLER_NAME_BYTES_MAX = 100,
	CALLER_NOTE_BYTES_MAX = 1000,
	CALLER_MEMORY_BYTES_MAX = 4000,
	MERCHANT_TOOLS_MAX = 16,
	MERCHANT_TOOLS_BYTES_MAX = 24000, /* all texts of all tools together */
	MERCHANT_NO_LIMIT = -1,
};

enum merchant_keypad { KEYPAD_TEXT, KEYPAD_SECRET, KEYPAD_OFF };
enum transfer_fallback {
	TRANSFER_FALLBACK_AI,
	TRANSFER_FALLBACK_VOICEMAIL,
	TRANSFER_FALLBACK_APOLOGY
};

enum merchant_consent { CONSENT_NONE, CONSENT_DISCLOSURE };
enum merchant_video { VIDEO_LOCAL, VIDEO_FAL };
/* What callers get while the business is closed. */
enum after_hours {
	AFTER_HOURS_AI,      /* as always, with after_hours_instructions if there are any */
	AFTER_HOURS_MESSAGE, /* the receptionist, who only takes a message */
	AFTER_HOURS_VOICEMAIL,
	AFTER_HOURS_FORWARD, /* to after_hours_number */
	AFTER_HOURS_CLOSED,  /* after_hours_notice, and that is it */
};
/* What callers get who withhold their number. */
enum merchant_anonymous { ANONYMOUS_ACCEPT, ANONYMOUS_REJECT, ANONYMOUS_VOICEMAIL };

struct merchant {
	int64_t id;
	bool active;
	bool recording;
	char name[MERCHANT_NAME_BYTES_MAX + 1];
	char phone_number[PHONE_BYTES_MAX + 1];
	/* Each "" when the merchant left it open: the program has a default. */
	char greeting[MERCHANT_SENTENCE_BYTES_MAX + 1];
	char disclosure[MERCHANT_SENTENCE_BYTES_MAX + 1];
	char farewell[MERCHANT_SENTENCE_BYTES_MAX + 1];
	char instructions[MERCHANT_INSTRUCTIONS_BYTES_MAX + 1];
	char voice[MERCHANT_WORD_BYTES_MAX + 1];
	char language[MERCHANT_WORD_BYTES_MAX + 1];
	char time_zone[MERCHANT_WORD_BYTES_MAX + 1]; /* never "" */
	char fallback_number[PHONE_BYTES_MAX + 1];
	char transfer_number[PHONE_BYTES_MAX + 1];
	/* Interruptions. */
	uint32_t hold_off_ms;
	bool protect_disclosure;
	bool protect_greeting;
	bool local_vad;
	double vad_threshold;
	uint32_t vad_silence_ms;
	enum merchant_keypad keypad;
	enum transfer_fallback transfer_fallback;
	/* Each may be MERCHANT_NO_LIMIT. */
	int64_t calls_max;
	int64_t minutes_month_max;
	int64_t micro_dollars_month_max;
	int64_t call_s_max;
	/* After the call. */
	enum merchant_consent recording_consent;
	enum merchant_video video;
	int64_t fal_micro_dollars_call_max; /* may be MERCHANT_NO_LIMIT: the service's own */
	bool summary;
	char notify_url[MERCHANT_URL_BYTES_MAX + 1];
	char notify_secret[MERCHANT_SECRET_BYTES_MAX + 1];
	char notify_email[MERCHANT_EMAIL_BYTES_MAX + 1];
	/* While it is closed; each text "" when left open. */
	enum after_hours after_hours;
	char after_hours_instructions[MERCHANT_INSTRUCTIONS_BYTES_MAX + 1];
	char after_hours_number[PHONE_BYTES_MAX + 1];
	char after_hours_notice[MERCHANT_SENTENCE_BYTES_MAX + 1];
	/* What is kept, and for how long. */
	bool memory; /* callers are remembered */
	int64_t memory_days;
	int64_t retention_days; /* MERCHANT_NO_LIMIT: for ever */
};

enum key_action { KEY_TRANSFER, KEY_MESSAGE, KEY_END };

struct merchant_key {
	char digit; /* 0-9, *, # */
	enum key_action action;
	char number[PHONE_BYTES_MAX + 1]; /* "": the merchant's transfer_number */
};

struct merchant_keys {
	uint32_t count;
	struct merchant_key keys[MERCHANT_KEYS_MAX];
};

/* Minutes since midnight of `weekday`, local time; closing after midnight is above 1440. */
struct merchant_opening {
	uint8_t weekday; /* 0 Monday … 6 Sunday */
	uint16_t opens_min;
	uint16_t closes_min;
};

/* Takes the place of the week's openings on its day. Several rows may be one day's. */
struct merchant_day {
	uint16_t year; /* 0: every year */
	uint8_t month, day; /* from 1 on */
	bool is_closed; /* all day; the minutes do not count */
	uint16_t opens_min, closes_min;
	uint16_t note_at, note_bytes; /* hours_note() */
};

/* No row at all: not known. Openings in the order of the week, days in the order of the calendar, those of every
 * year first. */
struct merchant_hours {
	uint32_t count;
	struct merchant_opening openings[MERCHANT_HOURS_MAX];
	uint32_t day_count;
	struct merchant_day days[MERCHANT_DAYS_MAX];
	uint32_t note_bytes;
	char notes[MERCHANT_DAY_NOTES_BYTES_MAX];
};

enum tool_kind { TOOL_HTTP, TOOL_MCP, TOOL_WEB_SEARCH, TOOL_X_SEARCH };

/* The slices are "" where the column is NULL. */
struct merchant_tool {
	enum tool_kind kind;
	struct slice name, description, parameters, url, secret, options;
	uint32_t timeout_ms;
	bool retry, allow_private, digits;
};

/* The active ones, by name. */
struct merchant_tools {
	uint32_t count;
	struct merchant_tool tools[MERCHANT_TOOLS_MAX];
	uint32_t text_bytes;
	char text[MERCHANT_TOOLS_BYTES_MAX];
};

/* Active ones, in the order they were written. */
struct merchant_faq {
	uint32_t count;
	struct {
		struct slice question, answer;
	} entries[MERCHANT_FAQ_MAX];
	uint32_t text_bytes;
	char text[MERCHANT_FAQ_BYTES_MAX];
};

/* One to whom calls can be transferred. */
struct merchant_person {
	int64_t id;
	char name[MERCHANT_STAFF_NAME_BYTES_MAX + 1];
	char role[MERCHANT_STAFF_ROLE_BYTES_MAX + 1]; /* "" when left open */
	char number[PHONE_BYTES_MAX + 1];
	uint32_t opening_count; /* 0: always reachable */
	struct merchant_opening openings[MERCHANT_STAFF_HOURS_MAX];
};

/* The active ones, by name. */
struct merchant_staff {
	uint32_t count;
	struct merchant_person people[MERCHANT_STAFF_MAX];
};

/* What is known of who calls; "" where nothing is. */
struct merchant_caller {
	bool was_called; /* by us */
	char name[CALLER_NAME_BYTES_MAX + 1]; /* people wrote it, and the note */
	char note[CALLER_NOTE_BYTES_MAX + 1];
	/* What was said the last time, unless that is forgotten by now. */
	char memory[CALLER_MEMORY_BYTES_MAX + 1];
	int64_t memory_ms; /* when that was */
	int64_t memory_calls; /* how often they had called then */
};

/* What was used since the month (UTC) began, and what is going on now. */
struct merchant_month {
	int64_t call_count; /* at this moment */
	int64_t talked_ms;
	int64_t micro_dollars;
};
