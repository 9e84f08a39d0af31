"""Every way to lose the model, with the real programs and spoken words: what the caller hears, and how the call ends.
All calls at the same time, each with a relay and a Grok of its own."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Relay, Tap, wait_for  # noqa: E402
from spoken import Call, SimGrok  # noqa: E402

GREETING, QUESTION, ANSWER = "How can I help you?", "When do you open?", "We are open"
BACK, MOMENT = "Sorry, the line was interrupted. Please go on.", "One moment, please."

tap = Tap()


class Row:
    """A fault, and what is to come of it: words that the caller hears, a reason, counts of the relay."""

    def __init__(self, name, *faults, reason="caller-hung-up", says=(), counts=None, phone=("--say", QUESTION),
                 calls=1, fallback=False, **settings):
        self.name, self.reason, self.says, self.counts = name, reason, says, counts or {}
        options = [option for fault in faults for option in ("--fault", fault)]
        self.grok = SimGrok(*options, *(("--fault-calls", str(calls)) if options and calls else ()))
        if fallback:
            self.stand_in = SimGrok("--dialect", "openai")
            settings["FALLBACK_API_KEY"] = "other-key"
            settings["FALLBACK_URL"] = f"ws://127.0.0.1:{self.stand_in.port}/v1/realtime"
        self.relay = Relay(self.grok, RELAY_THREADS=1, **settings)
        self.call = Call(self.relay, {"greeting": GREETING}, "--patience", "1500", "--hangup-silence", "3000", *phone)

    def check(self):
        facts, relay = self.call.facts(), self.relay
        said = [text for who, text, cut in facts["turns"] if who == "receptionist"]
        reason = wait_for(lambda: relay.row("SELECT end_reason FROM calls"))
        tap.equal(f"{self.name}: the call ends with {self.reason}", reason, self.reason)
        for words in self.says:
            tap.ok(f'{self.name}: the caller hears "{words}"', any(words in text for text in said),
                   (said, relay.log()[-1200:]))
        for metric, least in self.counts.items():
            tap.ok(f"{self.name}: {metric} counts it", wait_for(lambda: relay.metric(metric) >= least),
                   (relay.metric(metric), relay.log()[-1200:]))
        tap.ok(f"{self.name}: the phone finds nothing wrong with what it was sent", not facts.get("violations"),
               facts.get("violations"))
        tone_s = 0.2 * relay.metric("comfort_messages_total")
        print(f"# {self.name:42} -> {reason or '?':16} tone {tone_s:3.1f} s, heard: {' | '.join(said)[:120]}")
        tap.ok(f"{self.name}: nothing is left over", wait_for(
            lambda: relay.metric("calls") == 0 and relay.metric("pool_used_bytes") == 0))
        tap.equal(f"{self.name}: the relay ends cleanly", relay.stop(), 0)


RESUMED = {"model_lost_total": 1, "model_back_total": 1}
STOOD_IN = {"model_fallbacks_total": 1}

rows = [
    # Lost in the midst of the talk: the same conversation goes on.
    Row("reset in the middle of an answer", "close-mid-delta-1006", says=[ANSWER], counts=RESUMED),
    Row("closed with 1011 in the middle of one", "close-1011", says=[ANSWER], counts=RESUMED),
    Row("closed with 1000 behind one", "close-1000", says=[GREETING, ANSWER], counts=RESUMED),
    Row("max_duration", "max-duration:2500", says=[GREETING, ANSWER], counts=RESUMED),
    Row("timeout", "timeout:2500", says=[GREETING, ANSWER], counts=RESUMED),
    # Grok's pings come every ten seconds: a shorter bound would lose every connection.
    Row("silent, the connection stays", "silent:2500", says=[GREETING, ANSWER], counts=RESUMED, RELAY_IDLE_MS=11000,
        phone=("--say", QUESTION, "--say", QUESTION, "--answer-wait", "20000")),
    Row("the conversation is forgotten", "close-1000", "resume-forgotten", calls=0, says=[GREETING, ANSWER],
        counts={**RESUMED, "model_retold_total": 1}),
    Row("an old session", says=[GREETING, ANSWER], counts={"model_moved_total": 1, "model_back_total": 1},
        GROK_SESSION_MAX_S=3),
    # Lost for good: the second provider, or the webhook's fallback.
    Row("refused, with a second provider", "refuse-503", calls=0, fallback=True, says=[ANSWER], counts=STOOD_IN),
    Row("never ready, with a second provider", "never-ready", calls=0, fallback=True, says=[ANSWER], counts=STOOD_IN,
        GROK_READY_MS=500),
    Row("lost again and again, with a second provider", "close-1011", calls=0, fallback=True, says=[ANSWER],
        counts={**STOOD_IN, "model_retold_total": 1}),
    Row("refused, and nobody else", "refuse-429", calls=0, reason="grok-refused"),
    Row("no upgrade, and nobody else", "hang-upgrade", calls=0, reason="grok-unreachable", GROK_CONNECT_MS=1000),
    Row("lost again and again, and nobody else", "close-1011", calls=0, reason="grok-closed",
        counts={"model_lost_total": 3}),
    # Not lost: slow, or strange.
    Row("24 kHz PCM", "pcm24k", calls=0, says=[GREETING, ANSWER], counts={"model_linear_total": 1}),
    Row("a long silence before the first audio", "stall-before-audio:2500", calls=0, says=[ANSWER],
        counts={"fillers_total": 1}, GROK_AUDIO_MS=1000, phone=("--say", QUESTION, "--answer-wait", "20000")),
    # The other side.
    Row("a caller who says nothing", reason="caller-silent", says=[GREETING, "Are you still there?", "Goodbye!"],
        counts={"silence_prompts_total": 2}, phone=("--stay",), CALLER_SILENCE_S=2),
]
for row in rows:
    row.check()
tap.finish()
