#!/bin/bash
# Knowledge points down only: base < proto < db < the programs, which never include each other; and each foreign
# library has its one room.
. "${srcdir:=.}/tests/lib.sh"
cd "$srcdir" || exit 1

folders='base|proto|db|doctor|fcgi|relay|media|ctl|outbound|sim|tests'
mapfile -t sources < <(find base proto db doctor fcgi relay media ctl outbound sim -name "*.[ch]" | grep -v schema_sql.c | sort)

# includes FOLDER: "file:line included" for every quoted include, and for every one in brackets that is ours.
includes() {
    grep -HnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*(\"|<($folders)/)" -r --include="*.[ch]" "$1" |
        sed -E 's/^([^:]+:[0-9]+):[^"<]*["<]([^">]*).*/\1 \2/'
}

only_from() {
    local folder=$1 allowed=$2
    ! includes "$folder" | grep -vE " ($allowed)/[a-z0-9_/]+\.h$"
}

ok "base includes base only" only_from base base
ok "proto includes base and proto only" only_from proto 'base|proto'
ok "db includes base, proto and db only" only_from db 'base|proto|db'
ok "doctor includes base, proto, db and doctor only" only_from doctor 'base|proto|db|doctor'
for program in fcgi relay media ctl outbound sim; do
    ok "$program includes no other program" only_from "$program" "base|proto|db|doctor|$program"
done

# room_from ROOM OTHERS: of media's rooms it includes itself and those only; media itself knows them all.
room_from() {
    local room=$1 others=$2
    ! includes "media/$room" | grep -E ' media/[a-z0-9]+/' | grep -vE " media/($others)/"
}
ok "media/sound, store and told include no other room" bash -c "$(declare -p folders); $(declare -f includes room_from)
    room_from sound sound && room_from store store && room_from told told"
ok "media/video includes sound only" room_from video 'video|sound'
ok "media/fal includes video, sound and store only" room_from fal 'fal|video|sound|store'

# only_in PATTERN FILE…: no source outside the named files matches an include of PATTERN.
only_in() {
    local pattern=$1 file found
    shift
    found=$(grep -lE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$pattern" "${sources[@]}")
    for file in "$@"; do found=$(printf '%s\n' "$found" | grep -vxE "$file"); done
    [ -z "$found" ] || { printf '%s\n' "$found"; return 1; }
}
ok "only relay/ring_uring.c includes liburing" only_in 'liburing|linux/io_uring' 'relay/ring_uring\.c'
no_uring_elsewhere() {
    ! grep -nE '\b(io_uring_[a-z]|IORING_[A-Z]|(SYS|__NR)_io_uring)' "${sources[@]}" | grep -vE '^relay/ring_uring\.c:|^doctor/host\.c:[0-9]+:#define (SWITCH|GROUP) '
}
ok "and only it names its functions and constants" no_uring_elsewhere
ok "only relay/tls_parts.h includes wolfSSL's TLS" only_in 'wolfssl/ssl' 'relay/tls_parts\.h'
only_tls_includes_its_parts() {
    ! grep -l 'tls_parts\.h"' -r --include="*.[ch]" . | grep -vE '^\./relay/tls(_[a-z]+)?\.c$'
}
ok "and only relay/tls*.c include that" only_tls_includes_its_parts
ok "only base/digest.c, base/ed25519.c and relay/tls*.c include wolfCrypt" only_in 'wolfssl/wolfcrypt' \
    'base/(digest|ed25519)\.c' 'relay/tls(_[a-z]+)?\.c'
ok "only sim/net.c, sim/fal_sign.c and relay/aes_gcm.c include OpenSSL" only_in 'openssl/' 'sim/(net|fal_sign)\.c' 'relay/aes_gcm\.c'
ok "only relay/errand.c, media/http.c, outbound/rest.c and doctor/ask.c include libcurl" only_in 'curl/' 'relay/errand\.c' \
    'media/http\.c' 'outbound/rest\.c' 'doctor/ask\.c'
ok "only db includes SQLite" only_in 'sqlite3' 'db/.*'
ok "only fcgi includes libfcgi" only_in 'fcg[a-z_]*\.h' 'fcgi/.*'
ok "only proto/json.c includes json-c" only_in 'json' 'proto/json\.c'
ok "only sim/twiml_read.c includes expat" only_in 'expat' 'sim/twiml_read\.c'
ok "only sim/speech_*.c include what speaks and hears" only_in '(flite|pocketsphinx|ps_)' 'sim/speech_(say|hear)\.c'
ok "proto includes no system header for I/O, time or threads" bash -c '
    ! grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*<(stdio|unistd|fcntl|sys/|netinet|arpa|poll|pthread|time|signal|netdb)" proto/*.[ch]'

no_sql_outside_db() {
    ! grep -niE '"[^"]*\b(SELECT [^"]*FROM|INSERT (OR [A-Z]+ )?INTO|UPDATE [a-z_]+ SET|DELETE FROM|PRAGMA |CREATE TABLE)\b' \
        "${sources[@]}" | grep -v '^db/'
}
ok "only db speaks SQL" no_sql_outside_db
finish
