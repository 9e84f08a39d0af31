"""A Grok that refuses, stalls, closes, misbehaves: each call ends with its reason, in the database before Twilio's
socket closes, and a call on the same relay with a Grok that works goes on."""
import os
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BINARY, PING, Grok, Phone, Relay, Session, Tap, keep_alive, wait_for  # noqa: E402

tap = Tap()
# One stub plays every part: the greeting of the first call is answered well, later ones as `fault` says.
fault = {"play": Session.play, "status": 101}


class Fickle(Grok):
    def welcome(self, sock):
        self.status = fault["status"]
        super().welcome(sock)


grok = Fickle(lambda session: fault["play"](session))
relay = Relay(grok, RELAY_IDLE_MS=3000, GROK_CONNECT_MS=2500, GROK_READY_MS=2000)
bystander = Phone(relay, "CA999").start()
bystander_session = grok.next()
wait_for(lambda: len(bystander.heard) == 4000)
keep_alive(bystander, bystander_session)


def bystander_is_well():
    before = len(bystander.heard)
    for _ in range(5):
        bystander.media(b"\x01" * 160)
    bystander_session.answer(b"\x33" * 800, "Yes.")
    return wait_for(lambda: bystander.heard[before:] == b"\x33" * 800) and bystander.closed is None


number = 0


def a_good_call():
    """Several failures to begin in a row, and nobody would dial any more."""
    fault.update(play=Session.play, status=101)
    phone = Phone(relay, f"CAgood{number}").start()
    wait_for(lambda: len(phone.heard) == 4000)
    phone.stop()
    phone.wait_closed()


def call(name, reason, play=Session.play, status=101, code=1011, act=None):
    """One call with that Grok; the phone sends audio all the while."""
    global number
    number += 1
    sid = f"CA{number}"
    fault.update(play=play, status=status)
    before = relay.ends(reason)
    phone = Phone(relay, sid).start()

    def talk():
        try:
            phone.media(b"\x02" * 160)
            time.sleep(0.02)
        except OSError:
            pass
        return phone.closed

    wait_for(talk)
    tap.ok(f"{name}: Twilio's socket is closed with {code}", phone.closed == code, phone.closed)
    tap.equal(f"{name}: the database said {reason} before that", phone.ended_in_database
              if phone.closed else None, reason)
    tap.ok(f"{name}: so does the log", relay.logged(rf"call ended call={sid} reason={reason} "), relay.log()[-500:])
    wait_for(lambda: relay.ends(reason) == before + 1)
    tap.equal(f"{name}: and the count", relay.ends(reason), before + 1)
    tap.ok(f"{name}: the other call is well", bystander_is_well())
    a_good_call()
    return phone


def after_update(then):
    """Ready as usual; `then(session)` when the greeting is asked for."""
    def play(session):
        session.hello()
        for message in session.messages():
            if message["type"] == "session.update":
                session.updated()
            elif message["type"] == "conversation.item.create":
                then(session)
    return play


def stay(session):
    for _ in session.messages():
        pass


def reset(session):
    session.ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    session.ws.sock.close()


def pcm(session):
    session.begin()
    session.delta(b"\x00\x10" * 3920, ms=245)


call("Grok refuses with 401", "grok-refused", status=401)
call("Grok refuses with 503", "grok-refused", status=503)
call("Grok closes at once", "grok-closed", play=lambda s: s.ws.send(b"\x03\xe8", 8) or stay(s))
call("Grok resets the connection at once", "grok-closed", play=reset)
call("Grok never becomes ready", "grok-stalled", play=lambda s: s.hello() or stay(s))
call("Grok never says a word", "grok-stalled", play=stay)
call("Grok answers the session with an error", "grok-refused", play=lambda s: s.hello() or s.say(
    "error", error={"type": "invalid_request_error", "message": "no"}) or stay(s))
phone = call("Grok is ready for A-law only", "grok-wrong-audio", play=lambda s: s.hello() or [
    s.updated("audio/pcma") for m in s.messages() if m["type"] == "session.update"])
phone = call("Grok sends 16 kHz PCM all the same", "grok-wrong-audio", play=after_update(pcm))
tap.equal("16 kHz PCM: none of it is heard", phone.heard, b"")
call("Grok falls silent", "grok-stalled", play=after_update(lambda s: s.answer(b"\x55" * 800, "Hi.")))
call("Grok closes after the greeting", "grok-closed", play=after_update(
    lambda s: s.answer(b"\x55" * 800, "Hi.") or s.ws.send(b"\x03\xe8", 8)))
call("Grok is reset in the middle of a delta", "grok-closed", play=after_update(
    lambda s: s.begin() and s.ws.raw(s.ws.frame(b'{"type":"response.output_audio.delta","delta":"')[:30]) or reset(s)))
call("Grok sends a masked frame", "grok-protocol", play=after_update(lambda s: s.ws.send("{}", masked=True)))
call("Grok sends a frame of 2^40 bytes", "grok-protocol", play=after_update(
    lambda s: s.ws.raw(s.ws.frame(b"", length=1 << 40))))
call("Grok talks garbage", "grok-protocol", play=after_update(
    lambda s: [s.ws.send("{nonsense") for _ in range(20)]))
call("Grok sends binary frames", "grok-protocol", play=after_update(
    lambda s: [s.ws.send(b"\x00" * 100, BINARY) for _ in range(20)]))
call("Grok's session is over", "call-too-long", code=1000, play=after_update(
    lambda s: s.say("error", error={"type": "max_duration", "message": "over"})))

# --- what is survived ----------------------------------------------------------------------------------


def odd(session):
    session.ws.send(b"", PING)
    session.say("something.new", a=[1, 2, {"b": None}])
    session.say("weather.changed")
    session.ws.send("{not json")
    session.say("error", error={"type": "invalid_request_error", "message": "Item not found"})
    session.begin()
    session.delta(b"\x44" * 100)
    session.say("response.output_audio.delta", response_id="r1", item_id="ir1", delta="A*==", audio_duration_ms=5)
    session.delta(b"\x45" * 220)
    frame = session.ws.frame(b'{"type":"pi')
    session.ws.raw(bytes([frame[0] & 0x7F]) + frame[1:])
    session.ws.send(b'ng","timestamp":1}', 0)
    session.done()


fault.update(play=after_update(odd), status=101)
grok.skip()
phone = Phone(relay, "CA50").start()
session = grok.next()
tap.ok("unknown events, an error, bad JSON, a bad delta, pings and fragments are survived",
       wait_for(lambda: phone.heard == b"\x44" * 100 + b"\x45" * 220), (len(phone.heard), phone.closed))
wait_for(lambda: relay.metric("model_unknown_events_total") == 2)
tap.equal("and counted", [relay.metric("model_unknown_events_total"), relay.metric("model_errors_total") >= 1],
          [2, True])
phone.stop()
tap.equal("that call ends as any other", phone.wait_closed(), 1000)

big = bytes(range(256)) * 1000
fault.update(play=after_update(lambda s: s.begin() and s.delta(big.replace(b"\xff", b"\x01")) or s.done()))
grok.skip()
phone = Phone(relay, "CA51").start()
tap.ok("a delta of 32 seconds comes out whole", wait_for(
    lambda: phone.heard == big.replace(b"\xff", b"\x01")), len(phone.heard))
phone.stop()
phone.wait_closed()

# --- nobody there --------------------------------------------------------------------------------------

nobody = Relay(None, GROK_CONNECT_MS=800, RELAY_THREADS=1)
phone = Phone(nobody, "CA60").start()
tap.equal("no Grok at all: closed", phone.wait_closed(), 1011)
tap.ok("no Grok at all: unreachable", nobody.logged("call=CA60 reason=grok-unreachable"))
wait_for(lambda: nobody.metric("model_dials_total") == 2)
tap.equal("no Grok at all: it was tried twice", nobody.metric("model_dials_total"), 2)
tap.equal("no Grok at all: the relay ends cleanly", nobody.stop(), 0)

mute = socket.create_server(("127.0.0.1", 0))
late = Relay(None, GROK_CONNECT_MS=500, RELAY_THREADS=1, GROK_URL=f"ws://127.0.0.1:{mute.getsockname()[1]}/v1/realtime")
phone = Phone(late, "CA61").start()
tap.equal("a Grok that never upgrades: closed", phone.wait_closed(), 1011)
wait_for(lambda: late.metric("model_dials_total") == 2)
tap.equal("a Grok that never upgrades: half of the time is a second attempt's", late.metric("model_dials_total"), 2)
tap.ok("a Grok that never upgrades: unreachable", late.logged("call=CA61 reason=grok-unreachable"))
tap.equal("a Grok that never upgrades: the relay ends cleanly", late.stop(), 0)

bystander.stop()
tap.equal("the other call ends as it should", bystander.wait_closed(), 1000)
wait_for(lambda: relay.metric("calls") == 0)
tap.equal("nothing is left over", [relay.metric("calls"), relay.metric("pool_used_bytes")], [0, 0])
tap.ok("no line of a bug in the log", "bug:" not in relay.log())
tap.equal("SIGTERM: exit code 0", relay.stop(), 0)
tap.finish()
