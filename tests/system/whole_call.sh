# shellcheck shell=bash
# Whole spoken calls over TLS, as Twilio makes them. Sourced after tests/system/webhook_lib.sh and make_settings.
#
#   start_grok                   the simulated one; its address and key are among the settings
#   start_front PORT [TLS-PORT]  somebody who ends TLS on $port in front of a plain port
#   phone SID PORT ARG…          Twilio and a caller, who know of $public, but where it is; in the background
#   was_whole NAME SID           the call of that phone: what both sides heard, what the database says; TAP lines
#   get PORT PATH ARG…           curl over TLS
#   check_tls NAME PORT          what Twilio wants of TLS, and what must not be; TAP lines
public=https://voice.example.com
question="what are your opening hours"

start_grok() {
    spawn grok "$builddir/receptionai-sim-grok" --listen 127.0.0.1:0 --api-key secret --hears "$question"
    wait_for 60 grep -q 'listening on' "$work/grok.log"
    sed -i '/relay.example.com/d' "$RECEPTIONAI_CONF"
    printf '%s\n' "RELAY_URL=wss://${public#https://}/media-stream" XAI_API_KEY=secret SUMMARY_URL= \
        "GROK_URL=$(sed -n 's/^listening on *//p' "$work/grok.log")" >>"$RECEPTIONAI_CONF"
}

# What the merchant says; $understood is what must come of it.
greet() {
    sql "UPDATE merchants SET greeting = 'Bella''s, good day.', instructions = 'You are the receptionist of Bella''s. Our '
        || 'opening hours are eleven to ten, every day.' WHERE phone_number = '$bella'"
}
understood="receptionist: Bella's, good day. | caller: What are your opening hours? | receptionist: Our opening hours are"
understood+=" eleven to ten, every day. Is there anything else I can do for you?"

start_front() {
    port=${2:-$(free_port)}
    cat "$certificate" "$key" >"$work/tls/front.pem"
    cat >"$work/front.cfg" <<CFG
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend front
    bind 127.0.0.1:$port ssl crt $work/tls/front.pem
    default_backend behind
backend behind
    server behind 127.0.0.1:$1
CFG
    spawn front haproxy -f "$work/front.cfg" -db
}

phone() {
    local sid=$1 at=127.0.0.1:$2
    shift 2
    {
        TWILIO_AUTH_TOKEN=12345 timeout 300 "$builddir/receptionai-sim-phone" --json --quick --call-sid "$sid" \
            --webhook "https://$at/api/twilio/incoming" --public-url "$public" --relay-at "$at" --ca-file "$ca" \
            --to "$bella" --from "$caller" --status-callback "$public/api/twilio/status" "$@" \
            >"$work/$sid.json" 2>"$work/$sid.log"
        echo $? >"$work/$sid.exit"
    } &
}
fact() { /usr/bin/python3 -c 'import json, sys; print(eval(sys.argv[2], {"s": json.load(open(sys.argv[1]))}))' "$@"; }
turns() {
    sql "SELECT group_concat(role || ': ' || text, ' | ')
        FROM (SELECT * FROM turns WHERE call_sid = '$1' ORDER BY position)"
}
closed() { [ -n "$(sql "SELECT 1 FROM calls WHERE call_sid = '$1' AND status IN ('ended', 'complete')")" ]; }

was_whole() {
    ok "$1: a whole call over TLS" wait_for 300 test -s "$work/$2.exit"
    is "$1: to its end" "$(cat "$work/$2.exit")" 0
    is "$1: the phone finds no fault with webhook and stream" "$(fact "$work/$2.json" 's["verdicts"]')" "[]"
    is "$1: it ended because the caller hung up" "$(fact "$work/$2.json" 's["end"]')" caller-hung-up
    is "$1: each understood the other" "$(turns "$2")" "$understood"
    ok "$1: the call is closed" wait_for 60 closed "$2"
    is "$1: with its reason" "$(sql "SELECT end_reason FROM calls WHERE call_sid = '$2'")" caller-hung-up
}

handshake() {
    openssl s_client -connect "127.0.0.1:$1" -servername "${public#https://}" -CAfile "$ca" "${@:2}" </dev/null 2>&1
}
get() {
    curl -s --max-time 60 --cacert "$ca" --resolve "${public#https://}:$1:127.0.0.1" "${@:3}" "$public:$1$2"
}

check_tls() {
    local shaken
    shaken=$(handshake "$2" -verify_return_error -tls1_2 -cipher ECDHE+AESGCM)
    has "$1: TLS 1.2 with the issuer's certificate" "$shaken" "Verify return code: 0 (ok)"
    has "$1: TLS 1.3" "$(handshake "$2" -verify_return_error -tls1_3)" "New, TLSv1.3"
    is "$1: nothing older" "$(handshake "$2" -tls1_1 -cipher ALL:@SECLEVEL=0 | grep -c '^ *Cipher *: *[A-Z]*-')" 0
    ok "$1: no HTTP/2, which knows no WebSockets" grep -qE 'ALPN protocol: http/1.1|No ALPN negotiated' \
        <<<"$(handshake "$2" -alpn h2,http/1.1)"
    is "$1: health" "$(get "$2" /healthz)" '{"status":"ok","database":"ok"}'
    is "$1: an unsigned request" "$(get "$2" /api/twilio/incoming -o /dev/null -w '%{http_code}' -d CallSid=CA1)" 403
    is "$1: a recording, in parts, too" "$(get "$2" "/media/$media_name.mp4" -r 10-13 -o /dev/null \
        -w '%{http_code} %{content_type}')" "206 video/mp4"
    is "$1: a stream with no token" "$(get "$2" /media-stream/none -o /dev/null -w '%{http_code}' -H 'Connection: Upgrade' \
        -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==")" 403
}
