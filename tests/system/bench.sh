#!/bin/bash
# The benchmark's peers do what they are measured for. How fast they are is no test: tests/bench/run.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/lib.sh"
ok "the peers build" make -C "$builddir" -s tests/bench/floor_proxy tests/bench/byte_load

field() { /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
listen=$(free_port)
upstream=$(free_port)
spawn floor "$builddir/tests/bench/floor_proxy" --listen "$listen" --upstream "$upstream"
floor=$pid
wait_for 60 grep -q "$(printf ':%04X 00000000:0000 0A' "$listen")" /proc/net/tcp
for profile in echo real; do
    facts=$("$builddir/tests/bench/byte_load" --calls 20 --seconds 3 --profile "$profile" --listen "$upstream" \
        --connect "$listen")
    is "the floor loses nothing in the $profile profile" "$(field lost <<<"$facts")" 0
    is "nor damages anything" "$(field corrupted <<<"$facts")$(field reordered <<<"$facts")" 00
    ok "and frames went up" test "$(field frames_sent <<<"$facts")" -gt 1000
    ok "and came down" test "$(field messages <<<"$facts")" -gt 20
done
kill "$floor"
wait "$floor"
ok "the floor says what it carried" test "$(field bytes <"$work/floor.log")" -gt 1000000
# The documents' first example, as it stands there.
small_round() {
    make -C "$builddir" -s bench-programs &&
        (cd "$builddir" && "$srcdir/tests/bench/run" --calls 20 --modes plain --profiles echo --peers floor,relay --rounds 1 --seconds 2)
}
ok "a small round of tests/bench/run measures relay and floor" small_round
has "and prints both in its table" "$(grep -E '^\|.*(relay|floor)' "$work/ok.out" | grep -oE 'relay|floor' | sort -u | tr '\n' ' ')" "floor relay"
ok "tests/bench/run explains itself" "$srcdir/tests/bench/run" --help
ok "and tests/bench/first_word does" "$srcdir/tests/bench/first_word" --help
finish
