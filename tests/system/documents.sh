#!/bin/bash
# Every command of every document, as it stands there (tests/documents/commands.py says which are others' to run), on a
# machine of its own: a network with nobody else in it, and layers over /etc, /var and /usr/local that vanish with the
# test. The service is installed there with its default ports, behind lighttpd and TLS as voice.example.com.
# shellcheck source-path=SCRIPTDIR
srcdir=$(cd "${srcdir:-.}" && pwd)
builddir=$(cd "${builddir:-$srcdir}" && pwd)
if [ -z "${INSIDE:-}" ]; then
    . "$srcdir/tests/own_mounts.sh"
    export INSIDE=1 srcdir builddir
    exec "${own_mounts[@]}" unshare --net "$0" "$@"
fi
. "$srcdir/tests/lib.sh"
commands() { /usr/bin/python3 "$srcdir/tests/documents/commands.py" "$@"; }
PATH=/usr/local/sbin:/usr/local/bin:$builddir:/usr/sbin:/usr/bin:/sbin:/bin

# --- the machine ------------------------------------------------------------------------------------------------
layers=$work/layers
laid=()
take_down() {
    local status=$? folder
    stop_spawned
    for folder in ${laid[@]+"${laid[@]}"} "$layers"; do umount -l "$folder" 2>/dev/null; done
    (exit "$status")
    clean_up
}
trap take_down EXIT
mkdir "$layers"
mount -t tmpfs layers "$layers" || exit 1
for folder in /etc /var /usr/local; do
    mkdir -p "$layers$folder/over" "$layers$folder/work"
    mount -t overlay layer -o "lowerdir=$folder,upperdir=$layers$folder/over,workdir=$layers$folder/work" "$folder" || exit 1
    laid=("$folder" ${laid[@]+"${laid[@]}"})
done
mount -t tmpfs run /run && laid=(/run "${laid[@]}")
ip link set lo up
echo '127.0.0.1 localhost voice.example.com' >/etc/hosts
cd "$work" || exit 1

install_service() {
    make -C "$builddir" -s install prefix=/usr/local sysconfdir=/etc localstatedir=/var
    printf '#!/bin/sh\nexec "$@"\n' >/usr/local/bin/sudo        # root is here already
    # No loudspeaker: what goes to one goes nowhere.
    printf '#!/bin/bash\nexec /usr/bin/sox "${@/#-d/-n}"\n' >/usr/local/bin/sox
    chmod 755 /usr/local/bin/sudo /usr/local/bin/sox
}
certify() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=voice.example.com \
        -addext subjectAltName=DNS:voice.example.com -keyout "$work/tls.key" -out "$work/tls.crt"
    cat "$work/tls.crt" >>/etc/ssl/certs/ca-certificates.crt
}
settings() {
    mkdir -p /etc/receptionai /run/receptionai /var/spool/receptionai /var/lib/receptionai/media
    cat >/etc/receptionai/receptionai.conf <<TXT
PUBLIC_URL=https://voice.example.com
RELAY_URL=wss://voice.example.com/media-stream
TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000
TWILIO_AUTH_TOKEN=0123456789abcdef
XAI_API_KEY=key-of-the-simulated-one
GROK_URL=ws://127.0.0.1:9100/v1/realtime
SUMMARY_URL=
RELAY_SOCKET=/run/receptionai/relay.sock
RELAY_CONTROL=/run/receptionai/control.sock
RELAY_SOCKET_MS=2000
RECEPTIONAI_DB=/var/lib/receptionai/receptionai.db
RECEPTIONAI_SPOOL=/var/spool/receptionai
MEDIA_DIR=/var/lib/receptionai/media
WORKER_LOST_S=2
TXT
}
# The shipped file: TLS on 443, and plain on 8000 for who is asked to try it there. Everything here is root's.
web_server() {
    sed -e 's|^var.bind .*|var.bind = "127.0.0.1"|' -e '/^server.username/d' -e 's|^var.run .*|var.run = "/run"|' \
        -e "s|^var.certificate .*|var.certificate = \"$work/tls.crt\"|" -e "s|^var.key .*|var.key = \"$work/tls.key\"|" \
        -e "s|^var.logs .*|var.logs = \"$work\"|" "$srcdir/deploy/lighttpd.conf" >"$work/lighttpd.conf"
    spawn lighttpd lighttpd -D -f "$work/lighttpd.conf"
}
answers() { curl -sf https://voice.example.com/healthz; }
service() {
    spawn grok receptionai-sim-grok --listen 127.0.0.1:9100 --hears 'when are you open on sunday'
    spawn relay receptionai-relay
    web_server
    wait_for 60 port_open 9100 && wait_for 60 port_open 8080 && wait_for 60 answers
}
# call SID: one question and its answer. The live one stays until the test ends.
call() {
    receptionai-sim-phone --webhook https://voice.example.com/api/twilio/incoming --call-sid "$1" --say "are you open" \
        --status-callback https://voice.example.com/api/twilio/status "${@:2}"
}

old=CA0123456789abcdef0123456789abcdef
live=CA89abcdef0123456789abcdef01234567
export RECEPTIONAI_CONF=/etc/receptionai/receptionai.conf
ok "the service is installed" install_service
ok "there is a certificate of voice.example.com" certify
settings
ok "a database is made" receptionai-sql --create
ok "a business is there" receptionai-sql "INSERT INTO merchants(name, phone_number, fallback_number, instructions)
    VALUES('Bella''s', '+15550100', '+15550199', 'We are open from eleven to ten, and closed on Sundays.')"
ok "the service runs" service
ok "a call is made, which the documents name" call "$old"
ok "and the files that come of it" receptionai-worker --once
spawn live call "$live" --stay --hangup-after 300
is_live() { receptionai-ctl list | grep -q "$live"; }
ok "another goes on" wait_for 60 is_live

# --- the documents ----------------------------------------------------------------------------------------------
# What only serves until somebody ends it is ended after two seconds, and has done well if it still served.
servers='receptionai-sim-grok|receptionai-sim-fal|receptionai-ctl (watch|listen)'
run_block() {
    local last status
    last=$(grep -vE '^( |#|$)' "$1" | tail -n 1)
    if [[ $last =~ ^($servers) ]]; then
        timeout 2 bash -eo pipefail "$1"
        status=$?
        [ "$status" = 124 ] || [ "$status" = 0 ]
    else
        timeout 120 bash -eo pipefail "$1"
    fi
}
count=0
# A manual's examples stand each for itself; in receptionai-spool(5) they are run beside a call's files.
folder_of() {
    case $1 in
    *receptionai-spool.5) echo "/var/spool/receptionai/$old/1" ;;
    *) mkdir -p "$work/${1##*/}.d" && echo "$work/${1##*/}.d" ;;
    esac
}
run_document() {
    local block blocks=$work/blocks
    rm -rf "$blocks" && mkdir "$blocks"
    commands write "$blocks" "$1"
    cd "$(folder_of "$1")" || return
    for block in "$blocks"/*.sh; do
        [ -e "$block" ] || break
        ok "$(sed -n '1s/^# //p; ' "$block" | sed "s|^$srcdir/||"): $(sed -n 2p "$block" | cut -c 1-90)" run_block "$block"
        count=$((count + 1))
    done
    cd "$work" || exit 1
}
# db/README.md has a test of its own, which looks at what each recipe did.
for document in "$srcdir"/README.md "$srcdir"/CONTRIBUTING.md "$srcdir"/SECURITY.md "$srcdir"/deploy/*.md \
    "$srcdir"/deploy/*/*.md "$srcdir"/tests/bench/README.md "$srcdir"/man/*.[158]; do
    [ -e "$document" ] && run_document "$document"
done
ok "there were commands at all" test "$count" -ge 15

# Also where a program is only mentioned with an option, it has that option.
unknown_options() {
    local program option
    commands options "$@" | sort -u | while read -r program option; do
        "$program" --help 2>&1 | grep -qE -- "(^|[^a-z-])$option([^a-z-]|\$)" || echo "$program $option"
    done
}
all=("$srcdir"/*.md "$srcdir"/*/*.md "$srcdir"/man/*.[158])
is "every option that a document names exists" "$(unknown_options "${all[@]}")" ""
has "and options are named at all" "$(commands options "${all[@]}")" "receptionai-worker --once"
finish
