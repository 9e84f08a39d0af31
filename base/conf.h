/*
 * conf - a program's settings: environment over credential over file over default, checked at start against one table.
 *
 * Place:    base. Read once at start of a program.
 * Usage:    struct conf conf; char why[CONF_WHY_BYTES_MAX];
 *           if (!conf_load(&conf, 'R', getenv("RECEPTIONAI_CONF"), why, sizeof why)) die(why);
 *           conf_text(&conf, RELAY_LISTEN), conf_int(&conf, RELAY_MAX_CALLS)
 * File:     NAME=value lines; # starts a comment line; a value may stand in double quotes. The file that
 *           RECEPTIONAI_CONF names must exist; the default, SYSCONF_DIR/receptionai/receptionai.conf, need not.
 *           A name that no program knows is refused; one that only other programs read is passed over.
 * Secrets:  NAME_FILE=path gives the value of SECRET settings; trailing newlines are dropped. Never printed.
 *           systemd's credential receptionai.NAME is read in the same way; it wins over the file, not over the
 *           environment.
 * Lifetime: values belong to the conf until conf_close().
 * Fails:    a sentence in `why`: where, name, value (not of secrets) and what is allowed.
 */
#pragma once

#include "base/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CONF_VALUE_BYTES_MAX = 4096, CONF_WHY_BYTES_MAX = 512 };

enum setting {
#define SETTING_ENUM(name, ...) SETTING_##name,
	SETTINGS(SETTING_ENUM)
#undef SETTING_ENUM
	SETTING_COUNT
};

struct conf {
	char *values[SETTING_COUNT];
};

/* `reader` is the letter of the program in base/settings.h; `path` may be NULL for the default file. */
bool conf_load(struct conf *conf, char reader, const char *path, char *why, size_t why_bytes);
void conf_close(struct conf *conf);

const char *conf_value(const struct conf *conf, enum setting setting);
long conf_number(const struct conf *conf, enum setting setting);
#define conf_text(conf, name) conf_value(conf, SETTING_##name)
#define conf_int(conf, name) conf_number(conf, SETTING_##name)

/* Sets one value from a program's command line, with the same checks. */
bool conf_set(struct conf *conf, enum setting setting, const char *value, char *why, size_t why_bytes);
/* The settings that `reader` reads with their defaults, bounds and help: a part of --help. */
void conf_help(FILE *out, char reader);
/* The effective values, secrets as "(set)" or "(empty)": --check-config. */
void conf_print(const struct conf *conf, FILE *out, char reader);
