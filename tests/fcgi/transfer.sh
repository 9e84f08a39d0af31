#!/bin/bash
# A caller is handed over to a person: reached, not reached, and what each merchant wants then; voicemail.
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings

# As the relay leaves a call whose caller wants a person.
hand_over() {
    incoming "$1"
    sql "UPDATE calls SET status = 'transferring', started_ms = created_ms, transfer_number = '+15550177', heard_ms = 9000
        WHERE call_sid = '$1'"
}
# As Twilio asks when a stream or a number is over; $rung: what the URL that it was given says was rung before.
rung=
after() {
    local sid=$1
    shift
    ask "/api/twilio/after$rung" "CallSid=$sid" CallStatus=in-progress "$@"
}
record_of() { sql "SELECT status, coalesce(end_reason, '-'), coalesce(transfer_result, '-') FROM calls WHERE call_sid = '$1'"; }
wish() { sql "UPDATE merchants SET transfer_fallback = '$1' WHERE id = 1"; }

transfer='<Response><Dial action="https://voice.example.com/api/twilio/after?rung=transfer1" timeout="25" callerId="+14155550123"'
transfer+=' answerOnBridge="true"><Number>+15550177</Number></Dial></Response>'
voicemail='<Response><Say>We are sorry, nobody can take your call right now. Please leave a message after the tone.</Say>'
voicemail+='<Record action="https://voice.example.com/api/twilio/voicemail"'
voicemail+=' recordingStatusCallback="https://voice.example.com/api/twilio/voicemail" maxLength="180" timeout="5"'
voicemail+=' finishOnKey="#" playBeep="true"/><Say>We did not hear a message. Goodbye.</Say><Hangup/></Response>'
resume=${connect%%'</Stream>'*}'<Parameter name="resume" value="no-answer"/></Stream></Connect></Response>'
rung_once=${resume/\/after/\/after?rung=transfer1}
thanks='<Response><Say>Thank you. Your message has been recorded. Goodbye.</Say><Hangup/></Response>'
no_message='<Response><Say>We did not hear a message. Goodbye.</Say><Hangup/></Response>'

# --- the person is there ---------------------------------------------------------------------------
hand_over CA01
after CA01
is "the person is rung, and sees who calls" "$(status_of) $(twiml_of)" "$twiml_type $transfer"
after CA01
is "if Twilio asks again, again" "$(twiml_of)" "$transfer"
is "the call is transferring meanwhile" "$(record_of CA01)" "transferring|-|-"
after CA01 DialCallStatus=completed DialCallDuration=20
is "when they have talked, that is all" "$(twiml_of)" "$hang_up"
is "and the record says so" "$(record_of CA01)" "ended|transferred|completed"
after CA01 DialCallStatus=completed
is "the same question again gets the same answer" "$(twiml_of) $(record_of CA01)" "$hang_up ended|transferred|completed"

hand_over CA02
sql "UPDATE calls SET caller_number = 'anonymous' WHERE call_sid = 'CA02'"
after CA02
has "a caller who hides is shown as the merchant's number" "$(twiml_of)" 'callerId="+15550100"'
ask /api/twilio/status CallSid=CA02 CallStatus=completed CallDuration=30
is "a caller who gives up while it rings was transferred all the same" "$(record_of CA02)" "ended|transferred|-"

# --- nobody is there: the receptionist returns ----------------------------------------------------
for word in no-answer busy failed; do
    hand_over "CA1$word"
    after "CA1$word"
    rung='?rung=transfer1' after "CA1$word" "DialCallStatus=$word"
    is "$word: the receptionist comes back and knows why" "$(status_of) $(masked | tail -n 1)" "$twiml_type $rung_once"
    is "$word: the record waits for its stream" "$(record_of "CA1$word")" "transferring|-|$word"
done
rung='?rung=transfer1' after CA1busy
is "if that stream never comes, the fallback number" "$(twiml_of)" "$dial"
is "and the transfer is over" "$(record_of CA1busy)" "ended|transferred|canceled"
rung='?rung=fallback' after CA1busy DialCallStatus=busy
is "and if that is busy, an apology" "$(twiml_of)" "$apology"
sql "UPDATE merchants SET fallback_number = '+15550177' WHERE id = 1"
rung='?rung=transfer1' after CA1no-answer
is "if the fallback number is the one that was rung, it is not rung again" "$(twiml_of)" "$apology"
sql "UPDATE merchants SET fallback_number = '+15550199' WHERE id = 1"
after CA1failed DialCallStatus=failed
is "a call from before an update, whose URL says nothing, goes on by its record" "$(masked | tail -n 1)" "$resume"
sql "UPDATE calls SET transfer_result = NULL WHERE call_sid = 'CA1failed'"
rung='?rung=transfer1' after CA1failed
has "a receptionist who is asked once more puts through once more" "$(twiml_of)" '?rung=transfer2"'
rung='?rung=transfer5' after CA1failed
is "but not for ever" "$(twiml_of)" "$dial"

# --- nobody is there: voicemail, apology ----------------------------------------------------------
wish apology
hand_over CA20
after CA20 DialCallStatus=no-answer
is "a merchant who wants an apology gets one" "$(twiml_of) $(record_of CA20)" "$apology ended|transferred|no-answer"
wish voicemail
hand_over CA21
after CA21 DialCallStatus=no-answer
is "a merchant who wants voicemail gets it" "$(status_of) $(twiml_of)" "$twiml_type $voicemail"
is "the transfer is over" "$(record_of CA21)" "ended|transferred|no-answer"

recording=https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1
message() { sql "SELECT kind, source_id, recording_url, recording_ms, seen FROM messages WHERE call_sid = '$1'"; }
ask /api/twilio/voicemail CallSid=CA21 CallStatus=in-progress RecordingSid=RE1 "RecordingUrl=$recording" RecordingDuration=7 Digits=hangup
is "a message is thanked for" "$(status_of) $(twiml_of)" "$twiml_type $thanks"
is "and kept" "$(message CA21)" "voicemail|RE1|$recording|7000|0"
ask /api/twilio/voicemail CallSid=CA21 CallStatus=in-progress RecordingSid=RE1 "RecordingUrl=$recording" RecordingDuration=7
ask /api/twilio/voicemail CallSid=CA21 RecordingSid=RE1 RecordingStatus=completed "RecordingUrl=$recording" RecordingDuration=7
is "Twilio's second word on it is acknowledged" "$answer" "204 -"
is "and it is there once" "$(message CA21)" "voicemail|RE1|$recording|7000|0"
is "people find it" "$(sql "SELECT merchant, number, message FROM messages_new")" \
    "Bella's|$caller|7 s of voicemail: $recording"
ask /api/twilio/voicemail CallSid=CA21 CallStatus=completed "RecordingUrl=${recording}x" RecordingDuration=5
is "a recording without a name is called by its URL" "$(sql "SELECT source_id FROM messages WHERE recording_ms = 5000")" RE1x
ask /api/twilio/voicemail CallSid=CA21 CallStatus=in-progress RecordingSid=RE2 "RecordingUrl=$recording" RecordingDuration=1
is "a breath is no message" "$(twiml_of)" "$no_message"
ask /api/twilio/voicemail CallSid=CA21 CallStatus=in-progress
is "nor is nothing" "$(status_of) $(twiml_of)" "$twiml_type $no_message"
ask /api/twilio/voicemail CallSid=CA21 RecordingStatus=absent RecordingSid=RE3
is "nor is Twilio's word that there is none" "$answer" "204 -"
is "none of them is kept" "$(sql 'SELECT count(*) FROM messages')" 2
ask /api/twilio/voicemail CallSid=CA99 CallStatus=in-progress RecordingSid=RE4 "RecordingUrl=$recording" RecordingDuration=9
is "a message of an unknown call gets an apology" "$(twiml_of)" "$apology"
RECEPTIONAI_DB="$work/missing.db" ask /api/twilio/voicemail CallSid=CA21 CallStatus=in-progress RecordingSid=RE5 \
    "RecordingUrl=$recording" RecordingDuration=9
is "without a database too" "$(status_of) $(twiml_of)" "$twiml_type $apology"
ask --signature none /api/twilio/voicemail CallSid=CA21 RecordingSid=RE6 "RecordingUrl=$recording" RecordingDuration=9
is "the signature is checked" "$(status_of)" "403 text/plain; charset=utf-8"

# --- no transfer: the stream failed, and the merchant has voicemail -------------------------------
sql "UPDATE merchants SET transfer_fallback = 'voicemail' WHERE id = 2"
ask /api/twilio/incoming CallSid=CA30 To=+15550101 "From=$caller"
after CA30
is "without fallback number, voicemail" "$(twiml_of)" "$voicemail"
incoming CA31
after CA31 DialCallStatus=busy
is "when the fallback number is busy, voicemail" "$(twiml_of)" "$voicemail"
is "no log line shows a number" "$(grep -cE '4155550123|15550177' "$work/webhook.log")" 0
finish
