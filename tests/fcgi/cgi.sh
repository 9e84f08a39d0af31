#!/bin/bash
# The webhook as a plain CGI program: every route, every refusal, and a database in every state of trouble.
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings

# --- a call comes in -------------------------------------------------------------------------------
incoming CA01
is "an incoming call is connected to the relay" "$(masked)" "$twiml_type
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
$connect"
is "the call is recorded" "$(sql "SELECT call_sid, merchant_id, caller_number, called_number, status FROM calls")" \
    "CA01|1|$caller|$bella|ringing"
token_says() {
    PYTHONPATH="$srcdir/tests" PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c '
import sys, time, twilio_client
merchant, sid, expiry = twilio_client.token_facts(sys.argv[1], "12345")
print(merchant, sid, 50 < expiry / 1000 - time.time() <= 60)' "$1"
}
is "the token in the stream's URL names the merchant and the call, and lives a minute" "$(token_says "$(token_of)")" "1 CA01 True"
first=$(masked) first_token=$(token_of)
incoming CA01
is "a repeated request gets an equivalent answer" "$(masked)" "$first"
is "and no second record" "$(calls)" 1
ok "and a token of its own" test "$first_token" != "$(token_of)"
incoming CA02 --method GET
is "GET is answered like POST" "$(twiml_of | sed 's/stream\/[^"]*"/stream\/TOKEN"/')" "$connect"
ask /api/twilio/incoming CallSid=CA03 "Caller=$caller" "Called=$bella"
has "Called stands in for To, and Caller for From" "$(masked)" "$connect"
ask --token retiring /api/twilio/incoming CallSid=CA04 "From=$caller" "To=$bella"
has "every token of the list counts" "$(masked)" "$connect"
ask /api/twilio/incoming CallSid=CA05 "To=$bella" To=+15550101 "From=$caller"
has "of duplicates the first counts" "$(masked)" "$connect"
ask /api/twilio/incoming CallSid=CA06 "To=$bella"
is "a call without From is connected" "$(status_of)" "$twiml_type"
has "as one who withholds his number" "$(twiml_of)" '<Parameter name="callerPhone" value="anonymous"/>'
ask /api/twilio/incoming CallSid=CA07 "To=$bella" 'From=\xff\xfe<"&>\x00\x01 sip:x@y'
has "a hostile From becomes a harmless one" "$(twiml_of)" 'value="??&lt;&quot;&amp;&gt;?? sip:x@y"'
ask /api/twilio/incoming CallSid=CA08 "To=$bella" "From=sip:$(printf 'a%.0s' {1..600})@example.com"
is "a From of 600 bytes is cut, the call connected" "$(status_of) $(twiml_of | grep -o 'sip:a*' | tr -d '\n' | wc -c)" "$twiml_type 64"
ask /api/twilio/incoming CallSid=CA09 "To=+15550999" "From=$caller"
is "an unknown number is told so" "$(twiml_of)" "$not_configured"
ask /api/twilio/incoming CallSid=CA10 "To=+15550102" "From=$caller"
is "an inactive merchant's number too" "$(twiml_of)" "$not_configured"
ask /api/twilio/incoming CallSid=CA11 "From=$caller"
is "a call without To too" "$(twiml_of)" "$not_configured"
ask /api/twilio/incoming CallSid=CA12 "From=$caller" "To=$(printf '1%.0s' {1..500})"
is "a To of 500 bytes too" "$(twiml_of)" "$not_configured"
ask /api/twilio/incoming "From=$caller" "To=$bella"
is "a request without CallSid gets an apology" "$(status_of) $(twiml_of)" "$twiml_type $apology"
ask /api/twilio/incoming 'CallSid=CA1" x="' "From=$caller" "To=$bella"
is "and so does one with a CallSid that is none" "$(twiml_of)" "$apology"
is "of all these only the connected calls are recorded" "$(sql 'SELECT group_concat(call_sid) FROM (SELECT * FROM calls ORDER BY call_sid)')" \
    CA01,CA02,CA03,CA04,CA05,CA06,CA07,CA08

# --- refusals --------------------------------------------------------------------------------------
before=$(calls)
reads_all_of() {
    REQUEST_METHOD=PUT REQUEST_URI=/api/twilio/incoming CONTENT_LENGTH=$1 "$webhook" < <(
        head -c 102400 /dev/zero && echo all >"$work/read"
    ) >"$work/out" 2>/dev/null
    wait_for 60 test -e "$work/read"
    cat "$work/read"
}
is "a refused body is read to its end all the same, lest the answer be lost" "$(reads_all_of 102400)" all
incoming CA20 --signature none
is "a request without signature is refused" "$(status_of)" "403 text/plain; charset=utf-8"
incoming CA20 --signature ''
is "one with an empty signature too" "$(status_of)" "403 text/plain; charset=utf-8"
incoming CA20 --signature aUzbIJ7NtVdKDzMORzK3epyVYwQ=
is "one with a wrong signature too" "$(status_of)" "403 text/plain; charset=utf-8"
incoming CA20 --signature "$(printf 'A%.0s' {1..3000})"
is "one with a giant signature too" "$(status_of)" "403 text/plain; charset=utf-8"
incoming CA20 --token ''
is "one signed with an empty token too" "$(status_of)" "403 text/plain; charset=utf-8"
incoming CA20 --origin http://voice.example.com
is "one signed for another origin too" "$(status_of)" "403 text/plain; charset=utf-8"
incoming CA20 --type text/plain
is "a form that calls itself something else is refused" "$(status_of)" "403 text/plain; charset=utf-8"
for route in after status stream-status; do
    ask --signature none "/api/twilio/$route" CallSid=CA01 CallStatus=completed
    is "$route checks the signature" "$(status_of)" "403 text/plain; charset=utf-8"
done
TWILIO_ACCOUNT_SID=AC1 incoming CA20
is "a request of another account is refused" "$(status_of)" "403 text/plain; charset=utf-8"
TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000 incoming CA01
is "one of the right account is not" "$(status_of)" "$twiml_type"
ask --body "$(printf 'a%.0s' {1..102400})" /api/twilio/incoming
is "a body of 100 KB is refused" "$(status_of)" "413 text/plain; charset=utf-8"
ask --body "$(printf 'a=b&%.0s' {1..300})" /api/twilio/incoming
is "a body of 300 fields is refused" "$(status_of)" "413 text/plain; charset=utf-8"
for body in 'CallSid=CA20&To=%2' 'CallSid=CA20&To=%zz1' 'CallSid=%'; do
    ask --body "$body" /api/twilio/incoming
    is "a broken percent-encoding is refused: $body" "$(status_of)" "400 text/plain; charset=utf-8"
done
for length in -1 1e3 99999999999999999999 '5 '; do
    incoming CA20 --length "$length"
    is "a length that is none is refused: '$length'" "$(status_of)" "400 text/plain; charset=utf-8"
done
incoming CA20 --length 5000
is "a body that is cut short is refused" "$(status_of)" "400 text/plain; charset=utf-8"
incoming CA20 --length ''
is "a body that is not announced is not read" "$(status_of)" "403 text/plain; charset=utf-8"
for method in PUT DELETE HEAD PATCH get; do
    incoming CA20 --method "$method"
    is "$method is refused" "$(grep -v '^405 Method' <<<"$answer")" "405 text/plain; charset=utf-8
allow: GET, POST"
done
ask --method GET /api/twilio/after CallSid=CA01
has "GET is refused where only POST has a meaning" "$answer" "allow: POST"
for path in / /api/twilio/ /api/twilio/incoming/ /api/twilio/Incoming /api/twilio/incoming%2f //api/twilio/incoming /healthz/x; do
    ask "$path" CallSid=CA20
    is "$path is no route" "$(status_of)" "404 text/plain; charset=utf-8"
done
ask "/$(printf 'a%.0s' {1..3000})"
is "a target of 3000 bytes is refused" "$(status_of)" "400 text/plain; charset=utf-8"
is "nothing refused was written" "$(calls)" "$before"

# --- afterwards ------------------------------------------------------------------------------------
ask /api/twilio/after CallSid=CA01 CallStatus=in-progress
is "a stream that never came leads to the fallback number" "$(twiml_of)" "$dial"
ask /api/twilio/after CallSid=CA01 CallStatus=in-progress DialCallStatus=completed
is "a talk with it ends the call" "$(twiml_of)" "$hang_up"
ask /api/twilio/after CallSid=CA01 CallStatus=in-progress DialCallStatus=busy
is "if it is busy, an apology" "$(twiml_of)" "$apology"
ask /api/twilio/after CallSid=CA01 CallStatus=completed
is "a caller who is gone is hung up" "$(twiml_of)" "$hang_up"
end_call() {
    sql "UPDATE calls SET status = 'ended', ended_ms = created_ms, end_reason = '$2' WHERE call_sid = '$1'"
}
end_call CA01 receptionist-hung-up
ask /api/twilio/after CallSid=CA01 CallStatus=in-progress
is "a call that ended well is hung up" "$(status_of) $(twiml_of)" "$twiml_type $hang_up"
end_call CA02 grok-unreachable
ask /api/twilio/after CallSid=CA02 CallStatus=in-progress
is "a call that failed leads to the fallback number" "$(twiml_of)" "$dial"
incoming CA01
is "a repeated request for a call that is over hangs up" "$(twiml_of)" "$hang_up"
ask /api/twilio/incoming CallSid=CA30 To=+15550101 "From=$caller"
ask /api/twilio/after CallSid=CA30 CallStatus=in-progress
is "without fallback number, an apology" "$(twiml_of)" "$apology"
ask /api/twilio/after CallSid=CA99 CallStatus=in-progress
is "an unknown call gets an apology" "$(twiml_of)" "$apology"
ask /api/twilio/after
is "and so does a request without parameters" "$(status_of) $(twiml_of)" "$twiml_type $apology"

# --- callbacks -------------------------------------------------------------------------------------
ask /api/twilio/status CallSid=CA03 CallStatus=completed CallDuration=12
is "a status callback is acknowledged" "$answer" "204 -"
is "and closes the record" "$(sql "SELECT status, end_reason FROM calls WHERE call_sid = 'CA03'")" "ended|no-stream"
ask /api/twilio/status CallSid=CA03 CallStatus=in-progress
is "a late one does not reopen it" "$(sql "SELECT status FROM calls WHERE call_sid = 'CA03'")" ended
ask /api/twilio/status CallSid=CA77 CallStatus=completed
is "one for an unknown call is acknowledged" "$answer" "204 -"
ask /api/twilio/status
is "one without parameters too" "$answer" "204 -"
ask /api/twilio/status CallSid=CA04 CallStatus=completed CallDuration=99999999999999999999
is "one with an absurd duration too" "$answer" "204 -"
ask /api/twilio/stream-status CallSid=CA05 StreamSid=MZ1 StreamEvent=stream-error 'StreamError=31920 \xff'
is "a stream callback is acknowledged" "$answer" "204 -"
ask /api/twilio/stream-status CallSid=CA05 StreamSid=MZ1 StreamEvent=stream-started StreamError=
ask /api/twilio/stream-status CallSid=CA05 StreamSid=MZ1 StreamEvent=stream-started StreamError=
is "and recorded, once" "$(sql "SELECT group_concat(event) FROM (SELECT * FROM stream_events WHERE call_sid = 'CA05' ORDER BY event)")" \
    "stream-error,stream-started"
ask /api/twilio/stream-status CallSid=CA05 StreamSid=MZ1 StreamEvent=nonsense
is "one with an unknown event is acknowledged" "$answer" "204 -"

# --- health, and a database in trouble -------------------------------------------------------------
ask --method GET /healthz
is "health says ok" "$answer" '200 application/json
{"status":"ok","database":"ok"}'
ask --method HEAD /healthz
is "and to HEAD without a body" "$answer" "200 application/json"

spawn holder /usr/bin/python3 -c '
import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(3600)' "$db"
holder=$pid
wait_for 60 grep -q locked "$work/holder.log"
waits() { grep -c 'result=busy' "$work/webhook.log"; }
before=$(waits)
incoming CA40
has "a locked database keeps nobody from the relay" "$(masked)" "$connect"
is "after one wait for the lock, not two" "$(($(waits) - before))" 1
ask /api/twilio/status CallSid=CA06 CallStatus=completed
is "a callback that cannot be recorded is acknowledged" "$answer" "204 -"
incoming CA02
is "a call that is recorded needs no lock" "$(twiml_of)" "$dial"
kill "$holder"
wait "$holder" 2>/dev/null
incoming CA40
has "when the lock is gone, calls are connected again" "$(masked)" "$connect"

# Root may write everywhere, so become nobody.
chmod 755 "$work"
chmod 644 "$work"/*
as_nobody=()
[ "$(id -u)" -ne 0 ] || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --)
wal=$(sql 'PRAGMA journal_mode')
mkdir "$work/readonly"
sql "VACUUM INTO '$work/readonly/receptionai.db'"
sqlite3 "$work/readonly/receptionai.db" "PRAGMA journal_mode = $wal" >/dev/null
chmod 444 "$work"/readonly/*
chmod 777 "$work/readonly"
via="cgi:${as_nobody[*]} $webhook"
RECEPTIONAI_DB="$work/readonly/receptionai.db" incoming CA50
is "a read-only database leads to the fallback number" "$(status_of) $(twiml_of)" "$twiml_type $dial"
RECEPTIONAI_DB="$work/readonly/receptionai.db" ask /api/twilio/after CallSid=CA04 CallStatus=in-progress
is "and is still asked what to do afterwards" "$(twiml_of)" "$dial"
RECEPTIONAI_DB="$work/readonly/receptionai.db" ask --method GET /healthz
has "health knows" "$answer" '"database"'
chmod 555 "$work/readonly"
RECEPTIONAI_DB="$work/readonly/receptionai.db" incoming CA51
is "a read-only folder never costs the caller an answer" "$(status_of)" "$twiml_type"
chmod 755 "$work/readonly"
via="cgi:$webhook"

trouble() {
    local what=$1 path=$2
    RECEPTIONAI_DB="$path" incoming CA60
    is "$what: an apology" "$(status_of) $(twiml_of)" "$twiml_type $apology"
    RECEPTIONAI_DB="$path" ask /api/twilio/after CallSid=CA60 CallStatus=in-progress
    is "$what: an apology afterwards" "$(status_of) $(twiml_of)" "$twiml_type $apology"
    RECEPTIONAI_DB="$path" ask /api/twilio/status CallSid=CA60 CallStatus=completed
    is "$what: callbacks are acknowledged" "$answer" "204 -"
    RECEPTIONAI_DB="$path" ask --method GET /healthz
    has "$what: health says so" "$answer" "503 application/json"
}
trouble "a missing database" "$work/nowhere/receptionai.db"
trouble "a missing file" "$work/missing.db"
ok "a missing file is not made" test ! -e "$work/missing.db"
head -c 8192 /dev/urandom >"$work/noise.db"
trouble "a file that is no database" "$work/noise.db"
sqlite3 "$work/foreign.db" 'CREATE TABLE merchants(x)'
trouble "somebody else's database" "$work/foreign.db"

# --- settings and log ------------------------------------------------------------------------------
ok "--help explains" grep -q TWILIO_AUTH_TOKEN <("$webhook" --help)
has "--version names a version" "$("$webhook" --version)" "receptionai-webhook "
has "--check-config prints the settings" "$("$webhook" --check-config)" "PUBLIC_URL=https://voice.example.com"
is "but no secret" "$("$webhook" --check-config | grep 12345)" ""
refuses() {
    local name=$1 output code
    shift
    output=$(env "$@" "$webhook" --check-config 2>&1)
    code=$?
    is "$name is refused" "$code ${output%%:*}" "78 receptionai-webhook"
}
refuses "an empty auth token" TWILIO_AUTH_TOKEN=' , '
refuses "a PUBLIC_URL with a path" PUBLIC_URL=https://voice.example.com/twilio
refuses "a PUBLIC_URL that is none" PUBLIC_URL=voice.example.com
refuses "an empty PUBLIC_URL" PUBLIC_URL=
refuses "a RELAY_URL with a query" 'RELAY_URL=wss://relay.example.com/?x'
refuses "a RELAY_URL for browsers" RELAY_URL=https://relay.example.com/
refuses "a short STREAM_TOKEN_SECRET" STREAM_TOKEN_SECRET=short
is "started by hand it says how to start it" "$("$webhook" 2>&1 </dev/null; echo $?)" \
    "receptionai-webhook: started neither by a web server nor with --socket; see --help
2"
is "no log line shows a caller's number, a signature or a token" \
    "$(grep -cE "4155550123|aUzbIJ7|$first_token" "$work/webhook.log")" 0
ok "refusals are logged with their reason" grep -q 'webhook refused status=403 why="signature"' "$work/webhook.log"
ok "calls are logged" grep -q 'call incoming call=CA01 merchant=1' "$work/webhook.log"
finish
