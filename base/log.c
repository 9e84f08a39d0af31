#include "base/log.h"

#include "base/check.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *log_program = "receptionai";
static enum log_level log_least = LOG_INFO;
static bool log_to_journal;

static const struct {
	const char *word;
	int priority;                   /* syslog's, for the journal */
} levels[] = {
	[LOG_DEBUG] = { "debug", 7 },
	[LOG_INFO] = { "info", 6 },
	[LOG_WARN] = { "warn", 4 },
	[LOG_ERROR] = { "error", 3 },
};

void log_open(const char *program, enum log_level least)
{
	log_program = program;
	log_least = least;
	log_to_journal = getenv("JOURNAL_STREAM") != NULL;
}

bool log_level_parse(const char *word, enum log_level *out_level)
{
	for (size_t i = 0; i < ARRAY_COUNT(levels); i++) {
		if (strcmp(word, levels[i].word) == 0) {
			*out_level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

static size_t write_head(char *line, size_t cap, enum log_level level)
{
	struct timespec t;
	struct tm utc;
	char when[32];

	if (log_to_journal)
		return (size_t)snprintf(line, cap, "<%d>%s: ", levels[level].priority, log_program);
	clock_gettime(CLOCK_REALTIME, &t);
	gmtime_r(&t.tv_sec, &utc);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
	return (size_t)snprintf(line, cap, "%s.%03ldZ %s: %s: ", when, t.tv_nsec / 1000000, log_program,
		levels[level].word);
}

__attribute__((format(printf, 2, 0)))
static void write_line(enum log_level level, const char *format, va_list args)
{
	char line[LOG_LINE_BYTES_MAX];

	if (level < log_least)
		return;
	size_t len = write_head(line, sizeof line, level);
	int n = vsnprintf(line + len, sizeof line - len - 1, format, args);

	check(n >= 0);
	len += (size_t)n < sizeof line - len - 1 ? (size_t)n : sizeof line - len - 2;
	line[len++] = '\n';
	/* A log that cannot be written has no better place to be reported. */
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}

#define LOG_FUNCTION(name, level) \
	void name(const char *format, ...) \
	{ \
		va_list args; \
		va_start(args, format); \
		write_line(level, format, args); \
		va_end(args); \
	}
LOG_FUNCTION(log_debug, LOG_DEBUG)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_warn, LOG_WARN)
LOG_FUNCTION(log_error, LOG_ERROR)

struct log_word log_phone(const char *number)
{
	struct log_word word = { "-" };
	size_t len = strlen(number);

	if (len == 0)
		return word;
	if (len >= sizeof word.text)
		len = sizeof word.text - 1;
	for (size_t i = 0; i < len; i++) {
		bool shown = (i == 0 && number[0] == '+') || (len > 6 && i + 2 >= len);
		unsigned char c = (unsigned char)number[i];

		word.text[i] = shown && (isalnum(c) || c == '+') ? number[i] : '*';
	}
	word.text[len] = '\0';
	return word;
}

struct log_word log_text(const void *data, size_t len)
{
	struct log_word word;
	const unsigned char *bytes = data;
	size_t at = 0, end = sizeof word.text - 8;

	word.text[at++] = '"';
	for (size_t i = 0; i < len; i++) {
		if (at >= end) {
			memcpy(word.text + at, "...", 3);
			at += 3;
			break;
		}
		if (bytes[i] >= ' ' && bytes[i] < 0x7f && bytes[i] != '"' && bytes[i] != '\\')
			word.text[at++] = (char)bytes[i];
		else
			at += (size_t)snprintf(word.text + at, 5, "\\x%02x", bytes[i]);
	}
	word.text[at++] = '"';
	word.text[at] = '\0';
	return word;
}

struct log_word log_name(const void *data, size_t len)
{
	struct log_word word = { "-" };
	const char *name = data;

	if (len >= sizeof word.text / 2)
		return log_text(data, len);
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && (name[i] == '\0' || !strchr("-_.:", name[i])))
			return log_text(data, len);
	if (len) {
		memcpy(word.text, name, len);
		word.text[len] = '\0';
	}
	return word;
}

bool log_limit_pass(struct log_limit *limit, uint64_t now_ms, uint32_t burst, uint32_t *out_left_out)
{
	uint64_t second = now_ms / 1000;

	if (second != limit->second) {
		limit->second = second;
		limit->written_count = 0;
	}
	if (limit->written_count >= burst) {
		limit->left_out_count++;
		return false;
	}
	limit->written_count++;
	*out_left_out = limit->left_out_count;
	limit->left_out_count = 0;
	return true;
}
