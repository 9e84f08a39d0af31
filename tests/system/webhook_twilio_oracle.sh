#!/bin/bash
# npm's twilio package, Twilio's own code, as an oracle for signatures, TwiML and whole requests.
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings
packages="$builddir/tests/system/npm"

# Installed once for each lock file.
install() {
    cmp -s "$srcdir/tests/system/package-lock.json" "$packages/installed" && return
    mkdir -p "$packages"
    cp "$srcdir"/tests/system/package.json "$srcdir"/tests/system/package-lock.json "$packages/"
    (cd "$packages" && npm ci --ignore-scripts --no-audit --no-fund) &&
        cp "$srcdir/tests/system/package-lock.json" "$packages/installed"
}

ok "npm ci installs the twilio package of the lock file" install
(cd "$packages" && node "$srcdir/tests/system/twilio_oracle.js" "$builddir/tests/oracle_tool" "$webhook" 2>&1) >"$work/oracle"
oracle_code=$?
while IFS= read -r line; do
    case $line in
    'ok '*) tap_line ok "${line#ok * - }" ;;
    'not ok '*) tap_line "not ok" "${line#not ok * - }" ;;
    *) printf '# %s\n' "${line#\# }" ;;
    esac
done <"$work/oracle"
is "the oracle ran to its end" "$oracle_code $(grep -c '^# twilio 6' "$work/oracle")" "0 1"
finish
