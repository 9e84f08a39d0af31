/* fake_audio - positions are counted in samples of the target; the source is looked up. */
#include "sim/fake_audio.h"

#include "base/limits.h"
#include "proto/base64.h"
#include "proto/ulaw.h"

enum { PHONE_HZ = ULAW_BYTES_PER_MS * 1000, CHUNK_BYTES = 3 * 512 };

/* Sample `at` of the audio at rate_hz, between the two nearest of 8 kHz. */
static int16_t sample_at(const uint8_t *ulaw, size_t bytes, uint64_t at, uint32_t rate_hz)
{
	size_t left = (size_t)(at * PHONE_HZ / rate_hz);
	int32_t rest = (int32_t)(at * PHONE_HZ % rate_hz);
	int32_t a = ulaw_decode(ulaw[left]), b = left + 1 < bytes ? ulaw_decode(ulaw[left + 1]) : a;

	return (int16_t)(a + (int64_t)(b - a) * rest / (int32_t)rate_hz);
}

static bool write_pcm(struct buf *out, uint32_t rate_hz, const uint8_t *ulaw, size_t bytes)
{
	uint64_t sample_count = (uint64_t)bytes * rate_hz / PHONE_HZ;
	uint8_t chunk[CHUNK_BYTES];
	size_t len = 0;

	for (uint64_t i = 0; i < sample_count; i++) {
		int16_t sample = sample_at(ulaw, bytes, i, rate_hz);

		chunk[len++] = (uint8_t)sample;
		chunk[len++] = (uint8_t)((uint16_t)sample >> 8);
		if (len == sizeof chunk) {      /* a multiple of three: base64 goes on without padding */
			if (!base64_append(out, chunk, len))
				return false;
			len = 0;
		}
	}
	return base64_append(out, chunk, len);
}

bool fake_audio_write(struct buf *out, struct fake_format format, const uint8_t *ulaw, size_t bytes)
{
	if (format.coding == FAKE_PCM)
		return write_pcm(out, format.rate_hz, ulaw, bytes);
	return base64_append(out, ulaw, bytes);
}

size_t fake_audio_read(struct fake_format format, uint8_t *data, size_t bytes)
{
	size_t count = 0;

	if (format.coding != FAKE_PCM)
		return bytes;
	for (;; count++) {
		size_t at = (size_t)((uint64_t)count * format.rate_hz / PHONE_HZ) * 2;

		if (at + 1 >= bytes)
			return count;
		data[count] = ulaw_encode((int16_t)(data[at] | data[at + 1] << 8));
	}
}
