#!/bin/bash
# The spam shield under fire: a flood at several processes, ten thousand rules, and what a simulated phone hears of it.
. "${srcdir:=.}/tests/system/webhook_lib.sh"
export PYTHONDONTWRITEBYTECODE=1
make_settings
open_folders
flood() { /usr/bin/python3 "$srcdir/tests/fcgi/flood.py" "$work/webhook.sock" "$@" >"$work/flood.$4" 2>&1; }
counts() { head -n 1 "$work/flood.$1"; }
median() { sed -n 's/.*median_ms=\([0-9.]*\) .*/\1/p' "$work/flood.$1"; }
spawn webhook "$webhook" --socket "$work/webhook.sock" --socket-mode 0666 --processes 3
wait_for 60 test -S "$work/webhook.sock"

# --- floods ----------------------------------------------------------------------------------------
flood 60 1 each quiet
is "callers who call once are connected" "$(counts quiet)" "connected=60 busy=0 rejected=0 other=0"
flood 400 8 +19005550123 flood
is "of four hundred calls of one caller thirty are connected, whatever comes at once" "$(counts flood)" \
    "connected=30 busy=370 rejected=0 other=0"
is "each has its record and its reason" "$(sql "SELECT count(*), count(nullif(end_reason, 'rejected')) FROM calls
    WHERE caller_number = '+19005550123'; SELECT count(*), min(reason), max(reason) FROM screenings")" \
    "400|0
370|caller-velocity|caller-velocity"
sql "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
    INSERT INTO caller_rules(merchant_id, number, rule)
        SELECT iif(i % 2, 1, NULL), '+1' || (7000000000 + i * 77777) || iif(i % 3, '', '*'), 'block' FROM n;
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49999)
    INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, ended_ms, status, end_reason, handled)
        SELECT 'CF' || i, 1, '+19005550123', '+15550100', $(date +%s)000, $(date +%s)000, 'ended', 'rejected', 'rejected'
        FROM n"
flood 60 1 each after
is "behind ten thousand rules and fifty thousand calls in the hour others are connected" "$(counts after)" \
    "connected=60 busy=0 rejected=0 other=0"
flood 60 1 +17000077777 blocked
is "and who is blocked is not" "$(counts blocked)" "connected=0 busy=0 rejected=60 other=0"
echo "# an answer takes $(median quiet) ms in quiet, $(median after) ms then, $(median blocked) ms for who is blocked"

# --- what a phone hears ----------------------------------------------------------------------------
start_upgrade_peer
make_certificates
pick_ports
write_lighttpd "$work/all.conf"
sed '/# spawned$/d' "$work/all.conf" >"$work/external.conf"
start_lighttpd external
wait_for 60 port_open "$plain_port"
phone() {
    timeout 60 "$builddir/receptionai-sim-phone" --webhook "http://127.0.0.1:$plain_port/api/twilio/incoming" --quick \
        --public-url https://voice.example.com --token 12345 --to "$bella" --relay-at 127.0.0.1:1 --json \
        --status-callback "http://127.0.0.1:$plain_port/api/twilio/status" "$@" 2>"$work/phone.log" >"$work/phone.json"
}
said() {
    /usr/bin/python3 -c 'import json, sys
call = json.load(open(sys.argv[1]))
print(call["end"], *(scene["what"] for scene in call["heard"]))' "$work/phone.json"
}
row_of() { sql "SELECT status, end_reason, handled, coalesce(attestation, '-') FROM calls WHERE call_sid = '$1'"; }
phone --from +17000077777 --call-sid CAP1
is "who is blocked hears that nobody can be reached, and is not answered" "$(said)" "rejected rings not-in-service ends"
is "his call is closed, whatever Twilio says of it afterwards" "$(row_of CAP1)" "ended|rejected|rejected|passed-a"
phone --from +19005550123 --call-sid CAP2
is "who calls too often hears that it is busy" "$(said)" "rejected rings busy ends"
sql "UPDATE merchants SET attestation = 'not-failed', anonymous = 'voicemail'"
phone --from +14155550199 --call-sid CAP3 --field StirVerstat=TN-Validation-Failed
is "whose number is forged is not answered" "$(said) $(row_of CAP3)" "rejected rings not-in-service ends ended|rejected|rejected|failed"
phone --from +266696687 --call-sid CAP4 --message "Good morning, this is Anna. Please call me back as soon as you can, my number is in the book."
has "who withholds his number leaves a message" "$(said)" "beep"
is "which is kept" "$(sql "SELECT kind FROM messages WHERE call_sid = 'CAP4'") $(sql "SELECT handled FROM calls WHERE call_sid = 'CAP4'")" "voicemail voicemail"
finish
