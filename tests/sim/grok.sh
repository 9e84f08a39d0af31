#!/bin/bash
# The simulated Grok over real sockets: echo without a wrong byte, its handshake, faults at the handshake, its command line.
# No times are judged here: the machine may be busy.
. "${srcdir:=.}/tests/lib.sh"
sim=$builddir/receptionai-sim-grok
load=$builddir/tests/sim/grok_load
unset RECEPTIONAI_CONF XAI_API_KEY XAI_API_KEY_FILE

# serve NAME options…: starts it; $port and $url are where.
serve() {
    local name=$1
    spawn "$@"
    wait_for 60 grep -q '^listening on ' "$work/$name.log" || { echo "Bail out! $name did not start"; exit 1; }
    url=$(sed -n 's/^listening on //p' "$work/$name.log")
    port=${url##*:}
    port=${port%%/*}
}
# client CONNECTIONS SECONDS [CA]: $status and $answer.
client() {
    answer=$(timeout 300 "$load" 127.0.0.1 "$port" "$@" 2>&1)
    status=$?
}
fact() { /usr/bin/python3 -c 'import json, sys; s = json.loads(sys.argv[1]); print(eval(sys.argv[2]))' "$answer" "$1"; }

serve echo "$sim" --echo
client 100 2
is "100 clients get every frame back as it was" "$status $(fact '[s["ready"], s["wrong"], s["sent"] == s["back"] > 5000]')" \
    "0 [100, 0, True]"
is "the first line tells the URL" "${url%%:*} ${url##*/}" "ws realtime"
kill "$pid"
ok "SIGTERM ends it with 0" wait "$pid"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log"
serve secure "$sim" --echo --tls-cert "$work/cert.pem" --tls-key "$work/key.pem"
client 20 1 "$work/cert.pem"
is "the same under TLS" "${url%%:*} $status $(fact '[s["ready"], s["wrong"], s["sent"] == s["back"] > 500]')" \
    "wss 0 [20, 0, True]"
client 1 0
has "plain bytes on a TLS port end the connection" "$answer" '"ready":0'

serve keyed "$sim" --echo --api-key secret
client 1 0
has "a wrong bearer token is 401" "$answer" "HTTP 401"
export XAI_API_KEY=load
serve environment "$sim" --echo
client 1 0
is "the key may come from XAI_API_KEY" "$status" 0
unset XAI_API_KEY

for status_wanted in 401 403 404 429 500 503; do
    serve "refuse$status_wanted" "$sim" --echo --fault "refuse-$status_wanted"
    client 1 0
    has "refuse-$status_wanted answers the upgrade so" "$answer" "HTTP $status_wanted"
done
serve few "$sim" --echo --fault refuse-503 --fault-calls 1
client 1 0
has "--fault-calls: the first connection meets the fault" "$answer" "HTTP 503"
client 1 0
is "the next one does not" "$status" 0
serve storm "$sim" --echo --fault error-storm:5 --fault unknown-event --fault fragmented:3
client 3 1
is "fragments, errors and unknown events do not disturb an echo" "$status $(fact 's["wrong"]')" "0 0"

http() {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return
    printf '%b' "$1" >&3
    timeout 60 head -n 1 <&3 | tr -d '\r'
    exec 3>&-
}
upgrade='Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
is "another path is 404" "$(http "GET /v2/realtime HTTP/1.1\r\n${upgrade}Authorization: Bearer x\r\n\r\n")" "HTTP/1.1 404 Not Found"
is "no token is 401" "$(http "GET /v1/realtime HTTP/1.1\r\n$upgrade\r\n")" "HTTP/1.1 401 Unauthorized"
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf '%b' "GET /v1/realtime HTTP/1.1\r\n${upgrade}Sec-WebSocket-Protocol: realtime, xai-client-secret.abc\r\n\r\n" >&3
has "a client secret among the subprotocols will do, and is chosen" "$(timeout 10 head -n 5 <&3 | tr -d '\r')" \
    "Sec-WebSocket-Protocol: xai-client-secret.abc"
exec 3>&-
is "no upgrade is 426" "$(http 'GET /v1/realtime HTTP/1.1\r\nHost: x\r\n\r\n')" "HTTP/1.1 426 Upgrade Required"
is "garbage is 400" "$(http 'hello\r\n\r\n')" "HTTP/1.1 400 Bad Request"

# An upgrade that is answered late, cut off, or not at all. What is not answered is looked at for a second.
asked='GET /v1/realtime HTTP/1.1\r\n'"${upgrade}"'Authorization: Bearer x\r\n\r\n'
serve late "$sim" --echo --fault late-upgrade:300
is "late-upgrade: answered all the same" "$(http "$asked")" "HTTP/1.1 101 Switching Protocols"
serve cut "$sim" --echo --fault cut-upgrade
is "cut-upgrade: nothing comes, the connection is gone" "$(http "$asked" 2>/dev/null)" ""
serve hang "$sim" --echo --fault hang-upgrade
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf '%b' "$asked" >&3
timeout 1 head -c 1 <&3 >"$work/hang"
is "hang-upgrade: nothing comes, and the connection stays" "$? $(wc -c <"$work/hang")" "124 0"
exec 3>&-

serve rules "$sim" --log json
ruled=$pid
is "an output for a call that nobody made is refused" "$(/usr/bin/python3 -B "$srcdir/tests/sim/grok_rules.py" "$port" break)" \
    invalid_tool_call_id
is "a conversation is gone on with: played back before the session is updated" \
    "$(/usr/bin/python3 -B "$srcdir/tests/sim/grok_rules.py" "$port" resume)" "1 session.updated True"
kill "$ruled"
wait "$ruled"
is "a client that broke the rules makes the exit code 3" "$?" 3
has "and is told so among the notes" "$(cat "$work/rules.log")" '"who":"violation"'

serve other "$sim" --dialect openai --echo
client 1 0
has "--dialect openai: xAI's session is refused" "$answer" '"ready":0'

refused() {
    "$sim" "$@" >"$work/refused" 2>&1
    [ $? -eq 2 ]
}
ok "an unknown fault is refused" refused --fault nonsense
ok "a fault's argument must be a number" refused --fault late-ready:soon
ok "an address must have a port" refused --listen localhost
ok "a certificate needs its key" refused --tls-cert /dev/null
ok "a word that is no option is refused" refused please
ok "a dialect that is none is refused" refused --dialect french
ok "a call without a name is refused" refused --call hello
ok "--help lists every fault" bash -c '
    "$1" --help >"$2/help"
    grep -o "FAULT([A-Z0-9_]*, \"[a-z0-9-]*\"" "$3" | sed "s/.*\"\(.*\)\"/\1/" | while read -r name; do
        grep -q "^    $name" "$2/help" || { echo "$name"; exit 1; }
    done' _ "$sim" "$work" "$srcdir/sim/fault.h"
finish
