#!/bin/bash
# The spam shield at the webhook: who is turned away, who gets in all the same, and what is written down of it.
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings
rejected='<Response><Reject reason="rejected"/></Response>'
busy='<Response><Reject reason="busy"/></Response>'
merchant() { sql "UPDATE merchants SET $1 WHERE id = 1"; }
rule() { sql "INSERT INTO caller_rules(merchant_id, number, rule) VALUES($1, '$2', '$3')"; }
row_of() { sql "SELECT status, coalesce(end_reason, '-'), coalesce(handled, '-') FROM calls WHERE call_sid = '$1'"; }
why_of() { sql "SELECT verdict, reason, coalesce(attestation, '-') FROM screenings WHERE call_sid = '$1'"; }
# from SID FROM [FIELD…]: a call of somebody else
from() {
    local sid=$1 who=$2
    shift 2
    ask /api/twilio/incoming "CallSid=$sid" "From=$who" "Caller=$who" "To=$bella" "Called=$bella" CallStatus=ringing "$@"
}

# --- rules -----------------------------------------------------------------------------------------
incoming CA00
has "who has nothing against him is connected" "$(masked)" "$connect"
is "and nothing is written down of it" "$(why_of CA00)" ""
rule 1 "$caller" block
merchant "notify_email = 'owner@bellas.example.com'"
incoming CA01
is "a blocked number is not answered" "$(status_of) $(twiml_of)" "$twiml_type $rejected"
is "its record says so" "$(row_of CA01)" "ended|rejected|rejected"
is "and why" "$(why_of CA01)" "reject|blocked|-"
first=$answer
incoming CA01
is "a repeated request gets the same answer" "$answer" "$first"
is "and leaves one record" "$(sql "SELECT (SELECT count(*) FROM calls WHERE call_sid = 'CA01'), (SELECT count(*) FROM screenings)")" "1|1"
sql "DELETE FROM caller_rules"
incoming CA01
is "also when the rule is gone by then" "$answer" "$first"
rule 1 "$caller" block
incoming CA00
has "a call that was let in stays in, whatever rule comes" "$(masked)" "$connect"
ask /api/twilio/status CallSid=CA01 CallStatus=busy CallDuration=0
is "Twilio's last word changes nothing" "$(row_of CA01)" "ended|rejected|rejected"
is "nobody is told of a call that nobody took" "$(sql "SELECT count(*) FROM jobs WHERE call_sid = 'CA01'")" 0
ask /api/twilio/incoming CallSid=CA02 "From=$caller" To=+15550101
has "another merchant's rules are his" "$(masked)" "<Stream"
sql "UPDATE caller_rules SET until_ms = $(date +%s)000 - 1000"
incoming CA03
has "a rule whose time is up does not count" "$(masked)" "$connect"
sql "DELETE FROM caller_rules"

rule NULL '+1900*' block
rule 1 +19005550142 allow
from CA04 +19005550101
is "a prefix is blocked, for all merchants" "$(twiml_of) $(why_of CA04)" "$rejected reject|blocked|-"
from CA05 +19005550142 StirVerstat=TN-Validation-Failed
has "a number that is allowed gets in" "$(masked)" "<Stream"
is "and that is written down" "$(why_of CA05) $(row_of CA05)" "accept|allowed|failed ringing|-|-"
from CA06 +19015550101
has "the next number is another matter" "$(masked)" "<Stream"
sql "DELETE FROM caller_rules"

# --- withheld numbers ------------------------------------------------------------------------------
from CA10 anonymous
has "who withholds his number is connected" "$(twiml_of)" '<Parameter name="callerPhone" value="anonymous"/>'
merchant "anonymous = 'reject'"
n=0
for spelling in anonymous Restricted +266696687 +7378742833 sip:anonymous@anonymous.invalid ''; do
    from "CA11$n" "$spelling"
    is "unless the merchant minds: \"$spelling\"" "$(twiml_of) $(why_of "CA11$n")" "$rejected reject|anonymous|-"
    n=$((n + 1))
done
incoming CA12
has "everybody else is connected" "$(masked)" "$connect"
merchant "anonymous = 'voicemail'"
from CA13 unavailable
has "or he may leave a message" "$(twiml_of)" "<Record "
is "which is written down" "$(why_of CA13)" "voicemail|anonymous|-"
first=$answer
from CA13 unavailable
is "if Twilio asks again, the same" "$answer" "$first"
ask /api/twilio/voicemail CallSid=CA13 RecordingSid=RE1 RecordingUrl=https://api.twilio.com/RE1 RecordingDuration=7
is "the message is kept" "$(sql "SELECT kind, recording_ms FROM messages WHERE call_sid = 'CA13'")" "voicemail|7000"
merchant "anonymous = 'accept'"

# --- what the telephone network vouches for --------------------------------------------------------
from CA20 "$caller" StirVerstat=TN-Validation-Failed
has "a forged number is connected" "$(masked)" "$connect"
ask /api/twilio/incoming CallSid=CA21 "From=$caller" "To=$bella" StirVerstat=TN-Validation-Passed-A
is "what the network said stands in the record" "$(sql "SELECT attestation FROM calls WHERE call_sid = 'CA21'")" passed-a
merchant "attestation = 'not-failed'"
from CA22 "$caller" StirVerstat=TN-Validation-Failed-A
is "unless the merchant minds" "$(twiml_of) $(why_of CA22)" "$rejected reject|attestation|failed"
from CA23 "$caller" StirVerstat=No-TN-Validation
has "a number that nobody vouches for is connected" "$(masked)" "$connect"
merchant "attestation = 'passed'"
from CA24 "$caller" StirVerstat=No-TN-Validation
is "unless the merchant wants that" "$(twiml_of) $(why_of CA24)" "$rejected reject|attestation|none"
from CA25 "$caller"
is "silence is no word" "$(twiml_of) $(why_of CA25)" "$rejected reject|attestation|-"
from CA26 "$caller" StirVerstat=TN-Validation-Passed-C
has "his word is enough" "$(masked)" "$connect"
from CA27 "$caller" StirVerstat=No-TN-Validation StirVerstat=TN-Validation-Passed-A
is "a second word is none" "$(twiml_of)" "$rejected"
from CA28 "$caller" 'StirVerstat=TN-Validation-Passed-A\x00'
is "nor is one with something behind it" "$(twiml_of)" "$rejected"
from CA29 client:anna
has "within Twilio nobody has to vouch" "$(masked)" "<Stream"
merchant "attestation = 'any'"

spawn relay /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
s.listen(9)
while True:
    c = s.accept()[0]
    print(c.recv(1000).decode().replace("\n", " "), flush=True)
    c.send(b"receptionai 1 up\n")' "$work/relay.sock"
wait_for 60 test -S "$work/relay.sock"
export RELAY_SOCKET="$work/relay.sock" RELAY_SOCKET_MS=5000
from CA29a "$caller" StirVerstat=TN-Validation-Failed-C
from CA29b "$caller" StirVerstat=No-TN-Validation
is "the relay is not told a forged number, and tells nobody what is known of it" "$(grep -o 'call=.* caller=[^ ]*' "$work/relay.log")" \
    "call=CA29a merchant=1 caller="$'\n'"call=CA29b merchant=1 caller=$caller"
unset RELAY_SOCKET RELAY_SOCKET_MS
kill "$pid"
wait "$pid" 2>/dev/null

# --- rates -----------------------------------------------------------------------------------------
sql "DELETE FROM calls; DELETE FROM screenings"
merchant "caller_calls_hour_max = 2"
incoming CA30
incoming CA31
has "two calls an hour of two" "$(masked)" "$connect"
incoming CA31
has "a repeated request is no third" "$(masked)" "$connect"
incoming CA32
is "the third is busy" "$(twiml_of) $(why_of CA32)" "$busy reject|caller-velocity|-"
from CA33 +14155550199
has "for others there is room" "$(masked)" "<Stream"
sql "UPDATE calls SET created_ms = created_ms - 3600000 WHERE call_sid IN ('CA30', 'CA31')"
incoming CA34
has "an hour later for him too" "$(masked)" "$connect"
from CA35 anonymous
from CA36 +266696687
from CA37 restricted
is "who withholds his number counts with all who do" "$(twiml_of) $(why_of CA37)" "$busy reject|caller-velocity|-"
sql "DELETE FROM calls; DELETE FROM screenings"
merchant "caller_calls_hour_max = 30, calls_hour_max = 3"
rule 1 '+1900*' block
for i in {0..4}; do from "CA4$i" +19005550123; done
incoming CA45
has "who is turned away takes nobody's place" "$(masked)" "$connect"
from CA46 +14155550142
from CA47 +14155550143
from CA48 +14155550144
is "three of all an hour of three, the next is busy" "$(twiml_of) $(why_of CA48)" "$busy reject|merchant-velocity|-"
rule 1 +14155550145 allow
from CA49 +14155550145
has "who is allowed gets in all the same" "$(masked)" "<Stream"
merchant "calls_hour_max = NULL"

# --- enemies ---------------------------------------------------------------------------------------
before=$(calls)
ask --signature none /api/twilio/incoming CallSid=CA50 From=+19005550123 "To=$bella"
is "without Twilio's signature nothing is screened or written down" "$(status_of) $(calls)" "403 text/plain; charset=utf-8 $before"
from CA51 "+1900'; DROP TABLE calls; --"
is "a number that is SQL is a number" "$(calls) $(why_of CA51)" "$((before + 1)) reject|blocked|-"
from CA52 "$(printf '+1900%.0s' {1..400})"
is "one of 2000 bytes too" "$(twiml_of)" "$rejected"
from CA53 '\xff\xfe\x00+1900'
has "one that is none meets no rule" "$(masked)" "<Stream"
ask /api/twilio/incoming CallSid=CA54 From=+19005550123 "From=$caller" "To=$bella"
is "of two numbers the first counts" "$(twiml_of)" "$rejected"
ask /api/twilio/incoming CallSid=CA55 From=+19005550123 "Caller=$caller" "To=$bella"
is "and From before Caller" "$(twiml_of)" "$rejected"
ask /api/twilio/incoming CallSid=CA56 Caller=+19005550123 "To=$bella"
is "which stands in for it" "$(twiml_of)" "$rejected"
for i in {10..29}; do
    (
        from CA57 +19005550123
        twiml_of >"$work/race.$i"
    ) &
done
wait
is "twenty requests at once for one call get one answer" "$(sort -u "$work"/race.*)" "$rejected"
is "and leave one record" "$(sql "SELECT (SELECT count(*) FROM calls WHERE call_sid = 'CA57'), (SELECT count(*) FROM screenings WHERE call_sid = 'CA57')")" "1|1"

# --- a database in trouble -------------------------------------------------------------------------
/usr/bin/python3 - "$db" "$work/held" >"$work/holder.log" 2>&1 <<'HOLD' &
import os, sqlite3, sys, time
holder = sqlite3.connect(sys.argv[1], isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.02)
HOLD
holder=$!
wait_for 60 grep -q locked "$work/holder.log"
from CA60 +19005550123
is "a database that may not be written still knows whom to turn away" "$(twiml_of)" "$rejected"
touch "$work/held"
wait "$holder"
is "then the log line is all that there is at first" "$(why_of CA60)" ""
ok "and says so" grep -q 'call screened call=CA60 .*verdict=reject reason=blocked .*recorded=busy' "$work/webhook.log"
last_word() { ask /api/twilio/status "CallSid=$1" "From=$2" "To=$bella" Direction=inbound "CallStatus=$3" CallDuration=0; }
last_word CA60 +19005550123 busy
is "until Twilio tells of the call's end" "$(why_of CA60) $(row_of CA60)" "reject|blocked|- ended|rejected|rejected"
last_word CA62 +19005550123 completed
is "a call that was answered is none that was turned away" "$(why_of CA62) $(row_of CA62)" " ended|no-stream|nobody"
sql "DELETE FROM calls WHERE call_sid = 'CA62'"
mv "$db" "$db.away"
from CA61 +19005550123
is "without a database nobody is turned away" "$(twiml_of)" "$apology"
mv "$db.away" "$db"

# --- who looks at it -------------------------------------------------------------------------------
has "people see it in screened_calls" \
    "$(sql "SELECT call_sid, merchant, caller, verdict, reason FROM screened_calls ORDER BY call_sid")" \
    "CA48|Bella's|+14155550144|reject|merchant-velocity"
has "and in call_log" "$(sql "SELECT call_sid, handled FROM call_log")" "CA48|rejected"
is "not among the calls that were missed" "$(sql "SELECT count(*) FROM missed_calls WHERE call_sid IN (SELECT call_sid FROM screenings)")" 0
ok "each decision is a line in the log" grep -q \
    'call screened call=CA48 merchant=1 from=[^ ]* verdict=reject reason=merchant-velocity attestation=absent recorded=ok' "$work/webhook.log"
is "without the number" "$(grep 'call screened' "$work/webhook.log" | grep -c '5550144\|19005550')" 0

# --- all at once -----------------------------------------------------------------------------------
sql "DELETE FROM calls; DELETE FROM screenings"
merchant "caller_calls_hour_max = 3"
for i in {10..21}; do
    (
        from "CC$i" +14155550177
        twiml_of >"$work/flood.$i"
    ) &
done
wait
is "of twelve calls at once of a caller who may call three times, three are connected" \
    "$(cat "$work"/flood.* | grep -c '<Stream') $(grep -lF "$busy" "$work"/flood.* | wc -l)" "3 9"
is "and each has its record" "$(sql "SELECT count(*), count(nullif(handled, '')) FROM calls")" "12|9"
finish
