#include "media/told/moment.h"

/* Its job is made when the finder comes by. */
static bool is_about_to_be_open(const struct moment *m)
{
	return !m->call->is_complete && m->has_spool && m->report->media_count == 0;
}

static bool is_media_open(const struct moment *m)
{
	return !m->call->is_complete && (m->report->media_open_count > 0 || is_about_to_be_open(m));
}

static bool is_call_open(const struct moment *m, int64_t now_ms)
{
	const int64_t settle_ms = m->takes_voicemail ? MOMENT_VOICEMAIL_MS : MOMENT_SETTLE_MS;

	return !m->report->is_twilio_over && now_ms < m->call->ended_ms + settle_ms;
}

int64_t moment_wait_ms(const struct moment *m, int64_t now_ms)
{
	const int64_t left_ms = m->call->ended_ms + m->wait_s * 1000 - now_ms;
	int64_t look_ms = now_ms < m->call->ended_ms + 60000 ? MOMENT_LOOK_MS : MOMENT_LOOK_LATER_MS;

	if (left_ms <= 0)
		return 0;
	if (!is_about_to_be_open(m) && !is_call_open(m, now_ms) && !m->report->is_more_open) {
		if (!is_media_open(m))
			return 0;
		look_ms = MOMENT_MEDIA_MS;
	}
	return left_ms < look_ms ? left_ms : look_ms;
}

enum tidings_media moment_media(const struct moment *m)
{
	if (m->call->is_complete)
		return TIDINGS_COMPLETE;
	if (is_media_open(m))
		return TIDINGS_LATE;
	if (m->report->media_dead_count > 0 || m->report->media.recording_url[0])
		return TIDINGS_FAILED;
	return TIDINGS_NONE;
}
