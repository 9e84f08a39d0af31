# shellcheck shell=bash
# What must hold behind every web server. A test sources this, starts the web server with the file that ships, and
# calls check_web_server PORT.
. "$srcdir/tests/fcgi/lib.sh"
export PYTHONDONTWRITEBYTECODE=1
upgrade_peer() { /usr/bin/python3 "$srcdir/tests/system/upgrade_peer.py" "$@"; }

# Starts what stands in for the relay; its port in $relay_port.
start_upgrade_peer() {
    relay_port=$(free_port)
    spawn upgrade_peer /usr/bin/python3 "$srcdir/tests/system/upgrade_peer.py" serve "$relay_port"
    wait_for 60 port_open "$relay_port"
}

# Web servers drop root's rights and must then reach these.
open_folders() {
    chmod 755 "$work"
    chmod 666 "$db"* "$RECEPTIONAI_CONF"
    chmod 777 "$work"
}

healthy() {
    ask --method GET /healthz
    [ "$(status_of)" = "200 application/json" ]
}

check_calls() {
    incoming CAX1
    is "$1: a call is connected" "$(masked)" "$twiml_type
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
$connect"
    incoming CAX1
    has "$1: and again if Twilio asks again" "$(masked)" "$connect"
    is "$1: with one record" "$(sql "SELECT count(*) FROM calls WHERE call_sid = 'CAX1'")" 1
    incoming CAX2 --method GET
    has "$1: GET, with everything in the query" "$(masked)" "$connect"
    ask --method GET "/api/twilio/incoming?CallSid=CAX3&To=%2b15550100&From=%2B14155550123&odd='%22%20%2F%2f%3F+%C3%B1%25"
    has "$1: a query is signed as it was sent" "$(masked)" "$connect"
    ask /api/twilio/incoming CallSid=CAX4 "To=$bella" 'From=\xff\xfe<"&>\x00'
    has "$1: bytes that are no text arrive, and do no harm" "$(twiml_of)" 'value="??&lt;&quot;&amp;&gt;?"'
    ask /api/twilio/incoming CallSid=CAX5 "To=$bella" "From=$caller" "CallToken=$(printf 'a%.0s' {1..40000})"
    has "$1: a form of 40 KB" "$(masked)" "$connect"
    ask /api/twilio/after CallSid=CAX1 CallStatus=in-progress
    is "$1: after a stream that never came" "$(twiml_of)" "$dial"
    ask /api/twilio/status CallSid=CAX1 CallStatus=completed CallDuration=3
    is "$1: a status callback" "$answer $(sql "SELECT status FROM calls WHERE call_sid = 'CAX1'")" "204 - ended"
    ask /api/twilio/stream-status CallSid=CAX2 StreamSid=MZ1 StreamEvent=stream-started StreamError=
    is "$1: a stream callback" "$answer" "204 -"
}

check_refusals() {
    local before
    before=$(calls)
    incoming CAX9 --signature none
    is "$1: no signature" "$(status_of)" "403 text/plain; charset=utf-8"
    incoming CAX9 --token wrong
    is "$1: wrong signature" "$(status_of)" "403 text/plain; charset=utf-8"
    ask --body "$(printf 'a%.0s' {1..102400})" /api/twilio/incoming
    is "$1: a body of 100 KB" "$(status_of)" "413 text/plain; charset=utf-8"
    ask --body 'CallSid=CAX9&To=%zz' /api/twilio/incoming
    is "$1: a broken percent-encoding" "$(status_of)" "400 text/plain; charset=utf-8"
    incoming CAX9 --method PUT
    has "$1: PUT" "$answer" "405 text/plain; charset=utf-8
allow: GET, POST"
    incoming CAX9 --method HEAD
    has "$1: HEAD" "$answer" "405 text/plain; charset=utf-8"
    ask /api/twilio/nothing
    is "$1: an unknown route" "$(status_of)" "404 text/plain; charset=utf-8"
    ask --method GET /elsewhere
    ok "$1: another path" grep -qE '^40[34] ' <<<"$answer"
    is "$1: nothing refused was written" "$(calls)" "$before"
    ask --method HEAD /healthz
    is "$1: HEAD for health" "$answer" "200 application/json"
}

crowd() {
    local n jobs=()
    for n in $(seq 30); do
        (
            incoming "CAC$n"
            status_of
        ) &
        jobs+=($!)
    done
    wait "${jobs[@]}"
}

check_web_server() {
    local name=$1
    via="http://127.0.0.1:$2"
    wait_for 60 healthy
    is "$name: health" "$answer" '200 application/json
{"status":"ok","database":"ok"}'
    check_calls "$name"
    check_refusals "$name"
    is "$name: thirty calls at once" "$(crowd | sort | uniq -c | sed 's/^ *//')" "30 $twiml_type"
    is "$name: each with its record" "$(sql "SELECT count(*) FROM calls WHERE call_sid LIKE 'CAC%'")" 30
    is "$name: WebSockets reach the relay, unchanged" "$(upgrade_peer ask "$2" /media-stream/AQAA-_token)" \
        "/media-stream/AQAA-_token signature=5ELISYynex884jHcftX4dg6DQ4g= echo ok"
    sql 'DELETE FROM calls'
}
