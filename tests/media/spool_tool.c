/*
 * spool_tool SPOOLDIR SEED [HEARD]: writes the spool of a call that never was, one stream, and into HEARD the phone's
 * own record of what it played (mu-law).
 */
#include "tests/unit/spooled_call.h"

#include <sys/stat.h>

static const struct condition condition = {
	.name = "any", .turns = 6, .delay_most = 100, .jitter_chance = 100, .jitter_most = 10, .back_stall_chance = 5,
	.back_stall_most = 200, .speed_least = 8, .speed_most = 200, .gap_chance = 50, .gap_most = 700,
};

static void write_file(const char *folder, const char *name, const void *bytes, size_t len)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "wb");
	check(file && fwrite(bytes, 1, len, file) == len && fclose(file) == 0);
}

static void write_audio(const char *folder, const char *name, int64_t len, uint8_t (*byte)(int64_t at))
{
	uint8_t *bytes = malloc((size_t)len + 1);

	check(bytes);
	for (int64_t i = 0; i < len; i++)
		bytes[i] = byte(i);
	write_file(folder, name, bytes, (size_t)len);
	free(bytes);
}

int main(int argc, char **argv)
{
	static struct spooled_call call;
	char part[4000];

	if (argc < 3) {
		fputs("usage: spool_tool SPOOLDIR SEED [HEARD]\n", stderr);
		return 2;
	}
	snprintf(part, sizeof part, "%s/1", argv[1]);
	(void)mkdir(argv[1], 0750);
	(void)mkdir(part, 0750);
	call.heard = argc > 3 ? fopen(argv[3], "wb") : NULL;
	simulate(&condition, (unsigned)strtoul(argv[2], NULL, 10), &call);
	if (call.heard)
		check(fclose(call.heard) == 0);
	write_file(part, SPOOL_LOG_FILE, call.log, call.log_len);
	write_audio(part, SPOOL_CALLER_FILE, call.caller_bytes, caller_byte);
	write_audio(part, SPOOL_VOICE_FILE, call.voice_bytes, voice_byte);
	forget(&call);
	free(call.log);
	return 0;
}
