/*
 * receptionist - the heard sentence is matched against a table of key words; the first row that fits the topic under
 * way gives the answer. Slots of a booking are read out of every sentence.
 */
#include "sim/receptionist.h"

#include "base/check.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ANYTHING_ELSE " Is there anything else I can do for you?"

/* Whether the words stand in `text` with nothing but their own borders around them. */
static bool has_words(const char *text, const char *words)
{
	size_t len = strlen(words);

	for (const char *at = strcasestr(text, words); at; at = strcasestr(at + 1, words))
		if ((at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[len]))
			return true;
	return false;
}

/* `choices`: words separated by |. The first that is in `text`, by position in the list; NULL if none. */
static const char *find_choice(const char *text, const char *choices, char *out, size_t out_bytes)
{
	while (*choices) {
		size_t len = strcspn(choices, "|");

		snprintf(out, out_bytes, "%.*s", (int)len, choices);
		if (has_words(text, out))
			return out;
		choices += len + (choices[len] == '|');
	}
	out[0] = '\0';
	return NULL;
}

static bool has_any(const char *text, const char *choices)
{
	char word[64];

	return find_choice(text, choices, word, sizeof word) != NULL;
}

/* --- facts of the merchant --------------------------------------------------------------------- */

static bool ends_sentence(const char *at)
{
	return *at == '\0' || *at == '\n' || ((*at == '.' || *at == '!') && (!at[1] || isspace((unsigned char)at[1])));
}

/* The sentence of the instructions that holds one of the words. */
static bool find_fact(const char *instructions, const char *choices, char *out, size_t out_bytes)
{
	const char *at = instructions ? instructions : "";

	while (*at) {
		size_t len = 0;

		while (isspace((unsigned char)*at))
			at++;
		while (!ends_sentence(at + len))
			len++;
		snprintf(out, out_bytes, "%.*s", (int)len, at);
		if (len > 0 && len < out_bytes && has_any(out, choices))
			return true;
		at += len + (at[len] != '\0');
	}
	return false;
}

static const struct fact {
	const char *heard;              /* one of these words asks for it */
	const char *instructed;         /* one of these words is in the sentence that tells it */
	const char *invented;
} facts[] = {
	{ "hours|open|close", "opening hours|hours|we are open|open from|open on|open daily|closed on",
		"We are open from nine in the morning until ten in the evening, Tuesday to Sunday" },
	{ "where|address|located|find you", "address|located|street|avenue|square",
		"You find us at twelve Market Street, opposite the station" },
	{ "how much|prices|cost", "price|prices|costs|dollars|euros|menu",
		"Lunch is fifteen dollars, and dinner is thirty dollars" },
};

static const struct fact *asked_fact(const char *heard)
{
	for (size_t i = 0; i < ARRAY_COUNT(facts); i++)
		if (has_any(heard, facts[i].heard))
			return &facts[i];
	return NULL;
}

static bool asks_for_hours(const struct fact *fact)
{
	return fact == &facts[0];
}

static void tell_fact(const struct receptionist *r, const struct fact *fact, char *out, size_t out_bytes)
{
	char told[RECEPTIONIST_TEXT_BYTES_MAX / 2];
	bool instructed = find_fact(r->instructions, fact->instructed, told, sizeof told);

	snprintf(out, out_bytes, "%s." ANYTHING_ELSE, instructed ? told : fact->invented);
}

/* "… receptionist of Bella's. …" gives "Bella's". */
static bool find_name(const char *instructions, char *out, size_t out_bytes)
{
	static const char *const before[] = {
		"receptionist of ", "receptionist for ", "receptionist at ", "answer the phone for ",
		"answers the phone for ", "the phone of ", "you work for ", "on behalf of ",
	};

	for (size_t i = 0; instructions && i < ARRAY_COUNT(before); i++) {
		const char *at = strcasestr(instructions, before[i]);
		size_t len = 0;

		if (!at)
			continue;
		at += strlen(before[i]);
		while (!ends_sentence(at + len) && at[len] != ',' && at[len] != ';')
			len++;
		if (len > 0 && len < out_bytes) {
			snprintf(out, out_bytes, "%.*s", (int)len, at);
			return true;
		}
	}
	return false;
}

void receptionist_init(struct receptionist *r, const char *instructions)
{
	*r = (struct receptionist){ .instructions = instructions, .wanted = -1 };
}

static void remember(struct receptionist *r, const char *said)
{
	snprintf(r->last, sizeof r->last, "%s", said);
}

void receptionist_greeting(struct receptionist *r, char *out, size_t out_bytes)
{
	char name[128];

	if (find_name(r->instructions, name, sizeof name))
		snprintf(out, out_bytes, "Hello, and thank you for calling %s. How can I help you?", name);
	else
		snprintf(out, out_bytes, "Hello, and thank you for calling. How can I help you?");
	remember(r, out);
}

void receptionist_check_in(struct receptionist *r, char *out, size_t out_bytes)
{
	snprintf(out, out_bytes, "Are you still there?");
	remember(r, out);
}

/* --- booking ----------------------------------------------------------------------------------- */

static void read_number_of_people(struct receptionist *r, const char *heard)
{
	static const char numbers[] = "one|two|three|four|five|six|seven|eight|nine|ten";
	char number[16], with_for[32], with_people[32];
	const char *rest = numbers;

	while (*rest) {
		size_t len = strcspn(rest, "|");

		snprintf(number, sizeof number, "%.*s", (int)len, rest);
		snprintf(with_for, sizeof with_for, "for %s", number);
		snprintf(with_people, sizeof with_people, "%s people", number);
		if (has_words(heard, with_for) || has_words(heard, with_people))
			snprintf(r->people, sizeof r->people, "%s", number);
		rest += len + (rest[len] == '|');
	}
}

static void read_slots(struct receptionist *r, const char *heard)
{
	const char *clock = strstr(heard, " at ");
	char day[RECEPTIONIST_SLOT_BYTES_MAX];

	if (clock)
		clock += strlen(" at ");
	else if (strncmp(heard, "at ", 3) == 0)
		clock = heard + 3;
	read_number_of_people(r, heard);
	if (find_choice(heard, "today|tonight|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday", day,
		sizeof day)) {
		snprintf(r->day, sizeof r->day, "%s", day);
		if (strstr(day, "day") && strcmp(day, "today") != 0)
			r->day[0] = (char)toupper((unsigned char)day[0]);
	}
	if (clock)
		snprintf(r->time, sizeof r->time, "%.*s", (int)(strlen(clock) - (has_words(clock, "please") ? 7 : 0)),
			clock);
}

static const char *on(const char *day)
{
	return isupper((unsigned char)day[0]) ? "on " : "";
}

static void ask_for_missing_slot(struct receptionist *r, char *out, size_t out_bytes)
{
	r->topic = TOPIC_BOOKING;
	if (!r->people[0]) {
		snprintf(out, out_bytes, "With pleasure. For how many people?");
	} else if (!r->day[0]) {
		snprintf(out, out_bytes, "For %s people, very good. On which day?", r->people);
	} else if (!r->time[0]) {
		snprintf(out, out_bytes, "At what time should the table be ready %s%s?", on(r->day), r->day);
	} else {
		r->topic = TOPIC_CONFIRM;
		snprintf(out, out_bytes, "A table for %s %s %s%s at %s. Is that right?", r->people,
			strcmp(r->people, "one") == 0 ? "person" : "people", on(r->day), r->day, r->time);
	}
}

static void begin_booking(struct receptionist *r, const char *heard, char *out, size_t out_bytes)
{
	r->people[0] = r->day[0] = r->time[0] = '\0';
	read_slots(r, heard);
	ask_for_missing_slot(r, out, out_bytes);
}

static void confirm_booking(struct receptionist *r, const char *heard, char *out, size_t out_bytes)
{
	if (has_any(heard, "yes|right|correct")) {
		r->topic = TOPIC_NONE;
		snprintf(out, out_bytes, "Your table is booked." ANYTHING_ELSE);
		return;
	}
	if (has_any(heard, "no|wrong"))
		r->people[0] = r->day[0] = r->time[0] = '\0';
	read_slots(r, heard);
	ask_for_missing_slot(r, out, out_bytes);
}

/* --- the conversation -------------------------------------------------------------------------- */

static bool says_goodbye(const struct receptionist *r, const char *heard)
{
	return has_any(heard, "goodbye|bye") || (r->topic == TOPIC_NONE && has_any(heard, "no|no thank you"));
}

/* Whether the tool is there; it then goes with the answer. */
static bool wants(struct receptionist *r, enum receptionist_tool tool)
{
	if (r->offered[tool])
		r->wanted = (int)tool;
	return r->offered[tool];
}

/* "my name is john smith" gives "John Smith". */
static void read_caller(struct receptionist *r, const char *heard)
{
	static const char *const before[] = { "my name is ", "this is ", "it is " };

	for (size_t i = 0; i < ARRAY_COUNT(before); i++) {
		const char *at = strstr(heard, before[i]);

		if (at) {
			heard = at + strlen(before[i]);
			break;
		}
	}
	snprintf(r->caller, sizeof r->caller, "%s", heard);
	for (size_t i = 0; r->caller[i]; i++)
		if (i == 0 || r->caller[i - 1] == ' ')
			r->caller[i] = (char)toupper((unsigned char)r->caller[i]);
}

static bool asks_for_person(const char *heard)
{
	return has_any(heard, "person|connect me|put me through|transfer me");
}

static bool answer_topic(struct receptionist *r, const char *heard, char *out, size_t out_bytes)
{
	switch (r->topic) {
	case TOPIC_NONE:
		return false;
	case TOPIC_BOOKING:
		read_slots(r, heard);
		ask_for_missing_slot(r, out, out_bytes);
		return true;
	case TOPIC_CONFIRM:
		confirm_booking(r, heard, out, out_bytes);
		return true;
	case TOPIC_MESSAGE:
		if (has_any(heard, "yes|message")) {
			snprintf(out, out_bytes, "What should I write down?");
			return true;
		}
		r->topic = TOPIC_NAME;
		snprintf(r->note, sizeof r->note, "%s", heard);
		snprintf(out, out_bytes, "I have noted that. What is your name?");
		return true;
	case TOPIC_NAME:
		r->topic = TOPIC_NONE;
		read_caller(r, heard);
		if (wants(r, TOOL_TAKE))
			snprintf(out, out_bytes, "One moment, I write that down.");
		else
			snprintf(out, out_bytes, "Thank you, I will pass it on." ANYTHING_ELSE);
		return true;
	}
	return false;
}

static void answer_new_topic(struct receptionist *r, const char *heard, char *out, size_t out_bytes)
{
	if (asks_for_person(heard) && wants(r, TOOL_TRANSFER)) {
		snprintf(out, out_bytes, "I will connect you to a person now. Please hold the line.");
	} else if (has_any(heard, "message|call me back|calling about|be late|have lost")) {
		r->topic = TOPIC_MESSAGE;
		snprintf(out, out_bytes, "Of course. What should I write down?");
		if (!has_any(heard, "message"))
			answer_topic(r, heard, out, out_bytes);
	} else if (asks_for_person(heard)) {
		r->topic = TOPIC_MESSAGE;
		snprintf(out, out_bytes, "I am sorry, nobody is free at the moment. What may I write down for them?");
	} else if (has_any(heard, "my name is|this is")) {
		snprintf(out, out_bytes, "Nice to meet you. What can I do for you?");
	} else if (has_any(heard, "thank you")) {
		snprintf(out, out_bytes, "You are welcome." ANYTHING_ELSE);
	} else if (has_any(heard, "hello|hi|good morning|good afternoon|good evening|yes")) {
		snprintf(out, out_bytes, "Hello. What can I do for you?");
	} else {
		snprintf(out, out_bytes, "I am sorry, I can not help you with that." ANYTHING_ELSE);
	}
}

void receptionist_answer(struct receptionist *r, const char *heard, char *out, size_t out_bytes)
{
	const struct fact *fact = asked_fact(heard);

	r->wanted = -1;
	if (!heard[0]) {
		snprintf(out, out_bytes, "I am sorry, I did not get that. Could you say it again?");
		return;                         /* the last real answer can still be asked for */
	}
	if (has_any(heard, "again|repeat|pardon")) {
		snprintf(out, out_bytes, "%s", r->last);
		return;
	}
	if (says_goodbye(r, heard)) {
		snprintf(out, out_bytes, "Thank you for calling. Goodbye!");
		r->said_goodbye = true;
		wants(r, TOOL_END);
	} else if (fact && asks_for_hours(fact) && wants(r, TOOL_HOURS)) {
		snprintf(out, out_bytes, "One moment, I will look that up.");
	} else if (fact) {
		tell_fact(r, fact, out, out_bytes);
	} else if (has_any(heard, "book|reserve")) {
		begin_booking(r, heard, out, out_bytes);
	} else if (!answer_topic(r, heard, out, out_bytes)) {
		answer_new_topic(r, heard, out, out_bytes);
	}
	remember(r, out);
}

/* --- tools -------------------------------------------------------------------------------------- */

const char *receptionist_tool_name(enum receptionist_tool tool)
{
	static const char *const names[] = {
#define TOOL_NAME(id, name) name,
		RECEPTIONIST_TOOLS(TOOL_NAME)
#undef TOOL_NAME
	};

	return names[tool];
}

void receptionist_report(struct receptionist *r, const char *tool_name, bool good, const char *words, char *out,
	size_t out_bytes)
{
	bool is_take = strcmp(tool_name, receptionist_tool_name(TOOL_TAKE)) == 0;

	out[0] = '\0';
	if (!good && strcmp(tool_name, receptionist_tool_name(TOOL_TRANSFER)) == 0)
		snprintf(out, out_bytes, "I am sorry, nobody can be reached. May I take a message?");
	else if (!good)
		snprintf(out, out_bytes, "I am sorry, that did not work: %s",
			words[0] ? words : "please try again later");
	else if (is_take)
		snprintf(out, out_bytes, "Thank you, your message has been taken." ANYTHING_ELSE);
	else if (words[0])
		snprintf(out, out_bytes, "%s." ANYTHING_ELSE, words);
	else
		snprintf(out, out_bytes, "That is done." ANYTHING_ELSE);
	if (!good && strcmp(tool_name, receptionist_tool_name(TOOL_TRANSFER)) == 0)
		r->topic = TOPIC_MESSAGE;
	remember(r, out);
}

/* --- transcripts ------------------------------------------------------------------------------- */

void receptionist_write_out(const char *heard, char *out, size_t out_bytes)
{
	bool question = has_any(heard, "what|when|where|how|are you|can i|could i|can you|could you|pardon");
	size_t len;

	snprintf(out, out_bytes, "%s", heard);
	len = strlen(out);
	if (len == 0)
		return;
	out[0] = (char)toupper((unsigned char)out[0]);
	for (size_t i = 1; i < len; i++)
		if (out[i] == 'i' && out[i - 1] == ' ' && (out[i + 1] == ' ' || !out[i + 1]))
			out[i] = 'I';
	if (len + 1 < out_bytes)
		snprintf(out + len, out_bytes - len, question ? "?" : ".");
}
