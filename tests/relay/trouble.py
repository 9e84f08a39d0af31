"""The model is lost in the midst of a call: the caller stays, hears a tone, and the conversation goes on; or the call
ends with its reason, so that Twilio asks the webhook what to do. Stubs on both sides: every byte is known."""
import math
import os
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Grok, Phone, Relay, Tap, wait_for  # noqa: E402
from line import (BACK, GREETING, HERE, VOICE, Line, close, cut, garbage, max_duration, reply, reset, stall,  # noqa
                  talk, tone, words)

tap = Tap()
# --- lost, and resumed ---------------------------------------------------------------------------------

LOSSES = {"closed": close, "cut": cut, "reset": reset, "stalled": stall, "max-duration": max_duration,
          "protocol": garbage}


def resumes(name, fault):
    def broken(session, number, text):
        reply(session, GREETING)
        fault(session)
        return True
    line = Line(talk(broken), talk())
    relay = Relay(line, RELAY_IDLE_MS=1500, RELAY_THREADS=1)
    phone = Phone(relay, "CA1").start()
    wait_for(lambda: len(phone.heard) >= len(GREETING))
    keep = threading.Event()

    def speak():
        while not keep.is_set() and phone.closed is None:
            try:
                phone.media(b"\xff" * 160)        # silent: a voice would interrupt
                phone.play_marks()
            except OSError:
                return
            time.sleep(0.02)
    threading.Thread(target=speak, daemon=True).start()
    tap.ok(f"{name}: a second connection goes on with the call",
           wait_for(lambda: relay.metric("model_back_total") == 1), relay.log()[-800:])
    tap.ok(f"{name}: it names the conversation", "conversation_id=c1" in line.sessions[1].head, line.sessions[1].head)
    update = next(m for m in line.sessions[1].got if m["type"] == "session.update")
    tap.ok(f"{name}: and brings instructions and formats again", "Bella's" in update["session"]["instructions"] and
           update["session"]["audio"]["output"]["format"] == {"type": "audio/pcmu"})
    # What was lost without a pause (max_duration) is replaced before anybody would notice.
    noticed = relay.metric("comfort_messages_total") > 0
    tap.ok(f"{name}: the caller hears a tone, unless it went too fast for one",
           (len(tone(phone.heard)) > 200) == noticed and (noticed or name == "max-duration"), len(tone(phone.heard)))
    tap.ok(f"{name}: and then that it is back", not noticed or wait_for(lambda: HERE in phone.heard), len(phone.heard))
    tap.equal(f"{name}: in these words", [words(m) for m in line.sessions[1].got if words(m)], [BACK] * noticed)
    tap.ok(f"{name}: the caller's audio flows again", wait_for(lambda: len(line.sessions[1].audio) > 1600))
    keep.set()
    tap.equal(f"{name}: nothing is told twice to whom it knows", relay.metric("model_retold_total"), 0)
    tap.ok(f"{name}: what is replayed is seen for what it is", relay.metric("model_replayed_total") >= 3)
    phone.stop()
    tap.equal(f"{name}: the caller hangs up in his own time", phone.wait_closed(), 1000)
    turns = relay.sql("SELECT text FROM turns WHERE call_sid='CA1'")
    tap.ok(f"{name}: nor does it become turns", ("Said before.",) not in turns and turns, turns)
    tap.equal(f"{name}: the call ended as any other", relay.row("SELECT end_reason FROM calls"), "caller-hung-up")
    tap.equal(f"{name}: nothing is left over", [wait_for(lambda: relay.metric("calls") == 0),
                                                wait_for(lambda: relay.metric("pool_used_bytes") == 0)], [True, True])
    tap.equal(f"{name}: the relay ends cleanly", relay.stop(), 0)


for loss, how in LOSSES.items():
    resumes(loss, how)

# --- lost for good -------------------------------------------------------------------------------------


def greets_then(fault):
    def broken(session, number, text):
        reply(session, GREETING)
        fault(session)
        return True
    return talk(broken)


line = Line(greets_then(close), close)
relay = Relay(line, RELAY_THREADS=1)
phone = Phone(relay, "CA2").start()
tap.equal("no second chance comes to anything: Twilio is told", phone.wait_closed(), 1011)
tap.equal("and the webhook that Grok closed", phone.ended_in_database, "grok-closed")
tap.equal("it was tried twice", [line.count, relay.metric("model_lost_total")], [3, 3])
tap.ok("after half a second, then a whole one: a tone was heard meanwhile", len(tone(phone.heard)) > 1000)
tap.equal("the relay ends cleanly", relay.stop(), 0)

# --- the second provider -------------------------------------------------------------------------------


def openai(session):
    """OpenAI's shape: no force_message, no conversation; words come as instructions."""
    session.items = []
    session.say("session.created", session={"type": "realtime", "id": "s", "model": "gpt-realtime"})
    for message in session.messages():
        if message["type"] == "session.update":
            assert message["session"]["type"] == "realtime", message
            session.say("session.updated", session={
                "type": "realtime", "output_modalities": ["audio"], "audio": {
                    "input": {"format": {"type": "audio/pcmu"}, "turn_detection": {"type": "server_vad"}},
                    "output": {"format": {"type": "audio/pcmu"}, "voice": "marin"}}})
        elif message["type"] == "conversation.item.create":
            session.items.append((message["item"]["role"], message["item"]["content"][0]["text"]))
        elif message["type"] == "response.create":
            reply(session, HERE, "I stand in.")


def heard_by_now(audio):
    """The phone has played all of it and says so; the relay knows."""
    wait_for(lambda: phone.heard == audio)
    wait_for(lambda: phone.play_marks() or relay.metric("marks_played_total") == relay.metric("marks_sent_total") > 0)


def conversation_then(fault):
    """A greeting, a question of the caller's, an answer; then the end of it."""
    def broken(session, number, text):
        reply(session, GREETING, "Good evening.")
        heard_by_now(GREETING)
        session.caller("u1", "A table for two, please.")
        session.say("input_audio_buffer.committed", item_id="u1")
        reply(session, VOICE, "For when?")
        heard_by_now(GREETING + VOICE)
        session.caller("u2", "Tomorrow at seven.")
        session.say("input_audio_buffer.committed", item_id="u2")
        fault(session)
        return True
    return talk(broken)


stand_in = Grok(openai)
line = Line(conversation_then(reset), reset)
relay = Relay(line, RELAY_THREADS=1, FALLBACK_URL=f"ws://127.0.0.1:{stand_in.port}/v1/realtime",
              FALLBACK_API_KEY="other-key", FALLBACK_MODEL="gpt-x")
phone = Phone(relay, "CA3")
phone.start()
tap.ok("Grok is gone: the second provider speaks", wait_for(lambda: phone.play_marks() or HERE in phone.heard),
       relay.log()[-1500:])
session = stand_in.next()
tap.ok("it is told its own key and model", "Authorization: Bearer other-key" in session.head and
       "model=gpt-x" in session.head and "conversation_id" not in session.head, session.head)
tap.equal("and, word for word and in order, what was said", session.items, [
    ("assistant", "Good evening."), ("user", "A table for two, please."), ("assistant", "For when?"),
    ("user", "Tomorrow at seven.")])
tap.equal("counted", relay.metric("model_fallbacks_total"), 1)
phone.stop()
tap.equal("that call ends as any other", phone.wait_closed(), 1000)
tap.equal("with all its turns", relay.sql("SELECT role, text FROM turns WHERE call_sid='CA3' ORDER BY position"), [
    ("receptionist", "Good evening."), ("caller", "A table for two, please."), ("receptionist", "For when?"),
    ("caller", "Tomorrow at seven."), ("receptionist", "I stand in.")])
tap.equal("the relay ends cleanly, two providers", relay.stop(), 0)

# --- another audio than was asked for ------------------------------------------------------------------


def pcm_tone(ms, hz=1000, size=8000):
    return b"".join(struct.pack("<h", round(size * math.sin(2 * math.pi * hz * n / 24000))) for n in range(24 * ms))


def decode(byte):
    bits = byte ^ 0xFF
    value = (((bits & 15) << 3) + 132 << (bits >> 4 & 7)) - 132
    return -value if bits & 128 else value


def loudness(samples, rate, hz):
    """Of one pitch; everything else is what remains."""
    half = [sum(s * f(2 * math.pi * hz * n / rate) for n, s in enumerate(samples)) for f in (math.cos, math.sin)]
    return 2 * math.hypot(*half) / len(samples)


def speaks_pcm(says_so):
    def act(session):
        session.hello()
        for message in session.messages():
            if message["type"] == "session.update" and says_so:
                session.say("session.updated", session={
                    "turn_detection": {"type": "server_vad"}, "audio": {
                        side: {"format": {"type": "audio/pcm", "rate": 24000}} for side in ("input", "output")}})
            elif message["type"] == "session.update":
                session.updated()
            elif words(message) is not None:
                session.begin()
                session.delta(pcm_tone(300), ms=300)
                session.delta(pcm_tone(300), ms=300)
                session.done()
    return act


for says_so in (True, False):
    name = "24 kHz, and says so" if says_so else "24 kHz, though it agreed to mu-law"
    line = Line(speaks_pcm(says_so))
    relay = Relay(line, RELAY_THREADS=1)
    phone = Phone(relay, "CA9").start()
    tap.ok(f"{name}: as long as it is, it is heard", wait_for(lambda: len(phone.heard) == 4800), len(phone.heard))
    heard = [decode(byte) for byte in phone.heard[160:2400]]
    power = math.sqrt(sum(s * s for s in heard) / len(heard) * 2)
    tap.ok(f"{name}: as the tone that it is, not as static", abs(loudness(heard, 8000, 1000) - 8000) < 300 and
           abs(power - 8000) < 300, (loudness(heard, 8000, 1000), power))
    for _ in range(50):
        phone.media(bytes([0x8F, 0x0F]) * 80)
    tap.ok(f"{name}: and the caller in what it takes", wait_for(
        lambda: len(line.sessions[0].audio) == 50 * 160 * (6 if says_so else 1)), len(line.sessions[0].audio))
    tap.equal(f"{name}: counted", wait_for(lambda: relay.metric("model_linear_total")), 1)
    phone.stop()
    phone.wait_closed()
    tap.equal(f"{name}: the relay ends cleanly", relay.stop(), 0)

# --- nobody queues behind a dead one -------------------------------------------------------------------

dead = Grok(status=503)
relay = Relay(dead, RELAY_THREADS=1)
for number in range(5):
    phone = Phone(relay, f"CA4{number}").start()
    phone.wait_closed()
wait_for(lambda: relay.metric("model_dials_total") == 5)
tap.equal("five calls are refused", [relay.metric("model_dials_total"), relay.ends("grok-refused")], [5, 5])
phone = Phone(relay, "CA45").start()
tap.equal("the sixth does not dial: it ends at once", phone.wait_closed(), 1011)
wait_for(lambda: relay.metric("model_skipped_total") == 1)
tap.equal("with a reason", [phone.ended_in_database, relay.metric("model_dials_total"),
                            relay.metric("model_skipped_total")], ["grok-unreachable", 5, 1])
tap.equal("the relay ends cleanly, breaker open", relay.stop(), 0)

stand_in = Grok(openai)
relay = Relay(dead, RELAY_THREADS=1, FALLBACK_URL=f"ws://127.0.0.1:{stand_in.port}/v1/realtime")
for number in range(6):
    phone = Phone(relay, f"CA5{number}").start()
    heard = wait_for(lambda: HERE in phone.heard)
    phone.stop()
    phone.wait_closed()
tap.ok("with a second provider every caller is greeted", heard and len(stand_in.sessions) == 6)
wait_for(lambda: relay.metric("model_skipped_total") == 1)
tap.equal("the sixth without a visit at the dead one", [relay.metric("model_dials_total"),
                                                       relay.metric("model_skipped_total")], [11, 1])
tap.equal("the relay ends cleanly, with a stand-in", relay.stop(), 0)

# --- an old session moves ------------------------------------------------------------------------------

line = Line(talk(), talk())
relay = Relay(line, RELAY_THREADS=1, GROK_SESSION_MAX_S=2)
phone = Phone(relay, "CA6").start()
tap.ok("a session that is old is left for a new one", wait_for(
    lambda: phone.play_marks() or relay.metric("model_back_total") == 1), relay.log()[-800:])
tap.equal("politely, by plan", [line.sessions[0].closed, relay.metric("model_moved_total"),
                                relay.metric("model_lost_total")], [1000, 1, 0])
tap.ok("with the conversation's name", "conversation_id=c1" in line.sessions[1].head)
tap.equal("nobody says so, and nobody hears it", [[words(m) for m in line.sessions[1].got if words(m)],
                                                 phone.heard], [[], GREETING])
phone.stop()
phone.wait_closed()
tap.equal("the relay ends cleanly, moved", relay.stop(), 0)
tap.finish()
