/* Load order: defaults, then the file, then systemd's credentials, then the environment; each value is
 * checked where it enters, so the message can say where it came from. */
#include "base/conf.h"

#include "base/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { TEXT, INT, FILE_KIND, CHOICE, SECRET };
#define KIND_TEXT TEXT
#define KIND_INT INT
#define KIND_FILE FILE_KIND
#define KIND_CHOICE CHOICE
#define KIND_SECRET SECRET

static const struct row {
	const char *name;
	enum kind kind;
	const char *standard;           /* default; of a CHOICE: all words, the first is the default */
	long least, most;
	const char *readers;
	const char *help;
} rows[] = {
#define SETTING_ROW(name, kind, standard, least, most, readers, help) \
	[SETTING_##name] = { #name, KIND_##kind, standard, least, most, readers, help },
	SETTINGS(SETTING_ROW)
#undef SETTING_ROW
};

static const char *default_path = SYSCONF_DIR "/receptionai/receptionai.conf";
static const char *credentials_store = "/etc/credstore";

static bool reads(const struct row *row, char reader)
{
	return strchr(row->readers, reader) != NULL;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);

	for (const char *c = choices; c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL)
		if (len && strcspn(c, "|") == len && memcmp(c, value, len) == 0)
			return true;
	return false;
}

static bool is_number(const char *value, long least, long most)
{
	char *end;

	errno = 0;
	long n = strtol(value, &end, 10);
	return end != value && *end == '\0' && errno == 0 && n >= least && n <= most;
}

static bool value_ok(const struct row *row, const char *value, const char *where, char *why,
	size_t why_bytes)
{
	size_t len = strlen(value);

	switch (row->kind) {
	case INT:
		if (is_number(value, row->least, row->most))
			return true;
		snprintf(why, why_bytes, "%s: %s=%.64s: must be a whole number from %ld to %ld", where,
			row->name, value, row->least, row->most);
		return false;
	case CHOICE:
		if (is_choice(row->standard, value))
			return true;
		snprintf(why, why_bytes, "%s: %s=%.64s: must be one of %s", where, row->name, value,
			row->standard);
		return false;
	case FILE_KIND:
		if (len && access(value, R_OK) != 0) {
			snprintf(why, why_bytes, "%s: %s=%.200s: %s; must be a readable file", where,
				row->name, value, strerror(errno));
			return false;
		}
		return true;
	case TEXT:
	case SECRET:
		if (len >= (size_t)row->least && len <= (size_t)row->most)
			return true;
		snprintf(why, why_bytes, "%s: %s: %zu bytes long; must have %ld to %ld", where, row->name,
			len, row->least, row->most);
		return false;
	}
	check(!"a kind of setting that the switch lacks");
	return false;
}

static bool put(struct conf *conf, size_t i, const char *value, const char *where, char *why,
	size_t why_bytes)
{
	if (!value_ok(&rows[i], value, where, why, why_bytes))
		return false;
	free(conf->values[i]);
	conf->values[i] = strdup(value);
	check(conf->values[i]);
	return true;
}

static bool put_secret_file(struct conf *conf, size_t i, const char *path, const char *where, char *why,
	size_t why_bytes)
{
	char text[CONF_VALUE_BYTES_MAX];
	FILE *file = fopen(path, "re");

	if (!file) {
		snprintf(why, why_bytes, "%s: %s_FILE=%.200s: %s", where, rows[i].name, path, strerror(errno));
		return false;
	}
	size_t len = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	text[len] = '\0';
	return put(conf, i, text, path, why, why_bytes);
}

/* One NAME or NAME_FILE with its value. */
static bool put_named(struct conf *conf, char reader, const char *name, const char *value,
	const char *where, char *why, size_t why_bytes)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const char *rest = name + strlen(rows[i].name);

		if (strncmp(name, rows[i].name, strlen(rows[i].name)) != 0)
			continue;
		bool is_file = rows[i].kind == SECRET && strcmp(rest, "_FILE") == 0;
		if (*rest && !is_file)
			continue;
		if (!reads(&rows[i], reader))
			return true;
		return is_file ? put_secret_file(conf, i, value, where, why, why_bytes)
			       : put(conf, i, value, where, why, why_bytes);
	}
	snprintf(why, why_bytes, "%s: %.64s: no such setting; see --help", where, name);
	return false;
}

static char *trimmed(char *text)
{
	char *end = text + strlen(text);

	text += strspn(text, " \t");
	while (end > text && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	return text;
}

static bool put_line(struct conf *conf, char reader, char *line, const char *where, char *why,
	size_t why_bytes)
{
	char *name = trimmed(line);

	if (*name == '\0' || *name == '#')
		return true;
	char *value = strchr(name, '=');
	if (!value) {
		snprintf(why, why_bytes, "%s: a line must read NAME=value", where);
		return false;
	}
	*value++ = '\0';
	value = trimmed(value);
	size_t len = strlen(value);
	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value[len - 1] = '\0';
		value++;
	}
	return put_named(conf, reader, trimmed(name), value, where, why, why_bytes);
}

static bool load_file(struct conf *conf, char reader, const char *path, bool named, char *why,
	size_t why_bytes)
{
	char line[CONF_VALUE_BYTES_MAX + 128], where[512];
	FILE *file = fopen(path, "re");
	bool ok = true;

	if (!file) {
		if (!named && (errno == ENOENT || errno == EACCES))
			return true;
		snprintf(why, why_bytes, "%.300s: %s", path, strerror(errno));
		return false;
	}
	for (unsigned number = 1; ok && fgets(line, sizeof line, file); number++) {
		snprintf(where, sizeof where, "%.400s:%u", path, number);
		ok = put_line(conf, reader, line, where, why, why_bytes);
	}
	fclose(file);
	return ok;
}

/* A service finds them where LoadCredential= put them for it alone; root, who looks after the installed service, where
 * systemd takes them from. */
static const char *credentials_folder(bool is_installed)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	return folder || !is_installed || access(credentials_store, R_OK | X_OK) != 0 ? folder : credentials_store;
}

/* A file a secret, as far as there is one. */
static bool load_credentials(struct conf *conf, char reader, const char *folder, char *why, size_t why_bytes)
{
	char path[512];

	for (size_t i = 0; folder && i < SETTING_COUNT; i++) {
		if (rows[i].kind != SECRET || !reads(&rows[i], reader))
			continue;
		int len = snprintf(path, sizeof path, "%s/receptionai.%s", folder, rows[i].name);
		bool is_there = len < (int)sizeof path && access(path, F_OK) == 0;

		if (is_there && !put_secret_file(conf, i, path, "credential", why, why_bytes))
			return false;
	}
	return true;
}

static bool load_environment(struct conf *conf, char reader, char *why, size_t why_bytes)
{
	char name[96];

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (!reads(&rows[i], reader))
			continue;
		const char *value = getenv(rows[i].name);
		snprintf(name, sizeof name, "%s_FILE", rows[i].name);
		const char *path = rows[i].kind == SECRET ? getenv(name) : NULL;
		if (path && !put_secret_file(conf, i, path, "environment", why, why_bytes))
			return false;
		if (value && !put(conf, i, value, "environment", why, why_bytes))
			return false;
	}
	return true;
}

bool conf_load(struct conf *conf, char reader, const char *path, char *why, size_t why_bytes)
{
	memset(conf, 0, sizeof *conf);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		size_t len = rows[i].kind == CHOICE ? strcspn(rows[i].standard, "|") : strlen(rows[i].standard);

		conf->values[i] = strndup(rows[i].standard, len);
		check(conf->values[i]);
	}
	if (load_file(conf, reader, path ? path : default_path, path != NULL, why, why_bytes)
		&& load_credentials(conf, reader, credentials_folder(!path), why, why_bytes)
		&& load_environment(conf, reader, why, why_bytes))
		return true;
	conf_close(conf);
	return false;
}

void conf_close(struct conf *conf)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		char *value = conf->values[i];

		if (value && rows[i].kind == SECRET)
			explicit_bzero(value, strlen(value));
		free(value);
		conf->values[i] = NULL;
	}
}

const char *conf_value(const struct conf *conf, enum setting setting)
{
	check(setting < SETTING_COUNT);
	check(conf->values[setting]);
	return conf->values[setting];
}

long conf_number(const struct conf *conf, enum setting setting)
{
	check(setting < SETTING_COUNT);
	check(rows[setting].kind == INT);
	return strtol(conf->values[setting], NULL, 10);
}

bool conf_set(struct conf *conf, enum setting setting, const char *value, char *why, size_t why_bytes)
{
	return put(conf, setting, value, "command line", why, why_bytes);
}

static void print_allowed(FILE *out, const struct row *row)
{
	switch (row->kind) {
	case INT:
		fprintf(out, "%ld to %ld; default %s", row->least, row->most, row->standard);
		break;
	case CHOICE:
		fprintf(out, "one of %s", row->standard);
		break;
	case SECRET:
		fprintf(out, "secret; or %s_FILE=path", row->name);
		break;
	case FILE_KIND:
	case TEXT:
		fprintf(out, "default %s", *row->standard ? row->standard : "empty");
		break;
	}
}

void conf_help(FILE *out, char reader)
{
	fprintf(out, "Settings (environment, or NAME=value lines in %s\n"
		"or in the file that RECEPTIONAI_CONF names; the environment wins):\n", default_path);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (!reads(&rows[i], reader))
			continue;
		fprintf(out, "  %s\n      %s (", rows[i].name, rows[i].help);
		print_allowed(out, &rows[i]);
		fputs(")\n", out);
	}
}

void conf_print(const struct conf *conf, FILE *out, char reader)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const char *value = conf->values[i];

		if (!reads(&rows[i], reader))
			continue;
		if (rows[i].kind == SECRET)
			value = *value ? "(set)" : "(empty)";
		fprintf(out, "%s=%s\n", rows[i].name, value);
	}
}
