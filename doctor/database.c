#include "doctor/database.h"

#include "db/state.h"
#include "doctor/host.h"

#include <inttypes.h>
#include <string.h>

static const char about[] = "RECEPTIONAI_DB";

struct warnings {
	struct findings *f;
	unsigned count;
};

static bool tell_warning(void *context, const struct db_warning *w)
{
	struct warnings *warnings = context;

	if (++warnings->count > DATABASE_WARNINGS_MAX)
		return false;
	finding(warnings->f, FINDING_WARN, "merchant", "%" PRId64 " %.*s, %.*s: %.*s", w->merchant_id,
		(int)w->merchant.len, w->merchant.data, (int)w->change.len, w->change.data, (int)w->sentence.len,
		w->sentence.data);
	return true;
}

static void check_merchants(struct findings *f, const char *path, const struct db_state *state)
{
	struct warnings warnings = { .f = f };

	if (state->active_count == 0)
		finding(f, FINDING_WARN, about, "no merchant is active: every caller hears that the number is not "
			"configured; add one with receptionai-sql (db/README.md says how)");
	db_state_warnings(path, tell_warning, &warnings);
	if (warnings.count > DATABASE_WARNINGS_MAX)
		finding(f, FINDING_WARN, "merchant", "and more: the view config_warnings has them all");
}

/* What stands in the way of any use; NULL: nothing. */
static const char *fault_of(const struct db_state *state)
{
	if (!state->is_there)
		return "the relay makes it at its first start; or correct the setting";
	if (!state->is_ours)
		return "this is not a database of ReceptionAI: correct the setting";
	if (!state->is_whole)
		return "it is damaged: restore the last backup (db/README.md says how)";
	if (state->version > state->newest)
		return "it was made by a newer version of ReceptionAI: upgrade this program, too";
	if (!state->can_write)
		return "give the file and its folder to the service's user; calls could not be written down";
	return NULL;
}

void database_check(struct findings *f, const char *path)
{
	struct db_state state;

	db_state_read(path, &state);
	const char *fault = fault_of(&state);

	if (fault)
		return finding(f, FINDING_FAIL, about, "%s%s%s: %s", path, state.why[0] ? ": " : "", state.why,
			fault);
	if (host_is_remote(path))
		finding(f, FINDING_FAIL, about, "%s is on another host's disk, where SQLite's locks and shared "
			"memory do not hold: move it to a local one", path);
	if (state.version < state.newest)
		finding(f, FINDING_WARN, about, "%s is of version %d; whichever program opens it next makes it "
			"version %d: back it up before", path, state.version, state.newest);
	else if (!state.is_wal)
		finding(f, FINDING_WARN, about, "%s is not in WAL mode: readers and writers wait for each other; "
			"the relay turns it on when it starts", path);
	else
		finding(f, FINDING_OK, about, "%s: version %d, %" PRId64 " MB, %" PRId64 " merchants, %" PRId64 " "
			"of them active", path, state.version, state.bytes >> 20, state.merchant_count,
			state.active_count);
	if (state.engine_may_corrupt)
		finding(f, FINDING_OK, "sqlite", "%s, where two that checkpoint at once can do harm: only the "
			"relay does; do not run wal_checkpoint or VACUUM by hand while it runs",
			state.engine);
	check_merchants(f, path, &state);
}
