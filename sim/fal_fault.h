/*
 * fal_fault - the ways in which the simulated fal.ai misbehaves on request: one table gives names, help and defaults;
 * another one the errors that an order may end with.
 *
 * Place:    sim, pure.
 * Usage:    fal_fault_parse(&faults, "submit-429:2", why, sizeof why)
 *           if (fal_fault_on(&faults, FAL_FAULT_SUBMIT_429)) … fal_fault_value(&faults, FAL_FAULT_SUBMIT_429)
 *           "fail-runner-disconnected": faults.failure is that row of the errors
 * Fails:    fal_fault_parse() returns false with a sentence.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* FAULT(enum, name, default of ARG, what happens). A default of -1: the fault takes no ARG. */
#define FAL_FAULTS(FAULT) \
	FAULT(SUBMIT_400, "submit-400", -1, "refuse orders with 400, an error_type and a string") \
	FAULT(SUBMIT_401, "submit-401", -1, "refuse orders with 401: no such key") \
	FAULT(SUBMIT_403, "submit-403", -1, "refuse orders with 403: the balance is exhausted") \
	FAULT(SUBMIT_404, "submit-404", -1, "refuse orders with 404: no such model") \
	FAULT(SUBMIT_422, "submit-422", -1, "refuse orders with 422, a list of details") \
	FAULT(SUBMIT_429, "submit-429", 1, "refuse orders with 429 and Retry-After: ARG") \
	FAULT(SUBMIT_500, "submit-500", -1, "answer orders with 500, and take them") \
	FAULT(SUBMIT_502, "submit-502", -1, "answer orders with 502 and a page of nginx, and take them") \
	FAULT(SUBMIT_503, "submit-503", -1, "refuse orders with 503, an error_type and a string") \
	FAULT(SUBMIT_504, "submit-504", -1, "answer orders with 504, and take them") \
	FAULT(SUBMIT_RESET, "submit-reset", -1, "reset the connection when an order has come, and do not take it") \
	FAULT(SUBMIT_CRASH, "submit-crash", -1, "take orders, and reset the connection instead of answering") \
	FAULT(SUBMIT_LOST, "submit-lost", -1, "the same, and the order is lost: nobody works on it, no webhook") \
	FAULT(SUBMIT_GARBAGE, "submit-garbage", -1, "take orders, and answer 200 with something that is no JSON") \
	FAULT(SUBMIT_LATE, "submit-late", 1000, "answer orders after ARG ms") \
	FAULT(FOREIGN_URLS, "foreign-urls", -1, "answer orders with URLs at another host") \
	FAULT(STATUS_404, "status-404", -1, "answer every look at an order with 404 NOT_FOUND") \
	FAULT(STATUS_500, "status-500", 3, "answer the first ARG looks at an order with 500") \
	FAULT(STATUS_GARBAGE, "status-garbage", 3, "answer the first ARG looks with something that is no JSON") \
	FAULT(STUCK_QUEUE, "stuck-in-queue", -1, "never begin to work") \
	FAULT(STUCK_WORK, "stuck-in-progress", -1, "never finish the work") \
	FAULT(RESULT_404, "result-404", -1, "have no result although the order is completed") \
	FAULT(RESULT_500, "result-500", 2, "answer the first ARG requests for a result with 500") \
	FAULT(RESULT_EMPTY, "result-no-video", -1, "answer results without a video") \
	FAULT(RESULT_FILE, "result-file-url", -1, "answer results with file:///etc/passwd as the video's URL") \
	FAULT(CDN_404, "cdn-404", -1, "have no file under the video's URL") \
	FAULT(CDN_500, "cdn-500", 2, "answer the first ARG downloads with 500") \
	FAULT(CDN_CUT, "cdn-cut", 2, "end the first ARG downloads half way") \
	FAULT(CDN_GARBAGE, "cdn-garbage", -1, "send something that is no video") \
	FAULT(UPLOAD_500, "upload-500", 1, "answer the first ARG uploads with 500") \
	FAULT(HOOK_NONE, "hook-none", -1, "tell the webhook nothing") \
	FAULT(HOOK_TWICE, "hook-twice", -1, "tell everything twice") \
	FAULT(HOOK_FORGED, "hook-forged", -1, "sign with a key that is not in the key set") \
	FAULT(HOOK_STALE, "hook-stale", 600, "sign with a timestamp of ARG seconds ago") \
	FAULT(HOOK_UNSIGNED, "hook-unsigned", -1, "send no signature") \
	FAULT(HOOK_CHANGED, "hook-changed-body", -1, "change a byte of the body behind the signature") \
	FAULT(HOOK_OTHER_ID, "hook-other-id", -1, "tell of another request, signed as it should be") \
	FAULT(HOOK_TWO_IDS, "hook-two-ids", -1, "name another request in the signed header than in the body") \
	FAULT(HOOK_OTHER_USER, "hook-other-user", -1, "tell it as to another user, signed as it should be") \
	FAULT(HOOK_NULL, "hook-payload-null", -1, "tell that it went well, and not where the video is") \
	FAULT(KEYS_500, "keys-500", 1, "answer the first ARG requests for the key set with 500") \
	FAULT(KEYS_OLD, "keys-old", 1, "answer the first ARG requests for the key set with yesterday's keys") \
	FAULT(CANCEL_400, "cancel-400", -1, "refuse to cancel: ALREADY_COMPLETED") \
	FAULT(DELETE_500, "delete-500", -1, "refuse to delete payloads")

enum fal_fault {
#define X(id, name, value, help) FAL_FAULT_##id,
	FAL_FAULTS(X)
#undef X
	FAL_FAULT_COUNT
};

/* ERROR(error_type, HTTP status of the result, the shape: 's' a string with error_type, 'd' a list of details) */
#define FAL_FAILURES(ERROR) \
	ERROR("request_timeout", 504, 's') \
	ERROR("startup_timeout", 504, 's') \
	ERROR("runner_scheduling_failure", 503, 's') \
	ERROR("runner_connection_timeout", 503, 's') \
	ERROR("runner_connection_refused", 503, 's') \
	ERROR("runner_connection_error", 503, 's') \
	ERROR("runner_disconnected", 503, 's') \
	ERROR("runner_incomplete_response", 502, 's') \
	ERROR("runner_server_error", 500, 's') \
	ERROR("internal_error", 500, 's') \
	ERROR("client_disconnected", 499, 's') \
	ERROR("client_cancelled", 499, 's') \
	ERROR("bad_request", 400, 's') \
	ERROR("audio_duration_too_long", 422, 'd') \
	ERROR("audio_duration_too_short", 422, 'd') \
	ERROR("unsupported_audio_format", 422, 'd') \
	ERROR("unsupported_image_format", 422, 'd') \
	ERROR("file_download_error", 422, 'd') \
	ERROR("face_detection_error", 422, 'd') \
	ERROR("content_policy_violation", 422, 'd') \
	ERROR("generation_timeout", 504, 'd') \
	ERROR("downstream_service_error", 400, 'd')

struct fal_failure {
	const char *type;
	int status;
	char shape;
};

struct fal_faults {
	uint64_t mask;
	int32_t values[FAL_FAULT_COUNT];
	const struct fal_failure *failure;      /* NULL: orders go well */
};

/* "NAME", "NAME:ARG", or "fail-" and an error_type with dashes. */
bool fal_fault_parse(struct fal_faults *faults, const char *text, char *why, size_t why_bytes);
/* One without a fault: what an order ends with when its own input is to blame. */
const struct fal_failure *fal_failure_by_type(const char *type);
void fal_fault_help(FILE *out);

static inline bool fal_fault_on(const struct fal_faults *faults, enum fal_fault fault)
{
	return faults->mask >> fault & 1;
}

static inline int32_t fal_fault_value(const struct fal_faults *faults, enum fal_fault fault)
{
	return faults->values[fault];
}

_Static_assert((int)FAL_FAULT_COUNT <= 64, "a fault is a bit of the mask");
