/*
 * reach - whether a host is to be reached as the world sees it: its name, its address, its certificates; and our clock
 * against its.
 *
 * Place:    doctor, above ask and finding. Below the checks of single settings.
 * Usage:    if (reach(&f, "PUBLIC_URL", &ask, &answer)) judge(answer.status, answer.body);
 * Fails:    false: no HTTP answer came, and the findings say why and what to change.
 * Limits:   asks from this host: a router that cannot send a host's own packets back to it (hairpin NAT) shows as a
 *           connection that is refused, and the finding says so. A certificate is to be renewed REACH_DAYS_LEAST
 *           before it ends; a clock may be REACH_SKEW_MS wrong.
 */
#pragma once

#include "base/slice.h"
#include "doctor/ask.h"
#include "doctor/finding.h"

enum { REACH_DAYS_LEAST = 14, REACH_SKEW_MS = 2000, REACH_SKEW_MS_MOST = 30000 };

/* `setting` is the one that holds the URL. A host whose certificate does not hold is asked once more, without headers,
 * password or form: there may be more to mend. */
bool reach(struct findings *f, const char *setting, const struct ask *ask, struct ask_answer *out);
/* Whether Twilio can find that host at all: no address of a private network, no name that only this host knows. */
void reach_is_public(struct findings *f, const char *setting, struct slice host);
/* The certificates of an answer, or of a file: days left, by the first that ends. */
void reach_judge_days(struct findings *f, const char *about, const char *host, const struct ask_cert *certs,
	size_t count, int64_t now_ms);
