#!/bin/bash
# receptionai-sim-phone against a webhook and relay of another make (tests/sim/phone_stub.py), which judges the phone as
# strictly as the phone judges a relay. Upper bounds of times are wide: the machine may be busy.
. "${srcdir:=.}/tests/lib.sh"
phone=$builddir/receptionai-sim-phone
export TWILIO_AUTH_TOKEN=12345
unset RECEPTIONAI_CONF

start_stub() { # NAME [CERT KEY]
    local name=$1
    shift
    spawn "$name" /usr/bin/python3 "$srcdir/tests/sim/phone_stub.py" "$work/$name.port" "$work/$name.jsonl" "$@"
    wait_for 60 test -s "$work/$name.port" || { echo "Bail out! the stub did not start"; exit 1; }
}
start_stub plain
port=$(cat "$work/plain.port")
http=http://127.0.0.1:$port
ws=ws://127.0.0.1:$port
log=$work/plain.jsonl

# call ARG…: one call with a JSON summary in $summary, its timeline in $work/timeline, its exit status in $status.
call() {
    : >"$log"
    timeout 300 "$phone" --json --allow-ws --quick "$@" >"$work/summary" 2>"$work/timeline"
    status=$?
    summary=$(cat "$work/summary")
}
# fact EXPRESSION: evaluated over s, the summary.
fact() { /usr/bin/python3 -c 'import json, sys; s = json.loads(sys.argv[1]); print(eval(sys.argv[2]))' "$summary" "$1"; }
# seen EXPRESSION: evaluated over log, the stub's lines; requests by path in r, streams in st.
seen() {
    /usr/bin/python3 -c '
import json, sys
log = [json.loads(l) for l in open(sys.argv[1])]
r = {l["request"]: l for l in log if "request" in l}
st = [l for l in log if "stream" in l and "fault" not in l]
faults = [l for l in log if "fault" in l]
print(eval(sys.argv[2]))' "$log" "$1"
}
verdicts() { fact '" ".join("%d:%d" % (v["code"], v["count"]) for v in s["verdicts"])'; }

# --- a call as it should be
call --webhook "$http/call/relay/hello" --to +15550100 --from +14155550123 --status-callback "$http/status" \
    --heard "$work/heard.wav" --stereo "$work/stereo.wav" --field CallToken=a+b%20 --field FromCity=
is "a call through webhook, stream, action and hang-up ends well" "$status" 0
is "it ends as the TwiML says" "$(fact 's["end"]')" twiml-hangup
is "the stub has nothing to find fault with" "$(seen faults)" "[]"
is "the webhook is asked first, the action after the stream, then the status callback" \
    "$(seen '[l["request"] for l in log if "request" in l and "stream" not in l["request"]]')" \
    "['/call/relay/hello', '/after', '/status']"
is "every request is signed" "$(seen 'all(l["signed"] for l in log if "request" in l)')" True
is "the call's status goes from ringing over in-progress to completed" \
    "$(seen '[r[p]["form"]["CallStatus"] for p in ("/call/relay/hello", "/after", "/status")]')" \
    "['ringing', 'in-progress', 'completed']"
is "the status callback has its own fields" \
    "$(seen 'sorted(set(r["/status"]["form"]) - set(r["/after"]["form"]))')" \
    "['CallDuration', 'CallbackSource', 'Duration', 'SequenceNumber', 'Timestamp']"
is "--field adds and replaces" "$(seen '[r["/after"]["form"][n] for n in ("CallToken", "FromCity")]')" "['a+b%20', '']"
is "the stream's events are told" \
    "$(seen '[l["form"]["StreamEvent"] for l in log if l.get("request") == "/stream-status"]')" \
    "['stream-started', 'stream-stopped']"
is "the start message carries the parameters and the call" \
    "$(seen '[st[0]["start"]["customParameters"], st[0]["start"]["callSid"] == r["/after"]["form"]["CallSid"]]')" \
    "[{'merchantId': '42', 'odd': '<\"&ü'}, True]"
is "the first frame comes no sooner than 100 ms after the start, and then soon" \
    "$(seen '100 <= st[0]["first_frame_ms"] < 5000')" True
is "frames come every 20 ms on average" "$(seen '10 < st[0]["frame_ms"] < 40')" True
is "a mark with nothing before it comes at once, one behind a second of audio after that second" \
    "$(seen '[st[0]["marks"], 990 <= st[0]["said_ms"] < 30000]')" "[['at-once', 'said'], True]"
is "a second of audio was heard" "$(fact 's["played_bytes"]')" 8000
is "the WAV files hold the whole call: heard, and in stereo" \
    "$(/usr/bin/python3 -c '
import struct, sys
def read(path):
    b = open(path, "rb").read()
    at = b.index(b"data")
    return struct.unpack("<HH", b[20:24]), b[at + 8:at + 8 + struct.unpack("<I", b[at + 4:at + 8])[0]]
(kind, channels), heard = read(sys.argv[1])
(kind2, channels2), stereo = read(sys.argv[2])
tone = heard.count(b"\x80\x00" * 40)
print(kind, channels, kind2, channels2, tone, 2 * len(heard) == len(stereo), heard == stereo[1::2])' \
    "$work/heard.wav" "$work/stereo.wav")" "7 1 7 2 100 True True"

# --- the caller
call --stream "$ws/relay/talk" --say "When are you open on Sunday" --interrupt "Stop please stop@700" --dtmf "1*" \
    --answer-wait 4000
is "a caller who asks, interrupts and presses keys gets through" "$status" 0
is "two answers, one of them cut off by a clear, and the keys" \
    "$(seen '[st[0]["answers"], st[0]["cleared"], st[0]["digits"], st[0]["closed"]]')" "[2, 1, '1*', 1000]"
is "the clear dropped audio, and all marks came back" \
    "$(fact '[s["clears"], s["cleared_bytes"] > 1000, s["marks"] == s["marks_returned"], s["end"]]')" \
    "[1, True, True, 'caller-hung-up']"
is "the stream's last message is stop" "$(seen 'st[0]["events"][-1]')" stop
is "nothing of it is at fault" "$(seen faults)" "[]"
call --stream "$ws/seed/talk" --dialect seed --fragment 100 --say "Hello"
is "the older dialect has both tracks, and survives fragments" \
    "$(seen '[sorted(st[0]["start"]["tracks"]), st[0]["out"] > 50, st[0]["out_loud"] >= 100, faults]')" \
    "[['inbound', 'outbound'], True, True, []]"
call --stream "$ws/relay/rest" --hangup-after 0.5 --hangup-with close --param a=b
is "--hangup-with close leaves the stop out" "$(seen '[st[0]["events"], st[0]["start"]["customParameters"]]')" \
    "[['connected', 'start'], {'a': 'b'}]"
call --stream "$ws/relay/rest" --hangup-after 0.3 --hangup-with reset
is "--hangup-with reset ends well for the phone, without a close for the relay" \
    "$status $(seen '"closed" in st[0]')" "0 False"
call --stream "$ws/relay/talk" --hangup-after 1 --record "$work/first.frames"
first=$(seen '[st[0]["events"], st[0]["start"], st[0]["frames"]]')
call --stream "$ws/relay/rest" --replay "$work/first.frames" --record "$work/second.frames"
is "a recorded stream is sent again word by word" \
    "$(cut -d ' ' -f 2- "$work/second.frames" | cksum)" "$(cut -d ' ' -f 2- "$work/first.frames" | cksum)"
is "in its order and for its call, and nothing is put in" "$(seen '[st[0]["events"], st[0]["start"], st[0]["frames"]]')" "$first"
is "each message not before its time" "$(paste -d ' ' <(cut -d ' ' -f 1 "$work/first.frames") \
    <(cut -d ' ' -f 1 "$work/second.frames") | awk '$2 + 1 < $1 { early++ } END { print (NR > 30), early + 0 }')" "1 0"
is "when it is over, the caller has gone" "$status $(fact 's["end"]')" "0 recording-over"
call --webhook "$http/call/relay/rest" --hangup-after 0.3
is "when the caller leaves, the action still learns of it" \
    "$(seen 'r["/after"]["form"]["CallStatus"]') $(fact 's["end"]')" "completed time-over"

# --- what the server does wrong
wrong() { # SENTENCE VERDICTS ARG…
    local sentence=$1 wanted=$2
    shift 2
    call "$@"
    is "$sentence" "$status $(verdicts)" "1 $wanted"
}
wrong "a binary frame is 31950" "31921:1 31950:1" --stream "$ws/relay/binary"
wrong "each message that Twilio refuses is 31951" "31921:1 31951:6" --stream "$ws/relay/wrong"
wrong "a reserved bit is 31924" 31924:1 --stream "$ws/relay/reserved"
wrong "a masked frame of a server is 31924" 31924:1 --stream "$ws/relay/masked"
wrong "a reset is 31903" 31903:1 --stream "$ws/relay/broken"
wrong "a close with 1011 is a failed call" 31921:1 --stream "$ws/relay/internal"
wrong "another status than 101 is 31920" 31920:1 --stream "$ws/relay/refuse"
wrong "nobody at the port is 31901" 31901:1 --stream ws://127.0.0.1:1/
wrong "no webhook is 11205" 11205:1 --webhook http://127.0.0.1:1/
wrong "HTTP 500 is 11200" 11200:1 --webhook "$http/500"
wrong "a wrong signature is refused by the webhook" 11200:1 --webhook "$http/reject" --signature wrong
wrong "no signature is refused too" 11200:1 --webhook "$http/reject" --signature none
wrong "a content type that is no TwiML is 12300" 12300:1 --webhook "$http/json"
wrong "ill-formed TwiML is 12100" 12100:1 --webhook "$http/ill-formed"
wrong "an unknown verb is 12200" 12200:1 --webhook "$http/unknown-verb"
wrong "a redirect to itself ends with 11216" 11216:1 --webhook "$http/loop"
call --webhook "$http/500#rc=2&rp=5xx"
is "a failing webhook is asked again as the overrides say" "$(seen 'len(log)')" 3
timeout 300 "$phone" --webhook "$http/call/relay/hello" --quick --quiet >"$work/out" 2>&1
is "TwiML with a ws: URL is 31922 unless allowed" "$? $(grep -c 31922 "$work/out")" "1 1"

# --- other verbs and answers
call --webhook "$http/redirect"
is "a redirect keeps method and signature" "$status $(seen '[l["request"] for l in log if "request" in l][:2]')" \
    "0 ['/redirect', '/call/relay/hello']"
call --webhook "$http/then"
is "without an action the next verbs run" "$status $(fact 's["end"]')" "0 twiml-ended"
call --webhook "$http/reject" --status-callback "$http/status"
is "a rejected call is busy" "$status $(fact 's["end"]') $(seen 'r["/status"]["form"]["CallStatus"]')" "0 rejected busy"

# --- what the caller hears, from the first ring to the end: the kinds of its scenes, and their texts
heard() { fact '" ".join(h["what"] + ("=" + h["text"] if h["text"] else "") for h in s["heard"])'; }
is "who is rejected as busy hears the busy tone" "$(heard)" "rings busy ends=rejected"
call --webhook "$http/refuse"
is "or that there is no such number" "$(heard)" "rings not-in-service ends=rejected"
call --webhook "$http/dial" --dial-status no-answer
is "a dial tells its action how it went" "$status $(seen 'r["/after"]["form"]["DialCallStatus"]')" "0 no-answer"
is "the caller has heard it ring for all of its time, which nobody had to wait for" \
    "$(heard) $(fact '[h["ms"] for h in s["heard"] if h["what"] == "dials"]')" \
    "rings dials=+14155550199: no-answer says=Goodbye. ends=twiml-hangup [30000]"
call --webhook "$http/dial-both" --dial +14155550199=busy --dial "+14155550198=answered:Hello, Bob here."
is "whoever of several answers talks to the caller" "$(heard)" \
    "rings dials=+14155550199 and +14155550198 person=Hello, Bob here. says=Goodbye. ends=twiml-hangup"
is "the action learns that it was answered, and how long they talked" \
    "$(seen '[r["/after"]["form"][n] for n in ("DialCallStatus", "DialBridged")] + [int(r["/after"]["form"]["DialCallDuration"]) > 0]')" \
    "['completed', 'true', True]"
call --webhook "$http/dial-both" --dial +14155550199=busy --dial +14155550198=no-answer
is "if nobody does, it rings as long as the last of them" \
    "$(heard) $(fact 's["heard"][1]["ms"]') $(seen 'r["/after"]["form"]["DialCallStatus"]')" \
    "rings dials=+14155550199 and +14155550198: no-answer says=Goodbye. ends=twiml-hangup 12000 no-answer"
call --webhook "$http/bridge" --dial-status failed
is "with answerOnBridge the call is not answered until somebody is" \
    "$(seen '[r["/after"]["form"][n] for n in ("CallStatus", "DialCallStatus")]')" "['ringing', 'failed']"
mkdir "$work/kept"
call --webhook "$http/record" --recordings "$work/kept" --message "This is Mary, please call me back." --message-end key
is "a recording tells its action where it is" "$status $(seen '"RecordingUrl" in r["/after"]["form"]')" "0 True"
is "how long it is and how it ended" \
    "$(seen '[int(r["/after"]["form"]["RecordingDuration"]) in (2, 3), r["/after"]["form"]["Digits"]]')" "[True, '#']"
is "and its callback that it can be fetched" \
    "$(seen '[r["/status"]["form"]["RecordingStatus"], r["/status"]["form"]["RecordingUrl"] == r["/after"]["form"]["RecordingUrl"]]')" \
    "['completed', True]"
is "the caller has heard a beep" "$(heard)" \
    "rings beep caller=This is Mary, please call me back. says=Goodbye. ends=twiml-hangup"
recording=$(seen 'r["/after"]["form"]["RecordingSid"]')
path=/2010-04-01/Accounts/AC00000000000000000000000000000000/Recordings/$recording
is "its URL is Twilio's" "$(seen 'r["/after"]["form"]["RecordingUrl"]')" "https://api.twilio.com$path"
call --webhook "$http/record" --message ''
is "who says nothing leaves nothing: the next verb runs, after the silence" \
    "$(seen '"/after" in r') $(heard) $(fact 's["silence_ms_most"] // 1000')" \
    "False rings beep silence says=Nothing was said. ends=twiml-ended 5"
call --webhook "$http/record" --message-end hangup
is "who hangs up has left what he said" \
    "$(seen '[r["/after"]["form"][n] for n in ("CallStatus", "Digits")]') $(fact 's["end"]')" \
    "['completed', 'hangup'] caller-hung-up"
call --webhook "$http/gather" --digits 123456
is "keys are gathered, as many as are wanted" "$(seen 'r["/after"]["form"]["Digits"]') $(heard)" \
    "1234 rings says=Your number? caller=presses 1234 says=Goodbye. ends=twiml-hangup"
call --webhook "$http/gather"
is "without any, the next verb runs" "$(heard)" "rings says=Your number? silence says=No number. ends=twiml-ended"
call --webhook "$http/500"
is "a webhook that fails is Twilio's own error message" "$(heard)" "rings application-error ends=failed"
call --webhook "$http/500" --fallback "$http/plain"
is "unless there is a fallback URL, which learns why" \
    "$(heard) $(seen '[r["/plain"]["form"]["ErrorCode"], r["/plain"]["form"]["ErrorUrl"].endswith("/500"), r["/plain"]["form"]["CallStatus"]]')" \
    "rings says=Nothing here. ends=twiml-ended ['11200', True, 'ringing']"
call --webhook "$http/ill-formed" --fallback "$http/500"
is "if that fails too, it is the error message after all" "$(heard)" "rings application-error ends=failed"
call --webhook "$http/call/relay/hello" --stereo "$work/stereo.wav"
is "the receptionist is heard as long as he speaks" \
    "$(fact '[h["what"] for h in s["heard"]], [round(h["ms"] / 1000) for h in s["heard"] if h["what"] == "receptionist"]')" \
    "(['rings', 'receptionist', 'says', 'ends'], [1])"
timeout 300 "$phone" --webhook "$http/reject" --quiet --quick >"$work/out" 2>&1
has "people read it as sentences" "$(cat "$work/out")" "the busy tone, 3.0 s"

# --- what callers have left, behind a password
spawn api "$phone" --serve 127.0.0.1:0 --recordings "$work/kept" --not-ready 1
wait_for 60 grep -q listening "$work/api.log" || { echo "Bail out! it does not serve"; exit 1; }
api=$(sed -n 's/^listening on //p' "$work/api.log")
ask() { curl -sS -o "$work/got" -w '%{http_code}' "$@" "$api$path.wav"; }
account=AC00000000000000000000000000000000:12345
is "without the password it is 401" "$(ask) $(grep -c 20003 "$work/got")" "401 1"
is "with a wrong one too" "$(ask -u "${account}6")" 401
is "with it 404, since it is not ready yet" "$(ask -u $account) $(grep -c 20404 "$work/got")" "404 1"
is "then the caller's words, as a WAV file of the length that was told" "$(ask -u $account) $(/usr/bin/python3 -c '
import sys, wave
w = wave.open(sys.argv[1])
print(w.getframerate(), w.getnchannels(), w.getsampwidth(), round(w.getnframes() / 8000) in (2, 3))' "$work/got")" \
    "200 8000 1 2 True"
is "another is not there" "$(path=${path}0 ask -u $account)" 404
is "nor is what is outside the folder" "$(curl -sS --path-as-is -o /dev/null -w '%{http_code}' -u $account \
    "$api/2010-04-01/Accounts/AC00000000000000000000000000000000/Recordings/../../../../etc/passwd")" 404
is "it can be deleted, once" "$(ask -u $account -X DELETE) $(ask -u $account -X DELETE)" "204 404"
call --webhook "$http/plain"
is "plain text is spoken" "$status $(fact 's["end"]') $(grep -c 'Nothing here' "$work/timeline")" "0 twiml-ended 1"
call --webhook "$http/chunked"
is "a chunked answer is read whole" "$status $(fact 's["end"]')" "0 twiml-hangup"
call --webhook "$http/reject" --method GET
is "GET carries the parameters in the query, signed" \
    "$(seen '[r["/reject"]["method"], r["/reject"]["signed"], r["/reject"]["form"]["To"]]')" "['GET', True, '+15550100']"
call --webhook "$http/public" --public-url https://voice.example.com
is "--public-url is what is signed, and the Host" "$status $(seen '[r["/public"]["signed"], r["/public"]["host"]]')" \
    "0 [True, 'voice.example.com']"

# --- TLS
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=stub \
    -addext subjectAltName=IP:127.0.0.1,DNS:relay.example.com -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log"
start_stub secure "$work/cert.pem" "$work/key.pem"
log=$work/secure.jsonl
port=$(cat "$work/secure.port")
call --webhook "https://127.0.0.1:$port/call/relay/hello" --ca-file "$work/cert.pem"
is "https and wss with a private root work, signed without the port" "$status $(seen faults) $(fact 's["end"]')" \
    "0 [] twiml-hangup"
call --webhook "https://127.0.0.1:$port/call/relay/hello"
is "a certificate that nobody vouches for is refused" "$status $(verdicts)" "1 11205:1"
call --stream "wss://relay.example.com:$port/relay/rest" --relay-at "127.0.0.1:$port" --ca-file "$work/cert.pem" \
    --hangup-after 0.3
is "--relay-at connects elsewhere but asks for the URL's name" "$status" 0
call --stream "wss://wrong.example.com:$port/relay/rest" --relay-at "127.0.0.1:$port" --ca-file "$work/cert.pem"
is "a certificate for another name is refused" "$status $(verdicts)" "1 31901:1"

# --- usage
usage() { # SENTENCE ARG…
    local sentence=$1
    shift
    "$phone" "$@" >"$work/out" 2>&1
    is "$sentence" "$? $(grep -c receptionai-sim-phone: "$work/out")" "2 1"
}
usage "no target is refused"
usage "two targets are refused" --webhook "$http/" --stream "$ws/"
usage "a URL of the wrong kind is refused" --stream "$http/"
usage "an interruption without a time is refused" --stream "$ws/" --interrupt stop
usage "a number out of range is refused" --stream "$ws/" --patience 5
usage "an outcome that no call has is refused" --webhook "$http/" --dial +15550199=engaged
usage "a server of nothing is refused" --serve 127.0.0.1:0
usage "keys that no phone has are refused" --stream "$ws/" --dtmf 1a
usage "a file that is not there is refused" --stream "$ws/" --wav "$work/none.wav"
usage "a relay address that is none is refused" --stream "$ws/" --relay-at nowhere
TWILIO_AUTH_TOKEN='' usage "a webhook without a token to sign with is refused" --webhook "$http/"
finish
