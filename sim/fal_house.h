/*
 * fal_house - the simulated fal.ai: keys, files, orders and what becomes of them. Requests in, answers out.
 *
 * Place:    sim; above fal_fault, fal_sign and fal_reach, below sim_fal. No sockets of its own but fal_reach's.
 * Usage:    fal_house_open(&house, &plan, ...); fal_house_handle(&house, &request, &response);
 *           fal_house_tick(&house, now_ms)
 * Ledger:   a line is written for everything that matters, before it is answered:
 *               order n=1 id=... model=... seconds=12 sha=... image=... webhook=yes     taken: it costs money
 *               refused status=429     done id=... result=ok|error     cancelled id=...
 *               deleted id=...    status id=...    result id=...    video id=...     upload bytes=...
 *               keys      hook id=... status=200
 *               violation what="..."                                   a client did what fal.ai would not stand
 * Limits:   FAL_ORDERS_MAX orders, FAL_FILES_MAX files.
 */
#pragma once

#include "sim/fal_fault.h"
#include "sim/fal_http.h"
#include "sim/fal_sign.h"

#include <sys/types.h>

enum { FAL_ORDERS_MAX = 1000, FAL_FILES_MAX = 4000, FAL_ID_BYTES = 37, FAL_TOKEN_BYTES = 17 };

struct fal_plan {
	char origin[300];               /* "http://127.0.0.1:7001": what our URLs begin with */
	const char *key;                /* "": any */
	const char *user;
	const char *hook_via;           /* "http://127.0.0.1:8080": where all webhooks are delivered; or "" */
	uint64_t queue_ms, work_ms, hook_retry_ms;
	uint32_t fault_orders;          /* only so many orders, and what belongs to them, meet the faults; 0: all */
	struct fal_faults faults;
	const char *video;              /* file that every order ends with */
	const char *ledger;             /* file, appended to; or "" */
};

struct fal_file {
	char token[FAL_TOKEN_BYTES];
	char type[100];
	char *bytes;                    /* owned; NULL: announced, not here yet */
	size_t len;
	bool taken;
};

struct fal_order_made {
	char id[FAL_ID_BYTES];
	char app[200];                  /* owner/app, with a word in front that nobody can guess */
	char hook_url[2000];
	uint64_t made_ms;
	bool is_lost;                   /* nobody will ever hear of it */
	bool is_faulty;                 /* meets the faults */
	bool is_done, is_cancelled, is_deleted;
	const struct fal_failure *failure;
	int32_t status_count, result_count, video_count;
};

struct fal_house {
	const struct fal_plan *plan;
	struct fal_sign *sign, *old_sign, *stranger;
	struct fal_file files[FAL_FILES_MAX];
	size_t file_count;
	struct fal_order_made orders[FAL_ORDERS_MAX];
	size_t order_count;
	uint32_t submit_count;
	int32_t key_set_count, upload_count, violation_count;
	uint64_t now_ms;
	int ledger_fd;
};

bool fal_house_open(struct fal_house *house, const struct fal_plan *plan, char *why, size_t why_bytes);
void fal_house_close(struct fal_house *house);
void fal_house_handle(struct fal_house *house, const struct fal_request *request, struct fal_response *out);
/* Work goes on: orders that are done by now tell their webhook. */
void fal_house_tick(struct fal_house *house, uint64_t now_ms);
/* When the next order is done; UINT64_MAX: none under way. */
uint64_t fal_house_due_ms(const struct fal_house *house);

/* --- its rooms: fal_orders.c and fal_files.c --- */

void fal_note_line(struct fal_house *house, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fal_violation(struct fal_house *house, const char *what);
void fal_answer(struct fal_response *out, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
void fal_answer_failure(struct fal_response *out, const struct fal_failure *failure);
size_t fal_write_failure(const struct fal_failure *failure, char *out, size_t out_bytes);
void fal_random_hex(char *out, size_t out_bytes);
bool fal_is_faulty(const struct fal_house *house, const struct fal_order_made *order, enum fal_fault fault);

void fal_submit(struct fal_house *house, const struct fal_request *request, struct fal_response *out);
/* Paths below /at/…; false: not one of them. */
bool fal_ask(struct fal_house *house, const struct fal_request *request, struct fal_response *out);
void fal_forget(struct fal_house *house, const struct fal_request *request, struct fal_response *out);
struct fal_order_made *fal_order_by_id(struct fal_house *house, struct slice id);

void fal_initiate(struct fal_house *house, const struct fal_request *request, struct fal_response *out);
void fal_put_file(struct fal_house *house, const struct fal_request *request, struct fal_response *out);
void fal_get_file(struct fal_house *house, const struct fal_request *request, struct fal_response *out);
void fal_get_video(struct fal_house *house, const struct fal_request *request, struct fal_response *out);
/* What an input URL leads to; the caller frees it. NULL: nothing. */
char *fal_fetch_input(struct fal_house *house, const char *url, size_t *out_len);
