/* How long one media message (or a mark) takes to be read, by the scanner and by json-c, and its audio to be decoded.
 * Best of several rounds, hot cache: `make tests/bench/scan_bench && tests/bench/scan_bench`. Not a test. */
#include "base/clock.h"
#include "proto/base64.h"
#include "proto/grok.h"
#include "proto/twilio.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 3000, REPEATS = 100 };     /* short rounds: the best of them met nobody else on the processor */

static char twilio_text[1024], grok_text[8192], audio_text[8192];
static uint8_t audio[4000];
static size_t twilio_len, grok_len, audio_len;
static const char mark_text[] = "{\"event\":\"mark\",\"sequenceNumber\":\"378\","
	"\"streamSid\":\"MZ0123456789abcdef0123456789abcdef\",\"mark\":{\"name\":\"g1:16000\"}}";
static struct twilio_reader phone;
static struct grok_reader model;

static void read_twilio(void)
{
	struct twilio_event e;

	if (twilio_read(&phone, FROM_TWILIO, twilio_text, twilio_len, &e) != TWILIO_EVENT)
		abort();
}

static void read_mark(void)
{
	struct twilio_event e;

	if (twilio_read(&phone, FROM_TWILIO, mark_text, sizeof mark_text - 1, &e) != TWILIO_EVENT)
		abort();
}

static void read_grok(void)
{
	struct grok_event e;

	if (grok_read(&model, FROM_GROK, grok_text, grok_len, &e) != GROK_EVENT)
		abort();
}

static void decode(void)
{
	if (base64_decode(audio, (struct slice){ audio_text, audio_len }) != sizeof audio)
		abort();
}

static void encode(void)
{
	base64_encode(audio_text, audio, sizeof audio);
}

static void decode_frame(void)
{
	base64_decode(audio, (struct slice){ audio_text, 216 });
}

static void measure(const char *what, void (*run)(void))
{
	uint64_t best = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = clock_mono_ns();
		for (int i = 0; i < REPEATS; i++)
			run();
		uint64_t took = clock_mono_ns() - start;
		best = took < best ? took : best;
	}
	printf("%-40s %7.0f ns\n", what, (double)best / REPEATS);
}

int main(void)
{
	char payload[217] = "";

	for (size_t i = 0; i < sizeof audio; i++)
		audio[i] = (uint8_t)(i * 7);
	base64_encode(payload, audio, ULAW_FRAME_BYTES);
	audio_len = base64_encode(audio_text, audio, sizeof audio);
	twilio_len = (size_t)snprintf(twilio_text, sizeof twilio_text,
		"{\"event\":\"media\",\"sequenceNumber\":\"378\",\"media\":{\"track\":\"inbound\",\"chunk\":\"377\","
		"\"timestamp\":\"7540\",\"payload\":\"%s\"},"
		"\"streamSid\":\"MZ0123456789abcdef0123456789abcdef\"}", payload);
	grok_len = (size_t)snprintf(grok_text, sizeof grok_text,
		"{\"type\":\"response.output_audio.delta\",\"response_id\":\"7d9d0f2e-6f0c-4d1b-9a55-0e0f3b2a1c11\","
		"\"item_id\":\"0c6c1f52-8e0b-4ac2-8a6e-65d3a1b2c3d4\",\"output_index\":0,\"content_index\":0,"
		"\"delta\":\"%.*s\","
		"\"rid\":\"x1\",\"audio_duration_ms\":500,\"ts\":1785214083561,\"previous_item_id\":null,"
		"\"event_id\":\"5f2b7a52-8e0b-4ac2-8a6e-65d3a1b2c3d4\"}", (int)audio_len, audio_text);
	printf("Twilio media %zu bytes, Grok delta %zu bytes\n", twilio_len, grok_len);
	measure("Twilio media, scanned", read_twilio);
	measure("Twilio mark, scanned", read_mark);
	measure("Grok delta, scanned", read_grok);
	phone.slow = model.slow = true;
	measure("Twilio media, json-c", read_twilio);
	measure("Twilio mark, json-c", read_mark);
	measure("Grok delta, json-c", read_grok);
	measure("base64: 4000 bytes decoded", decode);
	measure("base64: 4000 bytes encoded", encode);
	measure("base64: 160 bytes decoded", decode_frame);
	twilio_reader_fini(&phone);
	grok_reader_fini(&model);
	return 0;
}
