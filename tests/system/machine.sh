#!/bin/bash
# A machine of its own, booted by systemd-nspawn: what `make install` put there, systemd runs. The host's /usr is the
# machine's, read-only; all else is fresh. A caller is served by lighttpd, webhook, relay (io_uring) and a simulated Grok;
# the relay is restarted while he talks; the worker completes his call. Then io_uring is forbidden, and the relay hangs.
# Needs root and systemd-nspawn; nothing of the host's network is touched.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/lib.sh" || exit
. "$srcdir/tests/system/machine_lib.sh" || exit
called=+15550100
caller=+14155550123
secret=sesame-of-the-machine

ok "make install" make_machine
ok "the units are enabled as the README says" systemctl --root="$root" enable receptionai.target \
    receptionai-relay.service receptionai-webhook.service receptionai-worker.service
ok "there is one command for all of them" test -L "$root/etc/systemd/system/multi-user.target.wants/receptionai.target"

# --- its settings ---------------------------------------------------------------------------------------------------
certify voice.example.com "$root/etc" >"$work/openssl.out" 2>&1
mkdir -p "$root/etc/ssl/certs"
cp "$root/etc/ca.pem" "$root/etc/ssl/certs/ca-certificates.crt"
conf=$root$sysconfdir/receptionai/receptionai.conf
ok "make install left settings to begin with" grep -q '^PUBLIC_URL=https://voice.example.com$' "$conf"
cat >>"$conf" <<CONF
GROK_URL=wss://localhost:9000/v1/realtime
GROK_CA_FILE=/etc/ca.pem
SUMMARY_URL=
RELAY_THREADS=2
RELAY_SOCKET_MS=2000
SPOOL_FREE_MB=0
CONF
# Only root may read these, and they stand in no settings.
(
    umask 077
    echo "$secret" >"$root/etc/credstore/receptionai.TWILIO_AUTH_TOKEN"
    echo key-of-the-machine >"$root/etc/credstore/receptionai.XAI_API_KEY"
)
cat >"$root/etc/systemd/system/grok.service" <<UNIT
[Service]
ExecStart=$prefix/bin/receptionai-sim-grok --listen 127.0.0.1:9000 --tls-cert /etc/fullchain.pem --tls-key /etc/privkey.pem --api-key key-of-the-machine --hears "what are your opening hours"
[Install]
WantedBy=multi-user.target
UNIT
cat >"$root/etc/systemd/system/web.service" <<UNIT
[Unit]
After=systemd-tmpfiles-setup.service
[Service]
ExecStart=/usr/sbin/lighttpd -D -f /etc/lighttpd/lighttpd.conf
[Install]
WantedBy=multi-user.target
UNIT
# The web server's file as it ships, with the webhook's socket from systemd, and as a user who is in receptionai-web.
sed -e '/# spawned$/d' -e 's|^var.run .*|var.run = "/run/receptionai"|' \
    -e 's|^var.certificate .*|var.certificate = "/etc/fullchain.pem"|' -e 's|^var.key .*|var.key = "/etc/privkey.pem"|' \
    -e "s|^var.media .*|var.media = \"$localstatedir/lib/receptionai/media\"|" \
    "$srcdir/deploy/lighttpd.conf" >"$root/etc/lighttpd/lighttpd.conf"
printf 'm www-data receptionai-web\n' >"$root/etc/sysusers.conf.tmp"
mkdir -p "$root/etc/sysusers.d"
mv "$root/etc/sysusers.conf.tmp" "$root/etc/sysusers.d/web.conf"
systemctl --root="$root" enable grok.service web.service >"$work/enable.out" 2>&1

# --- it boots -------------------------------------------------------------------------------------------------------
sql() { inside "$prefix/bin/receptionai-sql" --list "$@"; }
main_pid() { inside systemctl show -P MainPID "receptionai-$1.service"; }
boot
ok "the machine boots" wait_for 60 up multi-user.target
for unit in receptionai.target receptionai-relay.socket receptionai-relay.service receptionai-webhook.socket \
    receptionai-webhook.service receptionai-worker.service web.service grok.service; do
    ok "$unit is up" wait_for 60 up "$unit"
done
ok "the relay has io_uring" wait_for 30 said relay 'ring ready io=uring'
ok "and the socket that systemd opened" said relay 'relay listening address=127.0.0.1:8080 inherited=1 threads=2'
ok "the worker made the database, and knows where things are" wait_for 30 test -s "$root$localstatedir/lib/receptionai/receptionai.db"
is "nobody but its own user may read it" "$(stat -c %A "$root$localstatedir/lib/receptionai/receptionai.db")" "-rw-r-----"
ok "a business" sql "INSERT INTO merchants(name, phone_number, greeting, instructions, fallback_number) VALUES('Bella''s',
    '$called', 'Bella''s, good day.', 'You are the receptionist of Bella''s. Our opening hours are eleven to ten, every day.',
    '+15550177')"

# --- a call, and a restart while it lasts ----------------------------------------------------------------------------
# phone SID ARG…
phone() {
    local sid=$1
    shift
    inside env TWILIO_AUTH_TOKEN="$secret" timeout 120 "$prefix/bin/receptionai-sim-phone" --json --quick --call-sid "$sid" \
        --webhook https://voice.example.com/api/twilio/incoming --ca-file /etc/ca.pem --to "$called" --from "$caller" \
        --status-callback https://voice.example.com/api/twilio/status "$@" >"$work/$sid.json" 2>"$work/$sid.log"
}
live() { [ "$(sql "SELECT count(*) FROM live_calls WHERE call_sid = '$1'")" = 1 ]; }
turns() { sql "SELECT role || ': ' || lower(text) FROM turns WHERE call_sid = '$1' ORDER BY position"; }
phone CAwhole --say "what are your opening hours" --hangup-silence 300 &
call=$!
ok "a caller is connected" wait_for 60 said relay 'call talking call=CAwhole'
before=$(main_pid relay)
inside systemctl restart --no-block receptionai-relay.service
ok "the relay is to be restarted: it lets the call finish" wait_for 30 said relay 'relay draining calls=1'
is "and goes on meanwhile" "$(main_pid relay)" "$before"
has "receptionai-ctl shows who is still talking" "$(inside "$prefix/sbin/receptionai-ctl" list)" CAwhole
phone CAsecond
has "who calls now is put through to a person" "$(cat "$work/CAsecond.log")" "+15550177"
wait "$call"
is "the first caller notices nothing" "$?" 0
has "he was heard" "$(turns CAwhole)" "caller: what are your opening hours"
has "and answered" "$(turns CAwhole)" "eleven"
ended() { [ "$(sql "SELECT end_reason FROM calls WHERE call_sid = '$1'")" = "$2" ]; }
ok "his call ended because he hung up" wait_for 30 ended CAwhole caller-hung-up
restarted() { up receptionai-relay.service && [ "$(main_pid relay)" != "$before" ]; }
ok "then there is a new relay" wait_for 30 restarted

# --- after the call --------------------------------------------------------------------------------------------------
complete() { [ "$(sql "SELECT status FROM calls WHERE call_sid = 'CAwhole'")" = complete ]; }
ok "the worker completes the call" wait_for 90 complete
video=$(sql "SELECT video_url FROM calls WHERE call_sid = 'CAwhole'")
is "and the web server shows the video" \
    "$(inside curl -s --cacert /etc/ca.pem -r 0-99 -o /dev/null -w '%{http_code} %{content_type}' "$video")" "206 video/mp4"
has "the journal has a line for the call's end, with its name and without its numbers" \
    "$(journal relay | grep 'call ended')" "call ended call=CAwhole reason=caller-hung-up"
is "no number stands anywhere in the journal" "$(for s in relay webhook worker; do journal "$s"; done | grep -c "${caller#+}")" 0
is "nor a secret" "$(for s in relay webhook worker; do journal "$s"; done | grep -cE "$secret|key-of-the-machine")" 0
is "the lines have their priority" "$(inside journalctl -q --no-pager -o cat -u receptionai-relay.service -p warning..warning |
    grep -c 'info:\|call ended')" 0

inside systemctl reload receptionai-relay.service
ok "systemctl reload reaches the relay" wait_for 30 said relay 'no certificate to reload'
# Root has the secrets of the services.
inside "$prefix/sbin/receptionai-relay" --check >"$work/check.out" 2>&1
has "receptionai-relay --check: the relay runs" "$(cat "$work/check.out")" "a relay runs on"
is "and with the secrets that only root can read nothing fails" "$(grep FAIL "$work/check.out")" ""

# --- io_uring is forbidden, and a relay hangs ----------------------------------------------------------------------------
mkdir -p "$root/etc/systemd/system/receptionai-relay.service.d"
printf '[Service]\nSystemCallFilter=~io_uring_setup\nWatchdogSec=2\n' >"$root/etc/systemd/system/receptionai-relay.service.d/test.conf"
inside systemctl daemon-reload
inside systemctl restart receptionai-relay.service
is "io_uring forbidden: said once, with what forbids it" "$(journal relay | grep -c 'falls back to epoll.*seccomp')" 1
ok "and the relay runs on epoll" said relay 'ring ready io=epoll'
phone CAepoll --hangup-after 2
is "a caller is served all the same" "$?" 0
before=$(main_pid relay)
inside kill -STOP "$before"
hung() { [ "$(inside systemctl show -P NRestarts receptionai-relay.service)" -ge 1 ] && restarted; }
ok "a relay that hangs is replaced by the watchdog" wait_for 60 hung
ok "the journal says so" bash -c "$(declare -f inside); leader=$leader; inside journalctl -q --no-pager | grep -q 'receptionai-relay.service: Watchdog timeout'"
inside systemctl stop receptionai.target
stopped() { ! up receptionai-relay.socket && ! up receptionai-webhook.service && ! up receptionai-worker.service; }
ok "systemctl stop receptionai.target stops all of it" wait_for 60 stopped
is "nothing of it has failed" "$(inside systemctl list-units --failed --plain --no-legend 'receptionai*')" ""
halt
finish
