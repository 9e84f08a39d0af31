/*
 * mail - one letter to a merchant's notify_email, handed to the host's own mail program.
 *
 * Place:    media, above child and proto/letter; below step_notify.
 * Usage:    mail_send(s, event_id, subject, text)
 * Rules:    SENDMAIL -i -f MAIL_FROM ADDRESS, without a shell; the address is one that letter_address_is_good() and the
 *           schema let pass, so that it is never an option. The letter goes in at its stdin.
 * Results:  STEP_DONE: it was taken, which is all that can be known. STEP_NEVER: it never will be (sysexits 64 to 68;
 *           no MAIL_FROM). STEP_AGAIN, STEP_STOPPED.
 */
#pragma once

#include "media/step.h"

enum step_result mail_send(struct step *s, const char *event_id, const char *subject, struct slice text);
