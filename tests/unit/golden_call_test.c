/*
 * A whole conversation, message by message, as it was recorded between Twilio, a relay and Grok (ids shortened, audio
 * replaced by tones): greeting, a question, an interruption while only Twilio still plays, one while Grok still speaks,
 * a pause inside a sentence, goodbye.
 */
#include "tests/unit/unit.h"

#include "tests/relay/kit.h"

enum who { TWILIO, GROK, VOICE, MARKS, PASS, SAID };

struct line {
	enum who who;
	const char *text;       /* JSON; VOICE: the response; SAID: what the bridge has said since the last SAID */
	size_t number;          /* VOICE: bytes of audio; MARKS: how many come back; PASS: ms */
};

static const struct line conversation[] = {
	{ TWILIO, "{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}", 0 },
	{ TWILIO, "{\"event\":\"start\",\"sequenceNumber\":\"1\",\"start\":{\"accountSid\":\"AC1\","
		"\"streamSid\":\"MZ1\","
		"\"callSid\":\"CA1\",\"tracks\":[\"inbound\"],\"mediaFormat\":{\"encoding\":\"audio/x-mulaw\","
		"\"sampleRate\":8000,\"channels\":1},\"customParameters\":{}},\"streamSid\":\"MZ1\"}", 0 },
	{ GROK, "{\"type\":\"session.created\",\"event_id\":\"e\",\"session\":{\"id\":\"aea3\","
		"\"object\":\"realtime.session\","
		"\"model\":\"grok-voice-think-fast-2.0\",\"instructions\":\"\",\"voice\":\"xai_ara\","
		"\"modalities\":[\"audio\"],\"turn_detection\":{\"type\":null},\"tools\":[]}}", 0 },
	{ SAID, "model update\n", 0 },
	{ GROK, "{\"type\":\"conversation.created\",\"event_id\":\"e\",\"conversation\":{\"id\":\"21b7\",\"object\":"
		"\"realtime.conversation\"},\"previous_item_id\":null}", 0 },
	{ GROK, "{\"type\":\"ping\",\"event_id\":\"e\",\"timestamp\":1790645006955,\"previous_item_id\":null}", 0 },
	{ PASS, "", 120 },
	{ TWILIO, "{\"event\":\"media\",\"sequenceNumber\":\"2\",\"media\":{\"track\":\"inbound\",\"chunk\":\"1\","
		"\"timestamp\":\"155\",\"payload\":\"////\"},\"streamSid\":\"MZ1\"}", 0 },
	{ SAID, "", 0 },
	{ GROK, "{\"event_id\":\"e\",\"previous_item_id\":null,\"session\":{\"model\":\"grok-voice-think-fast-2.0\","
		"\"turn_detection\":{\"type\":\"server_vad\",\"create_response\":true,\"interrupt_response\":true},"
		"\"tools\":[],\"modalities\":[\"audio\"],\"tool_choice\":\"auto\",\"temperature\":-1.0,"
		"\"max_response_output_tokens\":\"inf\",\"input_audio_format\":\"not specified\","
		"\"output_audio_format\":\"not specified\",\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcmu\"},"
		"\"transport\":\"json\",\"transcription\":{\"model\":\"grok-transcribe\"}},"
		"\"output\":{\"format\":{\"type\":"
		"\"audio/pcmu\"},\"transport\":\"json\"}}},\"type\":\"session.updated\"}", 0 },
	{ SAID, "model append 3\nmodel say \"Hello there.\"\n", 0 },

	/* The greeting. */
	{ GROK, "{\"type\":\"response.created\",\"response\":{\"id\":\"r1\",\"object\":\"realtime.response\","
		"\"status\":"
		"\"in_progress\",\"output\":[],\"status_details\":\"unimplemented\",\"usage\":{}}}", 0 },
	{ GROK, "{\"type\":\"response.output_item.added\",\"response_id\":\"r1\",\"output_index\":0,"
		"\"item\":{\"id\":\"ar1\","
		"\"type\":\"message\",\"status\":\"in_progress\",\"role\":\"assistant\"}}", 0 },
	{ VOICE, "r1", 1960 },
	{ GROK, "{\"type\":\"response.output_audio_transcript.delta\",\"response_id\":\"r1\",\"item_id\":\"ar1\","
		"\"delta\":\"Hello there.\",\"rid\":\"x1\",\"start_time\":0.0}", 0 },
	{ VOICE, "r1", 1240 },
	{ SAID, "phone media 1920\nphone mark g1:1920\nphone media 1280\n", 0 },
	{ GROK, "{\"type\":\"response.output_audio_transcript.done\",\"response_id\":\"r1\",\"item_id\":\"ar1\","
		"\"transcript\":\"Hello there.\"}", 0 },
	{ GROK, "{\"type\":\"response.output_audio.done\",\"response_id\":\"r1\",\"item_id\":\"ar1\"}", 0 },
	{ GROK, "{\"type\":\"response.done\",\"response_id\":\"r1\",\"response\":{\"id\":\"r1\","
		"\"status\":\"completed\"}}", 0 },
	{ SAID, "phone mark g1:3200\n", 0 },
	{ PASS, "", 400 },
	{ MARKS, "", 2 },
	{ SAID, "turn 0 receptionist \"Hello there.\"\n", 0 },

	/* A question, and an answer of six seconds of which two are heard. */
	{ GROK, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u1\",\"audio_start_ms\":227}", 0 },
	{ GROK, "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"item_id\":\"u1\",\"transcript\":"
		"\"When do\",\"status\":\"in_progress\"}", 0 },
	{ GROK, "{\"type\":\"input_audio_buffer.speech_stopped\",\"item_id\":\"u1\",\"audio_end_ms\":2432}", 0 },
	{ GROK, "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"item_id\":\"u1\",\"transcript\":"
		"\"When do you open?\",\"status\":\"completed\"}", 0 },
	{ GROK, "{\"type\":\"response.created\",\"response\":{\"id\":\"r2\"}}", 0 },
	{ GROK, "{\"type\":\"input_audio_buffer.committed\",\"item_id\":\"u1\"}", 0 },
	{ SAID, "", 0 },
	{ VOICE, "r2", 2400 },
	{ SAID, "turn 1 caller \"When do you open?\"\nturn 0 receptionist final \"Hello there.\"\n"
		"phone media 2400\n", 0 },
	{ VOICE, "r2", 4800 },
	{ GROK, "{\"type\":\"response.output_audio_transcript.done\",\"response_id\":\"r2\",\"item_id\":\"ar2\","
		"\"transcript\":\"We open at nine and close at six.\"}", 0 },
	{ GROK, "{\"type\":\"response.done\",\"response_id\":\"r2\",\"response\":{\"id\":\"r2\","
		"\"status\":\"completed\"}}", 0 },
	{ PASS, "", 300 },
	{ SAID, "phone media 2400\nphone media 2400\nphone mark g1:10400\n", 0 },
	{ GROK, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u2\",\"audio_start_ms\":4000}", 0 },
	{ SAID, "turn 2 receptionist cut \"We open at\"\nturn 1 caller final \"When do you open?\"\n"
		"phone clear\nmodel truncate ar2 at 300\n", 0 },
	{ MARKS, "", 1 },
	{ GROK, "{\"type\":\"conversation.item.truncated\",\"item_id\":\"ar2\",\"content_index\":0,"
		"\"audio_end_ms\":300,"
		"\"transcript\":\"We open\"}", 0 },
	{ SAID, "turn 2 receptionist cut \"We open\"\n", 0 },

	/* A pause inside the sentence: the answer to its first half is never spoken. */
	{ GROK, "{\"type\":\"input_audio_buffer.speech_stopped\",\"item_id\":\"u2\",\"audio_end_ms\":5000}", 0 },
	{ GROK, "{\"type\":\"response.created\",\"response\":{\"id\":\"r3\"}}", 0 },
	{ GROK, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u2\",\"audio_start_ms\":5200}", 0 },
	{ GROK, "{\"type\":\"input_audio_buffer.speech_stopped\",\"item_id\":\"u2\",\"audio_end_ms\":6000}", 0 },
	{ GROK, "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"item_id\":\"u2\",\"transcript\":"
		"\"A table, please.\",\"status\":\"completed\"}", 0 },
	{ GROK, "{\"type\":\"response.created\",\"response\":{\"id\":\"r4\"}}", 0 },
	{ VOICE, "r3", 800 },
	{ SAID, "", 0 },
	{ VOICE, "r4", 800 },
	{ SAID, "turn 3 caller \"A table, please.\"\nturn 2 receptionist cut final \"We open\"\nphone media 800\n", 0 },

	/* Interrupted while Grok still speaks: late audio stays away, nothing is truncated. */
	{ GROK, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u3\",\"audio_start_ms\":7000}", 0 },
	{ VOICE, "r4", 800 },
	{ GROK, "{\"type\":\"response.done\",\"response_id\":\"r4\",\"response\":{\"id\":\"r4\","
		"\"status\":\"cancelled\"}}", 0 },
	{ SAID, "turn 3 caller final \"A table, please.\"\nphone clear\n", 0 },
	{ GROK, "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"item_id\":\"u3\",\"transcript\":"
		"\"Bye.\",\"status\":\"completed\"}", 0 },
	{ TWILIO, "{\"event\":\"stop\",\"sequenceNumber\":\"378\",\"streamSid\":\"MZ1\","
		"\"stop\":{\"accountSid\":\"AC1\","
		"\"callSid\":\"CA1\"}}", 0 },
	{ SAID, "turn 5 caller final \"Bye.\"\n", 0 },
};

static void a_recorded_conversation_is_bridged_word_for_word(void **state)
{
	struct kit *k = kit_open();

	(void)state;
	kit_merchant(k, "Hello there.");
	bridge_model_open(&k->bridge, k->now_ms);
	for (size_t i = 0; i < sizeof conversation / sizeof conversation[0]; i++) {
		const struct line *line = &conversation[i];
		char item[16];

		switch (line->who) {
		case TWILIO:
			kit_twilio(k, line->text);
			break;
		case GROK:
			kit_grok(k, line->text);
			break;
		case VOICE:
			snprintf(item, sizeof item, "a%s", line->text);
			kit_delta(k, line->text, item, 0x55, line->number);
			break;
		case MARKS:
			kit_marks_back(k, (unsigned)line->number);
			break;
		case PASS:
			kit_pass(k, line->number);
			break;
		case SAID:
			assert_string_equal(kit_said(k), line->text);
			break;
		}
	}
	assert_int_equal(k->bridge.reason, END_CALLER_HUNG_UP);
	kit_close(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recorded_conversation_is_bridged_word_for_word),
	};

	return cmocka_run_group_tests_name("golden call", tests, NULL, NULL);
}
