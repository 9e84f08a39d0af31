#include "media/forget.h"

#include "db/spooled.h"
#include "media/stop.h"
#include "media/store/store.h"

static bool delete_stored(struct store *store, const char *url)
{
	struct store_answer answer;

	if (!url[0])
		return true;
	const enum store_result result = store_delete(store, url, &answer);

	if (result != STORE_OK)
		log_warn("store undeleted: %s", answer.why);
	return result == STORE_OK;
}

static void forget_all(struct work *w, struct store *store)
{
	struct forgotten_call call;

	while (!stop_asked() && work_db(w)
		&& work_db_fault(w, "to-forget", db_call_to_forget(w->db, &call)) == DB_OK) {
		if (!delete_stored(store, call.video_url) || !delete_stored(store, call.recording_url)
			|| !delete_stored(store, call.captions_url))
			return;
		if (work_db_fault(w, "forgotten", db_call_forgotten(w->db, slice_of(call.call_sid))) != DB_OK)
			return;
		log_info("call forgotten call=%s: what was stored of it is deleted", call.call_sid);
	}
}

void forget_calls(struct work *w)
{
	char why[STORE_WHY_BYTES_MAX];
	struct forgotten_call call;
	struct store store;

	if (!work_db(w) || work_db_fault(w, "to-forget", db_call_to_forget(w->db, &call)) != DB_OK)
		return;
	if (!store_open(&store, w->conf, why, sizeof why)) {
		log_warn("store unusable: %s", why);
		return;
	}
	forget_all(w, &store);
	store_close(&store);
}
