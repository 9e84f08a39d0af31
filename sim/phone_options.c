#include "sim/phone_options.h"

#include "base/check.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* OPTION(name, what it takes, help). The help of an empty name is a heading. */
#define OPTIONS(OPTION)                                                                                    \
	OPTION(webhook, "URL",                                                                             \
		"the voice webhook, as configured at Twilio (#rc=2&rt=900 … overrides are obeyed)")        \
	OPTION(stream, "URL", "skip the webhook: stream to this ws: or wss: URL at once")                  \
	OPTION(to, "NUMBER", "the called number (default +15550100)")                                      \
	OPTION(from, "NUMBER", "the caller's number (default +14155550123)")                               \
	OPTION(token, "TOKEN",                                                                             \
		"auth token that signs; default: TWILIO_AUTH_TOKEN from environment or settings")          \
	OPTION(public_url, "ORIGIN",                                                                       \
		"origin that Twilio would use, when the webhook is reached at another address")            \
	OPTION(relay_at, "HOST:PORT", "connect here for the stream, whatever host its URL names")          \
	OPTION(ca_file, "FILE", "PEM roots to trust; default: the system's")                               \
	OPTION(insecure, NULL, "accept any certificate")                                                   \
	OPTION(allow_ws, NULL, "let TwiML name ws: URLs, which Twilio refuses (31922)")                    \
	OPTION(method, "GET|POST", "of the webhook request (default POST)")                                \
	OPTION(account_sid, "SID", "default: AC and zeros")                                                \
	OPTION(call_sid, "SID", "default: a random one")                                                   \
	OPTION(field, "NAME=VALUE",                                                                        \
		"one more parameter of every webhook request, or another value of a standard one")         \
	OPTION(param, "NAME=VALUE", "with --stream: a custom parameter of the start message")              \
	OPTION(status_callback, "URL", "receives the call's end, as the number's status callback does")    \
	OPTION(fallback, "URL", "asked when the webhook fails, as the number's fallback URL is")           \
	OPTION(signature, "right|wrong|none",                                                              \
		"how requests and the stream's handshake are signed (default right)")                      \
	OPTION(dial_status, "WORD", "how a <Dial> ends: completed (default), busy, no-answer, failed")     \
	OPTION(dial, "NUMBER=WORD", "the same for one number; answered:WORDS says what is answered")       \
	OPTION(message, "WORDS", "what the caller says behind a beep; empty: nothing")                     \
	OPTION(message_end, "silence|key|hangup", "how the caller ends it")                                \
	OPTION(digits, "DIGITS", "keyed in when TwiML gathers keys; repeatable, in order")                 \
	OPTION(recordings, "FOLDER", "keep what callers leave behind a beep as Twilio does, for --serve")  \
	OPTION(api_url, "URL", "Twilio's REST API, as recordings' URLs have it")                           \
	OPTION(serve, "HOST:PORT", "no call: hand out the --recordings, as Twilio's REST API does")        \
	OPTION(not_ready, "N", "with --serve: a recording is there when asked for the N+1st time")         \
	OPTION(quick, NULL, "Say, Play, Pause, Dial, Record take no time")                                 \
	OPTION(say, "TEXT",                                                                                \
		"speak, when the receptionist has answered and is silent; repeatable, in order")           \
	OPTION(wav, "FILE", "the same with a recording (8000·n Hz)")                                       \
	OPTION(interrupt, "TEXT@MS", "speak so many milliseconds into the receptionist's next utterance")  \
	OPTION(dtmf, "DIGITS", "press keys, when it is the caller's turn")                                 \
	OPTION(pause, "MS", "wait, when it is the caller's turn")                                          \
	OPTION(voice, "NAME", "of the caller: slt, rms (default), awb, kal16")                             \
	OPTION(patience, "MS", "silence after which it is the caller's turn (default 700)")                \
	OPTION(answer_wait, "MS", "go on after so long without any answer (default 8000)")                 \
	OPTION(hangup_silence, "MS", "hang up after the last answer and so much silence (default 2000)")   \
	OPTION(hangup_after, "S", "hang up so many seconds after the stream started, whatever is said")    \
	OPTION(stay, NULL, "do not hang up when the script is over")                                       \
	OPTION(hangup_with, "HOW",                                                                         \
		"stop (default), close (no stop message), reset (TCP), vanish (fall silent)")              \
	OPTION(dialect, "real|seed", "seed: the older documents' message shapes, with both tracks")        \
	OPTION(replay, "FILE", "send a recorded stream word by word, at its times, instead of any script")   \
	OPTION(record, "FILE", "write down what is sent on the stream, for --replay")                      \
	OPTION(fragment, "BYTES", "cut messages into WebSocket frames of this size")                       \
	OPTION(fault, "NAME", "misbehave; repeatable; the faults are listed below")                          \
	OPTION(heard, "FILE", "WAV of what the caller heard")                                              \
	OPTION(stereo, "FILE", "WAV: left the caller, right what was heard")                               \
	OPTION(json, NULL, "a summary as JSON on stdout; the timeline goes to stderr")                     \
	OPTION(quiet, NULL, "no timeline")                                                                 \
	OPTION(calls, "N", "load: so many calls at a time, each 50 messages a second")                     \
	OPTION(seconds, "T", "load: how long each call sends (default 10)")                                \
	OPTION(ramp, "S", "load: start the calls over so many seconds (default 1)")                        \
	OPTION(profile, "echo|real",                                                                       \
		"load: echo (default) checks that every frame comes back; real only counts")               \
	OPTION(token_secret, "KEY",                                                                        \
		"with --stream and --merchant: STREAM_TOKEN_SECRET, to make a stream token")           \
	OPTION(merchant, "ID", "with --stream: put a stream token for this merchant behind the URL")       \
	OPTION(help, NULL, "this text")                                                                    \
	OPTION(version, NULL, "the version")

enum phone_option {
	OPTION_NONE = 255,
#define OPTION_ENUM(name, ...) OPTION_##name,
	OPTIONS(OPTION_ENUM)
#undef OPTION_ENUM
};

static const struct {
	const char *name, *takes, *help;
} table[] = {
#define OPTION_ROW(name, takes, help) { #name, takes, help },
	OPTIONS(OPTION_ROW)
#undef OPTION_ROW
};

static void spell(const char *name, char out[32])
{
	snprintf(out, 32, "%s", name);
	for (char *c = out; *c; c++) {
		if (*c == '_')
			*c = '-';
	}
}

static void show_help(void)
{
	char name[32], left[64];

	printf("usage: receptionai-sim-phone --webhook URL --to NUMBER [--say TEXT]...\n"
	       "       receptionai-sim-phone --stream URL [--say TEXT]...\n"
	       "       receptionai-sim-phone --calls N --seconds T (--stream URL | --webhook URL --to "
	       "NUMBER)\n"
	       "       receptionai-sim-phone --serve HOST:PORT --recordings FOLDER\n\n"
	       "Plays Twilio and the caller: asks the webhook, executes its TwiML, streams a spoken call, "
	       "checks every\n"
	       "message that comes back. With --calls it is a load generator.\n\n");
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		spell(table[i].name, name);
		snprintf(left, sizeof left, "--%s%s%s", name, table[i].takes ? " " : "",
			table[i].takes ? table[i].takes : "");
		printf("  %-26s %s\n", left, table[i].help);
	}
	printf("\nFaults:\n");
	phone_fault_print(stdout);
	printf("\nExit status: 0 all well; 1 a violation or a failed call; 2 wrong usage.\n");
}

__attribute__((format(printf, 1, 2))) static bool complain(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "receptionai-sim-phone: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	return false;
}

static bool read_number(
	const char *option, const char *text, double least, double most, double scale, uint32_t *out)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= least && value <= most))
		return complain("--%s %s: a number from %g to %g is wanted", option, text, least, most);
	*out = (uint32_t)(value * scale + 0.5);
	return true;
}

static bool read_word(
	const char *option, const char *text, const char *const *words, size_t count, int *out)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(text, words[i]) == 0) {
			*out = (int)i;
			return true;
		}
	}
	return complain("--%s %s is not known; see --help", option, text);
}

static bool read_pair(const char *option, const char *text, struct phone_pair *pairs, size_t *count)
{
	const char *equal = strchr(text, '=');

	if (!equal || equal == text)
		return complain("--%s %s: NAME=VALUE is wanted", option, text);
	if (*count == PHONE_PAIR_COUNT_MAX)
		return complain("--%s may be given %d times", option, PHONE_PAIR_COUNT_MAX);
	pairs[(*count)++] = (struct phone_pair){ { text, (size_t)(equal - text) }, slice_of(equal + 1) };
	return true;
}

static bool add_line(struct phone_options *o, enum script_kind kind, char *text)
{
	uint32_t ms = 0;

	if (kind == SCRIPT_INTERRUPT && !script_split_at(text, &ms))
		return complain("--interrupt %s: TEXT@MS is wanted", text);
	if (kind == SCRIPT_PAUSE && !read_number("pause", text, 0, 600000, 1, &ms))
		return false;
	if (kind == SCRIPT_DTMF && (!*text || strspn(text, "0123456789*#") != strlen(text)))
		return complain("--dtmf %s: digits, * and # are wanted", text);
	return script_add(&o->script, kind, text, ms) ||
	       complain("a script has at most %d lines", SCRIPT_LINE_COUNT_MAX);
}

static bool read_choice(struct phone_options *o, enum phone_option option, const char *text)
{
	static const char *const methods[] = { "POST", "GET" },
				 *const signings[] = { "right", "wrong", "none" },
				 *const hangups[] = { "stop", "close", "reset", "vanish" },
				 *const endings[] = { "silence", "key", "hangup" },
				 *const dialects[] = { "real", "seed" },
				 *const profiles[] = { "echo", "real" };
	int choice = 0;
	bool good = false;

#define CHOICE(name, words, assign)                                                                        \
	if (option == OPTION_##name) {                                                                     \
		good = read_word(#name, text, words, ARRAY_COUNT(words), &choice);                         \
		if (good)                                                                                  \
			assign;                                                                            \
	}
	CHOICE(method, methods, o->use_get = choice == 1)
	CHOICE(signature, signings, o->signing = (enum webhook_signing)choice)
	CHOICE(hangup_with, hangups, o->hangup = (enum phone_hangup)choice)
	CHOICE(message_end, endings, o->message_end = (enum phone_message_end)choice)
	CHOICE(dialect, dialects, o->dialect = choice ? TWILIO_SEED : TWILIO_REAL)
	CHOICE(profile, profiles, o->profile = (enum phone_profile)choice)
#undef CHOICE
	return good;
}

static bool add_entry(struct phone_options *o, const char *text)
{
	const size_t len = strlen(text);

	if (!len || len > PHONE_ENTRY_BYTES_MAX || strspn(text, "0123456789*#") != len)
		return complain("--digits %s: up to %d digits, * and # are wanted", text, PHONE_ENTRY_BYTES_MAX);
	if (o->entry_count == PHONE_ENTRY_COUNT_MAX)
		return complain("--digits may be given %d times", PHONE_ENTRY_COUNT_MAX);
	o->entries[o->entry_count++] = text;
	return true;
}

static bool read_merchant(struct phone_options *o, const char *text)
{
	char *end;

	o->merchant_id = strtoll(text, &end, 10);
	return (*text && !*end && o->merchant_id > 0) ||
	       complain("--merchant %s: a positive number is wanted", text);
}

/* Options that are neither a text to keep, a flag nor a choice. */
static bool read_special(struct phone_options *o, enum phone_option option, char *text)
{
	struct script *s = &o->script;

#define SPECIAL(name, expression)                                                                          \
	if (option == OPTION_##name)                                                                       \
		return expression;
	SPECIAL(say, add_line(o, SCRIPT_SAY, text))
	SPECIAL(wav, add_line(o, SCRIPT_WAV, text))
	SPECIAL(interrupt, add_line(o, SCRIPT_INTERRUPT, text))
	SPECIAL(dtmf, add_line(o, SCRIPT_DTMF, text))
	SPECIAL(pause, add_line(o, SCRIPT_PAUSE, text))
	SPECIAL(digits, add_entry(o, text))
	SPECIAL(dial, dialled_read(&o->dialled, text) ||
		complain("--dial %s: NUMBER=answered:WORDS, =busy, =no-answer or =failed is wanted", text))
	SPECIAL(dial_status, dialled_read_others(&o->dialled, text) ||
		complain("--dial-status %s: completed, busy, no-answer or failed is wanted", text))
	SPECIAL(not_ready, read_number("not-ready", text, 0, 1000, 1, &o->not_ready))
	SPECIAL(field, read_pair("field", text, o->fields, &o->field_count))
	SPECIAL(param, read_pair("param", text, o->parameters, &o->parameter_count))
	SPECIAL(voice, speech_voice_parse(text, &o->voice) || complain("--voice %s is not known", text))
	SPECIAL(patience, read_number("patience", text, 100, 60000, 1, &s->patience_ms))
	SPECIAL(answer_wait, read_number("answer-wait", text, 0, 600000, 1, &s->answer_ms))
	SPECIAL(hangup_silence, read_number("hangup-silence", text, 0, 600000, 1, &s->hangup_ms))
	SPECIAL(hangup_after, read_number("hangup-after", text, 0.1, 86400, 1000, &o->hangup_after_ms))
	SPECIAL(fragment, read_number("fragment", text, 1, 65536, 1, &o->fragment_bytes))
	SPECIAL(calls, read_number("calls", text, 1, PHONE_CALL_COUNT_MAX, 1, &o->call_count))
	SPECIAL(seconds, read_number("seconds", text, 1, 86400, 1, &o->seconds))
	SPECIAL(ramp, read_number("ramp", text, 0, 3600, 1000, &o->ramp_ms))
	SPECIAL(merchant, read_merchant(o, text))
	SPECIAL(fault, phone_fault_parse(&o->faults, text) || complain("--fault %s is not known; see --help", text))
#undef SPECIAL
	return read_choice(o, option, text);
}

static bool read_option(struct phone_options *o, enum phone_option option, char *text)
{
#define KEEP(name, field)                                                                                  \
	if (option == OPTION_##name) {                                                                     \
		o->field = text;                                                                           \
		return true;                                                                               \
	}
#define FLAG(name)                                                                                         \
	if (option == OPTION_##name)                                                                       \
		return o->name = true;
	KEEP(webhook, webhook)
	KEEP(stream, stream)
	KEEP(to, to)
	KEEP(from, from)
	KEEP(token, token)
	KEEP(public_url, public_origin)
	KEEP(relay_at, relay_at)
	KEEP(ca_file, ca_file)
	KEEP(account_sid, account_sid)
	KEEP(call_sid, call_sid)
	KEEP(status_callback, status_callback)
	KEEP(fallback, fallback_url)
	KEEP(message, message)
	KEEP(recordings, recordings_path)
	KEEP(api_url, api_url)
	KEEP(serve, serve)
	KEEP(heard, heard_path)
	KEEP(stereo, stereo_path)
	KEEP(replay, replay_path)
	KEEP(record, record_path)
	KEEP(token_secret, token_secret)
	FLAG(insecure)
	FLAG(allow_ws)
	FLAG(quick)
	FLAG(stay)
	FLAG(json)
	FLAG(quiet)
#undef KEEP
#undef FLAG
	return read_special(o, option, text);
}

static bool check_urls(struct phone_options *o)
{
	char host[256], port[16];
	struct url url;

	if (o->serve)
		return (!o->webhook && !o->stream && o->recordings_path) ||
		       complain("--serve goes with --recordings, and without a call");
	if (!o->webhook == !o->stream)
		return complain("one of --webhook URL and --stream URL is wanted; see --help");
	if (o->stream && (!url_split(slice_of(o->stream), &url) || !url.is_socket))
		return complain("--stream %s is not a ws: or wss: URL", o->stream);
	if (o->relay_at && !net_address_split(o->relay_at, host, sizeof host, port, sizeof port))
		return complain("--relay-at %s: HOST:PORT is wanted", o->relay_at);
	if (o->webhook) {
		if (!url_split(slice_of(o->webhook), &url) || url.is_socket)
			return complain("--webhook %s is not an http: or https: URL", o->webhook);
		snprintf(o->local_origin, sizeof o->local_origin, "%.*s",
			(int)(url.authority.data + url.authority.len - url.scheme.data), o->webhook);
	}
	if (o->public_origin &&
		(!url_split(slice_of(o->public_origin), &url) || url.is_socket || url.target.len > 0))
		return complain("--public-url %s is not an origin such as https://voice.example.com",
			o->public_origin);
	return true;
}

static bool check_lengths(const struct phone_options *o)
{
	if (strlen(o->to) > PHONE_BYTES_MAX || strlen(o->from) > PHONE_BYTES_MAX)
		return complain("--to and --from have at most %d characters", PHONE_BYTES_MAX);
	if (strlen(o->account_sid) > SID_BYTES_MAX || (o->call_sid && strlen(o->call_sid) > SID_BYTES_MAX))
		return complain("a SID has at most %d characters", SID_BYTES_MAX);
	return true;
}

/* Secrets from the environment or the settings file, unless the command line gave them. */
static bool read_secrets(struct phone_options *o)
{
	char why[CONF_WHY_BYTES_MAX];

	if (o->token && (o->token_secret || !o->merchant_id))
		return true;
	if (!conf_load(&o->conf, 'P', getenv("RECEPTIONAI_CONF"), why, sizeof why))
		return complain("%s", why);
	if (!o->token)
		o->token = conf_text(&o->conf, TWILIO_AUTH_TOKEN);
	if (!o->token_secret)
		o->token_secret = conf_text(&o->conf, STREAM_TOKEN_SECRET);
	return true;
}

static bool add_field(struct phone_options *o, const char *name, struct slice value)
{
	if (o->field_count == PHONE_PAIR_COUNT_MAX)
		return complain("--fault and --field want more than %d fields", PHONE_PAIR_COUNT_MAX);
	o->fields[o->field_count++] = (struct phone_pair){ slice_of(name), value };
	return true;
}

static bool add_fault_fields(struct phone_options *o)
{
	static char token[20 * 1024];
	bool good = true;

	memset(token, 'x', sizeof token);
	if (phone_fault_on(o->faults, PHONE_FAULT_UNKNOWN_FIELDS))
		good = add_field(o, "Weather", SLICE("fine")) && add_field(o, "X-%&=+", SLICE("=&%+ \t"));
	if (good && phone_fault_on(o->faults, PHONE_FAULT_UTF8_FIELDS))
		good = add_field(o, "FromCity", SLICE("M\303\274nchen \346\235\261\344\272\254 \360\237\223\236"));
	if (good && phone_fault_on(o->faults, PHONE_FAULT_LONG_FIELD))
		good = add_field(o, "CallToken", (struct slice){ token, sizeof token });
	return good;
}

/* The faults that are nothing but a setting. */
static bool apply_faults(struct phone_options *o)
{
	const uint64_t faults = o->faults;

	if (phone_fault_on(faults, PHONE_FAULT_WRONG_TOKEN))
		o->signing = WEBHOOK_SIGN_WRONG;
	if (phone_fault_on(faults, PHONE_FAULT_NO_SIGNATURE))
		o->signing = WEBHOOK_SIGN_NOT;
	if (phone_fault_on(faults, PHONE_FAULT_GARBLED_SIGNATURE))
		o->signing = WEBHOOK_SIGN_GARBLED;
	if (phone_fault_on(faults, PHONE_FAULT_GET))
		o->use_get = true;
	if (phone_fault_on(faults, PHONE_FAULT_NO_FROM))
		o->from = "";
	if (phone_fault_on(faults, PHONE_FAULT_ANONYMOUS))
		o->from = "anonymous";
	if (phone_fault_on(faults, PHONE_FAULT_FRAGMENTS))
		o->fragment_bytes = 11;
	if (phone_fault_on(faults, PHONE_FAULT_SEED))
		o->dialect = TWILIO_SEED;
	if (phone_fault_on(faults, PHONE_FAULT_CLOSE))
		o->hangup = PHONE_HANGUP_CLOSE;
	if (phone_fault_on(faults, PHONE_FAULT_RESET))
		o->hangup = PHONE_HANGUP_RESET;
	if (phone_fault_on(faults, PHONE_FAULT_VANISH))
		o->hangup = PHONE_HANGUP_VANISH;
	if (phone_fault_on(faults, PHONE_FAULT_HALF_OPEN))
		o->hangup = PHONE_HANGUP_FREEZE;
	return add_fault_fields(o);
}

static bool check_all(struct phone_options *o)
{
	if (!apply_faults(o))
		return false;
	if (!check_urls(o) || !check_lengths(o) || !read_secrets(o))
		return false;
	if (!o->token[0] && o->webhook && o->signing == WEBHOOK_SIGN_RIGHT)
		return complain("a token is wanted to sign with: TWILIO_AUTH_TOKEN or --token (or "
				"--signature none)");
	if (o->call_count && o->script.line_count)
		return complain("--calls has no script: its callers send test patterns");
	if (o->replay_path && (o->script.line_count || o->call_count))
		return complain("--replay sends what was recorded and nothing else: no script, no --calls");
	if (o->merchant_id && !o->stream)
		return complain("--merchant goes with --stream: a webhook makes its own tokens");
	if (o->merchant_id && !o->token_secret[0] && !o->token[0])
		return complain(
			"stream tokens need --token-secret (STREAM_TOKEN_SECRET) or TWILIO_AUTH_TOKEN");
	return true;
}

static void set_defaults(struct phone_options *o)
{
	*o = (struct phone_options){ .to = "+15550100",
		.from = "+14155550123",
		.message = "Please call me back tomorrow.",
		.api_url = "https://api.twilio.com/2010-04-01",
		.account_sid = "AC00000000000000000000000000000000",
		.voice = (enum speech_voice)SPEECH_VOICE_CALLER,
		.seconds = 10,
		.ramp_ms = 1000 };
	script_init(&o->script, 700, 8000, 2000);
	dialled_init(&o->dialled);
}

enum phone_options_result phone_options_read(struct phone_options *o, int argc, char **argv)
{
	static char names[ARRAY_COUNT(table)][32];
	struct option long_options[ARRAY_COUNT(table) + 1] = { 0 };
	int got;

	set_defaults(o);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		spell(table[i].name, names[i]);
		long_options[i] = (struct option){ names[i],
			table[i].takes ? required_argument : no_argument, NULL, OPTION_NONE + 1 + (int)i };
	}
	while ((got = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (got == OPTION_help)
			show_help();
		if (got == OPTION_version)
			printf("receptionai-sim-phone %s\n", PACKAGE_VERSION);
		if (got == OPTION_help || got == OPTION_version)
			return PHONE_OPTIONS_SHOWN;
		if (got == '?')
			complain("see --help");
		if (got == '?' || !read_option(o, (enum phone_option)got, optarg))
			return PHONE_OPTIONS_WRONG;
	}
	if (optind < argc) {
		complain("%s is not an option; see --help", argv[optind]);
		return PHONE_OPTIONS_WRONG;
	}
	return check_all(o) ? PHONE_OPTIONS_RUN : PHONE_OPTIONS_WRONG;
}

void phone_options_close(struct phone_options *o)
{
	conf_close(&o->conf);
}
