"""A call is explained by its log lines and its row alone: for each reason that a call can end with, one is provoked, and
what the programs wrote about it must name the cause. Of whole calls no line shows a telephone number, and none that is
about a call lacks its CallSid."""
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILDDIR, PATIENCE_S, SRCDIR, Grok, Phone, Relay, Session, Tap, token, wait_for  # noqa: E402
from tool_lab import Call, listen  # noqa: E402
from webhook_lab import Site  # noqa: E402

tap = Tap()
CALLER, CALLED, PERSON, STAFF = "+14155550123", "+15550100", "+15550199", "+15550177"
explained, everything = set(), []


def lines_of(sid, *sources):
    """What an operator finds with journalctl -g SID."""
    return "\n".join(line for source in sources for line in source.log().splitlines() if sid in line)


def explains(reason, sid, relay, *patterns, site=None, row=True):
    """The row has the reason and its sentence; each pattern is found in a line of that call."""
    sources = [relay] + ([site] if site else [])
    if row:
        told = wait_for(lambda: relay.row("SELECT end_reason FROM calls WHERE call_sid = ?", sid))
        sentence = relay.row("SELECT sentence FROM calls JOIN end_reasons ON word = end_reason WHERE call_sid = ?", sid)
        tap.equal(f"{reason}: the row says so, with a sentence", [told, bool(sentence)], [reason, True])
    wait_for(lambda: all(re.search(p, lines_of(sid, *sources)) for p in patterns), 5 * PATIENCE_S / 60)
    found = lines_of(sid, *sources)
    for pattern in patterns:
        tap.ok(f"{reason}: a line says {pattern}", re.search(pattern, found), found)
    explained.add(reason)
    everything.append((relay, site))


def phone_of(relay, sid, merchant=1, **settings):
    phone = Phone(relay, sid, "/media-stream/" + token(sid, merchant), **settings)
    phone.start(callerPhone=CALLER, calledNumber=CALLED)
    return phone


def greeted(relay, sid):
    phone = phone_of(relay, sid)
    wait_for(lambda: phone.heard)
    return phone


def keep_talking(phone):
    def run():
        while phone.closed is None:
            try:
                phone.media(b"\xff" * 160)
                phone.play_marks()
            except OSError:
                return
            time.sleep(0.02)
    threading.Thread(target=run, daemon=True).start()
    return phone


grok = Grok(listen)
control, notices = "/tmp/receptionai-explained.%d" % os.getpid(), "/tmp/receptionai-explained-n.%d" % os.getpid()
relay = Relay(grok, RELAY_IDLE_MS=2000, RELAY_START_MS=400, RELAY_CONTROL=control, RELAY_SOCKET=notices, RELAY_SOCKET_MS=5000)
site = Site(relay)
relay.sql("UPDATE merchants SET fallback_number = ?, transfer_number = ?", PERSON, STAFF)

# --- ends that are nobody's fault -----------------------------------------------------------------------

phone = greeted(relay, "CAhangup")
phone.stop()
explains("caller-hung-up", "CAhangup", relay, r"call talking call=CAhangup", r"call ended call=CAhangup reason=caller-hung-up "
         r'why="stop message"', r"call quality call=CAhangup merchant=1 dead_air_ms=\d+ .* underruns=0 lag_us_max=\d+")
call = Call(relay, grok)
call.use(("c1", "end_call", "{}"))
explains("receptionist-hung-up", call.sid, relay, "tool over call=.* name=end_call status=ok", "reason=receptionist-hung-up")
call = Call(relay, grok)
call.use(("c1", "transfer_call", '{"reason": "wants a person"}'))
explains("transferred", call.sid, relay, "name=transfer_call status=ok", r"call transferred call=.* to=\+\*+77",
         "reason=transferred", row=False)
phone = keep_talking(greeted(relay, "CAoperator"))
subprocess.run([BUILDDIR + "/receptionai-ctl", "hangup", "CAoperator"], env={**relay.environment()}, check=True,
               timeout=PATIENCE_S, capture_output=True)
explains("operator-hung-up", "CAoperator", relay, "control command=hangup call=CAoperator", "reason=operator-hung-up")
quiet = Relay(Grok(listen), CALLER_SILENCE_S=1)
keep_talking(phone_of(quiet, "CAsilent"))
explains("caller-silent", "CAsilent", quiet, 'reason=caller-silent why="nobody spoke"', r"call quality call=CAsilent merchant=1")
short = Relay(Grok(listen), RELAY_CALL_MAX_S=1)
keep_talking(phone_of(short, "CAlong"))
explains("call-too-long", "CAlong", short, "reason=call-too-long why=")
site.ask("/api/twilio/status", "CallSid=" + call.sid, "AccountSid=AC1", "CallStatus=completed", "CallDuration=3")
relay.sql("UPDATE merchants SET calls_max = 1")
first = keep_talking(greeted(relay, "CAfirst"))
phone_of(relay, "CAsecond")
explains("over-limit", "CAsecond", relay, "call over limit call=CAsecond merchant=1 limit=calls", "reason=over-limit")
relay.sql("UPDATE merchants SET calls_max = NULL")
first.stop()
relay.sql("INSERT INTO caller_rules(merchant_id, number, rule, created_ms) VALUES(1, ?, 'block', 0)", CALLER)
site.incoming("CArejected")
explains("rejected", "CArejected", relay, r"call screened call=CArejected merchant=1 from=\+\*+23 verdict=reject "
         "reason=blocked", "call planned call=CArejected .* next=reject handled=rejected", site=site)
relay.sql("DELETE FROM caller_rules")
relay.sql("UPDATE merchants SET after_hours = 'closed'")
relay.sql("INSERT INTO merchant_days(merchant_id, day) VALUES(1, strftime('%Y-%m-%d', 'now')), "
          "(1, strftime('%Y-%m-%d', 'now', '-1 day')), (1, strftime('%Y-%m-%d', 'now', '+1 day'))")
site.incoming("CAclosed")
explains("after-hours", "CAclosed", relay, "call planned call=CAclosed .* handled=notice", site=site)
relay.sql("UPDATE merchants SET after_hours = 'ai'")
order = "0123456789abcdef" * 2
relay.sql("INSERT INTO outgoing_calls(id, merchant_id, number, created_ms, call_sid) VALUES(?, 1, ?, 1, 'CAmachine')", order,
          CALLER)
relay.sql("INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, direction) "
          "VALUES('CAmachine', 1, ?, ?, 1, 'outbound')", CALLER, CALLED)
site.ask("/api/twilio/outgoing?id=" + order, "CallSid=CAmachine", "AccountSid=AC1", "To=" + CALLER, "From=" + CALLED,
         "CallStatus=in-progress", "AnsweredBy=machine_start")
explains("machine-answered", "CAmachine", relay, r"call answered call=CAmachine merchant=1 to=\+\*+23 by=machine_start",
         site=site)

# --- Twilio's side --------------------------------------------------------------------------------------

greeted(relay, "CAtwilio").ws.send(b"\x03\xe8", 8)
explains("twilio-closed", "CAtwilio", relay, "reason=twilio-closed why=\"Twilio's connection is over\"")
phone = greeted(relay, "CAidle")
phone.ws.answers_pings = False
explains("phone-idle", "CAidle", relay, 'reason=phone-idle why="Twilio is silent"')
phone = greeted(relay, "CAprotocol")
phone.start()
explains("phone-protocol", "CAprotocol", relay, 'reason=phone-protocol why="a second start message"')
phone = greeted(relay, "CAreset")
phone.sock.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")        # SO_LINGER: a reset
phone.sock.close()
explains("phone-reset", "CAreset", relay, "reason=phone-reset")
Phone(relay, "CAnostart")
explains("start-timeout", "CAnostart", relay, 'reason=start-timeout why="no start message in time"')
Phone(relay, "CAmismatch").start(call_sid="CAother")
explains("start-mismatch", "CAmismatch", relay, "reason=start-mismatch")
phone_of(relay, "CAnobody", merchant=77)
explains("merchant-unknown", "CAnobody", relay, 'reason=merchant-unknown why="no such merchant, or not active" merchant=77',
         row=False)
site.incoming("CAnostream")
site.ask("/api/twilio/status", "CallSid=CAnostream", "AccountSid=AC1", "CallStatus=completed", "CallDuration=3")
explains("no-stream", "CAnostream", relay, "call planned call=CAnostream .* next=stream",
         "call status call=CAnostream value=completed", site=site)

# --- Grok's side ----------------------------------------------------------------------------------------


def stay(session):
    for _ in session.messages():
        pass


def a_grok(reason, sid, *patterns, play=Session.play, status=101, **settings):
    one = Relay(Grok(play, status=status), RELAY_THREADS=1, RELAY_IDLE_MS=2500, GROK_CONNECT_MS=800, GROK_READY_MS=500, **settings)
    keep_talking(phone_of(one, sid))
    explains(reason, sid, one, rf"call ended call={sid} reason={reason} why=\"[^\"]+\"", *patterns)


def a_frame_too_long(session):
    session.hello()
    session.ws.raw(session.ws.frame(b"", length=1 << 40))
    stay(session)


def other_audio(session):
    session.hello()
    for message in session.messages():
        if message["type"] == "session.update":
            session.updated("audio/pcma")


nobody = Relay(None, GROK_CONNECT_MS=500, RELAY_THREADS=1)
phone_of(nobody, "CAunreachable")
explains("grok-unreachable", "CAunreachable", nobody, 'grok connection failed call=CAunreachable text="cannot connect: Connection refused"',
         "call model lost call=CAunreachable provider=grok loss=unreachable",
         "reason=grok-unreachable")
a_grok("grok-refused", "CArefused", "grok connection failed call=CArefused .*401", "call model lost call=CArefused .* loss=denied", status=401)
a_grok("grok-closed", "CAgone", "call model lost call=CAgone .* loss=closed", play=lambda s: s.ws.send(b"\x03\xe8", 8) or stay(s))
a_grok("grok-stalled", "CAstalled", "call model lost call=CAstalled .* loss=stalled", play=stay)
a_grok("grok-protocol", "CAgarbage", "call model lost call=CAgarbage .* loss=protocol", play=a_frame_too_long)
a_grok("grok-wrong-audio", "CAaudio", "call model lost call=CAaudio .* loss=wrong-audio", play=other_audio)

# --- our side -------------------------------------------------------------------------------------------


def flood(session):
    session.hello()
    for message in session.messages():
        if message["type"] == "session.update":
            session.updated()
        elif message["type"] == "conversation.item.create":
            session.begin()
            for _ in range(100):
                session.delta(b"\x21" * 48000)


full = Relay(Grok(flood), RELAY_THREADS=1, RELAY_IDLE_MS=2000)
phone = Phone(full, "CAfull", "/media-stream/" + token("CAfull"))
phone.slow.clear()
phone.start(callerPhone=CALLER, calledNumber=CALLED)
keep_talking(phone)
explains("overflow", "CAfull", full, 'reason=overflow why="Twilio does not take its audio"')
brief = Relay(Grok(listen), RELAY_DRAIN_S=0)
keep_talking(greeted(brief, "CAshutdown"))
brief.process.terminate()
brief.process.wait(PATIENCE_S)
explains("shutdown", "CAshutdown", brief, 'reason=shutdown why="the relay is stopping"')
lost = Relay(Grok(listen), RELAY_SOCKET=notices + "l", RELAY_SOCKET_MS=5000)
behind = Site(lost)
keep_talking(greeted(lost, "CAkilled"))
wait_for(lambda: lost.row("SELECT answered_ms FROM calls WHERE call_sid = 'CAkilled'"))
lost.process.kill()
lost.process.wait()
behind.ask("/api/twilio/stream-status", "CallSid=CAkilled", "AccountSid=AC1", "StreamEvent=stream-error",
           "StreamError=Stream connection closed", "StreamSid=MZCAkilled")
behind.ask("/api/twilio/after", "CallSid=CAkilled", "AccountSid=AC1", "CallStatus=in-progress")
behind.ask("/api/twilio/status", "CallSid=CAkilled", "AccountSid=AC1", "CallStatus=completed", "CallDuration=9")
explains("unreported", "CAkilled", lost, "call talking call=CAkilled", "call stream-error call=CAkilled",
         "call planned call=CAkilled row=open", "call status call=CAkilled value=completed", site=behind)
os.rename(lost.database, lost.database + ".gone")
behind.incoming("CAnodb")
explains("database", "CAnodb", lost, r"db open failed call=CAnodb result=\w+ .*why=\".*(unable to open|No such file|no such)",
         "call planned call=CAnodb", site=behind, row=False)

# What no call can be brought to from outside: its line is written by the same function as all others'.
explained.add("pool-exhausted")
with open(SRCDIR + "/base/end_reason.h", encoding="utf-8") as table:
    reasons = set(re.findall(r"\tEND\([A-Z_]+, (?:ok|fault), \"([a-z-]+)\"", table.read()))
tap.equal("every reason of the table was looked at", sorted(reasons - explained), [])

with open(SRCDIR + "/db/README.md", encoding="utf-8") as recipe, open(SRCDIR + "/base/end_reason.h", encoding="utf-8") as table:
    faults = set(re.findall(r"\tEND\([A-Z_]+, fault, \"([a-z-]+)\"", table.read()))
    told = {word for cell in re.findall(r"^\| (`[a-z].*?) \|", recipe.read(), re.M) for word in re.findall("`([a-z-]+)`", cell)}
tap.equal("the recipe of db/README.md has a row for each that is a fault", sorted(faults - told), [])

# --- a whole call, from its first ring to its video, as the journal gets it ----------------------------------

journal = Relay(Grok(), RELAY_SOCKET=notices + "j", RELAY_SOCKET_MS=5000, JOURNAL_STREAM="8:1")
front = Site(journal)
code, told, note = front.call()
sid = told.get("call_sid", "none")
tap.ok("a whole call is made", code == 0, note)
wait_for(lambda: journal.row("SELECT handled FROM calls WHERE call_sid = ?", sid))
media = journal.work + "/media"
os.mkdir(media)
worker = subprocess.run([BUILDDIR + "/receptionai-worker", "--once"], capture_output=True, text=True, timeout=4 * PATIENCE_S, check=False,
                        env={**os.environ, **journal.settings, "PUBLIC_URL": "https://voice.example.com",
                             "MEDIA_DIR": media, "SUMMARY_URL": ""})
tap.equal("and the worker does what is left to do", worker.returncode, 0)
whole = journal.log() + front.log() + worker.stderr
about_call = [line for line in whole.splitlines() if sid in line]
for step in ("webhook: call incoming", "webhook: call planned .* next=stream", "relay: session claimed", "relay: call talking",
             "relay: call ended .* reason=caller-hung-up", "relay: call quality", "webhook: call planned .* handled=receptionist",
             "webhook: call status .* value=completed", "worker: job done .* kind=assemble", "worker: upload kept .* file=video.mp4",
             "worker: job done .* kind=upload"):
    tap.equal(f"one line says: {step}", sum(bool(re.search(step, line)) for line in about_call), 1)
tap.ok("every line has its priority and its program", all(
    re.match(r"<[3467]>receptionai-(relay|webhook|worker): [a-z]", line) for line in whole.splitlines()), whole[:1500])
tap.equal("no line shows a whole number", [line for line in whole.splitlines() if re.search(r"\+\d{6}|4155550123|5550100", line)], [])
owned = re.compile(r": (call|session|job|upload|notice|video|recording|spool|tool|grok) (?!.*\bcall=" + sid + r"\b)")
tap.equal("and none that belongs to the call lacks its name", [line for line in whole.splitlines() if owned.search(line)], [])

# --- all that was written -------------------------------------------------------------------------------

logs = {source.log_path: source.log() for pair in everything for source in pair if source}
text = "".join(logs.values())
digits = [n[1:] for n in (CALLER, CALLED, PERSON, STAFF)]
shown = [line for line in text.splitlines() if any(d in line for d in digits)]
tap.equal("no line shows a telephone number", shown, [])
# The first word is the noun: lines about a call, and about what belongs to one, name it.
nouns = re.compile(r": (?:debug|info|warn|error): (call|session|tool|grok|recording|notice call) ")
nameless = [line for line in text.splitlines() if nouns.search(line) and not re.search(r"\bcall=[A-Za-z0-9_-]+", line)]
tap.equal("every line about a call has its CallSid, bare", nameless, [])
tap.ok("each event is one line that begins with its time and program", all(
    re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z receptionai-(relay|webhook): (debug|info|warn|error): [a-z]", line)
    for line in text.splitlines()), [line for line in text.splitlines() if not re.match(r"\d{4}-", line)][:5])
tap.ok("what was said is in no line", not re.search("Good evening|wants a person", text))
for path in (control, notices, notices + "l", notices + "j"):
    if os.path.exists(path):
        os.unlink(path)
tap.finish()
