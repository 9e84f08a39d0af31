/*
 * desk_parts - what the desk's files know of each other: desk.c takes orders and carries them out, desk_late.c keeps
 * what the database refused.
 *
 * Place:    relay, inside desk; the desk's thread alone.
 */
#pragma once

#include "relay/desk.h"

enum db_result desk_carry_out(struct desk *desk, struct desk_order *order);
void desk_drop_broken(struct desk *desk, enum db_result result);
const char *desk_kind_word(enum desk_kind kind);

/* Copies an order that has failed, if it is worth trying again and there is room: false otherwise. */
bool desk_late_keep(struct desk *desk, const struct desk_order *order);
/* The call's facts will be gone: behind its end. */
void desk_late_part(struct desk *desk, const struct desk_call *call);
/* What was kept comes before the news, if there are any. DB_OK: none of it is left; otherwise they have to wait behind
 * it. A database that has just refused is asked again only after DESK_RETRY_MS, or for the end of a call. */
enum db_result desk_late_write(struct desk *desk, const struct desk_order *news);
/* Forgets what is left, and says so. */
void desk_late_close(struct desk *desk);
