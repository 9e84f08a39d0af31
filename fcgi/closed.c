#include "fcgi/closed.h"

#include "base/buf.h"
#include "base/check.h"
#include "fcgi/sentences.h"

/* How a language says when. */
struct tongue {
	const char *today, *tomorrow;
	const char *on;                 /* before a weekday */
	const char *day, *month, *end;  /* before the day of the month, before the month's name, behind all */
	bool is_month_first;
	const char *at, *minutes, *full_hour;   /* before the hour, before the minutes, instead of :00 */
	const char *days[7], *months[12];
};

static const struct tongue tongues[TONGUE_COUNT] = {
	[TONGUE_EN] = { "today", "tomorrow", "on ", " ", ", ", ",", true, " at ", ":", "",
		{ "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" },
		{ "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
			"November", "December" } },
	[TONGUE_DE] = { "heute", "morgen", "am ", ", dem ", ". ", ",", false, " um ", " Uhr ", " Uhr",
		{ "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag" },
		{ "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
			"November", "Dezember" } },
	[TONGUE_ES] = { "hoy", "mañana", "el ", ", ", " de ", ",", false, " a las ", ":", ":00",
		{ "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo" },
		{ "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
			"noviembre", "diciembre" } },
	[TONGUE_FR] = { "aujourd'hui", "demain", "", " ", " ", "", false, " à ", " h ", " h",
		{ "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche" },
		{ "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
			"novembre", "décembre" } },
	[TONGUE_IT] = { "oggi", "domani", "", " ", " ", "", false, " alle ", ":", ":00",
		{ "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica" },
		{ "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre",
			"ottobre", "novembre", "dicembre" } },
	[TONGUE_PT] = { "hoje", "amanhã", "", ", ", " de ", ",", false, " às ", ":", ":00",
		{ "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado",
			"domingo" },
		{ "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
			"novembro", "dezembro" } },
};

/* "today", "tomorrow", "on Monday", "on Monday, January 4," */
static void put_day(struct buf *out, const struct tongue *t, const struct hours_answer *o)
{
	check(o->weekday < ARRAY_COUNT(t->days) && o->month >= 1 && o->month <= ARRAY_COUNT(t->months));
	if (o->days_ahead < 2) {
		buf_append_string(out, o->days_ahead ? t->tomorrow : t->today);
		return;
	}
	buf_printf(out, "%s%s", t->on, t->days[o->weekday]);
	if (o->days_ahead < 7)
		return;
	const char *month = t->months[o->month - 1];

	if (t->is_month_first)
		buf_printf(out, "%s%s%s%u%s", t->month, month, t->day, o->day, t->end);
	else
		buf_printf(out, "%s%u%s%s%s", t->day, o->day, t->month, month, t->end);
}

/* English has a clock of twelve hours: "at 9 AM", "at 12:30 PM"; the others have one of twenty-four. */
static void put_time(struct buf *out, enum sentence_tongue tongue, const struct hours_answer *o)
{
	const struct tongue *t = &tongues[tongue];
	const unsigned hour = tongue == TONGUE_EN ? (o->hour + 11U) % 12 + 1 : o->hour;

	buf_printf(out, "%s%u", t->at, hour);
	if (o->minute)
		buf_printf(out, "%s%02u", t->minutes, o->minute);
	else
		buf_append_string(out, t->full_hour);
	if (tongue == TONGUE_EN)
		buf_append_string(out, o->hour < 12 ? " AM" : " PM");
}

static void put(struct buf *out, enum sentence_name name, const struct merchant *m)
{
	const struct slice text = sentence(name, slice_of(m->language));

	buf_append(out, text.data, text.len);
}

struct slice closed_sentence(const struct merchant *m, const struct hours_answer *opening, bool before_tone,
	char out[CLOSED_BYTES_MAX])
{
	const enum sentence_tongue tongue = sentence_tongue(slice_of(m->language));
	struct buf text;

	if (*m->after_hours_notice)
		return slice_of(m->after_hours_notice);
	buf_init_fixed(&text, out, CLOSED_BYTES_MAX);
	put(&text, SENTENCE_REACHED, m);
	buf_append_string(&text, m->name);
	put(&text, SENTENCE_CLOSED, m);
	if (opening->is_known && !opening->is_open && opening->has_change) {
		put(&text, SENTENCE_OPENS_AGAIN, m);
		put_day(&text, &tongues[tongue], opening);
		put_time(&text, tongue, opening);
		buf_append_string(&text, ".");
	}
	put(&text, before_tone ? SENTENCE_AFTER_TONE : SENTENCE_GOODBYE, m);
	return (struct slice){ (const char *)buf_data(&text), buf_len(&text) };
}
