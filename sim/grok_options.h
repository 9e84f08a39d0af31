/*
 * grok_options - the command line of receptionai-sim-grok.
 *
 * Place:  sim; above fake_wire's plan.
 * Usage:  switch (grok_options_read(&o, argc, argv)) { … }
 * Fails:  says what is wrong on stderr.
 */
#pragma once

#include "base/conf.h"
#include "sim/fake_wire.h"

#include <stdbool.h>
#include <stdint.h>

enum grok_notes { NOTES_OFF, NOTES_TEXT, NOTES_JSON };

enum grok_options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

enum { GROK_HEARS_COUNT_MAX = 16 };

struct grok_options {
	char host[256], port[8];
	const char *tls_cert, *tls_key; /* NULL: plain */
	char api_key[CONF_VALUE_BYTES_MAX];     /* "": any bearer token is good */
	struct fake_plan plan;
	uint32_t fault_calls;           /* only so many connections meet the faults; 0: all */
	uint32_t connection_count_max;
	uint64_t seed;
	enum grok_notes notes;
	const char *hears[GROK_HEARS_COUNT_MAX];        /* instead of an ear: what the turns of a session say */
	uint32_t hears_count;
};

enum grok_options_result grok_options_read(struct grok_options *o, int argc, char **argv);
