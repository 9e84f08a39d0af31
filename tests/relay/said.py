"""Turns against what was really played: the relay between receptionai-sim-grok, which listens and speaks, and
receptionai-sim-phone, which keeps what the caller heard."""
import json
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests/relay"))
from lab import Relay, Tap, wait_for  # noqa: E402
from spoken import Call, SimGrok  # noqa: E402

tap = Tap()
LOUD = 0xF0             # mu-law without its sign: less is louder
CLOCKS_MS = 250         # two clocks of two programs, on a machine that may be busy
SCRIPT = ("--say", "When do you open?", "--interrupt", "Thank you.@1500", "--say", "Goodbye.")
WORDS = ["When do you open?", "Thank you.", "Goodbye."]


def heard_wav(path):
    """The bytes of a WAV of mu-law."""
    with open(path, "rb") as f:
        data = f.read()
    at = 12
    while data[at:at + 4] != b"data":
        at += 8 + struct.unpack("<I", data[at + 4:at + 8])[0]
    return data[at + 8:at + 8 + struct.unpack("<I", data[at + 4:at + 8])[0]]


class Line:
    """A caller's line of its own: a relay, a Grok, one call."""

    def __init__(self, script, *faults):
        self.grok = SimGrok("--log", "json", *faults)
        self.relay = Relay(self.grok, RELAY_THREADS=1)
        self.wav = tempfile.NamedTemporaryFile(prefix="receptionai-said.", suffix=".wav")
        self.call = Call(self.relay, {"greeting": "Good evening, this is Bella's."}, "--heard", self.wav.name, *script)

    def grok_lines(self, who):
        found = [json.loads(line) for line in self.grok.text().splitlines() if line.startswith('{"session"')]
        return [line["text"] for line in found if line["who"] == who]

    def finish(self):
        facts = self.call.facts()
        print("".join(f"# {line}\n" for line in self.call.done.stderr.splitlines()), end="")
        wait_for(lambda: self.relay.row("SELECT count(*) FROM turns WHERE NOT final") == 0)
        turns = self.relay.sql("SELECT role, text, cut, start_ms, end_ms FROM turns ORDER BY position")
        print("".join(f"# {turn}\n" for turn in turns), end="")
        return facts, heard_wav(self.wav.name), turns


def said_by(turns, role):
    return [turn[1] for turn in turns if turn[0] == role]


def turns_are_what_was_played(name, facts, heard, turns):
    spans = [(start, end) for role, _, _, start, end in turns if role == "receptionist"]
    lasted_ms, played_ms = sum(end - start for start, end in spans), facts["played_bytes"] / 8
    print(f"# {name}: turns of {lasted_ms} ms, played {played_ms:.0f} ms")
    tap.ok(f"{name}: the receptionist's turns last as long as was played", abs(lasted_ms - played_ms) <= CLOCKS_MS,
           (lasted_ms, played_ms))
    stray = sum(1 for i, byte in enumerate(heard) if byte | 0x80 < LOUD and not any(
        start - CLOCKS_MS <= i / 8 <= end + CLOCKS_MS for start, end in spans))
    tap.equal(f"{name}: and nothing was heard outside of them", stray, 0)
    starts = [turn[3] for turn in turns]
    tap.equal(f"{name}: they are in order", starts, sorted(starts))


def an_interruption(line):
    facts, heard, turns = line.finish()
    turns_are_what_was_played("an interruption", facts, heard, turns)
    tap.equal("the caller said what the script says", said_by(turns, "caller"), WORDS)
    whole, kept = line.grok_lines("receptionist"), said_by(turns, "receptionist")
    tap.equal("one answer was cut", [turn[2] for turn in turns if turn[0] == "receptionist"], [0, 1, 0, 0])
    tap.equal("the others are word for word", [kept[0], *kept[2:]], [whole[0], *whole[2:]])
    tap.ok("the cut one is the beginning of what was said", whole[1].startswith(kept[1]) and kept[1] != whole[1],
           (kept[1], whole[1]))
    tap.equal("with the words that Grok keeps", [kept[1]], line.grok_lines("heard"))


def a_hangup(line):
    facts, heard, turns = line.finish()
    turns_are_what_was_played("hanging up", facts, heard, turns)
    whole, last = line.grok_lines("receptionist")[-1], turns[-1]
    tap.ok("the answer that was hung up on is cut", last[0] == "receptionist" and last[2] == 1 and
           whole.startswith(last[1]) and whole != last[1], last)


def texts_that_change(line):
    facts, heard, turns = line.finish()
    turns_are_what_was_played("texts that change", facts, heard, turns)
    tap.equal("only the last words count, once", said_by(turns, "caller"), WORDS)
    tap.equal("an answer is cut though Grok does not say what is left", sum(turn[2] for turn in turns), 1)


lines = [Line(SCRIPT), Line((*SCRIPT[:2], "--hangup-after", "8")),
         Line(SCRIPT, "--fault", "stale-transcript", "--fault", "reworded-transcript", "--fault", "truncate-ignore",
              "--fault", "late-deltas")]
an_interruption(lines[0])
a_hangup(lines[1])
texts_that_change(lines[2])
tap.equal("the relays end cleanly", [line.relay.stop() for line in lines], [0, 0, 0])
tap.finish()
