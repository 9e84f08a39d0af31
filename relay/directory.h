/*
 * directory - whom a caller can be connected with: the merchant's staff, those of them who are on duty now.
 *
 * Place:    relay, pure. Above db's shapes and proto's JSON writer; below tool_list and call_tools.
 * Usage:    directory_write_parameters(&out, &staff, &local, is_required)        what transfer_call takes
 *           switch (directory_choose(&staff, &local, who, &person)) …            at the moment of a transfer
 *           directory_names(&staff, &local, names, sizeof names)                 for a sentence
 * Rules:    numbers are told to nobody. Names are found whatever their case.
 * Fails:    directory_write_parameters() false, and nothing appended, when `out` is full.
 */
#pragma once

#include "base/buf.h"
#include "db/hours.h"

enum directory_choice {
	DIRECTORY_FOUND,
	DIRECTORY_ANYBODY,              /* nobody was named, and several, or none, are on duty */
	DIRECTORY_UNKNOWN,              /* nobody is called so */
	DIRECTORY_AWAY,                 /* not on duty now */
};

uint32_t directory_count_on_duty(const struct merchant_staff *staff, const struct zone_time *local);
/* Without a name it is the only one on duty. */
enum directory_choice directory_choose(const struct merchant_staff *staff, const struct zone_time *local,
	struct slice who, const struct merchant_person **out_person);
/* Those on duty: "Anna, Zoe"; as many as fit, "" for none. */
void directory_names(const struct merchant_staff *staff, const struct zone_time *local, char *out, size_t out_bytes);
bool directory_write_parameters(struct buf *out, const struct merchant_staff *staff, const struct zone_time *local,
	bool is_required);
