#include "media/back_off.h"

enum { DOUBLED_MAX = 20, PERMILLE_LEAST = 800, PERMILLE_SPAN = 401 };

int64_t back_off_ms(int attempt, int64_t first_ms, uint32_t chance)
{
	const int doubled = attempt < 1 ? 0 : attempt - 1 < DOUBLED_MAX ? attempt - 1 : DOUBLED_MAX;
	int64_t ms = first_ms << doubled;

	if (ms > BACK_OFF_MS_MAX)
		ms = BACK_OFF_MS_MAX;
	return ms * (PERMILLE_LEAST + (int64_t)(chance % PERMILLE_SPAN)) / 1000;
}
