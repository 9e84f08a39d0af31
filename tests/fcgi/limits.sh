#!/bin/bash
# A merchant's limits at the webhook: who is over one goes to a person, is recorded as such, and costs nothing.
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings
limits() { sql "UPDATE merchants SET calls_max = NULL, minutes_month_max = NULL, dollars_month_max = NULL, $1 WHERE id = 1"; }
record_of() { sql "SELECT status, coalesce(end_reason, '-') FROM calls WHERE call_sid = '$1'"; }
now_ms=$(($(date +%s) * 1000))
# past SID MERCHANT AGE-MS HEARD-MS MICRO-DOLLARS
past() {
    sql "INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, started_ms, ended_ms, heard_ms,
        cost_micro_dollars, status, end_reason) VALUES('$1', $2, 'x', 'y', $now_ms - $3, $now_ms - $3, $now_ms - $3 + $4, $4,
        $5, 'ended', 'caller-hung-up')"
}

limits "calls_max = 2"
incoming CA01
has "the first of two calls is connected" "$(masked)" "$connect"
incoming CA02
has "the second too" "$(masked)" "$connect"
incoming CA03
is "the third goes to the fallback number" "$(status_of) $(twiml_of)" "$twiml_type $dial"
is "its record says why" "$(record_of CA03)" "ended|over-limit"
incoming CA03
is "if Twilio asks again, the same" "$(twiml_of) $(record_of CA03)" "$dial ended|over-limit"
ask /api/twilio/after CallSid=CA03 CallStatus=in-progress DialCallStatus=completed
is "and that is all of it" "$(twiml_of)" "$hang_up"
incoming CA03
is "whoever was talked to is not rung again" "$(twiml_of) $(record_of CA03)" "$hang_up ended|over-limit"
incoming CA02
has "a call that was let in stays in" "$(masked)" "$connect"
ask /api/twilio/incoming CallSid=CA04 To=+15550101 "From=$caller"
is "another merchant is another matter" "$(status_of)" "$twiml_type"
has "and connected" "$(masked)" "<Stream"
ask /api/twilio/status CallSid=CA01 CallStatus=completed
incoming CA05
has "when one has ended, there is room" "$(masked)" "$connect"
sql "UPDATE calls SET created_ms = created_ms - 130000 WHERE call_sid = 'CA02'"
incoming CA06
has "a caller who was connected two minutes ago and never came does not count" "$(masked)" "$connect"
ask /api/twilio/status CallSid=CA05 CallStatus=completed
sql "UPDATE calls SET status = 'live', started_ms = created_ms WHERE call_sid = 'CA02'"
incoming CA07
is "one who talks does" "$(twiml_of)" "$dial"
ask /api/twilio/after CallSid=CA02 CallStatus=in-progress
is "until Twilio says that the stream is over, though the relay died" "$(twiml_of) $(record_of CA02)" "$dial ended|unreported"
incoming CA08
has "then there is room again" "$(masked)" "$connect"
sql "DELETE FROM calls"

limits "minutes_month_max = 10"
past CA10 1 0 540000 0
past CA11 2 0 900000 0
incoming CA12
has "nine minutes of ten leave one" "$(masked)" "$connect"
sql "DELETE FROM calls WHERE call_sid = 'CA12'"
past CA13 1 0 60000 0
incoming CA14
is "ten minutes of ten leave none" "$(twiml_of) $(record_of CA14)" "$dial ended|over-limit"
sql "UPDATE calls SET created_ms = created_ms - 32 * 86400000"
incoming CA15
has "last month's do not count" "$(masked)" "$connect"
sql "DELETE FROM calls"

limits "dollars_month_max = 1.5"
past CA20 1 0 1000 1499999
incoming CA21
has "a millionth of a dollar is something" "$(masked)" "$connect"
sql "UPDATE calls SET cost_micro_dollars = 1500000 WHERE call_sid = 'CA20'"
incoming CA22
is "nothing is nothing" "$(twiml_of) $(record_of CA22)" "$dial ended|over-limit"
sql "UPDATE merchants SET fallback_number = NULL"
incoming CA23
is "without fallback number, an apology" "$(twiml_of)" "$apology"
sql "UPDATE merchants SET transfer_fallback = 'voicemail'"
incoming CA24
has "or voicemail, if the merchant has it" "$(twiml_of)" "<Record "
is "people see it in merchant_usage" \
    "$(sql "SELECT calls, dollars, dollars_month_max FROM merchant_usage WHERE merchant_id = 1")" "5|1.5|1.5"
sql "DELETE FROM calls; UPDATE merchants SET fallback_number = '+15550199', transfer_fallback = 'ai' WHERE id = 1"

# Twenty at once for two places: only two are let in, whoever comes first.
limits "calls_max = 2"
pids=()
for i in {10..29}; do
    (
        incoming "CB$i"
        twiml_of >"$work/race.$i"
    ) &
    pids+=($!)
done
wait "${pids[@]}"
is "of twenty at once two are connected" "$(cat "$work"/race.* | grep -c '<Stream')" 2
is "and eighteen are not" "$(sql "SELECT count(*) FROM calls WHERE end_reason = 'over-limit'")" 18
# The same question twice at once; what the faster one began stays, though the last place is taken by then. The holder is
# that faster one, and its pause lets the other come as far as the lock: if it does not, less is tried, and nothing fails.
sql "DELETE FROM calls"
limits "calls_max = 1"
/usr/bin/python3 - "$db" "$now_ms" >"$work/holder.log" 2>&1 <<'HOLD' &
import sqlite3, sys, time
holder = sqlite3.connect(sys.argv[1], isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(0.7)
for sid in "CD01", "CD02":
    holder.execute("INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms) VALUES (?, 1, 'x', 'y', ?)",
                   (sid, int(sys.argv[2]) + 1))
holder.execute("COMMIT")
HOLD
holder=$!
wait_for 60 grep -q locked "$work/holder.log"
incoming CD01
wait "$holder"
has "the slower of two questions gets the answer of the faster" "$(masked)" "<Stream"
is "whose call goes on" "$(record_of CD01)" "ringing|-"
# Eight times at once.
sql "DELETE FROM calls"
pids=()
for i in {1..8}; do
    (
        incoming CC01
        twiml_of >"$work/same.$i"
    ) &
    pids+=($!)
done
wait "${pids[@]}"
is "the same question at once gets the same answer" "$(cat "$work"/same.* | grep -c '<Stream')" 8
is "and one record" "$(record_of CC01)" "ringing|-"
ok "the log names the limit" grep -q 'call over limit call=CA03 merchant=1 limit=calls' "$work/webhook.log"
finish
