"""Every --fault of receptionai-sim-phone against webhook, relay and receptionai-sim-grok: what came of the call, held
against the table in phone_faults.txt. With --print the table that was measured."""
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILDDIR, Relay, Tap, wait_for  # noqa: E402
from spoken import SimGrok  # noqa: E402
from webhook_lab import TOKEN, Site  # noqa: E402

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "phone_faults.txt")
AT_A_TIME = 12
tap = Tap()


def faults():
    """The names that --help lists, each once."""
    text = subprocess.run([BUILDDIR + "/receptionai-sim-phone", "--help"], capture_output=True, text=True,
                          check=True).stdout
    return re.findall(r"^  ([a-z0-9-]+) ", text.partition("\nFaults:\n")[2], re.M)


def wanted():
    with open(TABLE, encoding="utf-8") as f:
        rows = [re.split(r"\s*\|\s*", line.strip(), maxsplit=2) for line in f if line.strip() and line[0] != "#"]
    return {row[0]: row[1] for row in rows}


relay = Relay(SimGrok(), RELAY_IDLE_MS=11000, RELAY_START_MS=3000)
site = Site(relay)
relay.sql("UPDATE merchants SET fallback_number = '+15550199', greeting = 'Good evening, this is Bella''s.' "
          "WHERE id = 1")


def play(number, fault):
    sid = f"CA{number:032x}"
    done = subprocess.run(
        [BUILDDIR + "/receptionai-sim-phone", "--webhook", site.origin + "/api/twilio/incoming", "--status-callback",
         site.origin + "/api/twilio/status", "--token", TOKEN, "--allow-ws", "--quick", "--json", "--call-sid", sid,
         "--hangup-silence", "700", *(["--fault", fault] if fault else [])],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200,
        env={**os.environ, "RECEPTIONAI_CONF": "/dev/null"})
    # Twilio's status callback may close the row before the relay's own, better reason is there.
    wait_for(lambda: relay.row("SELECT count(*) = 0 OR max(end_reason) NOT IN ('unreported', 'no-stream') FROM calls "
                               "WHERE call_sid = ?", sid))
    return outcome(sid, done)


def outcome(sid, done):
    """The call's end in the database, and what the caller got."""
    reason = relay.row("SELECT end_reason FROM calls WHERE call_sid = ?", sid)
    try:
        facts = json.loads(done.stdout)
    except ValueError:
        return f"the phone failed: {done.stderr[-200:]}"
    if reason not in (None, "caller-hung-up"):
        return reason               # what was heard until then is a matter of time
    heard = (facts["first_voice_ms"] or -1) >= 0
    return f"{reason or 'no row'}, heard {'the receptionist' if heard else 'nothing'}"


names = faults()
table = wanted()
tap.equal("every fault of --help stands in the table, and no other", sorted(names), sorted(n for n in table if n != "none"))
todo = ["none", *names]
with ThreadPoolExecutor(AT_A_TIME) as pool:
    got = dict(zip(todo, pool.map(lambda job: play(*job), [(i + 1, "" if n == "none" else n)
                                                           for i, n in enumerate(todo)])))
if "--print" in sys.argv:
    for name in todo:
        print(f"{name:20} | {got[name]}")
for name in todo:
    tap.equal(f"{name}: {table.get(name)}", got[name], table.get(name))
tap.equal("the relay is as it was: nothing left over", [relay.process.poll(), wait_for(lambda: relay.metric("calls") == 0)],
          [None, True])
tap.finish()
