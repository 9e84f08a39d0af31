/* receptionai-call: has the receptionist call somebody. */
#include "base/check.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "db/allowance.h"
#include "db/outgoing.h"
#include "outbound/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BUSY_MS = 5000, RING_S = 25, LOOK_MS = 250, WAIT_S_MAX = 4 * 3600 };
enum { EXIT_DONE, EXIT_TROUBLE, EXIT_USAGE, EXIT_NOT_REACHED, EXIT_NOT_KNOWN };

static const char usage[] =
	"usage: receptionai-call --merchant ID --to NUMBER [OPTION...]\n"
	"\n"
	"Has a merchant's receptionist call somebody, from the merchant's number.\n"
	"\n"
	"  --merchant ID      whose receptionist\n"
	"  --to NUMBER        whom: + and 7 to 15 digits, like +14155550123\n"
	"  --say TEXT         her first words, instead of the merchant's greeting; at most 400 bytes\n"
	"  --machine WHAT     what an answering machine gets:\n"
	"                       hang-up  nothing (the default); Twilio listens first, a person waits for that\n"
	"                       message  the words of --say, after the tone\n"
	"                       talk     the receptionist, as if it were a person; nobody waits\n"
	"  --ring SECONDS     how long it may ring, 5 to 120 (25)\n"
	"  --wait             wait for the end of the call and tell how it ended\n"
	"  --dry-run          check everything, print what Twilio would be asked, place no call\n"
	"  --help, --version\n"
	"\n"
	"Exit code: 0 placed (with --wait: they talked), 1 trouble, nothing was placed, 2 wrong usage,\n"
	"3 with --wait: nobody talked, 4 it is not known whether the call was placed: look before you try again.\n"
	"\n"
	"Settings, from the environment or from the file that RECEPTIONAI_CONF names:\n\n";

struct options {
	long merchant, ring_s;
	const char *to, *say;
	enum outgoing_machine machine;
	bool wait, dry_run;
};

static int trouble(const char *why)
{
	fprintf(stderr, "receptionai-call: %s\n", why);
	return EXIT_TROUBLE;
}

static int misuse(const char *what, const char *why)
{
	fprintf(stderr, "receptionai-call: %s: %s; see --help\n", what, why);
	return EXIT_USAGE;
}

/* --- options -------------------------------------------------------------------------------------- */

static bool read_number(const char *text, long least, long most, long *out)
{
	char *end;

	errno = 0;
	*out = strtol(text, &end, 10);
	return *text && *end == '\0' && errno == 0 && *out >= least && *out <= most;
}

static bool is_telephone_number(const char *text)
{
	size_t digits = *text == '+' ? strspn(text + 1, "0123456789") : 0;

	return digits >= 7 && digits <= 15 && text[1] != '0' && text[1 + digits] == '\0';
}

static int read_value(struct options *o, const char *name, const char *value)
{
	if (strcmp(name, "--merchant") == 0)
		return read_number(value, 1, INT32_MAX, &o->merchant) ? 0 : misuse(value, "a merchant's id is a number");
	if (strcmp(name, "--ring") == 0)
		return read_number(value, 5, 120, &o->ring_s) ? 0 : misuse(value, "--ring takes 5 to 120 seconds");
	if (strcmp(name, "--machine") == 0)
		return outgoing_machine_parse(slice_of(value), &o->machine) ? 0 :
			misuse(value, "--machine takes hang-up, message or talk");
	if (strcmp(name, "--to") == 0) {
		o->to = value;
		return is_telephone_number(value) ? 0 : misuse(value, "a number is + and 7 to 15 digits");
	}
	if (strcmp(name, "--say") == 0) {
		o->say = value;
		return *value && strlen(value) <= OPENING_BYTES_MAX ? 0 : misuse("--say", "takes 1 to 400 bytes");
	}
	return misuse(name, "no such option");
}

static int read_options(struct options *o, int argc, char **argv)
{
	*o = (struct options){ .ring_s = RING_S, .machine = MACHINE_HANG_UP };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wait") == 0) {
			o->wait = true;
		} else if (strcmp(argv[i], "--dry-run") == 0) {
			o->dry_run = true;
		} else if (i + 1 == argc) {
			return misuse(argv[i], "no such option, or its value is missing");
		} else {
			int status = read_value(o, argv[i], argv[i + 1]);

			if (status)
				return status;
			i++;
		}
	}
	if (!o->merchant || !o->to)
		return misuse("call", "--merchant and --to are needed");
	if (o->machine == MACHINE_MESSAGE && !o->say)
		return misuse("--machine message", "--say has the message");
	return 0;
}

/* --- checks --------------------------------------------------------------------------------------- */

static const char *fault_of(const struct conf *conf)
{
	struct slice tokens = slice_of(conf_text(conf, TWILIO_AUTH_TOKEN)), token;

	if (!*conf_text(conf, TWILIO_ACCOUNT_SID))
		return "TWILIO_ACCOUNT_SID is empty: whose call shall it be?";
	if (!slice_next_word(&tokens, ',', &token))
		return "TWILIO_AUTH_TOKEN is empty";
	if (strncmp(conf_text(conf, PUBLIC_URL), "http", 4) != 0)
		return "PUBLIC_URL must be the origin under which Twilio reaches the webhook, like https://voice.example.com";
	return NULL;
}

/* NULL: the merchant may be called for. */
static const char *merchant_fault(struct db *db, long id, struct merchant *out)
{
	static char why[200];
	struct merchant_month month;
	enum db_result result = db_merchant_by_id(db, id, out);

	if (result == DB_NONE)
		return "there is no such merchant: receptionai-sql shows which there are";
	if (result == DB_OK && !out->active)
		return "the merchant is paused";
	if (result == DB_OK)
		result = db_merchant_month(db, id, SLICE(""), clock_wall_ms(), &month);
	if (result != DB_OK)
		return db_why(db);
	struct allowance left = allowance_of(out, &month);

	if (left.over == ALLOWANCE_LEFT)
		return NULL;
	snprintf(why, sizeof why, "the merchant's limit of %s is reached", allowance_word(left.over));
	return why;
}

/* --- the call's way ------------------------------------------------------------------------------- */

static int tell_end(const struct call_record *call)
{
	bool talked = call->answered_ms != 0 && call->end_reason != END_MACHINE_ANSWERED;

	printf("%s: ended, %s%s\n", call->call_sid, end_reason_word(call->end_reason), talked ? "" : ", nobody talked");
	return talked ? EXIT_DONE : EXIT_NOT_REACHED;
}

static int wait_for_end(struct db *db, const char *call_sid)
{
	static const char *const words[] = {
		[CALL_RINGING] = "ringing",
		[CALL_LIVE] = "talking",
		[CALL_TRANSFERRING] = "transferring",
		[CALL_ENDED] = "ended",
	};
	const struct timespec pause = { 0, LOOK_MS * 1000000L };
	uint64_t by_ms = clock_mono_ms() + WAIT_S_MAX * 1000ULL;
	const char *shown = NULL;
	struct call_record call;

	while (clock_mono_ms() < by_ms) {
		enum db_result result = db_call_by_sid(db, slice_of(call_sid), &call);

		if (result == DB_OK && call.status == CALL_ENDED)
			return tell_end(&call);
		if (result == DB_OK && words[call.status] != shown) {
			shown = words[call.status];
			printf("%s: %s\n", call_sid, shown);
			fflush(stdout);
		}
		if (result != DB_OK && result != DB_BUSY)
			return trouble(db_why(db));
		nanosleep(&pause, NULL);
	}
	return trouble("the call has not ended for hours; it is not waited for any longer");
}

static void print_plan(const struct place_plan *plan)
{
	struct form form;

	place_form(plan, &form);
	printf("POST %s/Accounts/%s/Calls.json\n", plan->account.api_url, plan->account.sid);
	for (size_t i = 0; i < form.field_count; i++)
		printf("  %.*s=%.*s\n", (int)form.fields[i].name.len, form.fields[i].name.data,
			(int)form.fields[i].value.len, form.fields[i].value.data);
}

static int place(struct db *db, struct place_plan *plan, const struct options *o)
{
	struct placed placed;

	switch (place_call(db, plan, &placed)) {
	case PLACE_OK:
		printf("%s: placed\n", placed.call_sid);
		fflush(stdout);
		return o->wait ? wait_for_end(db, placed.call_sid) : EXIT_DONE;
	case PLACE_UNKNOWN:
		trouble(placed.why);
		return EXIT_NOT_KNOWN;
	case PLACE_DATABASE:
		trouble(placed.why);
		return placed.call_sid[0] ? EXIT_NOT_KNOWN : EXIT_TROUBLE;
	case PLACE_REFUSED:
	case PLACE_NOT_SENT:
		break;
	}
	return trouble(placed.why);
}

static int with_database(struct db *db, const struct conf *conf, const struct options *o)
{
	struct merchant merchant;
	const char *fault = merchant_fault(db, o->merchant, &merchant);
	struct place_plan plan = {
		.account = { .api_url = conf_text(conf, TWILIO_API_URL), .sid = conf_text(conf, TWILIO_ACCOUNT_SID) },
		.public_url = slice_of(conf_text(conf, PUBLIC_URL)),
		.merchant = &merchant,
		.order = { .id = "ID", .merchant_id = o->merchant, .machine = o->machine },
		.ring_s = (uint32_t)o->ring_s,
	};
	struct slice tokens = slice_of(conf_text(conf, TWILIO_AUTH_TOKEN));

	if (fault)
		return trouble(fault);
	check(slice_next_word(&tokens, ',', &plan.account.token));
	while (plan.public_url.len && plan.public_url.data[plan.public_url.len - 1] == '/')
		plan.public_url.len--;
	check(slice_copy(slice_of(o->to), plan.order.number, sizeof plan.order.number));
	check(slice_copy(slice_of(o->say ? o->say : ""), plan.order.opening, sizeof plan.order.opening));
	if (o->dry_run) {
		print_plan(&plan);
		return EXIT_DONE;
	}
	rest_open();
	int status = place(db, &plan, o);

	rest_close();
	return status;
}

static int run(const struct options *o)
{
	static struct conf conf;
	char why[CONF_WHY_BYTES_MAX + DB_WHY_BYTES_MAX];
	struct db *db;

	if (!conf_load(&conf, 'O', getenv("RECEPTIONAI_CONF"), why, sizeof why))
		return trouble(why);
	const char *fault = fault_of(&conf);

	if (fault)
		return trouble(fault);
	if (db_open(&db, conf_text(&conf, RECEPTIONAI_DB), DB_WRITE, BUSY_MS, why, sizeof why) != DB_OK)
		return trouble(why);
	int status = with_database(db, &conf, o);

	db_close(db);
	conf_close(&conf);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		conf_help(stdout, 'O');
		return ferror(stdout) != 0;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts(PACKAGE_STRING) < 0;
	log_open("receptionai-call", LOG_WARN);
	int status = read_options(&options, argc, argv);

	return status ? status : run(&options);
}
