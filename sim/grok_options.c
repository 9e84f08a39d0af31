/* grok_options - one table of options gives getopt's list and the help. */
#include "sim/grok_options.h"

#include "base/check.h"
#include "sim/net.h"
#include "sim/speech_say.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* OPTION(letter, name, argument or NULL, help) */
#define OPTIONS(OPTION) \
	OPTION('l', "listen", "HOST:PORT", "where to listen; port 0 takes a free one (127.0.0.1:0)") \
	OPTION('c', "tls-cert", "FILE", "PEM certificate chain: serve wss instead of ws") \
	OPTION('k', "tls-key", "FILE", "PEM private key of --tls-cert") \
	OPTION('a', "api-key", "KEY", "the only bearer token that is good (default: XAI_API_KEY, or any)") \
	OPTION('v', "voice", "NAME", "speak with slt, rms, awb or kal16, whatever the client asks for") \
	OPTION('e', "echo", NULL, "load: send each append back at once as one delta") \
	OPTION('p', "profile", "NAME", "load: echo, or real (speak 40 % of the time in deltas of 200 to 500 ms)") \
	OPTION('d', "dialect", "NAME", "xai, or openai: speak OpenAI's protocol (GA) instead") \
	OPTION('H', "hears", "WORDS", "do without an ear: the next turn says WORDS; the last of several stay") \
	OPTION('C', "call", "WORDS=NAME[:JSON]", "call the function when the caller says WORDS; * is any") \
	OPTION('S', "session-cap", "S", "the longest session (7200; openai: 3600)") \
	OPTION('f', "fault", "NAME[:ARG]", "misbehave; may be given several times") \
	OPTION('F', "fault-after", "MS", "faults of a running session wait so long") \
	OPTION('n', "fault-calls", "N", "only the first N connections meet the faults") \
	OPTION('m', "max-calls", "N", "connections at a time (4096)") \
	OPTION('s', "seed", "N", "of identifiers and delays (1): the same seed plays the same session") \
	OPTION('L', "log", "json|text", "write what was heard and said to stdout, a line each") \
	OPTION('h', "help", NULL, "print this") \
	OPTION('V', "version", NULL, "print the version")

static const struct option long_options[] = {
#define OPTION_ROW(letter, name, argument, help) \
	{ name, (argument) ? required_argument : no_argument, NULL, letter },
	OPTIONS(OPTION_ROW)
#undef OPTION_ROW
	{ 0 },
};

static const struct {
	const char *name, *argument, *help;
} rows[] = {
#define OPTION_TEXT(letter, name, argument, help) { name, argument, help },
	OPTIONS(OPTION_TEXT)
#undef OPTION_TEXT
};

static void print_help(void)
{
	fputs("Usage: receptionai-sim-grok [OPTION]...\n"
		"Plays xAI's realtime voice API at /v1/realtime: listens, understands a few dozen sentences, "
		"and speaks.\n"
		"The first line on stdout is \"listening on URL\".\n\n", stdout);
	printf("Options:\n");
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char left[64];

		snprintf(left, sizeof left, "%s%s%s", rows[i].name, rows[i].argument ? " " : "",
			rows[i].argument ? rows[i].argument : "");
		printf("  --%-24s %s\n", left, rows[i].help);
	}
	printf("\nFaults (ARG after the colon, with its default):\n");
	fault_help(stdout);
	printf("\nSettings (environment or configuration file):\n");
	conf_help(stdout, 'G');
}

static bool wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool wrong(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "receptionai-sim-grok: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n");
	return false;
}

static bool read_number(const char *text, uint64_t most, uint64_t *out)
{
	char *end;
	unsigned long long number = strtoull(text, &end, 10);

	if (!text[0] || *end || text[0] == '-' || number > most)
		return wrong("\"%s\" is no number that fits", text);
	*out = number;
	return true;
}

static bool read_u32(const char *text, uint64_t most, uint32_t *out)
{
	uint64_t number = 0;

	if (!read_number(text, most, &number))
		return false;
	*out = (uint32_t)number;
	return true;
}

static bool read_profile(struct grok_options *o, const char *name)
{
	if (strcmp(name, "echo") == 0)
		o->plan.mode = FAKE_ECHO;
	else if (strcmp(name, "real") == 0)
		o->plan.mode = FAKE_REAL;
	else
		return wrong("there is no profile \"%s\": echo or real", name);
	return true;
}

static bool read_voice(struct grok_options *o, const char *name)
{
	enum speech_voice voice;

	if (!speech_voice_parse(name, &voice))
		return wrong("there is no voice \"%s\": slt, rms, awb or kal16", name);
	o->plan.voice = name;
	return true;
}

static bool read_fault(struct grok_options *o, const char *text)
{
	char why[200];

	return fault_parse(&o->plan.faults, text, why, sizeof why) || wrong("%s", why);
}

static bool read_dialect(struct grok_options *o, const char *name)
{
	o->plan.dialect = grok_dialect_of(slice_of(name));
	return o->plan.dialect || wrong("there is no dialect \"%s\": xai or openai", name);
}

/* Cuts the argument in place: it is ours for life. */
static bool read_script(struct grok_options *o, char *text)
{
	char *name = strchr(text, '='), *arguments = name ? strchr(name, ':') : NULL;

	if (!name || name == text || !name[1] || arguments == name + 1)
		return wrong("\"%s\" is not WORDS=NAME or WORDS=NAME:JSON", text);
	if (o->plan.script_count == FAKE_SCRIPT_COUNT_MAX)
		return wrong("--call may be given %d times", FAKE_SCRIPT_COUNT_MAX);
	*name++ = '\0';
	if (arguments)
		*arguments++ = '\0';
	o->plan.scripts[o->plan.script_count++] = (struct fake_script){ text, name, arguments ? arguments : "{}" };
	return true;
}

static bool add_heard(struct grok_options *o, const char *words)
{
	if (o->hears_count == GROK_HEARS_COUNT_MAX)
		return wrong("--hears may be given %d times", GROK_HEARS_COUNT_MAX);
	o->hears[o->hears_count++] = words;
	return true;
}

static bool read_notes(struct grok_options *o, const char *name)
{
	if (strcmp(name, "json") == 0)
		o->notes = NOTES_JSON;
	else if (strcmp(name, "text") == 0)
		o->notes = NOTES_TEXT;
	else
		return wrong("--log takes json or text, not \"%s\"", name);
	return true;
}

static bool take_option(struct grok_options *o, int letter, char *argument)
{
	switch (letter) {
	case 'l':
		return net_address_split(argument, o->host, sizeof o->host, o->port, sizeof o->port)
			|| wrong("\"%s\" is not HOST:PORT", argument);
	case 'c':
		o->tls_cert = argument;
		return true;
	case 'k':
		o->tls_key = argument;
		return true;
	case 'a':
		return slice_copy(slice_of(argument), o->api_key, sizeof o->api_key)
			|| wrong("%s", "the key is too long");
	case 'v':
		return read_voice(o, argument);
	case 'e':
		return read_profile(o, "echo");
	case 'p':
		return read_profile(o, argument);
	case 'd':
		return read_dialect(o, argument);
	case 'H':
		return add_heard(o, argument);
	case 'C':
		return read_script(o, argument);
	case 'S':
		return read_u32(argument, 86400, &o->plan.session_s_max);
	case 'f':
		return read_fault(o, argument);
	case 'F':
		return read_u32(argument, 3600000, &o->plan.fault_after_ms);
	case 'n':
		return read_u32(argument, 1000000, &o->fault_calls);
	case 'm':
		return read_u32(argument, 60000, &o->connection_count_max);
	case 's':
		return read_number(argument, UINT64_MAX, &o->seed);
	case 'L':
		return read_notes(o, argument);
	default:
		fprintf(stderr, "receptionai-sim-grok: see --help\n");
		return false;
	}
}

static bool read_settings(struct grok_options *o)
{
	struct conf conf;
	char why[CONF_WHY_BYTES_MAX];

	if (o->api_key[0])
		return true;
	if (!conf_load(&conf, 'G', getenv("RECEPTIONAI_CONF"), why, sizeof why))
		return wrong("%s", why);
	snprintf(o->api_key, sizeof o->api_key, "%s", conf_text(&conf, XAI_API_KEY));
	conf_close(&conf);
	return true;
}

enum grok_options_result grok_options_read(struct grok_options *o, int argc, char **argv)
{
	int letter;

	*o = (struct grok_options){ .host = "127.0.0.1", .port = "0", .plan.voice = "", .connection_count_max = 4096,
		.seed = 1 };
	while ((letter = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
		if (letter == 'h') {
			print_help();
			return OPTIONS_DONE;
		}
		if (letter == 'V') {
			printf("receptionai-sim-grok %s\n", PACKAGE_VERSION);
			return OPTIONS_DONE;
		}
		if (!take_option(o, letter, optarg))
			return OPTIONS_WRONG;
	}
	if (optind < argc)
		wrong("what is \"%s\"?", argv[optind]);
	else if (!o->tls_cert != !o->tls_key)
		wrong("%s", "--tls-cert and --tls-key go together");
	else if (read_settings(o))
		return OPTIONS_RUN;
	return OPTIONS_WRONG;
}
