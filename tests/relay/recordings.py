"""A call as a regression test: recorded streams (tests/media/*.frames) are sent by receptionai-sim-phone --replay, the relay
keeps them in its spool, receptionai-replay makes their sound: the same bytes each time, with io_uring and with epoll, and
the same as from a spool that this test writes itself. A talk in the older dialect is recorded and replayed as well."""
import hashlib
import os
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../media"))
from hand_spool import hand_spool, read_frames, stamps  # noqa: E402
from lab import BUILDDIR, SRCDIR, Grok, Relay, Tap, wait_for  # noqa: E402
from webhook_lab import Site  # noqa: E402

tap = Tap()
work = tempfile.TemporaryDirectory(prefix="receptionai-recordings.")
FILES = ("call.wav", "call-ulaw.wav", "mix.wav", "caller.ulaw", "voice.ulaw")
# SHA-256 of the sound of each recording: of all FILES one after the other.
GOLDEN = {
    "bakery-seed": "4537f14894d3f545cb01cbc9c306fa5274649affaac9af1937111b7ee521376e",
    "bakery-real": "df6c14603022062d7c917aaa4c11dc92702f81a150e784ceb1ba3e2730b35905",
}


def frames_path(name):
    return f"{SRCDIR}/tests/media/{name}.frames"


def content(path):
    with open(path, "rb") as f:
        return f.read()


def render(spool, out):
    """Hash of all that receptionai-replay makes, or what it says."""
    done = subprocess.run([BUILDDIR + "/receptionai-replay", "--out", out, spool], capture_output=True, text=True,
                          timeout=120, check=False)
    if done.returncode:
        return f"exit code {done.returncode}: {done.stderr}"
    return hashlib.sha256(b"".join(content(f"{out}/{name}") for name in FILES)).hexdigest()


class Call(threading.Thread):
    """A relay, a webhook and a stub of Grok of its own; one call; and what is made of its spool, twice."""

    def __init__(self, name, io, script, *arguments, sid="CA5eed0000000000000000000000000001"):
        super().__init__(daemon=True)
        self.name_, self.io, self.script, self.arguments, self.sid = name, io, script, arguments, sid
        self.hash, self.again, self.code = None, None, None
        self.folder = tempfile.mkdtemp(dir=work.name)
        self.start()

    def run(self):
        os.mkdir(self.folder + "/spool")
        relay = Relay(Grok(self.script), RECEPTIONAI_SPOOL=self.folder + "/spool", RELAY_IO=self.io)
        self.code, self.summary, self.timeline = Site(relay).call("--call-sid", self.sid, *self.arguments)
        self.spool = f"{self.folder}/spool/{self.sid}"
        self.ended = wait_for(lambda: self.log().rstrip().rpartition("\n")[2].split(" ")[1:2] == ["end"], 20)
        self.hash = render(self.spool, self.folder + "/made")
        self.again = render(self.spool, self.folder + "/made-again")
        self.relay_log = relay.log()
        relay.stop()

    def log(self):
        try:
            return content(f"{self.spool}/1/events.log").decode()
        except OSError:
            return ""

    def made(self, name):
        return content(f"{self.folder}/made/{name}")

    def note(self):
        return "\n".join([str(self.code), self.timeline[-300:], self.log()[-800:], self.relay_log[-800:]])


def silent(session):
    """Ready, and says nothing."""
    session.hello()
    for message in session.messages():
        if message["type"] == "session.update":
            session.updated()


def talkative(session):
    session.play()


def placed_where_stamped(name, folder):
    """Whether each frame that is heard is where its stamp says: the outbound track exactly, the caller's nearly."""
    made = {"inbound": content(folder + "/caller.ulaw"), "outbound": content(folder + "/voice.ulaw")}
    far = []
    for track, _, ms, audio in stamps(read_frames(frames_path(name))):
        if audio.count(b"\xff") < 40:
            at = made[track].find(audio, max(0, ms * 8 - 480))
            if at < 0 or at - ms * 8 > 480 or (track == "outbound" and at != ms * 8):
                far.append((track, ms, at))
    return far


for name, golden in GOLDEN.items():
    hand_spool(read_frames(frames_path(name)), f"{work.name}/{name}")
    tap.equal(f"{name}: a spool written by hand sounds as it always did",
              render(f"{work.name}/{name}", f"{work.name}/{name}.made"), golden)
    tap.equal(f"{name}: and the same once more", render(f"{work.name}/{name}", f"{work.name}/{name}.again"), golden)
    tap.equal(f"{name}: every frame is where its stamp says", placed_where_stamped(name, f"{work.name}/{name}.made"), [])

calls = []
for name, script, ios in (("bakery-seed", talkative, ("uring", "uring", "epoll")), ("bakery-real", silent, ("uring", "epoll"))):
    for io in ios:
        calls.append(Call(name, io, script, "--replay", frames_path(name)))
first = Call("talk", "uring", talkative, "--dialect", "seed", "--hangup-after", "2.5", "--record", work.name + "/talk.frames",
             sid="CA5eed0000000000000000000000000002")
first.join()
calls.append(Call("talk", "epoll", silent, "--replay", work.name + "/talk.frames", sid=first.sid))
for call in calls:
    call.join()

for call in calls:
    golden = GOLDEN.get(call.name_, first.hash)
    tap.equal(f"{call.name_} through the relay ({call.io}): the call ends well", call.code, 0)
    tap.ok(f"{call.name_} ({call.io}): its spool is whole, written by that ring",
           call.ended and f"ring ready io={call.io}" in call.relay_log, call.note())
    tap.ok(f"{call.name_} ({call.io}): bit for bit the sound that it should be", call.hash == golden,
           f"{call.hash}, {golden} wanted\n{call.note()}")
    tap.equal(f"{call.name_} ({call.io}): and the same once more", call.again, golden)
tap.ok("the talk that was recorded has both tracks, and the receptionist is heard on hers",
       len(first.made("caller.ulaw")) > 12000 and first.made("voice.ulaw").count(b"\x55") > 2000, first.note())
seed = [call for call in calls if call.name_ == "bakery-seed"]
tap.ok("what Grok said besides is not heard where the outbound track tells what was",
       all(os.path.getsize(f"{c.spool}/1/voice.ulaw") > 2000 and b"\x55" * 400 not in c.made("voice.ulaw") for c in seed))
work.cleanup()
tap.finish()
