/*
 * Conversations as they were seen on the wire of both services, event by event, and the turns that they must leave
 * behind: tests/unit/golden/transcript_*.txt. A line begins with
 *   g  an event of Grok's, JSON           v  RESPONSE ITEM MS: audio of it
 *   p  MS that pass, in frames of 20 ms   m  the phone returns the marks that it was sent
 *   t  a message of Twilio's, JSON        =  a turn that was put since the last of these lines, in order
 *   #  a comment
 * Turns are written POSITION ROLE START-END [cut] [final] "TEXT", times on the call's clock in ms.
 */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "tests/relay/kit.h"

enum { TEXT_MAX = 65536, LINE_MAX_BYTES = 1024 };

static char put[TEXT_MAX], wanted[TEXT_MAX];

static void watch_turn(struct kit *k, const struct turn *turn)
{
	size_t len = strlen(put);

	(void)k;
	check(len + LINE_MAX_BYTES < sizeof put);
	snprintf(put + len, sizeof put - len, "= %d %s %lld-%lld%s%s \"%.*s\"\n", turn->position,
		turn->role == TURN_CALLER ? "caller" : "receptionist", (long long)turn->start_ms,
		(long long)turn->end_ms, turn->cut ? " cut" : "", turn->final ? " final" : "", (int)turn->text.len,
		turn->text.data);
}

static void pass(struct kit *k, unsigned ms)
{
	char json[256];

	for (unsigned at = 0; at < ms; at += 20) {
		kit_pass(k, 20);
		snprintf(json, sizeof json, "{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{"
			"\"track\":\"inbound\",\"timestamp\":\"%llu\",\"payload\":\"/////w==\"}}",
			(unsigned long long)(k->now_ms - k->bridge.start_ms));
		kit_twilio(k, json);
	}
}

static void voice(struct kit *k, const char *line)
{
	char response[32], item[32];
	unsigned ms;

	check(sscanf(line, "%31s %31s %u", response, item, &ms) == 3);
	for (unsigned part; ms; ms -= part) {
		part = ms < 1000 ? ms : 1000;
		kit_delta(k, response, item, 0x55, part * 8);
	}
}

static void compare(const char *file, unsigned number)
{
	if (strcmp(put, wanted) != 0)
		fail_msg("%s:%u: put\n%swanted\n%s", file, number, put, wanted);
	put[0] = wanted[0] = '\0';
}

static void play_line(struct kit *k, const char *line)
{
	switch (line[0]) {
	case 'g':
		return kit_grok(k, line + 2);
	case 't':
		return kit_twilio(k, line + 2);
	case 'v':
		return voice(k, line + 2);
	case 'p':
		return pass(k, (unsigned)strtoul(line + 2, NULL, 10));
	case 'm':
		return kit_marks_back(k, k->mark_count);
	case '#':
		return;
	}
	check(!"a line of a kind that is known");
}

static void play(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], line[8192];
	bool comparing = false;
	unsigned number = 0;

	snprintf(path, sizeof path, "%s/tests/unit/golden/%s", srcdir ? srcdir : ".", name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	struct kit *k = kit_open();

	kit_talk(k, "");
	k->watch_turn = watch_turn;
	while (fgets(line, sizeof line, file)) {
		number++;
		if (comparing && line[0] != '=') {
			compare(name, number);
			comparing = false;
		}
		if (line[0] == '=') {
			comparing = true;
			strncat(wanted, line, sizeof wanted - strlen(wanted) - 1);
		} else if (line[0] != '\n') {
			line[strcspn(line, "\n")] = '\0';
			play_line(k, line);
		}
	}
	compare(name, number);
	fclose(file);
	kit_close(k);
}

static void groks_texts_are_repeated_and_rewritten_and_the_last_one_counts(void **state)
{
	(void)state;
	play("transcript_grok.txt");
}

static void an_interruption_leaves_what_was_heard(void **state)
{
	(void)state;
	play("transcript_interrupted.txt");
}

static void openais_texts_come_in_pieces_without_times(void **state)
{
	(void)state;
	play("transcript_openai.txt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groks_texts_are_repeated_and_rewritten_and_the_last_one_counts),
		cmocka_unit_test(an_interruption_leaves_what_was_heard),
		cmocka_unit_test(openais_texts_come_in_pieces_without_times),
	};

	return cmocka_run_group_tests_name("golden transcripts", tests, NULL, NULL);
}
