/*
 * finding - what a program finds out about its own set-up, a line each: how it stands, and what to change.
 *
 * Place:    doctor, above base only; everything of doctor/ and the programs' --check write findings.
 * Usage:    struct findings f = { .out = stdout };
 *           finding(&f, FINDING_WARN, "certificate", "ends in %ld days: renew it", days);
 *           return findings_sum(&f);                exit code: 1 if anything failed
 * Form:     "OK   NAME: text", "WARN NAME: text", "FAIL NAME: text"; the last line is the sum. NAME is the setting
 *           that is to be changed where there is one.
 * Rules:    never a secret, never a whole telephone number. A finding that is not OK says what to change.
 */
#pragma once

#include <stdio.h>

enum finding_kind { FINDING_OK, FINDING_WARN, FINDING_FAIL, FINDING_KIND_COUNT };

struct findings {
	FILE *out;
	unsigned counts[FINDING_KIND_COUNT];
};

void finding(struct findings *f, enum finding_kind kind, const char *about, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Writes the sum. 0, or 1 if anything failed. */
int findings_sum(struct findings *f);
