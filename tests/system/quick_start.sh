#!/bin/bash
# README's "Five minutes to a real Twilio number", as it stands there, on a machine that knows nothing of us but what
# `make install` put there; then a caller rings. What needs an account is somebody else's here: Grok is simulated, Twilio is
# receptionai-sim-phone, the certificate is our own root's.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/lib.sh"
. "$srcdir/tests/system/machine_lib.sh"
live=etc/letsencrypt/live/voice.example.com

ok "make install" make_machine
# README configures with /etc and /var; this build may have been with others.
[ "$sysconfdir" = /etc ] || ln -s "$sysconfdir/receptionai" "$root/etc/receptionai"
mkdir -p "$root/$live" "$root/etc/ssl/certs"
certify voice.example.com "$root/$live" >"$work/openssl.out" 2>&1
cp "$root/etc/ca.pem" "$root/etc/ssl/certs/ca-certificates.crt"
printf 'GROK_URL=wss://localhost:9000/v1/realtime\nSUMMARY_URL=\nSPOOL_FREE_MB=0\n' >>"$root$sysconfdir/receptionai/receptionai.conf"
unit() {
    printf '[Service]\nExecStart=%s\n[Install]\nWantedBy=multi-user.target\n' "$2" >"$root/etc/systemd/system/$1.service"
}
unit lighttpd "/usr/sbin/lighttpd -D -f /etc/lighttpd/lighttpd.conf"
unit grok "$prefix/bin/receptionai-sim-grok --listen 127.0.0.1:9000 --tls-cert /$live/fullchain.pem --tls-key /$live/privkey.pem --hears 'are you open'"
# Who runs this is root already.
cat >"$root$prefix/bin/sudo" <<'SUDO'
#!/bin/sh
[ "$1" = -u ] || exec "$@"
user=$2
shift 2
exec setpriv --reuid="$user" --regid="$user" --init-groups "$@"
SUDO
chmod 755 "$root$prefix/bin/sudo"
systemctl --root="$root" enable grok.service >"$work/enable.out" 2>&1
boot
ok "the machine boots" wait_for 60 up multi-user.target

# --- the README's steps, in one shell -----------------------------------------------------------------------------
/usr/bin/python3 "$srcdir/tests/documents/commands.py" of tests/system/quick_start.sh "$srcdir/README.md" >"$work/steps.sh"
sed -n '/^sudo receptionai-ctl list/,$p' "$work/steps.sh" >"$work/afterwards.sh"
sed -i '/^sudo receptionai-ctl list/,$d' "$work/steps.sh"
run() { inside env PATH="$prefix/sbin:$prefix/bin:/usr/sbin:/usr/bin" LANG=C.UTF-8 bash -eo pipefail <"$1"; }
ok "README's steps go through as they stand" run "$work/steps.sh"
cp "$work/ok.out" "$work/steps.out"
is "webhook and relay find nothing to complain of, but that root looks and that nothing keeps this machine's clock" \
    "$(grep -E '^(FAIL|WARN)' "$work/steps.out" | grep -vE '^WARN (user|clock): ')" ""
is "both say that all is in order" "$(grep -c ' 0 to mend$' "$work/steps.out")" 2
has "a signed request came through the web server" "$(cat "$work/steps.out")" "OK   PUBLIC_URL: a request that is signed as Twilio signs is believed"
has "and a WebSocket" "$(cat "$work/steps.out")" "OK   RELAY_URL: a WebSocket may be opened at wss://voice.example.com/media-stream"
phone() {
    inside env TWILIO_AUTH_TOKEN=0123456789abcdef0123456789abcdef timeout 120 "$prefix/bin/receptionai-sim-phone" --quick \
        --webhook https://voice.example.com/api/twilio/incoming --ca-file /etc/ca.pem --to +15550100 --say "are you open" \
        --status-callback https://voice.example.com/api/twilio/status
}
ok "a caller rings, and is answered" phone
ok "what became of it is seen as README says" run "$work/afterwards.sh"
has "in the log of calls" "$(cat "$work/ok.out")" "Bella's"
has "and in the journal" "$(cat "$work/ok.out")" "call ended call=CA"
inside "$prefix/sbin/receptionai-worker" --once >"$work/root.out" 2>&1
is "root may not do the worker's work among the service's files" "$?" 77
has "and is told who may" "$(cat "$work/root.out")" "belongs to receptionai: run this as that user"
/usr/bin/python3 "$srcdir/tests/documents/commands.py" of tests/system/quick_start.sh "$srcdir/deploy/systemd/README.md" >"$work/systemd.sh"
ok "what systemd's README says of looking at it and of being rid of it" run "$work/systemd.sh"
has "nothing had failed" "$(cat "$work/ok.out")" "0 loaded units listed"
gone() { ! up receptionai-relay.service && ! up receptionai-relay.socket && ! up receptionai-worker.service; }
ok "then nothing of it runs" wait_for 60 gone
halt
finish
