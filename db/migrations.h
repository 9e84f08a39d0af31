/*
 * migrations - what becomes of the rows from each version of the database to the next.
 *
 * Place:  db only. db/schema.sql is the newest version whole; db/rebuild.c gives an older file its tables, indexes,
 *         views and triggers, and keeps the rows of columns that keep their names. A step does the rest.
 * Usage:  STEP(5, "UPDATE merchants SET voice = 'eve' WHERE voice = 'old';")      to version 5, from version 4;
 *         runs on the tables as they were. With each step goes a test in tests/unit/upgrade_db_test.c: the file of
 *         the version before, upgraded, equals a new one and has lost nothing.
 */
#pragma once

enum { DB_VERSION = 4, DB_APPLICATION_ID = 0x52414931 /* "RAI1" */ };

#define MIGRATIONS(STEP) \
	STEP(2, "INSERT INTO end_reasons(word, fault, sentence) VALUES" \
		"('transferred', 0, 'The caller was handed over to a person.')," \
		"('caller-silent', 0, 'The caller said nothing for too long.')," \
		"('over-limit', 0, 'A limit of the merchant or of the service was reached.')," \
		"('operator-hung-up', 0, 'The operator ended the call.')," \
		"('machine-answered', 0, 'A machine answered the call that was placed.');") \
	STEP(3, "") /* only tables and columns that are new */ \
	STEP(4, "INSERT INTO end_reasons(word, fault, sentence) VALUES" \
		"('rejected', 0, 'The call was refused before it was answered.')," \
		"('after-hours', 0, 'The business was closed, and the caller got what after_hours says.');")
