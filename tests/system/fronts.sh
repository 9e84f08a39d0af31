#!/bin/bash
# Every web server's file as it ships with TLS, and HAProxy's: a whole call through each, webhook and media stream on one
# port under https://voice.example.com, as Twilio makes it. The relay is the real one.
. "${srcdir:=.}/tests/system/webhook_lib.sh"
public=https://voice.example.com
make_settings
make_certificates
open_folders
mkdir "$work/sbin"
cp "$webhook" "$work/sbin/"

# The relay belongs to the web server's user, who may then write to its socket.
as_web_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid "$web_user" --regid "$(id -gn "$web_user")" --clear-groups "$@"
    else
        "$@"
    fi
}
listening() { sed -nE "s#.*$2 listening address=[^ ]*:([0-9]+).*#\1#p" "$work/$1.log" | head -n 1; }
# start_relay NAME SETTING…: its ports in $relay_port and $admin_port.
start_relay() {
    local name=$1
    shift
    spawn "$name" as_web_user env RELAY_LISTEN=127.0.0.1:0 RELAY_ADMIN_LISTEN=127.0.0.1:0 RELAY_THREADS=1 \
        RELAY_DRAIN_S=600 "$@" "$builddir/receptionai-relay"
    wait_for 60 grep -q 'relay ready\|admin listening' "$work/$name.log"
    wait_for 60 curl -sf "http://127.0.0.1:$(listening "$name" admin)/readyz"
    relay_port=$(listening "$name" relay)
    admin_port=$(listening "$name" admin)
}

spawn grok "$builddir/receptionai-sim-grok" --listen 127.0.0.1:0 --api-key secret --hears "what are your opening hours"
wait_for 60 grep -q 'listening on' "$work/grok.log"
cat >>"$RECEPTIONAI_CONF" <<CONF
RELAY_URL=wss://voice.example.com/media-stream
XAI_API_KEY=secret
GROK_URL=$(sed -n 's/^listening on *//p' "$work/grok.log")
RECEPTIONAI_SPOOL=
CONF
sed -i '/relay.example.com/d' "$RECEPTIONAI_CONF"
sql "UPDATE merchants SET greeting = 'Bella''s, good day.', instructions = 'You are the receptionist of Bella''s. Our '
    || 'opening hours are eleven to ten, every day.' WHERE name = 'Bella''s'"

# phone SID PORT ARG…: Twilio and a caller, who know of voice.example.com but where it is.
phone() {
    local sid=$1 at=127.0.0.1:$2
    shift 2
    TWILIO_AUTH_TOKEN=12345 timeout 300 "$builddir/receptionai-sim-phone" --json --quick --call-sid "$sid" \
        --webhook "https://$at/api/twilio/incoming" --public-url "$public" --relay-at "$at" --ca-file "$ca" \
        --to "$bella" --from "$caller" --status-callback "$public/api/twilio/status" "$@" \
        >"$work/$sid.json" 2>"$work/$sid.log"
    echo $? >"$work/$sid.exit"
}
fact() { /usr/bin/python3 -c 'import json, sys; print(eval(sys.argv[2], {"s": json.load(open(sys.argv[1]))}))' "$@"; }
turns() { sql "SELECT group_concat(role || ': ' || text, ' | ') FROM (SELECT * FROM turns WHERE call_sid = '$1' ORDER BY position)"; }
closed() { [ "$(sql "SELECT status FROM calls WHERE call_sid = '$1'")" = ended ]; }

# was_whole NAME SID: the call that the phone has made.
was_whole() {
    ok "$1: a whole call over TLS" wait_for 300 test -s "$work/$2.exit"
    is "$1: to its end" "$(cat "$work/$2.exit")" 0
    is "$1: the phone finds no fault with webhook and stream" "$(fact "$work/$2.json" 's["verdicts"]')" "[]"
    is "$1: it ended because the caller hung up" "$(fact "$work/$2.json" 's["end"]')" caller-hung-up
    is "$1: each understood the other" "$(turns "$2")" "$understood"
    ok "$1: the call is closed" wait_for 60 closed "$2"
    is "$1: with its reason" "$(sql "SELECT end_reason FROM calls WHERE call_sid = '$2'")" caller-hung-up
}

handshake() { openssl s_client -connect "127.0.0.1:$1" -servername voice.example.com -CAfile "$ca" "${@:2}" </dev/null 2>&1; }
get() { curl -s --max-time 60 --cacert "$ca" --resolve "voice.example.com:$1:127.0.0.1" "${@:3}" "https://voice.example.com:$1$2"; }

# What Twilio wants of TLS, and what must not be.
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

# --- all are started, each behind ports of its own; HAProxy in front of two more relays ---------------------------
spawn_webhook() { # NAME SETTING…
    local name=$1
    shift
    spawn "$name" as_web_user env "$@" "$work/sbin/receptionai-webhook" --socket "$work/$name.sock" --processes 2 \
        --socket-mode 0666
    wait_for 60 test -S "$work/$name.sock"
}
# A file of HAProxy's with our addresses; two relays and a webhook that announces calls to neither.
write_haproxy() {
    cat "$certificate" "$key" >"$work/tls/haproxy.pem"
    sed -e "s|user haproxy *# yours|user $web_user|" -e "s|group haproxy *# yours|group $(id -gn "$web_user")|" \
        -e "s|socket /run/haproxy/[^ ]* |socket $work/haproxy.sock |" \
        -e "s|bind :443 ssl crt [^ ]*|bind 127.0.0.1:$port ssl crt $work/tls/haproxy.pem|" \
        -e "s|r1 127.0.0.1:8080 port 9090|r1 127.0.0.1:${relays[r1]} port ${admins[r1]}|" \
        -e "s|r2 127.0.0.1:8081 port 9091|r2 127.0.0.1:${relays[r2]} port ${admins[r2]}|" \
        -e "s|unix@[^ ]*|unix@$work/balanced.sock|" -e "s|server media 127.0.0.1:8000|server media 127.0.0.1:$1|" \
        "$srcdir/deploy/haproxy.cfg" >"$work/haproxy.cfg"
}
start_relay relay RELAY_SOCKET="$work/relay.sock"
announced=$relay_port
declare -A ports relays admins
for name in r1 r2; do
    start_relay "$name" RELAY_CONTROL="$work/$name.sock"
    relays[$name]=$relay_port admins[$name]=$admin_port
done
relay_port=$announced
spawn_webhook balanced RELAY_SOCKET=
printf 'RELAY_SOCKET=%s\nRELAY_SOCKET_MS=5000\n' "$work/relay.sock" >>"$RECEPTIONAI_CONF"
spawn_webhook webhook
webhook=$work/sbin/receptionai-webhook
fronts=(lighttpd nginx apache apache-fcgid haproxy)
for front in "${fronts[@]}"; do
    pick_ports
    ports[$front]=$port
    case $front in
    lighttpd) write_lighttpd "$work/$front.conf" && start_lighttpd "$front" ;;
    nginx) write_nginx "$work/$front.conf" && start_nginx "$front" && nginx_port=$plain_port ;;
    apache*) write_apache_site "$front" && start_apache "$front" ;;
    haproxy)
        write_haproxy "$nginx_port"
        ok "HAProxy accepts the file, and warns of nothing" bash -c \
            'out=$(haproxy -c -f "$1" 2>&1) && ! grep -i warning <<<"$out"' _ "$work/haproxy.cfg"
        spawn haproxy haproxy -W -f "$work/haproxy.cfg"
        ;;
    esac
done
for front in "${fronts[@]}"; do
    wait_for 60 get "${ports[$front]}" /healthz -f
    phone "CA-$front" "${ports[$front]}" --say "what are your opening hours" --hangup-silence 500 &
done
for front in "${fronts[@]}"; do
    check_tls "$front" "${ports[$front]}"
done

# --- HAProxy: each call to the relay that has the fewest; a relay that drains keeps its calls ----------------------
# calls_on NAME: which calls the relay has.
calls_on() { "$builddir/receptionai-ctl" --socket "$work/$1.sock" list | grep -o 'CA-stay[0-9]*' | sort | paste -sd' '; }
on() { [ "$(calls_on "$1")" = "$2" ]; }
somewhere() { on r1 "$1" || on r2 "$1"; }
tell_haproxy() { socat stdio "$work/haproxy.sock" <<<"$1" >>"$work/told.log"; }
# stay N: a call that lasts until the relay ends it.
stay() {
    phone "CA-stay$1" "${ports[haproxy]}" --stay &
}
from_caller() {
    "$builddir/receptionai-ctl" --socket "$work/$1.sock" list | sed -nE "s/.*$2 .*/&/p"
}
has_moved_on() { [ "$(from_caller "$1" "$2")" != "$3" ]; }
ends_well() {
    ok "HAProxy: $2" "$builddir/receptionai-ctl" --socket "$work/$1.sock" hangup "CA-stay$3"
    ok "HAProxy: and the caller's call is over" wait_for 60 test -s "$work/CA-stay$3.exit"
    is "HAProxy: with nothing to find fault with" "$(cat "$work/CA-stay$3.exit")" 0
}

stay 1
ok "HAProxy: a call is connected" wait_for 60 somewhere CA-stay1
first=r1 second=r2
[ -n "$(calls_on r1)" ] || first=r2 second=r1
stay 2
ok "HAProxy: the next goes to the other relay, which has fewer" wait_for 60 on "$second" "CA-stay2"
tell_haproxy "set server receptionai_relays/$first state drain"
stay 3
ok "HAProxy: a relay that drains gets no more calls" wait_for 60 on "$second" "CA-stay2 CA-stay3"
is "HAProxy: and keeps those that it has" "$(calls_on "$first")" CA-stay1
ok "HAProxy: whose sound goes on" wait_for 60 has_moved_on "$first" CA-stay1 "$(from_caller "$first" CA-stay1)"
ends_well "$first" "the old call is ended by its relay" 1
tell_haproxy "set server receptionai_relays/$first state ready"
stay 4
ok "HAProxy: put back, it gets calls again" wait_for 60 on "$first" "CA-stay4"
"$builddir/receptionai-ctl" --socket "$work/$second.sock" drain >>"$work/told.log"
stay 5
stay 6
ok "HAProxy: of a relay that ends, new callers do not notice anything" wait_for 60 on "$first" "CA-stay4 CA-stay5 CA-stay6"
is "HAProxy: nor do those whom it has" "$(calls_on "$second")" "CA-stay2 CA-stay3"
ok "HAProxy: whose sound goes on" wait_for 60 has_moved_on "$second" CA-stay2 "$(from_caller "$second" CA-stay2)"
for n in 2 3; do ends_well "$second" "its call $n ends" "$n"; done
for n in 4 5 6; do ends_well "$first" "the other's call $n ends" "$n"; done

# --- by now the callers of the beginning have hung up -------------------------------------------------------------
understood="receptionist: Bella's, good day. | caller: What are your opening hours? | receptionist: Our opening hours are"
understood+=" eleven to ten, every day. Is there anything else I can do for you?"
for front in "${fronts[@]}"; do
    was_whole "$front" "CA-$front"
done
finish
