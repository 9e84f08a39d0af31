"""What is kept of a call's sound, and what becomes of the call when the disk does not take it."""
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILDDIR, Grok, Phone, Relay, Session, Tap, wait_for  # noqa: E402

tap = Tap()
tone = bytes(range(1, 161))


def read(relay, call, name, part=1):
    try:
        with open(f"{relay.spool}/{call}/{part}/{name}", "rb") as f:
            return f.read()
    except OSError:
        return None


def log(relay, call, part=1):
    """The complete lines: (ms, word, {name: value})."""
    found = []
    for line in (read(relay, call, "events.log", part) or b"").decode().split("\n")[:-1]:
        ms, word, *fields = line.split(" ")
        found.append((int(ms), word, dict(f.split("=", 1) for f in fields)))
    return found


def words(relay, call, part=1):
    return [word for _, word, _ in log(relay, call, part)]


def is_locked(relay, call, part=1):
    with open(f"{relay.spool}/{call}/{part}/events.log", "rb") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        except BlockingIOError:
            return True


def is_sound(relay, call, part=1):
    """Every complete line speaks of audio that is there, in order; the tracks hold nothing else, but for a tail."""
    ends = {"in": 0, "out": 0, "far": 0}
    files = {"in": "caller.ulaw", "out": "voice.ulaw", "far": "played.ulaw"}
    lines = log(relay, call, part)
    if not lines or lines[0][1] != "spool" or lines[0][2]["version"] != "1" or lines[0][2]["part"] != str(part):
        return False
    for _, word, fields in lines:
        if word in ends:
            if int(fields["at"]) != ends[word]:
                return False
            ends[word] += int(fields["bytes"])
    return all(len(read(relay, call, files[word], part) or b"") >= end for word, end in ends.items()) and \
        [ms for ms, _, _ in lines] == sorted(ms for ms, _, _ in lines)


def call(relay, sid, **parameters):
    phone = Phone(relay, sid).start(**parameters)
    session = relay.grok.next()
    wait_for(lambda: len(phone.heard) >= 4000)
    return phone, session


def hang_up(phone):
    phone.stop()
    phone.wait_closed()


def closed(relay):
    if not wait_for(lambda: relay.metric("recordings_open") == 0):
        tap.ok("all recordings are closed", False, relay.get("/metrics")[1])


def open_relay(**settings):
    grok = Grok()
    relay = Relay(grok, **settings)
    relay.grok = grok
    return relay


def a_call_is_kept(io):
    relay = open_relay(RELAY_IO=io)
    phone, session = call(relay, "CA1", callerPhone="+15550111", calledNumber="+15550100")
    for i in range(60):
        phone.media(tone, "outbound" if i % 6 == 5 else "inbound")
    wait_for(lambda: len(session.audio) == 50 * 160)
    phone.play_marks()
    tap.ok(f"{io}: while the call lasts its log is locked", wait_for(lambda: words(relay, "CA1")) and
           is_locked(relay, "CA1"))
    hang_up(phone)
    closed(relay)
    lines = log(relay, "CA1")
    tap.equal(f"{io}: the caller's audio is there to the byte", read(relay, "CA1", "caller.ulaw") == tone * 50, True)
    tap.equal(f"{io}: so is what was sent to him", read(relay, "CA1", "voice.ulaw") == phone.heard, True)
    tap.equal(f"{io}: and the track that came back", read(relay, "CA1", "played.ulaw") == tone * 10, True)
    tap.ok(f"{io}: the log is sound", is_sound(relay, "CA1"), lines[:4])
    tap.equal(f"{io}: it says whose call it is", [lines[0][2].get(k) for k in ("call", "stream", "merchant", "caller", "called")],
              ["CA1", "MZCA1", "1", "+15550111", "+15550100"])
    tap.equal(f"{io}: marks went out and came back", [words(relay, "CA1").count(w) for w in ("mark", "back", "in", "far")],
              [2, 2, 50, 10])
    tap.equal(f"{io}: it ends with the reason", (lines[-1][1], lines[-1][2]["reason"]), ("end", "caller-hung-up"))
    tap.ok(f"{io}: nobody holds the lock any more", not is_locked(relay, "CA1"))
    tap.equal(f"{io}: nobody else may read it", [os.stat(f"{relay.spool}/CA1").st_mode & 0o7027,
                                                 os.stat(f"{relay.spool}/CA1/1/voice.ulaw").st_mode & 0o7137], [0, 0])
    tap.equal(f"{io}: the database says that nothing is missing", relay.row("SELECT recording_stopped FROM calls"), None)
    # The same call comes back from a transfer: another stream.
    phone, session = call(relay, "CA1")
    phone.media(tone)
    wait_for(lambda: len(session.audio) == 160)
    hang_up(phone)
    closed(relay)
    tap.ok(f"{io}: its second stream is its second part", is_sound(relay, "CA1", 2) and
           read(relay, "CA1", "caller.ulaw", 2) == tone)
    tap.equal(f"{io}: exit code 0", relay.stop(), 0)


def the_relay_is_killed(io):
    relay = open_relay(RELAY_IO=io)
    phones = [call(relay, f"CA{i}")[0] for i in range(4)]
    for i in range(100):
        for phone in phones:
            phone.media(tone)
        time.sleep(0.005)
    sound = wait_for(lambda: all(words(relay, f"CA{i}").count("in") >= 20 for i in range(4)))
    relay.process.kill()
    relay.process.wait()
    tap.ok(f"{io}: what was written by kill -9 is usable", sound and all(is_sound(relay, f"CA{i}") for i in range(4)))
    tap.ok(f"{io}: and nobody holds its lock", not any(is_locked(relay, f"CA{i}") for i in range(4)))
    before = [read(relay, f"CA{i}", "events.log") for i in range(4)]
    relay.start()
    phone, _ = call(relay, "CA0")
    hang_up(phone)
    closed(relay)
    tap.ok(f"{io}: the next relay leaves it alone", is_sound(relay, "CA0", 2) and
           before == [read(relay, f"CA{i}", "events.log") for i in range(4)])
    relay.stop()


def a_merchant_who_keeps_nothing():
    relay = open_relay()
    relay.sql("INSERT INTO merchants(id, name, phone_number, greeting, recording) VALUES(2, 'B', '+15550102', 'Hi.', 0)")
    phone, session = call(relay, "CA1", calledNumber="+15550102", merchantId="2")
    tap.equal("merchant 1 is the token's", os.listdir(relay.spool), ["CA1"])
    hang_up(phone)
    relay.sql("UPDATE merchants SET recording = 0 WHERE id = 1")
    phone, session = call(relay, "CA2")
    for _ in range(20):
        phone.media(tone)
    wait_for(lambda: len(session.audio) == 3200)
    tap.ok("and the tool to stop a recording is not offered", "stop_recording" not in json.dumps(session.got))
    hang_up(phone)
    closed(relay)
    tap.equal("without recording there is no folder", os.listdir(relay.spool), ["CA1"])
    relay.stop()
    relay = open_relay(RECEPTIONAI_SPOOL="")
    phone, session = call(relay, "CA3")
    hang_up(phone)
    tap.ok("without RECEPTIONAI_SPOOL nothing is recorded", relay.logged("records nothing") and
           relay.metric("recordings_total") == 0)
    relay.stop()


def consent(io):
    relay = open_relay(RELAY_IO=io)
    relay.sql("UPDATE merchants SET recording_consent = 'disclosure', disclosure = 'This call is recorded.'")
    phone = Phone(relay, "CA1").start()
    session = relay.grok.next()
    for _ in range(20):
        phone.media(b"\x11" * 160)
    wait_for(lambda: len(phone.heard) >= 4000)
    wait_for(lambda: phone.marks)
    phone.play_marks()
    wait_for(lambda: len(phone.heard) >= 8000)      # the greeting comes behind it
    wait_for(lambda: "recording" in words(relay, "CA1"))
    phone.send("mark", mark={"name": "x"})
    heard = wait_for(lambda: [f for _, w, f in log(relay, "CA1") if w == "recording"][-1]["on"] == "1")
    for _ in range(20):
        phone.media(b"\x12" * 160)
    wait_for(lambda: session.audio.endswith(b"\x12" * 3200))
    hang_up(phone)
    closed(relay)
    caller, voice = read(relay, "CA1", "caller.ulaw"), read(relay, "CA1", "voice.ulaw")
    tap.ok("with consent, what was heard after the disclosure is kept", heard and caller[-3200:] == b"\x12" * 3200)
    tap.equal("before it the caller is silent, for as long", caller[:-3200] == b"\xff" * 3200, True)
    tap.equal("and so is the receptionist", (voice[:4000] == b"\xff" * 4000, len(voice)), (True, len(phone.heard)))
    tap.equal("then nothing is missing that may be kept", relay.row("SELECT recording_stopped FROM calls"), None)

    phone = Phone(relay, "CA2").start()             # it hangs up before it has heard it
    session = relay.grok.next()
    phone.media(b"\x11" * 160)
    wait_for(lambda: len(phone.heard) >= 4000)
    hang_up(phone)
    closed(relay)
    tap.equal("who hangs up before its end is not recorded", (set(read(relay, "CA2", "caller.ulaw")),
              set(read(relay, "CA2", "voice.ulaw")), relay.row("SELECT recording_stopped FROM calls WHERE call_sid='CA2'")),
              ({255}, {255}, "no-consent"))
    relay.stop()


def consent_again():
    """Who comes back from a transfer begins another stream, which knows nothing of what was heard in the first."""
    relay = open_relay()
    relay.sql("UPDATE merchants SET recording_consent = 'disclosure', disclosure = 'This call is recorded.'")
    phone, session = call(relay, "CA1", resume="no-answer")
    wait_for(lambda: phone.marks)
    phone.play_marks()
    tap.ok("a new stream is recorded once it was heard", wait_for(lambda: [
        f["on"] for _, w, f in log(relay, "CA1") if w == "recording"][-1:] == ["1"]))
    wait_for(lambda: len(phone.heard) >= 8000)
    tap.equal("who comes back from a transfer hears the disclosure again, then why", [
        m["item"]["content"][0]["text"] for m in session.got if m["type"] == "conversation.item.create"
        and m["item"]["type"] == "force_message"],
        ["This call is recorded.", "I am sorry, nobody could be reached. May I take a message?"])
    hang_up(phone)
    closed(relay)
    tap.equal("nothing else is missing", relay.row("SELECT recording_stopped FROM calls"), None)
    relay.stop()


def a_secret(io):
    relay = open_relay(RELAY_IO=io)
    relay.sql("UPDATE merchants SET keypad = 'secret'")
    phone, session = call(relay, "CA1")

    def speak(value, count):
        before = len(session.audio)
        for _ in range(count):
            phone.media(bytes([value]) * 160)
        wait_for(lambda: len(session.audio) == before + count * 160)

    def press(key):
        phone.send("dtmf", dtmf={"track": "inbound_track", "digit": key})
    speak(0x11, 40)
    wait_for(lambda: words(relay, "CA1").count("in") == 40)     # on the disk, before it is known to be a tone
    press("1")
    speak(0x22, 20)
    press("#")
    wait_for(lambda: relay.metric("caller_digits_total") == 2)
    speak(0x33, 10)
    hang_up(phone)
    closed(relay)
    caller = read(relay, "CA1", "caller.ulaw")
    tap.equal(f"{io}: the tones of a secret are silence, also the one that was there before it was known",
              caller == b"\x11" * 3200 + b"\xff" * 6400 + b"\x33" * 1600, True)
    tap.equal(f"{io}: the log says from when and until when", [f["on"] for _, w, f in log(relay, "CA1") if w == "secret"],
              ["1", "0"])
    relay.stop()


def the_caller_objects():
    relay = open_relay()
    phone, session = call(relay, "CA1")
    tap.ok("the model can stop the recording", any(t.get("name") == "stop_recording" for m in session.got
                                                   for t in m.get("session", {}).get("tools", [])))
    phone.media(tone)
    wait_for(lambda: len(session.audio) == 160)
    name = session.begin()
    session.say("response.function_call_arguments.done", response_id=name, item_id="f1", call_id="c1",
                name="stop_recording", arguments="{}")
    session.done()
    told = wait_for(lambda: [m for m in session.got if m.get("item", {}).get("type") == "function_call_output"])
    tap.ok("the model is told that it was done", told and json.loads(told[0]["item"]["output"])["ok"], told)
    for _ in range(10):
        phone.media(tone)
    wait_for(lambda: len(session.audio) == 11 * 160)
    hang_up(phone)
    closed(relay)
    tap.equal("the log says so", [f for _, w, f in log(relay, "CA1") if w == "recording"], [{"on": "0", "why": "withdrawn"}])
    tap.ok("nothing is kept behind it", len(read(relay, "CA1", "caller.ulaw")) <= 160)
    tap.equal("the database too", relay.row("SELECT recording_stopped FROM calls"), "withdrawn")
    tap.equal("and it is counted, not as a fault", (relay.metric("recordings_withdrawn_total"),
                                                    relay.metric("recordings_stopped_total")), (1, 0))
    relay.stop()


def a_folder_that_is_not_there(io):
    relay = open_relay(RELAY_IO=io, RECEPTIONAI_SPOOL="/nonexistent/spool")
    tap.ok(f"{io}: a missing folder is told at the start", relay.logged("relay cannot record folder=/nonexistent/spool"))
    phone, session = call(relay, "CA1")
    phone.media(tone)
    tap.ok(f"{io}: the call goes on", wait_for(lambda: session.audio == tone))
    tap.ok(f"{io}: the log says why it is not recorded", relay.logged("recording stopped call=CA1 why=disk-error step=open"))
    hang_up(phone)
    closed(relay)
    tap.equal(f"{io}: and the database", relay.row("SELECT recording_stopped FROM calls"), "disk-error")
    tap.equal(f"{io}: and the metrics", [relay.metric(m) for m in ("recording_folder_up", "recordings_stopped_total",
                                                                  "recordings_total")], [0, 1, 0])
    relay.stop()


def a_name_that_is_no_name():
    relay = open_relay()
    for sid in ("../CA1", "a/b", ".."):
        phone = Phone(relay, "CA9").start(call_sid=sid)
        phone.wait_closed()
    relay.stop()
    relay = open_relay(RELAY_AUTH="off")
    for sid in ("../CA1", "..", "a/b"):
        phone = Phone(relay, sid, path="/media-stream").start(merchantId="1")
        session = relay.grok.next()
        phone.media(tone)
        wait_for(lambda: phone.closed or session.audio == tone)
        hang_up(phone)
    closed(relay)
    tap.equal("a call's name never leaves the folder", (os.listdir(relay.spool), os.path.exists(relay.work + "/CA1")),
              ([], False))
    relay.stop()


def a_disk_that_is_full(io):
    with tempfile.TemporaryDirectory(prefix="receptionai-full.") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k,mode=0750", "tmpfs", folder], check=True)
        try:
            relay = open_relay(RELAY_IO=io, RECEPTIONAI_SPOOL=folder, SPOOL_FREE_MB=0)
            relay.spool = folder
            phone, session = call(relay, "CA1")
            sent = 0
            while "why=disk-full" not in relay.log() and sent < 3000:
                phone.media(tone)
                sent += 1
                time.sleep(0.002)
            tap.ok(f"{io}: a full disk ends the recording", relay.logged("recording stopped call=CA1 why=disk-full"))
            for _ in range(20):
                phone.media(tone)
            tap.ok(f"{io}: the call goes on", wait_for(lambda: session.audio.endswith(tone * 20)) and phone.closed is None)
            hang_up(phone)
            closed(relay)
            tap.ok(f"{io}: what is there is sound", is_sound(relay, "CA1"), log(relay, "CA1")[-3:])
            tap.equal(f"{io}: the database knows", relay.row("SELECT recording_stopped FROM calls"), "disk-full")
            tap.equal(f"{io}: exit code 0", relay.stop(), 0)
            if io == "uring":
                a_disk_with_little_room(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def a_disk_with_little_room(folder):
    subprocess.run(["mount", "-o", "remount,size=4m", folder], check=True)
    relay = open_relay(RECEPTIONAI_SPOOL=folder, SPOOL_FREE_MB=1)
    relay.spool = folder
    tap.ok("there is room", relay.logged("relay records folder=") and relay.metric("recording_folder_up") == 1)
    phone, session = call(relay, "CA5")
    wait_for(lambda: words(relay, "CA5"))
    with open(folder + "/other", "wb") as f:
        f.write(bytes(3500000))
    tap.ok("recordings end before the disk is full", relay.logged("recording stopped call=CA5 why=disk-full step=room"))
    phone.media(tone)
    tap.ok("the call does not", wait_for(lambda: session.audio == tone))
    other, _ = call(relay, "CA6")
    hang_up(other)
    hang_up(phone)
    closed(relay)
    tap.equal("and none begins", (os.path.exists(folder + "/CA6"), sorted(relay.sql("SELECT recording_stopped FROM calls"))),
              (False, [("disk-full",)] * 2))
    os.unlink(folder + "/other")
    tap.ok("until there is room again", wait_for(lambda: relay.metric("recording_folder_up") == 1))
    phone, _ = call(relay, "CA7")
    hang_up(phone)
    closed(relay)
    tap.ok("then they do", is_sound(relay, "CA7"))
    relay.stop()


def a_disk_that_hangs():
    """Only the helping thread can be made to hang from outside; tests/relay/frozen_disk does it to the kernel's."""
    gate = tempfile.NamedTemporaryFile(delete=False)
    relay = open_relay(RELAY_IO="epoll", LD_PRELOAD=BUILDDIR + "/tests/relay/slow_disk.so", SLOW_DISK_GATE=gate.name,
                       RELAY_THREADS=1)
    phone, session = call(relay, "CA1")
    worst, sent = 0.0, 0
    while "why=disk-slow" not in relay.log() and sent < 2000:
        began = time.monotonic()
        phone.media(tone)
        sent += 1
        wait_for(lambda: len(session.audio) == sent * 160)
        worst = max(worst, time.monotonic() - began)
        time.sleep(0.005)
    tap.ok("a disk that hangs ends the recording", relay.logged("recording stopped call=CA1 why=disk-slow step=wait"))
    tap.ok("every frame passed meanwhile", len(session.audio) == sent * 160)
    print(f"# the slowest of {sent} frames took {worst * 1000:.1f} ms from Twilio to Grok while the disk hung")
    hang_up(phone)
    tap.equal("the call ends, and Twilio is not kept waiting", phone.ended_in_database, "caller-hung-up")
    tap.equal("the recording is what is waited for", relay.metric("recordings_open"), 1)
    relay.process.terminate()
    tap.ok("a relay that ends waits for it", relay.logged("relay draining") and relay.process.poll() is None)
    os.unlink(gate.name)
    tap.equal("and when the disk is there again it ends with 0", relay.stop(), 0)
    tap.ok("with a log that says why", is_sound(relay, "CA1") and
           [f["why"] for _, w, f in log(relay, "CA1") if w == "recording"] == ["disk-slow"])


for backend in ("uring", "epoll"):
    a_call_is_kept(backend)
    the_relay_is_killed(backend)
    a_folder_that_is_not_there(backend)
    a_disk_that_is_full(backend)
    a_secret(backend)
consent("auto")
consent_again()
a_merchant_who_keeps_nothing()
the_caller_objects()
a_name_that_is_no_name()
a_disk_that_hangs()
tap.finish()
