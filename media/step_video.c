/* The words are fetched, cut into captions and written for players and for ffmpeg; then the video is made by whom the
 * merchant chose, and here if that one does not. */
#include "media/video/captions.h"
#include "media/made.h"
#include "media/video/video.h"
#include "media/fal/video_fal.h"

#include "base/check.h"
#include "base/log.h"
#include "base/zone.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { DATE_BYTES_MAX = 64 };

/* Who speaks, in the languages that callers speak most. */
static const struct {
	const char *language, *caller, *called, *receptionist;
} speaker_names[] = {
	{ "en", "Caller", "Person called", "Receptionist" },
	{ "de", "Anrufer", "Angerufen", "Rezeption" },
	{ "es", "Llamante", "Persona llamada", "Recepci\xC3\xB3n" },
	{ "fr", "Appelant", "Personne appel\xC3\xA9" "e", "R\xC3\xA9" "ception" },
	{ "it", "Chiamante", "Persona chiamata", "Reception" },
	{ "nl", "Beller", "Gebelde", "Receptie" },
	{ "pt", "Chamador", "Pessoa chamada", "Recep\xC3\xA7\xC3\xA3o" },
	{ "pl", "Dzwoni\xC4\x85" "cy", "Rozm\xC3\xB3wca", "Recepcja" },
};

static void name_speakers(const struct step *s, struct captions_look *look)
{
	size_t found = 0;

	for (size_t i = 0; i < ARRAY_COUNT(speaker_names); i++) {
		if (strncasecmp(s->merchant.language, speaker_names[i].language, 2) == 0)
			found = i;
	}
	look->names[SPEAKER_CALLER] =
		slice_of(s->call.is_outbound ? speaker_names[found].called : speaker_names[found].caller);
	look->names[SPEAKER_RECEPTIONIST] = slice_of(speaker_names[found].receptionist);
}

/* On the merchant's wall; the order of the numbers is the one that no country misreads. */
static void write_date(const struct step *s, char *out, size_t out_bytes)
{
	int64_t ms = s->call.started_ms ? s->call.started_ms : s->call.created_ms;
	struct zone *zone = malloc(sizeof *zone);
	struct zone_time local;
	const char *why;

	out[0] = '\0';
	if (!zone)
		return;
	if (!zone_load(zone, s->merchant.time_zone, &why))
		zone_init_utc(zone);
	local = zone_local(zone, ms / 1000);
	snprintf(out, out_bytes, "%04d-%02u-%02u  %02u:%02u", local.year, local.month, local.day, local.hour,
		local.minute);
	free(zone);
}

static enum step_result read_turns(struct step *s, struct captions *captions)
{
	struct turn_memory *memory = malloc(sizeof *memory);
	struct turn turn = { .position = -1 };
	struct slice sid = slice_of(s->job.call_sid);
	enum db_result result = DB_OK;
	bool is_kept = memory != NULL;

	while (is_kept && (result = db_turn_after(s->db, sid, turn.position, memory, &turn)) == DB_OK) {
		struct spoken_turn spoken = { .text = turn.text, .start_ms = turn.start_ms, .end_ms = turn.end_ms,
			.cut = turn.cut };

		spoken.speaker = turn.role == TURN_CALLER ? SPEAKER_CALLER : SPEAKER_RECEPTIONIST;
		is_kept = captions_add(captions, &spoken);
	}
	free(memory);
	if (!is_kept)
		log_warn("video captions call=%s left_out=1", s->job.call_sid);
	if (is_kept && result != DB_NONE)
		return step_fail(s, STEP_AGAIN, "the transcript cannot be read: %s", db_why(s->db));
	return STEP_DONE;
}

static bool write_file(struct step *s, enum made made, const struct captions *captions,
	const struct captions_look *look)
{
	struct made_file file;
	FILE *out;
	bool is_well;

	if (!made_begin(&file, s->made, made))
		return false;
	out = fdopen(dup(file.fd), "we");
	if (!out) {
		made_drop(&file);
		return false;
	}
	if (made == MADE_CAPTIONS_ASS)
		captions_ass(captions, look, out);
	else
		captions_vtt(captions, look, out);
	is_well = !ferror(out);
	if (fclose(out) != 0 || !is_well) {
		made_drop(&file);
		return false;
	}
	return made_end(&file);
}

static enum step_result write_captions(struct step *s)
{
	int64_t caller_bytes = made_bytes(s->made, MADE_CALLER_ULAW);
	int64_t voice_bytes = made_bytes(s->made, MADE_VOICE_ULAW);
	char date[DATE_BYTES_MAX];
	struct captions captions;
	struct captions_look look = {
		.title = slice_of(s->merchant.name),
		.font = conf_text(s->conf, VIDEO_FONT),
		.length_ms = (caller_bytes > voice_bytes ? caller_bytes : voice_bytes) / ULAW_BYTES_PER_MS,
	};
	enum step_result result;

	captions_init(&captions);
	name_speakers(s, &look);
	write_date(s, date, sizeof date);
	look.date = slice_of(date);
	result = read_turns(s, &captions);
	captions_settle(&captions, look.length_ms);
	if (result == STEP_DONE && !(write_file(s, MADE_CAPTIONS_VTT, &captions, &look) &&
			write_file(s, MADE_CAPTIONS_ASS, &captions, &look)))
		result = step_fail(s, STEP_AGAIN, "the captions cannot be written: %s", strerror(errno));
	captions_release(&captions);
	return result;
}

enum step_result step_video(struct step *s)
{
	enum step_result result = write_captions(s);

	if (result != STEP_DONE)
		return result;
	if (s->merchant.video == VIDEO_FAL) {
		result = video_fal(s);
		if (result != STEP_NOTHING)
			return result;
		log_info("video call=%s made=local why=%s", s->job.call_sid, log_text(s->why, strlen(s->why)).text);
		s->why[0] = '\0';
	}
	return video_local(s);
}
