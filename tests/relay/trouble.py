"""The model is lost in the midst of a call: the caller stays, hears a tone, and the conversation goes on; or the call
ends with its reason, so that Twilio asks the webhook what to do. Stubs on both sides: every byte is known."""
import os
import socket
import sys
import threading
import time
from datetime import datetime, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Grok, Phone, Relay, Tap, wait_for  # noqa: E402

tap = Tap()
BACK = "Sorry, the line was interrupted. Please go on."
MOMENT = "One moment, please."
GREETING, HERE, VOICE = b"\x55" * 4000, b"\x66" * 1600, b"\x33" * 1600


def words(message):
    """What a message wants to be said, or None."""
    item = message.get("item", {})
    if message["type"] == "conversation.item.create" and item.get("type") == "force_message":
        return item["content"][0]["text"]
    return None


class Line:
    """A Grok whose every connection plays the next of `acts`, the last one again and again."""

    def __init__(self, *acts, dialect="xai"):
        self.acts, self.count, self.dialect = list(acts), 0, dialect
        self.lock = threading.Lock()
        self.grok = Grok(self.play)
        self.port = self.grok.port

    def play(self, session):
        with self.lock:
            act = self.acts[min(self.count, len(self.acts) - 1)]
            self.count += 1
        act(session)

    @property
    def sessions(self):
        return self.grok.sessions


def talk(on_say=None, greet=True, conversation="c1", name=""):
    """Ready at once; says what it is asked to. on_say(session, number, words) may do otherwise: returns True."""
    def act(session):
        session.response = 0
        session.prefix = name
        number = 0
        session.say("session.created", session={"id": "s", "model": "m"})
        session.say("conversation.created", conversation={"id": conversation})
        if f"conversation_id={conversation}" in session.head:
            for n in range(3):
                session.say("conversation.item.added", item={"id": f"old{n}", "type": "message", "role": "assistant",
                            "replayed": True, "content": [{"type": "text", "text": "Said before."}]})
        for message in session.messages():
            if message["type"] == "session.update":
                session.updated()
            elif words(message) is not None or message["type"] == "response.create":
                number += 1
                if not (on_say and on_say(session, number, words(message))):
                    reply(session, GREETING if number == 1 and greet and not resumed(session) else HERE)
    return act


def resumed(session):
    return "conversation_id=" in session.head


def reply(session, audio, text="Here I am."):
    name = f"{session.head.count('conversation_id')}-{id(session) % 1000}-{session.response}"
    session.response += 1
    session.say("response.created", response={"id": name, "status": "in_progress"})
    session.delta(audio, response=name)
    session.text(text, response=name)
    session.done(response=name)
    return name


def settle(phone, relay, lost=1, seconds=None):
    """The marks come back, as from a Twilio that plays at once."""
    return wait_for(lambda: phone.play_marks() or relay.metric("model_back_total") == lost, seconds)


def tone(audio):
    """Only what is neither the stub's voice nor silence: the tone."""
    return bytes(b for b in audio if b not in (0x55, 0x66, 0x33, 0xFF, 0x7F))


# --- half-open -----------------------------------------------------------------------------------------


class Gap:
    """A wire in between: forwards both ways until it becomes a hole. Nobody sees it end: kernels still acknowledge."""

    def __init__(self, port):
        self.target, self.hole = port, threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.kept = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.target))
            self.kept += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(*pair, self.hole), daemon=True).start()

    @staticmethod
    def carry(source, sink, hole):
        try:
            while (data := source.recv(65536)) and not hole.is_set():
                sink.sendall(data)
            if hole.is_set():
                return                  # what was read is lost, and nothing more is read
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def pings(session):
    """What xAI sends every ten seconds."""
    def run():
        try:
            while True:
                time.sleep(1)
                session.say("ping", timestamp=1)
        except OSError:
            pass
    threading.Thread(target=run, daemon=True).start()


class HalfOpen:
    """Two calls with the bounds that an operator would have: one loses its Grok, one its Twilio, without a word."""

    def __init__(self):
        def greet(session, number, text):
            pings(session)
            return False
        self.line = Line(talk(greet))
        self.grok_wire = Gap(self.line.port)
        self.relay = Relay(self.grok_wire, RELAY_THREADS=1, CALLER_SILENCE_S=0)
        self.phone_wire = Gap(self.relay.port)
        self.phone = Phone(self.relay, "CA81").start()
        self.lost = Phone(self.relay, "CA82", port=self.phone_wire.port).start()
        wait_for(lambda: len(self.phone.heard) == len(self.lost.heard) == len(GREETING))
        # Each side has answered a ping: its silence means something.
        wait_for(lambda: self.relay.metric("pongs_total") >= 4, 60)
        self.grok_wire.hole.set()
        self.phone_wire.hole.set()
        self.began = datetime.now(timezone.utc)
        self.grok_wire.hole = threading.Event()         # for the connections to come

    def check(self):
        relay = self.relay
        tap.ok("half-open Twilio: the call ends", wait_for(lambda: relay.ends("phone-idle") == 1, 60))
        tap.ok("half-open Twilio: because no ping is answered", relay.logged(
            'call=CA82 reason=phone-idle why="Twilio answers no ping"'), relay.log()[-800:])
        tap.ok("half-open Grok: the call goes on with another connection", wait_for(
            lambda: self.phone.play_marks() or relay.metric("model_back_total") == 1, 60), relay.log()[-800:])
        tap.ok("half-open Grok: because no ping is answered", relay.logged(
            'call=CA81 provider=grok loss=stalled why="Grok answers no ping"'), relay.log()[-800:])
        for call in "CA81", "CA82":
            line = next(line for line in relay.log().splitlines() if f"call={call} " in line and "no ping" in line)
            found = datetime.fromisoformat(line.split()[0].replace("Z", "+00:00")) - self.began
            print(f"# {call}: found {found.total_seconds():.1f} s after the wire went dead; promised are 30")
        self.phone.stop()
        self.phone.wait_closed()
        tap.equal("half-open: the relay ends cleanly", relay.stop(), 0)


# --- lost, and resumed ---------------------------------------------------------------------------------

half_open = HalfOpen()


def cut(session, *_):
    session.ws.sock.shutdown(socket.SHUT_RDWR)
    session.ws.sock.close()


def reset(session, *_):
    session.ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    session.ws.sock.close()


def close(session, *_):
    session.ws.send(b"\x03\xf3", 8)     # 1011


def stall(session, *_):
    """Half-open: nothing is read any more, nothing comes."""
    time.sleep(20)


def max_duration(session, *_):
    session.say("error", error={"type": "max_duration", "message": "over"})


def garbage(session, *_):
    session.ws.send("{}", masked=True)


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
                phone.media(b"\x02" * 160)
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
    tap.ok(f"{name}: the caller hears it speak", wait_for(lambda: HERE in phone.heard), len(phone.heard))
    tap.ok(f"{name}: and a tone before, unless it went too fast for one",
           (len(tone(phone.heard)) > 200) == (relay.metric("comfort_messages_total") > 0), len(tone(phone.heard)))
    if name not in ("max-duration",):
        said = [words(m) for m in line.sessions[1].got if words(m)]
        tap.equal(f"{name}: what it says is that it is back", said, [BACK])
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

# --- patience ------------------------------------------------------------------------------------------


def patience(name, act, check, **settings):
    line = Line(act)
    relay = Relay(line, RELAY_THREADS=1, **settings)
    phone = Phone(relay, "CA7").start()
    check(line, relay, phone)
    if phone.closed is None:
        phone.stop()
    phone.wait_closed()
    tap.equal(f"{name}: the relay ends cleanly", relay.stop(), 0)


def dead_air(session, number, text):
    if number == 1:
        reply(session, GREETING)
        session.caller("u1", "Hello?")
        session.say("input_audio_buffer.committed", item_id="u1")
        return True
    return False


def asked_again(line, relay, phone):
    tap.ok("no answer to the caller's words: it is asked for again", wait_for(lambda: HERE in phone.heard))
    tap.equal("once", [relay.metric("answer_retries_total"), line.count], [1, 1])


patience("dead air", talk(dead_air), asked_again, GROK_ANSWER_MS=600)


def never_answers(session, number, text):
    if number == 1:
        return dead_air(session, number, text)
    return not resumed(session)


def given_up(line, relay, phone):
    tap.ok("still no answer: the connection is given up, and another goes on",
           wait_for(lambda: phone.play_marks() or relay.metric("model_back_total") == 1), relay.log()[-800:])
    tap.ok("named in the log", "loss=stalled" in relay.log())


patience("no answer at all", talk(never_answers), given_up, GROK_ANSWER_MS=600, GROK_AUDIO_MS=600)


def slow_audio(session, number, text):
    """A response that begins and says nothing; filler words beside it; then it speaks after all."""
    if number == 1:
        reply(session, GREETING)
        session.caller("u1", "Hello?")
        session.say("input_audio_buffer.committed", item_id="u1")
        session.say("response.created", response={"id": "slow", "status": "in_progress"})
        return True
    if text == MOMENT:
        reply(session, VOICE)
        time.sleep(0.2)
        session.delta(HERE, response="slow")
        session.done(response="slow")
        return True
    return False


def filled(line, relay, phone):
    tap.ok("an answer that begins and does not speak: filler words first, then the answer",
           wait_for(lambda: phone.heard == GREETING + VOICE + HERE), len(phone.heard))
    tap.equal("nothing was asked for twice", [relay.metric("fillers_total"), relay.metric("answer_retries_total")],
              [1, 0])


patience("slow audio", talk(slow_audio), filled, GROK_AUDIO_MS=600)


def cancelled_audio(session, number, text):
    """The same, but the filler cancels the answer."""
    if text == MOMENT:
        session.say("response.done", response_id="slow", response={"id": "slow", "status": "cancelled"})
        reply(session, VOICE)
        return True
    return slow_audio(session, number, text)


def asked_anew(line, relay, phone):
    tap.ok("a filler that ends the answer: it is asked for once more",
           wait_for(lambda: phone.heard == GREETING + VOICE + HERE), len(phone.heard))
    tap.equal("once more only", [relay.metric("fillers_total"), relay.metric("answer_retries_total")], [1, 1])


patience("cancelled audio", talk(cancelled_audio), asked_anew, GROK_AUDIO_MS=600)


def silence(line, relay, phone):
    tap.ok("a silent caller is parted from", wait_for(lambda: phone.play_marks() or phone.closed), relay.log()[-800:])
    tap.equal("politely", [phone.closed, phone.ended_in_database], [1000, "caller-silent"])
    said = [words(m) for m in line.sessions[0].got if words(m)]
    tap.equal("after two questions", said, ["Good evening, this is Bella's.", "Are you still there?",
                                           "Are you still there?",
                                           "I cannot hear you, so I will hang up now. Goodbye!"])
    tap.equal("and heard it all", phone.heard, GREETING + HERE * 3)


patience("silence", talk(), silence, CALLER_SILENCE_S=1)


def speaks_again(session, number, text):
    if number == 2:
        reply(session, HERE)
        session.caller("u1", "Yes, yes.")
        session.say("input_audio_buffer.committed", item_id="u1")
        reply(session, VOICE)
        return True
    return False


def begun_anew(line, relay, phone):
    began = time.monotonic()
    tap.ok("a caller who speaks is asked twice again", wait_for(
        lambda: phone.play_marks() or relay.metric("silence_prompts_total") == 3))
    tap.ok("and is not parted from", phone.closed is None and time.monotonic() - began >= 3)


patience("a word between", talk(speaks_again), begun_anew, CALLER_SILENCE_S=1)
half_open.check()
tap.finish()
