#!/bin/bash
# How often the webhook asks the database before it answers Twilio: a caller waits for it, and the disk for each commit.
# shellcheck source-path=SCRIPTDIR/../..
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings
counted=$work/counted
cat >"$work/counting" <<SH
#!/bin/sh
COUNT_FILE='$counted' LD_PRELOAD='$builddir/tests/fcgi/count_sql.so' ASAN_OPTIONS="\$ASAN_OPTIONS:verify_asan_link_order=0" \\
    exec '$webhook'
SH
chmod +x "$work/counting"
via="cgi:$work/counting"

# at_most SENTENCE STATEMENTS COMMITS
at_most() {
    local statements commits
    statements=$(wc -l <"$counted")
    commits=$(grep -c '^COMMIT' "$counted")
    ok "$1: at most $2 statements, $3 commits" test "$statements" -gt 0 -a "$statements" -le "$2" -a "$commits" -le "$3"
    printf '# %s statements, %s commits\n' "$statements" "$commits"
    rm -f "$counted"
}

incoming CA01
has "a call that begins is streamed" "$answer" "<Stream"
at_most "a call that begins" 12 1
incoming CA01
at_most "the same question again" 6 0

sql "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
     INSERT INTO merchant_days(merchant_id, day) SELECT 1, date('2024-01-01', i || ' days') FROM n;
     WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
     INSERT INTO caller_rules(merchant_id, number) SELECT 1, '+1900' || i || '*' FROM n;
     INSERT INTO merchant_numbers(phone_number, merchant_id) VALUES('+15550133', 1);
     UPDATE merchants SET minutes_month_max = 1000 WHERE id = 1"
bella=+15550133 incoming CA02
has "a call of another number of a merchant with many rows too" "$answer" "<Stream"
at_most "with many special days and rules, and a limit" 13 1

sql "INSERT INTO merchant_days(merchant_id, day) VALUES(2, strftime('%m-%d', 'now', '-1 day')), (2, strftime('%m-%d', 'now')),
     (2, strftime('%m-%d', 'now', '+1 day')); UPDATE merchants SET after_hours = 'closed' WHERE id = 2"
bella=+15550101 incoming CA03
has "a closed business says so" "$answer" "closed"
at_most "after hours" 18 2
finish
