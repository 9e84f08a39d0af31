#!/bin/bash
# receptionai-call places calls through Twilio's REST API, and the webhook answers when somebody picks up.
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings
echo TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000 >>"$RECEPTIONAI_CONF"
spawn stub /usr/bin/python3 "$srcdir/tests/outbound/rest_stub.py" "$work/port" "$work/asked.jsonl"
wait_for 20 test -s "$work/port" || { echo "Bail out! the stub did not start"; exit 1; }
stub=http://127.0.0.1:$(cat "$work/port")/2010-04-01
export TWILIO_API_URL=$stub

call() {
    out=$(timeout 60 "$builddir/receptionai-call" "$@" 2>"$work/why")
    status=$?
    why=$(cat "$work/why")
}
asked() { /usr/bin/python3 -c 'import json, sys
lines = [json.loads(l) for l in open(sys.argv[1])]
form = lines[-1]["form"]
print(eval(sys.argv[2]))' "$work/asked.jsonl" "$1"; }
says() { case $why in *"$1"*) true ;; *) false ;; esac; }

call --merchant 1 --to +14155550123 --say 'Your table is ready.'
is "a call is placed" "$status $(cut -d: -f2 <<<"$out")" "0  placed"
sid=${out%%:*}
id=$(sql "SELECT id FROM outgoing_calls")
is "the request names both numbers and our webhook" \
    "$(asked '[form["To"], form["From"], form["Url"], form["StatusCallback"], form["Timeout"], form["MachineDetection"], lines[-1]["fault"]]')" \
    "['+14155550123', '$bella', 'https://voice.example.com/api/twilio/outgoing?id=$id', 'https://voice.example.com/api/twilio/status', '25', 'Enable', None]"
is "its row is an outbound one that rings" "$(sql "SELECT direction, status, caller_number, called_number FROM calls WHERE call_sid='$sid'")" \
    "outbound|ringing|+14155550123|$bella"
ok "the words are nowhere in what Twilio was asked" bash -c '! grep -q "table is ready" "$1"' _ "$work/asked.jsonl"

answered() { ask "/api/twilio/outgoing?id=$1" "CallSid=$2" AccountSid=AC00000000000000000000000000000000 CallStatus=in-progress \
    Direction=outbound-api "From=$bella" "To=+14155550123" "${@:3}"; }
answered "$id" "$sid" AnsweredBy=human
is "a person is connected to the relay, with the first words" "$(status_of) $(grep -o 'name="opening" value="[^"]*"' <<<"$answer")" \
    "$twiml_type name=\"opening\" value=\"Your table is ready.\""
is "who answered is recorded" "$(sql "SELECT answered_by FROM outgoing_calls WHERE id='$id'")" human
ask --signature wrong "/api/twilio/outgoing?id=$id" "CallSid=$sid"
is "a forged request is refused" "$(status_of | cut -d' ' -f1)" 403
answered 00000000000000000000000000000000 "$sid"
is "an order that nobody gave is hung up on" "$(twiml_of)" '<Response><Hangup/></Response>'
answered "$id&x=1" "$sid"
is "so is one with more in its URL" "$(twiml_of)" '<Response><Hangup/></Response>'

call --merchant 1 --to +14155550123
machine=${out%%:*}
answered "$(sql "SELECT id FROM outgoing_calls WHERE call_sid='$machine'")" "$machine" AnsweredBy=machine_start
is "a machine is hung up on" "$(twiml_of)" '<Response><Hangup/></Response>'
is "and is the end reason" "$(sql "SELECT status, end_reason FROM calls WHERE call_sid='$machine'")" 'ended|machine-answered'
call --merchant 1 --to +14155550123 --machine message --say 'Please call us back.'
machine=${out%%:*}
is "for a message Twilio waits for the tone" "$(asked 'form["MachineDetection"]')" DetectMessageEnd
answered "$(sql "SELECT id FROM outgoing_calls WHERE call_sid='$machine'")" "$machine" AnsweredBy=machine_end_beep
is "a machine gets the message" "$(twiml_of)" '<Response><Say>Please call us back.</Say><Hangup/></Response>'
call --merchant 1 --to +14155550123 --machine talk
is "nobody waits when a machine does not matter" "$(asked '"MachineDetection" in form')" False

# --- what is refused before anything is placed -----------------------------------------------------
before=$(sql 'SELECT count(*) FROM outgoing_calls')
while IFS='|' read -r want text args; do
    eval "call $args"
    ok "refused: $args" test "$status" = "$want"
    ok "  and says: $text" says "$text"
done <<'ROWS'
2|+ and 7 to 15 digits|--merchant 1 --to 4155550123
2|+ and 7 to 15 digits|--merchant 1 --to +123456
2|+ and 7 to 15 digits|--merchant 1 --to +1234567890123456
2|--merchant and --to are needed|--to +14155550123
2|5 to 120|--merchant 1 --to +14155550123 --ring 500
2|hang-up, message or talk|--merchant 1 --to +14155550123 --machine sing
2|--say has the message|--merchant 1 --to +14155550123 --machine message
2|1 to 400 bytes|--merchant 1 --to +14155550123 --say ''
1|no such merchant|--merchant 99 --to +14155550123
1|the merchant is paused|--merchant 3 --to +14155550123
ROWS
sql "UPDATE merchants SET minutes_month_max=1 WHERE id=2;
     INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms, started_ms, ended_ms, end_reason, heard_ms)
     SELECT 'CAlong', 2, '+14155550123', '+15550101', 'ended', now, now, now, 'caller-hung-up', 61000
     FROM (SELECT unixepoch() * 1000 AS now)"
call --merchant 2 --to +14155550123
is "refused: over the merchant's limit" "$status" 1
ok "  and says so" says "limit"
call --merchant 1 --to +14155550123 --dry-run
is "--dry-run shows the request" "$status $(grep -c 'To=+14155550123' <<<"$out")" "0 1"
is "none of these wrote an order" "$(sql 'SELECT count(*) FROM outgoing_calls')" "$before"

# --- Twilio in trouble --------------------------------------------------------------------------------
while read -r account want sends text; do
    asked_before=$(wc -l <"$work/asked.jsonl")
    TWILIO_ACCOUNT_SID=$account call --merchant 1 --to +14155550123
    is "$account: exit code" "$status" "$want"
    ok "$account: says $text" says "$text"
    is "$account: asked so often" "$(($(wc -l <"$work/asked.jsonl") - asked_before))" "$sends"
    is "$account: the order says it too" "$(sql 'SELECT call_sid IS NULL AND error IS NOT NULL FROM outgoing_calls ORDER BY rowid DESC LIMIT 1')" 1
done <<'ROWS'
ACrefused 1 1 21211
ACbusy 1 1 20429
ACbroken 4 1 20500
ACgarbage 4 1 201
ACredirect 1 1 302
ACgone 4 1 not known
ROWS
TWILIO_AUTH_TOKEN=wrong call --merchant 1 --to +14155550123
is "a wrong password" "$status" 1
ok "  is Twilio's word" says 20003
TWILIO_API_URL=http://127.0.0.1:1/2010-04-01 call --merchant 1 --to +14155550123
is "Twilio out of reach: nothing was placed" "$status" 1

# --- waiting -----------------------------------------------------------------------------------------
"$builddir/receptionai-call" --merchant 1 --to +14155550199 --wait >"$work/waited" 2>&1 &
waiter=$!
wait_for 20 grep -q ringing "$work/waited"
sid=$(sed -n 's/: placed//p' "$work/waited")
ask /api/twilio/status "CallSid=$sid" AccountSid=AC00000000000000000000000000000000 CallStatus=no-answer
wait $waiter
is "--wait: nobody answered" "$? $(tail -n 1 "$work/waited")" "3 $sid: ended, no-stream, nobody talked"
finish
