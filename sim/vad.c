/*
 * vad - each block is loud or quiet; counting them makes the events. The end of speech wants less loudness than its
 * beginning, so that a voice that falls at the end of a sentence is not cut.
 */
#include "sim/vad.h"

#include "proto/ulaw.h"

enum { LOUDNESS_AT_ONE = 1000, RELEASE_DIVISOR = 2 };

void vad_set(struct vad *vad, double threshold, uint32_t silence_ms)
{
	vad->loudness_least = (uint32_t)(threshold * LOUDNESS_AT_ONE);
	vad->silence_ms_max = silence_ms < VAD_BLOCK_MS ? VAD_BLOCK_MS : silence_ms;
}

void vad_init(struct vad *vad, double threshold, uint32_t silence_ms)
{
	*vad = (struct vad){ 0 };
	vad_set(vad, threshold, silence_ms);
}

static bool is_loud(const uint8_t *ulaw, uint32_t loudness_least)
{
	uint64_t energy = 0;

	for (int i = 0; i < VAD_BLOCK_BYTES; i++) {
		int32_t sample = ulaw_decode(ulaw[i]);

		energy += (uint64_t)((int64_t)sample * sample);
	}
	return energy >= (uint64_t)loudness_least * loudness_least * VAD_BLOCK_BYTES;
}

static enum vad_event await_voice(struct vad *vad, const uint8_t *ulaw)
{
	if (is_loud(ulaw, vad->loudness_least)) {
		if (vad->loud_ms == 0)
			vad->onset_ms = vad->now_ms - VAD_BLOCK_MS;
		vad->loud_ms += VAD_BLOCK_MS;
	} else if (vad->loud_ms > 0) {
		vad->loud_ms -= VAD_BLOCK_MS;
	}
	if (vad->loud_ms < VAD_START_MS)
		return VAD_NOTHING;
	vad->speaking = true;
	vad->paused = false;
	vad->loud_ms = 0;
	vad->quiet_ms = 0;
	vad->voice_end_ms = vad->now_ms;
	return VAD_STARTED;
}

static enum vad_event await_silence(struct vad *vad, const uint8_t *ulaw)
{
	if (is_loud(ulaw, vad->loudness_least / RELEASE_DIVISOR)) {
		bool resumed = vad->paused;

		vad->quiet_ms = 0;
		vad->paused = false;
		vad->voice_end_ms = vad->now_ms;
		return resumed ? VAD_RESUMED : VAD_NOTHING;
	}
	vad->quiet_ms += VAD_BLOCK_MS;
	if (vad->quiet_ms >= vad->silence_ms_max) {
		vad->speaking = false;
		return VAD_STOPPED;
	}
	if (vad->quiet_ms < VAD_PAUSE_MS || vad->paused)
		return VAD_NOTHING;
	vad->paused = true;
	return VAD_PAUSED;
}

enum vad_event vad_put(struct vad *vad, const uint8_t ulaw[VAD_BLOCK_BYTES])
{
	vad->now_ms += VAD_BLOCK_MS;
	return vad->speaking ? await_silence(vad, ulaw) : await_voice(vad, ulaw);
}
