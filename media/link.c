/* The row's URLs, each made into a link by the store. */
#include "media/link.h"

#include "db/report.h"
#include "media/store/store.h"

#include "base/check.h"

static bool print_all(struct store *store, const struct call_media *media, int64_t seconds, FILE *out, char *why,
	size_t why_bytes)
{
	const struct {
		const char *name, *url;
	} files[] = { { "recording", media->recording_url }, { "video", media->video_url },
		{ "captions", media->captions_url } };
	char link[STORE_LINK_BYTES_MAX];

	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		if (!*files[i].url)
			continue;
		if (!store_link(store, files[i].url, seconds, link, sizeof link, why, why_bytes))
			return false;
		fprintf(out, "%-9s %s\n", files[i].name, link);
	}
	return true;
}

bool link_print(struct db *db, const struct conf *conf, const char *call_sid, int64_t seconds, FILE *out, char *why,
	size_t why_bytes)
{
	struct call_report report;
	struct store store;
	enum db_result result = db_report_by_sid(db, slice_of(call_sid), &report);

	if (result != DB_OK) {
		snprintf(why, why_bytes, result == DB_NONE ? "no such call" : "the database could not be read");
		return false;
	}
	if (!*report.media.recording_url && !*report.media.video_url && !*report.media.captions_url) {
		snprintf(why, why_bytes, "nothing of this call is kept yet");
		return false;
	}
	if (!store_open(&store, conf, why, why_bytes))
		return false;
	bool printed = print_all(&store, &report.media, seconds, out, why, why_bytes);

	store_close(&store);
	return printed;
}
