#!/bin/bash
# The hardening flags reached the programs: not only configure's summary.
. "${srcdir:=.}/tests/lib.sh"

hardened() {
    readelf -hW "$1" | grep -q 'Type: *DYN' || { echo "not position independent"; return 1; }
    readelf -lW "$1" | grep -q GNU_RELRO || { echo "no relro"; return 1; }
    readelf -dW "$1" | grep -qE 'BIND_NOW|FLAGS.* NOW' || { echo "symbols are bound late"; return 1; }
    readelf -lW "$1" | grep -q 'GNU_STACK.* RW ' || { echo "executable stack"; return 1; }
}

for program in receptionai-webhook receptionai-relay receptionai-worker receptionai-sim-phone receptionai-sim-grok; do
    ok "$program: position independent, relro, bound at start, no executable stack" hardened "$builddir/$program"
done
ok "hardening-check agrees about the relay, fortified functions and all" \
    hardening-check --nocfprotection "$builddir/receptionai-relay"
finish
