"""Spoken calls that are interrupted, through the real relay: the rebuilt track against the phone's own record of what it
played. Each 20 ms of speech that was heard are looked for in it; the table tells how far from their place they are."""
import os
import subprocess
import sys
import tempfile

SRCDIR = os.environ.get("srcdir", ".")
sys.path.insert(0, SRCDIR + "/tests/relay")
from lab import BUILDDIR, Tap, wait_for  # noqa: E402
from spoken import Call, spoken  # noqa: E402

GREETING = ("Thank you for calling the restaurant. We are open from nine in the morning until ten in the evening, "
            "every day but Monday. How can I help you?")
FRAME, REACH = 160, 2400
# A frame of speech is told by its bytes; of silence there is more than one.
VARIETY = 40

tap = Tap()
work = tempfile.TemporaryDirectory(prefix="receptionai-heard.")


def content(path):
    with open(path, "rb") as f:
        return f.read()


def speech(track):
    for at in range(0, len(track) - FRAME, FRAME):
        if len(set(track[at:at + FRAME])) >= VARIETY:
            yield at, track[at:at + FRAME]


def has_ended(spool):
    try:
        return content(f"{spool}/1/events.log").rstrip().rpartition(b"\n")[2].split(b" ")[1] == b"end"
    except (OSError, IndexError):
        return False


def judge(name, call, spool, heard_path):
    facts = call.facts()
    ended = wait_for(lambda: has_ended(spool), 20)
    done = subprocess.run([BUILDDIR + "/receptionai-replay", "--out", heard_path + ".made", spool], check=False,
                          capture_output=True, text=True, timeout=60)
    tap.ok(f"{name}: its spool is replayed", ended and done.returncode == 0 and done.stderr == "", done.stderr)
    heard, voice = content(heard_path).partition(b"data")[2][4:], content(heard_path + ".made/voice.ulaw")
    found = {at: voice.find(frame, max(0, at - REACH), at + REACH + FRAME) for at, frame in speech(heard)}
    errors = sorted(abs(there - at) / 8 for at, there in found.items() if there >= 0)
    never = sum(frame not in heard for _, frame in speech(voice))
    median, most = errors[len(errors) // 2], errors[len(errors) * 99 // 100]
    print(f"# {name}: {facts.get('clears')} clears of {facts.get('cleared_bytes')} bytes, {len(found)} frames heard, "
          f"{len(found) - len(errors)} not found, {never} never heard, |error| median {median} p99 {most} ms", flush=True)
    tap.ok(f"{name}: it was interrupted", facts.get("clears") == 1 and len(found) > 100, facts)
    # A frame beside a hole or a cut is no frame of the other track.
    tap.ok(f"{name}: all that was heard is there", len(found) - len(errors) <= 10 + len(found) // 50, found)
    tap.ok(f"{name}: nothing that was never heard", never <= 10 + len(found) // 50, never)
    # The log counts whole milliseconds: all of one call may be one of them beside its place.
    tap.ok(f"{name}: where it was heard", median <= 2 and most <= 40, (median, most))


calls = []
for name, options in (("fast", ()), ("slow", ("--fault", "slow-generation:1", "--fault", "late-deltas:3"))):
    spools = f"{work.name}/{name}"
    os.mkdir(spools)
    relay, grok = spoken(*options, RECEPTIONAI_SPOOL=spools)
    for ms in (1500, 2900):
        path = f"{work.name}/{name}.{ms}"
        calls.append((f"{name} at {ms} ms", Call(relay, {"greeting": GREETING}, "--interrupt", f"When do you open?@{ms}",
                                                 "--heard", path), spools, path, relay, grok))
for name, call, spools, path, _, _ in calls:
    judge(name, call, f"{spools}/{call.sid}", path)
for *_, relay, grok in calls[::2]:
    relay.stop()
    grok.stop()
tap.finish()
