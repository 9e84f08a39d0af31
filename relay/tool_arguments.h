/*
 * tool_arguments - whether what Grok wants to call a tool with is what the tool takes.
 *
 * Place:    relay, pure. Above proto's JSON; below call_tools.
 * Usage:    root = tool_arguments_read(&reader, text, len);  NULL: they are no object
 *           tool_arguments_fit(root, schema, why, sizeof why)
 * Rules:    no arguments at all are an empty object. Of a JSON Schema the outermost level is looked at: what is
 *           required is there, and what is there has the type that properties give it, if they give one by name. What
 *           a schema says beyond that is the service's to judge.
 * Fails:    why: a sentence for the model, which may try again.
 */
#pragma once

#include "proto/json.h"

enum { TOOL_ARGUMENTS_WHY_BYTES = 200 };

const struct json_object *tool_arguments_read(struct json_reader *reader, struct slice text);
/* A schema that cannot be read fits everything. */
bool tool_arguments_fit(const struct json_object *arguments, struct slice schema, char *why, size_t why_bytes);

/* A member's text without blanks around it; empty: none. */
struct slice tool_argument(const struct json_object *arguments, const char *name);
