#!/bin/bash
# A spoken conversation with the simulated Grok, driven by an independent client (python3-websockets) in real time.
. "${srcdir:=.}/tests/lib.sh"
sim=$builddir/receptionai-sim-grok
unset RECEPTIONAI_CONF XAI_API_KEY XAI_API_KEY_FILE

if ! /usr/bin/python3 -c 'import websockets' 2>/dev/null; then
    echo "1..0 # SKIP python3-websockets is missing"
    exit 0
fi
if ! command -v flite >/dev/null || ! command -v sox >/dev/null; then
    echo "1..0 # SKIP flite and sox speak the caller's part"
    exit 0
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log"

say() {
    flite -voice rms -t "$2" -o "$work/$1.wav" && sox "$work/$1.wav" -r 8000 -c 1 -e u-law -t raw "$work/$1.ulaw"
}
say 1 "What time do you open?"
say 2 "I would like to book a table for two people tomorrow at seven o'clock."
say 3 "Yes please."
say 4 "Thank you, goodbye."
spawn sim "$sim" --log json --tls-cert "$work/cert.pem" --tls-key "$work/key.pem"
wait_for 60 grep -q '^listening on ' "$work/sim.log" || { echo "Bail out! the simulator did not start"; exit 1; }
url=$(sed -n 's/^listening on //p' "$work/sim.log")
ok "four sentences are spoken and answered" timeout 120 bash -c '
    /usr/bin/python3 "$1/tests/sim/grok_talk.py" --ca "$2/cert.pem" "$3" "$2"/[1-4].ulaw >"$2/talk.json"' _ "$srcdir" "$work" "$url"
fact() { /usr/bin/python3 -c 'import json, sys; s = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$work/talk.json" "$1"; }
is "all were understood" "$(fact 's["heard"]')" \
    "['What time do you open?', \"I would like to book a table for two people tomorrow at seven o'clock.\", 'Yes please.', 'Thank you goodbye.']"
has "the greeting names the merchant" "$(fact 's["said"][0]')" "calling Bella's Trattoria"
has "the hours are the merchant's" "$(fact 's["said"][1]')" "every day from five to eleven"
has "the booking is repeated" "$(fact 's["said"][2]')" "A table for two people tomorrow at seven o'clock."
has "and confirmed" "$(fact 's["said"][3]')" "Your table is booked."
is "five answers were complete" "$(fact 's["order"].count("response.done")')" 5
is "the conversation is on stdout, a line of JSON each" \
    "$(grep '^{' "$work/sim.log" | /usr/bin/python3 -c 'import json, sys; print([json.loads(l)["who"][0] for l in sys.stdin])')" \
    "['r', 'c', 'r', 'c', 'r', 'c', 'r', 'c', 'r']"

# A message is taken by a function, with what was said in it.
say 5 "Can you take a message?"
say 6 "I will be late."
say 7 "My name is Mary Jones."
ok "a message is left" timeout 120 bash -c '
    /usr/bin/python3 "$1/tests/sim/grok_talk.py" --tools take_message --ca "$2/cert.pem" "$3" "$2"/[5-7].ulaw >"$2/talk.json"' \
    _ "$srcdir" "$work" "$url"
is "take_message was called with it" "$(fact 's["called"]')" \
    "[['take_message', {'message': 'i will be late', 'caller_name': 'Mary Jones'}]]"
has "and the caller is told so" "$(fact 's["said"][-1]')" "your message has been taken"
finish
