"""receptionai-ctl against a running relay: list, watch, listen, say, hangup, drain, and who may not."""
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILDDIR, PATIENCE_S, Grok, Phone, Relay, Tap, wait_for  # noqa: E402

tap = Tap()
PROGRAM = BUILDDIR + "/receptionai-ctl"
place = tempfile.TemporaryDirectory(prefix="receptionai-control.")
path = place.name + "/control.sock"
grok = Grok()
relay = Relay(grok, RELAY_CONTROL=path)
environment = {**relay.environment(), "RELAY_CONTROL": path}


def ctl(*words, **more):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=3 * PATIENCE_S,
                          env={**environment, **more})
    return done.returncode, done.stdout, done.stderr


def follow(*words):
    """A command that goes on until the call ends; its output is gathered in a file."""
    out = open(f"{place.name}/{words[-2]}-{words[-1]}", "w+b")
    process = subprocess.Popen([PROGRAM, *words], stdout=out, stderr=subprocess.PIPE, env=environment)
    process.path = out.name
    return process


def content(process):
    with open(process.path, "rb") as f:
        return f.read()


def watched(process):
    return [json.loads(line) for line in content(process).splitlines(keepends=True) if line.endswith(b"\n")]


# --- the command line ----------------------------------------------------------------------------------

tap.ok("no command: exit code 2 and which there are", ctl()[0] == 2 and "transfer" in ctl()[2])
tap.ok("an unknown command: exit code 2", ctl("dance")[0] == 2)
tap.ok("a call is missing: says where to find one", ctl("watch")[0] == 2 and "list shows them" in ctl("watch")[2])
code, out, err = ctl("--socket", place.name + "/nobody", "list")
tap.ok("no relay there: says so", code == 1 and "does the relay run" in err, err)
code, out, err = ctl("list", RELAY_CONTROL="")
tap.ok("no socket set: says which setting", code == 1 and "RELAY_CONTROL" in err, err)
tap.equal("the socket is for its user and group alone", oct(stat.S_IMODE(os.stat(path).st_mode)), "0o660")
tap.equal("no calls: an empty list", ctl("list"), (0, "", ""))
tap.equal("a call that is not there", ctl("hangup", "CA404"), (1, "", "receptionai-ctl: no such call\n"))

# --- a call is watched and heard -----------------------------------------------------------------------

phone = Phone(relay, "CA1").start(callerPhone="+15550123")
session = grok.next()
wait_for(lambda: len(phone.heard) == 4000 and phone.marks)
phone.play_marks()
code, out, err = ctl("list")
tap.ok("the call is listed, its number masked", code == 0 and out.startswith("call=CA1 merchant=1 ") and
       "5550123" not in out and "talking=yes" in out, out)
events, sound = follow("--json", "watch", "CA1"), follow("listen", "CA1")
wait_for(lambda: relay.logged("control command=listen") and "watched=yes" in ctl("list")[1])
wait_for(lambda: len(content(sound)) == 58)
for i in range(100):
    phone.media(bytes([i]) * 160)
session.answer(b"\x33" * 3200, "We are open until nine.")
wait_for(lambda: any(e["event"] == "receptionist" for e in watched(events)))
session.caller("u1", "What are your hours?")
wait_for(lambda: phone.clears == 1)
for i in range(100, 120):
    phone.media(bytes([i]) * 160)
wait_for(lambda: len(content(sound)) == 58 + 2 * 120 * 160)

code, out, err = ctl("say", "CA1", "The manager is on his way.")
tap.equal("say: done", (code, out, err), (0, "", ""))
tap.ok("say: the model was told the exact words", wait_for(lambda: any(
    "The manager is on his way." in json.dumps(m) for m in session.got)), session.kinds())
phone.send("dtmf", dtmf={"track": "inbound_track", "digit": "7"})
wait_for(lambda: any(e["event"] == "key" for e in watched(events)))

tap.equal("hangup: done", ctl("hangup", "CA1")[0], 0)
phone.wait_closed()
tap.equal("and it is the end reason", relay.row("SELECT end_reason FROM calls WHERE call_sid='CA1'"), "operator-hung-up")
tap.equal("watch ends with the call", events.wait(PATIENCE_S), 0)
tap.equal("listen ends with the call", sound.wait(PATIENCE_S), 0)
told = watched(events)
tap.equal("the last event is the end and its reason", (told[-1]["event"], told[-1]["data"]), ("end", "operator-hung-up"))
tap.ok("both sides were shown, the interruption too",
       ("caller", "What are your hours?") in [(e["event"], e.get("data")) for e in told] and
       "clear" in [e["event"] for e in told] and any(e["event"] == "model" for e in told), told)
tap.ok("a key is shown, not which one", not any(e["event"] == "key" and e.get("data") for e in told))
tap.ok("no audio among the events", not any(e["event"].endswith("-audio") for e in told))

wav = content(sound)
pairs = wav[58:]
tap.equal("the WAV's header: mu-law, stereo, 8000 Hz, and its true length at the end",
          (wav[:4], wav[8:16], int.from_bytes(wav[20:22], "little"), int.from_bytes(wav[22:24], "little"),
           int.from_bytes(wav[24:28], "little"), int.from_bytes(wav[54:58], "little")),
          (b"RIFF", b"WAVEfmt ", 7, 2, 8000, len(pairs)))
left = pairs[0::2]
tap.equal("the caller is on the left, nothing missing", left, b"".join(bytes([i]) * 160 for i in range(120)))
tap.ok("what was cleared is not heard on the right", b"\x33" not in pairs[1::2][-20 * 160:])

# --- who goes away, who knows nothing ------------------------------------------------------------------

phone = Phone(relay, "CA2").start()
session = grok.next()
wait_for(lambda: len(phone.heard) == 4000)
gone = follow("--json", "watch", "CA2")
wait_for(lambda: "watched=yes" in ctl("list")[1])
gone.kill()
gone.wait()


def still_watched():
    phone.media(b"\xff" * 160)
    return "watched=yes" in ctl("list")[1]


tap.ok("a watcher that was killed is forgotten", wait_for(lambda: not still_watched()))
tap.equal("an unfinished transfer changes nothing", ctl("transfer", "CA2", "nonsense")[0], 1)


def raw(data):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(PATIENCE_S)
    sock.connect(path)
    answer = b""
    try:
        sock.sendall(data)
        while more := sock.recv(65536):
            answer += more
    except OSError:
        pass
    return answer


tap.ok("garbage gets a sentence", raw(b"\x00\xff\x01 x\n").startswith(b"error the commands are"))
tap.ok("a command without its call gets a sentence", raw(b"say\n").startswith(b"error "))
tap.ok("an endless line gets a sentence", raw(b"a" * 4000).startswith(b"error the line is too long"))
tap.ok("a list takes no more words", raw(b"list CA2\n").startswith(b"error "))
idle = [socket.socket(socket.AF_UNIX) for _ in range(64)]
for sock in idle:
    sock.connect(path)
tap.equal("clients that say nothing cannot shut others out for long", wait_for(lambda: ctl("list")[0] == 0 or None), True)
tap.ok("the call did not notice any of it", phone.closed is None and
       relay.row("SELECT status FROM calls WHERE call_sid='CA2'") == "live")

# --- a person takes over ---------------------------------------------------------------------------------

handed = Phone(relay, "CA3").start()
grok.next()
wait_for(lambda: len(handed.heard) == 4000)
tap.equal("transfer to what is no number", ctl("transfer", "CA3", "12345")[::2],
          (1, "receptionai-ctl: a number is + and 7 to 15 digits\n"))
tap.equal("transfer: done", ctl("transfer", "CA3", "+15550177")[0], 0)


def gone():
    handed.play_marks()
    return handed.closed


tap.ok("the stream ends when the caller has heard the last words", wait_for(gone))
tap.ok("which were said", len(handed.heard) > 4000, len(handed.heard))
tap.equal("the webhook finds the number to ring", relay.sql("SELECT status, transfer_number FROM calls WHERE call_sid='CA3'"),
          [("transferring", "+15550177")])

# --- the end -------------------------------------------------------------------------------------------

watcher = follow("--json", "watch", "CA2")
wait_for(lambda: "watched=yes" in ctl("list")[1])
tap.equal("reload", ctl("reload")[0], 0)
tap.ok("reload is tried", relay.logged("no certificate to reload"))
tap.equal("drain", ctl("drain")[0], 0)
tap.ok("draining begins, the call goes on", relay.logged("relay draining") and phone.closed is None)
phone.stop()
tap.equal("the watcher sees the end", watcher.wait(PATIENCE_S), 0)
tap.equal("the relay ends when its last call has", relay.process.wait(PATIENCE_S), 0)
tap.equal("its socket is gone", os.path.exists(path), False)
for sock in idle:
    sock.close()
tap.finish()
