#!/bin/bash
# The webhook as a FastCGI responder: its own socket or fd 0, one process or several, peers of every manners, signals.
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings
socket="$work/webhook.sock"
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$srcdir/tests"
peers() { /usr/bin/python3 "$srcdir/tests/fcgi/peers.py" "$@"; }
# ended PID: its exit code in $code.
ended() {
    wait "$1" 2>/dev/null
    code=$?
}
answers_ok() {
    ask --method GET /healthz
    [ "$(status_of)" = "200 application/json" ]
}

# --- a socket of its own ---------------------------------------------------------------------------
spawn first "$webhook" --socket "$socket" --socket-mode 0600
first=$pid
via="fcgi:$socket"
wait_for 60 answers_ok
is "the socket has the mode asked for" "$(stat -c %a "$socket")" 600
incoming CA01
is "a call is connected" "$(masked)" "$twiml_type
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
$connect"
incoming CA01 --length ''
is "a body without announced length is read to its end" "$(status_of)" "$twiml_type"
incoming CA01 --keep
is "a connection that should be kept is answered, and closed" "$(status_of)" "$twiml_type"
ask --length '' --body "$(printf 'a%.0s' {1..102400})" /api/twilio/incoming
is "100 KB without announced length are refused" "$(status_of)" "413 text/plain; charset=utf-8"
ask --body "$(printf 'a%.0s' {1..102400})" /api/twilio/incoming
is "100 KB with announced length are refused" "$(status_of)" "413 text/plain; charset=utf-8"
incoming CA02 --length 5000
is "a body that is cut short is refused" "$(status_of)" "400 text/plain; charset=utf-8"
is "rude web servers are survived" "$(peers rude "$socket" 2>&1)" "done"
ok "and the next request is answered" answers_ok
output=$("$webhook" --socket "$socket" 2>&1)
is "a second process cannot take the socket" "$? ${output##*: }" "69 something else is there, or serves it"
ok "and the first still has it" answers_ok

# --- the database comes and goes --------------------------------------------------------------------
mv "$db" "$db.away"
ask --method GET /healthz
is "a database that vanishes makes the webhook unhealthy" "$(status_of)" "503 application/json"
incoming CA03
is "callers get the fallback number, which is remembered" "$(twiml_of)" "$dial"
ask /api/twilio/after CallSid=CA03 "From=$caller" "To=$bella" CallStatus=in-progress
is "and so do those whose stream is over" "$(twiml_of)" "$dial"
ask /api/twilio/after CallSid=CA03 "To=$bella" CallStatus=in-progress DialCallStatus=busy
is "if it is busy, an apology" "$(twiml_of)" "$apology"
ask /api/twilio/incoming CallSid=CA03 To=+15550101 "From=$caller"
is "a merchant without one has an apology" "$(twiml_of)" "$apology"
ask /api/twilio/incoming CallSid=CA03 To=+15550102 "From=$caller"
is "and so has whom nobody knows" "$(twiml_of)" "$apology"
mv "$db.away" "$db"
ok "when it is back, so is health" answers_ok
incoming CA03
is "and calls" "$(status_of) $(sql "SELECT count(*) FROM calls WHERE call_sid = 'CA03'")" "$twiml_type 1"

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
incoming CA04
has "while somebody keeps it locked calls are connected" "$(masked)" "$connect"
touch "$work/release"
wait "$holder"
incoming CA05
is "and written down again as soon as it is free" \
    "$(sql "SELECT group_concat(call_sid) FROM calls WHERE call_sid IN ('CA04', 'CA05')")" CA05

# --- signals ---------------------------------------------------------------------------------------
is "SIGTERM lets the present request finish" "$(peers slow "$socket" "$first")" "Status: 200 OK"
ended "$first"
is "and then the process ends with 0" "$code" 0
is "that request was recorded" "$(sql "SELECT count(*) FROM calls WHERE call_sid = 'CASLOW'")" 1
spawn second "$webhook" --socket "$socket"
second=$pid
wait_for 60 answers_ok
is "a socket left behind is taken over, for group and owner" "$(stat -c %a "$socket")" 660
kill -TERM "$second"
ended "$second"
is "an idle process ends with 0 at once" "$code" 0
rm -f "$socket"

# --- TCP, and a peer that says nothing --------------------------------------------------------------
port=$(free_port)
spawn tcp "$webhook" --socket ":$port"
tcp=$pid
via="fcgi:127.0.0.1:$port"
wait_for 60 answers_ok
has ":PORT is loopback" "$(/usr/bin/python3 -c '
import sys
for line in open("/proc/net/tcp").readlines()[1:]:
    local, _, state = line.split()[1:4]
    if state == "0A" and int(local.split(":")[1], 16) == int(sys.argv[1]): print(local.split(":")[0])' "$port")" 0100007F
ok "a silent peer is cut off, not before ten seconds" test "$(peers silent "127.0.0.1:$port")" -ge 10
ok "and the next request is answered" answers_ok
kill -INT "$tcp"
ended "$tcp"
is "SIGINT ends the process with 0 too" "$code" 0
output=$("$webhook" --socket nonsense 2>&1)
is "an address that is none is refused" "$?" 69
: >"$work/file"
output=$("$webhook" --socket "$work/file" 2>&1)
is "a file is never taken for a socket" "$? $(test -e "$work/file" && echo there)" "69 there"

# --- several processes on fd 0 ----------------------------------------------------------------------
spawn several /usr/bin/python3 "$srcdir/tests/fcgi/peers.py" serve "$work/shared.sock" 3 "$webhook"
several=$pid
via="fcgi:$work/shared.sock"
wait_for 60 answers_ok
rows=$(calls)
crowd() {
    local n jobs=()
    for n in $(seq 40); do
        (
            incoming "CA10$((n % 4))"
            status_of
        ) &
        jobs+=($!)
    done
    wait "${jobs[@]}"
}
is "forty requests at once are all answered" "$(crowd | sort | uniq -c | sed 's/^ *//')" "40 $twiml_type"
is "and leave one record a call" "$(($(calls) - rows))" 4
kill -TERM "$several"
ended "$several"
is_gone() {
    ! kill -0 "$1" 2>/dev/null
}
has "each process ends with 0" "$(cat "$work/several.log")" "exit codes: 0 0 0"

# --- several processes of our own -------------------------------------------------------------------
spawn crew "$webhook" --socket "$work/crew.sock" --processes 3
crew=$pid
via="fcgi:$work/crew.sock"
workers() { cat "/proc/$crew/task/$crew/children"; }
wait_for 60 answers_ok
is "--processes 3 makes three" "$(workers | wc -w)" 3
is "which answer forty requests at once" "$(crowd | sort | uniq -c | sed 's/^ *//')" "40 $twiml_type"
read -r victim _ < <(workers)
kill -KILL "$victim"
replaced() { [ "$(workers | wc -w)" -eq 3 ] && ! workers | grep -qw "$victim"; }
ok "one that is killed is replaced" wait_for 60 replaced
ok "and requests are answered" answers_ok
read -r -a last_workers < <(workers)
kill -TERM "$crew"
ended "$crew"
is "SIGTERM ends all, with 0" "$code" 0
ok "none is left" is_gone "${last_workers[0]}"
spawn crew "$webhook" --socket "$work/crew.sock" --processes 2
crew=$pid
wait_for 60 answers_ok
read -r -a last_workers < <(workers)
kill -KILL "$crew"
ended "$crew"
ok "without their parent the workers end, too" wait_for 60 is_gone "${last_workers[1]}"
output=$("$webhook" --socket "$work/crew.sock" --processes 0 2>&1)
is "a senseless number of processes is refused" "$? ${output##*: }" "2 must be 1 to 64"
finish
