# shellcheck shell=bash
# What tests of the webhook share: a database, settings, and Twilio's questions.
#
#   make_settings                 settings for voice.example.com in the environment, a fresh database in $db
#   ask ARGS…                     twilio_client.py with $via; the answer, its first line the status, in $answer
#   incoming SID [ARGS…]          ask for a call to the sample merchant
#   sql STATEMENT
. "$srcdir/tests/lib.sh"
webhook="$builddir/receptionai-webhook"
db="$work/receptionai.db"
via="cgi:$webhook"
bella=+15550100
caller=+14155550123

sql() {
    sqlite3 -cmd '.timeout 60000' "$db" "$1"
}

make_settings() {
    export RECEPTIONAI_CONF="$work/receptionai.conf"
    cat >"$RECEPTIONAI_CONF" <<CONF
RECEPTIONAI_DB=$db
PUBLIC_URL=https://voice.example.com
RELAY_URL=wss://relay.example.com/media-stream
TWILIO_AUTH_TOKEN=12345, retiring
CONF
    sqlite3 "$db" <"$srcdir/db/schema.sql" >/dev/null
    sql "INSERT INTO merchants(name, phone_number, fallback_number) VALUES('Bella''s', '$bella', '+15550199');
         INSERT INTO merchants(name, phone_number) VALUES('Plain', '+15550101');
         INSERT INTO merchants(name, phone_number, active) VALUES('Closed', '+15550102', 0);"
}

ask() {
    answer=$(/usr/bin/python3 "$srcdir/tests/twilio_client.py" --via "$via" "$@" 2>>"$work/webhook.log")
    client_code=$?
    [ "$client_code" -eq 0 ] || answer="$answer (client exit $client_code)"
}

call_fields() {
    printf '%s\n' "CallSid=$1" AccountSid=AC00000000000000000000000000000000 ApiVersion=2010-04-01 CallStatus=ringing \
        Direction=inbound "From=$caller" "Caller=$caller" "To=$bella" "Called=$bella" 'FromCity=SAN FRANCISCO' ToCity=
}

incoming() {
    local sid=$1 fields
    shift
    mapfile -t fields < <(call_fields "$sid")
    ask "$@" /api/twilio/incoming "${fields[@]}"
}

status_of() { head -n 1 <<<"$answer"; }
twiml_of() { tail -n 1 <<<"$answer"; }
token_of() { sed -n 's/.*media-stream\/\([^"]*\)".*/\1/p' <<<"$answer"; }
masked() { sed 's/media-stream\/[^"]*"/media-stream\/TOKEN"/' <<<"$answer"; }
calls() { sql 'SELECT count(*) FROM calls'; }

# The answers that were promised, for the tests that source this file.
# shellcheck disable=SC2034
{
    twiml_type='200 text/xml; charset=utf-8'
    hang_up='<Response><Hangup/></Response>'
    apology='<Response><Say>We are sorry, we cannot take your call right now. Please try again later. Goodbye.</Say>'
    apology+='<Hangup/></Response>'
    not_configured='<Response><Say>This number is not configured. Goodbye.</Say><Hangup/></Response>'
    dial='<Response><Dial action="https://voice.example.com/api/twilio/after?rung=fallback" timeout="25" answerOnBridge="true">'
    dial+='<Number>+15550199</Number></Dial></Response>'
    connect='<Response><Connect action="https://voice.example.com/api/twilio/after">'
    connect+='<Stream url="wss://relay.example.com/media-stream/TOKEN"'
    connect+=' statusCallback="https://voice.example.com/api/twilio/stream-status">'
    connect+='<Parameter name="merchantId" value="1"/><Parameter name="callerPhone" value="+14155550123"/>'
    connect+='<Parameter name="calledNumber" value="+15550100"/></Stream></Connect></Response>'
}
