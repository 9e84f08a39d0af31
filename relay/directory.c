#include "relay/directory.h"

#include "proto/json_write.h"

#include <stdio.h>

enum {
	WHO_BYTES = MERCHANT_STAFF_NAME_BYTES_MAX + MERCHANT_STAFF_ROLE_BYTES_MAX + 8,
	DESCRIPTION_BYTES = 256 + MERCHANT_STAFF_MAX * WHO_BYTES,
};

uint32_t directory_count_on_duty(const struct merchant_staff *staff, const struct zone_time *local)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < staff->count; i++)
		count += hours_person_is_on_duty(&staff->people[i], local);
	return count;
}

static const struct merchant_person *first_on_duty(const struct merchant_staff *staff, const struct zone_time *local)
{
	for (uint32_t i = 0; i < staff->count; i++)
		if (hours_person_is_on_duty(&staff->people[i], local))
			return &staff->people[i];
	return NULL;
}

static const struct merchant_person *find(const struct merchant_staff *staff, struct slice name)
{
	for (uint32_t i = 0; i < staff->count; i++)
		if (slice_equal_nocase(slice_of(staff->people[i].name), name))
			return &staff->people[i];
	return NULL;
}

enum directory_choice directory_choose(const struct merchant_staff *staff, const struct zone_time *local,
	struct slice who, const struct merchant_person **out_person)
{
	const bool is_clear = who.len || directory_count_on_duty(staff, local) == 1;
	const struct merchant_person *person = who.len ? find(staff, who) : first_on_duty(staff, local);

	if (!is_clear)
		return DIRECTORY_ANYBODY;
	if (!person)
		return DIRECTORY_UNKNOWN;
	if (!hours_person_is_on_duty(person, local))
		return DIRECTORY_AWAY;
	*out_person = person;
	return DIRECTORY_FOUND;
}

/* Whole entries; `len` bytes are there already. */
static size_t add_entry(const struct merchant_person *person, bool with_role, bool is_first, char *out, size_t len,
	size_t out_bytes)
{
	char entry[WHO_BYTES];
	const int n = snprintf(entry, sizeof entry, with_role && person->role[0] ? "%s%s (%s)" : "%s%s",
		is_first ? "" : ", ", person->name, person->role);

	if (len + (size_t)n >= out_bytes)
		return len;
	memcpy(out + len, entry, (size_t)n + 1);
	return len + (size_t)n;
}

static void list(const struct merchant_staff *staff, const struct zone_time *local, bool with_roles, char *out,
	size_t len, size_t out_bytes)
{
	const size_t begin = len;

	out[len] = '\0';
	for (uint32_t i = 0; i < staff->count; i++)
		if (hours_person_is_on_duty(&staff->people[i], local))
			len = add_entry(&staff->people[i], with_roles, len == begin, out, len, out_bytes);
}

void directory_names(const struct merchant_staff *staff, const struct zone_time *local, char *out, size_t out_bytes)
{
	list(staff, local, false, out, 0, out_bytes);
}

static void put_names(struct json_writer *w, const struct merchant_staff *staff, const struct zone_time *local)
{
	json_open(w, "enum", '[');
	for (uint32_t i = 0; i < staff->count; i++)
		if (hours_person_is_on_duty(&staff->people[i], local))
			json_put(w, NULL, slice_of(staff->people[i].name));
	json_close(w, ']');
}

static void put_who(struct json_writer *w, const struct merchant_staff *staff, const struct zone_time *local,
	bool is_required)
{
	char text[DESCRIPTION_BYTES];
	const int len = snprintf(text, sizeof text, "Whom to connect the caller with%s. There now: ",
		is_required ? "" : "; leave it out when anybody will do");

	list(staff, local, true, text, (size_t)len, sizeof text);
	json_open(w, "who", '{');
	json_put(w, "type", SLICE("string"));
	json_put(w, "description", slice_of(text));
	put_names(w, staff, local);
	json_close(w, '}');
}

bool directory_write_parameters(struct buf *out, const struct merchant_staff *staff, const struct zone_time *local,
	bool is_required)
{
	struct json_writer w;

	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put(&w, "type", SLICE("object"));
	json_open(&w, "properties", '{');
	put_who(&w, staff, local, is_required);
	json_open(&w, "reason", '{');
	json_put(&w, "type", SLICE("string"));
	json_put(&w, "description", SLICE("What it is about, in a few words."));
	json_close(&w, '}');
	json_close(&w, '}');
	if (is_required) {
		json_open(&w, "required", '[');
		json_put(&w, NULL, SLICE("who"));
		json_close(&w, ']');
	}
	json_close(&w, '}');
	return json_end(&w);
}
