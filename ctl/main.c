/* receptionai-ctl: what an operator does to a running relay. */
#include "base/check.h"
#include "base/conf.h"
#include "ctl/link.h"
#include "ctl/listen.h"
#include "proto/json_write.h"
#include "proto/testimony.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"usage: receptionai-ctl [--socket PATH] [--json] COMMAND [CALLSID [TEXT]]\n"
	"\n"
	"Looks at the calls of a running receptionai-relay and acts on them.\n"
	"\n"
	"  list                      the calls, one a line\n"
	"  watch CALLSID             what happens in a call, as it happens, until it ends\n"
	"  listen CALLSID >FILE.wav  both sides as a WAV stream: the caller left, the receptionist right\n"
	"  say CALLSID TEXT          have the receptionist say this to the caller now\n"
	"  transfer CALLSID NUMBER   ring that number (+15551234567) for the caller\n"
	"  hangup CALLSID            end a call\n"
	"  drain                     take no new calls, end when the last one has ended\n"
	"  reload                    read the TLS certificate again\n"
	"\n"
	"  --socket PATH    the relay's control socket, instead of the setting RELAY_CONTROL\n"
	"  --json           watch: a JSON object a line\n"
	"  --help           this text\n"
	"  --version        the version\n"
	"\n"
	"Exit code: 0 done, 1 it could not be done (stderr says why), 2 wrong usage.\n"
	"\n"
	"Settings, from the environment or from the file that RECEPTIONAI_CONF names:\n\n";

struct verb {
	const char *word;
	int argument_count;
	bool streams;
};

static const struct verb verbs[] = {
	{ "list", 0, false }, { "watch", 1, true }, { "listen", 1, true }, { "say", 2, false }, { "transfer", 2, false },
	{ "hangup", 1, false }, { "drain", 0, false }, { "reload", 0, false },
};

static bool as_json;

static int complain(const char *why)
{
	fprintf(stderr, "receptionai-ctl: %s\n", why);
	return 1;
}

static int misuse(const char *what, const char *why)
{
	fprintf(stderr, "receptionai-ctl: %s: %s; see --help\n", what, why);
	return 2;
}

/* --- what comes back ------------------------------------------------------------------------------ */

static bool print_json(const struct testimony *t)
{
	static uint8_t memory[16 * TESTIMONY_DATA_BYTES_MAX];
	struct json_writer w;
	struct buf line;

	buf_init_fixed(&line, memory, sizeof memory);
	json_begin(&w, &line);
	json_open(&w, NULL, '{');
	json_put_int(&w, "ms", t->call_ms);
	json_put(&w, "event", slice_of(testimony_word(t->kind)));
	if (t->data.len)
		json_put(&w, "data", t->data);
	json_close(&w, '}');
	check(json_end(&w));
	return printf("%.*s\n", (int)buf_len(&line), (const char *)buf_data(&line)) > 0;
}

static bool print_line(const struct testimony *t)
{
	printf("%7.2f  %-14s", t->call_ms / 1000.0, testimony_word(t->kind));
	/* What was said over the telephone may hold anything: nothing of it steers the terminal. */
	for (size_t i = 0; i < t->data.len; i++)
		putchar((unsigned char)t->data.data[i] < 0x20 || t->data.data[i] == 0x7f ? ' ' : t->data.data[i]);
	return putchar('\n') != EOF;
}

static bool show(void *context, const struct testimony *t)
{
	(void)context;
	return (as_json ? print_json(t) : print_line(t)) && fflush(stdout) == 0;
}

static bool hear(void *context, const struct testimony *t)
{
	return listen_hear(context, t);
}

/* Record by record until the call ends. */
static int follow(struct link *l, bool (*take)(void *context, const struct testimony *t), void *context)
{
	static char bytes[4 * (TESTIMONY_HEAD_BYTES + TESTIMONY_DATA_BYTES_MAX)];
	size_t len = 0;
	ssize_t n;

	while ((n = link_read(l, bytes + len, sizeof bytes - len)) > 0) {
		struct slice rest = { bytes, len + (size_t)n };
		enum testimony_result result;
		struct testimony t;

		while ((result = testimony_read(rest, &t)) == TESTIMONY_DONE) {
			if (!take(context, &t))
				return complain("the output cannot be written");
			rest.data += TESTIMONY_HEAD_BYTES + t.data.len;
			rest.len -= TESTIMONY_HEAD_BYTES + t.data.len;
		}
		if (result == TESTIMONY_BAD)
			return complain("the relay sends what this version does not know");
		memmove(bytes, rest.data, rest.len);
		len = rest.len;
	}
	return n < 0 ? complain("the connection to the relay broke") : 0;
}

static int copy(struct link *l)
{
	char bytes[4096];
	ssize_t n;

	while ((n = link_read(l, bytes, sizeof bytes)) > 0)
		if (fwrite(bytes, 1, (size_t)n, stdout) != (size_t)n)
			return complain("the output cannot be written");
	if (n < 0)
		return complain("the connection to the relay broke");
	return fflush(stdout) == 0 ? 0 : complain("the output cannot be written");
}

static int listen_to(struct link *l)
{
	static struct listen listen;

	if (isatty(STDOUT_FILENO))
		return complain("listen writes a WAV stream: send it to a file or to a player (| sox -t wav - -d)");
	if (!listen_begin(&listen, stdout))
		return complain("the output cannot be written");
	int status = follow(l, hear, &listen);

	return listen_end(&listen) ? status : complain("the output cannot be written");
}

/* --- the command ---------------------------------------------------------------------------------- */

static int carry_out(const char *path, const struct verb *verb, char **arguments)
{
	struct link link = { .fd = -1 };
	char line[LINK_LINE_BYTES_MAX], why[LINK_LINE_BYTES_MAX + 200];
	int len = snprintf(line, sizeof line, "%s%s%s%s%s\n", verb->word, verb->argument_count > 0 ? " " : "",
		verb->argument_count > 0 ? arguments[0] : "", verb->argument_count > 1 ? " " : "",
		verb->argument_count > 1 ? arguments[1] : "");

	if (len < 0 || (size_t)len >= sizeof line)
		return misuse(verb->word, "the text is too long");
	if (memchr(line, '\n', (size_t)len - 1))
		return misuse(verb->word, "a line break is not allowed");
	int status = 1;

	if (!link_open(&link, path, why, sizeof why) || !link_ask(&link, line, why, sizeof why))
		complain(why);
	else if (!verb->streams)
		status = copy(&link);
	else
		status = strcmp(verb->word, "listen") == 0 ? listen_to(&link) : follow(&link, show, NULL);
	link_close(&link);
	return status;
}

static const struct verb *find_verb(const char *word)
{
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
		if (strcmp(word, verbs[i].word) == 0)
			return &verbs[i];
	return NULL;
}

static int command(int count, char **words, const char *socket)
{
	static struct conf conf;
	char why[CONF_WHY_BYTES_MAX];
	const struct verb *verb = count ? find_verb(words[0]) : NULL;

	if (!verb)
		return misuse(count ? words[0] : "no command",
			"the commands are list, watch, listen, say, transfer, hangup, drain, reload");
	if (count - 1 != verb->argument_count)
		return misuse(words[0], verb->argument_count == 0 ? "takes nothing behind it" :
			verb->argument_count == 1 ? "takes a CallSid (receptionai-ctl list shows them)" :
			"takes a CallSid and one text in quotes");
	if (!conf_load(&conf, 'C', getenv("RECEPTIONAI_CONF"), why, sizeof why))
		return complain(why);
	const char *path = socket ? socket : conf_text(&conf, RELAY_CONTROL);
	int status = path[0] ? carry_out(path, verb, words + 1) :
		complain("no control socket: give --socket PATH or set RELAY_CONTROL as the relay has it");

	conf_close(&conf);
	return status;
}

int main(int argc, char **argv)
{
	const char *socket = NULL;
	int at = 1;

	for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
		if (strcmp(argv[at], "--help") == 0) {
			fputs(usage, stdout);
			conf_help(stdout, 'C');
			return ferror(stdout) != 0;
		}
		if (strcmp(argv[at], "--version") == 0)
			return puts(PACKAGE_STRING) < 0;
		if (strcmp(argv[at], "--json") == 0)
			as_json = true;
		else if (strcmp(argv[at], "--socket") == 0 && at + 1 < argc)
			socket = argv[++at];
		else
			return misuse(argv[at], "no such option, or its value is missing");
	}
	return command(argc - at, argv + at, socket);
}
