#include "media/forget.h"

#include "base/beat.h"
#include "base/clock.h"
#include "db/spooled.h"
#include "media/stop.h"
#include "media/store/store.h"

static enum store_result delete_stored(struct store *store, const char *url)
{
	struct store_answer answer;

	if (!url[0])
		return STORE_OK;
	const enum store_result result = store_delete(store, url, &answer);

	if (result != STORE_OK)
		log_warn("store undeleted: %s", answer.why);
	return result;
}

static enum store_result delete_voicemails(struct store *store, char *urls)
{
	enum store_result result = STORE_OK;
	char *rest = urls;
	const char *url;

	while (result == STORE_OK && (url = strsep(&rest, " ")) != NULL)
		result = delete_stored(store, url);
	return result;
}

static enum store_result delete_call(struct store *store, struct forgotten_call *call)
{
	enum store_result result = delete_stored(store, call->video_url);

	if (result == STORE_OK)
		result = delete_stored(store, call->recording_url);
	if (result == STORE_OK)
		result = delete_stored(store, call->captions_url);
	if (result == STORE_OK)
		result = delete_voicemails(store, call->voicemail_urls);
	return result;
}

static bool forget_until(struct work *w, struct store *store, uint64_t until_ms)
{
	struct forgotten_call call = { .call_sid = "" };

	while (!stop_asked() && work_db(w)
		&& work_db_fault(w, "to-forget", db_call_to_forget(w->db, slice_of(call.call_sid), &call)) == DB_OK) {
		const uint64_t now_ms = clock_mono_ms();

		if (now_ms >= until_ms)
			return true;
		beat(now_ms);
		const enum store_result result = delete_call(store, &call);

		/* Another store's URL, from before the settings changed, holds up nobody behind it. */
		if (result == STORE_NEVER)
			continue;
		if (result != STORE_OK)
			return false;
		if (work_db_fault(w, "forgotten", db_call_forgotten(w->db, slice_of(call.call_sid))) != DB_OK)
			return false;
		log_info("call forgotten call=%s: what was stored of it is deleted", call.call_sid);
	}
	return false;
}

bool forget_calls(struct work *w, uint64_t until_ms)
{
	char why[STORE_WHY_BYTES_MAX];
	struct forgotten_call call;
	struct store store;

	if (!work_db(w) || work_db_fault(w, "to-forget", db_call_to_forget(w->db, slice_of(""), &call)) != DB_OK)
		return false;
	if (!store_open(&store, w->conf, why, sizeof why)) {
		log_warn("store unusable: %s", why);
		return false;
	}
	const bool is_more = forget_until(w, &store, until_ms);

	store_close(&store);
	return is_more;
}
