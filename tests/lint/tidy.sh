#!/bin/bash
# The house rules that a machine can check: sizes, banned calls with their replacement, leftovers.
. "${srcdir:=.}/tests/lib.sh"
cd "$srcdir" || exit 1

# What people wrote: not the schema that make turns into C, where the build is in the tree.
mapfile -t code < <(find base proto db doctor fcgi relay media sim tests -name '*.[ch]' | grep -vE 'node_modules|schema_sql.c' | sort)
mapfile -t product < <(find base proto db doctor fcgi relay media sim -name '*.[ch]' | grep -v schema_sql.c | sort)
mapfile -t text < <(find base proto db doctor fcgi relay media sim tests deploy man -type f \
    \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name '*.js' -o -name '*.sql' -o -name '*.mk' -o -name '*.in' \
    -o -path tests/run -o -path tests/bench/run -o -path 'deploy/*' \) |
    grep -vE 'node_modules|schema_sql.c' | sort)

none() {
    [ -z "$1" ] || { printf '%s\n' "$1"; return 1; }
}
# The schema is one file for whoever loads it, and the dashboard is written by deploy/grafana/dashboard.py.
long_files() { wc -l "$@" | grep -vE 'db/schema.sql|tests/db/version_|deploy/grafana/receptionai.json' | awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines" }'; }
long_lines() {
    for f in "$@"; do
        expand -t 8 "$f" | awk -v f="$f" 'length($0) > 120 { print f ":" NR ": " length($0) " columns" }'
    done
}
# A function's body stands between a line "{" and a line "}" in column one.
long_functions() {
    awk 'FNR == 1 { start = 0 }
        /^\{/ { start = FNR }
        /^\}/ { if (start && FNR - start - 1 > 70) print FILENAME ":" start ": " FNR - start - 1 " lines"; start = 0 }' "$@"
}
banned() { grep -nE "(^|[^_[:alnum:]])($1)[[:space:]]*\(" "${product[@]}"; }

ok "no file has more than 500 lines" none "$(long_files "${text[@]}")"
ok "no function has more than 70 lines" none "$(long_functions "${code[@]}")"
ok "no line has more than 120 columns" none "$(long_lines "${code[@]}")"
ok "no strcpy, strcat (buf_append, slice_copy)" none "$(banned 'strcpy|strcat|strncpy|strncat|stpcpy')"
ok "no sprintf, gets, scanf (snprintf, buf_printf)" none "$(banned 'sprintf|vsprintf|gets|sscanf|scanf')"
ok "no atoi, atol, atof (strtol with its end checked)" none "$(banned 'atoi|atol|atoll|atof')"
ok "no system, popen, tmpnam" none "$(banned 'system|popen|tmpnam|mktemp')"
ok "no assert (check, static_assert)" none "$(banned 'assert')"
ok "nothing is left open in the text" none "$(grep -nE '\b(TODO|FIXME|XXX)\b' "${text[@]}" | grep -v 'tests/lint/tidy.sh')"
ok "every header starts with its contract" none "$(for h in $(printf '%s\n' "${product[@]}" | grep '\.h$'); do
    head -n 1 "$h" | grep -q '^/\*' || echo "$h"; done)"
ok "every header guards itself" none "$(for h in $(printf '%s\n' "${product[@]}" | grep '\.h$'); do
    grep -q '^#pragma once' "$h" || echo "$h"; done)"
finish
