"""Interruptions, as a caller would notice them: while Grok generates, after it, a cough, protected words, a deaf Grok."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Tap  # noqa: E402
from spoken import Call, spoken  # noqa: E402

LONG = ("Thank you for calling the restaurant. We are open from nine in the morning until ten in the evening, "
        "every day but Monday. How can I help you?")
DISCLOSURE = "This call is recorded for quality. If you do not agree, please hang up now and write to us instead."
QUESTION = "When do you open?"
PLEA = "I would like to speak to somebody, please. It is urgent. Do you hear me?"

tap = Tap()
plain, plain_grok = spoken()
slow, slow_grok = spoken("--fault", "slow-generation:1", "--fault", "late-deltas:3")
deaf, deaf_grok = spoken("--fault", "no-speech-started")

calls = {
    "after": Call(plain, {"greeting": LONG}, "--interrupt", QUESTION + "@2000"),
    "cough": Call(plain, {"greeting": LONG, "hold_off_ms": 400}, "--interrupt", "Ah@2000"),
    "patient": Call(plain, {"greeting": LONG, "hold_off_ms": 400}, "--interrupt", QUESTION + "@2000"),
    "disclosure": Call(plain, {"greeting": "How can I help you?", "disclosure": DISCLOSURE}, "--interrupt",
                       QUESTION + "@1500"),
    "while": Call(slow, {"greeting": LONG}, "--interrupt", QUESTION + "@2000"),
    "deaf": Call(deaf, {"greeting": LONG}, "--interrupt", PLEA + "@2000"),
    "deafer": Call(deaf, {"greeting": LONG, "local_vad": 0}, "--interrupt", PLEA + "@2000"),
}
facts = {name: call.facts() for name, call in calls.items()}


def words(name):
    return [text for who, text, cut in facts[name]["turns"] if who == "receptionist"]


def cuts(name):
    return [cut for who, text, cut in facts[name]["turns"] if who == "receptionist"]


def is_cut(name):
    return len(words(name)) >= 2 and cuts(name)[0] == 1 and LONG.startswith(words(name)[0]) and words(name)[0] != LONG


for name, found in facts.items():
    tap.ok(f"{name}: the phone finds nothing wrong with the call", found["ok"] and not found.get("violations"), found)

tap.ok("after generation: the buffer is cleared once, several seconds of it", facts["after"]["clears"] == 1 and
       facts["after"]["cleared_bytes"] > 8000, facts["after"])
tap.ok("the transcript ends where the caller stopped hearing", is_cut("after"), facts["after"]["turns"])
tap.ok("Grok was told the same words", f'"who":"heard"' in plain_grok.text() and
       f'"text":"{words("after")[0]}"' in plain_grok.text(), plain_grok.text())
tap.ok("and the question is answered", len(words("after")) == 2 and "We are open" in words("after")[1],
       facts["after"]["turns"])

tap.ok("while generating: the buffer is cleared once", facts["while"]["clears"] == 1, facts["while"])
tap.ok("late deltas are not heard", slow.metric("voice_deltas_fenced_total") > 0 and is_cut("while"),
       facts["while"]["turns"])
tap.ok("what was cancelled is not truncated", slow.metric("truncates_total") == 0 and '"who":"heard"' not in
       slow_grok.text(), slow_grok.text())

tap.equal("a cough within the confirm window clears nothing", facts["cough"]["clears"], 0)
tap.equal("and all of the greeting is heard", (words("cough")[:1], cuts("cough")[:1]), ([LONG], [0]))
tap.ok("who goes on speaking interrupts all the same", facts["patient"]["clears"] == 1 and is_cut("patient"),
       facts["patient"])

tap.equal("a protected disclosure is heard whole, first, and the greeting behind it",
          (facts["disclosure"]["clears"], words("disclosure")[:2]), (0, [DISCLOSURE, "How can I help you?"]))
tap.ok("what the caller asked meanwhile is answered", "We are open" in "".join(words("disclosure")[2:]),
       facts["disclosure"]["turns"])

tap.ok("a Grok that tells of no speech: the relay hears it itself", facts["deaf"]["clears"] == 1 and is_cut("deaf"),
       facts["deaf"])
tap.equal("once", (deaf.metric("barge_ins_by_ear_total"), deaf.metric("truncates_total")), (1, 1))
tap.equal("but not where the merchant does not want it", facts["deafer"]["clears"], 0)

for relay, grok in ((plain, plain_grok), (slow, slow_grok), (deaf, deaf_grok)):
    relay.stop()
    grok.stop()
    tap.ok("Grok's strictness has nothing to say", "violations=0" in grok.text().rsplit("server ended", 1)[-1] and
           "client_faults=0" in grok.text().rsplit("server ended", 1)[-1], grok.text()[-600:])
tap.finish()
