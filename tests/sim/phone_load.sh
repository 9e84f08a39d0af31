#!/bin/bash
# The load generator finds exactly what was lost, doubled or changed, and nothing where nothing was. No times are judged
# here: the machine may be busy.
. "${srcdir:=.}/tests/lib.sh"
phone=$builddir/receptionai-sim-phone
export TWILIO_AUTH_TOKEN=12345
unset RECEPTIONAI_CONF

spawn stub /usr/bin/python3 "$srcdir/tests/sim/phone_stub.py" "$work/stub.port" "$work/stub.jsonl"
spawn echo "$builddir/tests/sim/echo_relay" "$work/echo.port"
wait_for 60 test -s "$work/stub.port" -a -s "$work/echo.port" || { echo "Bail out! the peers did not start"; exit 1; }
stub=127.0.0.1:$(cat "$work/stub.port")
echo_relay=127.0.0.1:$(cat "$work/echo.port")

load() {
    timeout 300 "$phone" --json --quiet "$@" >"$work/summary" 2>"$work/errors"
    status=$?
    summary=$(cat "$work/summary")
}
fact() { /usr/bin/python3 -c 'import json, sys; s = json.loads(sys.argv[1]); print(eval(sys.argv[2]))' "$summary" "$1"; }

load --stream "ws://$echo_relay/" --calls 200 --seconds 3 --ramp 1
is "200 calls lose, double, reorder and change nothing" \
    "$status $(fact '[s[n] for n in ("calls_ok", "frames_sent", "frames_back", "lost", "reordered", "duplicated", "corrupted")]')" \
    "0 [200, 30000, 30000, 0, 0, 0, 0]"
is "every frame has a round-trip time, every send a lateness" "$(fact '[s["rtt_us"]["count"], s["late_us"]["count"]]')" \
    "[30000, 30000]"
is "percentiles ascend" "$(fact '0 < s["rtt_us"]["p50"] <= s["rtt_us"]["p99"] <= s["rtt_us"]["p99_9"] <= s["rtt_us"]["max"]')" True
is "marks were answered" "$(fact 's["marks"] >= 200 * 7')" True
load --stream "ws://$echo_relay/" --calls 10 --seconds 1 --ramp 0 --profile real
is "the real profile counts without judging" "$status $(fact '[s["frames_sent"], s["lost"], s["audio_bytes"] > 0]')" "0 [500, 0, True]"
load --stream "ws://$stub/drop/echo" --calls 2 --seconds 2
is "frames that do not come back are lost" "$status $(fact '[s["lost"], s["frames_back"], s["duplicated"], s["corrupted"]]')" \
    "1 [4, 196, 0, 0]"
load --stream "ws://$stub/double/echo" --calls 2 --seconds 2
is "frames that come twice are duplicates" "$status $(fact '[s["lost"], s["duplicated"], s["corrupted"]]')" "1 [0, 4, 0]"
load --stream "ws://$stub/corrupt/echo" --calls 2 --seconds 2
is "changed bytes are corruption, and what they were is lost" "$status $(fact '[s["lost"], s["duplicated"], s["corrupted"]]')" \
    "1 [4, 0, 4]"
: >"$work/stub.jsonl"
load --webhook "http://$stub/call/x/echo" --calls 4 --seconds 1 --ramp 0.2
is "with --webhook each call has its own webhook request and stream" \
    "$status $(fact '[s["calls_ok"], s["webhook_us"]["count"], s["lost"]]') $(/usr/bin/python3 -c '
import json, sys
log = [json.loads(l) for l in open(sys.argv[1])]
print(len({l["form"]["CallSid"] for l in log if "request" in l}),
      len([l for l in log if l.get("stream") and l["start"]["customParameters"]["merchantId"] == "42"]),
      [l for l in log if "fault" in l])' "$work/stub.jsonl")" "0 [4, 4, 0] 4 4 []"
: >"$work/stub.jsonl"
load --stream "ws://$stub/tokens" --calls 2 --seconds 1 --ramp 0 --merchant 7 --token-secret 0123456789abcdef
is "with --merchant each call has a token of its own in its path" "$(/usr/bin/python3 -c '
import json, sys
paths = {json.loads(l)["stream"] for l in open(sys.argv[1]) if "\"stream\"" in l and "fault" not in l}
print(len(paths), all(p.startswith("/tokens/") and len(p) > 70 for p in paths))' "$work/stub.jsonl")" "2 True"
load --stream ws://127.0.0.1:1/ --calls 3 --seconds 1 --ramp 0
is "calls that cannot connect have failed" "$status $(fact '[s["calls_failed"], s["verdicts"][0]["code"], s["verdicts"][0]["count"]]')" \
    "1 [3, 31901, 3]"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=stub \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log"
spawn secure "$builddir/tests/sim/echo_relay" "$work/secure.port" "$work/cert.pem" "$work/key.pem"
wait_for 60 test -s "$work/secure.port"
load --stream "wss://127.0.0.1:$(cat "$work/secure.port")/" --calls 50 --seconds 2 --ramp 0.5 --ca-file "$work/cert.pem"
is "over TLS nothing is lost either" "$status $(fact '[s["calls_ok"], s["frames_back"], s["lost"], s["verdicts"]]')" "0 [50, 5000, 0, []]"
finish
