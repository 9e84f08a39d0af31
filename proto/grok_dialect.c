#include "proto/grok_dialect.h"

const struct grok_dialect grok_xai = {
	.name = "xai",
	.force_message = true,
	.server_truncate = true,
	.truncate_tells_text = true,
	.resumption = true,
	.create_supersedes = true,
	.cumulative_transcripts = true,
	.usage_toplevel = true,
	.pings = true,
	.server_tools = true,
	.session_s_max = 120 * 60,
	.transcription_model = "grok-transcribe",
	.voice = "eve",
};

const struct grok_dialect grok_openai = {
	.name = "openai",
	.nested_session = true,
	.server_truncate = true,
	.create_response_honoured = true,
	.session_s_max = 60 * 60,
	.transcription_model = "gpt-4o-mini-transcribe",
	.voice = "marin",
	.voices = "alloy ash ballad cedar coral echo marin sage shimmer verse",
};

const struct grok_dialect *grok_dialect_of(struct slice name)
{
	static const struct grok_dialect *const all[] = {&grok_xai, &grok_openai};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (slice_equal(name, slice_of(all[i]->name)))
			return all[i];
	return NULL;
}

struct slice grok_dialect_voice(const struct grok_dialect *dialect, struct slice wanted)
{
	struct slice rest = slice_of(dialect->voices), name;

	while (wanted.len && slice_next_word(&rest, ' ', &name))
		if (slice_equal_nocase(wanted, name))
			return name;
	return wanted.len && !dialect->voices ? wanted : slice_of(dialect->voice);
}
