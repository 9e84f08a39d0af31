/*
 * job_words - the words of jobs' kinds and states as statements take and give them.
 *
 * Place:  db only.
 */
#pragma once

#include "db/jobs.h"
#include "db/query.h"

enum { JOB_KINDS_TEXT_BYTES = 64 };

/* " assemble video ": what instr() looks a kind up in. */
const char *job_kinds_text(unsigned mask, char out[JOB_KINDS_TEXT_BYTES]);
enum job_kind job_kind_column(struct query *q);
enum job_state job_state_column(struct query *q);
