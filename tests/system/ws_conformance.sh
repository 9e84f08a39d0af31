#!/bin/bash
# WebSocket conformance of the relay's own legs as server and as client: the case table in ws_cases.py, driven by
# autobahn's low-level interface, one line a case.
. "${srcdir:=.}/tests/lib.sh"
export PYTHONDONTWRITEBYTECODE=1

# Takes over the TAP lines of a driver: relay_tap ROLE command args…
relay_tap() {
    local role=$1 line last=
    shift
    while IFS= read -r line; do
        case $line in
        "ok "*) tap_line ok "$role: ${line#*- }" ;;
        "not ok "*) tap_line "not ok" "$role: ${line#*- }" ;;
        "# "*" cases") last=$line ;;
        *) printf '%s\n' "$line" ;;
        esac
    done < <(timeout 300 "$@" 2>&1)
    is "$role: the whole table was played" "$last" "# $case_count of $case_count cases"
}

if ! /usr/bin/python3 -c 'import autobahn, twisted' 2>/dev/null; then
    echo "1..0 # SKIP no autobahn: apt-get install python3-autobahn"
    exit 0
fi
case_count=$(cd "$srcdir/tests/system" && /usr/bin/python3 -c 'import ws_cases; print(len(list(ws_cases.all_cases())))')

spawn server "$builddir/tests/ws-echo-server" --listen 127.0.0.1:0
ok "the server starts" wait_for 60 grep -q '^ws:' "$work/server.log"
if [ "$tap_failed" -ne 0 ]; then
    sed 's/^/# /' "$work/server.log"
    finish
fi
relay_tap server /usr/bin/python3 "$srcdir/tests/system/ws_drive.py" server "$(grep '^ws:' "$work/server.log")"
kill "$pid"
wait "$pid"
is "the server ends with 0" $? 0
is "the server had nothing to say" "$(grep -v '^ws:' "$work/server.log")" ""

relay_tap client /usr/bin/python3 "$srcdir/tests/system/ws_drive.py" client \
    "$builddir/tests/ws-echo-client" --repeat --connect
finish
