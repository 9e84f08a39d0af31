#!/bin/bash
# Every web server's file as it ships with TLS, and HAProxy's: a whole call through each, webhook and media stream on one
# port under https://voice.example.com, as Twilio makes it. The relay is the real one.
. "${srcdir:=.}/tests/system/webhook_lib.sh"
. "$srcdir/tests/system/whole_call.sh"
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
        RELAY_DRAIN_S=600 "$@" "$work/programs/receptionai-relay"
    wait_for 60 grep -q 'relay ready\|admin listening' "$work/$name.log"
    wait_for 60 curl -sf "http://127.0.0.1:$(listening "$name" admin)/readyz"
    relay_port=$(listening "$name" relay)
    admin_port=$(listening "$name" admin)
}

start_grok
echo RECEPTIONAI_SPOOL= >>"$RECEPTIONAI_CONF"
greet

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
start_relay relay RELAY_SOCKET="$work/relay.sock" RELAY_CONTROL="$work/alone.sock"
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
    nginx) write_nginx "$work/$front.conf" && start_nginx "$front" && nginx=$pid nginx_port=$plain_port ;;
    apache*) write_apache_site "$front" && start_apache "$front" ;;
    haproxy)
        write_haproxy "$nginx_port"
        ok "HAProxy accepts the file, and warns of nothing" bash -c \
            'out=$(haproxy -c -f "$1" 2>&1) && ! grep -i warning <<<"$out"' _ "$work/haproxy.cfg"
        spawn haproxy haproxy -W -f "$work/haproxy.cfg"
        haproxy=$pid
        ;;
    esac
done
for front in "${fronts[@]}"; do
    wait_for 60 get "${ports[$front]}" /healthz -f
    phone "CA-$front" "${ports[$front]}" --say "$question" --hangup-silence 500
done
for front in "${fronts[@]}"; do
    check_tls "$front" "${ports[$front]}"
done

# --- HAProxy asks the webhook itself: what web servers are asked elsewhere (webhook_*.sh) ----------------------------
export CLIENT_CA=$ca
via=https://127.0.0.1:${ports[haproxy]}
connect=${connect/relay.example.com/voice.example.com}
check_calls haproxy
check_refusals haproxy

# --- HAProxy: each call to the relay that has the fewest; a relay that drains keeps its calls ----------------------
# calls_on NAME: which calls the relay has.
calls_on() { "$builddir/receptionai-ctl" --socket "$work/$1.sock" list | grep -o 'CA-stay[0-9]*' | sort | paste -sd' '; }
on() { [ "$(calls_on "$1")" = "$2" ]; }
somewhere() { on r1 "$1" || on r2 "$1"; }
tell_haproxy() { socat stdio "$work/haproxy.sock" <<<"$1" >>"$work/told.log"; }
# stay N [FRONT]: a call that lasts until the relay ends it.
stay() {
    phone "CA-stay$1" "${ports[${2:-haproxy}]}" --stay
}
from_caller() {
    "$builddir/receptionai-ctl" --socket "$work/$1.sock" list | sed -nE "s/.*$2 .*/&/p"
}
has_moved_on() {
    local now
    now=$(from_caller "$1" "$2") && [ -n "$now" ] && [ "$now" != "$3" ]
}
# A relay on a busy machine may answer late: asked again.
hung_up() {
    "$builddir/receptionai-ctl" --socket "$work/$1.sock" hangup "$2"
    [ -s "$work/$2.exit" ]
}
ends_well() {
    ok "HAProxy: $2" wait_for 60 hung_up "$1" "CA-stay$3"
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
ok "HAProxy: and keeps those that it has" wait_for 60 on "$first" CA-stay1
ok "HAProxy: whose sound goes on" wait_for 60 has_moved_on "$first" CA-stay1 "$(from_caller "$first" CA-stay1)"
ends_well "$first" "the old call is ended by its relay" 1
tell_haproxy "set server receptionai_relays/$first state ready"
stay 4
ok "HAProxy: put back, it gets calls again" wait_for 60 on "$first" "CA-stay4"
stay 8
ok "HAProxy: as long as it has fewer" wait_for 60 on "$first" "CA-stay4 CA-stay8"
ends_well "$first" "one of them ends" 8
# The one that has fewer would be asked first, and refuses.
"$builddir/receptionai-ctl" --socket "$work/$first.sock" drain >>"$work/told.log"
stay 5
stay 6
ok "HAProxy: of a relay that ends, new callers do not notice anything" \
    wait_for 60 on "$second" "CA-stay2 CA-stay3 CA-stay5 CA-stay6"
ok "HAProxy: nor does the one whom it has" wait_for 60 on "$first" CA-stay4
ok "HAProxy: whose sound goes on" wait_for 60 has_moved_on "$first" CA-stay4 "$(from_caller "$first" CA-stay4)"
workers() { grep -c 'New worker .* forked' "$work/haproxy.log"; }
reloaded() { [ "$(workers)" -ge 2 ]; }
kill -USR2 "$haproxy"
ok "HAProxy: it reads its file again" wait_for 60 reloaded
stay 7
ok "HAProxy: then new calls come" wait_for 60 on "$second" "CA-stay2 CA-stay3 CA-stay5 CA-stay6 CA-stay7"
ok "HAProxy: and those that it had go on" wait_for 60 has_moved_on "$first" CA-stay4 "$(from_caller "$first" CA-stay4)"
ends_well "$first" "its call ends" 4
for n in 2 3 5 6 7; do ends_well "$second" "the other's call $n ends" "$n"; done

# --- nginx reads its file again, for a new certificate, as README says of it -----------------------------------------
stay 11 nginx
ok "nginx: a call is connected" wait_for 60 on alone CA-stay11
workers=$(pgrep -P "$nginx")
reloaded() { pgrep -P "$nginx" | grep -vqxF "$workers"; }
kill -HUP "$nginx"
ok "nginx: it reads its file again" wait_for 60 reloaded
stay 12 nginx
ok "nginx: then new calls come" wait_for 60 on alone "CA-stay11 CA-stay12"
ok "nginx: and the one that it had goes on" wait_for 60 has_moved_on alone CA-stay11 "$(from_caller alone CA-stay11)"
for n in 11 12; do
    ok "nginx: call $n ends" wait_for 60 hung_up alone "CA-stay$n"
    is "nginx: with nothing to find fault with" "$(cat "$work/CA-stay$n.exit")" 0
done

# --- by now the callers of the beginning have hung up -------------------------------------------------------------
for front in "${fronts[@]}"; do
    was_whole "$front" "CA-$front"
done
finish
