# shellcheck shell=bash
# What must hold behind every web server. A test sources this, starts the web server with the file that ships, and
# calls check_web_server PORT.
. "$srcdir/tests/fcgi/lib.sh"
. "$srcdir/tests/system/web_servers.sh"
export PYTHONDONTWRITEBYTECODE=1
upgrade_peer() { /usr/bin/python3 "$srcdir/tests/system/upgrade_peer.py" "$@"; }

# Starts what stands in for the relay; its port in $relay_port.
start_upgrade_peer() {
    relay_port=$(free_port)
    spawn upgrade_peer /usr/bin/python3 "$srcdir/tests/system/upgrade_peer.py" serve "$relay_port"
    wait_for 60 port_open "$relay_port"
}

# Web servers drop root's rights and must then reach these; the programs, too, which may lie in somebody's home.
open_folders() {
    make_media
    mkdir "$work/programs"
    cp "$builddir/receptionai-webhook" "$builddir/receptionai-relay" "$work/programs/"
    webhook=$work/programs/receptionai-webhook
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

# What the worker leaves in MEDIA_DIR, and beside it what nobody may see.
make_media() {
    media_folder=calls/1/2026/11/24/CA00000000000000000000000000000001
    media_name=$media_folder/video-0123456789abcdef0123456789abcdef
    mkdir -p "$work/media/$media_folder"
    seq 10000 >"$work/media/$media_name.mp4"
    cp "$work/media/$media_name.mp4" "$work/media/$media_name.mp4.part"
    echo sound >"$work/media/$media_name.wav"
    echo WEBVTT >"$work/media/$media_name.vtt"
}

# fetch PATH [OPTION…]: "STATUS TYPE LENGTH RANGE" of $via/PATH; its body in $work/fetched.
fetch() {
    local path=$1
    shift
    : >"$work/fetched"
    curl -s --path-as-is --max-time 60 -o "$work/fetched" -D "$work/fetched.head" "$@" "$via/$path" >/dev/null
    tr -d '\r' <"$work/fetched.head" | awk '
        NR == 1 { status = $2 }
        { name = tolower($1); sub(/^[^ ]* /, "") }
        name == "content-type:" { type = $0 }
        name == "content-length:" { len = $0 }
        name == "content-range:" { range = $0 }
        END { printf "%s %s %s %s\n", status, type, len, range }'
}
fetched_lines() { wc -l <"$work/fetched"; }

check_media() {
    local path bytes
    bytes=$(wc -c <"$work/media/$media_name.mp4")
    is "$1: a video is fetched" "$(fetch "media/$media_name.mp4") $(fetched_lines)" "200 video/mp4 $bytes  10000"
    has "$1: for private caches" "$(tr '[:upper:]' '[:lower:]' <"$work/fetched.head")" "cache-control: private"
    has "$1: in parts" "$(tr '[:upper:]' '[:lower:]' <"$work/fetched.head")" "accept-ranges: bytes"
    is "$1: a part of it" "$(fetch "media/$media_name.mp4" -r 10-13) $(tr '\n' , <"$work/fetched")" \
        "206 video/mp4 4 bytes 10-13/$bytes 6,7,"
    is "$1: its end" "$(fetch "media/$media_name.mp4" -r -6) $(cat "$work/fetched")" \
        "206 video/mp4 6 bytes $((bytes - 6))-$((bytes - 1))/$bytes 10000"
    is "$1: a part behind its end" "$(fetch "media/$media_name.mp4" -r "$bytes-" | cut -d' ' -f1)" 416
    is "$1: HEAD" "$(fetch "media/$media_name.mp4" -I | sed 's/ *$//')" "200 video/mp4 $bytes"
    is "$1: a recording's type" "$(fetch "media/$media_name.wav")" "200 audio/wav 6 "
    is "$1: the captions' type" "$(fetch "media/$media_name.vtt" | cut -d' ' -f1-2 | tr -d ';')" "200 text/vtt"
    ok "$1: a file that is being written is not shown" grep -qE '^40[34] ' <<<"$(fetch "media/$media_name.mp4.part")"
    for path in media/ "media/$media_folder/" "media/$media_folder" media; do
        fetch "$path" >"$work/answered"
        ok "$1: /$path is not listed" bash -c 'grep -qE "^(301|40[34]) " "$1" && ! grep -q video "$2"' _ \
            "$work/answered" "$work/fetched"
    done
    for path in ../receptionai.conf %2e%2e/receptionai.conf ..%2freceptionai.conf calls/../../receptionai.conf \
        /../receptionai.conf calls/%2e%2e%2f%2e%2e%2freceptionai.conf; do
        fetch "media/$path" >"$work/answered"
        ok "$1: /media/$path leads nowhere" bash -c 'grep -qE "^40[034] " "$1" && ! grep -q TWILIO "$2"' _ \
            "$work/answered" "$work/fetched"
    done
    for path in PUT DELETE; do
        ok "$1: $path is refused" grep -qE '^(40[0135]|411|501) ' <<<"$(fetch "media/$media_name.wav" -X "$path" -d x)"
    done
    fetch "media/$media_name.wav" -X POST -d x >/dev/null
    ok "$1: and nothing is changed, by POST neither" grep -qx sound "$work/media/$media_name.wav"
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
    check_media "$name"
    sql 'DELETE FROM calls'
}
