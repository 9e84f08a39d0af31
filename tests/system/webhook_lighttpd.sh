#!/bin/bash
# deploy/lighttpd.conf as it ships, apart from the lines that are the operator's: processes that lighttpd starts, and
# processes that were there before.
. "${srcdir:=.}/tests/system/webhook_lib.sh"
make_settings
open_folders
start_upgrade_peer
make_certificates
pick_ports
write_lighttpd "$work/spawned.conf"
ok "lighttpd accepts the file" lighttpd -tt -f "$work/spawned.conf"
start_lighttpd spawned
lighttpd=$pid
check_web_server "spawned" "$plain_port"
phone() {
    timeout 60 "$builddir/receptionai-sim-phone" --webhook "http://127.0.0.1:$plain_port/api/twilio/incoming" --quick \
        --public-url https://voice.example.com --token 12345 --from "$caller" "$@" 2>&1
}
has "a simulated phone hears that a number is not configured" "$(phone --to +15550999)" \
    '<Say> "This number is not configured. Goodbye."'
heard=$(phone --to "$bella" --call-sid CAPHONE --relay-at 127.0.0.1:1 --dial-status no-answer \
    --status-callback "http://127.0.0.1:$plain_port/api/twilio/status")
has "one whose relay is down rings the fallback number" "$heard" '<Dial> +15550199'
has "and hears an apology when nobody answers" "$heard" '<Say> "We are sorry,'
is "its call is closed in the database" "$(sql "SELECT status FROM calls WHERE call_sid = 'CAPHONE'")" ended
is "with the stream's failure" "$(sql "SELECT event FROM stream_events WHERE call_sid = 'CAPHONE'")" stream-error
sql 'DELETE FROM calls'
children=$(pgrep -P "$lighttpd")
is "it started the processes it was told to" "$(wc -l <<<"$children")" 4
ok "the webhook's log is where the file says" grep -q 'call incoming' "$work/receptionai-webhook.log"
kill -TERM "$lighttpd"
wait "$lighttpd" 2>/dev/null
all_ended() { ! ps -o stat= -p "${children//$'\n'/,}" | grep -qv '^Z'; }       # whoever reaps them
ok "they end with it" wait_for 60 all_ended

rm -f "$work"/webhook.sock*
spawn webhook "$webhook" --socket "$work/webhook.sock" --socket-mode 0666
wait_for 60 test -S "$work/webhook.sock"
pick_ports
write_lighttpd "$work/all.conf"
sed '/# spawned$/d' "$work/all.conf" >"$work/external.conf"
start_lighttpd external
check_web_server "external socket" "$plain_port"
finish
