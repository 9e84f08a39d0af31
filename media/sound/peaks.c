#include "media/sound/peaks.h"

#include "base/check.h"
#include "media/sound/pcmu.h"

#include <string.h>

static int16_t louder(int16_t a, int16_t b)
{
	return a > b ? a : b;
}

static void double_bins(struct peaks *p)
{
	for (size_t i = 0; i < PEAKS_BIN_COUNT / 2; i++)
		p->bins[i] = louder(p->bins[2 * i], p->bins[2 * i + 1]);
	memset(p->bins + PEAKS_BIN_COUNT / 2, 0, sizeof p->bins / 2);
	p->doublings++;
}

void peaks_put(struct peaks *p, const uint8_t *codes, size_t count)
{
	while (count > 0) {
		uint64_t bin_samples = (uint64_t)PEAKS_BIN_SAMPLES_MIN << p->doublings;
		uint64_t bin = p->sample_count / bin_samples;
		size_t room = (size_t)(bin_samples - p->sample_count % bin_samples), n = count < room ? count : room;

		if (bin == PEAKS_BIN_COUNT) {
			double_bins(p);
			continue;
		}
		p->bins[bin] = louder(p->bins[bin], (int16_t)pcmu_peak(codes, n));
		p->sample_count += n;
		codes += n;
		count -= n;
	}
}

void peaks_columns(const struct peaks *p, int16_t *out, size_t column_count)
{
	uint64_t bin_samples = (uint64_t)PEAKS_BIN_SAMPLES_MIN << p->doublings;
	uint64_t bin_count = (p->sample_count + bin_samples - 1) / bin_samples;

	check(column_count <= PEAKS_COLUMN_COUNT_MAX);
	memset(out, 0, column_count * sizeof *out);
	for (size_t i = 0; i < column_count && bin_count > 0; i++) {
		size_t first = (size_t)(i * bin_count / column_count);
		size_t behind = (size_t)((i + 1) * bin_count / column_count);

		out[i] = p->bins[first];        /* of something very short: several columns from one bin */
		for (size_t k = first + 1; k < behind; k++)
			out[i] = louder(out[i], p->bins[k]);
	}
}
