"""Whole calls through the running relay: what is said, heard, written down, and how they end."""
import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Grok, Phone, Relay, Tap, token, wait_for  # noqa: E402

tap = Tap()
grok = Grok()
relay = Relay(grok)


def a_call_from_greeting_to_hanging_up():
    phone = Phone(relay, "CA100")
    tap.equal("a stream with a good token is upgraded", phone.status, 101)
    phone.start(callerPhone="+15550111")
    session = grok.next()
    tap.ok("the greeting is heard, whole and unchanged", wait_for(lambda: len(phone.heard) >= 4000) and
           phone.heard == b"\x55" * 4000, len(phone.heard))
    tap.ok("Grok is told the API key and asked for the pinned model", "Authorization: Bearer test-key" in session.head
           and "/v1/realtime?model=grok-voice-think-fast-2.0" in session.head, session.head)
    wanted = session.got[0]["session"]
    tap.equal("the session asks for mu-law both ways", [wanted["audio"]["input"]["format"],
                                                       wanted["audio"]["output"]["format"]],
              [{"type": "audio/pcmu"}] * 2)
    tap.equal("and for turns and a transcript", [wanted["turn_detection"]["type"],
                                                 wanted["audio"]["input"]["transcription"]["model"]],
              ["server_vad", "grok-transcribe"])
    tap.ok("with instructions in the merchant's name", "Bella's" in wanted["instructions"])
    tap.equal("the greeting is asked for word for word", [session.got[1]["item"]["type"],
                                                          session.got[1]["item"]["content"][0]["text"]],
              ["force_message", "Good evening, this is Bella's."])
    said = b"".join(bytes([i]) * 160 for i in range(100))
    for at in range(0, len(said), 160):
        phone.media(said[at:at + 160])
    tap.ok("the caller is heard, every byte in order", wait_for(lambda: session.audio == said))
    phone.play_marks()
    session.caller("u1", "When do you open?")
    session.answer(bytes(range(128)) * 25, "At nine.")
    tap.ok("an answer in odd pieces comes out whole, filled up to a frame", wait_for(
        lambda: phone.heard[4000:].startswith(bytes(range(128)) * 25) and len(phone.heard) % 160 == 0))
    tap.ok("every mark behind the last audio has a name of this generation", wait_for(
        lambda: phone.order[-1] == ("mark", f"g1:{len(phone.heard)}")), phone.order[-3:])
    phone.play_marks()
    phone.stop()
    tap.equal("Twilio's socket is closed normally", phone.wait_closed(), 1000)
    tap.equal("the end was in the database before that", phone.ended_in_database, "caller-hung-up")
    tap.ok("Grok's socket is closed normally too", wait_for(lambda: session.closed) == 1000, session.closed)
    tap.equal("who said what is in the database", relay.sql(
        "SELECT role, text, final, cut FROM turns WHERE call_sid='CA100' ORDER BY position"),
        [("receptionist", "Hello there.", 1, 0), ("caller", "When do you open?", 1, 0),
         ("receptionist", "At nine.", 1, 0)])
    tap.equal("and how long each spoke", relay.sql("SELECT heard_ms, spoken_ms, caller_number FROM calls WHERE "
                                                   "call_sid='CA100'"), [(2000, 900, "+15550111")])
    tap.ok("the caller's number is masked in the log", "+15550111" not in relay.log() and "*11" in relay.log())
    tap.ok("no speech is in the log", "open?" not in relay.log())


def an_interruption():
    phone = Phone(relay, "CA101").start()
    session = grok.next()
    wait_for(lambda: phone.order[-1:] == [("mark", "g1:4000")])
    played = relay.metric("marks_played_total") + len(phone.marks)
    phone.play_marks()
    wait_for(lambda: relay.metric("marks_played_total") == played)
    session.begin()
    session.delta(b"\x11" * 16000)
    session.text("We open at nine in the morning.")
    session.done()
    wait_for(lambda: len(phone.heard) >= 20000)
    phone.send("mark", mark={"name": "g1:13600"})      # 1200 ms of the answer were played
    wait_for(lambda: relay.metric("marks_played_total") == played + 1)
    before = len(phone.heard)
    session.say("input_audio_buffer.speech_started", item_id="u1", audio_start_ms=0)
    session.delta(b"\x11" * 1600, "r2")
    tap.ok("speech into an answer clears Twilio's buffer", wait_for(lambda: phone.clears == 1))
    tap.ok("and truncates the answer at what was heard", wait_for(
        lambda: [m for m in session.got if m["type"] == "conversation.item.truncate"]))
    cut = [m for m in session.got if m["type"] == "conversation.item.truncate"][0]
    tap.ok("not before where the last mark proves it, nor beyond its end",
           cut["item_id"] == "ir2" and 1200 <= cut["audio_end_ms"] <= 2000, cut)
    session.answer(b"\x22" * 1600, "Sorry.")
    wait_for(lambda: phone.heard[before:].endswith(b"\x22" * 1600))
    tap.equal("late audio of the old answer is never heard", phone.heard[before:], b"\x22" * 1600)
    tap.ok("the new answer's marks are of the next generation", wait_for(
        lambda: phone.order[-1] == ("mark", "g2:1600")), phone.order[-1])
    phone.stop()
    phone.wait_closed()
    kept = relay.sql("SELECT text, cut FROM turns WHERE call_sid='CA101' AND position=1")
    tap.ok("the interrupted answer is kept as cut, with what was heard", kept and kept[0][1] == 1 and
           "We open at nine in the morning.".startswith(kept[0][0]) and kept[0][0].startswith("We open at nine"), kept)


def hold(session):
    """Ready only when the test says so; echoes nothing."""
    session.hello()
    for _ in session.messages():
        pass


def audio_before_grok_is_ready():
    slow = Grok(hold)
    other = Relay(slow, RELAY_THREADS=1)
    phone = Phone(other, "CA110").start()
    for i in range(70):
        phone.media(bytes([i]) * 160)
    session = slow.next()
    wait_for(lambda: "session.update" in session.kinds())
    wait_for(lambda: other.metric("caller_frames_dropped_total") == 20)
    tap.equal("no audio is sent to Grok before it is ready", session.audio, b"")
    session.updated()
    tap.ok("then at most the last second", wait_for(lambda: len(session.audio) == 8000), len(session.audio))
    tap.equal("the oldest was dropped", session.audio, b"".join(bytes([i]) * 160 for i in range(20, 70)))
    tap.equal("and counted", other.metric("caller_frames_dropped_total"), 20)
    phone.cut()
    tap.ok("a call that just breaks off has its own reason", wait_for(
        lambda: other.row("SELECT end_reason FROM calls WHERE call_sid='CA110'")) in ("twilio-closed", "phone-reset"))
    tap.equal("the relay ends cleanly", other.stop(), 0)


def a_twilio_that_reads_slowly():
    minutes = b"\x21" * (8000 * 600)
    flood = Grok(lambda session: play_flood(session, minutes))
    other = Relay(flood, RELAY_THREADS=1)
    phone = Phone(other, "CA120")
    phone.slow.clear()                  # stops reading
    phone.start()
    tap.ok("while Twilio does not read, Grok is read no more", wait_for(
        lambda: other.metric("phone_pauses_total") >= 1), other.log()[-500:])
    used = other.metric("pool_used_bytes")
    tap.ok("what waits is bounded", used < 16 * 1024 * 1024, used)
    for _ in range(5):
        phone.media(b"\xff" * 160)
        time.sleep(0.1)
    phone.slow.set()
    tap.ok("when it reads again, all ten minutes come, in order", wait_for(
        lambda: phone.media(b"\xff" * 160) or phone.heard == minutes), len(phone.heard))
    phone.stop()
    tap.equal("and the call ends normally", phone.wait_closed(), 1000)
    tap.equal("the relay ends cleanly", other.stop(), 0)


def a_twilio_that_never_reads():
    flood = Grok(lambda session: play_flood(session, b"\x21" * (8000 * 600)))
    other = Relay(flood, RELAY_THREADS=1, RELAY_IDLE_MS=2500)
    phone = Phone(other, "CA121")
    phone.slow.clear()
    phone.start()
    keep_talking(phone)
    tap.ok("one that never reads again has its own reason", other.logged("call=CA121 reason=overflow"), other.log()[-300:])
    tap.equal("the relay ends cleanly", other.stop(), 0)


def keep_talking(phone):
    def run():
        try:
            while phone.closed is None:
                phone.media(b"\xff" * 160)
                time.sleep(0.1)
        except OSError:
            pass
    threading.Thread(target=run, daemon=True).start()


def play_flood(session, audio):
    session.hello()
    for message in session.messages():
        if message["type"] == "session.update":
            session.updated()
        elif message["type"] == "conversation.item.create":
            session.begin()
            for at in range(0, len(audio), 8000):
                session.delta(audio[at:at + 8000])
                if at % 160000 == 0:
                    session.say("ping", timestamp=1)
            session.done()
            keep_alive(session)


def keep_alive(session):
    def run():
        try:
            while session.closed is None:
                session.say("ping", timestamp=1)
                time.sleep(0.5)
        except OSError:
            pass
    threading.Thread(target=run, daemon=True).start()


def signed_streams():
    url = "wss://voice.example.com/media-stream"
    other = Relay(grok, RELAY_AUTH="signature", RELAY_URL=url, TWILIO_AUTH_TOKEN="auth-token", RELAY_THREADS=1)

    def header(address):
        mac = hmac.new(b"auth-token", address.encode(), hashlib.sha1).digest()
        return f"X-Twilio-Signature: {base64.b64encode(mac).decode()}\r\n"

    tap.equal("RELAY_AUTH=signature: a stream without one is refused", Phone(other, "CA130", "/media-stream").status, 403)
    tap.equal("with one of another URL too", Phone(other, "CA130", "/media-stream", header(url + "/x")).status, 403)
    phone = Phone(other, "CA130", "/media-stream", header(url)).start(merchantId="1")
    tap.ok("with its own it is a call", wait_for(lambda: len(phone.heard) == 4000), other.log()[-300:])
    phone.stop()
    phone.wait_closed()
    target = "/media-stream/" + token("CA131")
    phone = Phone(other, "CA131", target, header("wss://voice.example.com" + target)).start()
    tap.ok("and so it is with a token behind the URL", wait_for(lambda: len(phone.heard) == 4000))
    phone.stop()
    phone.wait_closed()
    tap.equal("the relay ends cleanly again", other.stop(), 0)


def many_calls_at_once():
    phones = [Phone(relay, f"CA2{i:02}").start() for i in range(40)]
    tap.ok("forty calls at a time are all greeted", wait_for(lambda: all(len(p.heard) == 4000 for p in phones)))
    wait_for(lambda: relay.metric("calls") == 40)
    tap.equal("and counted", relay.metric("calls"), 40)
    for phone in phones:
        phone.stop()
    tap.ok("and all end", all(phone.wait_closed() == 1000 for phone in phones))
    wait_for(lambda: relay.metric("calls") == 0)
    tap.equal("nothing of them is left", [relay.metric("calls"), relay.metric("pool_used_bytes")], [0, 0])
    tap.equal("each has its one end", relay.row("SELECT count(*) FROM calls WHERE call_sid LIKE 'CA2%' AND "
                                                "end_reason='caller-hung-up'"), 40)


def a_call_that_we_placed():
    grok.skip()
    phone = Phone(relay, "CAout").start(opening="Your table is ready.")
    session = grok.next()
    wait_for(lambda: len(phone.heard) == 4000)
    said = json.dumps(session.got)
    tap.equal("a call that we placed begins with its own words, not with the greeting",
              ["Your table is ready." in said, "Good evening" in said], [True, False])
    phone.stop()
    phone.wait_closed()


a_call_from_greeting_to_hanging_up()
a_call_that_we_placed()
an_interruption()
audio_before_grok_is_ready()
a_twilio_that_reads_slowly()
a_twilio_that_never_reads()
signed_streams()
many_calls_at_once()
tap.equal("SIGTERM with no calls: exit code 0", relay.stop(), 0)
tap.finish()
