# shellcheck shell=bash
# What shell tests share: TAP lines, processes that end with the test, free ports, waiting for a fact.
#
#   . "$srcdir/tests/lib.sh"
#   ok "a sentence that says what holds" command args…      a TAP line by the command's exit code
#   is "a sentence" "$got" "$wanted"                        a TAP line by comparison
#   spawn NAME command args…                                in the background, output to $work/NAME.log; $pid is its pid
#   wait_for SECONDS command args…                          until the command succeeds; fails after SECONDS
#   port=$(free_port)
#   finish                                                  the plan line; exit code 1 if anything failed
#
# $work is a fresh folder, removed at the end unless KEEP is set; of a test that failed the last lines of its logs are
# shown before. Only pids that spawn started are ended.
set -u
: "${srcdir:?}" "${builddir:=$srcdir}"
work=$(mktemp -d "${TMPDIR:-/tmp}/receptionai-test.XXXXXX")
tap_count=0
tap_failed=0
spawned=()
pid=

stop_spawned() {
    local p
    for p in ${spawned[@]+"${spawned[@]}"}; do
        kill "$p" 2>/dev/null
    done
    for p in ${spawned[@]+"${spawned[@]}"}; do
        for _ in $(seq 50); do
            kill -0 "$p" 2>/dev/null || break
            sleep 0.1
        done
        kill -9 "$p" 2>/dev/null
        wait "$p" 2>/dev/null
    done
    spawned=()
}

show_logs() {
    local log
    for log in "$work"/*.log; do
        [ -s "$log" ] || continue
        echo "# ${log##*/}:"
        tail -n 12 "$log" | cut -c 1-300 | sed 's/^/#   /'
    done
}

clean_up() {
    local status=$?
    stop_spawned
    [ "$status" = 0 ] || show_logs
    [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

tap_line() {
    tap_count=$((tap_count + 1))
    [ "$1" = ok ] || tap_failed=$((tap_failed + 1))
    printf '%s %d - %s\n' "$1" "$tap_count" "$2"
}

ok() {
    local name=$1
    shift
    if "$@" >"$work/ok.out" 2>&1; then
        tap_line ok "$name"
    else
        tap_line "not ok" "$name"
        sed 's/^/# /' "$work/ok.out" | head -n 40
    fi
}

is() {
    if [ "$2" = "$3" ]; then
        tap_line ok "$1"
    else
        tap_line "not ok" "$1"
        printf '# got:    %s\n# wanted: %s\n' "$2" "$3"
    fi
}

has() {
    case $2 in
    *"$3"*) tap_line ok "$1" ;;
    *)
        tap_line "not ok" "$1"
        printf '# got:         %s\n# should hold: %s\n' "$2" "$3"
        ;;
    esac
}

spawn() {
    local name=$1
    shift
    "$@" >"$work/$name.log" 2>&1 </dev/null &
    pid=$!
    spawned+=("$pid")
}

wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

port_open() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

finish() {
    printf '1..%d\n' "$tap_count"
    [ "$tap_failed" -eq 0 ]
    exit $?
}
