#!/bin/bash
# What callers get from the webhook when a business is closed, when its relay cannot, when the database cannot; and what
# the call's row says of it in the end.
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings
merchant() { sql "UPDATE merchants SET $1 WHERE id = ${2:-1}"; }
row_of() { sql "SELECT status, coalesce(end_reason, '-'), coalesce(handled, '-') FROM calls WHERE call_sid = '$1'"; }
# called SID NUMBER [FIELD…]
called() {
    local sid=$1 number=$2
    shift 2
    ask /api/twilio/incoming "CallSid=$sid" "From=$caller" "To=$number" CallStatus=ringing Direction=inbound "$@"
}
after() {
    local sid=$1 rung=$2
    shift 2
    ask "/api/twilio/after$rung" "CallSid=$sid" CallStatus=in-progress Direction=inbound "From=$caller" "To=$bella" "$@"
}
status() { ask /api/twilio/status "CallSid=$1" CallStatus=completed CallDuration=9 Direction=inbound "From=$caller" "To=$bella"; }
sorry='<Response><Say>We are sorry, nobody can take your call right now. Please leave a message after the tone.</Say>'
tone='<Record action="https://voice.example.com/api/twilio/voicemail"'
tone+=' recordingStatusCallback="https://voice.example.com/api/twilio/voicemail" maxLength="180" timeout="5"'
tone+=' finishOnKey="#" playBeep="true"/><Say>We did not hear a message. Goodbye.</Say><Hangup/></Response>'
forward='<Response><Dial action="https://voice.example.com/api/twilio/after?rung=after-hours" timeout="25"'
forward+=' callerId="+14155550123" answerOnBridge="true"><Number>+15550188</Number></Dial></Response>'

# --- closed ----------------------------------------------------------------------------------------
merchant "time_zone = 'Europe/Berlin', caller_calls_hour_max = NULL"
# Days of every year: yesterday, today and tomorrow, whatever midnight does during this test.
close_up() {
    sql "INSERT INTO merchant_days(merchant_id, day, note)
        SELECT 1, strftime('%m-%d', 'now', value || ' days'), 'holidays' FROM json_each('[-1, 0, 1]')"
}
open_up() { sql "DELETE FROM merchant_days"; }
close_up
incoming CA00
has "closed, and nothing said of it: as always" "$(masked)" "$connect"
merchant "after_hours = 'message'"
incoming CA01
has "the receptionist takes messages" "$(masked)" "$connect"
is "her call is open" "$(row_of CA01)" "ringing|-|-"
RELAY_SOCKET="$work/nobody.sock" incoming CA02
is "without her there is a tone, and nobody is woken" "$(twiml_of)" "$sorry$tone"
after CA01 ''
is "nor when she is lost during the call" "$(twiml_of)" "$sorry$tone"
merchant "after_hours = 'voicemail', after_hours_notice = 'Bella ist <zu> & schläft.'"
incoming CA03
is "a tone, after the merchant's words" "$(status_of) $(twiml_of)" \
    "$twiml_type <Response><Say>Bella ist &lt;zu&gt; &amp; schläft.</Say>$tone"
is "its record says so" "$(row_of CA03)" "ended|after-hours|-"
first=$answer
incoming CA03
is "if Twilio asks again, the same, to the byte" "$answer" "$first"
open_up
incoming CA03
is "also when it has opened meanwhile" "$answer" "$first"
close_up
ask /api/twilio/voicemail CallSid=CA03 RecordingSid=RE1 RecordingUrl=https://api.twilio.com/RE1 RecordingDuration=7
is "the message is kept, and what the caller got" \
    "$(sql "SELECT kind, recording_ms FROM messages WHERE call_sid = 'CA03'") $(row_of CA03)" "voicemail|7000 ended|after-hours|voicemail"
status CA03
is "Twilio's last word changes nothing of it" "$(row_of CA03)" "ended|after-hours|voicemail"
incoming CA04
ask /api/twilio/voicemail CallSid=CA04 CallStatus=in-progress RecordingSid=RE2 RecordingUrl=https://api.twilio.com/RE2 RecordingDuration=1
is "a breath is nobody's message" "$(row_of CA04)" "ended|after-hours|nobody"
incoming CA04tell
ask /api/twilio/voicemail CallSid=CA04tell RecordingSid=RE3 RecordingStatus=completed RecordingUrl=https://api.twilio.com/RE3 RecordingDuration=5
is "Twilio's word on a recording is enough to know what he got" "$answer $(row_of CA04tell)" "204 - ended|after-hours|voicemail"
merchant "after_hours_notice = NULL"
incoming CA04made
has "without words of the merchant's, ours" "$(twiml_of)" "Please leave a message after the tone.</Say><Record "
merchant "after_hours_notice = 'Bella ist <zu> & schläft.'"
merchant "after_hours = 'closed', language = 'nl'"
incoming CA05
is "a notice, in the merchant's language" "$(twiml_of) $(row_of CA05)" \
    '<Response><Say language="nl-NL">Bella ist &lt;zu&gt; &amp; schläft.</Say><Hangup/></Response> ended|after-hours|notice'
merchant "after_hours_notice = NULL, language = 'de'"
incoming CA05de
has "one that is made, as well" "$(twiml_of)" "<Say language=\"de-DE\">Sie haben Bella's erreicht. Wir haben gerade geschlossen. Wir öffnen wieder "
merchant "language = NULL"
incoming CA06
is "one that is made" "$(twiml_of)" \
    "<Response><Say>You have reached Bella's. We are closed right now. We open again $(/usr/bin/python3 -c '
import datetime, zoneinfo
day = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin")).date()
closed = [(datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(n)).strftime("%m-%d") for n in (-1, 0, 1)]
ahead = 0
while (day + datetime.timedelta(ahead)).strftime("%m-%d") in closed:
    ahead += 1
print("tomorrow" if ahead == 1 else "on " + (day + datetime.timedelta(ahead)).strftime("%A"), "at 12 AM")').\
 Goodbye.</Say><Hangup/></Response>"
merchant "after_hours_number = '+15550188', after_hours = 'forward'"
incoming CA07
is "another number, which sees who calls" "$(status_of) $(twiml_of)" "$twiml_type $forward"
after CA07 '?rung=after-hours' DialCallStatus=completed
is "they talked" "$(twiml_of) $(row_of CA07)" "$hang_up ended|after-hours|person"
incoming CA08
after CA08 '?rung=after-hours' DialCallStatus=busy
is "if it is busy, a tone, and nobody else is woken" "$(twiml_of)" "$sorry$tone"
status CA08
is "who said nothing got nobody" "$(row_of CA08)" "ended|after-hours|nobody"
open_up
incoming CA09
has "without hours nobody is ever closed" "$(masked)" "$connect"
sql "INSERT INTO merchant_hours(merchant_id, weekday, opens, closes) SELECT 1, value, '00:00', '24:00' FROM json_each('[0,1,2,3,4,5,6]')"
incoming CA10
has "while it is open what is for the night does not count" "$(masked)" "$connect"

# --- several numbers -------------------------------------------------------------------------------
sql "INSERT INTO merchant_numbers(phone_number, merchant_id) VALUES ('+15550110', 1)"
called CA11 +15550110
is "another number of the same merchant" "$(masked | tail -n 1)" "${connect/+15550100/+15550110}"
is "stands in the record" "$(sql "SELECT merchant_id, called_number FROM calls WHERE call_sid = 'CA11'")" "1|+15550110"

# --- no relay --------------------------------------------------------------------------------------
spawn relays /usr/bin/python3 -c '
import socket, sys, threading
def serve(path, answer):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.bind(path)
    s.listen(64)
    kept = []
    while True:
        c = s.accept()[0]
        c.recv(1000)
        if answer is not None:
            c.send(answer)
        kept.append(c)
folder = sys.argv[1]
for name, answer in {"up": b"receptionai 1 up\n", "full": b"receptionai 1 full\n", "draining": b"receptionai 1 draining\n",
                     "unable": b"receptionai 1 unable\n", "silent": None, "odd": b"receptionai 2 fine\n",
                     "told": b"receptionai 1 ended receptionist-hung-up\n", "lost": b"receptionai 1 ended grok-closed\n",
                     "untold": b"receptionai 1 untold\n"}.items():
    threading.Thread(target=serve, args=(f"{folder}/{name}.sock", answer), daemon=True).start()
deaf = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
deaf.bind(f"{folder}/deaf.sock")
deaf.listen(0)
full = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(3)]
for c in full:
    c.setblocking(False)
    c.connect_ex(f"{folder}/deaf.sock")
print("there", flush=True)
threading.Event().wait()' "$work"
relays=$pid
wait_for 60 grep -q there "$work/relays.log"
wait_for 60 test -S "$work/untold.sock"
export RELAY_SOCKET_MS=1000
RELAY_SOCKET="$work/up.sock" incoming CA20
has "a relay that is well gets the call" "$(masked)" "$connect"
export RELAY_SOCKET_MS=50
for state in full draining unable silent odd deaf nobody; do
    RELAY_SOCKET="$work/$state.sock" incoming "CA21$state"
    is "a relay that is $state: the fallback number" "$(status_of) $(twiml_of)" "$twiml_type $dial"
    is "$state: the call is open until Twilio's last word" "$(row_of "CA21$state")" "ringing|-|-"
    status "CA21$state"
    is "$state: which closes it" "$(row_of "CA21$state")" "ended|no-stream|nobody"
done
for who in client:anna sip:bob@example.com anonymous +0123; do
    RELAY_SOCKET="$work/full.sock" ask /api/twilio/incoming "CallSid=CA21${who//[^a-z0-9]/}" "From=$who" "To=$bella" CallStatus=ringing
    is "$who: Twilio is told whom to show, or it would ring nobody" "$(twiml_of)" "${dial/answerOn/callerId=\"$bella\" answerOn}"
done
merchant "fallback_number = NULL"
RELAY_SOCKET="$work/full.sock" incoming CA22
is "without a number, an apology" "$(twiml_of) $(row_of CA22)" "$apology ringing|-|apology"
merchant "transfer_fallback = 'voicemail'"
RELAY_SOCKET="$work/full.sock" incoming CA23
is "or a tone" "$(twiml_of)" "$sorry$tone"
merchant "fallback_number = '+15550199', transfer_fallback = 'ai'"
RELAY_SOCKET="$work/full.sock" incoming CA24
after CA24 '?rung=fallback' DialCallStatus=completed
is "who was put through got a person" "$(row_of CA24)" "ringing|-|person"
status CA24
is "and keeps him" "$(row_of CA24)" "ended|no-stream|person"

# Where the row does not say how the stream ended, the relay is asked.
incoming CA25
RELAY_SOCKET="$work/told.sock" after CA25 ''
is "who has heard goodbye is not put through, and the row is the relay's to end" "$(twiml_of) $(row_of CA25)" \
    "$hang_up ringing|-|receptionist"
RELAY_SOCKET="$work/told.sock" ask /api/twilio/after CallSid=CA25none CallStatus=in-progress "To=$bella"
is "nor is he if there is no row" "$(twiml_of) $(row_of CA25none)" "$hang_up "
incoming CA26
RELAY_SOCKET="$work/lost.sock" after CA26 ''
is "who lost her is, and the row is the relay's to end" "$(twiml_of) $(row_of CA26)" "$dial ringing|-|-"
for state in untold up silent odd deaf nobody; do
    incoming "CA27$state"
    RELAY_SOCKET="$work/$state.sock" after "CA27$state" ''
    is "a relay that is $state tells nothing: the stream was lost" "$(twiml_of) $(row_of "CA27$state")" "$dial ended|no-stream|-"
done
unset RELAY_SOCKET_MS
kill "$relays"
wait "$relays" 2>/dev/null

# --- what the caller got ---------------------------------------------------------------------------
talks() { sql "UPDATE calls SET status = 'live', started_ms = created_ms, answered_ms = created_ms WHERE call_sid = '$1'"; }
incoming CA30
talks CA30
status CA30
is "who talked and hung up got the receptionist" "$(row_of CA30)" "ended|unreported|receptionist"
incoming CA30lost
talks CA30lost
after CA30lost ''
is "a stream that is over without the relay's word ends the call, whatever Twilio tells later" "$(twiml_of) $(row_of CA30lost)" \
    "$dial ended|unreported|-"
incoming CA31
talks CA31
sql "INSERT INTO messages(call_sid, merchant_id, kind, source_id, text, created_ms) VALUES ('CA31', 1, 'spoken', 'm', 'Call me.', 1)"
sql "UPDATE calls SET status = 'ended', ended_ms = created_ms, end_reason = 'receptionist-hung-up' WHERE call_sid = 'CA31'"
after CA31 ''
is "who left a message with her, that" "$(twiml_of) $(row_of CA31)" "$hang_up ended|receptionist-hung-up|message"
incoming CA33
sql "UPDATE calls SET status = 'ended', ended_ms = created_ms, end_reason = 'receptionist-hung-up' WHERE call_sid = 'CA33'"
after CA33 ''
is "who heard her goodbye, her, though nobody wrote down when she began" "$(row_of CA33)" \
    "ended|receptionist-hung-up|receptionist"
incoming CA32
after CA32 '' CallStatus=completed
status CA32
is "who gave up, nobody" "$(row_of CA32)" "ended|no-stream|nobody"
ask /api/twilio/after CallSid=CA32 CallStatus=in-progress DialCallStatus=completed
is "a late word on a talk counts all the same" "$(row_of CA32)" "ended|no-stream|person"

# --- a database that may not be written ------------------------------------------------------------
/usr/bin/python3 - "$db" "$work/release" >"$work/holder.log" 2>&1 <<'HOLD' &
import os, sqlite3, sys, time
holder = sqlite3.connect(sys.argv[1], isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.02)
HOLD
holder=$!
wait_for 60 grep -q locked "$work/holder.log"
busy_of() { grep -c 'result=busy' "$work/webhook.log"; }
before=$(busy_of)
incoming CA40
has "a call reaches the relay" "$(masked)" "$connect"
is "after one wait" "$(($(busy_of) - before))" 1
before=$(busy_of)
ask /api/twilio/voicemail CallSid=CA30 RecordingSid=RE9 RecordingUrl=https://api.twilio.com/RE9 RecordingDuration=7
is "a message that cannot be kept is not thanked for" "$(twiml_of)" "$apology"
is "nor is that waited for twice" "$(($(busy_of) - before))" 1
RELAY_SOCKET="$work/nobody.sock" incoming CA41
is "a call that the relay cannot take either is put through" "$(twiml_of)" "$dial"
merchant_row=$(sql "SELECT fallback_number FROM merchants WHERE id = 1")
after CA42 '?rung=fallback' DialCallStatus=busy
is "and heard afterwards" "$(twiml_of) $merchant_row" "$apology +15550199"
touch "$work/release"
wait "$holder"
is "none of them has a record" "$(sql "SELECT count(*) FROM calls WHERE call_sid IN ('CA40', 'CA41', 'CA42')")" 0
status CA40
is "the last word on a call brings it" "$(row_of CA40)" "ended|no-stream|nobody"
is "with all that is known" "$(sql "SELECT merchant_id, caller_number, called_number, twilio_duration_s FROM calls WHERE call_sid = 'CA40'")" \
    "1|$caller|$bella|9"
after CA41 '?rung=fallback' DialCallStatus=completed
is "any word does" "$(row_of CA41)" "ringing|-|person"
ask /api/twilio/status CallSid=CA43 CallStatus=completed Direction=outbound-api "From=$bella" "To=$bella"
is "but not on a call of our own" "$(row_of CA43)" ""
ask /api/twilio/status CallSid=CA44 CallStatus=completed Direction=inbound "From=$caller" To=+15550102
is "nor on one to a merchant who pauses" "$(row_of CA44)" ""
is "no log line shows a number" "$(grep -cE '4155550123|15550188' "$work/webhook.log")" 0
finish
