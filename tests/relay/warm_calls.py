"""Webhook, relay, simulated Grok, simulated phone: calls that are announced, and calls that the relay cannot take."""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILDDIR, Grok, Phone, Relay, Tap, wait_for  # noqa: E402
from webhook_lab import Site  # noqa: E402
from wire import SECRET  # noqa: E402

tap = Tap()
folder = tempfile.TemporaryDirectory(prefix="receptionai-warm.")
path = folder.name + "/relay.sock"


def kind_of(twiml):
    """Stream, dial or apology."""
    found = re.search(r"<(Stream|Number|Say)\b", twiml)
    return {"Stream": "stream", "Number": "fallback", "Say": "apology"}[found.group(1)] if found else twiml


# --- spoken calls, with simulated ends ------------------------------------------------------------------------

sim = subprocess.Popen([BUILDDIR + "/receptionai-sim-grok", "--listen", "127.0.0.1:0", "--api-key", "test-key"],
                       stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
                       env={**os.environ, "RECEPTIONAI_CONF": "/dev/null"})
url = re.search(r"ws://\S+", sim.stdout.readline()).group(0)
threading.Thread(target=sim.stdout.read, daemon=True).start()
relay = Relay(None, RELAY_SOCKET=path, GROK_URL=url)
site = Site(relay, RELAY_SOCKET=path, RELAY_SOCKET_MS="5000")
relay.sql("UPDATE merchants SET fallback_number = '+15550199' WHERE id = 1")
relay.sql("INSERT INTO merchants(id, name, phone_number) VALUES(2, 'Plain', '+15550101')")
call = site.call

code, summary, timeline = call("--to", "+15550100", "--hangup-after", "5")
tap.ok("a spoken call goes well", code == 0, timeline[-1500:] + relay.log()[-500:])
wait_for(lambda: relay.metric("warm_claimed_total") == 1)
tap.equal("in the session that waited for it", [relay.metric("warm_announced_total"), relay.metric("warm_claimed_total"),
                                               relay.metric("model_dials_total")], [1, 1, 1])
turns = relay.sql("SELECT role, text FROM turns ORDER BY position LIMIT 2")
tap.ok("its transcript begins with the greeting", turns and turns[0] == ("receptionist",
                                                                        "Good evening, this is Bella's."), turns)
tap.equal("its end is recorded", relay.sql("SELECT status, merchant_id FROM calls"), [("ended", 1)])
code, summary, timeline = call("--to", "+15550101", "--hangup-after", "5")
tap.ok("so does one without given words", code == 0, timeline[-1500:] + relay.log()[-500:])
tap.ok("also announced", wait_for(lambda: relay.metric("warm_claimed_total") == 2))
del site.server.settings["RELAY_SOCKET"]
code, summary, timeline = call("--to", "+15550100", "--hangup-after", "5")
tap.ok("and one of a webhook that announces nothing", code == 0, timeline[-1500:] + relay.log()[-500:])
tap.equal("which is dialled when it comes", [relay.metric("warm_announced_total"), relay.metric("model_dials_total")],
          [2, 3])
site.server.settings["RELAY_SOCKET"] = path

# --- Twilio's questions, one by one -----------------------------------------------------------------------------

tap.equal("a call comes in: a stream", kind_of(site.incoming("CAone")), "stream")
tap.equal("its session waits", wait_for(lambda: relay.metric("warm_sessions") == 1), True)
tap.equal("Twilio asks again: a stream", kind_of(site.incoming("CAone")), "stream")
tap.ok("one session for both", wait_for(lambda: relay.metric("warm_repeated_total") == 1))
tap.equal("the caller hangs up before the stream", site.ask("/api/twilio/status", "CallSid=CAone", "AccountSid=AC1",
                                                           "CallStatus=completed", "CallDuration=0"), "204 -")
tap.ok("the session is let go", wait_for(lambda: relay.metric("warm_forgotten_total") == 1))
tap.equal("the record says what Twilio said", relay.row("SELECT status FROM calls WHERE call_sid='CAone'"), "ended")
for status in ("ringing", "in-progress", "CA", ""):
    site.ask("/api/twilio/status", "CallSid=CAone", "AccountSid=AC1", "CallStatus=" + status)
tap.equal("what is no end is not told", relay.metric("warm_forgotten_total"), 1)

# --- the relay cannot --------------------------------------------------------------------------------------------

patient = dict(site.server.settings)
relay.freeze()
site.server.settings["RELAY_SOCKET_MS"] = "50"
tap.equal("a relay that hangs: the fallback number", kind_of(site.incoming("CAhang")), "fallback")
tap.equal("or, without one, an apology", kind_of(site.incoming("CAhang2", "+15550101")), "apology")
relay.thaw()
site.server.settings.update(patient)
tap.ok("nothing is left waiting for it", wait_for(lambda: relay.metric("warm_sessions") == 0))
tap.ok("the log says why", "call diverted call=CAhang relay=absent" in site.log(), site.log()[-500:])
wait_for(lambda: relay.metric("warm_announced_total") == 5)     # what it was told while it hung is counted last
announced = relay.metric("warm_announced_total")
relay.sql("UPDATE calls SET status='transferring', transfer_number='+15550177' WHERE call_sid='CAhang'")
tap.equal("who could not be put through and returns: a stream",
          kind_of(site.ask("/api/twilio/after", "CallSid=CAhang", "AccountSid=AC1", "CallStatus=in-progress",
                           "DialCallStatus=no-answer")), "stream")
tap.equal("without a session of its own: it begins differently", relay.metric("warm_announced_total"), announced)
relay.process.kill()
relay.process.wait()
tap.equal("a relay that was killed: the fallback number", kind_of(site.incoming("CAdead")), "fallback")
tap.equal("or an apology", kind_of(site.incoming("CAdead2", "+15550101")), "apology")
relay.sql("UPDATE calls SET status='transferring', transfer_number='+15550177' WHERE call_sid='CAdead'")
tap.ok("who returns then is asked for a message",
       "<Record" in site.ask("/api/twilio/after", "CallSid=CAdead", "AccountSid=AC1", "CallStatus=in-progress",
                             "DialCallStatus=no-answer"))
code, summary, timeline = call("--to", "+15550100", "--dial-status", "completed")
tap.ok("a phone hears the fallback number ring", code == 0 and "Dial" in timeline, timeline[-1500:])
os.unlink(path)
tap.equal("no socket at all: the fallback number", kind_of(site.incoming("CAnone")), "fallback")
with open(path, "w", encoding="ascii") as f:
    f.write("a file")
tap.equal("something else there: the fallback number", kind_of(site.incoming("CAfile")), "fallback")
os.unlink(path)
site.server.settings["RELAY_SOCKET"] = ""
tap.equal("a webhook that was told of no socket hopes for the best", kind_of(site.incoming("CAhope")), "stream")
sim.terminate()
sim.wait()

grok = Grok()
relay = Relay(grok, RELAY_SOCKET=path, RELAY_MAX_CALLS=1)
relay.sql("UPDATE merchants SET fallback_number = '+15550199' WHERE id = 1")
relay.sql("INSERT INTO merchants(id, name, phone_number) VALUES(2, 'Plain', '+15550101')")
site = Site(relay, RELAY_SOCKET=path, RELAY_SOCKET_MS="5000")
twiml = site.incoming("CA1")
tap.equal("the only call there is room for: a stream", kind_of(twiml), "stream")
wait_for(lambda: relay.metric("warm_sessions") == 1)
tap.equal("the next: the fallback number", kind_of(site.incoming("CA2")), "fallback")
tap.equal("or an apology", kind_of(site.incoming("CA3", "+15550101")), "apology")
tap.ok("the log says why", "call diverted call=CA2 relay=full" in site.log(), site.log()[-500:])
phone = Phone(relay, "CA1", re.search(r'url="ws://[^/]*(/[^"]*)"', twiml).group(1)).start()
tap.ok("the first is served", wait_for(lambda: len(phone.heard) == 4000))
relay.process.terminate()
relay.logged("relay draining")
wait_for(lambda: kind_of(site.incoming("CA4")) != "stream" and "relay=draining" in site.log())
tap.equal("a relay that ends: the fallback number", kind_of(site.incoming("CA5")), "fallback")
tap.equal("or an apology", kind_of(site.incoming("CA6", "+15550101")), "apology")
tap.ok("the log says why", "call diverted call=CA5 relay=draining" in site.log(), site.log()[-500:])
phone.stop()
tap.equal("its last call ends well", phone.wait_closed(), 1000)
tap.equal("exit code 0", relay.stop(), 0)
relay.start()
tap.equal("the relay is back: a stream", kind_of(site.incoming("CA7")), "stream")
tap.finish()
