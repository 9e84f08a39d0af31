#!/bin/bash
# deploy/TUNNEL.md, block for block as it stands: bella.ngrok.app is here, with somebody on port 443 who ends TLS as a tunnel
# does, in a network with nobody else in it; Grok is the simulated one. What runs: mkdir, curl, deploy/container/receptionai-box,
# receptionai-sql, receptionai-sim-phone.
srcdir=$(cd "${srcdir:-.}" && pwd)
builddir=$(cd "${builddir:-$srcdir}" && pwd)
if [ -z "${INSIDE:-}" ]; then
    . "$srcdir/tests/own_mounts.sh"
    export INSIDE=1 srcdir builddir
    exec "${own_mounts[@]}" unshare --net "$0" "$@"
fi
. "$srcdir/tests/system/webhook_lib.sh"
. "$srcdir/tests/system/whole_call.sh"
public=https://bella.ngrok.app
mounted=()
take_down() {
    local status=$? place
    stop_spawned
    for place in ${mounted[@]+"${mounted[@]}"}; do umount -l "$place"; done
    (exit "$status")
    clean_up
}
trap take_down EXIT
# put FILE PLACE: in this machine's place, for us.
put() { mount --bind "$1" "$2" && mounted+=("$2"); }

ip link set lo up
make_settings
make_certificates
echo '127.0.0.1 localhost bella.ngrok.app' >"$work/hosts"
put "$work/hosts" /etc/hosts
put "$ca" /etc/ssl/certs/ca-certificates.crt
start_grok
sed -i '/^PUBLIC_URL\|^RELAY_URL\|^RECEPTIONAI_DB/d' "$RECEPTIONAI_CONF"        # the page sets them
start_front 8000 443
export PATH="$builddir:$PATH" BOX_AS_ROOT=1 BOX_SHARE="$srcdir/deploy" RECEPTIONAI_SCHEMA="$srcdir/db/schema.sql"
export TWILIO_AUTH_TOKEN=12345 XAI_API_KEY=secret SUMMARY_URL='' RELAY_SOCKET_MS=5000
GROK_URL=$(sed -n 's/^listening on *//p' "$work/grok.log")
export GROK_URL
mkdir "$work/here" && cd "$work/here" && ln -s "$srcdir/deploy" deploy || exit 1

awk -v folder="$work" '/^```sh by tests\/system\/tunnel.sh$/ { out = folder "/block" ++n; next } /^```$/ { out = "" }
    out { print > out }' "$srcdir/deploy/TUNNEL.md"
is "the page has six blocks for us" "$(find "$work" -name 'block?' | wc -l)" 6
block() { bash -eo pipefail "$work/block$1"; }

settle() { . "$work/block1"; }
ok "1: settings, a database, a merchant" settle
spawn box block 2
answers() { [ "$(block 3)" = '{"status":"ok","database":"ok"}' ]; }
ok "1 and 2: the service answers under the tunnel's name" wait_for 60 answers
port_open 8000 || { echo "Bail out! it does not run"; exit 1; }
relay_answers() { curl -sf http://127.0.0.1:9090/readyz; }
wait_for 60 relay_answers
db=$work/here/tunnel/data/receptionai.db
block 4 >"$work/simulated.log" 2>&1 &
simulated=$!
ok "5: the five steps, simulated" block 6
wait "$simulated"
is "3: a simulated call through the tunnel" $? 0
recorded() { [ "$(sql "SELECT count(*) FROM jobs WHERE kind = 'assemble' AND state = 'done'")" = 2 ]; }
ok "the worker has made both recordings" wait_for 240 recorded
block 5 >"$work/told" 2>&1
is "5: what the database says of them can be asked" $? 0
has "step 1: the greeting was heard" "$(cat "$work/told")" "Thank you for calling Bella's. How can I help you?"
has "step 2: the caller's words" "$(cat "$work/told")" "What are your opening hours?"
has "step 3: and the answer, from the instructions" "$(cat "$work/told")" "eleven to ten"
is "step 4: an answer was broken off" "$(sql "SELECT count(*) > 0 FROM turns WHERE role = 'receptionist' AND cut = 1")" 1
is "step 5: the calls are closed" "$(sql "SELECT group_concat(end_reason) FROM calls")" caller-hung-up,caller-hung-up
ok "and both sides are in a file" test -s heard.wav -a -s both.wav
is "nothing failed" "$(sql "SELECT count(*) FROM failed_jobs")" 0
finish
