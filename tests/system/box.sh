#!/bin/bash
# deploy/container/receptionai-box, which is all that a container or a Fly machine runs, with somebody in front who ends TLS,
# as Fly's proxy does: its parts fall and stand up, and it ends when the last call has ended. A whole call through it:
# tunnel.sh.
. "${srcdir:=.}/tests/system/webhook_lib.sh"
. "$srcdir/tests/system/whole_call.sh"
public=https://receptionai.fly.dev
make_settings
make_certificates
start_grok
rm -f "$db"
sed -i '/^PUBLIC_URL\|^RELAY_URL\|^RECEPTIONAI_DB/d' "$RECEPTIONAI_CONF"
box_port=$(free_port) relay_at=127.0.0.1:$(free_port) admin=127.0.0.1:$(free_port)
data=$work/data db=$work/data/receptionai.db

box() {
    env PATH="$builddir:$PATH" BOX_AS_ROOT=1 BOX_SHARE="$srcdir/deploy" RECEPTIONAI_SCHEMA="$srcdir/db/schema.sql" \
        DATA="$data" RUN="$work/run" PORT="$box_port" RELAY_LISTEN="$relay_at" RELAY_ADMIN_LISTEN="$admin" \
        FLY_APP_NAME=receptionai "$@" "$srcdir/deploy/container/receptionai-box"
}
answers() { get "$port" "${1:-/healthz}" -f; }
relay_answers() { curl -sf "http://$admin/readyz"; }
logged() { grep -q "$1" "$work/box.log"; }
pid_of() { pgrep -P "$box" -f "$1"; }
has_call() { "$builddir/receptionai-ctl" --socket "$work/run/control.sock" list | grep -q "$1"; }

box TWILIO_AUTH_TOKEN=x STREAM_TOKEN_SECRET=short >"$work/refused" 2>&1
is "settings that are wrong end it, and it says whose" "$? $(grep -c 'settings refused program=webhook' "$work/refused")" "78 1"

start_front "$box_port"
spawn box box
wait_for 60 logged 'box ready' || { echo "Bail out! the box did not start"; exit 1; }
box=$(pgrep -P "$pid" -f receptionai-box || echo "$pid")
ok "it answers, under the name that the app has at Fly" wait_for 60 answers
wait_for 60 relay_answers
sql "INSERT INTO merchants(name, phone_number, fallback_number) VALUES('Bella''s', '$bella', '+15550199')"
greet
mkdir -p "$work/data/media" && echo sound >"$work/data/media/x.wav"
is "it shows recordings" "$(answers /media/x.wav)" sound
kill -KILL "$(pid_of receptionai-worker)"
ok "a worker that falls is missed" wait_for 60 logged 'part ended part=worker'
ok "and started again" wait_for 60 pid_of receptionai-worker
kill -KILL "$(pid_of receptionai-relay)"
ok "so is a relay" wait_for 60 logged 'part ended part=relay'
ok "and it takes calls again" wait_for 60 relay_answers
phone CA-late "$port" --stay
ok "a call goes on" wait_for 60 has_call CA-late
kill -TERM "$box"
ok "SIGTERM: the relay drains" wait_for 60 logged 'relay draining calls=1'
has "a new caller is told by the webhook, which is there still" "$(phone CA-new "$port"; wait_for 60 test -s "$work/CA-new.exit"
    cat "$work/CA-new.log")" '<Dial> +15550199'
ok "the call that is left goes on" wait_for 60 has_call CA-late
hung_up() {         # a relay on a busy machine may answer late
    "$builddir/receptionai-ctl" --socket "$work/run/control.sock" hangup CA-late
    [ -s "$work/CA-late.exit" ]
}
ok "it ends, and what follows is asked for and answered" wait_for 60 hung_up
is "with nothing to find fault with" "$(cat "$work/CA-late.exit")" 0
gone() { ! kill -0 "$box" 2>/dev/null; }
ok "then the box ends" wait_for 60 gone
ok "and says so" logged 'box ended'
is "nothing of it is left" "$(pgrep -f "$work/run" | wc -l)" 0
finish
