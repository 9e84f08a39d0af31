/*
 * speech_say - flite makes 16 kHz samples and a tree of words with their times; the samples go through the filter
 * down to 8 kHz and into μ-law, the words are found again in the text.
 */
#include "sim/speech_say.h"

#include "base/check.h"
#include "base/limits.h"
#include "proto/ulaw.h"
#include "sim/wav.h"

#include <flite/flite.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Debian's flite has no header for its voices. */
cst_voice *register_cmu_us_slt(const char *voxdir);
cst_voice *register_cmu_us_rms(const char *voxdir);
cst_voice *register_cmu_us_awb(const char *voxdir);
cst_voice *register_cmu_us_kal16(const char *voxdir);

static pthread_mutex_t flite_lock = PTHREAD_MUTEX_INITIALIZER;
static cst_voice *flite_voices[SPEECH_VOICE_COUNT];

static const char *const voice_names[] = {
#define SPEECH_VOICE_NAME(id, name, sound) [SPEECH_VOICE_##id] = name,
	SPEECH_VOICES(SPEECH_VOICE_NAME)
#undef SPEECH_VOICE_NAME
};

bool speech_voice_parse(const char *name, enum speech_voice *out_voice)
{
	for (int i = 0; i < SPEECH_VOICE_COUNT; i++)
		if (strcmp(name, voice_names[i]) == 0) {
			*out_voice = (enum speech_voice)i;
			return true;
		}
	return false;
}

const char *speech_voice_name(enum speech_voice voice)
{
	return voice_names[voice];
}

static cst_voice *open_voice(enum speech_voice voice)
{
	switch (voice) {
	case SPEECH_VOICE_SLT:
		return register_cmu_us_slt(NULL);
	case SPEECH_VOICE_RMS:
		return register_cmu_us_rms(NULL);
	case SPEECH_VOICE_AWB:
		return register_cmu_us_awb(NULL);
	case SPEECH_VOICE_KAL:
		return register_cmu_us_kal16(NULL);
	case SPEECH_VOICE_COUNT:
		break;
	}
	check(!"a voice of the table");
	return NULL;
}

static cst_voice *voice_at_speed(enum speech_voice voice, double speed)
{
	if (!flite_voices[SPEECH_VOICE_SLT])
		flite_init();
	if (!flite_voices[voice])
		flite_voices[voice] = open_voice(voice);
	srand(1);                               /* the noise in flite's voices is rand()'s */
	flite_feat_set_float(flite_voices[voice]->features, "duration_stretch", (float)(1 / speed));
	return flite_voices[voice];
}

/* Tokens keep the spelling of the text, unlike words ("7" is spoken as "seven"): they can be found in it again. */
static void find_words(cst_utterance *utterance, const char *text, struct speech *out)
{
	cst_relation *tokens = utt_relation(utterance, "Token");
	const char *at = text;

	for (cst_item *token = relation_head(tokens); token; token = item_next(token)) {
		const char *name = item_name(token), *found = strstr(at, name);
		cst_item *word = item_daughter(token);
		float start;

		if (!found || !word || out->word_count == SPEECH_WORD_COUNT_MAX)
			continue;
		start = ffeature_float(word, "R:SylStructure.daughter1.daughter1.R:Segment.p.end");
		out->words[out->word_count++] =
			(struct speech_word){ (size_t)(found - text), (uint32_t)(start * 1000) };
		at = found + strlen(name);
	}
}

static bool take_samples(const cst_wave *wave, struct speech *out)
{
	const unsigned phone_hz = ULAW_BYTES_PER_MS * 1000;
	size_t count = (size_t)wave->num_samples;
	unsigned factor = (unsigned)wave->sample_rate / phone_hz;
	int16_t *samples = calloc(count + 1, sizeof *samples);

	check((unsigned)wave->sample_rate == factor * phone_hz);
	out->ulaw = malloc(count + 1);
	if (!samples || !out->ulaw) {
		free(samples);
		return false;
	}
	out->ulaw_bytes = wav_decimate(wave->samples, count, factor, samples);
	for (size_t i = 0; i < out->ulaw_bytes; i++)
		out->ulaw[i] = ulaw_encode(samples[i]);
	free(samples);
	return true;
}

bool speech_say(enum speech_voice voice, const char *text, double speed, struct speech *out)
{
	struct speech speech = { 0 };
	cst_utterance *utterance = NULL;
	bool ok = false;

	if (!text[0] || strlen(text) > SPEECH_TEXT_BYTES_MAX)
		return false;
	speech.words = calloc(SPEECH_WORD_COUNT_MAX, sizeof *speech.words);
	pthread_mutex_lock(&flite_lock);
	if (speech.words)
		utterance = flite_synth_text(text, voice_at_speed(voice, speed));
	if (utterance) {
		ok = take_samples(utt_wave(utterance), &speech);
		find_words(utterance, text, &speech);
		delete_utterance(utterance);
	}
	pthread_mutex_unlock(&flite_lock);
	if (!ok) {
		speech_release(&speech);
		return false;
	}
	*out = speech;
	return true;
}

void speech_release(struct speech *speech)
{
	free(speech->ulaw);
	free(speech->words);
	*speech = (struct speech){ 0 };
}
